// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * attack-witness: says what a sandbox really is, from inside.
 *
 *   report [stay]           prints it as one line of JSON; `stay`: then waits for its end
 *   mark COMMAND...         runs a command so that `report` below it can ask for system calls
 *   give SOCKET FOLDER...   passes the open folders to whoever connects, until standard input ends
 *
 * What a filter says of a call is asked without making it: `mark` has the kernel answer every call
 * whose sixth argument is MARK with the error MARKED. Of several filters that answer with an error
 * the one that was installed last decides (seccomp(2)), so MARKED means that the sandbox's filters,
 * which come later, allow the call.
 */
#include "witness.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

_Noreturn void witness_fail(const char *what)
{
	fprintf(stderr, "witness: %s: %s\n", what, strerror(errno));
	exit(2);
}

static void install_mark(void)
{
	const uint32_t sixth = offsetof(struct seccomp_data, args[5]);
	struct sock_filter program[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, sixth),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)WITNESS_MARK, 0, 3),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, sixth + 4),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)(WITNESS_MARK >> 32), 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | WITNESS_MARKED),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog filter = {sizeof(program) / sizeof(program[0]), program};

	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0)
		return;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) < 0)
		witness_fail("installing the mark");
}

static int mark(char **command)
{
	install_mark();
	execvp(command[0], command);
	witness_fail(command[0]);
}

static int report(bool stay)
{
	json_t *all = json_object();

	witness_add_process(all);
	witness_add_calls(all);
	witness_add_files(all);
	witness_add_network(all);
	char *text = json_dumps(all, JSON_COMPACT | JSON_ENSURE_ASCII);
	printf("WITNESS %s\n", text);
	fflush(stdout);
	free(text);
	json_decref(all);
	while (stay)
		pause();
	return 0;
}

int main(int argc, char **argv)
{
	if (argc > 2 && strcmp(argv[1], "mark") == 0)
		return mark(argv + 2);
	if (argc > 3 && strcmp(argv[1], "give") == 0)
		return witness_give(argv[2], argv + 3);
	if (argc > 1 && strcmp(argv[1], "report") == 0)
		return report(argc > 2);
	fprintf(stderr,
		"usage: attack-witness report [stay] | mark COMMAND... | give SOCKET FOLDER...\n");
	return 2;
}
