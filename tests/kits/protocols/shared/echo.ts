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
	Count: { path: "/capakit.test.Echo/Count", requestStream: false, responseStream: true, ...text },
	Sum: { path: "/capakit.test.Echo/Sum", requestStream: true, responseStream: false, ...text },
	Both: { path: "/capakit.test.Echo/Both", requestStream: true, responseStream: true, ...text },
	Fail: { path: "/capakit.test.Echo/Fail", requestStream: false, responseStream: false, ...text },
	Wait: { path: "/capakit.test.Echo/Wait", requestStream: false, responseStream: true, ...text }, // never ends
	Waiting: { path: "/capakit.test.Echo/Waiting", requestStream: false, responseStream: false, ...text },
};

const once = (client: any, method: string, request: string) =>
	new Promise<string>((resolve, reject) => client[method](request, (error: any, answer: string) => (error ? reject(error) : resolve(answer))));

/** How a call that never ends does end, when the client gives it up or its time is over; and does the server see it? */
async function giveUp(client: any, options: object, cancel: boolean): Promise<string> {
	const call = client.Wait("x", options);
	const status = new Promise<any>((resolve) => call.on("status", resolve));
	call.on("error", () => {});
	call.on("data", () => cancel && call.cancel()); // it has begun
	const { code } = await status;
	for (let i = 0; i < 100 && (await once(client, "Waiting", "how many")) !== "0"; i++) await new Promise((resolve) => setTimeout(resolve, 20));
	return `${code}, ${await once(client, "Waiting", "how many")} wait`;
}

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
		const got: string[] = [];
		const call = client.Count("4");
		call.on("data", (answer: string) => got.push(answer));
		call.on("status", (status: any) => {
			lines.push(`count: ${got} (${status.code})`);
			resolve();
		});
	});
	await new Promise<void>((resolve) => {
		const call = client.Sum((error: any, answer: string) => {
			lines.push(`sum: ${error?.message ?? answer}`);
			resolve();
		});
		for (const part of ["1", "20", "300"]) call.write(part);
		call.end();
	});
	const large = "x".repeat(3 << 20);
	lines.push(`large: ${(await once(client, "Once", large)).startsWith(`${large} from`)}`);
	const many = await Promise.all(Array.from({ length: 50 }, (_, i) => once(client, "Once", `call ${i}`)));
	lines.push(`50 at once: ${many.every((answer, i) => answer.startsWith(`call ${i} from`))}`);
	lines.push(`cancelled: ${await giveUp(client, {}, true)}`);
	lines.push(`deadline: ${await giveUp(client, { deadline: Date.now() + 300 }, false)}`);
	await new Promise<void>((resolve) => {
		client.Fail("x", (error: any) => {
			lines.push(`fail: ${error.code} ${error.details}`);
			resolve();
		});
	});
	client.close();
	return lines.join("\n") + "\n";
}
