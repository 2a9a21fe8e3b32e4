// SPDX-License-Identifier: GPL-3.0-or-later
// hosts.ts APP-URL: every combination of what may name a host in one request. HTTP/1.1: the target in each form,
// and Host; HTTP/2: :authority, and Host. Only those that name the app alone, and in its own spelling, may pass.
import { connect, type Socket } from "node:net";
import { begin, block, END_HEADERS, END_STREAM, frame, frames, HEADERS } from "./lib/frames.ts";
import { app, bystander, edge, exchange, ok, statuses } from "./lib/wire.ts";

const [address, port] = app.host.split(":");
const spellings: Record<string, string | undefined> = {
	"none": undefined,
	"its own": app.host,
	"empty": "",
	"without a port": address,
	"another port": `${address}:1`,
	"a port with zeros": `${address}:0${port}`,
	"a trailing dot": `${address}.:${port}`,
	"a user": `user@${app.host}`,
	"another host": `evil.example:${port}`,
	"in upper case": `EVIL.EXAMPLE:${port}`,
	"punycode": `xn--bcher-kva.example:${port}`,
	"localhost": `localhost:${port}`,
	"IPv6-mapped": `[::ffff:${address}]:${port}`,
	"a decimal address": `${address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0)}:${port}`,
};
const REFUSED = [400, 403, 421];

/** `passes`: it may be answered; else it must be refused. */
function judge(name: string, status: number | undefined, passes: boolean) {
	ok(name, !(passes ? status === 200 : REFUSED.includes(status!)) && `it got ${status}`);
}

async function http1(form: string, target: string, own: boolean) {
	for (const [name, host] of Object.entries(spellings)) {
		const field = host === undefined ? "" : `Host: ${host}\r\n`;
		const answer = await exchange(edge, `GET ${target} HTTP/1.1\r\n${field}Connection: close\r\n\r\n`);
		judge(`HTTP/1.1: target ${form}, Host ${name}`, statuses(answer.text)[0], own && host === app.host);
	}
}

await http1("/x", "/x", true);
for (const [name, host] of Object.entries(spellings))
	if (host) {
		// The app's own URL as a target is the same request or none.
		if (host === app.host) {
			const answer = await exchange(edge, `GET http://${host}/x HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
			ok("HTTP/1.1: its own URL is the same request, or none", ![200, ...REFUSED].includes(statuses(answer.text)[0]) && answer.text);
			for (const [other, disagrees] of Object.entries(spellings))
				if (disagrees !== host) {
					const field = disagrees === undefined ? "" : `Host: ${disagrees}\r\n`;
					const two = await exchange(edge, `GET http://${host}/x HTTP/1.1\r\n${field}Connection: close\r\n\r\n`);
					judge(`HTTP/1.1: target with its own, Host ${other}`, statuses(two.text)[0], false);
				}
		} else {
			await http1(`with ${name}`, `http://${host}/x`, false);
		}
	}

/** A connection of HTTP/2 that tells of each stream how it was answered: 200, 4 (another status), 0 (reset). */
class Connection {
	received = "";
	closed = false;
	stream = -1;
	socket: Socket;
	constructor() {
		this.socket = connect(edge as any);
		this.socket.on("data", (part) => (this.received += part.toString("latin1")));
		this.socket.on("error", () => {});
		this.socket.on("close", () => (this.closed = true));
		this.send(begin());
	}
	send(bytes: string) {
		this.socket.write(Buffer.from(bytes, "latin1"));
	}
	async ask(fields: [string, string][]) {
		const id = (this.stream += 2);
		this.send(frame(HEADERS, END_HEADERS | END_STREAM, id, block(fields)));
		for (let i = 0; i < 1000 && !this.closed; i++) {
			for (const f of frames(this.received)) {
				if (f.stream !== id) continue;
				if (f.type === 3) return 0;
				if (f.type === 0 && f.flags & END_STREAM) return f.payload.startsWith("4") ? Number(f.payload.slice(0, 3)) : 200;
			}
			await Bun.sleep(2);
		}
		return this.closed ? 0 : undefined;
	}
}

for (const [first, authority] of Object.entries(spellings)) {
	const connection = new Connection();
	for (const [second, host] of Object.entries(spellings)) {
		const fields: [string, string][] = [[":method", "GET"], [":scheme", "http"], [":path", "/x"]];
		if (authority !== undefined) fields.push([":authority", authority]);
		if (host !== undefined) fields.push(["host", host]);
		const status = await connection.ask(fields);
		const passes = authority === undefined ? host === app.host : authority === app.host && (host === undefined || host === app.host);
		const name = `HTTP/2: :authority ${first}, Host ${second}`;
		if (passes) ok(name, status !== 200 && `it got ${status}`);
		else ok(name, ![0, ...REFUSED].includes(status!) && `it got ${status}`);
	}
	connection.socket.destroy();
}

const others = bystander();
await Bun.sleep(300);
await others("the-others-go-on");
