// SPDX-License-Identifier: GPL-3.0-or-later
import { bridge } from "../../shared/bind.ts";

const response = await fetch("http://bridge/rpc", {
	method: "POST",
	headers: { "content-type": "application/x-capakit-runner-bridge-jsonl" },
	body: '{"id":"1","op":"workload_ready","params":null}\n',
	unix: bridge,
});
console.log(`the bridge said: ${(await response.text()).trim()}`);
setInterval(() => {}, 1 << 30);
