// SPDX-License-Identifier: GPL-3.0-or-later
// Writes the bytes of x-answer as the answer and, unless x-keep is there, closes.
import { createServer } from "node:net";

createServer((socket) => {
	let head = "";
	socket.on("error", () => {});
	socket.on("data", (part) => {
		head += part.toString("latin1");
		if (!head.includes("\r\n\r\n")) return;
		const wanted = head.match(/\r\nx-answer: ([^\r]*)\r\n/i)?.[1] ?? "";
		const keep = /\r\nx-keep:/i.test(head);
		head = "";
		socket.write(Buffer.from(wanted, "base64"));
		if (!keep) socket.end();
	});
}).listen(process.env.CAPAKIT_WORKLOAD_INGRESS_BIND!.slice(5));
