// SPDX-License-Identifier: GPL-3.0-or-later
import { createServer, request } from "node:http";

type Peer = { workloadKey: string; endpoint: string; protocol: string; bind: string };
const peers: Peer[] = JSON.parse(process.env.CAPAKIT_CONNECTED_WORKLOADS!);

function get(peer: Peer): Promise<unknown> {
	return new Promise((resolve, reject) => {
		const path = peer.endpoint === "/v1" ? "/v1/models" : peer.endpoint;
		request({ socketPath: peer.bind.replace(/^unix:/, ""), path }, (reply) => {
			let text = "";
			reply.on("data", (chunk) => (text += chunk));
			reply.on("end", () => resolve(JSON.parse(text)));
		})
			.on("error", reject)
			.end();
	});
}

createServer(async (_, response) => {
	const answers: Record<string, unknown> = {};
	for (const peer of peers) answers[peer.workloadKey] = await get(peer);
	response.end(JSON.stringify(answers));
}).listen(process.env.CAPAKIT_WORKLOAD_INGRESS_BIND!.replace(/^unix:/, ""));
