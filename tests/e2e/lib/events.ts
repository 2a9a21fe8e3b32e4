// SPDX-License-Identifier: GPL-3.0-or-later
// events.ts APP-URL: reads the server-sent events of tests/kits/probe; prints what came.
const url = process.argv[2];

/** Asks for the next event only after the one before is here: an event that is held back is the last. */
async function events(): Promise<string> {
	const response = await fetch(`${url}/events`);
	const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
	const seen: string[] = [];
	let text = "";
	for (;;) {
		const { done, value } = await reader.read();
		if (done) return `${response.headers.get("content-type")}: ${seen.join(", ")}`;
		text += value;
		for (let end; (end = text.indexOf("\n\n")) >= 0; text = text.slice(end + 2)) {
			seen.push(text.slice(0, end).replace("data: ", ""));
			await fetch(`${url}/next`, { method: "POST" });
		}
	}
}

console.log(await events());
process.exit(0);
