// SPDX-License-Identifier: GPL-3.0-or-later
import { createServer } from "node:http";
import { request } from "node:http";

const ready = request({
	socketPath: process.env.CAPAKIT_WORKLOAD_BRIDGE_BIND!.replace(/^unix:/, ""),
	path: "/rpc",
	method: "POST",
	headers: { "content-type": "application/x-capakit-workload-bridge-jsonl" },
});
ready.end(JSON.stringify({ id: "1", op: "workload_ready", params: null }) + "\n");
ready.on("response", (reply) =>
	reply.on("data", (line) => {
		console.log(`the bridge said ${String(line).trim()}`);
		setTimeout(() => {
			createServer((_, response) => response.end("late")).listen(
				process.env.CAPAKIT_WORKLOAD_INGRESS_BIND!.replace(/^unix:/, ""),
			);
		}, 500);
	}),
);
