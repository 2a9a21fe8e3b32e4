// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * One place that knows the kernel's structures and which version brought what, for the four
 * programs that confine themselves with Landlock; see landlock.h.
 */
#include "base/landlock.h"

#include <errno.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { CREATE_RULESET_VERSION = 1, RULE_PATH_BENEATH = 1 };

/* Struct landlock_ruleset_attr: ABI 1 knows the first member, ABI 4 the second, ABI 6 all. */
_Static_assert(sizeof(struct landlock_handled) == 24, "it is handed to the kernel as it is");

struct __attribute__((packed)) path_beneath {
	uint64_t allowed;
	int32_t parent;
};

static const uint64_t of_files = LANDLOCK_EXECUTE | LANDLOCK_READ_FILE | LANDLOCK_WRITE_FILE |
				 LANDLOCK_TRUNCATE | LANDLOCK_IOCTL_DEV;

int landlock_version(struct err *err)
{
	long version = syscall(SYS_landlock_create_ruleset, NULL, 0, CREATE_RULESET_VERSION);

	if (version >= 1)
		return (int)version;
	err_set(err, ERR_UNSUPPORTED,
		"this kernel has no Landlock: it needs CONFIG_SECURITY_LANDLOCK, and \"landlock\" "
		"in its list of security modules (kernel parameter lsm=); `capakit doctor` says "
		"more");
	return 0;
}

static uint64_t known_files(int version)
{
	uint64_t newer = (version < 2 ? LANDLOCK_REFER : 0) |
			 (version < 3 ? LANDLOCK_TRUNCATE : 0) |
			 (version < 5 ? LANDLOCK_IOCTL_DEV : 0);

	return LANDLOCK_ALL_FILES & ~newer;
}

int landlock_open(struct landlock_handled *handled, struct err *err)
{
	int version = landlock_version(err);
	size_t size = version >= 6 ? 24 : version >= 4 ? 16 : 8;
	long fd;

	if (version < 1)
		return -1;
	handled->fs &= known_files(version);
	if (version < 4)
		handled->net = 0;
	if (version < 6)
		handled->scoped = 0;
	fd = syscall(SYS_landlock_create_ruleset, handled, size, 0);
	if (fd < 0)
		err_sys(err, errno, "making Landlock rules (ABI %d)", version);
	return (int)fd;
}

bool landlock_allow(int rules, const struct landlock_handled *handled, int fd, uint64_t rights,
		    const char *name, struct err *err)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return err_sys(err, errno, "looking at %s for its Landlock rule", name);
	const struct path_beneath rule = {
		.allowed = rights & handled->fs & (S_ISDIR(st.st_mode) ? UINT64_MAX : of_files),
		.parent = fd,
	};
	if (syscall(SYS_landlock_add_rule, rules, RULE_PATH_BENEATH, &rule, 0) < 0)
		return err_sys(err, errno, "adding the Landlock rule of %s", name);
	return true;
}

bool landlock_apply(int rules, struct err *err)
{
	if (syscall(SYS_landlock_restrict_self, rules, 0) < 0)
		return err_sys(err, errno, "applying the Landlock rules");
	return true;
}
