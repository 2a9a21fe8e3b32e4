// SPDX-License-Identifier: GPL-3.0-or-later
// Archives that no packer makes: tar.ts FOLDER OUTSIDE writes one for each case into FOLDER, and prints a
// line for each: its name, a tab, what the refusal says. OUTSIDE is a folder that nothing may be written to.
const [folder, outside] = process.argv.slice(2);

type Entry = { name: string; type?: string; body?: string | Uint8Array; link?: string; mode?: number; size?: number };

const FILE = "0", HARD = "1", SYMLINK = "2", TTY = "3", DISK = "4", FOLDER = "5", PIPE = "6";
const text = new TextEncoder();

function header(entry: Entry, size: number): Uint8Array {
	const block = new Uint8Array(512);
	const put = (at: number, value: string | Uint8Array) => block.set(typeof value === "string" ? text.encode(value) : value, at);
	const octal = (at: number, length: number, value: number) => put(at, value.toString(8).padStart(length - 1, "0"));
	put(0, text.encode(entry.name).subarray(0, 100));
	octal(100, 8, entry.mode ?? 0o644);
	octal(108, 8, 0);
	octal(116, 8, 0);
	octal(124, 12, size);
	octal(136, 12, 0);
	put(148, "        ");
	put(156, entry.type ?? FILE);
	put(157, text.encode(entry.link ?? "").subarray(0, 100));
	put(257, "ustar\0");
	put(263, "00");
	put(148, block.reduce((sum, byte) => sum + byte, 0).toString(8).padStart(6, "0") + "\0 ");
	return block;
}

const pad = (bytes: Uint8Array) => new Uint8Array(Math.ceil(bytes.length / 512) * 512).fill(0).map((_, i) => bytes[i] ?? 0);

function pax(records: Record<string, string>): Uint8Array[] {
	let body = "";
	for (const [key, value] of Object.entries(records)) {
		const rest = ` ${key}=${value}\n`;
		let length = text.encode(rest).length;
		while (String(length).length + text.encode(rest).length !== length) length = String(length).length + text.encode(rest).length;
		body += length + rest;
	}
	const bytes = text.encode(body);
	return [header({ name: "PaxHeader", type: "x" }, bytes.length), pad(bytes)];
}

function tar(entries: Entry[]): Uint8Array {
	const parts: Uint8Array[] = [];
	for (const entry of entries) {
		const body = typeof entry.body === "string" ? text.encode(entry.body) : (entry.body ?? new Uint8Array());
		const records: Record<string, string> = {};
		if (text.encode(entry.name).length > 100) records.path = entry.name;
		if (text.encode(entry.link ?? "").length > 100) records.linkpath = entry.link!;
		if (Object.keys(records).length) parts.push(...pax(records));
		parts.push(header(entry, entry.size ?? body.length));
		if (body.length) parts.push(pad(body));
	}
	parts.push(new Uint8Array(1024));
	return Buffer.concat(parts);
}

const MANIFEST = `version: '1'
name: hostile
workloads:
  one: { endpoints: [http], runtime: { source: { toolchain: bun, start: { command: bun run index.ts } } } }
`;
const kit: Entry[] = [
	{ name: "capability.yml", body: MANIFEST },
	{ name: "workloads/one/index.ts", body: "Bun.serve({});\n" },
];
const up = "../".repeat(20);
const link = (name: string, to: string): Entry => ({ name, type: SYMLINK, link: to });
const file = (name: string): Entry => ({ name, body: "escaped" });

// name: [entries behind the Kit's own, what the refusal says]
const cases: Record<string, [Entry[], string]> = {
	"dot-dot": [[file(`${up}${outside}/escaped`)], 'its name has ".."'],
	"dot-dot-in-the-middle": [[file(`workloads/${up}${outside}/escaped`)], 'its name has ".."'],
	"dot-dot-behind-a-dot": [[file(`./${up}${outside}/escaped`)], 'its name has ".."'],
	absolute: [[file(`${outside}/escaped`)], "its name is absolute"],
	"absolute-behind-a-dot": [[file(`./${outside}/escaped`)], "empty component"],
	"folder-outside": [[{ name: `${up}${outside}/escaped/`, type: FOLDER }], 'its name has ".."'],
	"symlink-out": [[link("way", outside), file("way/escaped")], "it is a symlink to an absolute path"],
	"symlink-out-upwards": [[link("way", `${up}${outside}`), file("way/escaped")], "leads out of the Kit"],
	"symlink-inside": [[{ name: "real/", type: FOLDER, mode: 0o755 }, link("way", "real"), file("way/escaped")], "lies below way, which is no folder"],
	"symlink-over-a-folder": [[{ name: "way/", type: FOLDER, mode: 0o755 }, link("way", "."), file("way/escaped")], "it is there twice"],
	"symlink-then-the-file": [[link("way", "workloads"), file("way")], "it is there twice"],
	"symlink-in-two-steps": [[link("a", "."), link("a/b", ".."), file("a/b/escaped")], "lies below a, which is no folder"],
	"hard-link-out": [[{ name: "hard", type: HARD, link: "/etc/passwd" }], "it is a hard link"],
	"hard-link-inside": [[{ name: "hard", type: HARD, link: "capability.yml" }], "it is a hard link"],
	"hard-link-through-a-symlink": [[link("way", "workloads"), { name: "hard", type: HARD, link: "way/one/index.ts" }], "it is a hard link"],
	disk: [[{ name: "disk", type: DISK }], "it is a device"],
	terminal: [[{ name: "tty", type: TTY }], "it is a device"],
	pipe: [[{ name: "pipe", type: PIPE }], "it is a pipe"],
	"set-uid": [[{ ...file("su"), mode: 0o4755 }], "it has a set-uid"],
	"set-gid": [[{ ...file("sg"), mode: 0o2755 }], "it has a set-uid"],
	sticky: [[{ name: "st/", type: FOLDER, mode: 0o1777 }], "it has a set-uid"],
	twice: [[file("capability.yml")], "it is there twice"],
	"twice-with-a-dot": [[file("./capability.yml")], "it is there twice"],
	"other-case": [[file("Capability.YML")], "differ only in case"],
	"other-case-of-a-folder": [[file("Workloads/one/x")], "differ only in case"],
	"other-case-beyond-ascii": [[file("é"), file("É")], "differ only in case"],
	"file-as-a-folder": [[file("capability.yml/x")], "which is no folder"],
	"folder-as-a-file": [[file("workloads")], "it is there twice"],
	git: [[file(".git/hooks/post-checkout")], "its name has .git"],
	"git-in-capitals": [[file("x/.GIT/config")], "its name has .git"],
	"terminal-escapes": [[file("\x1b]0;title\x07x")], "cannot be shown"],
	"not-utf-8": [[{ name: "x", body: "" }], "no UTF-8"],
	"hidden-direction": [[file("a\u202etxt.exe")], "cannot be shown"],
	"long-name": [[file("x".repeat(300))], "component of more than 255 bytes"],
	"long-path": [[file("x/".repeat(600) + "y")], "more than 1024 bytes"],
	deep: [[file("x/".repeat(70) + "y")], "folders deep"],
	"larger-than-it-is": [[{ name: "huge", size: 8 ** 11 - 1 }], "damaged"],
};

for (const [name, [entries, says]] of Object.entries(cases)) {
	let bytes = tar([...kit, ...entries]);
	if (name === "not-utf-8") { // the last header, whose name is one byte
		const at = bytes.length - 1024 - 512;
		bytes[at] = 0xff;
		bytes.set(text.encode("        "), at + 148);
		const sum = bytes.subarray(at, at + 512).reduce((total, byte) => total + byte, 0);
		bytes.set(text.encode(sum.toString(8).padStart(6, "0") + "\0 "), at + 148);
	}
	await Bun.write(`${folder}/${name}.capakit`, bytes);
	console.log(`${name}\t${says}`);
}

// What is large is made of frames, which the formats let one append to each other.
const many = Bun.zstdCompressSync(Buffer.concat(Array.from({ length: 100_000 }, (_, i) => header({ name: `n${i}` }, 0))));
await Bun.write(`${folder}/ten-million-entries.capakit`, Buffer.concat(Array(100).fill(many)));
console.log("ten-million-entries\tmore than 100000 entries");
const zeros = 6 * 1024 ** 3;
const bomb = [Bun.zstdCompressSync(Buffer.concat([tar(kit).subarray(0, -1024), header({ name: "zeros" }, zeros)]))];
bomb.push(...Array(zeros / 2 ** 26).fill(Bun.zstdCompressSync(new Uint8Array(2 ** 26))));
await Bun.write(`${folder}/bomb.capakit`, Buffer.concat(bomb));
console.log("bomb\ta bomb");
const twice = Bun.gzipSync(Bun.gzipSync(tar(kit)));
await Bun.write(`${folder}/compressed-twice.capakit`, twice);
console.log("compressed-twice\tcompressed more than once");
await Bun.write(`${folder}/good.capakit`, Bun.zstdCompressSync(tar(kit)));
