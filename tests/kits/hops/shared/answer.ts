// SPDX-License-Identifier: GPL-3.0-or-later
// What the workloads `old` and `new` answer, whichever version of HTTP they speak. Behind /http:
//
//   /dump       method, fields, body and trailers of the request, as JSON
//   /echo       the body, piece by piece as it comes; its length as a trailer, and the request's trailers
//   /late       after 300 ms; /fast: at once
//   /continue   says 100 when asked for it, then the length of the body; /refuse: 403 before any of it
//   /early      answers, and reads the body afterwards
//   /hints      103, then 200
//   /seven      seven bytes, with their length; /204, /304: without, the latter with a length
//   /events     an event for each request for /next
//   /hang       never; /forever: never ends. /state: how many of both are open, and were cut
//   /silent     never either, and is not counted
export type Fields = Record<string, string>;

export interface Request {
	method: string;
	path: string;
	fields: Fields;
	body: AsyncIterable<Buffer>;
	trailers(): Fields; // once the body has ended
	cut: Promise<void>; // the client is gone
}

export interface Response {
	interim(status: number, fields: Fields): void;
	/** With a length the body is framed by it. */
	head(status: number, fields: Fields): void;
	write(part: string | Buffer): void;
	end(trailers?: Fields): void;
}

const state = { open: 0, cut: 0 };
let listeners: Response[] = [];

function whole(response: Response, text: string, status = 200): void {
	response.head(status, { "content-type": "text/plain", "content-length": String(Buffer.byteLength(text)) });
	response.write(text);
	response.end();
}

async function read(request: Request): Promise<Buffer> {
	const parts: Buffer[] = [];
	for await (const part of request.body) parts.push(part);
	return Buffer.concat(parts);
}

async function echo(request: Request, response: Response): Promise<void> {
	let length = 0;
	response.head(200, { trailer: "x-length, x-got" });
	for await (const part of request.body) {
		length += part.length;
		response.write(part);
	}
	response.end({ "x-length": String(length), "x-got": JSON.stringify(request.trailers()) });
}

function untilCut(request: Request): void {
	state.open++;
	request.cut.then(() => {
		state.open--;
		state.cut++;
	});
}

async function forever(request: Request, response: Response): Promise<void> {
	let cut = false;
	request.cut.then(() => (cut = true));
	untilCut(request);
	response.head(200, {});
	while (!cut) {
		response.write("more ");
		await Bun.sleep(20);
	}
}

export async function answer(request: Request, response: Response): Promise<void> {
	switch (request.path.replace(/^\/http/, "")) {
		case "/dump": {
			const body = (await read(request)).toString();
			const { method, path, fields } = request;
			return whole(response, JSON.stringify({ method, path, fields, body, trailers: request.trailers() }));
		}
		case "/echo":
			return echo(request, response);
		case "/late":
			await Bun.sleep(300);
			return whole(response, "late");
		case "/fast":
			return whole(response, "fast");
		case "/continue":
			if (request.fields.expect === "100-continue") response.interim(100, {});
			return whole(response, String((await read(request)).length));
		case "/refuse":
			return whole(response, "refused", 403);
		case "/early":
			whole(response, "early");
			await read(request);
			return;
		case "/hints":
			response.interim(103, { link: "</style.css>" });
			return whole(response, "hinted");
		case "/seven":
			response.head(200, { "content-length": "7" });
			if (request.method !== "HEAD") response.write("1234567");
			return response.end();
		case "/204":
			response.head(204, {});
			return response.end();
		case "/304":
			response.head(304, { etag: '"x"', "content-length": "7" });
			return response.end();
		case "/events":
			response.head(200, { "content-type": "text/event-stream" });
			response.write("data: begun\n\n");
			listeners.push(response);
			return;
		case "/next":
			for (const listener of listeners) listener.write("data: next\n\n");
			return whole(response, "told");
		case "/over":
			for (const listener of listeners) listener.end();
			listeners = [];
			return whole(response, "ended");
		case "/hang":
			return untilCut(request);
		case "/silent":
			return;
		case "/forever":
			return forever(request, response);
		case "/state":
			return whole(response, JSON.stringify(state));
		default:
			return whole(response, "no such page", 404);
	}
}

export const SOCKET = process.env.CAPAKIT_WORKLOAD_INGRESS_BIND!.replace(/^unix:/, "");
