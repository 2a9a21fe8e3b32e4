// SPDX-License-Identifier: GPL-3.0-or-later
// control.mjs SOCKET PROTO GetStatus|Stop|...: a call as any user's tool would make it, with the project's
// .proto file. Prints the reply as JSON, or the gRPC code's name.
import grpc from "@grpc/grpc-js";
import loader from "@grpc/proto-loader";

const [socket, proto, method, request] = process.argv.slice(2);
const definition = loader.loadSync(proto, { keepCase: true, longs: Number, enums: String, defaults: true });
const { Control } = grpc.loadPackageDefinition(definition).capakit.control.v1;
const client = new Control(`unix:${socket}`, grpc.credentials.createInsecure());
const path = Control.service[method]?.path ?? `/capakit.control.v1.Control/${method}`;
const call = Control.service[method] ?? Control.service.GetStatus;

client.makeUnaryRequest(
	path,
	call.requestSerialize,
	call.responseDeserialize,
	JSON.parse(request ?? "{}"),
	{ deadline: Date.now() + 30000 },
	(error, reply) => {
		console.log(error ? `error ${grpc.status[error.code]}` : JSON.stringify(reply));
		client.close();
	},
);
