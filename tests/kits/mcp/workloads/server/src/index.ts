// SPDX-License-Identifier: GPL-3.0-or-later
// Sessions over Streamable HTTP at /mcp, and over the older HTTP with SSE at /mcp/sse and /mcp/messages.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { randomUUID } from "node:crypto";
import { SSEServerTransport } from "@modelcontextprotocol/sdk/server/sse.js";
import { StreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/streamableHttp.js";
import { newServer } from "./server";

const streamable = new Map<string, StreamableHTTPServerTransport>();
const older = new Map<string, SSEServerTransport>();

async function newSession() {
	const transport = new StreamableHTTPServerTransport({
		sessionIdGenerator: randomUUID,
		onsessioninitialized: (id) => void streamable.set(id, transport),
		onsessionclosed: (id) => void streamable.delete(id),
	});
	await newServer().connect(transport);
	return transport;
}

async function newOlderSession(response: ServerResponse) {
	const transport = new SSEServerTransport("/mcp/messages", response);
	older.set(transport.sessionId, transport);
	response.on("close", () => older.delete(transport.sessionId));
	await newServer().connect(transport);
}

async function serve(request: IncomingMessage, response: ServerResponse) {
	const url = new URL(request.url!, "http://kit");
	if (url.pathname === "/mcp/sse") return newOlderSession(response);
	if (url.pathname === "/mcp/messages") {
		const session = older.get(url.searchParams.get("sessionId") ?? "");
		return session ? session.handlePostMessage(request, response) : response.writeHead(404).end();
	}
	if (url.pathname === "/mcp/sessions")
		return response.end(JSON.stringify({ streamable: streamable.size, older: older.size }));
	const id = request.headers["mcp-session-id"];
	const session = typeof id === "string" ? streamable.get(id) : await newSession();
	return session ? session.handleRequest(request, response) : response.writeHead(404).end();
}

createServer((request, response) => {
	serve(request, response).catch((error) => {
		console.error(error);
		response.destroy();
	});
}).listen(process.env.CAPAKIT_WORKLOAD_INGRESS_BIND!.replace("unix:", ""));
