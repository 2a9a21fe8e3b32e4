// SPDX-License-Identifier: GPL-3.0-or-later
// What a request can ask of either workload, below its endpoint:
//
//   /start             an id that each start of the workload has for itself
//   /exit/STATUS       answers, then ends the process
//   /write/NAME/TEXT   a file in the workload's own folder
//   /read/NAME
//   /late/MS           answers after that time
import { readFileSync, writeFileSync } from "node:fs";

type Connection = { workloadKey: string; endpoint: string; bind: string };

const socketOf = (bind: string) => bind.replace(/^unix:/, "");
const connections: Connection[] = JSON.parse(process.env.CAPAKIT_CONNECTED_WORKLOADS!);

function read(name: string): Response {
	try {
		return new Response(readFileSync(name, "utf8"));
	} catch {
		return new Response("no such file\n", { status: 404 });
	}
}

async function answer(path: string[]): Promise<Response> {
	switch (path[0]) {
		case "start":
			return new Response(process.env.CAPAKIT_PRESENCE_ID);
		case "exit":
			setTimeout(() => process.exit(Number(path[1])), 20);
			return new Response("bye\n");
		case "write":
			writeFileSync(path[1], path[2]);
			return new Response("written\n");
		case "read":
			return read(path[1]);
		case "late":
			await Bun.sleep(Number(path[1]));
			return new Response("late\n");
		case "":
		case undefined:
			return new Response("here\n");
		default:
			return new Response("no such page\n", { status: 404 });
	}
}

export function call(workload: string, path: string): Promise<Response> {
	const connection = connections.find((c) => c.workloadKey === workload)!;
	return fetch(`http://${workload}${connection.endpoint}${path}`, {
		unix: socketOf(connection.bind),
	});
}

/** Serves the above, and what `more` answers before it. */
export function serve(more?: (path: string[]) => Promise<Response> | undefined) {
	Bun.serve({
		unix: socketOf(process.env.CAPAKIT_WORKLOAD_INGRESS_BIND!),
		fetch(request) {
			const path = new URL(request.url).pathname.split("/").slice(2);
			return more?.(path) ?? answer(path);
		},
	});
}
