// SPDX-License-Identifier: GPL-3.0-or-later
// Ties each connection's bytes to one to the workload that this one may call. All endpoints are /http, so what is
// said can stay as it is.
import { connect, createServer } from "node:net";
import { SOCKET } from "./answer.ts";

const [to] = JSON.parse(process.env.CAPAKIT_CONNECTED_WORKLOADS!);

export function relay(): void {
	createServer((client) => {
		const server = connect({ path: to.bind.replace(/^unix:/, "") });
		client.pipe(server).pipe(client);
		for (const [one, other] of [[client, server], [server, client]]) {
			one.on("error", () => other.destroy());
			one.on("close", () => other.destroy());
		}
	}).listen(SOCKET);
}
