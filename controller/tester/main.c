// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The program `capakit-tester` carries out one test case and judges what came of it. It is a
 * program of its own so that what workloads answer is read, parsed and matched by a process that
 * holds nothing, and so that only this one pays for libcurl.
 *
 *   1  the result        3  the case         4  http, mcp: the folder of sockets
 *   2  the log                                  exec: what the command wrote, 5: its errors
 */
#include <errno.h>
#include <signal.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"
#include "confine/restrict.h"
#include "controller/tester/case.h"
#include "controller/tester/value.h"

enum { RESULT = 1, CASE = 3, SOCKETS = 4, OUTPUT = 4, ERRORS = 5 };

static json_t *read_case(struct err *err)
{
	auto_free char *text = NULL;
	size_t len;

	if (!fd_read_all(CASE, TEST_CASE_MAX, &text, &len, err))
		return NULL;
	json_t *request = value_from_json(text, len);
	if (!request)
		err_set(err, ERR_PROTOCOL, "the case is no JSON");
	return request;
}

/* Its sockets are named relative to their folder, whose own path may be too long for an address. */
static bool enter_sockets(const json_t *request, struct err *err)
{
	if (!json_object_get(request, "socket") || fchdir(SOCKETS) == 0)
		return true;
	return err_sys(err, errno, "cannot enter the folder of sockets");
}

/* The row of confine/table.c that fits the case. */
static bool confine(const json_t *request, struct err *err)
{
	bool dials = json_object_get(request, "url") && !json_object_get(request, "socket");

	return confine_restrict(dials ? CONFINE_TESTER_DIALS : CONFINE_TESTER, NULL, 0, err);
}

static bool say(json_t *result, struct err *err)
{
	auto_free char *text = json_dumps(result, JSON_COMPACT);

	json_decref(result);
	return fd_write_all(RESULT, text, strlen(text), err);
}

static bool run(const json_t *request, struct err *err)
{
	struct case_run the_case;

	if (!enter_sockets(request, err))
		return false;
	case_begin(&the_case, request, OUTPUT, ERRORS);
	bool ok = confine(request, err) && say(case_run(&the_case), err);
	case_end(&the_case);
	return ok;
}

int main(void)
{
	struct err err;
	json_t *request;

	log_open("tester", LOG_LEVEL_WARN);
	signal(SIGPIPE, SIG_IGN);
	request = read_case(&err);
	bool ok = request && run(request, &err);
	json_decref(request);
	if (!ok)
		log_error("%s", err.text);
	return ok ? 0 : 1;
}
