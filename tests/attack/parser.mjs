// SPDX-License-Identifier: GPL-3.0-or-later
// parser.mjs COUNT SEED PARSER [BUN]: generates requests, and for each that the product's parser (PARSER)
// takes asks Node's own, when Node runs this, or Bun's: both must read the same method, target, fields and
// body. Prints the first differences, and how many requests each took.
import { spawnSync } from "node:child_process";
import { createServer } from "node:http";
import { connect } from "node:net";

const [count, seed, parser] = [Number(process.argv[2]), Number(process.argv[3]), process.argv[4]];
let state = seed >>> 0;

/** Mulberry32: the same numbers for the same seed, everywhere. */
function random(n) {
	state = (state + 0x6d2b79f5) >>> 0;
	let t = Math.imul(state ^ (state >>> 15), 1 | state);
	t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
	return ((t ^ (t >>> 14)) >>> 0) % n;
}
const pick = (list) => list[random(list.length)];
const sometimes = (percent, text, other = "") => (random(100) < percent ? text : other);

const methods = ["GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH", "PROPFIND", "get", "FOO", "G@T", ""];
const targets = ["/", "/a", "/a?b=c&d", "/a/../b", "/%2e%2e/x", "//x", "/a;b", "/a%00b", "*", "http://h/x", "/a\\b",
	"/a#b", "/~!$&'()*+,;=:@", "/a b", "/\xe9", "/" + "a".repeat(300), "", "h:80", "/a\tb", "/\"<>^`{|}"];
const versions = ["HTTP/1.1", "HTTP/1.1", "HTTP/1.1", "HTTP/1.1", "HTTP/1.0", "HTTP/1.2", "HTTP/2.0", "http/1.1", "HTTP/1.1 ", "HTTP/01.1"];
const names = ["X", "x-y", "Accept", "Cookie", "cookie", "X_Y", "Connection", "Keep-Alive", "TE", "Trailer", "Expect",
	"Upgrade", "Content-Length", "Transfer-Encoding", "Host", "X!#$%&'*+-.^_`|~", "X Y", "X:", "X\0", "\xe9", ""];
const values = ["a", "", "  a  ", "\ta\t", "a b", "a\tb", "close", "keep-alive", "chunked", "Chunked", "5", "0", "05", "+5",
	"5, 5", "a\0b", "a\x0bb", "\xe9\xff", "a\x7fb", "a:b", '"q"', "100-continue", "trailers", "websocket", "\x0b5", "5 "];
const ends = ["\r\n", "\r\n", "\r\n", "\r\n", "\r\n", "\r\n", "\r\n", "\r\n", "\r\n", "\r\n", "\n", "\r", "\r\n ", "\r\r\n", "\n\r\n"];
const sizes = ["5", "05", "0005", "5;x", "5;x=y", '5;x="y z"', "5 ;x", "5; x", "5 ", " 5", "0x5", "+5", "5;", "5;x=\xe9", "5;\tx", "5g"];
const chunkEnds = ["\r\n", "\r\n", "\r\n", "\r\n", "\r\n", "\n", "\r", ""];

function chunkedBody() {
	let text = "";
	for (let i = random(3); i > 0; i--)
		text += sometimes(60, "5", pick(sizes)) + sometimes(80, "\r\n", pick(chunkEnds)) + "abcde" + sometimes(80, "\r\n", pick(chunkEnds));
	text += sometimes(80, "0", pick(["00", "0;x", "0 ", "", "-0"])) + sometimes(90, "\r\n", pick(chunkEnds));
	for (let i = sometimes(20, 1, 0); i > 0; i--) text += pick(names) + ": " + pick(values) + sometimes(90, "\r\n", pick(chunkEnds));
	return text + "\r\n";
}

function generate() {
	const odd = random(100) < 40; // else only what is mostly proper
	const end = () => (odd ? pick(ends) : "\r\n");
	let text = odd ? `${pick(methods)}${sometimes(95, " ", "\t")}${pick(targets)} ${pick(versions)}${end()}`
		: `${pick(methods.slice(0, 8))} ${pick(targets.slice(0, 7))} HTTP/1.1\r\n`;
	text += sometimes(95, `Host: ${pick(["h", "h:80", "h", "h", "[::1]:80", "h/x", "u@h", ""])}\r\n`);
	for (let i = random(4); i > 0; i--)
		text += `${odd ? pick(names) : pick(names.slice(0, 6))}${sometimes(odd ? 5 : 0, " ")}:${sometimes(80, " ")}${odd ? pick(values) : pick(values.slice(0, 6))}${end()}`;
	const body = random(4);
	if (body === 1) return `${text}Content-Length: 5\r\n\r\nabcde`;
	if (body === 2) return `${text}Transfer-Encoding: ${sometimes(90, "chunked", pick(values))}\r\n\r\n${chunkedBody()}`;
	if (body === 3 && odd) return `${text}Content-Length: ${pick(values)}\r\n\r\nabcde`;
	return `${text}\r\n`;
}

const corpus = Array.from({ length: count }, generate);
const input = Buffer.concat(corpus.flatMap((text) => [Buffer.from(`${Buffer.byteLength(text, "latin1")}\n`), Buffer.from(text, "latin1")]));
const run = spawnSync(parser, { input, maxBuffer: 1 << 28 });
const ours = run.stdout.toString().trim().split("\n").map((line) => JSON.parse(line));
if (run.status !== 0 || ours.length !== count) throw new Error(`the parser ended with ${run.status} after ${ours.length}`);

// The other: the first request that it sees on a connection, or nothing.
const seen = new Map();
let n = 0;
const latin = (text) => Buffer.from(text, "latin1").toString("latin1");
const server = createServer({ insecureHTTPParser: false, requireHostHeader: true }, (request, response) => {
	const id = request.socket.remotePort;
	const parts = [];
	const record = () => {
		if (seen.has(id)) return;
		const fields = [];
		for (let i = 0; i < request.rawHeaders.length; i += 2) fields.push([request.rawHeaders[i].toLowerCase(), latin(request.rawHeaders[i + 1])]);
		seen.set(id, { method: request.method, target: request.url, fields, body: Buffer.concat(parts).toString("latin1") });
	};
	request.on("data", (part) => parts.push(part));
	request.on("end", () => {
		record();
		response.setHeader("connection", "close");
		response.end();
	});
	request.on("error", () => {});
});
server.on("checkContinue", (request, response) => server.emit("request", request, response));
server.on("checkExpectation", (request, response) => server.emit("request", request, response));
server.on("clientError", (_, socket) => socket.destroy());
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));

function ask(text) {
	return new Promise((resolve) => {
		let id = 0;
		const done = () => {
			clearTimeout(timer);
			socket.destroy();
			resolve(seen.get(id));
		};
		const timer = setTimeout(done, 1500);
		const socket = connect(server.address().port, "127.0.0.1", () => {
			id = socket.localPort;
			seen.delete(id);
			socket.write(Buffer.from(text, "latin1"));
		});
		socket.on("data", () => {});
		socket.on("error", done);
		socket.on("close", done);
	});
}

const isBun = Boolean(process.versions.bun);
/** Bun joins fields of one name; compared by name then. */
function canonical(fields) {
	if (!isBun) return JSON.stringify(fields);
	const all = new Map();
	for (const [name, value] of fields) all.set(name, all.has(name) ? `${all.get(name)}${name === "cookie" ? "; " : ", "}${value}` : value);
	return JSON.stringify([...all].sort());
}

let taken = 0;
let refused = 0;
let different = 0;
for (let i = 0; i < count; i++) {
	if (!ours[i].method) continue;
	taken++;
	const theirs = await ask(corpus[i]);
	if (!theirs) {
		refused++; // ours takes what they do not: no second reading
		if (process.env.SHOW_REFUSED) console.log(`# refused: ${JSON.stringify(corpus[i])}`);
		continue;
	}
	const same = theirs.method === ours[i].method && theirs.target === ours[i].target && theirs.body === ours[i].body &&
		canonical(theirs.fields) === canonical(ours[i].fields);
	if (!same && different++ < 10)
		console.log(`# ${JSON.stringify(corpus[i])}\n#  ours ${JSON.stringify(ours[i])}\n#  theirs ${JSON.stringify(theirs)}`);
}
console.log(`# ${count} requests, ours took ${taken}; of these the other refused ${refused} and read ${different} differently`);
const name = isBun ? "bun" : "node";
console.log(`${taken > count / 10 && taken - refused > count / 20 ? "ok" : "not ok"} ${name}-takes-enough-of-them${taken > count / 10 ? "" : ": too few"}`);
console.log(different ? `not ok ${name}-reads-the-same: ${different} differ` : `ok ${name}-reads-the-same`);
process.exit(different ? 1 : 0);
