// SPDX-License-Identifier: GPL-3.0-or-later
// For attacks on HTTP: bytes on a socket of the app, and somebody else who goes on meanwhile.
import { connect, type Socket } from "node:net";

export type Where = { host: string; port: number } | { path: string };

export const app = new URL(process.argv[2]);
export const edge: Where = { host: app.hostname, port: Number(app.port) };

export function ok(name: string, wrong?: string | false) {
	const failed = typeof wrong === "string"; // also an empty one: nothing came
	console.log(failed ? `not ok ${name}: ${JSON.stringify(wrong).slice(0, 400)}` : `ok ${name}`);
	if (failed) process.exitCode = 1;
}

export type Answer = { text: string; closed: boolean; ms: number };

/** Writes `bytes` (one character, one byte), and reads until the end or for `wait` ms. */
export function exchange(where: Where, bytes: string, wait = 5000): Promise<Answer> {
	return new Promise((resolve) => {
		const began = performance.now();
		let text = "";
		const done = (closed: boolean) => {
			clearTimeout(timer);
			socket.destroy();
			resolve({ text, closed, ms: performance.now() - began });
		};
		const timer = setTimeout(() => done(false), wait);
		const socket = connect(where as any, () => socket.write(Buffer.from(bytes, "latin1")));
		socket.on("data", (part) => (text += part.toString("latin1")));
		socket.on("error", () => done(true));
		socket.on("close", () => done(true));
	});
}

export const statuses = (text: string) => [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map((m) => Number(m[1]));

/** Requests of somebody else, one after the other, until stopped: how many failed, and the slowest. */
export function bystander() {
	let running = true;
	const seen = { answered: 0, failed: 0, worst: 0 };
	const loop = (async () => {
		while (running) {
			const began = performance.now();
			const response = await fetch(new URL("/bystander", app), { keepalive: false }).catch(() => null);
			if (response?.status === 200 && (await response.json()).method === "GET") seen.answered++;
			else seen.failed++;
			seen.worst = Math.max(seen.worst, performance.now() - began);
			await Bun.sleep(20);
		}
	})();
	return async (name: string, slowest = 3000) => {
		running = false;
		await loop;
		console.log(`# others: ${JSON.stringify(seen)}`);
		ok(name, (seen.failed || !seen.answered || seen.worst > slowest) && JSON.stringify(seen));
	};
}

/** A connection that stays open; `closed` is when it ended. */
export function hold(where: Where, bytes: string, read = true) {
	const began = performance.now();
	const held = { socket: null as unknown as Socket, text: "", closedAfter: Infinity };
	const open = new Promise<typeof held>((resolve) => {
		held.socket = connect(where as any, () => {
			if (!read) held.socket.pause();
			held.socket.write(Buffer.from(bytes, "latin1"));
			resolve(held);
		});
		if (read) held.socket.on("data", (part) => (held.text += part.toString("latin1")));
		else held.socket.pause();
		held.socket.on("error", () => resolve(held));
		held.socket.on("close", () => (held.closedAfter = performance.now() - began));
	});
	return open;
}
