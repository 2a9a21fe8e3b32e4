// SPDX-License-Identifier: GPL-3.0-or-later
// The wire: dispatches, each signed with a secret that no other workload can read.
import { secret, serve } from "../../../shared/kit.ts";

const dispatches = [
	"Harbour reopens after the storm",
	"Library lends its millionth book",
	"Night trains return in spring",
];

function sign(token: string, text: string): string {
	return new Bun.CryptoHasher("sha256", token).update(text).digest("hex").slice(0, 16);
}

serve(async (request) => {
	if (new URL(request.url).pathname !== "/http/dispatches")
		return new Response("no such page\n", { status: 404 });
	const token = await secret("wire_token");
	return Response.json(dispatches.map((title) => ({ title, signature: sign(token, title) })));
});
