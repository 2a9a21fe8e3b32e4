// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The program that attacks from inside a sandbox. It is one of its own since what runs in a sandbox
 * is a program of the workload's, and so that nothing of capakit itself has to be put in there.
 */
#include <stdio.h>

#include "controller/attack/attack.h"

int main(int argc, char **argv)
{
	if (argc > 1)
		return attack_run(argv[1], argc - 2, argv + 2);
	fputs("capakit-attack NAME [ARGUMENT...]: one attack on the sandbox that it runs in; see "
	      "`capakit doctor --attack`\n",
	      stderr);
	return ATTACK_NOT_TRIED;
}
