// SPDX-License-Identifier: GPL-3.0-or-later
// websocket_http2.ts URL: opens a WebSocket over HTTP/2 (RFC 8441), frame by frame, to the workload `socket` of
// tests/kits/protocols, and prints what came of it.
import { connect } from "node:net";
import { begin, block, END_HEADERS, END_STREAM, frame, frames, HEADERS } from "../../attack/lib/frames.ts";

const DATA = 0;
const url = new URL(process.argv[2]);
let received = "";
const socket = connect({ host: url.hostname, port: Number(url.port) });
socket.on("data", (part) => (received += part.toString("latin1")));
const send = (bytes: string) => socket.write(Buffer.from(bytes, "latin1"));

async function until<T>(look: () => T | undefined | false): Promise<T | undefined> {
	for (let i = 0; i < 500; i++) {
		const found = look();
		if (found) return found;
		await Bun.sleep(10);
	}
}
const data = (stream: number) => [...frames(received)].filter((f) => f.type === DATA && f.stream === stream).map((f) => f.payload).join("");
const head = (stream: number) => [...frames(received)].find((f) => f.type === HEADERS && f.stream === stream);
const open = (stream: number, path: string, ...more: [string, string][]) =>
	send(frame(HEADERS, END_HEADERS, stream, block([
		[":method", "CONNECT"], [":protocol", "websocket"], [":scheme", "http"], [":authority", url.host],
		[":path", path], ["sec-websocket-version", "13"], ...more,
	])));
/** A frame of a client (RFC 6455, section 5.2), masked with zeroes. */
const masked = (opcode: number, text: string) =>
	String.fromCharCode(0x80 | opcode, 0x80 | text.length) + "\0\0\0\0" + text;

send(begin());
const settings = await until(() => [...frames(received)].find((f) => f.type === 4 && !(f.flags & 1)));
console.log(`offered: ${settings?.payload.includes("\0\x08\0\0\0\x01")}`);
open(1, `${url.pathname}/echo`);
console.log(`opened: ${(await until(() => head(1)))?.payload.charCodeAt(0) === 0x88}`);
console.log(`accept: ${received.includes("sec-websocket-accept")}`);
send(frame(DATA, 0, 1, masked(1, "hello")));
console.log(`echo: ${(await until(() => data(1).length >= 7 && data(1)))?.slice(2)}`);
send(frame(DATA, 0, 1, masked(1, "bye"))); // the workload closes with 4002
const close = await until(() => data(1).slice(7).includes("\x88") && data(1).slice(7));
console.log(`closed: ${close && (close.charCodeAt(close.indexOf("\x88") + 2) << 8) + close.charCodeAt(close.indexOf("\x88") + 3)}`);
send(frame(DATA, END_STREAM, 1, masked(8, close!.slice(close!.indexOf("\x88") + 2, close!.indexOf("\x88") + 4))));
console.log(`ended: ${Boolean(await until(() => [...frames(received)].some((f) => f.stream === 1 && f.type === DATA && f.flags & END_STREAM)))}`);
open(3, `${url.pathname}/no`);
console.log(`refused: ${(await until(() => head(3)))?.payload.charCodeAt(0) !== 0x88}`);
open(5, `${url.pathname}/echo`, ["origin", "http://evil.example"]);
console.log(`another site: ${(await until(() => data(5).includes("403 Forbidden"))) ? 403 : "?"}`);
socket.destroy();
