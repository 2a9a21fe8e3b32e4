// SPDX-License-Identifier: GPL-3.0-or-later
// Answers at once, or in twenty words.
const words = () =>
	new Response(
		new ReadableStream({
			async start(controller) {
				for (let i = 0; i < 20; i++) {
					controller.enqueue("word\n");
					await Bun.sleep(1);
				}
				controller.close();
			},
		}),
	);

Bun.serve({
	unix: process.env.CAPAKIT_WORKLOAD_INGRESS_BIND!.replace("unix:", ""),
	fetch: (request) => (new URL(request.url).pathname === "/http/stream" ? words() : new Response("42")),
});
