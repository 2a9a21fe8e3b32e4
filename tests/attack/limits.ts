// SPDX-License-Identifier: GPL-3.0-or-later
// The workload of limits.test: uses up what the request's path names, and says how far it came.
import { appendFileSync, closeSync, mkdirSync, openSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';

const MIB = 1 << 20;
const held: Uint8Array[] = [];

const code = (error: unknown) => (error as { code?: string }).code ?? String(error);

// Repeats until it throws, `most` times at most: how often it worked, and what stopped it.
function until(most: number, act: (i: number) => void): string {
	for (let i = 0; i < most; i++) {
		try {
			act(i);
		} catch (error) {
			return `${i} ${code(error)}`;
		}
	}
	return `${most} nothing`;
}

function descriptors(): string {
	const open: number[] = [];
	const said = until(1e6, () => open.push(openSync('/dev/null', 'r')));
	open.forEach((fd) => closeSync(fd));
	return said;
}

function names(): string {
	mkdirSync('/dev/shm/names');
	const said = until(1e6, (i) => writeFileSync(`/dev/shm/names/${i}`, ''));
	rmSync('/dev/shm/names', { recursive: true });
	return said;
}

function room(): string {
	mkdirSync('/dev/shm/room');
	const said = until(200, (i) => writeFileSync(`/dev/shm/room/${i}`, new Uint8Array(MIB)));
	rmSync('/dev/shm/room', { recursive: true });
	return said;
}

function disk(): string {
	mkdirSync('filled', { recursive: true });
	return until(64, (i) => writeFileSync(`filled/${i}`, new Uint8Array(MIB).fill(1)));
}

// One that is as large as a file may be, of holes; then a byte more.
function file(): string {
	writeFileSync('large', '');
	truncateSync('large', 24 * MIB);
	try {
		appendFileSync('large', 'x');
	} catch (error) {
		setTimeout(() => process.exit(1), 100);
		return code(error);
	}
	return 'nothing';
}

function run(argv: string[], env: Record<string, string> = {}): string {
	return until(1, () => {
		const { exitCode } = Bun.spawnSync(argv, { env: { ...process.env, ...env } });
		if (exitCode !== 0) throw new Error(`status ${exitCode}`);
	});
}

async function burn(): Promise<string> {
	// So many that their share of a busy machine is more than the limit.
	const children = Array.from({ length: 16 }, () => Bun.spawn(['sh', '-c', 'i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done']));
	await Promise.all(children.map((child) => child.exited));
	return 'burnt';
}

const attacks: Record<string, () => string | Promise<string>> = {
	'/descriptors': descriptors,
	'/names': names,
	'/room': room,
	'/disk': disk,
	'/file': file,
	'/one-argument': () => run(['true', 'x'.repeat(4 * MIB)]),
	'/arguments': () => run(['true', ...Array(400).fill('x'.repeat(100000))]),
	'/environment': () => run(['true'], Object.fromEntries(Array.from({ length: 400 }, (_, i) => [`X${i}`, 'x'.repeat(100000)]))),
	'/burn': burn,
	'/memory': () => until(1000, () => held.push(new Uint8Array(16 * MIB).fill(1))),
	'/tmpfs-memory': () => until(1000, (i) => writeFileSync(`/tmp/${i}`, new Uint8Array(MIB).fill(1))),
	// First a bomb whose processes stay, until the shell cannot fork; then one whose processes come and go.
	'/bomb': () => {
		Bun.spawn(['sh', '-c', 'sh -c "while :; do sleep 60 & done"; bomb() { bomb | bomb & }; while :; do bomb; done'],
			{ stdout: 'ignore', stderr: 'ignore' });
		return 'lit';
	},
	'/group': () => {
		const groups = readFileSync('/proc/self/cgroup', 'utf8');
		const mounts = readFileSync('/proc/self/mountinfo', 'utf8');
		return `${/:\/.+/.test(groups) ? 'groups ' : ''}${/ - cgroup/.test(mounts) ? 'mounted ' : ''}` +
			until(1, () => writeFileSync('/sys/fs/cgroup/cgroup.procs', '0'));
	},
	'/of-a-process': () => readFileSync('/proc/self/limits', 'utf8'),
	'/data-limit': () => /Max data size\s+(\S+)/.exec(readFileSync('/proc/self/limits', 'utf8'))![1],
};

Bun.serve({
	unix: process.env.CAPAKIT_WORKLOAD_INGRESS_BIND!.slice('unix:'.length),
	async fetch(request) {
		const attack = attacks[new URL(request.url).pathname.replace(/^\/http/, '')];
		return new Response(attack ? await attack() : 'here\n');
	},
});
