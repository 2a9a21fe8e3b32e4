// SPDX-License-Identifier: GPL-3.0-or-later
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { build } from "vite";

const types: Record<string, string> = { ".html": "text/html", ".js": "text/javascript" };
const out = join(process.cwd(), "dist");
await build({ root: join(import.meta.dir, "page"), base: "./", logLevel: "warn", build: { outDir: out, emptyOutDir: true } });
createServer(async (request, response) => {
	const path = normalize(request.url!.replace(/^\/http/, "").replace(/^\/?$/, "/index.html"));
	try {
		const body = await readFile(join(out, path));
		response.writeHead(200, { "content-type": types[extname(path)] ?? "application/octet-stream" }).end(body);
	} catch {
		response.writeHead(404).end();
	}
}).listen(process.env.CAPAKIT_WORKLOAD_INGRESS_BIND!.replace(/^unix:/, ""));
