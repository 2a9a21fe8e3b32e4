// SPDX-License-Identifier: GPL-3.0-or-later
// What is compared: each shape is a socket to send requests to and the processes whose cost counts.

import { chmodSync, existsSync, linkSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

type Child = ReturnType<typeof Bun.spawn>;

export interface Shape {
	name: string;
	socket: string;
	pids: number[]; // of A and of B; none where there is no proxy
	stop(): Promise<void>;
}

const sleep = (ms: number) => Bun.sleep(ms);

async function waitFor(path: string) {
	for (let i = 0; i < 500; i++) {
		if (existsSync(path)) return;
		await sleep(10);
	}
	throw new Error(`${path} did not appear`);
}

async function stopAll(children: Child[]) {
	for (const child of children) child.kill("SIGTERM");
	await Promise.all(children.map((child) => child.exited));
}

function start(folder: string, name: string, command: string[]): Child {
	const log = Bun.file(join(folder, `${name}.log`));
	return Bun.spawn(command, { cwd: folder, stdin: "ignore", stdout: log, stderr: log });
}

// ---- the backend, and no proxy ----

export const BIG = 10 * 1000 * 1000;

export async function startNginx(work: string): Promise<{ socket: string; stop(): Promise<void> }> {
	const socket = join(work, "nginx.sock");
	writeFileSync(join(work, "big"), Buffer.alloc(BIG, "x"));
	writeFileSync(
		join(work, "nginx.conf"),
		`daemon off; worker_processes 1; pid ${work}/nginx.pid; error_log stderr;
		${process.getuid!() === 0 ? "user root;" : ""}
		events { worker_connections 2048; }
		http {
			access_log off; keepalive_requests 1000000000; keepalive_timeout 600s; sendfile on;
			client_body_temp_path ${work}/t1; proxy_temp_path ${work}/t2; fastcgi_temp_path ${work}/t3;
			uwsgi_temp_path ${work}/t4; scgi_temp_path ${work}/t5;
			server {
				listen unix:${socket};
				location / { default_type text/plain; return 200 "${"hello, world ".repeat(8)}"; }
				location = /w/big { alias ${work}/big; }
			}
		}`,
	);
	const child = start(work, "nginx", ["nginx", "-c", join(work, "nginx.conf"), "-p", work]);
	await waitFor(socket);
	chmodSync(socket, 0o777);
	return { socket, stop: () => stopAll([child]) };
}

export function direct(backend: string): Shape {
	return { name: "direct", socket: backend, pids: [], stop: async () => {} };
}

// ---- the peers ----

function openssl(folder: string, ...args: string[]) {
	const done = Bun.spawnSync(["openssl", ...args], { cwd: folder, stderr: "pipe" });
	if (done.exitCode !== 0) throw new Error(`openssl ${args[0]}: ${done.stderr}`);
}

// An authority and a certificate of P-256 for each side, as the peers are usually given them.
export function certificates(work: string): string {
	const folder = join(work, "tls");
	const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
	mkdirSync(folder);
	openssl(folder, "req", "-x509", ...key, "-keyout", "ca.key", "-out", "ca.crt", "-subj", "/CN=bench", "-days", "2");
	writeFileSync(join(folder, "san"), "subjectAltName=DNS:localhost\n");
	for (const name of ["a", "b"]) {
		openssl(folder, "req", ...key, "-keyout", `${name}.key`, "-out", `${name}.csr`, "-subj", "/CN=localhost");
		openssl(folder, "x509", "-req", "-in", `${name}.csr`, "-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial",
			"-out", `${name}.crt`, "-days", "2", "-extfile", "san");
		const pem = readFileSync(join(folder, `${name}.crt`), "utf8") + readFileSync(join(folder, `${name}.key`), "utf8");
		writeFileSync(join(folder, `${name}.pem`), pem);
	}
	return folder;
}

export async function haproxy(work: string, tls: string, backend: string): Promise<Shape> {
	const folder = join(work, `haproxy-${Math.random().toString(36).slice(2)}`);
	mkdirSync(folder);
	const common = `global
	nbthread 1
	maxconn 2000
defaults
	mode http
	timeout connect 5s
	timeout client 60s
	timeout server 60s
	timeout http-keep-alive 60s
	http-reuse always
	option abortonclose
`;
	writeFileSync(join(folder, "a.cfg"), `${common}
frontend f
	bind unix@${folder}/a.sock mode 777
	default_backend b
backend b
	server s unix@${folder}/link.sock ssl crt ${tls}/a.pem verify required ca-file ${tls}/ca.crt alpn h2
`);
	writeFileSync(join(folder, "b.cfg"), `${common}
frontend f
	bind unix@${folder}/link.sock mode 777 ssl crt ${tls}/b.pem verify required ca-file ${tls}/ca.crt alpn h2
	default_backend b
backend b
	server s unix@${backend}
`);
	const b = start(folder, "b", ["haproxy", "-db", "-f", "b.cfg"]);
	await waitFor(join(folder, "link.sock"));
	const a = start(folder, "a", ["haproxy", "-db", "-f", "a.cfg"]);
	await waitFor(join(folder, "a.sock"));
	return { name: "haproxy", socket: join(folder, "a.sock"), pids: [a.pid, b.pid], stop: () => stopAll([a, b]) };
}

export async function nghttpx(work: string, tls: string, backend: string): Promise<Shape> {
	const folder = join(work, `nghttpx-${Math.random().toString(36).slice(2)}`);
	mkdirSync(folder);
	const common = ["nghttpx", "--conf=/dev/null", "-n1", "--no-ocsp", "--accesslog-file=/dev/null",
		"--errorlog-file=/dev/stderr", "--client-no-http2-cipher-block-list"];
	const b = start(folder, "b", [...common, `--frontend=unix:${folder}/link.sock`, `--backend=unix:${backend}`,
		"--verify-client", `--verify-client-cacert=${tls}/ca.crt`, `${tls}/b.key`, `${tls}/b.crt`]);
	await waitFor(join(folder, "link.sock"));
	const a = start(folder, "a", [...common, `--frontend=unix:${folder}/a.sock;no-tls`,
		`--backend=unix:${folder}/link.sock;;proto=h2;tls;sni=localhost`, `--cacert=${tls}/ca.crt`,
		`--client-private-key-file=${tls}/a.key`, `--client-cert-file=${tls}/a.crt`]);
	await waitFor(join(folder, "a.sock"));
	return { name: "nghttpx", socket: join(folder, "a.sock"), pids: [a.pid, b.pid], stop: () => stopAll([a, b]) };
}

// ---- ours ----

export async function ours(build: string, backend: string, moreRoutes = 0, moreLinks = 0, program = process.env.SIDECAR): Promise<Shape> {
	const child = Bun.spawn(
		[join(build, "tests/bench_pair"), resolve(program ?? join(build, "bin/capakit-sidecar")), `${moreRoutes}`, `${moreLinks}`],
		{ stdin: "pipe", stdout: "pipe", stderr: "inherit" },
	);
	const reader = child.stdout.getReader();
	let line = "";
	while (!line.includes("\n")) {
		const { value, done } = await reader.read();
		if (done) throw new Error("the sidecars did not start");
		line += new TextDecoder().decode(value);
	}
	const [folder, a, b] = line.trim().split(" ");
	linkSync(backend, join(folder, "b/ingress/http.sock"));
	return {
		name: "capakit",
		socket: join(folder, "a/connect/b.sock"),
		pids: [Number(a), Number(b)],
		async stop() {
			child.stdin.end();
			await child.exited;
		},
	};
}

// ---- what processes cost ----

function childrenOf(pid: number): number[] {
	return readdirSync(`/proc/${pid}/task`).flatMap((task) =>
		readFileSync(`/proc/${pid}/task/${task}/children`, "utf8").trim().split(" ").filter(Boolean).map(Number),
	);
}

// nghttpx does its work in a child, and in a thread of it.
const familyOf = (pid: number): number[] => [pid, ...childrenOf(pid).flatMap(familyOf)];

function nanosecondsOf(pid: number): number {
	return readdirSync(`/proc/${pid}/task`).reduce(
		(sum, task) => sum + Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, "utf8").split(" ")[0]),
		0,
	);
}

export function cpuNanoseconds(shape: Shape): number {
	return shape.pids.flatMap(familyOf).reduce((sum, pid) => sum + nanosecondsOf(pid), 0);
}

function privateKilobytesOf(pid: number): number {
	const text = readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
	return [...text.matchAll(/^Private_(?:Clean|Dirty):\s+(\d+) kB/gm)].reduce((sum, match) => sum + Number(match[1]), 0);
}

export function privateKilobytes(pid: number): number {
	return familyOf(pid).reduce((sum, each) => sum + privateKilobytesOf(each), 0);
}
