// SPDX-License-Identifier: GPL-3.0-or-later
// The workload of takeover.test: hands the message of the request's query to whom the path names.
const unix = '/run/capakit/bridge.sock';
const headers = { 'content-type': 'application/x-capakit-workload-bridge-jsonl' };

const ways: Record<string, (message: string) => Promise<unknown> | void> = {
	'/sidecar': () => {}, // in the response, below
	'/controller': (message) => console.log(message), // and it passes on what is for the janitor
	'/keeper': (message) =>
		fetch('http://bridge/rpc', {
			unix, headers, method: 'POST',
			body: JSON.stringify({ id: '1', op: 'resolve_secret', params: { secret_mid: message } }) + '\n',
		}),
	'/egress': (message) => fetch(`http://${message}.example/`),
};

Bun.serve({
	unix: process.env.CAPAKIT_WORKLOAD_INGRESS_BIND!.slice('unix:'.length),
	async fetch(request) {
		const url = new URL(request.url);
		const message = url.search.slice(1);
		await Promise.resolve(ways[url.pathname.replace(/^\/http/, '')]?.(message)).catch(() => {});
		return new Response('told\n', { headers: { 'x-message': message } });
	},
});
