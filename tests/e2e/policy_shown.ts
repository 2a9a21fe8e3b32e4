// SPDX-License-Identifier: GPL-3.0-or-later
// Compares what `capakit policy show --json` shows with what a witness in the sandbox says (attack-witness):
//   questions SHOWN.JSON FOLDER WORKLOAD...       writes what each witness is to ask about
//   compare SHOWN.JSON PROFILE STATUS.JSON LOGS   one case for each aspect of each phase
//   command SHOWN.JSON LABEL REPORT               the same of one phase, whose command has printed REPORT
import { spawnSync } from "child_process";
import fs from "fs";
import os from "os";

type Verdict = string; // "allow", "EPERM", ...
type Condition = { call: string; verdict: Verdict; when: string };
type Phase = any;
type Report = any;

const MARKED = 777;
const NEWER: Record<string, string> = { 452: "fchmodat2", 467: "open_tree_attr" }; // than libseccomp
const CAPABILITIES = ["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"];
const NOT_THERE = ["/sys", "/var", "/home/elsewhere", "/root", "/proc/1/root/etc/shadow", "/dev/tty", "/dev/kmsg"];
const asRoot = process.getuid!() === 0;
const [mode, shownPath, ...rest] = process.argv.slice(2);
const shown: Phase[] = JSON.parse(fs.readFileSync(shownPath, "utf8"));

// ---- the filter as it is shown ----

type Comparison = { argument: number; holds: (value: bigint) => boolean; example: bigint };

function comparison(text: string): Comparison {
	const masked = /^argument (\d) & (\w+) is (\w+)$/.exec(text);
	if (masked) {
		const [mask, value] = [BigInt(masked[2]), BigInt(masked[3])];
		return { argument: +masked[1], holds: (given) => (given & mask) === value, example: value };
	}
	const other = /^argument (\d) is (not|above) (\d+)$/.exec(text);
	if (!other) throw new Error(`a condition that this test does not know: ${text}`);
	const limit = BigInt(other[3]);
	const holds = (given: bigint) => (other[2] === "not" ? given !== limit : given > limit);
	return { argument: +other[1], holds, example: limit + 1n };
}

const comparisons = (condition: Condition) => condition.when.split(" and ").map(comparison);

function argumentsFor(condition: Condition): bigint[] {
	const values = [0n, 0n, 0n, 0n];
	for (const one of comparisons(condition)) values[one.argument] = one.example;
	return values;
}

// The program with the list of calls answers before the one that looks at arguments.
function expected(phase: Phase, call: string, values: bigint[]): Set<Verdict> {
	const matching = phase.filter.arguments.filter(
		(one: Condition) => one.call === call && comparisons(one).every((c) => c.holds(values[c.argument])),
	) as Condition[];
	const group = phase.filter.groups.find((one: any) => one.calls.includes(call));
	const allowedFor = matching.some((one) => one.verdict === "allow");
	const listed = group?.verdict ?? (allowedFor ? "allow" : phase.filter.others);
	const refusals = matching.map((one) => one.verdict).filter((verdict) => verdict !== "allow");
	return new Set(listed !== "allow" || refusals.length === 0 ? [listed] : refusals);
}

function verdictOf(error: number): Verdict {
	if (error === MARKED) return "allow";
	return Object.entries(os.constants.errno).find(([, number]) => number === error)?.[0] ?? `error ${error}`;
}

// ---- what is asked ----

const queriesOf = (phases: Phase[]) => [
	...new Set(phases.flatMap((phase) => phase.filter.arguments.map((one: Condition) => `${one.call} ${argumentsFor(one).join(" ")}`))),
] as string[];
const targetsOf = (phases: Phase[]) => [...new Set(phases.flatMap((phase) => phase.policy.mounts.map((mount: any) => mount.target)))] as string[];

function hostsOf(phases: Phase[]): string[] {
	const named = phases.flatMap((phase) => phase.egress ?? []).map((rule: any) => `${rule.name.replace("*", "some")}:${rule.port ?? 443}`);
	return named.length ? [...new Set([...named, ...named.map((host) => host.replace(/:.*/, ":22")), "elsewhere.example:443", "127.0.0.1:443"])] : [];
}

function questions(folder: string, workloads: string[]) {
	for (const workload of workloads) {
		const phases = shown.filter((phase) => phase.workload === workload);
		fs.writeFileSync(`${folder}/${workload}/queries`, queriesOf(phases).join("\n"));
		fs.writeFileSync(`${folder}/${workload}/targets`, [...targetsOf(phases), ...NOT_THERE].join("\n"));
		fs.writeFileSync(`${folder}/${workload}/hosts`, hostsOf(phases).join("\n"));
	}
}

// ---- comparing ----

const unequal = (what: string, got: unknown, wanted: unknown) =>
	JSON.stringify(got) === JSON.stringify(wanted) ? [] : [`${what}: shown ${JSON.stringify(wanted)}, is ${JSON.stringify(got)}`];

function command(phase: Phase, report: Report): string[] {
	const policy = phase.policy;
	return ["uid", "gid", "directory", "hostname"].flatMap((name) => unequal(name, report[name], policy[name]))
		.concat(unequal("command", report.command, policy.command), unequal("umask", report.umask, parseInt(policy.umask, 8)));
}

function environment(phase: Phase, report: Report): string[] {
	const wanted = Object.fromEntries(phase.policy.environment.map((one: any) => [one.name, one.value]));
	const got = { ...report.environment };
	for (const name of ["CAPAKIT_PRESENCE_ID", "CAPAKIT_WORKLOAD_RUNTIME_SID"]) // new at each start, at each run
		if (name in wanted && name in got) wanted[name] = got[name];
	return Object.keys({ ...wanted, ...got }).flatMap((name) => unequal(name, got[name], wanted[name]));
}

function limits(phase: Phase, report: Report): string[] {
	const outer = Object.fromEntries(
		spawnSync("prlimit", ["--raw", "--noheadings", "-o", "RESOURCE,HARD"]).stdout.toString().trim().split("\n").map((line) => line.split(/\s+/)),
	);
	return phase.policy.limits.flatMap((limit: any) => {
		const most = Number(outer[limit.resource.toUpperCase()] ?? NaN);
		const wanted = Number.isNaN(most) ? limit.value : Math.min(limit.value, most);
		return unequal(limit.resource, report.limits[limit.resource], [wanted, wanted]);
	});
}

function filter(phase: Phase, report: Report): string[] {
	const faults = Object.entries(report.calls as Record<string, number>).flatMap(([key, error]) => {
		const name = NEWER[key] ?? key;
		const wanted = expected(phase, name, [0n, 0n, 0n, 0n]);
		return wanted.has(verdictOf(error)) ? [] : [`${name}: shown ${[...wanted]}, is ${verdictOf(error)}`];
	});
	const named = phase.filter.groups.flatMap((group: any) => group.calls).length;
	return named > 50 && Object.keys(report.calls).length > 400 ? faults : [...faults, "too few calls were compared"];
}

function filterArguments(phase: Phase, report: Report, asked: string[]): string[] {
	return asked.flatMap((line, i) => {
		const [name, ...values] = line.split(" ");
		if (report.queries[i] === null) return [];
		const wanted = expected(phase, name, values.map(BigInt));
		const got = verdictOf(report.queries[i]);
		return wanted.has(got) ? [] : [`${line}: shown ${[...wanted]}, is ${got}`];
	});
}

type Mount = { target: string; options: string[]; type: string; more: string[] };
function mountOf(line: string): Mount {
	const [before, after] = line.split(" - ").map((part) => part.split(" "));
	return { target: before[4], options: before[5].split(",").concat(before.slice(6)), type: after[0], more: (after[2] ?? "").split(",") };
}

function mountFaults(mount: any, is: Mount | undefined): string[] {
	if (!is) return [`${mount.target} is no mount`];
	const flag = (name: string, wanted: boolean) =>
		is.options.includes(name) === wanted ? [] : [`${mount.target} is ${wanted ? "not " : ""}${name}`];
	const type = { tmpfs: "tmpfs", proc: "proc", overlay: "overlay" }[mount.kind as string];
	const writable = mount.writable || mount.kind === "tmpfs";
	return [
		...flag("ro", !writable), ...flag("nosuid", true), ...flag("nodev", true), ...flag("noexec", !mount.executable),
		...(type ? unequal(`${mount.target} type`, is.type, type) : []),
		...(mount.kind === "tmpfs" ? unequal(`${mount.target} size`, is.more.find((one) => one.startsWith("size=")), `size=${mount.size / 1024}k`) : []),
		...(mount.kind === "proc" ? unequal("/proc of processes alone", is.more.includes("subset=pid"), mount.processes_only) : []),
		...(mount.kind === "bind" ? flag("idmapped", asRoot && mount.idmap_owner) : []),
	];
}

function mounts(phase: Phase, report: Report): string[] {
	const real = (report.mounts as string[]).map(mountOf);
	const wanted = phase.policy.mounts.filter((mount: any) => ["bind", "tmpfs", "proc", "overlay"].includes(mount.kind));
	const known = new Set(["/", ...wanted.map((mount: any) => mount.target)]);
	const more = real.filter((one) => !known.has(one.target) && !/^\/(dev|proc)\//.test(one.target));
	return [
		...wanted.flatMap((mount: any) => mountFaults(mount, real.findLast((one) => one.target === mount.target))),
		...more.map((one) => `${one.target} is mounted and not shown`),
		...(real.find((one) => one.target === "/")!.options.includes("ro") ? [] : ["/ can be written"]),
	];
}

function contentFaults(mount: any, is: any): string[] {
	const type = { file: "file", symlink: "symlink", dir: "folder" }[mount.kind as string];
	return [
		...(type ? unequal(`${mount.target} type`, is.type, type) : []),
		...(mount.content === undefined ? [] : unequal(mount.target, is.content, mount.content)),
		...(mount.kind === "dir" ? unequal(`${mount.target} mode`, is.mode, parseInt(mount.mode, 8)) : []),
	];
}

// The same folder or file as outside, and written to where that is shown and nowhere else.
function targetFaults(mount: any, is: any): string[] {
	if (!is?.type) return [`${mount.target} is not there`];
	const source = mount.kind === "bind" ? fs.statSync(mount.source) : null;
	const writable = mount.writable || mount.kind === "tmpfs";
	const inTmp = mount.kind === "dir" && mount.target.startsWith("/tmp/");
	return [
		...contentFaults(mount, is),
		...(source ? unequal(`${mount.target} inode`, [is.device, is.inode], [source.dev, source.ino]) : []),
		...(is.type === "symlink" || (is.write === 0) === (writable || inTmp) ? [] : [`${mount.target}: writing says ${verdictOf(is.write)}`]),
	];
}

function targets(phase: Phase, report: Report): string[] {
	const found = (path: string) => report.targets.find((one: any) => one.path === path);
	return [
		...phase.policy.mounts.flatMap((mount: any) => targetFaults(mount, found(mount.target))),
		...NOT_THERE.filter((path) => found(path)?.type).map((path) => `${path} is there`),
	];
}

function names(phase: Phase, report: Report): string[] {
	const below = (folder: string) => {
		const start = folder === "/" ? "/" : `${folder}/`;
		const inside = phase.policy.mounts.map((mount: any) => mount.target).filter((target: string) => target.startsWith(start));
		return [...new Set(inside.map((target: string) => target.slice(start.length).split("/")[0]))].sort();
	};
	const folders = ["/", "/etc", "/run", "/mnt"];
	const sockets = phase.connections.map((one: any) => one.socket.split("/").at(-1)).sort();
	return [
		...folders.flatMap((folder) => unequal(folder, report.folders[folder].sort(), below(folder))),
		...unequal("connections", report.folders["/run/capakit/connect"].sort(), sockets),
	];
}

function confinement(report: Report): string[] {
	const outside = Object.entries(report.namespaces).filter(([name, id]) => fs.readlinkSync(`/proc/self/ns/${name}`) === id);
	const abis = Object.entries(report.foreign).filter(([, signal]) => signal !== os.constants.signals.SIGSYS);
	const map = report.uid_map.trim().split(/\s+/);
	return [
		...unequal("namespaces", Object.keys(report.namespaces).length, 7),
		...outside.map(([name]) => `the ${name} namespace is the host's`),
		...CAPABILITIES.flatMap((set) => unequal(set, BigInt(`0x${report.status[set]}`) === 0n, true)),
		...unequal("no new privileges, filters", [report.status.NoNewPrivs, report.status.Seccomp], ["1", "2"]),
		...abis.map(([name]) => `calls by ${name} are not killed`),
		...unequal("users", [map.length, map[1] === "0"], [3, false]),
	];
}

const matches = (rule: any, host: string, port: number) =>
	(rule.name === "*" || rule.name === host || (rule.name.startsWith("*.") && host.endsWith(rule.name.slice(1)))) &&
	(rule.port === null ? [80, 443].includes(port) : rule.port === port);

function network(phase: Phase, report: Report, asked: string[]): string[] {
	const interfaces = report.interfaces.split("\n").slice(2).map((line: string) => line.split(":")[0].trim()).filter(Boolean);
	return asked.flatMap((name, i) => {
		const [host, port] = name.split(":");
		const allowed = phase.egress?.some((rule: any) => matches(rule, host, +port));
		const status = report.hosts[i];
		const held = phase.egress === null ? status === 0 : status === 403;
		return held === !allowed ? [] : [`${name} is ${allowed ? "shown" : "not shown"}, and was answered with ${status}`];
	}).concat(unequal("interfaces", interfaces, ["lo"]));
}

// Somebody outside passes in folders, by the host's own mounts, which are writable: what is left is Landlock.
// What is shown as writable may be read and written by any way; all else only below the sandbox's own root.
function landlock(report: Report): string[] {
	const refused = os.constants.errno.EACCES;
	return unequal("read-only, read-write, elsewhere", report.given, [
		{ read: refused, create: refused },
		{ read: 0, create: 0 },
		{ read: refused, create: refused },
	]);
}

// ---- limits of the whole sandbox ----

const CGROUP_FILES: Record<string, string[]> = { // resource: controller, file of version 1, of version 2
	memory: ["memory", "memory.limit_in_bytes", "memory.max"],
	pids: ["pids", "pids.max", "pids.max"],
};

function cgroupValue(pid: number, resource: string, holder: string): string {
	const [controller, first, second] = CGROUP_FILES[resource];
	const lines = fs.readFileSync(`/proc/${pid}/cgroup`, "utf8").trim().split("\n").map((line) => line.split(":"));
	if (holder === "cgroup v1") {
		const path = lines.find((line) => line[1].split(",").includes(controller))![2];
		return fs.readFileSync(`/sys/fs/cgroup/${controller}${path}/${first}`, "utf8").trim();
	}
	const root = fs.existsSync("/sys/fs/cgroup/cgroup.controllers") ? "/sys/fs/cgroup" : "/sys/fs/cgroup/unified";
	return fs.readFileSync(`${root}${lines.find((line) => line[0] === "0")![2]}/${second}`, "utf8").trim();
}

function resources(phase: Phase, pid: number): string[] {
	const held = phase.resources.filter((one: any) => one.resource in CGROUP_FILES && one.holder.startsWith("cgroup"));
	return held.flatMap((one: any) => {
		const own = one.resource === "pids" ? 2 : 0; // the launcher and process 1
		const page = one.resource === "memory" ? 4096 : 1; // which the kernel rounds to
		const wanted = Math.floor(one.value / page) * page + own;
		return unequal(one.resource, Number(cgroupValue(pid, one.resource, one.holder)), wanted);
	});
}

// ---- all of it ----

function reportsOf(log: string): Report[] {
	return [...fs.readFileSync(log, "utf8").matchAll(/WITNESS (\{.*\})/g)].map((match) => JSON.parse(match[1]));
}

type Witnessed = { phase: Phase; report: Report; workload: any; phases: Phase[] };

function* aspects({ phase, report, workload, phases }: Witnessed): Generator<[string, string[]]> {
	yield ["command", command(phase, report)];
	yield ["environment", environment(phase, report)];
	yield ["limits", limits(phase, report)];
	yield ["filter", filter(phase, report)];
	yield ["filter-of-arguments", filterArguments(phase, report, queriesOf(phases))];
	yield ["mounts", mounts(phase, report)];
	yield ["what-is-in-them", targets(phase, report)];
	yield ["nothing-else", names(phase, report)];
	yield ["confinement", confinement(report)];
	yield ["network", network(phase, report, hostsOf(phases))];
	if (report.given.length) yield ["landlock", landlock(report)];
	if (phase.phase === "start") yield ["resources", resources(phase, workload.sandbox_pid)];
}

function print(name: string, faults: string[]) {
	if (faults.length > 0) process.exitCode = 1;
	console.log(faults.length === 0 ? `ok ${name}` : `not ok ${name}: ${faults.slice(0, 5).join("; ")}`);
}

function witnessed(statusPath: string, logs: string): Witnessed[] {
	const status = JSON.parse(fs.readFileSync(statusPath, "utf8")).apps[0];
	const found = shown.filter((phase) => phase.policy.command[0] === "./witness");
	return found.map((phase) => {
		const phases = found.filter((one) => one.workload === phase.workload);
		const report = reportsOf(`${logs}/${phase.workload}.log`)[phases.indexOf(phase)];
		return { phase, report, workload: status.workloads.find((one: any) => one.key === phase.workload), phases };
	});
}

// What is shown, made wrong in one place each: all of these have to be noticed.
const LIES: Record<string, (phase: Phase) => void> = {
	"a mount that can be written": (phase) => (phase.policy.mounts.find((one: any) => one.target === "/kit").writable = true),
	"a mount that is not there": (phase) => phase.policy.mounts.push({ kind: "bind", target: "/srv", source: "/srv", writable: false, executable: false }),
	"a mount that is not shown": (phase) => (phase.policy.mounts = phase.policy.mounts.filter((one: any) => one.target !== "/tmp")),
	"another size": (phase) => (phase.policy.mounts.find((one: any) => one.target === "/tmp").size *= 2),
	"another variable": (phase) => (phase.policy.environment.find((one: any) => one.name === "LANG").value = "C"),
	"a variable too few": (phase) => phase.policy.environment.pop(),
	"another limit": (phase) => (phase.policy.limits.find((one: any) => one.resource === "nproc").value -= 1),
	"a call that is allowed": (phase) => (phase.filter.groups.find((one: any) => one.calls.includes("bpf")).verdict = "allow"),
	"a call that is refused": (phase) => (phase.filter.groups.find((one: any) => one.calls.includes("mount")).verdict = "ENOSYS"),
	"an argument that is allowed": (phase) => (phase.filter.arguments = phase.filter.arguments.filter((one: any) => one.call !== "ioctl")),
	"a host that is reached": (phase) => (phase.egress = [{ name: "elsewhere.example", port: 443 }]),
	"another connection": (phase) => phase.connections.push({ socket: "/run/capakit/connect/other.sock" }),
};

function compareAll(profile: string, all: Witnessed[]) {
	for (const one of all)
		for (const [aspect, faults] of aspects(one)) print(`${profile}-${one.phase.workload}-${one.phase.phase}-${aspect}`, faults);
	const netted = all.find((one) => one.phase.egress && one.phase.phase === "start")!;
	for (const [what, lie] of Object.entries(LIES)) {
		const phase = structuredClone(netted.phase);
		lie(phase);
		const noticed = [...aspects({ ...netted, phase })].some(([, faults]) => faults.length > 0);
		print(`${profile}-notices-${what.replaceAll(" ", "-")}`, noticed ? [] : ["it was not"]);
	}
}

function compareCommand(label: string, path: string) {
	const [phase] = shown;
	const [report] = reportsOf(path);
	for (const [aspect, faults] of aspects({ phase, report, workload: null, phases: shown })) print(`${label}-${aspect}`, faults);
}

if (mode === "questions") questions(rest[0], rest.slice(1));
else if (mode === "command") compareCommand(rest[0], rest[1]);
else compareAll(rest[0], witnessed(rest[1], rest[2]));
