// SPDX-License-Identifier: GPL-3.0-or-later
// Answers with what became of the builds: those of `prepare`, and the same once more.
import fs from "fs";

const text = (path: string) => (fs.existsSync(path) ? fs.readFileSync(path, "utf8").trim() : "");
const run = (...command: string[]) => {
	const { stdout, stderr, exitCode } = Bun.spawnSync(command);
	return exitCode === 0 ? stdout.toString().trim() : `${stdout}${stderr}`;
};

function built(dist: string, out: string) {
	const script = fs.existsSync(`${dist}/assets`) ? `${dist}/assets/${fs.readdirSync(`${dist}/assets`)[0]}` : "no bundle";
	return { page: text(`${dist}/index.html`).includes("/assets/"), bundle: text(script).includes("the answer is "), compiled: run("bun", `${out}/main.js`) };
}

function again() {
	run("bun", "--bun", "x", "vite", "build", "--outDir", "/tmp/dist");
	run("bun", "--bun", "x", "tsc", "--outDir", "/tmp/out");
	return built("/tmp/dist", "/tmp/out");
}

Bun.serve({
	unix: process.env.CAPAKIT_WORKLOAD_INGRESS_BIND!.slice(5),
	idleTimeout: 120,
	fetch: () => Response.json({ script: text("postinstall.ran"), prepared: built("dist", "out"), again: again() }),
});
