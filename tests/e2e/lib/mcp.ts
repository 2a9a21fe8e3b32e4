// SPDX-License-Identifier: GPL-3.0-or-later
// mcp.ts URL [TOOL ARGUMENTS]...: what an agent does with the official SDK. Prints a JSON document: the
// server's name, its tools, and the text of each call's result (ARGUMENTS are JSON).
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";

const [url, ...calls] = process.argv.slice(2);
const client = new Client({ name: "capakit-test", version: "1.0.0" });
await client.connect(new StreamableHTTPClientTransport(new URL(url)));
const results: string[] = [];
const { tools } = await client.listTools();
for (let i = 0; i < calls.length; i += 2) {
	const result: any = await client.callTool({ name: calls[i], arguments: JSON.parse(calls[i + 1]) });
	results.push(result.isError ? `error: ${result.content[0].text}` : result.content[0].text);
}
await client.close();
console.log(
	JSON.stringify({ server: client.getServerVersion()?.name, tools: tools.map((t) => t.name), results }),
);
process.exit(0); // what the SDK may still wait for is no concern of the test
