// SPDX-License-Identifier: GPL-3.0-or-later
import { Agent, createServer, request } from "node:http";

const bridge = process.env.CAPAKIT_WORKLOAD_BRIDGE_BIND!.replace(/^unix:/, "");
const agent = new Agent({ keepAlive: true, maxSockets: 4 });
let id = 0;

function resolveSecret(name: string): Promise<{ ok?: { value: string }; error?: { code: string } }> {
	const line = JSON.stringify({ id: String(++id), op: "resolve_secret", params: { secret_key: name } }) + "\n";
	return new Promise((resolve, reject) => {
		const headers = { "content-type": "application/x-capakit-runner-bridge-jsonl" };
		const outgoing = request({ socketPath: bridge, path: "/rpc", method: "POST", agent, headers }, (reply) => {
			let text = "";
			reply.on("data", (chunk) => (text += chunk));
			reply.on("end", () => resolve(JSON.parse(text)));
		});
		outgoing.on("error", reject);
		outgoing.end(line);
	});
}

createServer(async (_, response) => {
	const together = await Promise.all(Array.from({ length: 20 }, () => resolveSecret("token")));
	await Bun.sleep(100); // the connections are idle meanwhile, and used again
	const again = await resolveSecret("token");
	response.end(
		JSON.stringify({
			lengths: [...new Set([...together, again].map((reply) => reply.ok?.value.length))],
			spare: (await resolveSecret("spare")).error?.code,
			other: (await resolveSecret("other")).error?.code,
		}),
	);
}).listen(process.env.CAPAKIT_WORKLOAD_INGRESS_BIND!.replace(/^unix:/, ""));
