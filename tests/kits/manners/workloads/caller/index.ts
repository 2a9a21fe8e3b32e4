// SPDX-License-Identifier: GPL-3.0-or-later
// Passes requests on to blunt, and tells what became of them.
import { ingress, pathOf } from "../../shared/bind.ts";

const [{ bind }] = JSON.parse(process.env.CAPAKIT_CONNECTED_WORKLOADS!);

Bun.serve({
	unix: ingress,
	async fetch(request) {
		const { pathname } = new URL(request.url);
		const response = await fetch(`http://blunt${pathname}`, { unix: pathOf(bind) });
		return new Response(`${response.status} ${await response.text()}`);
	},
});
