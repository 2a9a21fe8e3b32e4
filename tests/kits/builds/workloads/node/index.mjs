// SPDX-License-Identifier: GPL-3.0-or-later
// Answers with what became of the builds, and of Node's own features.
import { execFileSync, fork } from "child_process";
import crypto from "crypto";
import { once } from "events";
import fs from "fs";
import http from "http";
import { Worker } from "worker_threads";

const text = (path) => (fs.existsSync(path) ? fs.readFileSync(path, "utf8").trim() : "");
const run = (program, ...command) => {
	try {
		return execFileSync(program, command, { stdio: ["ignore", "pipe", "pipe"] }).toString().trim();
	} catch (error) {
		return `${error.stdout}${error.stderr}`;
	}
};

function built(dist, out) {
	const script = fs.existsSync(`${dist}/assets`) ? `${dist}/assets/${fs.readdirSync(`${dist}/assets`)[0]}` : "no bundle";
	return { page: text(`${dist}/index.html`).includes("/assets/"), bundle: text(script).includes("the answer is "), compiled: run("node", `${out}/main.js`) };
}

function again() {
	run("node_modules/.bin/vite", "build", "--outDir", "/tmp/dist");
	run("node_modules/.bin/tsc", "--outDir", "/tmp/out");
	fs.writeFileSync("/tmp/out/package.json", '{"type": "module"}');
	return built("/tmp/dist", "/tmp/out");
}

async function watched() {
	const watcher = fs.watch("/tmp");
	fs.writeFileSync("/tmp/watched", "x");
	await once(watcher, "change");
	watcher.close();
	return "seen";
}

async function forked() {
	fs.writeFileSync("/tmp/child.cjs", "process.send('forked')");
	return (await once(fork("/tmp/child.cjs"), "message"))[0];
}

async function served() {
	const server = http.createServer((request, response) => response.end(request.url)).listen("/tmp/server.sock");
	await once(server, "listening");
	const [response] = await once(http.get({ socketPath: "/tmp/server.sock", path: "/path" }), "response");
	const body = (await response.toArray()).join("");
	server.close();
	return body;
}

async function features() {
	fs.writeFileSync("/tmp/a.test.mjs", 'import test from "node:test"; test("passes", () => {});');
	const worker = new Worker("require('worker_threads').parentPort.postMessage(6 * 7)", { eval: true });
	return {
		worker: (await once(worker, "message"))[0],
		shell: run("sh", "-c", "echo shell | cat"),
		forked: await forked(),
		watched: await watched(),
		served: await served(),
		hashed: crypto.scryptSync("secret", "salt", 8).toString("hex"),
		promised: (await fs.promises.readFile("/tmp/watched")).toString(),
		tested: run("node", "--test", "/tmp/a.test.mjs").includes("# pass 1"),
	};
}

http.createServer(async (request, response) => {
	const answer = { script: text("postinstall.ran"), prepared: built("dist", "out"), again: again(), ...(await features()) };
	response.setHeader("content-type", "application/json").end(JSON.stringify(answer));
}).listen(process.env.CAPAKIT_WORKLOAD_INGRESS_BIND.slice(5));
