// SPDX-License-Identifier: GPL-3.0-or-later
/* The program of the attack suite: finds the probe by its name and keeps the score. */
#include "probe.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static bool got_through;

bool held(const char *what, long result, const int *errors)
{
	int errnum = errno;

	if (result >= 0) {
		printf("THROUGH %s\n", what);
		got_through = true;
		return false;
	}
	for (; *errors; errors++)
		if (*errors == errnum)
			return true;
	printf("UNEXPECTED %s: %s\n", what, strerror(errnum));
	got_through = true;
	return false;
}

int verdict(void)
{
	return got_through;
}

int probe_fail(const char *what)
{
	fprintf(stderr, "attack-probe: %s: %s\n", what, strerror(errno));
	return 2;
}

int probe_run(char **argv)
{
	execv(argv[0], argv);
	return probe_fail(argv[0]);
}

int main(int argc, char **argv)
{
	const struct probe *lists[] = {probes_of_calls, probes_of_files, probes_of_limits,
				       probes_of_starts, probes_of_lacking};

	setvbuf(stdout, NULL, _IOLBF, 0);
	for (size_t i = 0; argc > 1 && i < sizeof(lists) / sizeof(lists[0]); i++)
		for (const struct probe *probe = lists[i]; probe->name; probe++)
			if (strcmp(probe->name, argv[1]) == 0)
				return probe->run(argc - 2, argv + 2);
	if (argc > 1)
		return attack_run(argv[1], argc - 2, argv + 2);
	fprintf(stderr, "attack-probe NAME [ARGUMENT...]\n");
	return 2;
}
