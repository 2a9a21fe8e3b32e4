// SPDX-License-Identifier: GPL-3.0-or-later
// Asks the other one, which asks this one: the request's own headers are passed on, as a proxy would.
type Connection = { workloadKey: string; endpoint: string; bind: string };

const [next]: Connection[] = JSON.parse(process.env.CAPAKIT_CONNECTED_WORKLOADS!);
let asked = 0;

Bun.serve({
	unix: process.env.CAPAKIT_WORKLOAD_INGRESS_BIND!.slice(5),
	fetch(request) {
		const forgets = new URL(request.url).searchParams.has("forgets");
		if (new URL(request.url).pathname.endsWith("/asked")) return new Response(String(asked));
		asked++;
		const headers = forgets ? {} : { "x-capakit-hops": request.headers.get("x-capakit-hops")! };
		const query = forgets ? "?forgets" : "";
		return fetch(`http://next${next.endpoint}${query}`, { unix: next.bind.slice(5), headers });
	},
});
