// SPDX-License-Identifier: GPL-3.0-or-later
// leaks.ts CONTROLLER-PID EXCEPT-PIDS FOLDER...: looks for the value on standard input, plain, in base64,
// hexadecimal and URL-encoded, and prints where it is: files below the folders; arguments and
// environments of all processes that may be read; memory of the controller and its descendants, if this
// is root, but for those excepted and theirs.
import { type Dirent, closeSync, openSync, readFileSync, readSync, readdirSync } from "node:fs";

const value = Buffer.from(await Bun.stdin.bytes());
const [controller, except, ...folders] = process.argv.slice(2);
const PART = 1 << 20;
const PAGE = Number(Bun.spawnSync(["getconf", "PAGESIZE"]).stdout);
const PRESENT_OR_SWAPPED = 0xc0; // of the last byte of an entry, proc_pid_pagemap(5)

/** In base64 a value looks different at each of three positions; only what does not depend on neighbours. */
function base64Forms(): Buffer[] {
	return [0, 1, 2].map((shift) => {
		const text = Buffer.concat([Buffer.alloc(shift), value]).toString("base64");
		const whole = Math.floor(((shift + value.length) * 8) / 6);
		return Buffer.from(text.slice(Math.ceil((shift * 8) / 6), whole));
	});
}

const forms = [
	value,
	...base64Forms(),
	Buffer.from(value.toString("hex")),
	Buffer.from(value.toString("hex").toUpperCase()),
	Buffer.from(encodeURIComponent(value.toString())),
];

function holds(bytes: Buffer): boolean {
	return forms.some((form) => bytes.includes(form));
}

function fileHolds(path: string): boolean {
	try {
		return holds(readFileSync(path));
	} catch {
		return false; // gone, or not ours to read
	}
}

/** The stretches of a range that are in memory, or were moved out of it: most of a Bun's was never touched. */
function* touched(pagemap: number, from: number, to: number): Generator<[number, number]> {
	const entries = Buffer.alloc(((to - from) / PAGE) * 8);
	const n = readSync(pagemap, entries, 0, entries.length, (from / PAGE) * 8) / 8;
	const isTouched = (page: number) => page < n && (entries[page * 8 + 7] & PRESENT_OR_SWAPPED) !== 0;
	for (let page = 0; page < n; page++) {
		const first = page;
		while (isTouched(page)) page++;
		if (page > first) yield [from + first * PAGE, from + page * PAGE];
	}
}

function rangeHolds(memory: number, from: number, to: number): boolean {
	const overlap = 256;
	const part = Buffer.alloc(PART + overlap);
	for (let at = from; at < to; at += PART) {
		try {
			const n = readSync(memory, part, 0, Math.min(part.length, to - at), at);
			if (holds(part.subarray(0, n))) return true;
		} catch {
			return false; // a range that cannot be read
		}
	}
	return false;
}

function memoryHolds(pid: string): boolean {
	const [memory, pagemap] = ["mem", "pagemap"].map((file) => openSync(`/proc/${pid}/${file}`, "r"));
	const found = readFileSync(`/proc/${pid}/maps`, "latin1")
		.split("\n")
		.map((line) => line.match(/^([0-9a-f]+)-([0-9a-f]+) rw/))
		.flatMap((range) => (range ? [...touched(pagemap, parseInt(range[1], 16), parseInt(range[2], 16))] : []))
		.some(([from, to]) => rangeHolds(memory, from, to));
	[memory, pagemap].forEach((fd) => closeSync(fd));
	return found;
}

const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name) && name !== String(process.pid));

function parentOf(pid: string): string {
	try {
		return readFileSync(`/proc/${pid}/stat`, "latin1").replace(/.*\) . /, "").split(" ")[0];
	} catch {
		return "0";
	}
}

function descendsFrom(pid: string, ancestors: string[]): boolean {
	for (; pid !== "0"; pid = parentOf(pid)) if (ancestors.includes(pid)) return true;
	return false;
}

function searchFolder(folder: string): void {
	let entries: Dirent[] = [];
	try {
		entries = readdirSync(folder, { withFileTypes: true });
	} catch {} // gone, or closed to everybody, as an overlay's work folder is
	for (const entry of entries) {
		const path = `${folder}/${entry.name}`;
		if (entry.isDirectory()) searchFolder(path);
		else if (entry.isFile() && fileHolds(path)) console.log(path);
	}
}

folders.forEach(searchFolder);
for (const pid of pids)
	for (const what of ["cmdline", "environ"])
		if (fileHolds(`/proc/${pid}/${what}`)) console.log(`/proc/${pid}/${what}`);
if (process.getuid!() === 0 && controller)
	for (const pid of pids.filter((p) => descendsFrom(p, [controller])))
		if (!descendsFrom(pid, except.split(",")) && memoryHolds(pid))
			console.log(`memory of ${pid}: ${readFileSync(`/proc/${pid}/comm`, "latin1").trim()}`);
