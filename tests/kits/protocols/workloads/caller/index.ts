// SPDX-License-Identifier: GPL-3.0-or-later
import * as grpc from "@grpc/grpc-js";
import { callAll } from "../../shared/echo.ts";

const [to] = JSON.parse(process.env.CAPAKIT_CONNECTED_WORKLOADS!);

Bun.serve({
	unix: process.env.CAPAKIT_WORKLOAD_INGRESS_BIND!.replace(/^unix:/, ""),
	fetch: async () => new Response(await callAll(grpc, to.bind)),
});
