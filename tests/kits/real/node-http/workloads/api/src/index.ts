// SPDX-License-Identifier: GPL-3.0-or-later
import { unlinkSync } from "node:fs";
import { createServer } from "node:http";

const socket = process.env.CAPAKIT_WORKLOAD_INGRESS_BIND!.replace(/^unix:/, "");
try {
	unlinkSync(socket);
} catch {}
createServer(async (request, response) => {
	let length = 0;
	for await (const chunk of request) length += chunk.length;
	response.writeHead(200, { "content-type": "application/json" });
	response.end(JSON.stringify({ method: request.method, url: request.url, length, host: request.headers.host }));
}).listen(socket);
