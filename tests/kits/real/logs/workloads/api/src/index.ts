// SPDX-License-Identifier: GPL-3.0-or-later
import { createServer } from "node:http";

function log(level: string, text: string, more: object) {
	const ev = { level, msg: `[host-log][${level.toLowerCase()}] ${text}`, time: Date.now(), ...more };
	console.log(JSON.stringify({ v: 1, ev, ctx: { workload: process.env.CAPAKIT_WORKLOAD_KEY } }));
}

log("Info", "model loaded", { model: "tiny", ms: 12 });
log("WARN", "slow answer", {});
log("error", "gave up", { attempts: 3 });
console.log("a plain line");
console.error("a line on standard error");
console.log('{"v":1,"ev":"not what it seems"}');
createServer((_, response) => response.end("logged")).listen(
	process.env.CAPAKIT_WORKLOAD_INGRESS_BIND!.replace(/^unix:/, ""),
);
