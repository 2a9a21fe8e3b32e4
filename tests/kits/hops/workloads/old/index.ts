// SPDX-License-Identifier: GPL-3.0-or-later
// HTTP/1.1 by hand, so that nothing is added to what shared/answer.ts says, and nothing kept back.
import { createServer, type Socket } from "node:net";
import { answer, SOCKET, type Fields, type Request, type Response } from "../../shared/answer.ts";

/** What comes of a connection, in the pieces that are asked for. */
class Input {
	private kept = Buffer.alloc(0);
	private ended = false;
	private wake = () => {};
	constructor(socket: Socket) {
		socket.on("data", (part) => this.put(part));
		socket.on("close", () => this.finish());
		socket.on("end", () => this.finish());
	}
	private put(part: Buffer): void {
		this.kept = Buffer.concat([this.kept, part]);
		this.wake();
	}
	private finish(): void {
		this.ended = true;
		this.wake();
	}
	/** False: nothing more comes. */
	private async more(): Promise<boolean> {
		if (this.ended) return false;
		await new Promise<void>((resolve) => (this.wake = resolve));
		return true;
	}
	take(n: number): Buffer {
		const part = this.kept.subarray(0, n);
		this.kept = this.kept.subarray(part.length);
		return part;
	}
	async some(most: number): Promise<Buffer> {
		while (!this.kept.length) if (!(await this.more())) throw new Error("it ended");
		return this.take(most);
	}
	/** Lines up to an empty one; undefined at the end. */
	async lines(): Promise<string[] | undefined> {
		let end;
		while ((end = this.kept.subarray(0, 2).toString() === "\r\n" ? 0 : this.kept.indexOf("\r\n\r\n")) < 0)
			if (!(await this.more())) return undefined;
		const head = this.take(end).toString("latin1");
		this.take(end ? 4 : 2);
		return head ? head.split("\r\n") : [];
	}
	async line(): Promise<string> {
		let end;
		while ((end = this.kept.indexOf("\r\n")) < 0) if (!(await this.more())) throw new Error("it ended");
		const line = this.take(end).toString("latin1");
		this.take(2);
		return line;
	}
}

function fieldsOf(lines: string[]): Fields {
	return Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 1).trim()]));
}

class Body {
	trailers: Fields = {};
	private begun = false;
	constructor(private input: Input, private fields: Fields) {}
	/** What nobody has asked for stands before the next request. */
	async drop(): Promise<void> {
		if (!this.begun) for await (const _ of this);
	}
	async *[Symbol.asyncIterator]() {
		this.begun = true;
		if (this.fields["transfer-encoding"]) return yield* this.chunks();
		yield* this.counted(Number(this.fields["content-length"] ?? 0));
	}
	private async *counted(left: number) {
		while (left) {
			const part = await this.input.some(left);
			left -= part.length;
			yield part;
		}
	}
	private async *chunks() {
		for (let size; (size = parseInt(await this.input.line(), 16)); await this.input.line()) yield* this.counted(size);
		this.trailers = fieldsOf((await this.input.lines()) ?? []);
	}
}

function put(socket: Socket, status: number, fields: Fields): void {
	const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`);
	socket.write(`HTTP/1.1 ${status} As Told\r\n${lines.join("")}\r\n`);
}

function responseOn(socket: Socket, method: string): Response & { done: Promise<void> } {
	const headOnly = method === "HEAD"; // what came behind it would stand before the next response
	let chunked = false;
	let finish = () => {};
	return {
		done: new Promise<void>((resolve) => (finish = resolve)),
		interim: (status, fields) => put(socket, status, fields),
		head(status, fields) {
			chunked = !fields["content-length"] && status !== 204 && status !== 304;
			put(socket, status, chunked ? { ...fields, "transfer-encoding": "chunked" } : fields);
		},
		write(part) {
			if (headOnly) return;
			const bytes = Buffer.from(part);
			if (chunked) socket.write(`${bytes.length.toString(16)}\r\n`);
			socket.write(bytes);
			if (chunked) socket.write("\r\n");
		},
		end(trailers = {}) {
			const lines = Object.entries(trailers).map(([name, value]) => `${name}: ${value}\r\n`);
			if (chunked && !headOnly) socket.write(`0\r\n${lines.join("")}\r\n`);
			finish();
		},
	};
}

createServer(async (socket) => {
	const input = new Input(socket);
	const cut = new Promise<void>((resolve) => socket.on("close", () => resolve()));
	socket.on("error", () => socket.destroy());
	for (let head; (head = await input.lines()); ) {
		const [method, path] = head[0].split(" ");
		const fields = fieldsOf(head.slice(1));
		const body = new Body(input, fields);
		const response = responseOn(socket, method);
		const request: Request = { method, path, fields, body, trailers: () => body.trailers, cut };
		try {
			await answer(request, response);
			await Promise.race([response.done, cut]);
			if (path.endsWith("/refuse")) return socket.end(); // its body is not read
			await body.drop();
		} catch {
			socket.destroy(); // the client went in the middle of its request
		}
	}
}).listen(SOCKET);
