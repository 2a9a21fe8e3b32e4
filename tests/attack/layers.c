// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * capakit-sandbox with layers left out, for showing that an attack succeeds where nothing stops it,
 * and what each layer holds by itself. It is made of the product's own parts; the product has no
 * such switch. The policy decides what a layer does, the list which of them are there:
 *
 *   attack-layers --policy FILE (--with LAYER,... | --without LAYER,...) [-- COMMAND...]
 *
 * `--with none` is all off, `--without none` all on; `enum layer` says what each is. Without `root`
 * the command and its folder are the host's. Exit status and messages are as capakit-sandbox's.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"
#include "controller/sandbox/parts.h"

enum layer {
	/* Namespace and identity: as root the policy's host user in a user namespace (without it:
	 * root), else a user namespace, without which an ordinary user can have no other. */
	USER = 1 << 0,
	MOUNT = 1 << 1,
	PID = 1 << 2,
	NET = 1 << 3,
	IPC = 1 << 4,
	UTS = 1 << 5,
	CGROUP = 1 << 6,
	/* The policy's root in place of the host's, with all read-only and nosuid flags of its
	 * mounts. Needs `mount`; without `pid` its /proc is the host's. */
	ROOT = 1 << 7,
	COVERS = 1 << 8,	     // /proc read-only, what tells too much covered; needs `root`
	NO_USER_NAMESPACES = 1 << 9, // user.max_user_namespaces=0 inside; needs `user`
	CAPABILITIES = 1 << 10,	     // none in any set, locked securebits
	NO_NEW_PRIVILEGES = 1 << 11, // the next three imply it, since the kernel asks for it
	/* Landlock lets write to those of the policy's writable targets that are there. */
	LANDLOCK = 1 << 12,
	ARGUMENTS = 1 << 13, // the filter of arguments; as the next it ends foreign ABIs
	CALLS = 1 << 14,     // the filter of calls
	HIDDEN = 1 << 15,    // process 1 is not dumpable
	LIMITS = 1 << 16,
	SESSION = 1 << 17,     // setsid(2)
	DESCRIPTORS = 1 << 18, // all but 0 to 2 closed
	ENVIRONMENT = 1 << 19, // the policy's variables and no others
	ALL = (1 << 20) - 1,
};

static const struct {
	const char *name;
	enum layer layer;
	unsigned long namespace;
} layers[] = {
	{"none", 0, 0},
	{"user", USER, CLONE_NEWUSER},
	{"mount", MOUNT, CLONE_NEWNS},
	{"pid", PID, CLONE_NEWPID},
	{"net", NET, CLONE_NEWNET},
	{"ipc", IPC, CLONE_NEWIPC},
	{"uts", UTS, CLONE_NEWUTS},
	{"cgroup", CGROUP, CLONE_NEWCGROUP},
	{"root", ROOT, 0},
	{"covers", COVERS, 0},
	{"no-user-namespaces", NO_USER_NAMESPACES, 0},
	{"capabilities", CAPABILITIES, 0},
	{"no-new-privileges", NO_NEW_PRIVILEGES, 0},
	{"landlock", LANDLOCK, 0},
	{"arguments", ARGUMENTS, 0},
	{"calls", CALLS, 0},
	{"hidden", HIDDEN, 0},
	{"limits", LIMITS, 0},
	{"session", SESSION, 0},
	{"descriptors", DESCRIPTORS, 0},
	{"environment", ENVIRONMENT, 0},
};

struct run {
	struct policy *policy;
	unsigned on; // layers
};

_Noreturn static void fail(const char *text)
{
	dprintf(STDERR_FILENO, "attack-layers: %s\n", text);
	_exit(SANDBOX_EXIT_SETUP);
}

static bool on(const struct run *run, enum layer layer)
{
	return run->on & layer;
}

static unsigned parse_layer(const char *name, size_t len)
{
	for (size_t i = 0; i < array_len(layers); i++)
		if (strlen(layers[i].name) == len && strncmp(layers[i].name, name, len) == 0)
			return layers[i].layer;
	fail("there is no such layer");
}

static unsigned parse_layers(const char *list)
{
	unsigned chosen = 0;

	for (const char *at = list; *at; at += *at == ',') {
		size_t len = strcspn(at, ",");
		chosen |= parse_layer(at, len);
		at += len;
	}
	return chosen;
}

static unsigned long kinds_of(const struct run *run)
{
	unsigned long kinds = 0;

	for (size_t i = 0; i < array_len(layers); i++)
		if (on(run, layers[i].layer))
			kinds |= layers[i].namespace;
	return kinds & namespaces_of(run->policy);
}

/* The /proc of a process namespace that is not left is the one that is there. */
static int attach_hosts_proc(struct root *root, const struct policy_mount *mount, struct err *err)
{
	auto_fd int host = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	auto_fd int clone = tree_clone(host, "/proc", err);
	auto_fd int target = root_folder(root, mount->target, err);

	if (clone < 0 || target < 0 || !root_attach(root, clone, target, false, "/proc", err))
		return -1;
	return take_fd(&clone);
}

static bool make_mount(const struct run *run, struct root *root, const struct policy_mount *mount,
		       struct err *err)
{
	if (mount->kind != POLICY_MOUNT_PROC)
		return mounts_make_one(root, mount, err);
	auto_fd int proc =
		on(run, PID) ? proc_attach(root, mount, err) : attach_hosts_proc(root, mount, err);
	return proc >= 0 && (!on(run, COVERS) || proc_cover(root, proc, err));
}

static bool own_root(const struct run *run, struct err *err)
{
	struct root root = {.fd = -1, .proc = -1, .idmap = -1};

	umask(0);
	if (!root_begin(&root, run->policy, err))
		return false;
	for (size_t i = 0; i < run->policy->n_mounts; i++)
		if (!make_mount(run, &root, &run->policy->mounts[i], err))
			return false;
	return root_enter(&root, err);
}

/* What Landlock names must be there. */
static void forget_missing_targets(struct policy *policy)
{
	size_t kept = 0;

	for (size_t i = 0; i < policy->n_mounts; i++)
		if (access(policy->mounts[i].target, F_OK) == 0)
			policy->mounts[kept++] = policy->mounts[i];
	policy->n_mounts = kept;
}

static bool own_files(const struct run *run, struct err *err)
{
	if (!on(run, ROOT)) {
		forget_missing_targets(run->policy);
		return true;
	}
	if (!own_root(run, err))
		return false;
	return chdir(run->policy->directory) == 0 || err_sys(err, errno, "entering the folder");
}

static bool own_namespaces(const struct run *run, int launcher, struct err *err)
{
	bool waits = on(run, USER) && !policy_is_root_mode(run->policy);

	if (waits && !namespaces_await_launcher(launcher, err))
		return false;
	if (on(run, SESSION))
		setsid();
	if (on(run, UTS) && sethostname(run->policy->hostname, strlen(run->policy->hostname)) < 0)
		return err_sys(err, errno, "setting the host name");
	return !on(run, NET) || network_set_up(run->policy, err);
}

static bool own_user(const struct run *run, int launcher, int proc, struct err *err)
{
	if (on(run, USER) && policy_is_root_mode(run->policy) &&
	    !namespaces_become_workload(run->policy, launcher, err))
		return false;
	return !on(run, NO_USER_NAMESPACES) || namespaces_forbid_more(proc, err);
}

/* An ordinary user outside of a user namespace has none, and no right to its bounding set. */
static bool drop_capabilities(const struct run *run, struct err *err)
{
	bool has_any = geteuid() == 0 || on(run, USER);

	return has_any ? privileges_drop(err) : privileges_keep_none(err);
}

/* Executing a program takes them from whoever is not user 0, so they are made ambient. */
static bool keep_capabilities(struct err *err)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct sets[2];

	if (syscall(SYS_capget, &header, sets) < 0)
		return err_sys(err, errno, "reading the capabilities");
	for (int i = 0; i < 2; i++)
		sets[i].inheritable = sets[i].permitted;
	if (syscall(SYS_capset, &header, sets) < 0)
		return err_sys(err, errno, "making the capabilities inheritable");
	for (unsigned cap = 0; cap < 64; cap++)
		if (sets[cap / 32].permitted & (1U << cap % 32))
			prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, cap, 0, 0);
	return true;
}

static bool drop(const struct run *run, struct err *err)
{
	unsigned needs_it = LANDLOCK | ARGUMENTS | CALLS | NO_NEW_PRIVILEGES;

	if (on(run, LIMITS) && !privileges_limit_resources(run->policy, err))
		return false;
	umask(run->policy->umask);
	if (on(run, NET) && !network_await_egress(run->policy, err))
		return false;
	if (!(on(run, CAPABILITIES) ? drop_capabilities(run, err) : keep_capabilities(err)))
		return false;
	if ((run->on & needs_it) && !privileges_forbid_new(err))
		return false;
	if (on(run, LANDLOCK) && !landlock_restrict(run->policy, err))
		return false;
	/* A change of user has made it so; a launcher without this layer takes it back. */
	return prctl(PR_SET_DUMPABLE, !on(run, HIDDEN)) == 0 ||
	       err_sys(err, errno, "setting whether dumps are allowed");
}

static bool filter(const struct run *run, struct err *err)
{
	if (on(run, ARGUMENTS) && !filter_install_arguments(run->policy, err))
		return false;
	return !on(run, CALLS) || filter_install_calls(run->policy, err);
}

static bool set_up(const struct run *run, int launcher, struct err *err)
{
	auto_fd int proc = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);

	return own_namespaces(run, launcher, err) && own_files(run, err) &&
	       own_user(run, launcher, proc, err) && drop(run, err);
}

_Noreturn static void execute(const struct run *run)
{
	const struct policy *policy = run->policy;
	char **argv = xcalloc(policy->n_argv + 1, sizeof(*argv));

	memcpy(argv, policy->argv, policy->n_argv * sizeof(*argv));
	if (on(run, ENVIRONMENT))
		clearenv();
	for (size_t i = 0; i < policy->n_env && on(run, ENVIRONMENT); i++)
		setenv(policy->env[i].name, policy->env[i].value, 1);
	if (on(run, SESSION))
		setsid();
	if (on(run, DESCRIPTORS))
		close_range(3, ~0U, 0);
	sigset_t none;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	struct err err = {0};
	if (on(run, LIMITS) && !privileges_limit_data(run->policy, &err))
		fail(err.text);
	execvp(argv[0], argv);
	dprintf(STDERR_FILENO, "attack-layers: executing %s: %s\n", argv[0], strerror(errno));
	_exit(SANDBOX_EXIT_NOT_EXECUTED);
}

_Noreturn static void inside(const struct run *run, int launcher)
{
	struct err err = {0};

	if (!set_up(run, launcher, &err))
		fail(err.text);
	close(launcher);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (!filter(run, &err))
		fail(err.text);
	init_block_signals();
	pid_t child = fork();
	if (child == 0)
		execute(run);
	if (child < 0)
		fail("starting the command");
	_exit(init_wait(child));
}

static int outside(const struct run *run)
{
	struct err err = {0};
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		fail("making a socket pair");
	init_block_signals();
	pid_t child = namespaces_fork(kinds_of(run), &err);
	if (child < 0)
		fail(err.text);
	if (child == 0) {
		close(pair[0]);
		inside(run, pair[1]);
	}
	close(pair[1]);
	if (on(run, USER) && !namespaces_serve_maps(run->policy, child, pair[0], &err)) {
		close(pair[0]);
		init_wait(child);
		fail(err.text);
	}
	return init_wait(child);
}

static void read_arguments(struct run *run, int argc, char **argv)
{
	struct err err = {0};

	if (argc < 5 || !str_eq(argv[1], "--policy") ||
	    !(str_eq(argv[3], "--with") || str_eq(argv[3], "--without")))
		fail("usage: --policy FILE (--with|--without) LAYER,... [-- COMMAND...]");
	run->policy = input_policy_file(argv[2], &err);
	if (!run->policy)
		fail(err.text);
	run->on = parse_layers(argv[4]);
	if (str_eq(argv[3], "--without"))
		run->on = ALL & ~run->on;
	if ((on(run, ROOT) && !on(run, MOUNT)) || (on(run, COVERS) && !on(run, ROOT)))
		fail("root needs mount, covers needs root");
	if (on(run, NO_USER_NAMESPACES) && !on(run, USER))
		fail("no-user-namespaces needs user, since the limit would be the host's");
	if (argc > 6)
		policy_clear_args(run->policy);
	for (int i = 6; i < argc; i++)
		policy_add_arg(run->policy, argv[i]);
}

int main(int argc, char **argv)
{
	struct run run = {0};
	struct err err = {0};

	read_arguments(&run, argc, argv);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (on(&run, DESCRIPTORS) && !input_close_others(run.policy->handoff_fd, &err))
		fail(err.text);
	int status = outside(&run);
	policy_free(&run.policy);
	return status;
}
