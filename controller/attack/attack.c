// SPDX-License-Identifier: GPL-3.0-or-later
/* Finds an attack by its name, and says in the same way of all what came of it. */
#include "controller/attack/attack.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"

int outcome(const char *what, long result)
{
	if (result >= 0) {
		printf("SUCCEEDED %s\n", what);
		return ATTACK_SUCCEEDED;
	}
	printf("HELD %s: %s\n", what, strerror(errno));
	return ATTACK_HELD;
}

int impossible(const char *why)
{
	printf("IMPOSSIBLE %s\n", why);
	return ATTACK_IMPOSSIBLE;
}

int find_secret(int fd)
{
	static char text[65536];
	ssize_t len = read(fd, text, sizeof(text));

	if (len < 0)
		return -1;
	errno = ENODATA;
	return memmem(text, (size_t)len, ATTACK_SECRET, strlen(ATTACK_SECRET)) ? 0 : -1;
}

int attack_run(const char *name, int argc, char **argv)
{
	const struct attack *const lists[] = {attacks_on_kernel, attacks_on_host, attacks_on_self};

	setvbuf(stdout, NULL, _IOLBF, 0);
	for (size_t i = 0; i < array_len(lists); i++)
		for (const struct attack *attack = lists[i]; attack->name; attack++)
			if (str_eq(attack->name, name) && argc >= attack->n_args)
				return attack->run(argc, argv);
	fprintf(stderr, "capakit-attack: there is no attack %s with %d arguments\n", name, argc);
	return ATTACK_NOT_TRIED;
}
