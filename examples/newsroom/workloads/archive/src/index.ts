// SPDX-License-Identifier: GPL-3.0-or-later
// The archive: stories in SQLite, in this workload's own folder, which lasts as long as the app runs.
import { Database } from "bun:sqlite";
import { call, serve } from "../../../shared/kit.ts";

const db = new Database("stories.sqlite", { create: true });
db.run(`CREATE TABLE IF NOT EXISTS stories (
	id INTEGER PRIMARY KEY,
	title TEXT NOT NULL UNIQUE,
	source TEXT NOT NULL
)`);
const add = db.query("INSERT OR IGNORE INTO stories (title, source) VALUES (?, ?)");
const all = db.query("SELECT id, title, source FROM stories ORDER BY id");

// When the wire is silent, there is no news; what came before stays.
async function takeDispatches() {
	const response = await call("wire", "/dispatches").catch((error) => {
		console.error(`the wire: ${error.message}`);
	});
	if (!response) return;
	if (!response.ok) return console.error(`the wire answered ${response.status}`);
	for (const { title, signature } of await response.json()) add.run(title, `wire ${signature}`);
}

serve(async (request) => {
	const path = new URL(request.url).pathname;
	if (path !== "/http/stories") return new Response("no such page\n", { status: 404 });
	if (request.method === "POST") {
		const { title } = await request.json();
		if (typeof title !== "string" || title.trim() === "")
			return new Response("a story needs a title\n", { status: 400 });
		add.run(title.trim(), "editor");
		return new Response(null, { status: 201 });
	}
	await takeDispatches();
	return Response.json(all.all());
});
