// SPDX-License-Identifier: GPL-3.0-or-later
// Ties each connection's bytes to a connection to the workload `socket`, so that a WebSocket passes four
// sidecars. Both endpoints are /http, so the head can stay as it is.
import { connect, createServer } from "node:net";

const [to] = JSON.parse(process.env.CAPAKIT_CONNECTED_WORKLOADS!);

createServer({ allowHalfOpen: true }, (client) => {
	const server = connect({ path: to.bind.replace(/^unix:/, ""), allowHalfOpen: true });
	client.pipe(server).pipe(client);
	client.on("error", () => server.destroy());
	server.on("error", () => client.destroy());
}).listen(process.env.CAPAKIT_WORKLOAD_INGRESS_BIND!.replace(/^unix:/, ""));
