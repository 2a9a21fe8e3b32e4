// SPDX-License-Identifier: GPL-3.0-or-later
// What a workload asks of its sidecar.

export function pathOf(bind: string): string {
	return bind.replace(/^unix:/, "");
}

export function post(
	lines: string,
	type = "application/x-capakit-workload-bridge-jsonl",
): Promise<Response> {
	return fetch("http://bridge/rpc", {
		method: "POST",
		headers: { "content-type": type },
		body: lines,
		unix: pathOf(process.env.CAPAKIT_WORKLOAD_BRIDGE_BIND!),
	});
}

async function ask(op: string, params: object | null): Promise<any> {
	const response = await post(JSON.stringify({ id: "1", op, params }) + "\n");
	const reply = JSON.parse(await response.text());
	if (reply.error) throw new Error(reply.error.code);
	return reply.ok;
}

export async function secret(name: string): Promise<string> {
	return (await ask("resolve_secret", { secret_mid: name })).value;
}

export async function ready(): Promise<void> {
	await ask("workload_ready", null);
}
