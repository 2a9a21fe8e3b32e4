// SPDX-License-Identifier: GPL-3.0-or-later
// mcp_sdk.ts URL streamable|sse: all that a client of the official SDK does with a server of tests/kits/mcp, over
// this transport. Prints one JSON document of what came.
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { SSEClientTransport } from "@modelcontextprotocol/sdk/client/sse.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import {
	CreateMessageRequestSchema,
	LoggingMessageNotificationSchema,
	PromptListChangedNotificationSchema,
	ResourceListChangedNotificationSchema,
	ResourceUpdatedNotificationSchema,
	ToolListChangedNotificationSchema,
} from "@modelcontextprotocol/sdk/types.js";

const [url, kind] = process.argv.slice(2);
const transport =
	kind === "sse" ? new SSEClientTransport(new URL(`${url}/sse`)) : new StreamableHTTPClientTransport(new URL(url));
const client = new Client({ name: "capakit-e2e", version: "1.0.0" }, { capabilities: { sampling: {} } });
const heard = new Set<string>();

for (const schema of [
	LoggingMessageNotificationSchema,
	PromptListChangedNotificationSchema,
	ResourceListChangedNotificationSchema,
	ResourceUpdatedNotificationSchema,
	ToolListChangedNotificationSchema,
])
	client.setNotificationHandler(schema as any, (notification: any) => {
		const { level, data, uri } = notification.params ?? {};
		heard.add([notification.method, level, data && JSON.stringify(data), uri].filter(Boolean).join(" "));
	});
client.setRequestHandler(CreateMessageRequestSchema, async ({ params }) => ({
	model: "none",
	role: "assistant",
	content: { type: "text", text: `to ${(params.messages[0].content as any).text} nobody` },
}));

async function until(what: () => boolean) {
	for (let i = 0; i < 200 && !what(); i++) await Bun.sleep(25);
}

async function longCall() {
	const steps: number[] = [];
	// Without progress in time the call would be given up: 20 steps take three seconds.
	const result: any = await client.callTool({ name: "long", arguments: { steps: 20 } }, undefined, {
		timeout: 1500,
		resetTimeoutOnProgress: true,
		onprogress: ({ progress }) => steps.push(progress),
	});
	return { steps, text: result.content[0].text };
}

async function cancelledCall() {
	const controller = new AbortController();
	const call = client.callTool({ name: "long", arguments: { steps: 100 } }, undefined, {
		signal: controller.signal,
		onprogress: () => controller.abort("enough"),
	});
	const ended = await call.then(
		() => "answered",
		() => "cancelled",
	);
	await until(() => [...heard].some((line) => line.includes("long was cancelled")));
	return ended;
}

await client.connect(transport);
const tools = (await client.listTools()).tools.map((tool) => tool.name).sort();
const sum: any = await client.callTool({ name: "add", arguments: { a: 2, b: 3 } });
const failed: any = await client.callTool({ name: "fail", arguments: {} });
const wrong = await client.callTool({ name: "add", arguments: { a: "x" } }).then(
	(result: any) => (result.isError ? "error" : "answered"),
	() => "error",
);
const { resources } = await client.listResources();
const { resourceTemplates } = await client.listResourceTemplates();
const memo: any = (await client.readResource({ uri: "memo://text" })).contents[0];
const large: any = (await client.readResource({ uri: "memo://large" })).contents[0];
const named: any = (await client.readResource({ uri: "memo://by/anna" })).contents[0];
const completion = await client.complete({
	ref: { type: "ref/resource", uri: "memo://by/{name}" },
	argument: { name: "name", value: "an" },
});
const { prompts } = await client.listPrompts();
const prompt: any = await client.getPrompt({ name: "greet", arguments: { name: "Anna" } });
await client.subscribeResource({ uri: "memo://text" });
const asked: any = await client.callTool({ name: "ask", arguments: {} });
const long = await longCall();
const cancelled = await cancelledCall();
await client.callTool({ name: "change", arguments: {} });
await until(() => heard.size >= 6);
const toolsAfter = (await client.listTools()).tools.length;
await client.ping();
const sessionsMeanwhile = await (await fetch(`${url}/sessions`)).json();
if (transport instanceof StreamableHTTPClientTransport) await transport.terminateSession();
await client.close();

console.log(
	JSON.stringify({
		server: client.getServerVersion()?.name,
		tools,
		sum: sum.structuredContent,
		failed: [failed.isError, failed.content[0].text],
		wrong,
		resources: resources.map((resource) => resource.uri).sort(),
		templates: resourceTemplates.map((template) => template.uriTemplate),
		memo: memo.text,
		large: Buffer.from(large.blob, "base64").length,
		named: named.text,
		completion: completion.completion.values,
		prompts: prompts.map((p) => p.name),
		prompt: prompt.messages[0].content.text,
		asked: asked.content[0].text,
		long,
		cancelled,
		heard: [...heard].sort(),
		toolsAfter,
		sessionsMeanwhile,
	}),
);
process.exit(0); // what the SDK may still wait for is no concern of the test
