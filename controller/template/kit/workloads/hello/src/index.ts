import { greet } from "./greet.ts";

// The workload serves HTTP on a Unix socket; its sidecar is the only one who can call it.
const unix = process.env.CAPAKIT_WORKLOAD_INGRESS_BIND!.replace("unix:", "");

Bun.serve({
	unix,
	fetch(request) {
		// Paths arrive whole: the endpoint's own (/http) first, then the rest.
		const name = new URL(request.url).pathname.replace(/^\/http\/?/, "");
		return Response.json({ greeting: greet(process.env.GREETING!, decodeURIComponent(name)) });
	},
});
