// SPDX-License-Identifier: GPL-3.0-or-later
// The world that egress.test attacks from, in a network namespace of its own. `inside`: a name server of the
// attacker's, and a service that answers on every address of this machine. `outside`: the attacker's web server.
// The name server knows v4-A-B-C-D.test and v6-HEX.test, which mean what they say; flip-N-A.test, which is the
// outside first and the address A (dashes) afterwards; both-A.test, which is A and the outside; and everything
// below evil.test, which is the outside. Each question is a line in the file QUESTIONS.
import { appendFileSync } from "node:fs";

const [role, questions] = process.argv.slice(2);
const OUTSIDE = "93.184.216.34";
const METADATA = "http://v4-169-254-169-254.test/";

function serve(hostname: string, name: string) {
	Bun.serve({
		port: 80,
		hostname,
		fetch(request) {
			if (new URL(request.url).pathname === "/redirect") return Response.redirect(METADATA, 302);
			return new Response(`this is ${name}`);
		},
	});
}

const flipped = new Set<string>();

function addressesOf(name: string): string[] {
	const dashed = (text: string) => text.replaceAll("-", ".");
	let found: RegExpMatchArray | null;
	if ((found = name.match(/^v4-([\d-]+)\.test$/))) return [dashed(found[1])];
	if ((found = name.match(/^v6-([0-9a-f]{32})\.test$/))) return [found[1]];
	if ((found = name.match(/^both-([\d-]+)\.test$/))) return [dashed(found[1]), OUTSIDE];
	if ((found = name.match(/^flip-\d+-([\d-]+)\.test$/))) return [flipped.has(name) ? dashed(found[1]) : OUTSIDE];
	return name.endsWith(".evil.test") ? [OUTSIDE] : [];
}

function answer(packet: Buffer): Buffer {
	const labels: string[] = [];
	let at = 12;
	for (; packet[at]; at += packet[at] + 1) labels.push(packet.toString("latin1", at + 1, at + 1 + packet[at]));
	const type = packet.readUInt16BE(at + 1);
	const name = labels.join(".").toLowerCase();
	appendFileSync(questions, `${name} ${type}\n`);
	const addresses = addressesOf(name);
	const fitting = addresses.filter((address) => (type === 1) === address.includes("."));
	if (type === 1 && name.startsWith("flip-")) flipped.add(name);
	const head = Buffer.from(packet.subarray(0, at + 5));
	head.writeUInt16BE(addresses.length ? 0x8180 : 0x8183, 2);
	head.writeUInt16BE(fitting.length, 6);
	head.writeUInt32BE(0, 8);
	const records = fitting.map((address) => {
		const data = type === 1 ? Buffer.from(address.split(".").map(Number)) : Buffer.from(address, "hex");
		return Buffer.concat([Buffer.from([0xc0, 12, 0, type, 0, 1, 0, 0, 0, 0, 0, data.length]), data]);
	});
	return Buffer.concat([head, ...records]);
}

if (role === "outside") {
	serve(OUTSIDE, "outside");
} else {
	serve("::", "inside");
	await Bun.udpSocket({
		port: 53,
		hostname: "127.0.0.1",
		socket: { data: (socket, packet, port, address) => void socket.send(answer(Buffer.from(packet)), port, address) },
	});
}
console.log("ready");
