// SPDX-License-Identifier: GPL-3.0-or-later
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

const server = createServer(async (request, response) => {
	response.writeHead(200, { "content-type": "text/event-stream" });
	for (let i = 0; i < 3; i++) {
		response.write(`data: ${request.url} ${i}\n\n`);
		await Bun.sleep(20);
	}
	response.end();
});
server.listen(0, "127.0.0.1", () => console.log((server.address() as AddressInfo).port));
