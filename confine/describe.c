// SPDX-License-Identifier: GPL-3.0-or-later
/* The table for people. What is printed is read from the rows; only its words are made here. */
#include "confine/describe.h"

#include <linux/capability.h>

#include "base/landlock.h"
#include "base/mem.h"
#include "confine/calls.h"
#include "confine/table.h"

struct bit_name {
	uint64_t bit;
	const char *name;
};

/* Names of the bits that are there, in the order of the list. False also when one has no name. */
static bool describe_bits(uint64_t bits, const struct bit_name *names, size_t n_names,
			  const char *between, struct buf *out)
{
	const char *before = "";
	for (size_t i = 0; i < n_names; i++) {
		if (!(bits & names[i].bit))
			continue;
		if (!buf_printf(out, "%s%s", before, names[i].name))
			return false;
		before = between;
		bits &= ~names[i].bit;
	}
	return bits == 0;
}

static bool describe_rights(uint64_t rights, struct buf *out)
{
	static const struct bit_name names[] = {
		{LANDLOCK_READ_FILE, "read"},
		{LANDLOCK_WRITE_FILE, "write"},
		{LANDLOCK_READ_DIR, "list"},
		{LANDLOCK_MAKE_REG, "make files"},
		{LANDLOCK_MAKE_DIR, "make folders"},
		{LANDLOCK_REMOVE_FILE, "remove files"},
		{LANDLOCK_REMOVE_DIR, "remove empty folders"},
		{LANDLOCK_REFER, "move"},
		{LANDLOCK_TRUNCATE, "cut"},
	};
	return buf_append_str(out, ": ") &&
	       describe_bits(rights, names, array_len(names), ", ", out);
}

static bool describe_files(const struct confine_row *row, struct buf *out)
{
	if (row->calls & CONFINE_CALLS_ALL)
		return buf_append_str(out, "its user's");
	if (row->calls & CONFINE_CALLS_POLICY)
		return buf_append_str(out, "those of the policy");
	if (!row->files[0].where)
		return buf_append_str(out, "none");
	for (size_t i = 0; i < CONFINE_FILES_MAX && row->files[i].where; i++)
		if (!buf_printf(out, "%s%s", i ? "; " : "", row->files[i].where) ||
		    !describe_rights(row->files[i].rights, out))
			return false;
	return true;
}

static const char *sockets_of(const struct confine_row *row)
{
	if (row->calls & CONFINE_CALLS_ALL)
		return "Unix, IPv4, IPv6, netlink";
	if (row->calls & CONFINE_CALLS_POLICY)
		return "those of the policy";
	if (row->calls & CONFINE_CALLS_UNIX_STREAM)
		return "Unix stream";
	if (row->calls & CONFINE_CALLS_INET_DGRAM)
		return "IPv4 and IPv6: stream, datagram";
	if (row->calls & CONFINE_CALLS_INET_STREAM)
		return "IPv4 and IPv6: stream";
	return "none";
}

static bool describe_calls(const struct confine_row *row, struct buf *out)
{
	static const struct bit_name names[] = {
		{CONFINE_CALLS_SELF, "itself"},
		{CONFINE_CALLS_EVENTS, "events"},
		{CONFINE_CALLS_SOCKETS, "sockets"},
		{CONFINE_CALLS_ACCEPT, "accepting"},
		{CONFINE_CALLS_PAIR, "pairs"},
		{CONFINE_CALLS_CONNECT, "connecting"},
		{CONFINE_CALLS_DATABASE, "databases"},
		{CONFINE_CALLS_REMOVE, "removing"},
		{CONFINE_CALLS_WAIT, "waiting"},
		{CONFINE_CALLS_ALL, "all but those denied"},
		{CONFINE_CALLS_POLICY, "those of the policy"},
	};
	return describe_bits(row->calls, names, array_len(names), ", ", out);
}

#define NAMED(capability)                                                                          \
	{                                                                                          \
		(uint64_t)1 << CAP_##capability, #capability                                       \
	}

static bool describe_capabilities(uint64_t kept, struct buf *out)
{
	static const struct bit_name names[] = {
		NAMED(CHOWN),	 NAMED(DAC_OVERRIDE), NAMED(DAC_READ_SEARCH),  NAMED(FOWNER),
		NAMED(FSETID),	 NAMED(KILL),	      NAMED(SETGID),	       NAMED(SETUID),
		NAMED(SETPCAP),	 NAMED(SETFCAP),      NAMED(NET_BIND_SERVICE), NAMED(NET_ADMIN),
		NAMED(IPC_LOCK), NAMED(SYS_ADMIN),    NAMED(SYS_RESOURCE),
	};
	return kept ? describe_bits(kept, names, array_len(names), " ", out)
		    : buf_append_str(out, "none");
}

static bool describe_row(const struct confine_row *row, struct buf *out)
{
	static const char *const roots[] = {
		[CONFINE_ROOT_HOST] = "the host's",
		[CONFINE_ROOT_VIEW] = "the view, read-only",
		[CONFINE_ROOT_EMPTY] = "an empty folder",
		[CONFINE_ROOT_SANDBOX] = "the sandbox's",
	};
	return buf_printf(out, "| %s (`%s`) | %s | ", row->name, row->program, roots[row->root]) &&
	       describe_files(row, out) &&
	       buf_printf(out, " | %s | %s | %s | ", row->starts_others ? "yes" : "no",
			  row->own_network ? "its own, empty" : "the host's", sockets_of(row)) &&
	       describe_calls(row, out) && buf_append_str(out, " | ") &&
	       describe_capabilities(row->capabilities, out) &&
	       buf_printf(out, " | %s |\n", row->why);
}

static bool describe_group(uint32_t group, const char *title, struct buf *out)
{
	const char *between = "";
	bool done = buf_printf(out, "- *%s*: ", title);
	for (size_t i = 0; done && i < confine_n_calls; i++) {
		if (!(confine_calls[i].groups & group))
			continue;
		done = buf_printf(out, "%s%s", between, confine_calls[i].name);
		between = " ";
	}
	return done && buf_append_str(out, ".\n");
}

static bool describe_list(const char *const *names, const char *title, struct buf *out)
{
	bool done = buf_printf(out, "- *%s*:", title);
	for (; done && *names; names++)
		done = buf_printf(out, " %s", *names);
	return done && buf_append_str(out, ".\n");
}

bool confine_describe(struct buf *out)
{
	bool done = buf_append_str(
		out, "| process | root | files | others | network | new sockets | system calls | "
		     "as root keeps | because it |\n|---|---|---|---|---|---|---|---|---|\n");
	for (size_t i = 0; i < CONFINE_PROCESSES; i++)
		done = done && describe_row(&confine_table[i], out);
	return done && buf_append_str(out, "\n") &&
	       describe_group(CONFINE_CALLS_SELF, "itself", out) &&
	       describe_group(CONFINE_CALLS_EVENTS, "events", out) &&
	       describe_group(CONFINE_CALLS_SOCKETS, "sockets", out) &&
	       describe_group(CONFINE_CALLS_ACCEPT, "accepting", out) &&
	       describe_group(CONFINE_CALLS_PAIR, "pairs", out) &&
	       describe_group(CONFINE_CALLS_CONNECT, "connecting (and socket)", out) &&
	       describe_group(CONFINE_CALLS_DATABASE, "databases", out) &&
	       describe_group(CONFINE_CALLS_REMOVE, "removing", out) &&
	       describe_group(CONFINE_CALLS_WAIT, "waiting", out) &&
	       describe_group(CONFINE_CALLS_SANITIZED,
			      "in a build with sanitizers, for their run time", out) &&
	       describe_group(CONFINE_CALLS_WAIT_SANITIZED, "and there, where it has waiting alone",
			      out) &&
	       describe_list(confine_calls_absent, "as in an empty folder, with a root of its own",
			     out) &&
	       describe_list(confine_calls_killed,
			     "end the process, unless one of its groups has them", out) &&
	       describe_list(confine_calls_denied, "denied", out) &&
	       describe_list(confine_calls_denied_processes,
			     "denied too, unless the profile is `minimal`", out);
}
