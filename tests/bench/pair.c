// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Two sidecars with a link between them, for tests/bench/run: says where they are, and runs until
 * its standard input is closed. The bench puts the workload's socket into b/ingress.
 *
 *   bench_pair CAPAKIT-SIDECAR MORE-ROUTES MORE-LINKS
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/num.h"
#include "sidecar_pair.h"

#define BODY_MAX ((uint64_t)1 << 30)

static bool parse(const char *text, size_t *number)
{
	uint64_t value;

	if (!num_parse_u64(text, strlen(text), 100000, &value))
		return false;
	*number = (size_t)value;
	return true;
}

int main(int argc, char **argv)
{
	struct sidecar_pair_options options = {.no_workload = true, .max_body = BODY_MAX};
	struct sidecar_pair pair;
	char byte;

	if (argc != 4 || !parse(argv[2], &options.more_routes) ||
	    !parse(argv[3], &options.more_links)) {
		fprintf(stderr, "usage: bench_pair CAPAKIT-SIDECAR MORE-ROUTES MORE-LINKS\n");
		return 2;
	}
	options.program = argv[1];
	if (!sidecar_pair_start(&pair, &options)) {
		fprintf(stderr, "bench_pair: the sidecars did not start\n");
		return 1;
	}
	printf("%s %d %d\n", pair.dir, pair.sidecars[1], pair.sidecars[2]);
	fflush(stdout);
	while (read(STDIN_FILENO, &byte, 1) > 0)
		;
	sidecar_pair_stop(&pair);
	return 0;
}
