// SPDX-License-Identifier: GPL-3.0-or-later
import { createServer } from "node:http";

const socket = process.env.CAPAKIT_WORKLOAD_INGRESS_BIND!.replace(/^unix:/, "");
const kept = new Map<string, string>();
createServer(async (request, response) => {
	let body = "";
	for await (const chunk of request) body += chunk;
	if (request.method === "PUT") kept.set(request.url!, body);
	const value = kept.get(request.url!);
	response.writeHead(value === undefined ? 404 : 200).end(value);
}).listen(socket);
