// SPDX-License-Identifier: GPL-3.0-or-later
// A workload that does what a test tells it to, as hostile code in its place could. Below its endpoint:
//
//   POST /do        one step, as JSON:
//     {"run": [command...]}            its standard output
//     {"env": true}                    its environment
//     {"raw": {"socket": path, "send": text}}
//                                      what comes back on a Unix socket until it is closed
//     {"bridge": lines, "type": content type}
//                                      what its bridge answers to these lines
//     {"get": {"from": workload, "path": path}}
//                                      a GET to a connected workload: status and body
//     {"ask": workload, "do": step}    the step, done by a connected workload
//     {"secret": name}                 the SHA-256 of a secret, which so stays in this workload
//     {"print": text, "to": "stderr"}  what it writes on standard output or standard error
//   GET /bytes?n=   so many bytes, the same each time; &chunked=1 without a length
//   POST /digest    length and SHA-256 of the body
//   GET /events     server-sent events: the next one only after POST /next
//   anything else   what arrived: method, url and headers
import { connect } from "node:net";
import { pathOf, post, secret } from "./bridge.ts";

type Connection = { workloadKey: string; endpoint: string; bind: string };
type Step = {
	run?: string[];
	env?: boolean;
	raw?: { socket: string; send: string };
	get?: { from: string; path: string };
	bridge?: string;
	type?: string;
	secret?: string;
	ask?: string;
	do?: Step;
	print?: string;
	to?: string;
};

const connections: Connection[] = JSON.parse(process.env.CAPAKIT_CONNECTED_WORKLOADS ?? "[]");

function callee(workload: string): Connection {
	const connection = connections.find((c) => c.workloadKey === workload);
	if (!connection) throw new Error(`no connection to ${workload}`);
	return connection;
}

function fetchFrom(workload: string, path: string, init: RequestInit = {}): Promise<Response> {
	const { bind, endpoint } = callee(workload);
	return fetch(`http://${workload}${endpoint}${path}`, { ...init, unix: pathOf(bind) });
}

function raw(path: string, send: string): Promise<string> {
	return new Promise((resolve) => {
		const parts: Buffer[] = [];
		const done = (error?: Error & { code?: string }) =>
			resolve(error ? `error ${error.code}` : Buffer.concat(parts).toString("latin1"));
		const socket = connect(path, () => socket.write(Buffer.from(send, "latin1")));
		socket.on("data", (part) => parts.push(part));
		socket.on("error", done);
		socket.on("close", () => done());
	});
}

async function carryOut(step: Step): Promise<string> {
	if (step.run) {
		const process = Bun.spawn(step.run, { stdout: "pipe", stderr: "pipe" });
		return new Response(process.stdout).text();
	}
	if (step.env) return JSON.stringify(process.env);
	if (step.raw) return raw(step.raw.socket, step.raw.send);
	if (step.bridge !== undefined) return (await post(step.bridge, step.type)).text();
	if (step.secret) {
		const value = await secret(step.secret);
		return new Bun.CryptoHasher("sha256").update(value).digest("hex");
	}
	if (step.get) {
		const response = await fetchFrom(step.get.from, step.get.path);
		return `${response.status} ${await response.text()}`;
	}
	if (step.ask) {
		const body = JSON.stringify(step.do);
		return (await fetchFrom(step.ask, "/do", { method: "POST", body })).text();
	}
	if (step.print !== undefined) {
		await Bun.write(step.to === "stderr" ? Bun.stderr : Bun.stdout, step.print);
		return "";
	}
	throw new Error("no such step");
}

async function answer(request: Request): Promise<Response> {
	try {
		return new Response(await carryOut(await request.json()));
	} catch (error) {
		return new Response(`error ${error}`);
	}
}

function bytes(query: URLSearchParams): Response {
	const line = "every byte of it has to arrive, in order and once; ";
	const body = Buffer.alloc(Number(query.get("n")), Buffer.alloc(65536, line));
	return new Response(query.has("chunked") ? new Blob([body]).stream() : body);
}

async function digest(request: Request): Promise<Response> {
	const body = await request.bytes();
	const hash = new Bun.CryptoHasher("sha256").update(body).digest("hex");
	return new Response(`${body.length} ${hash}`);
}

let next = () => {};

function events(): Response {
	const stream = new ReadableStream({
		async start(controller) {
			for (let i = 1; i <= 3; i++) {
				const asked = new Promise<void>((resolve) => (next = resolve));
				controller.enqueue(`data: event ${i}\n\n`);
				await asked;
			}
			controller.close();
		},
	});
	return new Response(stream, { headers: { "content-type": "text/event-stream" } });
}

function echo(request: Request): Response {
	return Response.json({
		method: request.method,
		url: request.url,
		headers: Object.fromEntries(request.headers),
	});
}

Bun.serve({
	unix: pathOf(process.env.CAPAKIT_WORKLOAD_INGRESS_BIND!),
	maxRequestBodySize: 1 << 30,
	idleTimeout: 0,
	fetch(request) {
		const url = new URL(request.url);
		const path = url.pathname.replace(/^\/(http|mcp|small|private)/, "");
		if (path === "/do") return answer(request);
		if (path === "/bytes") return bytes(url.searchParams);
		if (path === "/digest") return digest(request);
		if (path === "/events") return events();
		if (path === "/next") {
			next();
			return new Response("next");
		}
		return echo(request);
	},
});
