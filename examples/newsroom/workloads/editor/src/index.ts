// SPDX-License-Identifier: GPL-3.0-or-later
// The editor: two tools for an agent, over the Model Context Protocol.
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { WebStandardStreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js";
import { z } from "zod";
import { call, serve } from "../../../shared/kit.ts";

function text(value: string) {
	return { content: [{ type: "text" as const, text: value }] };
}

function newServer(): McpServer {
	const server = new McpServer({ name: "newsroom", version: "1.0.0" });
	server.registerTool(
		"list_stories",
		{ description: "List all stories of the archive", inputSchema: {} },
		async () => text(await (await call("archive", "/stories")).text()),
	);
	server.registerTool(
		"publish_story",
		{ description: "Add a story to the archive", inputSchema: { title: z.string().min(1) } },
		async ({ title }) => {
			const response = await call("archive", "/stories", {
				method: "POST",
				body: JSON.stringify({ title }),
			});
			return text(response.ok ? `published: ${title}` : await response.text());
		},
	);
	return server;
}

// Stateless: each request gets a server of its own, so nothing is kept between them.
serve(async (request) => {
	const transport = new WebStandardStreamableHTTPServerTransport({ enableJsonResponse: true });
	await newServer().connect(transport);
	return transport.handleRequest(request);
});
