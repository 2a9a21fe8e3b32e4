// SPDX-License-Identifier: GPL-3.0-or-later
/* Tries one of the acts, or prints their names ("quiet NAME" or "deadly NAME"), without
 * confinement. */
#include <stdio.h>
#include <string.h>

#include "base/num.h"
#include "tests/attack/takeover_acts.h"

int main(int argc, char **argv)
{
	uint64_t with;
	const struct takeover_act *act = argc == 3 ? takeover_find(argv[1], strlen(argv[1])) : NULL;
	if (act && num_parse_u64(argv[2], strlen(argv[2]), INT32_MAX, &with)) {
		takeover_try("free", act, (int)with);
		return 0;
	}
	for (size_t i = 0; i < takeover_n_acts; i++)
		printf("%s %s\n", takeover_acts[i].deadly ? "deadly" : "quiet",
		       takeover_acts[i].name);
	return argc == 1 ? 0 : 1;
}
