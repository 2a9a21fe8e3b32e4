// SPDX-License-Identifier: GPL-3.0-or-later
// All that a workload needs to know of the world outside: three environment variables, which name
// Unix sockets. Plain Bun, no package.

function socketOf(bind: string): string {
	return bind.replace(/^unix:/, "");
}

type Connection = { workloadKey: string; endpoint: string; protocol: string; bind: string };

const connections: Connection[] = JSON.parse(process.env.CAPAKIT_CONNECTED_WORKLOADS ?? "[]");

/** Serves HTTP on the socket that this workload was given. */
export function serve(handler: (request: Request) => Response | Promise<Response>) {
	return Bun.serve({ unix: socketOf(process.env.CAPAKIT_WORKLOAD_INGRESS_BIND!), fetch: handler });
}

/** Calls another workload that the manifest connects this one to; `path` is below its endpoint. */
export function call(workload: string, path: string, init: RequestInit = {}): Promise<Response> {
	const connection = connections.find((c) => c.workloadKey === workload);
	if (!connection) throw new Error(`the manifest does not connect this workload to ${workload}`);
	return fetch(`http://${workload}${connection.endpoint}${path}`, {
		...init,
		unix: socketOf(connection.bind),
	});
}

/** Asks the bridge for a secret that the manifest grants to this workload. */
export async function secret(name: string): Promise<string> {
	const response = await fetch("http://bridge/rpc", {
		method: "POST",
		headers: { "content-type": "application/x-capakit-workload-bridge-jsonl" },
		body: JSON.stringify({ id: "1", op: "resolve_secret", params: { secret_mid: name } }) + "\n",
		unix: socketOf(process.env.CAPAKIT_WORKLOAD_BRIDGE_BIND!),
	});
	const reply = JSON.parse(await response.text());
	if (reply.error) throw new Error(`${reply.error.code}: ${reply.error.message}`);
	return reply.ok.value;
}
