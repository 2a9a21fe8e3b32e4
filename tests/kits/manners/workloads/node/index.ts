// SPDX-License-Identifier: GPL-3.0-or-later
// Says on standard output which connections come and go, and in each answer which one it came on.
import { createServer } from "node:http";
import { ingress } from "../../shared/bind.ts";

const numbers = new WeakMap<object, number>();
let count = 0;

const server = createServer((request, response) => {
	response.end(`connection ${numbers.get(request.socket)}`);
});
server.keepAliveTimeout = 5000;
server.on("connection", (socket) => {
	const number = ++count;
	numbers.set(socket, number);
	socket.on("close", () => console.log(`connection ${number} closed`));
});
server.listen(ingress);
