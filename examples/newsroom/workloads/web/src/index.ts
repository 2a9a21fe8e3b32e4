// SPDX-License-Identifier: GPL-3.0-or-later
// The page. It gets the stories from the archive; the browser never talks to the archive itself.
import { call, serve } from "../../../shared/kit.ts";

const page = await Bun.file(new URL("page.html", import.meta.url)).text();

serve((request) => {
	const path = new URL(request.url).pathname;
	if (path === "/http" || path === "/http/")
		return new Response(page, { headers: { "content-type": "text/html; charset=utf-8" } });
	if (path === "/http/stories") return call("archive", "/stories");
	return new Response("no such page\n", { status: 404 });
});
