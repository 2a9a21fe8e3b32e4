// SPDX-License-Identifier: GPL-3.0-or-later
// For tests of connections to hosts outside: the host's own proxy knows names that nobody can resolve, and leads
// each to a TLS server of its own. `bun outside.ts FOLDER` takes NAME.crt and NAME.key from there for each
// NAME.example, and writes the proxy's port into FOLDER/world; what is asked comes back as JSON.
import { createServer, connect } from "node:net";

const folder = process.argv[2];
const ports = new Map<string, number>();
for (const name of ["api", "expired", "stranger", "misnamed"]) {
	const server = Bun.serve({
		port: 0,
		hostname: "127.0.0.1",
		idleTimeout: 3,
		tls: { cert: Bun.file(`${folder}/${name}.crt`), key: Bun.file(`${folder}/${name}.key`) },
		async fetch(request, server) {
			const url = new URL(request.url);
			if (url.pathname === "/ws") return server.upgrade(request) ? undefined : new Response("no", { status: 400 });
			if (url.pathname === "/bulk") return new Response(new Uint8Array(5_000_000).fill(98));
			const body = await request.text();
			return Response.json({
				name,
				method: request.method,
				path: url.pathname + url.search,
				headers: Object.fromEntries(request.headers),
				length: body.length,
			});
		},
		websocket: { message: (socket, text) => void socket.send(`echo ${text}`) },
	});
	ports.set(`${name}.example:443`, server.port!);
}

createServer((client) => {
	client.on("error", () => client.destroy());
	client.once("data", (data) => {
		const port = ports.get(data.toString("latin1").split(" ")[1]);
		if (!port) return client.end("HTTP/1.1 403 Forbidden\r\n\r\n");
		const server = connect(port, "127.0.0.1", () => {
			client.write("HTTP/1.1 200 OK\r\n\r\n");
			client.pipe(server).pipe(client);
		});
		server.on("error", () => client.destroy());
		client.on("close", () => server.destroy());
	});
}).listen(0, "127.0.0.1", function () {
	Bun.write(`${folder}/world`, String((this.address() as any).port));
});
