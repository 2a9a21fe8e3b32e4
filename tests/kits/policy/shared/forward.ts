// SPDX-License-Identifier: GPL-3.0-or-later
// Passes requests on to a connected workload, with the fields that a caller is asked to pass on.
//   /quiet/PATH     one request to the workload `quiet`; all others go to `back`
//   /burst/N/PATH   N requests at once; their statuses, as a list of numbers
//   anything else   one request; what came
const PASSED_ON = ["traceparent", "tracestate", "x-capakit-hops"];

type Connection = { workloadKey: string; bind: string };

const connections: Connection[] = JSON.parse(process.env.CAPAKIT_CONNECTED_WORKLOADS!);

function socketTo(workload: string): string {
	return connections.find((c) => c.workloadKey === workload)!.bind.replace(/^unix:/, "");
}

async function pass(path: string, request: Request): Promise<Response> {
	const headers = new Headers();
	for (const name of PASSED_ON) {
		const value = request.headers.get(name);
		if (value !== null) headers.set(name, value);
	}
	const body = request.method === "GET" ? undefined : await request.text();
	const quiet = path.startsWith("/quiet/");
	return fetch(`http://callee/http${quiet ? path.slice("/quiet".length) : path}`, {
		method: request.method,
		headers,
		body,
		unix: socketTo(quiet ? "quiet" : "back"),
	});
}

async function burst(n: number, path: string, request: Request): Promise<Response> {
	const all = Array.from({ length: n }, async () => {
		const response = await pass(path, request);
		await response.text();
		return response.status;
	});
	return Response.json(await Promise.all(all));
}

export function serve(): void {
	Bun.serve({
		unix: process.env.CAPAKIT_WORKLOAD_INGRESS_BIND!.replace(/^unix:/, ""),
		idleTimeout: 0,
		fetch(request) {
			const path = new URL(request.url).pathname.replace(/^\/http/, "");
			const many = /^\/burst\/(\d+)(\/.*)$/.exec(path);
			return many ? burst(Number(many[1]), many[2], request) : pass(path, request);
		},
	});
}
