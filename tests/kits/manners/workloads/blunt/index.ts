// SPDX-License-Identifier: GPL-3.0-or-later
// A server by hand, whose connections end when they should not. Below its endpoint:
//
//   /leave     answers as if the connection went on, and closes it
//   /drop      counts, and closes the connection without an answer
//   /count     how often /drop was asked
//   /break     closes in the middle of a body of known length
//   /hang      never answers
//   /upgrade   closes, as the SDK does with an upgrade
import { createServer } from "node:net";
import { ingress } from "../../shared/bind.ts";

let drops = 0;

function answer(text: string, length = text.length): string {
	return `HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: ${length}\r\n\r\n${text}`;
}

createServer((socket) => {
	let head = "";
	socket.on("error", () => {});
	socket.on("data", (part) => {
		head += part;
		if (!head.includes("\r\n\r\n")) return;
		const path = head.split(" ")[1];
		head = "";
		if (path === "/http/leave") socket.end(answer("left"));
		else if (path === "/http/count") socket.write(answer(String(drops)));
		else if (path === "/http/break") socket.end(answer("half of it", 1000));
		else if (path === "/http/drop") {
			drops++;
			socket.destroy();
		} else if (path === "/http/upgrade") socket.destroy();
		else if (path !== "/http/hang") socket.write(answer("here"));
	});
}).listen(ingress);
