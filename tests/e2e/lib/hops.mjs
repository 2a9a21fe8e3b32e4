// SPDX-License-Identifier: GPL-3.0-or-later
// hops.mjs APP-URL: what HTTP is on its way, over each way through tests/kits/hops, with Node's clients of both
// versions. A case for each thing that may happen to a message (RFC 9110, 9112, 9113).
import http from "node:http";
import http2 from "node:http2";
import net from "node:net";

const app = new URL(process.argv[2]);
const ROUTES = ["/old", "/new", "/past/old", "/past/new"];
const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "REPORT", "M-SEARCH"];
const PATIENCE_MS = 8000;
const TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
let label = "";

function say(name, wrong) {
	const text = wrong === undefined ? "" : JSON.stringify(wrong).slice(0, 400);
	console.log(wrong === undefined ? `ok ${label}: ${name}` : `not ok ${label}: ${name}: ${text}`);
	if (wrong !== undefined) process.exitCode = 1;
}

/** A case: its body throws, or takes too long, or gives what is wrong (undefined: nothing). */
async function check(name, run) {
	let timer;
	const late = new Promise((resolve) => (timer = setTimeout(() => resolve("it does not end"), PATIENCE_MS)));
	say(name, await Promise.race([Promise.resolve().then(run).catch((error) => String(error?.stack ?? error)), late]));
	clearTimeout(timer);
}

const same = (got, wanted) => (JSON.stringify(got) === JSON.stringify(wanted) ? undefined : { got, wanted });
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** What comes of a response, and a way to wait for parts of it. */
class Answer {
	interim = [];
	body = "";
	trailers = {};
	ended = false;
	error;
	#looks = [];
	changed() {
		this.#looks = this.#looks.filter((look) => !look());
	}
	until(what) {
		return new Promise((resolve) => {
			const look = () => what(this) && (resolve(this), true);
			if (!look()) this.#looks.push(look);
		});
	}
	get over() {
		return this.ended || Boolean(this.error);
	}
	set(values) {
		Object.assign(this, values);
		this.changed();
	}
}

/** One connection of HTTP/1.1. */
class Old {
	agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
	ask(method, path, fields = {}, open = false) {
		const answer = new Answer();
		const request = http.request({ host: app.hostname, port: app.port, agent: this.agent, method, path, headers: { host: app.host, ...fields } });
		request.on("information", ({ statusCode, headers }) => {
			answer.interim.push([statusCode, headers.link ?? ""]);
			answer.changed();
		});
		request.on("response", (response) => {
			answer.set({ status: response.statusCode, fields: response.headers });
			response.setEncoding("latin1");
			response.on("data", (part) => answer.set({ body: answer.body + part }));
			response.on("end", () => answer.set({ ended: true, trailers: response.trailers }));
			response.on("error", (error) => answer.set({ error: String(error) }));
		});
		request.on("error", (error) => answer.set({ error: String(error) }));
		if (!open) request.end();
		return {
			answer,
			start: () => request.flushHeaders(),
			write: (part) => request.write(part),
			end(trailers) {
				if (trailers) request.addTrailers(trailers);
				request.end();
			},
			cut: () => request.destroy(),
		};
	}
	close() {
		this.agent.destroy();
	}
}

/** One connection of HTTP/2. */
class New {
	session = http2.connect(app.origin);
	constructor() {
		this.session.on("error", () => {});
	}
	ask(method, path, fields = {}, open = false) {
		const answer = new Answer();
		let last = {};
		const { host, ...rest } = fields;
		const stream = this.session.request({ ":method": method, ":path": path, ...rest }, { endStream: !open, waitForTrailers: open });
		const interim = (headers) => {
			answer.interim.push([headers[":status"], headers.link ?? ""]);
			answer.changed();
		};
		stream.on("headers", interim); // a 100 is told as `continue`, and here
		stream.on("response", (headers) => answer.set({ status: headers[":status"], fields: headers }));
		stream.on("trailers", (trailers) => answer.set({ trailers: { ...trailers } }));
		stream.on("wantTrailers", () => stream.sendTrailers(last));
		stream.setEncoding("latin1");
		stream.on("data", (part) => answer.set({ body: answer.body + part }));
		stream.on("end", () => answer.set({ ended: true }));
		stream.on("error", (error) => answer.set({ error: String(error) }));
		stream.on("close", () => answer.over || answer.set({ error: "closed" }));
		return {
			answer,
			start() {},
			write: (part) => stream.write(part),
			end(trailers = {}) {
				last = trailers;
				stream.end();
			},
			cut: () => stream.close(http2.constants.NGHTTP2_CANCEL),
		};
	}
	close() {
		this.session.destroy();
	}
}

const over = (answer) => answer.over;

/** The whole answer to a whole request. */
async function ask(client, method, path, fields, body, trailers) {
	const open = body !== undefined;
	const exchange = client.ask(method, path, fields, open);
	if (open && body) exchange.write(body);
	if (open) exchange.end(trailers);
	return exchange.answer.until(over);
}

async function with_(Client, run) {
	const client = new Client();
	try {
		return await run(client);
	} finally {
		client.close();
	}
}

const state = async (route) => JSON.parse((await with_(Old, (client) => ask(client, "GET", `${route}/state`))).body);

async function soon(what) {
	for (let i = 0; i < 200; i++) {
		if (await what()) return undefined;
		await pause(20);
	}
	return "it does not happen";
}

async function messages(Client, route) {
	await check("every method", () =>
		with_(Client, async (client) => {
			for (const method of METHODS) {
				const answer = await ask(client, method, `${route}/dump`);
				const seen = method === "HEAD" || answer.status !== 200 ? method : JSON.parse(answer.body).method;
				if (answer.status !== 200 || seen !== method) return { method, answer };
			}
		}));
	await check("one connection after another request", () =>
		with_(Client, async (client) => {
			for (let i = 0; i < 20; i++) {
				const answer = await ask(client, "POST", `${route}/echo`, {}, `body ${i}`);
				if (answer.body !== `body ${i}`) return { i, answer };
			}
		}));
	await check("HEAD, 204 and 304 have no body", () =>
		with_(Client, async (client) => {
			const seen = [];
			for (const [method, path] of [["HEAD", "/seven"], ["GET", "/304"], ["GET", "/204"], ["HEAD", "/304"], ["GET", "/seven"]]) {
				const { status, fields, body } = await ask(client, method, `${route}${path}`);
				seen.push([status, fields["content-length"] ?? "none", body]);
			}
			return same(seen, [[200, "7", ""], [304, "7", ""], [204, "none", ""], [304, "7", ""], [200, "7", "1234567"]]);
		}));
	await check("a body with a length, and one without", () =>
		with_(Client, async (client) => {
			const sized = JSON.parse((await ask(client, "POST", `${route}/dump`, { "content-length": "5" }, "hello")).body);
			const open = JSON.parse((await ask(client, "PUT", `${route}/dump`, {}, "hello")).body);
			return same([sized.body, sized.fields["content-length"], open.body, open.fields["content-length"] ?? "none"], ["hello", "5", "hello", "none"]);
		}));
	await check("a megabyte each way", () =>
		with_(Client, async (client) => {
			const text = "0123456789abcdef".repeat(65536);
			const answer = await ask(client, "POST", `${route}/echo`, {}, text);
			return answer.body === text ? undefined : answer.body.length;
		}));
	await check("trailers both ways", () =>
		with_(Client, async (client) => {
			const fields = Client === Old ? { trailer: "x-up" } : {};
			const { trailers } = await ask(client, "POST", `${route}/echo`, fields, "hello", { "x-up": "12" });
			return same([trailers["x-length"], JSON.parse(trailers["x-got"] ?? "{}")["x-up"]], ["5", "12"]);
		}));
	await check("trailers behind no body", () =>
		with_(Client, async (client) => {
			const fields = Client === Old ? { trailer: "x-up", "transfer-encoding": "chunked" } : {};
			const { body, trailers } = await ask(client, "POST", `${route}/echo`, fields, "", { "x-up": "12" });
			return same([body, trailers["x-length"], JSON.parse(trailers["x-got"] ?? "{}")["x-up"]], ["", "0", "12"]);
		}));
}

/** What comes before the body is sent, which waits for it, and afterwards. */
const expecting = (Client, path) =>
	with_(Client, async (client) => {
		const exchange = client.ask("POST", path, { expect: "100-continue", "content-length": "5" }, true);
		exchange.start();
		await exchange.answer.until((answer) => answer.interim.length || over(answer));
		const before = exchange.answer.interim.map(([status]) => status);
		exchange.write("hello");
		exchange.end();
		const { status, body } = await exchange.answer.until(over);
		return { before, status, body };
	});

async function early(Client, route) {
	await check("103 comes before its answer", () =>
		with_(Client, async (client) => {
			const { interim, status, body } = await ask(client, "GET", `${route}/hints`);
			return same([interim, status, body], [[[103, "</style.css>"]], 200, "hinted"]);
		}));
	await check("100 comes before the body", async () => {
		const { before, status, body } = await expecting(Client, `${route}/continue`);
		return same([before, status, body], [[100], 200, "5"]);
	});
	await check("100 comes from the first sidecar if need be", async () => {
		const { before, status, body } = await expecting(Client, `${route}/dump`);
		return same([before, status, JSON.parse(body).body], [[100], 200, "hello"]);
	});
	await check("a refusal comes instead of it", () =>
		with_(Client, async (client) => {
			const exchange = client.ask("POST", `${route}/refuse`, { expect: "100-continue", "content-length": "5" }, true);
			exchange.start();
			const { interim, status, body } = await exchange.answer.until(over);
			exchange.cut();
			return same([interim, status, body], [[], 403, "refused"]);
		}));
	await check("an answer may come before the body has gone", () =>
		with_(Client, async (client) => {
			const exchange = client.ask("POST", `${route}/early`, { "content-length": "200000" }, true);
			exchange.write("x".repeat(100000));
			const { status, body } = await exchange.answer.until((answer) => answer.body === "early" || answer.error);
			exchange.cut();
			return same([status, body], [200, "early"]);
		}));
	await check("both bodies stream at once", () =>
		with_(Client, async (client) => {
			const exchange = client.ask("POST", `${route}/echo`, {}, true);
			for (let i = 0; i < 10; i++) {
				exchange.write(`${i} `); // the next after the one before is back
				await exchange.answer.until((answer) => answer.body.endsWith(`${i} `) || over(answer));
			}
			exchange.end();
			const { body, trailers } = await exchange.answer.until(over);
			return same([body, trailers["x-length"]], ["0 1 2 3 4 5 6 7 8 9 ", "20"]);
		}));
	await check("events come one by one", () =>
		with_(Client, async (client) => {
			const { answer } = client.ask("GET", `${route}/events`);
			for (let i = 1; i <= 3; i++) {
				await answer.until(({ body }) => body.split("data: ").length > i || answer.over);
				await with_(Client, (other) => ask(other, "POST", `${route}/next`, {}, ""));
			}
			await with_(Client, (other) => ask(other, "POST", `${route}/over`, {}, ""));
			await answer.until(over);
			return same([answer.fields["content-type"], answer.body], ["text/event-stream", "data: begun\n\n" + "data: next\n\n".repeat(3)]);
		}));
}

async function ends(Client, route) {
	for (const path of ["/hang", "/forever"])
		await check(`a client that leaves ${path} is noticed`, async () => {
			const { open, cut } = await state(route);
			const client = new Client();
			const exchange = client.ask("GET", `${route}${path}`);
			const began = await soon(async () => (await state(route)).open === open + 1);
			if (began) return began;
			exchange.cut();
			const wrong = await soon(async () => (await state(route)).cut === cut + 1);
			client.close();
			return wrong;
		});
}

/** Who asks, and from where, cannot be said by a client. */
async function identity(Client, route) {
	const forged = Object.fromEntries(
		["x-capakit-caller", "x_capakit_caller", "x-capakit_caller", "x-capakit-hops-x", "forwarded", "x-forwarded-for", "x-forwarded-host",
			"x-forwarded-proto", "x-forwarded-port", "x_forwarded_for", "x-real-ip"].map((name, i) => [i % 2 && Client === Old ? name.toUpperCase() : name, "forged"]),
	);
	if (Client === Old) Object.assign(forged, { connection: "keep-alive, x-capakit-caller, x-forwarded-for, forwarded", trailer: "x-capakit-caller" });
	await check("nobody forges an identity", () =>
		with_(Client, async (client) => {
			const trailers = { "x-capakit-caller": "forged", x_capakit_caller: "forged", "x-forwarded-for": "forged", "x-mine": "kept" };
			const { body } = await ask(client, "POST", `${route}/dump`, forged, "x", trailers);
			const seen = JSON.parse(body);
			const caller = seen.fields["x-capakit-caller"].replace(/.*capakit\//, "");
			const wanted = route.startsWith("/past") ? `workload/${route.slice(1).replace("/", "_")}` : "edge";
			return /forged/i.test(body) ? body : same([caller, seen.fields["x-forwarded-for"], seen.fields["x-forwarded-host"], seen.fields["x-forwarded-proto"], seen.trailers["x-mine"]],
				[wanted, "127.0.0.1", app.host, "http", "kept"]);
		}));
	await check("a trace is kept, or begun", () =>
		with_(Client, async (client) => {
			const kept = JSON.parse((await ask(client, "GET", `${route}/dump`, { traceparent: TRACE })).body).fields.traceparent;
			const begun = JSON.parse((await ask(client, "GET", `${route}/dump`)).body).fields.traceparent;
			return kept === TRACE && /^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/.test(begun) ? undefined : { kept, begun };
		}));
}

/** Bytes on a connection; `halfClose`: nothing more is sent. All that comes until it ends. */
function raw(bytes, halfClose) {
	return new Promise((resolve) => {
		let got = "";
		const socket = net.connect({ host: app.hostname, port: Number(app.port), allowHalfOpen: true }, () => (halfClose ? socket.end(bytes, "latin1") : socket.write(bytes, "latin1")));
		socket.on("data", (part) => (got += part.toString("latin1")));
		socket.on("error", () => resolve(got));
		socket.on("end", () => resolve(got) || socket.end());
	});
}
const head = (route, path, more = "") => `GET ${route}${path} HTTP/1.1\r\nHost: ${app.host}\r\n${more}\r\n`;
const u32 = (n) => String.fromCharCode((n >>> 24) & 255, (n >>> 16) & 255, (n >>> 8) & 255, n & 255);
const frame = (type, flags, stream, payload) => u32(payload.length).slice(1) + String.fromCharCode(type, flags) + u32(stream) + payload;
const field = (name, value) => `\0${String.fromCharCode(name.length)}${name}${String.fromCharCode(value.length)}${value}`;
const get = (stream, path) => frame(1, 5, stream, field(":method", "GET") + field(":scheme", "http") + field(":authority", app.host) + field(":path", path));

async function ofOld(route) {
	await check("a pipeline is answered in order", async () => {
		const got = await raw(head(route, "/late") + head(route, "/fast") + head(route, "/late") + head(route, "/seven", "Connection: close\r\n"), false);
		return same(got.match(/\r\n\r\n(late|fast|1234567)/g), ["late", "fast", "late", "1234567"].map((text) => `\r\n\r\n${text}`));
	});
	await check("who sends no more gets all answers", async () => {
		const got = await raw(head(route, "/late") + head(route, "/fast"), true);
		return same(got.match(/\r\n\r\n(late|fast)/g), ["\r\n\r\nlate", "\r\n\r\nfast"]);
	});
	await check("CONNECT is refused", async () => {
		const got = await raw(`CONNECT ${app.host} HTTP/1.1\r\nHost: ${app.host}\r\n\r\n`, false);
		return /^HTTP\/1.1 [45]\d\d /.test(got) ? undefined : got;
	});
}

async function ofNew(route) {
	await check("streams do not wait for each other", () =>
		with_(New, async (client) => {
			const order = [];
			const late = ask(client, "GET", `${route}/late`).then(() => order.push("late"));
			await Promise.all([late, ask(client, "GET", `${route}/fast`).then(() => order.push("fast"))]);
			return same(order, ["fast", "late"]);
		}));
	await check("who sends no more gets all answers", async () => {
		const got = await raw(`PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n${frame(4, 0, 0, "")}${get(1, `${route}/late`)}${get(3, `${route}/seven`)}`, true);
		return got.includes("late") && got.includes("1234567") ? undefined : got;
	});
}

/** Takes as long as the connections of both workloads say; nothing waits for it meanwhile. */
const late = ["old", "new"].map((name) => with_(New, (client) => ask(client, "GET", `/past/${name}/silent`)).then((answer) => [name, answer]));

for (const route of ROUTES)
	for (const Client of [Old, New]) {
		label = `HTTP/${Client === Old ? "1.1" : "2"} to ${route}`;
		await messages(Client, route);
		await early(Client, route);
		await ends(Client, route);
		await identity(Client, route);
		await (Client === Old ? ofOld : ofNew)(route);
	}
label = "the policy of a connection";
for (const [name, { status, body }] of await Promise.all(late))
	await check(`its timeout is 504, with a reason: ${name}`, () => same([status, body], [504, `504 Gateway Timeout: workload ${name}: no response in time\n`]));
process.exit();
