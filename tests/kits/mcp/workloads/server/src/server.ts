// SPDX-License-Identifier: GPL-3.0-or-later
// Tools, resources and prompts; notifications of each kind; a call that takes long and says how far it is.
import { McpServer, ResourceTemplate } from "@modelcontextprotocol/sdk/server/mcp.js";
import { SubscribeRequestSchema } from "@modelcontextprotocol/sdk/types.js";
import { z } from "zod";

const text = (value: string) => ({ content: [{ type: "text" as const, text: value }] });
const STEP_MS = 150;

function addTools(server: McpServer) {
	server.registerTool(
		"add",
		{
			description: "Adds",
			inputSchema: { a: z.number(), b: z.number() },
			outputSchema: { sum: z.number() },
		},
		async ({ a, b }) => ({ ...text(String(a + b)), structuredContent: { sum: a + b } }),
	);
	server.registerTool("fail", { description: "Fails", inputSchema: {} }, async () => {
		throw new Error("failed as asked");
	});
	server.registerTool(
		"long",
		{ description: "Takes long", inputSchema: { steps: z.number() } },
		async ({ steps }, { _meta, sendNotification, signal }) => {
			for (let progress = 1; progress <= steps && !signal.aborted; progress++) {
				await Bun.sleep(STEP_MS);
				const progressToken = _meta?.progressToken;
				if (progressToken === undefined) continue;
				const params = { progressToken, progress, total: steps, message: `step ${progress}` };
				await sendNotification({ method: "notifications/progress", params });
			}
			await Bun.sleep(STEP_MS); // the SDK passes an answer on before a notification that comes with it
			if (signal.aborted) server.server.sendLoggingMessage({ level: "warning", data: "long was cancelled" });
			return text(`${steps} steps`);
		},
	);
	server.registerTool("ask", { description: "Asks the client's model", inputSchema: {} }, async () => {
		const messages = [{ role: "user" as const, content: { type: "text" as const, text: "who?" } }];
		const { content } = await server.server.createMessage({ messages, maxTokens: 10 });
		return text(`it says ${(content as any).text}`);
	});
	server.registerTool("change", { description: "Changes what there is", inputSchema: {} }, async () => {
		server.registerTool("added", { description: "New", inputSchema: {} }, async () => text("new"));
		server.registerResource("added", "memo://added", {}, async (uri) => ({
			contents: [{ uri: uri.href, text: "new" }],
		}));
		server.registerPrompt("added", {}, async () => ({ messages: [] }));
		await server.server.sendLoggingMessage({ level: "info", data: { changed: true } });
		await server.server.sendResourceUpdated({ uri: "memo://text" });
		return text("changed");
	});
}

function addResources(server: McpServer) {
	server.registerResource("text", "memo://text", { mimeType: "text/plain" }, async (uri) => ({
		contents: [{ uri: uri.href, mimeType: "text/plain", text: "a memo, über alles ✓" }],
	}));
	server.registerResource("large", "memo://large", {}, async (uri) => ({
		contents: [{ uri: uri.href, blob: Buffer.alloc(3_000_000, 7).toString("base64") }],
	}));
	server.registerResource(
		"by name",
		new ResourceTemplate("memo://by/{name}", {
			list: undefined,
			complete: { name: (start) => ["anna", "anton", "berta"].filter((n) => n.startsWith(start)) },
		}),
		{},
		async (uri, { name }) => ({ contents: [{ uri: uri.href, text: `for ${name}` }] }),
	);
	server.server.setRequestHandler(SubscribeRequestSchema, async () => ({}));
}

function addPrompts(server: McpServer) {
	server.registerPrompt(
		"greet",
		{ description: "Greets", argsSchema: { name: z.string() } },
		async ({ name }) => ({
			messages: [{ role: "user", content: { type: "text", text: `Greet ${name}.` } }],
		}),
	);
}

export function newServer(): McpServer {
	const server = new McpServer(
		{ name: "everything", version: "1.0.0" },
		{ capabilities: { logging: {}, resources: { subscribe: true, listChanged: true } } },
	);
	addTools(server);
	addResources(server);
	addPrompts(server);
	return server;
}
