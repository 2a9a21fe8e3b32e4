// SPDX-License-Identifier: GPL-3.0-or-later
// slow.ts APP-URL SOCKET: clients that take their time, all at once, so that the test takes a little more
// than a minute, the longest of the limits that they run into (docs/limits.md).
import { begin, END_HEADERS, END_STREAM, frame, frames, HEADERS, request } from "./lib/frames.ts";
import { app, bystander, edge, exchange, hold, ok, statuses } from "./lib/wire.ts";

const others = bystander();
const head = (line: string, more = "") => `${line} HTTP/1.1\r\nHost: ${app.host}\r\n${more}`;
const between = (ms: number, from: number, to: number) => ms >= from * 1000 && ms <= to * 1000;

/** Sends a request and then that it sends no more. */
async function halfClosed() {
	const held = { text: "", closed: false };
	await Bun.connect({
		unix: process.argv[3],
		allowHalfOpen: true,
		socket: {
			open(socket) {
				socket.write(head("GET /http/x", "\r\n"));
				socket.shutdown();
			},
			data: (_, part) => void (held.text += part.toString()),
			end: (socket) => void socket.end(),
			close: () => void (held.closed = true),
		},
	});
	return held;
}
const half: Awaited<ReturnType<typeof halfClosed>>[] = [];
for (let i = 0; i < 200; i++) half.push(await halfClosed());

await Bun.sleep(3000);
ok("half-closed clients get their answer", half.some((h) => statuses(h.text)[0] !== 200) && `not ${half.filter((h) => statuses(h.text)[0] !== 200).length}`);
ok("and are closed", half.some((h) => !h.closed) && "not all are");

// More idle connections than are taken: those that were idle longest make room.
const idle = [];
for (let i = 0; i < 3000; i++) {
	idle.push(hold(edge, ""));
	if (i % 50 === 49) await Promise.all(idle.slice(-50)); // a full queue of the kernel costs seconds
}
const asked = await exchange(edge, head("GET /x", "Connection: close\r\n\r\n"), 4000);
ok("behind 3000 idle connections a request is answered", (statuses(asked.text)[0] !== 200 || asked.ms > 3000) && `${asked.ms} ms ${asked.text}`);
idle.forEach(async (h) => (await h).socket.destroy());

// A head that grows by a byte a second, a body that stops, and a reader that reads nothing.
const slowHead = await hold(edge, head("GET /x").slice(0, -2));
const drip = setInterval(() => slowHead.socket.write("x"), 1000);
const noHead = await hold(edge, "");
const slowBody = await hold(edge, head("POST /digest", "Content-Length: 100\r\n\r\n") + "abc");
const slowChunk = await hold(edge, head("POST /digest", "Transfer-Encoding: chunked\r\n\r\n") + "5\r\nab");
const more = 30000000; // than all the buffers on the way take
const readers = await Promise.all(Array.from({ length: 20 }, () => hold(edge, head(`GET /bytes?n=${more}`, "\r\n"), false)));
const connection = await hold({ path: process.argv[3] }, head(`GET /http/bytes?n=${more}`, "\r\n"), false);

// The same in HTTP/2: a head without an end, a body that stops, and a stream whose window stays shut.
const h2 = (stream: number, flags: number, method: string, path: string) => frame(HEADERS, flags, stream, request(method, app.host, path));
const h2Head = await hold(edge, begin() + h2(1, 0, "GET", "/x"));
const h2Body = await hold(edge, begin() + h2(1, END_HEADERS, "POST", "/digest"));
const h2Window = await hold(edge, begin(0) + h2(1, END_HEADERS | END_STREAM, "GET", "/bytes?n=1000"));
const ended = (held: { text: string }, type: number) => [...frames(held.text)].some((f) => f.type === type && f.stream === 1);

await Bun.sleep(13000);
clearInterval(drip);
ok("a slow head of HTTP/2 is cut off", !between(h2Head.closedAfter, 9, 15) && String(h2Head.closedAfter));
ok("a slow head is refused", statuses(slowHead.text)[0] !== 408 && `it got ${slowHead.text}`);
ok("after ten seconds", !between(slowHead.closedAfter, 9, 15) && String(slowHead.closedAfter));
const deadline = performance.now() + 90000;
const until = async (what: () => boolean) => {
	while (performance.now() < deadline && !what()) await Bun.sleep(100);
};
const all = [slowBody, slowChunk, connection, h2Body, h2Window, ...readers];
await until(() => slowBody.closedAfter < Infinity && slowChunk.closedAfter < Infinity);
ok("a body that stops is refused", statuses(slowBody.text)[0] !== 408 && `it got ${slowBody.text}`);
ok("after a minute", !between(slowBody.closedAfter, 55, 75) && String(slowBody.closedAfter));
ok("also one in chunks", statuses(slowChunk.text)[0] !== 408 && `it got ${slowChunk.text}`);
ok("who says nothing is closed", !between(noHead.closedAfter, 0, 75) && String(noHead.closedAfter));
await until(() => h2Body.text.includes("408 Request Timeout") && ended(h2Window, 3));
ok("a body of HTTP/2 that stops is answered", !h2Body.text.includes("408 Request Timeout") && "it is not");
ok("a stream of HTTP/2 without a window is reset", !ended(h2Window, 3) && "it is not");
// What is paused does not see its end: it is looked at after the limit. The readers' answers filled the buffers at
// about the time when that stream's answer began.
await Bun.sleep(4000);
for (const reader of [connection, ...readers]) {
	reader.socket.on("data", () => {});
	reader.socket.resume();
}
await Bun.sleep(2000);
ok("readers that read nothing are closed", [connection, ...readers].filter((r) => r.closedAfter === Infinity).length && "some are still open");
all.forEach((h) => h.socket.destroy());
await others("all-the-while-others-are-served", 8000);
