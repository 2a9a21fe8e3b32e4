// SPDX-License-Identifier: GPL-3.0-or-later
// Asks its neighbour, and has something to say when that fails.
const [llama] = JSON.parse(process.env.CAPAKIT_CONNECTED_WORKLOADS!);
const ask = (path: string) => fetch(`http://llama${llama.endpoint}${path}`, { unix: llama.bind.replace("unix:", "") });

async function answer() {
	try {
		const response = await ask("/answer");
		if (!response.ok) return { from: "front", why: `status ${response.status}` };
		return { from: "llama", answer: await response.text() };
	} catch {
		return { from: "front", why: "broken off" };
	}
}

// Until the neighbour is back.
async function patiently() {
	let last = await answer();
	for (let i = 0; i < 20 && last.from !== "llama"; i++) {
		await Bun.sleep(100);
		last = await answer();
	}
	return last;
}

async function stream() {
	let text = "";
	let last = performance.now();
	let longest_silence_ms = 0;
	let whole = true;
	try {
		const response = await ask("/stream");
		for await (const piece of response.body!) {
			longest_silence_ms = Math.max(longest_silence_ms, performance.now() - last);
			last = performance.now();
			text += new TextDecoder().decode(piece);
		}
	} catch {
		whole = false;
	}
	const words = text.split("\n").length - 1;
	return { whole, words, bytes: text.length, longest_silence_ms };
}

Bun.serve({
	unix: process.env.CAPAKIT_WORKLOAD_INGRESS_BIND!.replace("unix:", ""),
	idleTimeout: 0,
	async fetch(request) {
		switch (new URL(request.url).pathname) {
			case "/http/stream":
				return Response.json(await stream());
			case "/http/stream-then-answer":
				return Response.json({ ...(await stream()), then: (await patiently()).from });
			case "/http/twice":
				return Response.json([await answer(), await patiently()]);
			default:
				return Response.json(await answer());
		}
	},
});
