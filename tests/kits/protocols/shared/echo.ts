// SPDX-License-Identifier: GPL-3.0-or-later
// The service of the workload `grpc`, by hand: messages are texts. The caller passes grpc-js, which each
// workload has of its own.
const text = {
	requestSerialize: (text: string) => Buffer.from(text),
	requestDeserialize: (bytes: Buffer) => bytes.toString(),
	responseSerialize: (text: string) => Buffer.from(text),
	responseDeserialize: (bytes: Buffer) => bytes.toString(),
};

export const Echo = {
	Once: { path: "/capakit.test.Echo/Once", requestStream: false, responseStream: false, ...text },
	Both: { path: "/capakit.test.Echo/Both", requestStream: true, responseStream: true, ...text },
	Fail: { path: "/capakit.test.Echo/Fail", requestStream: false, responseStream: false, ...text },
};

/** Calls every method; a line for each. */
export async function callAll(grpc: any, address: string): Promise<string> {
	const Client = grpc.makeGenericClientConstructor(Echo, "Echo");
	const client = new Client(address, grpc.credentials.createInsecure());
	const lines: string[] = [];
	await new Promise<void>((resolve) => {
		const call = client.Once("hello", (error: any, answer: string) => {
			if (error) lines.push(`once: ${error.message}`);
			else lines.push(`once: ${answer}`);
		});
		call.on("status", (status: any) => {
			lines.push(`trailer: ${status.metadata.get("x-sum")}`);
			resolve();
		});
	});
	await new Promise<void>((resolve) => {
		const call = client.Both();
		const got: string[] = [];
		call.on("data", (answer: string) => {
			got.push(answer);
			if (got.length < 3) call.write(`message ${got.length}`); // each after the answer before
			else call.end();
		});
		call.on("error", (error: Error) => got.push(error.message));
		call.on("status", (status: any) => {
			lines.push(`both: ${got} (${status.code})`);
			resolve();
		});
		call.write("message 0");
	});
	await new Promise<void>((resolve) => {
		client.Fail("x", (error: any) => {
			lines.push(`fail: ${error.code} ${error.details}`);
			resolve();
		});
	});
	client.close();
	return lines.join("\n") + "\n";
}
