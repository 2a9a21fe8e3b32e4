// SPDX-License-Identifier: GPL-3.0-or-later
// grpc_echo.ts ADDRESS ECHO: calls the workload `grpc` of tests/kits/protocols; ECHO is its shared/echo.ts.
import * as grpc from "@grpc/grpc-js";

const { callAll } = await import(process.argv[3]);
process.stdout.write(await callAll(grpc, process.argv[2]));
process.exit(0);
