// SPDX-License-Identifier: GPL-3.0-or-later
// A WebSocket server that sends back what it gets; `bye` makes it close with 4001. At /http/no it refuses.
Bun.serve({
	unix: process.env.CAPAKIT_WORKLOAD_INGRESS_BIND!.replace(/^unix:/, ""),
	fetch(request, server) {
		if (new URL(request.url).pathname === "/http/no") return new Response("no\n", { status: 418 });
		if (server.upgrade(request)) return undefined;
		return new Response("an ordinary answer\n");
	},
	websocket: {
		maxPayloadLength: 16 << 20,
		message(socket, message) {
			if (message === "bye") socket.close(4001, "as you wish");
			else socket.send(message);
		},
		close(_, code) {
			console.log(`closed with ${code}`);
		},
	},
});
