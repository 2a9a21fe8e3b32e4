// SPDX-License-Identifier: GPL-3.0-or-later
import * as grpc from "@grpc/grpc-js";
import { Echo } from "../../shared/echo.ts";

let waiting = 0;
const server = new grpc.Server();
server.addService(Echo as any, {
	Once(call: any, answer: any) {
		const trailers = new grpc.Metadata();
		trailers.set("x-sum", `${call.request.length}`);
		answer(null, `${call.request} from ${call.metadata.get("x-capakit-caller")}`, trailers);
	},
	Count(call: any) {
		for (let i = 1; i <= Number(call.request); i++) call.write(String(i));
		call.end();
	},
	Sum(call: any, answer: any) {
		let sum = 0;
		call.on("data", (part: string) => (sum += Number(part)));
		call.on("end", () => answer(null, String(sum)));
	},
	Wait(call: any) {
		waiting++;
		call.on("cancelled", () => waiting--);
		call.write("begun");
	},
	Waiting(_: any, answer: any) {
		answer(null, String(waiting));
	},
	Both(call: any) {
		call.on("data", (message: string) => call.write(message.toUpperCase()));
		call.on("end", () => call.end());
	},
	Fail(_: any, answer: any) {
		answer({ code: grpc.status.NOT_FOUND, details: "no such thing" });
	},
});
server.bindAsync(process.env.CAPAKIT_WORKLOAD_INGRESS_BIND!, grpc.ServerCredentials.createInsecure(), (error) => {
	if (error) throw error;
});
