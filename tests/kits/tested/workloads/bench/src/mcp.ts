// SPDX-License-Identifier: GPL-3.0-or-later
// A server of MCP's Streamable HTTP, strict with its client: what the specification asks of that and does not
// come is kept, for the case that asks.
const VERSION = "2025-11-25";
const sessions = new Set<string>();
const faults: string[] = [];
let seen = 0;
let version = "";

export const spoken = () => ({ version, faults, sessions: seen, open_sessions: sessions.size });

const text = (...parts: string[]) => ({ content: parts.map((text) => ({ type: "text", text })) });
const result = (id: unknown, result: object) => ({ jsonrpc: "2.0", id, result });
const event = (message: object, id?: string) =>
	`${id ? `id: ${id}\nretry: 20\n` : ""}data: ${JSON.stringify(message)}\n\n`;
const stream = (body: BodyInit) => new Response(body, { headers: { "Content-Type": "text/event-stream" } });
const encoder = new TextEncoder();

function expect(what: string, holds: boolean) {
	if (!holds) faults.push(what);
}

function open(message: any) {
	version = message.params.protocolVersion;
	expect("client info", !!message.params.clientInfo?.name);
	const session = crypto.randomUUID();
	sessions.add(session);
	seen++;
	const answer = { protocolVersion: VERSION, capabilities: { tools: {} }, serverInfo: { name: "bench", version: "1" } };
	return Response.json(result(message.id, answer), { headers: { "Mcp-Session-Id": session } });
}

// Asks the client twice before it answers, and says what came back.
const waiting = new Map<string, (message: any) => void>();
const ask = (id: string) => new Promise<any>((resolve) => waiting.set(id, resolve));

function events(message: any) {
	return stream(
		new ReadableStream({
			async start(controller) {
				const send = (m: object) => controller.enqueue(encoder.encode(event(m)));
				send({ jsonrpc: "2.0", method: "notifications/progress", params: { progress: 1, progressToken: 0 } });
				send({ jsonrpc: "2.0", id: "p", method: "ping" });
				const ping = await ask("p");
				send({ jsonrpc: "2.0", id: 2, method: "sampling/createMessage", params: {} });
				const sampling = await ask("2");
				const answered = [
					ping.result ? "ping result" : "ping error",
					`sampling error ${sampling.error?.code}`,
				];
				const greeting = `hello ${message.params.arguments.name}`;
				send(result(message.id, { ...text("in events"), structuredContent: { greeting, answered } }));
				controller.close();
			},
		}),
	);
}

// The answer comes after the stream has ended twice, or never.
let interrupted: { id: unknown; pieces: number; ends: boolean } | undefined;
function resume(request: Request) {
	const last = request.headers.get("last-event-id");
	expect("last event id", last === `piece ${interrupted?.pieces}`);
	expect("accept of a GET", !!request.headers.get("accept")?.includes("text/event-stream"));
	interrupted!.pieces++;
	const { pieces, ends } = interrupted!;
	if (pieces < 2 || !ends) return stream(event({ jsonrpc: "2.0", method: "x" }, `piece ${pieces}`));
	return stream(event(result(interrupted!.id, text("after 2 pieces")), "piece 2"));
}

function endless() {
	const block = encoder.encode(`data: ${"x".repeat(1000)}\n`.repeat(50));
	return stream(new ReadableStream({ pull: (controller) => controller.enqueue(block) }));
}

function call(message: any): Response {
	const { name, arguments: inputs } = message.params;
	switch (name) {
		case "greet":
			return Response.json(result(message.id, text(`hello ${inputs.name}`)));
		case "events":
			return events(message);
		case "interrupted":
		case "always-interrupted":
			interrupted = { id: message.id, pieces: 0, ends: name === "interrupted" };
			return stream(event({ jsonrpc: "2.0", method: "x" }, "piece 0"));
		case "refuse":
			return Response.json(result(message.id, { ...text("refused", "for a reason"), isError: true }));
		case "\x1b[31mred":
			return Response.json(result(message.id, text("\x1b]0;title\x07\u202ered")));
		case "endless":
			return endless();
		case "silent":
			return stream(new ReadableStream({ start: (c) => c.enqueue(encoder.encode(": nothing\n\n")) }));
		default:
			return Response.json({
				jsonrpc: "2.0",
				id: message.id,
				error: { code: -32602, message: `no tool \x1b[2J${name}` },
			});
	}
}

function post(message: any) {
	if (message.method === "tools/call") return call(message);
	waiting.get(String(message.id))?.(message);
	return new Response(null, { status: 202 });
}

export async function answer(request: Request): Promise<Response> {
	const session = request.headers.get("mcp-session-id");
	const message: any = request.method === "POST" ? await request.json() : undefined;
	if (message) {
		const accept = request.headers.get("accept") ?? "";
		expect("accept of a POST", accept.includes("application/json") && accept.includes("text/event-stream"));
		expect("content type", request.headers.get("content-type") === "application/json");
	}
	if (message?.method === "initialize") return open(message);
	expect("session", !!session && sessions.has(session));
	expect("version", request.headers.get("mcp-protocol-version") === VERSION);
	if (request.method === "DELETE") {
		sessions.delete(session!);
		return new Response(null, { status: 200 });
	}
	return request.method === "GET" ? resume(request) : post(message);
}
