// SPDX-License-Identifier: GPL-3.0-or-later
import { createServer, request } from "node:http";

type Peer = { workloadKey: string; endpoint: string; protocol: string; bind: string };
const peers: Peer[] = JSON.parse(process.env.CAPAKIT_CONNECTED_WORKLOADS!);
const store = peers.find((peer) => peer.workloadKey === "back" && peer.endpoint === "/store")!;

function call(method: string, path: string, body?: string): Promise<[number, string]> {
	return new Promise((resolve, reject) => {
		const socketPath = store.bind.replace(/^unix:/, "");
		const outgoing = request({ socketPath, path, method }, (reply) => {
			let text = "";
			reply.on("data", (chunk) => (text += chunk));
			reply.on("end", () => resolve([reply.statusCode!, text]));
		});
		outgoing.on("error", reject);
		outgoing.end(body);
	});
}

createServer(async (_, response) => {
	const calls = [
		await call("GET", "/store/x"),
		await call("PUT", "/store/x", "a value of some length"),
		await call("GET", "/store/x"),
		await call("GET", "/other"),
	];
	response.end(JSON.stringify({ peers: peers.map((peer) => peer.workloadKey + peer.endpoint + ":" + peer.protocol).sort(), calls }));
}).listen(process.env.CAPAKIT_WORKLOAD_INGRESS_BIND!.replace(/^unix:/, ""));
