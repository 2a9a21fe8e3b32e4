// SPDX-License-Identifier: GPL-3.0-or-later
// websocket.ts URL: talks to the workload `socket` of tests/kits/protocols. Prints a line for each thing.
const url = process.argv[2].replace(/^http/, "ws");

function next(socket: WebSocket, event: string): Promise<any> {
	return new Promise((resolve, reject) => {
		socket.addEventListener(event, resolve, { once: true });
		if (event !== "close") socket.addEventListener("close", () => reject(new Error("closed")), { once: true });
	});
}

async function open(path: string): Promise<WebSocket> {
	const socket = new WebSocket(url + path);
	socket.binaryType = "arraybuffer";
	await next(socket, "open");
	return socket;
}

async function echo(socket: WebSocket, message: string | Uint8Array) {
	const answer = next(socket, "message");
	socket.send(message);
	return (await answer).data;
}

const socket = await open("/echo");
console.log(`text: ${await echo(socket, "grüße")}`);
const large = new Uint8Array(4 << 20).map((_, i) => i * 31 + (i >> 8));
const back = new Uint8Array(await echo(socket, large));
console.log(`4 MiB: ${Bun.hash(back) === Bun.hash(large) ? "the same" : "others"}`);

const begun = performance.now();
for (let i = 0; i < 100; i++) await echo(socket, `message ${i}`);
console.error(`a message and its echo take ${((performance.now() - begun) / 100).toFixed(3)} ms`);

const closed = next(socket, "close");
socket.send("bye");
console.log(`closed: ${(await closed).code}`);

const many = await Promise.all(Array.from({ length: 50 }, () => open("/echo")));
const answers = await Promise.all(many.map((one, i) => echo(one, `${i}`)));
console.log(`50 at once: ${answers.every((answer, i) => answer === `${i}`) ? "each its own" : "mixed up"}`);
for (const one of many) one.close(4002);

console.log(`refused: ${await open("/no").then(() => "opened", () => "closed")}`);
process.exit(0);
