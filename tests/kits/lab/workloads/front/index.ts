// SPDX-License-Identifier: GPL-3.0-or-later
// Passes /back/... on to the other workload; a call that fails becomes a 599 with the reason.
import { call, serve } from "../../shared/lab.ts";

serve((path) => {
	if (path[0] !== "back") return undefined;
	return call("back", "/" + path.slice(1).join("/")).catch(
		(error) => new Response(`${error.code ?? error}\n`, { status: 599 }),
	);
});
