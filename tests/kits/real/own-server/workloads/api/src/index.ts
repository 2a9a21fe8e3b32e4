// SPDX-License-Identifier: GPL-3.0-or-later
import { spawn } from "node:child_process";
import { createServer, request } from "node:http";

const engine = spawn("bun", ["run", "src/engine.ts"], { stdio: ["ignore", "pipe", "inherit"] });
const port = await new Promise<number>((resolve) => engine.stdout.on("data", (line) => resolve(Number(line))));
createServer((incoming, response) => {
	const path = incoming.url!.replace(/^\/oaic/, "");
	const outgoing = request({ host: "127.0.0.1", port, path, method: incoming.method }, (reply) => {
		response.writeHead(reply.statusCode!, reply.headers);
		reply.pipe(response);
	});
	incoming.pipe(outgoing);
}).listen(process.env.CAPAKIT_WORKLOAD_INGRESS_BIND!.replace(/^unix:/, ""));
