// SPDX-License-Identifier: GPL-3.0-or-later
// A workload that fails as the path says:
//   /die       closes the connection without an answer
//   /broken    answers what cannot be read; /busy: 503 of its own
//   /count     how often it did any of these
//   /held      answers when somebody has asked for /release; /holding: how many wait so
//   /silent    begins an answer, and says nothing more
//   /exit      ends the process
//   otherwise  what arrived: method and fields
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";

let deaths = 0;
let held: ServerResponse[] = [];

function release(): string {
	const n = held.length;
	for (const response of held) response.end("released");
	held = [];
	return String(n);
}

function answer(request: IncomingMessage, response: ServerResponse): void {
	response.setHeader("connection", "close"); // on a kept one, its sidecar asks again by itself
	switch (request.url!.replace(/^\/http/, "")) {
		case "/die":
			deaths++;
			request.socket.destroy();
			break;
		case "/broken":
			deaths++;
			request.socket.end("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx");
			break;
		case "/busy":
			deaths++;
			response.statusCode = 503;
			response.end("busy");
			break;
		case "/count":
			response.end(String(deaths));
			break;
		case "/held":
			held.push(response);
			break;
		case "/holding":
			response.end(String(held.length));
			break;
		case "/release":
			response.end(release());
			break;
		case "/silent":
			response.write("begun");
			break;
		case "/exit":
			process.exit(1);
		default:
			response.end(JSON.stringify({ method: request.method, headers: request.headers }));
	}
}

export function serve(): void {
	createServer(answer).listen(process.env.CAPAKIT_WORKLOAD_INGRESS_BIND!.replace(/^unix:/, ""));
}
