// SPDX-License-Identifier: GPL-3.0-or-later
// Answers cases of `capakit test`: plain HTTP here, MCP in mcp.ts.
import { readdirSync } from "node:fs";
import { answer, spoken } from "./mcp";

const unix = process.env.CAPAKIT_WORKLOAD_INGRESS_BIND!.replace("unix:", "");
const never = () => new Promise<Response>(() => {});

async function echo(request: Request, url: URL) {
	const headers = Object.fromEntries(request.headers);
	const { method } = request;
	const body = await request.text();
	const path = url.pathname + url.search;
	return Response.json(
		{ method, path, headers, body, caller: headers["x-capakit-caller"] },
		{ status: 201, headers: { "X-Answer": "yes" } },
	);
}

// 1 GB that nobody holds whole.
function large() {
	const block = new Uint8Array(1 << 20).fill(120);
	let left = 1024;
	return new Response(
		new ReadableStream({
			pull(controller) {
				controller.enqueue(block);
				if (--left === 0) controller.close();
			},
		}),
	);
}

function cut() {
	let begun = false;
	return new Response(
		new ReadableStream({
			async pull(controller) {
				if (begun) {
					await Bun.sleep(50);
					controller.error(new Error("cut"));
				}
				begun = true;
				controller.enqueue("the beginning");
			},
		}),
	);
}

function papers() {
	const entries = readdirSync("/mnt/papers", { recursive: true, withFileTypes: true });
	const names = entries.filter((e) => e.isFile()).map((e) => `${e.parentPath}/${e.name}`);
	return names.map((name) => name.replace("/mnt/papers/", "")).sort();
}

function http(path: string): Response | Promise<Response> {
	switch (path) {
		case "/papers":
			return Response.json(papers());
		case "/spoken":
			return Response.json(spoken());
		case "/values":
			return Response.json({ n: 3, text: "hello world", list: [1, 2, 3] });
		case "/hang":
			return never();
		case "/large":
			return large();
		case "/cut":
			return cut();
		case "/aaaa":
			return new Response("a".repeat(5000) + "b");
		case "/deep":
			return new Response("[".repeat(1000000));
		case "/headers": {
			const headers = new Headers();
			for (let i = 0; i < 60; i++) headers.append(`x-${i}`, "v".repeat(900));
			return new Response("a", { headers });
		}
		default:
			return new Response("no such path", { status: 404 });
	}
}

Bun.serve({
	unix,
	idleTimeout: 0,
	fetch(request) {
		const url = new URL(request.url);
		if (url.pathname === "/mcp") return answer(request);
		if (url.pathname.endsWith("/echo")) return echo(request, url);
		return http(url.pathname.replace(/^\/(http|hidden)/, ""));
	},
});
