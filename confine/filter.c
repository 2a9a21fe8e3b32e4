// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Turns the lists into a filter. What a row does not name fails: as if there were no files (ENOENT)
 * or no such call (ENOSYS); what nobody calls by mistake kills the process. Only who may make all
 * calls is told EPERM. The filter is the last of several walls, so it is short rather than clever:
 * it is compiled anew in every sidecar, ten of which may start at once.
 */
#include "confine/filter.h"

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"
#include "confine/calls.h"

#define OPEN_FLAGS                                                                                 \
	((uint64_t)(O_WRONLY | O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW | O_LARGEFILE))

static uint32_t groups_of(const struct confine_row *row)
{
	uint32_t groups = row->calls;
#if defined(__SANITIZE_ADDRESS__)
	groups |= CONFINE_CALLS_SANITIZED;
	if (groups & CONFINE_CALLS_WAIT)
		groups |= CONFINE_CALLS_WAIT_SANITIZED;
#endif
	return groups;
}

static bool add(scmp_filter_ctx filter, uint32_t action, const char *name, unsigned count,
		const struct scmp_arg_cmp *conditions, struct err *err)
{
	int number = seccomp_syscall_resolve_name(name);
	int result = number == __NR_SCMP_ERROR
			     ? -ENOSYS
			     : seccomp_rule_add_array(filter, action, number, count, conditions);
	return result == 0 ||
	       err_sys(err, -result, "adding the system call %s to the filter", name);
}

static bool add_one(scmp_filter_ctx filter, uint32_t action, const char *name,
		    struct scmp_arg_cmp condition, struct err *err)
{
	return add(filter, action, name, 1, &condition, err);
}

/* ---- lists of what is allowed ---- */

static bool allow_not_executable(scmp_filter_ctx filter, const char *name, struct err *err)
{
	return add_one(filter, SCMP_ACT_ALLOW, name, SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0),
		       err) &&
	       add_one(filter, SCMP_ACT_KILL_PROCESS, name,
		       SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, PROT_EXEC), err);
}

static bool allow_locks(scmp_filter_ctx filter, const char *name, struct err *err)
{
	static const int commands[] = {F_GETLK, F_SETLK, F_GETFD,
				       F_SETFD, F_GETFL, F_DUPFD_CLOEXEC};
	for (size_t i = 0; i < array_len(commands); i++)
		if (!add_one(filter, SCMP_ACT_ALLOW, name,
			     SCMP_A1(SCMP_CMP_EQ, (scmp_datum_t)commands[i]), err))
			return false;
	return true;
}

static bool allow(scmp_filter_ctx filter, const struct confine_call *call, struct err *err)
{
	switch (call->condition) {
	case CONFINE_ANY:
		break;
	case CONFINE_NOT_EXECUTABLE:
		return allow_not_executable(filter, call->name, err);
	case CONFINE_TO_SELF:
		return add_one(filter, SCMP_ACT_ALLOW, call->name,
			       SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)getpid()), err);
	case CONFINE_LOCKS:
		return allow_locks(filter, call->name, err);
	case CONFINE_OPEN_FLAGS:
		return add_one(filter, SCMP_ACT_ALLOW, call->name,
			       SCMP_A2(SCMP_CMP_MASKED_EQ, UINT32_MAX & ~OPEN_FLAGS, 0), err);
	}
	return add(filter, SCMP_ACT_ALLOW, call->name, 0, NULL, err);
}

static bool is_allowed(uint32_t groups, const char *name)
{
	for (size_t i = 0; i < confine_n_calls; i++)
		if ((confine_calls[i].groups & groups) && str_eq(confine_calls[i].name, name))
			return true;
	return false;
}

/* Of a list of names those that the groups do not have. */
static bool add_others(scmp_filter_ctx filter, uint32_t action, uint32_t groups,
		       const char *const *names, struct err *err)
{
	for (; *names; names++)
		if (!is_allowed(groups, *names) && !add(filter, action, *names, 0, NULL, err))
			return false;
	return true;
}

/* ---- socket() ---- */

/* Flags aside exactly this type. */
static bool allow_socket(scmp_filter_ctx filter, int family, int type, struct err *err)
{
	const uint32_t flags = SOCK_CLOEXEC | SOCK_NONBLOCK;
	const struct scmp_arg_cmp conditions[] = {
		SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)family),
		SCMP_A1(SCMP_CMP_MASKED_EQ, UINT32_MAX & ~flags, (scmp_datum_t)type),
	};
	return add(filter, SCMP_ACT_ALLOW, "socket", array_len(conditions), conditions, err);
}

/*
 * Families are small numbers: a rule for each that lies between the row's own, which are in rising
 * order, and one for all above. Junk in the upper half of the argument is above.
 */
static bool refuse_families(scmp_filter_ctx filter, uint32_t action, const int *own, size_t n_own,
			    struct err *err)
{
	for (int family = 0, next = 0; (size_t)next < n_own; family++) {
		if (family == own[next])
			next++;
		else if (!add_one(filter, action, "socket",
				  SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)family), err))
			return false;
	}
	return add_one(filter, action, "socket", SCMP_A0(SCMP_CMP_GT, (scmp_datum_t)own[n_own - 1]),
		       err);
}

static bool add_inet_sockets(scmp_filter_ctx filter, uint32_t groups, struct err *err)
{
	static const int families[] = {AF_INET, AF_INET6};
	for (size_t i = 0; i < array_len(families); i++) {
		if ((groups & CONFINE_CALLS_INET_STREAM) &&
		    !allow_socket(filter, families[i], SOCK_STREAM, err))
			return false;
		if ((groups & CONFINE_CALLS_INET_DGRAM) &&
		    !allow_socket(filter, families[i], SOCK_DGRAM, err))
			return false;
	}
	return refuse_families(filter, SCMP_ACT_KILL_PROCESS, families, array_len(families), err);
}

static bool add_sockets(scmp_filter_ctx filter, uint32_t groups, struct err *err)
{
	static const int local[] = {AF_UNIX};
	if (groups & (CONFINE_CALLS_INET_STREAM | CONFINE_CALLS_INET_DGRAM))
		return add_inet_sockets(filter, groups, err);
	if (groups & CONFINE_CALLS_UNIX_STREAM)
		return allow_socket(filter, AF_UNIX, SOCK_STREAM, err) &&
		       refuse_families(filter, SCMP_ACT_KILL_PROCESS, local, 1, err);
	return add(filter, SCMP_ACT_KILL_PROCESS, "socket", 0, NULL, err);
}

/* ---- whole filters ---- */

static bool fill_list(scmp_filter_ctx filter, const struct confine_row *row, struct err *err)
{
	uint32_t groups = groups_of(row);
	bool no_files = row->root == CONFINE_ROOT_VIEW || row->root == CONFINE_ROOT_EMPTY;
	for (size_t i = 0; i < confine_n_calls; i++)
		if ((confine_calls[i].groups & groups) && !allow(filter, &confine_calls[i], err))
			return false;
	return add_sockets(filter, groups, err) &&
	       (!no_files ||
		add_others(filter, SCMP_ACT_ERRNO(ENOENT), groups, confine_calls_absent, err)) &&
	       add_others(filter, SCMP_ACT_KILL_PROCESS, groups, confine_calls_killed, err);
}

/* Its children inherit this one, so what any of them needs has to pass. */
static bool fill_all(scmp_filter_ctx filter, bool debugging, struct err *err)
{
	static const int families[] = {AF_UNIX, AF_INET, AF_INET6, AF_NETLINK};
	const uint32_t refuse = SCMP_ACT_ERRNO(EPERM);
	return add_others(filter, refuse, 0, confine_calls_denied, err) &&
	       (debugging || add_others(filter, refuse, 0, confine_calls_denied_processes, err)) &&
	       refuse_families(filter, SCMP_ACT_ERRNO(EAFNOSUPPORT), families, array_len(families),
			       err);
}

static void filter_free(scmp_filter_ctx *filter)
{
	if (*filter)
		seccomp_release(*filter);
	*filter = NULL;
}
#define auto_filter __attribute__((cleanup(filter_free))) scmp_filter_ctx

static bool set_attributes(scmp_filter_ctx filter, struct err *err)
{
	int result = seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
	if (result == 0)
		result = seccomp_attr_set(filter, SCMP_FLTATR_API_SYSRAWRC, 1);
	if (result == 0) // a binary tree instead of a list
		result = seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	return result == 0 || err_sys(err, -result, "setting up the system-call filter");
}

/* NULL with the error set. */
static scmp_filter_ctx make(const struct confine_row *row, bool debugging, struct err *err)
{
	bool all = row->calls & CONFINE_CALLS_ALL;
	auto_filter filter = seccomp_init(all ? SCMP_ACT_ALLOW : SCMP_ACT_ERRNO(ENOSYS));
	if (!filter) {
		err_set(err, ERR_UNSUPPORTED, "libseccomp cannot make a filter here");
		return NULL;
	}
	if (!set_attributes(filter, err) ||
	    !(all ? fill_all(filter, debugging, err) : fill_list(filter, row, err)))
		return NULL;
	return take_ptr(&filter);
}

bool confine_filter_load(const struct confine_row *row, bool debugging, struct err *err)
{
	auto_filter filter = make(row, debugging, err);
	if (!filter)
		return false;
	int result = seccomp_load(filter);
	if (result != 0)
		return err_sys(err, -result,
			       "installing the system-call filter (the kernel needs "
			       "CONFIG_SECCOMP_FILTER)");
	filter_free(&filter);
	malloc_trim(0); // gives back the 80 KB that compiling took
	return true;
}

bool confine_filter_export(const struct confine_row *row, int fd, struct err *err)
{
	auto_filter filter = make(row, false, err);
	int result = filter ? seccomp_export_bpf(filter, fd) : 0;
	return filter && (result == 0 || err_sys(err, -result, "writing the system-call filter"));
}
