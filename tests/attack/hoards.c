// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * attack-hoards SIDECAR: peers and clients, many at once, that make a sidecar hold as much for them
 * as it ever will, in each way that there is. It may hold 64 MiB in all; somebody else is served
 * all the while, or told why not; and when they are gone, everything is as before.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/limits.h"
#include "base/mem.h"
#include "hoards.h"

#ifdef __SANITIZE_ADDRESS__
enum { SANITIZED = true };
#else
enum { SANITIZED = false };
#endif
enum {
	MOST_KB = 64 * 1024,
	LOOKS = 20, // after the attack has done all it can
	LOOK_US = 100000,
	LATE_US = 4000000,
	RECOVER_TRIES = 50,
};

static struct sidecar_pair pair;
static int cases_failed;

static void say(const char *name, const char *what, const char *wrong)
{
	if (*wrong)
		cases_failed++;
	printf(*wrong ? "not ok %s: %s: %s\n" : "ok %s: %s\n", name, what, wrong);
	fflush(stdout);
}

static void look(struct hoarders *hoarders)
{
	long now = pair_private_kb(hoarders->victim);

	if (now > hoarders->worst_kb)
		hoarders->worst_kb = now;
}

static void leave(struct hoarders *hoarders)
{
	for (size_t i = 0; i < hoarders->n_peers; i++)
		peer_close(&hoarders->peers[i]);
	for (size_t i = 0; i < hoarders->n_fds; i++)
		fd_close(&hoarders->fds[i]);
	hoarders->n_peers = 0;
	hoarders->n_fds = 0;
}

static bool recovers(const struct hoard *hoard)
{
	for (int i = 0; i < RECOVER_TRIES; i++) {
		if (bystander_ask(&pair, hoard->bystander))
			return true;
		usleep(LOOK_US);
	}
	return false;
}

static void judge(const struct hoard *hoard, const struct hoarders *hoarders,
		  const struct bystander_saw *saw)
{
	char wrong[128] = "";

	if (SANITIZED)
		printf("skip %s: it holds 64 MiB at most: sanitizers hold more\n", hoard->name);
	else if (kill(hoarders->victim, 0) != 0 || hoarders->worst_kb > MOST_KB)
		snprintf(wrong, sizeof(wrong), "it held %ld kB", hoarders->worst_kb);
	if (!SANITIZED)
		say(hoard->name, "it holds 64 MiB at most", wrong);
	wrong[0] = '\0';
	if (saw->failed || !saw->answered || saw->worst_us > LATE_US)
		snprintf(wrong, sizeof(wrong),
			 "%u answered, %u refused, %u failed, the slowest took %lld ms",
			 saw->answered, saw->refused, saw->failed, (long long)saw->worst_us / 1000);
	say(hoard->name, "others are served, or told why not", wrong);
}

static void run(const struct hoard *hoard)
{
	static struct hoarders hoarders;
	struct bystander bystander;
	struct bystander_saw saw;
	long before;

	hoarders = (struct hoarders){
		.pair = &pair, .look = look, .victim = pair.sidecars[hoard->victim]};
	look(&hoarders);
	before = hoarders.worst_kb;
	bystander_start(&bystander, &pair, hoard->bystander);
	hoard->run(&hoarders);
	for (int i = 0; i < LOOKS; i++) {
		usleep(LOOK_US);
		look(&hoarders);
	}
	saw = bystander_end(&bystander);
	leave(&hoarders);
	usleep(LOOK_US);
	printf("# %s: %ld -> %ld kB, %ld kB afterwards; others: %u answered, %u refused, slowest "
	       "%lld ms\n",
	       hoard->name, before, hoarders.worst_kb, pair_private_kb(hoarders.victim),
	       saw.answered, saw.refused, (long long)saw.worst_us / 1000);
	judge(hoard, &hoarders, &saw);
	say(hoard->name, "then all is as before", recovers(hoard) ? "" : "nobody is served");
}

static void raise_descriptors(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return;
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
}

int main(int argc, char **argv)
{
	struct sidecar_pair_options options = {.program = argv[1], .hostile = true};

	signal(SIGPIPE, SIG_IGN);
	raise_descriptors();
	if (argc < 2 || !sidecar_pair_start(&pair, &options)) {
		printf("not ok starts: the sidecars did not start\n");
		return 1;
	}
	for (size_t i = 0; i < N_HOARDS; i++)
		if (argc < 3 || str_eq(argv[2], HOARDS[i].name))
			run(&HOARDS[i]);
	sidecar_pair_stop(&pair);
	return cases_failed > 0;
}
