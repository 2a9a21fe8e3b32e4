// SPDX-License-Identifier: GPL-3.0-or-later
import { execFile } from "node:child_process";
import { createServer } from "node:http";
import { promisify } from "node:util";

const models = process.env.CAPAKIT_MOUNT_LLAMA_MODELS!;
const mount = JSON.parse(process.env.CAPAKIT_MOUNTS_JSON!)["llama-models"];

createServer(async (request, response) => {
	const { stdout } = await promisify(execFile)(`${models}/bin/engine`, [`${models}/${process.env.MODEL}.gguf`]);
	const written = await Bun.write(`${models}/cache`, "x").then(() => "written", (error) => error.code);
	response.end(JSON.stringify({ url: request.url, answer: stdout.trim(), same: mount.path === models, access: mount.access, written }));
}).listen(process.env.CAPAKIT_WORKLOAD_INGRESS_BIND!.replace(/^unix:/, ""));
