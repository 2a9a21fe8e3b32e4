// SPDX-License-Identifier: GPL-3.0-or-later
// For tests of the host's own proxy: a TLS server and, in place of the world, a proxy that knows names
// which nobody can resolve. `bun upstream.ts FOLDER CERT KEY` writes its port into FOLDER/world.
import { createServer, connect } from "node:net";

const [folder, cert, key] = process.argv.slice(2);
const secure = Bun.serve({
	port: 0,
	hostname: "127.0.0.1",
	tls: { cert: Bun.file(cert), key: Bun.file(key) },
	fetch: () => new Response("secure.example"),
});

const world = createServer((client) => {
	client.on("error", () => client.destroy());
	client.once("data", (data) => {
		const head = data.toString("latin1");
		if (head.startsWith("CONNECT secure.example:443 ")) {
			const server = connect(secure.port!, "127.0.0.1", () => {
				client.write("HTTP/1.0 200 Connection established\r\n\r\n");
				client.pipe(server).pipe(client);
			});
			server.on("error", () => client.destroy());
		} else if (head.startsWith("CONNECT ")) {
			client.end("HTTP/1.1 403 Forbidden\r\ncontent-length: 17\r\n\r\ntext of the proxy");
		} else {
			client.end(`HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n${head}`);
		}
	});
});
world.listen(0, "127.0.0.1", () => Bun.write(`${folder}/world`, String((world.address() as any).port)));
