// SPDX-License-Identifier: GPL-3.0-or-later
// The program of every workload of the tree: says what it was given, and what those say that it may call.
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";

if (process.argv[2] === "prepare") {
	writeFileSync("prepared", crypto.randomUUID());
	process.exit(0);
}

const path = (bind: string) => bind.slice("unix:".length);

async function secretLength(): Promise<number | string> {
	const reply = await fetch("http://bridge/rpc", {
		unix: path(process.env.CAPAKIT_WORKLOAD_BRIDGE_BIND!),
		method: "POST",
		headers: { "content-type": "application/x-capakit-workload-bridge-jsonl" },
		body: JSON.stringify({ id: "1", op: "resolve_secret", params: { secret_mid: "token" } }) + "\n",
	});
	const { ok, error } = await reply.json();
	return ok ? ok.value.length : error.code;
}

async function call({ bind, endpoint }: { bind: string; endpoint: string }, behind: string) {
	const reply = await fetch(`http://peer${endpoint}${behind}`, { unix: path(bind), redirect: "manual" });
	return behind ? reply.headers.get("location") : reply.json();
}

async function describe(request: Request) {
	const peers = JSON.parse(process.env.CAPAKIT_CONNECTED_WORKLOADS!);
	const mounts = JSON.parse(process.env.CAPAKIT_MOUNTS_JSON!);
	const calls: Record<string, unknown> = {};
	for (const peer of peers)
		calls[peer.workloadKey + peer.endpoint] = [peer.protocol, await call(peer, ""), await call(peer, "/away")];
	return {
		word: process.env.WORD,
		path: new URL(request.url).pathname,
		caller: request.headers.get("x-capakit-caller")?.replace(/^spiffe:\/\/[^/]*/, ""),
		secret: await secretLength(),
		prepared: existsSync("prepared") ? readFileSync("prepared", "utf8") : undefined,
		files: Object.values(mounts).flatMap((mount: any) => readdirSync(mount.path)),
		calls,
	};
}

Bun.serve({
	unix: path(process.env.CAPAKIT_WORKLOAD_INGRESS_BIND!),
	async fetch(request) {
		const { pathname } = new URL(request.url);
		if (pathname.endsWith("/away"))
			return new Response(null, { status: 302, headers: { location: pathname.replace(/away$/, "there") } });
		return Response.json(await describe(request));
	},
});
