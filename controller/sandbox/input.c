// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * What the launcher was started with: its policy and its descriptors. The policy comes in a memory
 * file whose seals show that nobody can change it any more, neither while it is read nor after
 * `policy show` has printed it; by hand any file will do.
 */
#include "controller/sandbox/parts.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"

static struct policy *read_policy(int fd, struct err *err)
{
	auto_free char *text = NULL;
	size_t len = 0;

	if (!fd_read_all(fd, POLICY_BYTES_MAX, &text, &len, err))
		return NULL;
	return policy_from_json(text, len, err);
}

struct policy *input_sealed_policy(struct err *err)
{
	const int needed = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;
	auto_fd int fd = POLICY_FD;
	int seals = fcntl(fd, F_GET_SEALS);

	if (seals < 0 || (seals & needed) != needed) {
		err_set(err, ERR_DENIED,
			"descriptor %d is no sealed memory file with a policy: this program is "
			"started "
			"by capakit; by hand use --policy FILE",
			POLICY_FD);
		return NULL;
	}
	if (lseek(fd, 0, SEEK_SET) < 0) {
		err_sys(err, errno, "reading the policy");
		return NULL;
	}
	return read_policy(fd, err);
}

struct policy *input_policy_file(const char *path, struct err *err)
{
	auto_fd int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0) {
		err_sys(err, errno, "opening the policy %s", path);
		return NULL;
	}
	return read_policy(fd, err);
}

/* A folder as standard input would be a way out of the root; a closed one would be reused. */
static bool check_standard(int fd, struct err *err)
{
	struct stat st;

	if (fstat(fd, &st) < 0) {
		if (open("/dev/null", O_RDWR) != fd)
			return err_set(err, ERR_SYSTEM, "opening /dev/null for descriptor %d", fd);
		return true;
	}
	if (S_ISDIR(st.st_mode) || S_ISBLK(st.st_mode))
		return err_set(err, ERR_DENIED,
			       "descriptor %d is a folder or a disk; the command may not get it",
			       fd);
	return true;
}

/* Keeps a descriptor for this program alone; all between it and the last that was kept are closed.
 */
static bool keep_next(int fd, unsigned *next, struct err *err)
{
	if (fcntl(fd, F_SETFD, FD_CLOEXEC) < 0)
		return err_sys(err, errno, "descriptor %d, which is needed", fd);
	if ((unsigned)fd > *next && close_range(*next, (unsigned)fd - 1, 0) < 0)
		return err_sys(err, errno, "closing descriptors");
	*next = (unsigned)fd + 1;
	return true;
}

bool input_close_others(int handoff, struct err *err)
{
	const int channel = failure_channel();
	unsigned next = 3;

	for (int fd = 0; fd < 3; fd++)
		if (!check_standard(fd, err))
			return false;
	if (channel >= 0 && channel == handoff)
		return err_set(err, ERR_USAGE, "handoff_fd is for something else: %d", handoff);
	const int first = handoff >= 0 && handoff < channel ? handoff : channel;
	const int second = first == channel ? handoff : channel;
	if ((first >= 0 && !keep_next(first, &next, err)) ||
	    (second >= 0 && !keep_next(second, &next, err)))
		return false;
	return close_range(next, ~0U, 0) == 0 || err_sys(err, errno, "closing descriptors");
}
