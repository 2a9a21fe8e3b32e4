// SPDX-License-Identifier: GPL-3.0-or-later
import * as grpc from "@grpc/grpc-js";
import { Echo } from "../../shared/echo.ts";

const server = new grpc.Server();
server.addService(Echo as any, {
	Once(call: any, answer: any) {
		const trailers = new grpc.Metadata();
		trailers.set("x-sum", `${call.request.length}`);
		answer(null, `${call.request} from ${call.metadata.get("x-capakit-caller")}`, trailers);
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
