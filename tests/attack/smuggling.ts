// SPDX-License-Identifier: GPL-3.0-or-later
// smuggling.ts APP-URL SOCKET: requests and responses that two parsers could read differently, sent to
// the edge and to a connection's socket of tests/kits/hostile.
import { bystander, edge, app, exchange, ok, statuses, type Where } from "./lib/wire.ts";

const SMUGGLED = (prefix: string) => `GET ${prefix}/smuggled HTTP/1.1\r\nHost: ${app.host}\r\n\r\n`;

/** What stands between the request line with Host and the smuggled request. */
const requests: Record<string, string> = {
	"a length and a coding": "Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
	"a coding and a length": "Transfer-Encoding: chunked\r\nContent-Length: 6\r\n\r\n0\r\n\r\n",
	"two lengths": "Content-Length: 0\r\nContent-Length: 44\r\n\r\n",
	"the same length twice": "Content-Length: 5\r\nContent-Length: 5\r\n\r\nabcde",
	"a list of lengths": "Content-Length: 5, 5\r\n\r\nabcde",
	"a length with a plus": "Content-Length: +5\r\n\r\nabcde",
	"a negative length": "Content-Length: -5\r\n\r\n",
	"a length in hexadecimal": "Content-Length: 0x5\r\n\r\nabcde",
	"a length with a space in it": "Content-Length: 5 0\r\n\r\nabcde",
	"a length with a point": "Content-Length: 5.0\r\n\r\nabcde",
	"an empty length": "Content-Length:\r\n\r\n",
	"a length that overflows": "Content-Length: 18446744073709551621\r\n\r\nabcde",
	"a length of digits that are none": "Content-Length: \xb2\r\n\r\nab",
	"a space before the colon": "Content-Length : 44\r\n\r\n",
	"a tab before the colon": "Transfer-Encoding\t: chunked\r\n\r\n0\r\n\r\n",
	"a folded line": "X: a\r\n Content-Length: 44\r\n\r\n",
	"a folded coding": "Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n",
	"a line that begins with a space": " Content-Length: 44\r\n\r\n",
	"a bare LF behind a field": "X: a\nContent-Length: 44\r\n\r\n",
	"bare LFs at the end": "X: a\n\n",
	"a bare CR in a value": "X: a\rContent-Length: 44\r\n\r\n",
	"a bare CR behind a field": "X: a\r\rContent-Length: 44\r\n\r\n",
	"NUL in a value": "X: a\0b\r\n\r\n",
	"NUL in a name": "Content-Length\0: 44\r\n\r\n",
	"a vertical tab in a coding": "Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n",
	"an 8-bit name": "Content-L\xe9ngth: 44\r\n\r\n",
	"an empty name": ": 44\r\n\r\n",
	"a line without a colon": "Content-Length 44\r\n\r\n",
	"a coding that is not known": "Transfer-Encoding: gzip\r\n\r\n",
	"chunked and something else": "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
	"chunked twice": "Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n",
	"two codings": "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n",
	"a coding in quotes": 'Transfer-Encoding: "chunked"\r\n\r\n0\r\n\r\n',
	"a coding with a parameter": "Transfer-Encoding: chunked;q=1\r\n\r\n0\r\n\r\n",
	"a second Host": "Host: other\r\n\r\n",
	"an expectation that is not known": "Expect: 200-ok\r\nContent-Length: 1\r\n\r\na",
};

/** Bodies in the chunked coding: the head is fine, so the workload may have seen it. */
const chunked: Record<string, string> = {
	"a size with 0x": "0x5\r\nabcde\r\n0\r\n\r\n",
	"a size with a sign": "+5\r\nabcde\r\n0\r\n\r\n",
	"a negative size": "-5\r\nabcde\r\n0\r\n\r\n",
	"an empty size": "\r\nabcde\r\n0\r\n\r\n",
	"a space before a size": " 5\r\nabcde\r\n0\r\n\r\n",
	"a space behind a size": "5 \r\nabcde\r\n0\r\n\r\n",
	"a size that overflows": "10000000000000005\r\nabcde\r\n0\r\n\r\n",
	"a size of many zeros": `${"0".repeat(300)}5\r\nabcde\r\n0\r\n\r\n`,
	"a size with an underscore": "1_0\r\nabcdefghijklmnop\r\n0\r\n\r\n",
	"a bare LF behind a size": "5\nabcde\r\n0\r\n\r\n",
	"a bare CR behind a size": "5\rabcde\r\n0\r\n\r\n",
	"a chunk that is longer than said": "5\r\nabcdefg\r\n0\r\n\r\n",
	"no CR LF behind a chunk": "5\r\nabcde0\r\n\r\n",
	"a bare LF behind a chunk": "5\r\nabcde\n0\r\n\r\n",
	"a bare LF in an extension": "5;a\nb\r\nabcde\r\n0\r\n\r\n",
	"a bare CR in an extension": "5;a\rb\r\nabcde\r\n0\r\n\r\n",
	"NUL in an extension": "5;a\0\r\nabcde\r\n0\r\n\r\n",
	"an extension without end": `5;${"a".repeat(400)}\r\nabcde\r\n0\r\n\r\n`,
	"a bare LF at the end": "0\n\n",
	"a folded trailer": "0\r\nX: a\r\n b\r\n\r\n",
	"a trailer without a colon": "0\r\nContent-Length\r\n\r\n",
	"a space before a trailer's colon": "0\r\nContent-Length : 5\r\n\r\n",
	"a bare LF in a trailer": "0\r\nX: a\nY: b\r\n\r\n",
	"trailers without end": `0\r\nX: ${"a".repeat(9000)}\r\n\r\n`,
};

const lines: Record<string, string> = {
	"no version": "GET %/",
	"another protocol": "GET %/ HTCPCP/1.1",
	"HTTP/2.0 by name": "GET %/ HTTP/2.0",
	"HTTP/1.10": "GET %/ HTTP/1.10",
	"a lower-case version": "GET %/ http/1.1",
	"two spaces": "GET  %/ HTTP/1.1",
	"a tab": "GET\t%/ HTTP/1.1",
	"a space behind the version": "GET %/ HTTP/1.1 ",
	"a space in the target": "GET %/a b HTTP/1.1",
	"a method that is no token": "G(T %/ HTTP/1.1",
	"an empty line before": "\r\nGET %/ HTTP/1.1",
	"a bare LF before": "\nGET %/ HTTP/1.1",
	"NUL in the target": "GET %/\0 HTTP/1.1",
	"8-bit in the target": "GET %/\xe9 HTTP/1.1",
	"CONNECT": "CONNECT %host HTTP/1.1",
};

function judge(name: string, answer: { text: string; closed: boolean }, smuggledSeen: boolean) {
	const got = statuses(answer.text);
	const refused = got.length === 1 && got[0] >= 400 && got[0] < 600 && got[0] !== 404;
	ok(name, (!refused && `it got ${answer.text}`) || (!answer.closed && "the connection stays open") || (smuggledSeen && "smuggled"));
}

async function seen(): Promise<number> {
	return Number(await (await fetch(new URL("/count", app))).text());
}

async function attackFront(label: string, where: Where, prefix: string) {
	const head = `POST ${prefix}/x HTTP/1.1\r\nHost: ${app.host}\r\n`;
	const smuggled = SMUGGLED(prefix);
	const tryOne = async (name: string, bytes: string) => {
		const before = await seen();
		const answer = await exchange(where, bytes + smuggled);
		judge(`${label}: ${name}`, answer, (await seen()) > before);
	};
	for (const [name, rest] of Object.entries(requests)) await tryOne(name, head + rest);
	for (const [name, rest] of Object.entries(chunked))
		await tryOne(name, `${head}Transfer-Encoding: chunked\r\n\r\n${rest}`);
	for (const [name, line] of Object.entries(lines)) {
		const first = line.replace("%host", app.host).replace("%", prefix);
		await tryOne(name, `${first}\r\nHost: ${app.host}\r\n\r\n`);
	}
	await tryOne("no Host", `GET ${prefix}/x HTTP/1.1\r\n\r\n`);
	await tryOne("a coding in HTTP/1.0", `POST ${prefix}/x HTTP/1.0\r\nHost: ${app.host}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`);
	await tryOne("HTTP/2 without TLS inside of a path", `PRI ${prefix}/* HTTP/2.0\r\n\r\nSM\r\n\r\n`);

	// What is no attack keeps working: trailers that look like framing are dropped, whole.
	const trailers = await exchange(where, `${head}Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n3\r\nabc\r\n0\r\nContent-Length: 99\r\nTransfer-Encoding: x\r\n\r\n`);
	ok(`${label}: trailers named like framing are dropped`, (statuses(trailers.text)[0] !== 200 || /"content-length":"99"/.test(trailers.text)) && trailers.text);
	const two = await exchange(where, `${head}Upgrade: websocket\r\nConnection: upgrade\r\nContent-Length: 5\r\n\r\nabcdeGET ${prefix}/second HTTP/1.1\r\nHost: ${app.host}\r\nConnection: close\r\n\r\n`);
	ok(`${label}: an Upgrade with a body is one request, then comes the next`,
		!(two.closed && (statuses(two.text).join() === "200,200" ? two.text.includes('"abcde"') && two.text.includes("/second") : statuses(two.text).length === 1)) && two.text);
}

/** For a WebSocket, with a key whose answer is known (RFC 6455, section 1.3). */
const UPGRADE = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

/** What stands behind an upgrade that the workload refuses is a request like any other, and comes once. */
async function attackUpgrade(label: string, where: Where, prefix: string) {
	const before = await seen();
	const next = `GET ${prefix}/last HTTP/1.1\r\nHost: ${app.host}\r\nConnection: close\r\n\r\n`;
	const answer = await exchange(where, `GET ${prefix}/x HTTP/1.1\r\nHost: ${app.host}\r\n${UPGRADE}\r\n${SMUGGLED(prefix)}${next}`);
	const urls = [...answer.text.matchAll(/"url":"[^"]*?(\/\w+)"/g)].map((m) => m[1]).join();
	const came = (await seen()) - before;
	ok(`${label}: behind a refused upgrade each request gets its own answer`,
		(statuses(answer.text).join() !== "200,200,200" || urls !== "/x,/smuggled,/last" || came !== 1) && `${came} ${answer.text}`);
}

/** Answers to an upgrade that open nothing. */
const switches: Record<string, string> = {
	"without an answer to its key": "Upgrade: websocket\r\nConnection: Upgrade\r\n",
	"with the answer to another key": "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: HSmrc0sMlYUkAGmm5OPpG2HaGWk=\r\n",
	"to another protocol": "Upgrade: h2c\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n",
	"to two protocols": "Upgrade: websocket\r\nUpgrade: h2c\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n",
	"without Connection": "Upgrade: websocket\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n",
};

/** Answers of the workload; `wanted` is what may come out at the edge. */
const OK = "HTTP/1.1 200 OK\r\n";
const responses: Record<string, string> = {
	"a length and a coding": `${OK}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
	"two lengths": `${OK}Content-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef`,
	"a length with a sign": `${OK}Content-Length: +5\r\n\r\nabcde`,
	"a length that overflows": `${OK}Content-Length: 99999999999999999999\r\n\r\nabcde`,
	"another coding": `${OK}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n`,
	"a folded line": `${OK}X: a\r\n b\r\nContent-Length: 0\r\n\r\n`,
	"a space before the colon": `${OK}Content-Length : 5\r\n\r\nabcde`,
	"a bare LF": `${OK}X: a\nX-Injected: 1\r\nContent-Length: 0\r\n\r\n`,
	"a bare CR": `${OK}X: a\rX-Injected: 1\r\nContent-Length: 0\r\n\r\n`,
	"NUL": `${OK}X: a\0b\r\nContent-Length: 0\r\n\r\n`,
	"a status of four digits": "HTTP/1.1 2000 OK\r\nContent-Length: 0\r\n\r\n",
	"a status below all": "HTTP/1.1 099 OK\r\nContent-Length: 0\r\n\r\n",
	"no status": "HTTP/1.1 OK\r\nContent-Length: 0\r\n\r\n",
	"another version": "HTTP/3.0 200 OK\r\nContent-Length: 0\r\n\r\n",
	"no head at all": "abcde\r\n\r\n",
	"an upgrade that nobody asked for": "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
	"interim responses without end": "HTTP/1.1 103 Early Hints\r\nX: y\r\n\r\n".repeat(5000),
	"fields without end": `${OK}${"X: y\r\n".repeat(500)}\r\n`,
};

async function attackBack() {
	const ask = (answer: string, more = "", method = "GET") =>
		`${method} /raw/x HTTP/1.1\r\nHost: ${app.host}\r\nX-Answer: ${Buffer.from(answer, "latin1").toString("base64")}\r\n${more}\r\n`;
	const next = `GET /next HTTP/1.1\r\nHost: ${app.host}\r\nConnection: close\r\n\r\n`;
	const good = () => exchange(edge, ask(`${OK}Content-Length: 4\r\n\r\nmine`, "Connection: close\r\n"));
	for (const [name, answer] of Object.entries(responses)) {
		await good(); // between failures, or the circuit opens and the workload is not asked
		const bytes = answer.length > 20000 ? answer.slice(0, 20000) : answer;
		const got = await exchange(edge, ask(bytes) + next);
		const final = statuses(got.text).filter((s) => s >= 200);
		ok(`response: ${name}`, (final[0] !== 502 || /x-injected/i.test(got.text)) && got.text);
		ok(`response: ${name}: the next request gets its own answer`, final.length > 1 && !got.text.includes('/next') && got.text);
	}
	for (const [name, fields] of Object.entries(switches)) {
		await good();
		const got = await exchange(edge, ask(`HTTP/1.1 101 Switching Protocols\r\n${fields}\r\nsmuggled`, UPGRADE) + next);
		ok(`response: a switch ${name}`, (statuses(got.text).find((s) => s >= 200) !== 502 || got.text.includes("smuggled") || statuses(got.text).includes(101)) && got.text);
	}
	const cut = await exchange(edge, ask(`${OK}Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nzz\r\n`) + next);
	ok("response: a broken chunk cuts the answer and the connection", statuses(cut.text)[0] !== 502 && (!cut.closed || /\r\n0\r\n\r\n/.test(cut.text) || cut.text.includes("/next")) && cut.text);
	for (const [name, answer, method] of [
		["bytes behind its end", `${OK}Content-Length: 3\r\n\r\nabc${OK}Content-Length: 8\r\n\r\nsmuggled`, "GET"],
		["bytes behind a HEAD's", `${OK}Content-Length: 50\r\n\r\n${OK}Content-Length: 8\r\n\r\nsmuggled`, "HEAD"],
		["bytes behind a 204", `HTTP/1.1 204 No Content\r\n\r\n${OK}Content-Length: 8\r\n\r\nsmuggled`, "GET"],
		["bytes behind a 304", `HTTP/1.1 304 Not Modified\r\n\r\n${OK}Content-Length: 8\r\n\r\nsmuggled`, "GET"],
	]) {
		let got = "";
		for (let i = 0; i < 5; i++) {
			got += (await exchange(edge, ask(answer, "X-Keep: 1\r\nConnection: close\r\n", method))).text;
			got += (await good()).text;
		}
		ok(`response: ${name} reach nobody`, (got.includes("smuggled") || got.split("mine").length !== 6) && got);
	}
}

const others = bystander();
await attackFront("edge", edge, "");
await attackFront("connection", { path: process.argv[3] }, "/http");
await attackUpgrade("edge", edge, "");
await attackUpgrade("connection", { path: process.argv[3] }, "/http");
await attackBack();
await others("all-the-while-others-are-served");
