// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * attack-floods SIDECAR: a peer of a link that has gone over to the attacker. It floods the other
 * end in the ways that have names. All the while somebody else calls over a link of his own: none
 * of his requests may fail, and the victim may hold no more than it says it does.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/mem.h"
#include "floods.h"
#include "bystander.h"

/* Sanitizers make a program several times slower, and hold more than it does. */
#ifdef __SANITIZE_ADDRESS__
enum { SANITIZED = true, LATE_US = 4000000 };
#else
enum { SANITIZED = false, LATE_US = 1000000 };
#endif
enum { FLOOD_MS = 1500, MEMORY_KB = 8192, STALLED_KB = 32 * 1024 };
enum { EDGE, A, B }; // of the sidecars

static struct sidecar_pair pair;

static bool goes_on(struct peer *peer, int64_t until)
{
	return !peer->closed && bystander_now_us() < until;
}

/* The floods. Each goes on until the time is over or the victim has had enough. */

static void rapid_reset(struct peer *peer, int64_t until)
{
	static const uint8_t cancel[] = {0, 0, 0, 8};

	for (uint32_t id = 1; goes_on(peer, until); id += 2)
		if (!peer_get(peer, id, "/w/hang") ||
		    !peer_frame(peer, FRAME_RST_STREAM, 0, id, cancel, sizeof(cancel)))
			return;
}

/* The victim is made to reset each stream itself: a window that grows by nothing is an error. */
static void made_you_reset(struct peer *peer, int64_t until)
{
	static const uint8_t nothing[4];

	for (uint32_t id = 1; goes_on(peer, until); id += 2)
		if (!peer_get(peer, id, "/w/hang") ||
		    !peer_frame(peer, FRAME_WINDOW_UPDATE, 0, id, nothing, sizeof(nothing)))
			return;
}

static void continuation(struct peer *peer, int64_t until)
{
	static const uint8_t field[] = {0, 1, 'x', 1, 'y'};

	peer_frame(peer, FRAME_HEADERS, 0, 1, field, sizeof(field));
	while (goes_on(peer, until))
		if (!peer_frame(peer, FRAME_CONTINUATION, 0, 1, field, sizeof(field)))
			return;
}

/* One large entry of the table, and then thousands of bytes that each stand for it. */
static void hpack_bomb(struct peer *peer, int64_t until)
{
	static uint8_t block[16000];
	const char *const fields[] = {":method", "GET",	       ":scheme", "http", ":path",
				      "/w/head", ":authority", "b",	  NULL};

	for (uint32_t id = 1; goes_on(peer, until); id += 2) {
		size_t at = peer_block(block, fields);

		if (id == 1) {
			memcpy(block + at, "\x40\x01x\x7f\xb1\x1e", 6); // 4000 bytes, kept
			memset(block + at + 6, 'v', 4000);
			at += 4006;
		}
		memset(block + at, 0xbe, sizeof(block) - at); // entry 62
		if (!peer_frame(peer, FRAME_HEADERS, END_HEADERS | END_STREAM, id, block,
				sizeof(block)))
			return;
	}
}

static void settings(struct peer *peer, int64_t until)
{
	static const uint8_t window[] = {0, 4, 0, 1, 0, 0};

	while (goes_on(peer, until))
		if (!peer_frame(peer, FRAME_SETTINGS, 0, 0, window, sizeof(window)))
			return;
}

static void ping(struct peer *peer, int64_t until)
{
	while (goes_on(peer, until))
		if (!peer_frame(peer, FRAME_PING, 0, 0, "12345678", 8))
			return;
}

static void priority(struct peer *peer, int64_t until)
{
	static const uint8_t weight[] = {0, 0, 0, 0, 16};

	for (uint32_t id = 1; goes_on(peer, until); id += 2)
		if (!peer_frame(peer, FRAME_PRIORITY, 0, id & 0xffff, weight, sizeof(weight)))
			return;
}

static void unknown_frames(struct peer *peer, int64_t until)
{
	while (goes_on(peer, until))
		if (!peer_frame(peer, (enum frame_type)0xbe, 0, 0, "x", 1))
			return;
}

static void post(struct peer *peer, uint32_t id, const char *path)
{
	const char *const fields[] = {":method", "POST",       ":scheme", "http", ":path",
				      path,	 ":authority", "b",	  NULL};
	uint8_t block[512];

	peer_frame(peer, FRAME_HEADERS, END_HEADERS, id, block, peer_block(block, fields));
}

static void empty_data(struct peer *peer, int64_t until)
{
	post(peer, 1, "/w/echo");
	while (goes_on(peer, until))
		if (!peer_frame(peer, FRAME_DATA, 0, 1, NULL, 0))
			return;
}

/* As many large answers as the victim begins, and no window for any of them. */
static void stalled_windows(struct peer *peer, int64_t until)
{
	static const uint8_t no_window[] = {0, 4, 0, 0, 0, 0};

	peer_frame(peer, FRAME_SETTINGS, 0, 0, no_window, sizeof(no_window));
	for (uint32_t id = 1; id < 2 * 250; id += 2)
		peer_get(peer, id, "/w/bytes?100000000");
	peer_flush(peer);
	peer_read(peer, (int)((until - bystander_now_us()) / 1000));
}

/* More than the victim has said that it takes. */
static void too_many_streams(struct peer *peer, int64_t until)
{
	for (uint32_t id = 1; id < 2 * 5000 && goes_on(peer, until); id += 2)
		if (!peer_get(peer, id, "/w/hang"))
			break;
	peer_flush(peer);
	peer_read(peer, 500);
}

/* Body bytes beyond the window of the stream. */
static void overrun_window(struct peer *peer, int64_t until)
{
	static uint8_t data[16000];

	post(peer, 1, "/w/hang");
	while (goes_on(peer, until))
		if (!peer_frame(peer, FRAME_DATA, 0, 1, data, sizeof(data)))
			return;
}

/* Asks and asks, and reads nothing of what comes back. */
static void reads_nothing(struct peer *peer, int64_t until)
{
	for (int i = 0; i < 100; i++)
		peer_frame(peer, FRAME_PING, 0, 0, "12345678", 8);
	peer_flush(peer);
	for (uint32_t id = 1; id < 2 * 200; id += 2)
		peer_get(peer, id, "/w/bytes?100000000");
	peer_flush(peer);
	usleep((useconds_t)(until - bystander_now_us()));
}

/* Windows that are opened for bytes that never came, each by as little as can be. */
static void window_updates(struct peer *peer, int64_t until)
{
	static const uint8_t one[] = {0, 0, 0, 1};

	peer_get(peer, 1, "/w/hang");
	while (goes_on(peer, until))
		if (!peer_frame(peer, FRAME_WINDOW_UPDATE, 0, 0, one, sizeof(one)))
			return;
}

/* Large answers, taken a KiB at a time, with two updates for each: what a poor client does. */
static void opens_windows_for_what_comes(struct peer *peer, int64_t until)
{
	static const uint8_t window[] = {0, 4, 0, 0, 4, 0}, kib[] = {0, 0, 4, 0};
	size_t opened = 1024;

	peer_frame(peer, FRAME_SETTINGS, 0, 0, window, sizeof(window));
	peer_get(peer, 1, "/w/bytes?10000000");
	while (goes_on(peer, until) && peer_flush(peer)) {
		peer_read(peer, 1);
		for (; opened <= peer->data; opened += 1024) {
			peer_frame(peer, FRAME_WINDOW_UPDATE, 0, 1, kib, sizeof(kib));
			peer_frame(peer, FRAME_WINDOW_UPDATE, 0, 0, kib, sizeof(kib));
		}
	}
}

static const struct flood {
	const char *name;
	void (*run)(struct peer *peer, int64_t until);
	bool ends; // the victim closes the link
	long memory_kb;
} FLOODS[] = {
	{"rapid-reset", rapid_reset, false, MEMORY_KB},
	{"made-you-reset", made_you_reset, true, MEMORY_KB},
	{"continuation", continuation, true, MEMORY_KB},
	{"hpack-bomb", hpack_bomb, true, MEMORY_KB},
	{"settings", settings, true, MEMORY_KB},
	{"ping", ping, true, MEMORY_KB},
	{"priority", priority, true, MEMORY_KB},
	{"unknown-frames", unknown_frames, true, MEMORY_KB},
	{"empty-data", empty_data, true, MEMORY_KB},
	{"window-updates", window_updates, true, MEMORY_KB},
	{"opens-windows-for-what-comes", opens_windows_for_what_comes, false, MEMORY_KB},
	{"stalled-windows", stalled_windows, false, STALLED_KB},
	{"too-many-streams", too_many_streams, false, MEMORY_KB},
	{"overrun-window", overrun_window, false, MEMORY_KB},
	{"reads-nothing", reads_nothing, false, STALLED_KB},
};

static void check_others(const char *name, const struct bystander_saw *seen)
{
	char wrong[128] = "";

	if (seen->failed || seen->refused || !seen->answered || seen->worst_us > LATE_US)
		snprintf(wrong, sizeof(wrong), "%u answered, %u failed, the slowest took %lld ms",
			 seen->answered, seen->failed + seen->refused,
			 (long long)seen->worst_us / 1000);
	say(name, ": the others go on", wrong);
}

static void check_victim(const struct flood *flood, int victim, long before, long after)
{
	char wrong[128] = "";

	if (SANITIZED && kill(pair.sidecars[victim], 0) == 0) {
		printf("skip %s: the victim holds little memory: sanitizers hold more\n",
		       flood->name);
		return;
	}
	if (kill(pair.sidecars[victim], 0) != 0)
		snprintf(wrong, sizeof(wrong), "the victim is gone");
	else if (before && after - before > flood->memory_kb)
		snprintf(wrong, sizeof(wrong), "%ld kB more", after - before);
	say(flood->name, ": the victim holds little memory", wrong);
}

static bool attack_begins(struct peer *peer, int victim)
{
	return victim == EDGE ? peer_open_edge(peer, &pair) : peer_open(peer, &pair, victim == A);
}

static void flood(const struct flood *flood, int victim)
{
	struct bystander others;
	struct bystander_saw seen;
	struct peer peer;
	long before = pair_private_kb(pair.sidecars[victim]), after;
	long busy = bystander_cpu_ms(pair.sidecars[victim]);
	int64_t began = bystander_now_us(), took;

	if (!attack_begins(&peer, victim)) {
		say(flood->name, ": begins", "the hostile connection was not taken up");
		return;
	}
	bystander_start(&others, &pair, victim == EDGE ? BYSTANDER_AT_EDGE : BYSTANDER_CALLS);
	flood->run(&peer, began + FLOOD_MS * 1000);
	took = bystander_now_us() - began;
	after = pair_private_kb(pair.sidecars[victim]);
	if (flood->ends)
		peer_read(&peer, 1000);
	say(flood->name, flood->ends ? ": the link is closed" : ": runs",
	    flood->ends && !peer.closed ? "it is still open" : "");
	usleep(100000);
	seen = bystander_end(&others);
	printf("# %s: %lld ms, victim: %ld ms of CPU, %ld -> %ld kB; others: %u answered, slowest "
	       "%lld ms; resets %u, goaway %d, settings %u, pings %u\n",
	       flood->name, (long long)took / 1000, bystander_cpu_ms(pair.sidecars[victim]) - busy,
	       before, after, seen.answered, (long long)seen.worst_us / 1000, peer.resets,
	       (int)peer.goaway_error, peer.counts[FRAME_SETTINGS], peer.counts[FRAME_PING]);
	peer_close(&peer);
	check_others(flood->name, &seen);
	check_victim(flood, victim, before, after);
}

/* Not an attack of the peer but of its clients: it must not cost the link that all of them share.
 */
static void clients_that_go_away(void)
{
	static const char request[] = "GET /w/hang HTTP/1.1\r\nHost: b\r\n\r\n";
	char wrong[64] = "";

	for (int i = 0; i < 3000; i++) {
		int fd = pair_call(&pair);

		if (fd < 0 || send(fd, request, strlen(request), MSG_NOSIGNAL) < 0)
			snprintf(wrong, sizeof(wrong), "client %d was refused", i);
		if (i % 16 == 0)
			usleep(1000);
		close(fd);
	}
	if (!*wrong && !bystander_ask(&pair, BYSTANDER_CALLS))
		snprintf(wrong, sizeof(wrong), "no answer any more");
	say("3000 clients go away: ", "the others go on", wrong);
}

static void push_promises(struct peer *peer, int64_t until)
{
	static const uint8_t promise[] = {0, 0, 0, 2, 0x82, 0x86, 0x84};

	while (goes_on(peer, until))
		if (!peer_frame(peer, FRAME_PUSH_PROMISE, END_HEADERS, 1, promise, sizeof(promise)))
			return;
}

static void unasked_answers(struct peer *peer, int64_t until)
{
	for (uint32_t id = 2; goes_on(peer, until); id += 2)
		if (!peer_frame(peer, FRAME_HEADERS, END_HEADERS, id, "\x88", 1))
			return;
}

/* The same from the other side: a callee of a that was taken over. */
static void flood_a(void)
{
	static const struct flood floods[] = {
		{"callee: settings", settings, true, MEMORY_KB},
		{"callee: ping", ping, true, MEMORY_KB},
		{"callee: priority", priority, true, MEMORY_KB},
		{"callee: push-promises", push_promises, true, MEMORY_KB},
		{"callee: unasked-answers", unasked_answers, true, MEMORY_KB},
	};

	for (size_t i = 0; i < array_len(floods); i++)
		flood(&floods[i], A);
}

/* A client of the edge, who is trusted less than a sidecar. */
static void flood_edge(void)
{
	static const struct flood floods[] = {
		{"edge: rapid-reset", rapid_reset, true, MEMORY_KB},
		{"edge: made-you-reset", made_you_reset, true, MEMORY_KB},
		{"edge: continuation", continuation, true, MEMORY_KB},
		{"edge: hpack-bomb", hpack_bomb, true, MEMORY_KB},
		{"edge: settings", settings, true, MEMORY_KB},
		{"edge: ping", ping, true, MEMORY_KB},
		{"edge: priority", priority, true, MEMORY_KB},
		{"edge: unknown-frames", unknown_frames, true, MEMORY_KB},
		{"edge: empty-data", empty_data, true, MEMORY_KB},
		{"edge: window-updates", window_updates, true, MEMORY_KB},
		{"edge: opens-windows-for-what-comes", opens_windows_for_what_comes, false,
		 MEMORY_KB},
		{"edge: stalled-windows", stalled_windows, false, STALLED_KB},
		{"edge: too-many-streams", too_many_streams, false, MEMORY_KB},
		{"edge: reads-nothing", reads_nothing, false, STALLED_KB},
	};

	for (size_t i = 0; i < array_len(floods); i++)
		flood(&floods[i], EDGE);
}

/* How many resets the victim takes, and how many streams it says that it takes. */
static void check_edge_limits(void)
{
	const uint32_t wanted[] = {H2_CLIENT_STREAMS_MAX, H2_CLIENT_RESETS_BURST};
	uint32_t streams = 0, resets = 0;
	char wrong[64] = "";
	struct peer peer;

	if (attack_begins(&peer, EDGE))
		streams = peer_setting(&peer, 3);
	for (uint32_t id = 1; !peer.closed && resets < 4 * wanted[1]; id += 2, resets++) {
		peer_get(&peer, id, "/w/hang");
		peer_frame(&peer, FRAME_RST_STREAM, 0, id, "\0\0\0\x8", 4);
		if (resets % 16 == 0 && peer_flush(&peer))
			peer_read(&peer, 1);
	}
	peer_close(&peer);
	if (streams != wanted[0] || resets < wanted[1] || resets == 4 * wanted[1])
		snprintf(wrong, sizeof(wrong), "%u streams, %u resets", streams, resets);
	say("edge: ", "fewer streams and resets than a link's", wrong);
}

int main(int argc, char **argv)
{
	struct sidecar_pair_options options = {.program = argv[1], .hostile = true};

	signal(SIGPIPE, SIG_IGN);
	if (argc < 2 || !sidecar_pair_start(&pair, &options)) {
		printf("not ok starts: the sidecars did not start\n");
		return 1;
	}
	for (size_t i = 0; i < array_len(FLOODS); i++)
		if (argc < 3 || strcmp(argv[2], FLOODS[i].name) == 0)
			flood(&FLOODS[i], B);
	if (argc < 3) {
		flood_a();
		flood_edge();
		check_edge_limits();
		clients_that_go_away();
		hostile_requests(&pair);
		hostile_responses(&pair);
		hosts_on_a_link(&pair);
		say("links: ", "the others go on",
		    bystander_ask(&pair, BYSTANDER_CALLS) ? "" : "no answer");
	}
	sidecar_pair_stop(&pair);
	return cases_failed > 0;
}
