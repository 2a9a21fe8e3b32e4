// SPDX-License-Identifier: GPL-3.0-or-later
// A git remote over https: git_https.ts REPOSITORIES CERTIFICATES. It prints the port, then a line for
// each request: "refs PATH" for a look at what there is, "pack PATH" for content.
const [repositories, certificates] = process.argv.slice(2);

async function backend(request: Request, body: Uint8Array): Promise<Response> {
	const url = new URL(request.url);
	const cgi = Bun.spawn(["git", "http-backend"], {
		env: {
			PATH: process.env.PATH!,
			GIT_PROJECT_ROOT: repositories,
			GIT_HTTP_EXPORT_ALL: "1",
			GIT_PROTOCOL: request.headers.get("git-protocol") ?? "",
			GIT_CONFIG_COUNT: "1",
			GIT_CONFIG_KEY_0: "safe.directory",
			GIT_CONFIG_VALUE_0: "*",
			REQUEST_METHOD: request.method,
			PATH_INFO: decodeURIComponent(url.pathname),
			QUERY_STRING: url.search.slice(1),
			CONTENT_TYPE: request.headers.get("content-type") ?? "",
			CONTENT_LENGTH: String(body.length),
			HTTP_CONTENT_ENCODING: request.headers.get("content-encoding") ?? "",
		},
		stdin: body,
		stderr: "inherit",
	});
	const output = new Uint8Array(await new Response(cgi.stdout).arrayBuffer());
	const end = Buffer.from(output).indexOf("\r\n\r\n");
	const headers = new Headers();
	let status = 200;
	for (const line of Buffer.from(output.subarray(0, end)).toString().split("\r\n")) {
		const [name, value] = [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 1).trim()];
		if (name === "Status") status = Number.parseInt(value);
		else headers.append(name, value);
	}
	return new Response(output.subarray(end + 4), { status, headers });
}

const server = Bun.serve({
	hostname: "127.0.0.1",
	port: 0,
	tls: { key: Bun.file(`${certificates}/key.pem`), cert: Bun.file(`${certificates}/cert.pem`) },
	async fetch(request) {
		let body = new Uint8Array(await request.arrayBuffer());
		const plain = request.headers.get("content-encoding") === "gzip" ? Bun.gunzipSync(body) : body;
		const wants = Buffer.from(plain).includes("want ");
		console.log(wants ? "pack" : "refs", new URL(request.url).pathname);
		return backend(request, body);
	},
});
console.log("listening", server.port);
