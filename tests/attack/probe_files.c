// SPDX-License-Identifier: GPL-3.0-or-later
/* Attacks by files: the kernel's in /proc, other processes' links, descriptors, the launcher. */
#include "probe.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define NOT_THERE ERRORS(EACCES, ENOENT, EROFS, EPERM, ENOTDIR, ELOOP, EIO)

static void try_open(const char *path, int flags)
{
	held(path, open(path, flags | O_CLOEXEC), NOT_THERE);
}

/* Writes nothing: opening for writing is what has to fail. */
static int kernel_files(int argc, char **argv)
{
	const char *writes[] = {
		"/proc/sys/kernel/core_pattern",
		"/proc/sys/kernel/modprobe",
		"/proc/sys/kernel/hostname",
		"/proc/sys/kernel/unprivileged_bpf_disabled",
		"/proc/sys/vm/overcommit_memory",
		"/proc/sys/net/ipv4/ip_forward",
		"/proc/sys/fs/binfmt_misc/register",
		"/proc/sys/user/max_user_namespaces",
		"/proc/sysrq-trigger",
		"/proc/irq/default_smp_affinity",
		"/proc/self/oom_score_adj",
		"/proc/self/mem",
		"/proc/self/uid_map",
		"/proc/self/attr/current",
		"/proc/1/mem",
		"/proc/1/oom_score_adj",
		"/sys/kernel/uevent_helper",
		"/sys/fs/cgroup/release_agent",
		"/sys/fs/cgroup/memory/release_agent",
		"/sys/power/state",
		"/etc/passwd",
		"/etc/ld.so.preload",
		"/etc/ld.so.cache",
		"/usr/bin/env",
	};
	const char *reads[] = {"/proc/kmsg",
			       "/dev/kmsg",
			       "/dev/mem",
			       "/dev/vda",
			       "/dev/sda",
			       "/dev/kvm",
			       "/dev/fuse",
			       "/dev/tty",
			       "/dev/ptmx",
			       "/dev/net/tun",
			       "/dev/console",
			       "/proc/sysrq-trigger",
			       "/sys/kernel/debug",
			       "/etc/shadow",
			       "/root",
			       "/boot",
			       "/var",
			       "/mnt",
			       "/srv",
			       "/.layers"};

	for (size_t i = 0; i < sizeof(writes) / sizeof(writes[0]); i++) {
		try_open(writes[i], O_WRONLY);
		unlink("/tmp/swapped");
		if (symlink(writes[i], "/tmp/swapped") == 0)
			try_open("/tmp/swapped", O_WRONLY);
	}
	for (size_t i = 0; i < sizeof(reads) / sizeof(reads[0]); i++) {
		// what is masked by /dev/null may be opened, and holds nothing
		int fd = open(reads[i], O_RDONLY);
		char byte;
		if (fd >= 0 && read(fd, &byte, 1) == 0)
			continue;
		held(reads[i], fd, NOT_THERE);
	}
	return verdict();
}

/* Masked files hold nothing. */
static int masks(int argc, char **argv)
{
	const char *files[] = {"kcore",	  "keys",	"key-users",  "kallsyms",
			       "modules", "timer_list", "interrupts", "sched_debug"};
	const char *folders[] = {"acpi", "bus", "driver", "fs", "irq", "scsi", "asound"};
	char path[64], byte;

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		snprintf(path, sizeof(path), "/proc/%s", files[i]);
		int fd = open(path, O_RDONLY);
		errno = ENOENT;
		held(path, fd >= 0 && read(fd, &byte, 1) > 0 ? 0 : -1, NOT_THERE);
	}
	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		snprintf(path, sizeof(path), "/proc/%s", folders[i]);
		DIR *dir = opendir(path);
		int count = 0;
		while (dir && readdir(dir))
			count++;
		errno = ENOENT;
		held(path, count > 2 ? 0 : -1, NOT_THERE);
	}
	return verdict();
}

/* Links of other processes in /proc, and ways up from our own. */
static int process_links(int argc, char **argv)
{
	const char *links[] = {"/proc/1/root",	      "/proc/1/cwd",	 "/proc/1/exe",
			       "/proc/1/fd/0",	      "/proc/1/fd",	 "/proc/1/environ",
			       "/proc/1/maps",	      "/proc/1/ns/user", "/proc/1/map_files",
			       "/proc/1/task/1/root", "/proc/1/io"};
	const char *ways_up[] = {"/proc/self/root/../../root", "/proc/self/cwd/../../../../root",
				 "/proc/thread-self/root/root", "/../../root", "/.."};
	struct stat root, up;

	for (size_t i = 0; i < sizeof(links) / sizeof(links[0]); i++) {
		int fd = open(links[i], O_RDONLY);
		char byte;
		held(links[i], fd >= 0 && read(fd, &byte, 1) < 0 ? -1 : fd,
		     ERRORS(EACCES, ENOENT, EPERM));
	}
	stat("/", &root);
	for (size_t i = 0; i + 1 < sizeof(ways_up) / sizeof(ways_up[0]); i++)
		held(ways_up[i], open(ways_up[i], O_RDONLY), NOT_THERE);
	errno = ENOENT;
	held("..", stat("/..", &up) == 0 && up.st_ino != root.st_ino ? 0 : -1, NOT_THERE);
	return verdict();
}

/* Only processes of the sandbox are in /proc: fewer than this. */
static int process_list(int argc, char **argv)
{
	DIR *dir = opendir("/proc");
	int count = 0;

	for (struct dirent *entry; dir && (entry = readdir(dir));)
		count += entry->d_name[0] >= '1' && entry->d_name[0] <= '9';
	errno = ENOENT;
	printf("%d processes\n", count);
	held("processes of others in /proc", count > 4 ? 0 : -1, ERRORS(ENOENT));
	return verdict();
}

/* Exactly the standard descriptors are open, and nothing is to be had through them. */
static int descriptors(int argc, char **argv)
{
	for (int fd = 3; fd < 4096; fd++)
		held("an inherited descriptor", fcntl(fd, F_GETFD), ERRORS(EBADF));
	for (int fd = 0; fd < 3; fd++) {
		char path[32];
		held("..", openat(fd, "..", O_RDONLY), ERRORS(ENOTDIR, EACCES));
		held("../etc", openat(fd, "../etc/shadow", O_RDONLY), ERRORS(ENOTDIR, EACCES));
		snprintf(path, sizeof(path), "/proc/self/fd/%d/..", fd);
		held(path, open(path, O_RDONLY), ERRORS(ENOTDIR, EACCES));
	}
	return verdict();
}

/* Reopening a file of the host that came as a descriptor: `write`d to only as it was given. */
static int reopen(int argc, char **argv)
{
	held("reopening standard input for writing", open("/proc/self/fd/0", O_WRONLY),
	     ERRORS(EACCES, EROFS));
	held("reopening standard input", open("/proc/self/fd/0", O_RDONLY), ERRORS(EACCES));
	return verdict();
}

/* Overwriting whatever program started us. */
static int own_program(int argc, char **argv)
{
	try_open("/proc/1/exe", O_WRONLY);
	try_open("/proc/1/exe", O_PATH);
	held("/proc/self/exe", open("/proc/self/exe", O_WRONLY), ERRORS(EACCES, EROFS, ETXTBSY));
	held("executing /proc/1/exe", execl("/proc/1/exe", "x", (char *)NULL), ERRORS(EACCES));
	return verdict();
}

static int not_writable(int argc, char **argv)
{
	for (int i = 0; i < argc; i++) {
		held(argv[i], open(argv[i], O_WRONLY | O_CREAT, 0644),
		     ERRORS(EROFS, EACCES, EPERM, ENOENT, EISDIR));
		held(argv[i], unlink(argv[i]), ERRORS(EROFS, EACCES, EPERM, ENOENT, EISDIR));
		held(argv[i], rename(argv[i], "/tmp/moved"),
		     ERRORS(EROFS, EACCES, EPERM, ENOENT, EXDEV));
	}
	return verdict();
}

static int not_there(int argc, char **argv)
{
	struct stat st;

	for (int i = 0; i < argc; i++)
		held(argv[i], lstat(argv[i], &st), ERRORS(ENOENT, EACCES));
	return verdict();
}

/* Swaps two names as fast as it can until standard input ends; outside. */
static int swap(int argc, char **argv)
{
	fcntl(0, F_SETFL, O_NONBLOCK);
	for (char byte; read(0, &byte, 1) != 0;)
		if (renameat2(AT_FDCWD, argv[0], AT_FDCWD, argv[1], RENAME_EXCHANGE) < 0)
			return 1;
	return 0;
}

const struct probe probes_of_files[] = {
	{"kernel-files", kernel_files},
	{"masks", masks},
	{"process-links", process_links},
	{"process-list", process_list},
	{"descriptors", descriptors},
	{"reopen", reopen},
	{"own-program", own_program},
	{"not-writable", not_writable},
	{"not-there", not_there},
	{"swap", swap},
	{NULL, NULL},
};
