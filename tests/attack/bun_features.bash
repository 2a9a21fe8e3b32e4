# SPDX-License-Identifier: GPL-3.0-or-later
# What Bun does inside: programs and what they have to print. bun_inside.test runs them under each profile,
# strict_calls measures which system calls they make. For files that have sourced sandbox.bash.
# shellcheck shell=bash disable=SC2034

# feature NAME WANTED COMMAND [NETWORK]: run by a shell in the Kit; WANTED is its last line
declare -A WANTED_OF COMMAND_OF NETWORK_OF
FEATURES=()
feature() {
	FEATURES+=("$1")
	WANTED_OF[$1]=$2 COMMAND_OF[$1]=$3 NETWORK_OF[$1]=${4:-none}
}

# A folder with a package, of which the features make use; sets BUN_KIT.
make_bun_kit() {
	BUN_KIT=$WORK/kit
	mkdir -p "$BUN_KIT/dep" "$WORK/view"
	chmod 777 "$WORK/view"
	cp "$(realpath "$BUN")" "$WORK/attack/bun"
	cat >"$BUN_KIT/package.json" <<-'EOT'
		{"name": "web", "scripts": {"postinstall": "echo ran >post", "hello": "echo hello"}, "dependencies": {"dep": "file:./dep"}}
	EOT
	cat >"$BUN_KIT/dep/package.json" <<-'EOT'
		{"name": "dep", "version": "1.0.0", "main": "index.js", "bin": {"dep": "bin.js"}}
	EOT
	echo 'module.exports = "installed"' >"$BUN_KIT/dep/index.js"
	printf '#!/usr/bin/env bun\nconsole.log("executed")\n' >"$BUN_KIT/dep/bin.js"
	echo 'const x: number = 6; export const y: number = x * 7; console.log(y);' >"$BUN_KIT/entry.ts"
	echo 'import {expect, test} from "bun:test"; test("counts", () => expect(6 * 7).toBe(42));' >"$BUN_KIT/a.test.ts"
	make_programs
}

make_programs() {
	cat >"$BUN_KIT/sqlite.ts" <<-'EOT'
		import { Database } from "bun:sqlite";
		const database = new Database("/tmp/x.db");
		database.run("PRAGMA journal_mode=WAL");
		database.run("create table t(a)");
		database.transaction(() => database.run("insert into t values(7)"))();
		console.log(JSON.stringify(database.query("select * from t").all()));
	EOT
	cat >"$BUN_KIT/worker.ts" <<-'EOT'
		const worker = new Worker(URL.createObjectURL(new Blob(["postMessage(6 * 7)"])));
		console.log(await new Promise((done) => (worker.onmessage = (event) => done(event.data))));
		worker.terminate();
	EOT
	cat >"$BUN_KIT/children.ts" <<-'EOT'
		import { execSync, fork } from "child_process";
		import fs from "fs";
		const child = Bun.spawn(["cat"], { stdin: "pipe", stdout: "pipe" });
		child.stdin.write("piped");
		child.stdin.end();
		fs.writeFileSync("/tmp/child.js", "process.send('forked')");
		const forked = await new Promise((done) => fork("/tmp/child.js").on("message", done));
		const given = Bun.spawn(["cat"], { stdin: new Blob(["blob"]), stdout: "pipe" });
		const slept = Bun.spawn(["sleep", "60"]);
		slept.kill();
		await slept.exited;
		const shell = await Bun.$`echo shell | cat`.text();
		console.log(await new Response(child.stdout).text(), execSync("echo executed").toString().trim(), forked, slept.signalCode, shell.trim(),
			await new Response(given.stdout).text(), Bun.spawnSync(["wc", "-c"], { stdin: Buffer.alloc(1 << 20) }).stdout.toString().trim());
	EOT
	cat >"$BUN_KIT/watch.ts" <<-'EOT'
		import fs from "fs";
		const watched = new Promise<string>((done) => {
			const watcher = fs.watch("/tmp", (event, name) => name === "watched" && (watcher.close(), done("seen")));
		});
		fs.writeFileSync("/tmp/watched", "x");
		console.log(await watched);
	EOT
	cat >"$BUN_KIT/serve.ts" <<-'EOT'
		const server = Bun.serve({
			unix: "/run/capakit/s.sock",
			fetch: (request, server) => (server.upgrade(request) ? undefined : new Response(Bun.file("entry.ts"))),
			websocket: { message: (socket, text) => void socket.send(text) },
		});
		const answer = await fetch("http://x/", { unix: "/run/capakit/s.sock" });
		const socket = new WebSocket("ws+unix:///run/capakit/s.sock:/");
		socket.onopen = () => socket.send("echoed");
		const echo = await new Promise((done) => ((socket.onmessage = (event) => done(event.data)), (socket.onerror = () => done("no WebSocket"))));
		console.log((await answer.text()).length, echo);
		server.stop(true);
		process.exit();
	EOT
	cat >"$BUN_KIT/files.ts" <<-'EOT'
		import crypto from "crypto";
		import fs from "fs";
		import zlib from "zlib";
		fs.mkdirSync("/tmp/a/b", { recursive: true });
		await Bun.write("/tmp/a/b/file", "text");
		fs.cpSync("/tmp/a", "/tmp/copy", { recursive: true });
		fs.renameSync("/tmp/copy/b/file", "/tmp/copy/b/moved");
		fs.symlinkSync("b/moved", "/tmp/copy/link");
		fs.linkSync("/tmp/copy/b/moved", "/tmp/copy/b/hard");
		fs.chmodSync("/tmp/copy/b/moved", 0o600);
		fs.chownSync("/tmp/copy/b/moved", process.getuid!(), process.getgid!());
		fs.lchownSync("/tmp/copy/link", process.getuid!(), process.getgid!());
		fs.utimesSync("/tmp/copy/b/moved", 1, 1);
		fs.lutimesSync("/tmp/copy/link", 1, 1);
		fs.accessSync("/tmp/copy/b/moved", fs.constants.W_OK);
		const found = [...new Bun.Glob("**/*").scanSync("/tmp/copy")].sort().join();
		const text = zlib.gunzipSync(zlib.gzipSync(fs.readFileSync("/tmp/copy/link"))).toString();
		const password = await Bun.password.verify("secret", await Bun.password.hash("secret"));
		const fd = fs.openSync("/tmp/vector", "w+");
		fs.writevSync(fd, [Buffer.from("one "), Buffer.from("two three")]);
		fs.ftruncateSync(fd, 11);
		fs.fdatasyncSync(fd);
		fs.fsyncSync(fd);
		fs.fchmodSync(fd, 0o600);
		fs.fchownSync(fd, process.getuid!(), process.getgid!());
		fs.futimesSync(fd, 1, 1);
		const parts = [Buffer.alloc(4), Buffer.alloc(7)];
		fs.readvSync(fd, parts, 0);
		fs.readvSync(fd, [Buffer.alloc(1)]);
		fs.closeSync(fd);
		fs.truncateSync("/tmp/vector", 7);
		fs.appendFileSync("/tmp/vector", "!");
		const kind = fs.statfsSync("/tmp").type !== 0;
		const folder = fs.mkdtempSync("/tmp/made-");
		fs.rmdirSync(folder);
		const mapped = Bun.mmap("/tmp/vector").length;
		for await (const entry of await fs.promises.opendir("/tmp/copy")) void entry.name;
		const realpath = fs.realpathSync.native("/tmp/copy/link");
		fs.rmSync("/tmp/copy", { recursive: true });
		console.log(found, text, password, crypto.randomUUID().length, fs.existsSync("/tmp/copy"), Buffer.concat(parts).toString(),
			fs.readFileSync("/tmp/vector", "utf8"), kind, mapped, realpath);
	EOT
	cat >"$BUN_KIT/process.ts" <<-'EOT'
		import os from "os";
		const usage = process.resourceUsage().maxRSS > 0 && process.cpuUsage().user + process.cpuUsage().system > 0 && process.memoryUsage().rss > 0;
		os.setPriority(os.getPriority() + 1);
		Bun.sleepSync(1);
		await Bun.sleep(1);
		const caught = new Promise((done) => process.once("SIGUSR2", () => done("caught")));
		process.kill(process.pid, "SIGUSR2");
		const large = new Response(new Blob(["x".repeat(1 << 24)]));
		process.umask(process.umask());
		console.log(usage, os.getPriority(), await caught, os.userInfo().uid, Array.isArray(process.getgroups!()),
			(await large.arrayBuffer()).byteLength, os.loadavg().length, process.uptime() > 0, os.hostname());
	EOT
	cat >"$BUN_KIT/sockets.ts" <<-'EOT'
		import net from "net";
		const listener = Bun.listen({ unix: "/run/capakit/raw.sock", socket: { data: (socket, data) => void socket.write(data), open: (socket) => void socket.setNoDelay?.(true) } });
		const client = net.connect("/run/capakit/raw.sock").setEncoding("utf8");
		client.write("through");
		const [data] = await new Promise<any[]>((done) => client.once("data", (...all) => done(all)));
		client.destroy();
		listener.stop(true);
		console.log(data);
	EOT
	cat >"$BUN_KIT/loopback.ts" <<-'EOT'
		import dgram from "dgram";
		import net from "net";
		const server = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response("TCP") });
		const answer = await (await fetch(`http://localhost:${server.port}/`)).text();
		server.stop(true);
		const listener = net.createServer((socket) => socket.pipe(socket)).listen(0, "::1");
		await new Promise((done) => listener.once("listening", done));
		const client = net.connect((listener.address() as net.AddressInfo).port, "::1").setKeepAlive(true).setEncoding("utf8");
		client.write("IPv6");
		const echo = await new Promise((done) => client.once("data", done));
		client.destroy();
		listener.close();
		const udp = await Bun.udpSocket({ hostname: "127.0.0.1", socket: { data: (socket, data) => got(data.toString()) } });
		let got: (text: string) => void;
		const datagram = new Promise<string>((done) => (got = done));
		dgram.createSocket("udp4").send("UDP", udp.port, "127.0.0.1");
		console.log(answer, echo, await datagram);
		process.exit();
	EOT
}

feature install-with-lifecycle-scripts ran "bun install >/dev/null && cat post"
feature packages installed "bun -e 'console.log(require(\"dep\"))'"
feature programs-of-packages executed "bun --bun x dep"
feature scripts hello "bun run --silent hello"
feature test "1 pass" "bun test 2>&1 | grep -o '1 pass'"
feature build 42 "bun build entry.ts --outdir=out >/dev/null && bun out/entry.js"
feature compile 42 "bun build --compile entry.ts --outfile=one >/dev/null && ./one"
feature sqlite '[{"a":7}]' "bun sqlite.ts"
feature workers 42 "bun worker.ts"
feature children "piped executed forked SIGTERM shell blob 1048576" "bun children.ts"
feature watching-files seen "bun watch.ts"
feature serving-on-a-socket "69 echoed" "bun serve.ts"
feature files "b/hard,b/moved text true 36 false one two thr one two! true 8 /tmp/copy/b/moved" "bun files.ts"
feature its-process "true 1 caught 1000 true 16777216 3 true capakit" "bun process.ts"
feature sockets through "bun sockets.ts"
feature loopback "TCP IPv6 UDP" "bun loopback.ts" loopback
feature tools "done 2" "mkdir -p /tmp/t && cd /tmp/t && cp -a /kit/dep . && mv dep moved && ln -s moved link && ln moved/index.js hard &&
	touch -d @1 hard && chmod 600 hard && rm -r moved && mktemp >/dev/null && find . -name h\\* | xargs ls -la >list && df . >/dev/null && du -s . >/dev/null &&
	id >/dev/null && date >/dev/null && env | sort | grep -c PATH | sed s/1/1/ >/dev/null && tar czf a.tgz hard && tar xzf a.tgz -O >/dev/null &&
	{ timeout 5 sleep 0.01 || exit 1; } && nice -n 1 true && head -c 3 /dev/urandom | cksum >/dev/null && echo done \$(ls /tmp/t | grep -c -e hard -e link)"

# in_bun_kit PROFILE NETWORK COMMAND...: in a sandbox with the Kit as its folder, which keeps what was written
# to $WORK/layer
in_bun_kit() {
	policy "$WORK/policy.json" --profile "$1" --network "$2" 0 0 --env PATH /attack:/usr/bin:/bin --bind "$BUN_KIT" /kit xi \
		--overlay /kit "$WORK/layer/upper" "$WORK/layer/work" "$BUN_KIT" --bind "$WORK/view" /run/capakit w \
		--directory /kit -- "${@:3}" && "$LAUNCHER" --policy "$WORK/policy.json"
}
