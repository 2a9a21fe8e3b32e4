// SPDX-License-Identifier: GPL-3.0-or-later
// shared/answer.ts by HTTP/2 with prior knowledge.
import { createServer, type ServerHttp2Stream } from "node:http2";
import { answer, SOCKET, type Fields, type Response } from "../../shared/answer.ts";

function responseOn(stream: ServerHttp2Stream, toHead: boolean): Response {
	let trailers: Fields = {};
	let bodiless = false;
	stream.on("wantTrailers", () => stream.sendTrailers(trailers));
	return {
		interim: (status, fields) => stream.additionalHeaders({ ":status": status, ...fields }),
		head(status, fields) {
			bodiless = toHead || status === 204 || status === 304;
			const { trailer: _, ...rest } = fields;
			stream.respond({ ":status": status, ...rest }, { waitForTrailers: Boolean(fields.trailer), endStream: bodiless });
		},
		write(part) {
			if (!stream.destroyed && !bodiless) stream.write(part);
		},
		end(last = {}) {
			trailers = last;
			if (!bodiless) stream.end();
		},
	};
}

createServer()
	.on("stream", (stream, headers) => {
		const fields = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
		let trailers: Fields = {};
		stream.on("trailers", (got) => (trailers = { ...(got as Fields) }));
		stream.on("error", () => {});
		const cut = new Promise<void>((resolve) => stream.on("close", () => resolve()));
		answer(
			{ method: fields[":method"], path: fields[":path"], fields, body: stream, trailers: () => trailers, cut },
			responseOn(stream, fields[":method"] === "HEAD"),
		).catch(() => stream.close());
	})
	.listen(SOCKET);
