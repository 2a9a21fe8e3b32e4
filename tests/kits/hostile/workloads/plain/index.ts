// SPDX-License-Identifier: GPL-3.0-or-later
// Says what arrived; /bytes?n= sends so many; /digest reads and says how many; /count how many requests were smuggled.
let count = 0;

Bun.serve({
	unix: process.env.CAPAKIT_WORKLOAD_INGRESS_BIND!.slice(5),
	idleTimeout: 0,
	async fetch(request) {
		const url = new URL(request.url);
		if (url.pathname.endsWith("/count")) return new Response(String(count));
		if (url.pathname.endsWith("/smuggled")) count++;
		if (url.pathname.endsWith("/bytes")) return new Response(Buffer.alloc(Number(url.searchParams.get("n"))));
		if (url.pathname.endsWith("/digest")) return new Response(String((await request.bytes()).length));
		return Response.json({
			method: request.method,
			url: request.url,
			headers: Object.fromEntries(request.headers),
			body: await request.text(),
		});
	},
});
