// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * attack-conformance SIDECAR: what RFC 9113 says about valid and invalid frames, asked of the
 * edge's HTTP/2 in clear text and of a link's. Each case has a connection of its own; after each a
 * bystander on another one must be served. First every type of frame in every state of a stream.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "conformance.h"

enum { PATIENCE_MS = 3000, STEP_MS = 5, FIELDS_MAX = 24, STATUS_200 = 0x88, LATER = 2001 };

static struct sidecar_pair pair;
static struct {
	bool link;
	const char *name;
	char authority[32];
	const char *prefix; // of paths
} target;
static int cases_failed;

static void say(const char *name, const char *wrong)
{
	if (wrong)
		cases_failed++;
	printf(wrong ? "not ok %s: %s: %s\n" : "ok %s: %s\n", target.name, name, wrong);
	fflush(stdout);
}

void request(struct peer *peer, uint32_t stream, uint8_t flags, const char *method,
	     const char *path, const char *const *more)
{
	auto_free char *whole = xasprintf("%s%s", target.prefix, path);
	const char *fields[FIELDS_MAX] = {":method", method, ":scheme",	   "http",
					  ":path",   whole,  ":authority", target.authority};
	uint8_t block[1024];

	for (size_t i = 8; more && *more && i + 1 < FIELDS_MAX; i++)
		fields[i] = *more++;
	peer_frame(peer, FRAME_HEADERS, END_HEADERS | flags, stream, block,
		   peer_block(block, fields));
}

void get(struct peer *peer, uint32_t stream, const char *path)
{
	request(peer, stream, END_STREAM, "GET", path, NULL);
}

void post(struct peer *peer, uint32_t stream, const char *path)
{
	request(peer, stream, 0, "POST", path, NULL);
}

static const struct peer_seen *find(const struct peer *peer, enum frame_type type, uint32_t stream)
{
	for (size_t i = 0; i < peer->n_seen; i++)
		if (peer->seen[i].type == type && peer->seen[i].stream == stream)
			return &peer->seen[i];
	return NULL;
}

const struct peer_seen *await_frame(struct peer *peer, enum frame_type type, uint32_t stream)
{
	const struct peer_seen *seen = NULL;

	peer_flush(peer);
	for (int ms = 0; ms < PATIENCE_MS && !(seen = find(peer, type, stream)) && !peer->closed;
	     ms += STEP_MS)
		peer_read(peer, STEP_MS);
	return seen;
}

static bool ended(const struct peer *peer, uint32_t stream)
{
	for (size_t i = 0; i < peer->n_seen; i++)
		if (peer->seen[i].stream == stream && (peer->seen[i].flags & END_STREAM) &&
		    peer->seen[i].type <= FRAME_HEADERS)
			return true;
	return false;
}

bool await_end(struct peer *peer, uint32_t stream)
{
	peer_flush(peer);
	for (int ms = 0; ms < PATIENCE_MS && !ended(peer, stream) && !peer->closed; ms += STEP_MS)
		peer_read(peer, STEP_MS);
	return ended(peer, stream);
}

/* The HPACK state of the victim may know a status from before, so only its first byte is looked at.
 */
static bool answered_200(struct peer *peer, uint32_t stream)
{
	const struct peer_seen *head = await_frame(peer, FRAME_HEADERS, stream);

	return head && head->head[0] == STATUS_200 && await_end(peer, stream);
}

/* A request on the same connection, and a PING, whose answer comes after those before. */
static const char *goes_on(struct peer *peer)
{
	get(peer, LATER, "/head");
	if (!answered_200(peer, LATER))
		return peer->closed || peer->goaway_error != UINT32_MAX
			       ? "the connection was ended"
			       : "a later request is not answered";
	return NULL;
}

static const char *wants_connection_error(struct peer *peer, enum http2_error error)
{
	static char text[64];

	peer_flush(peer);
	for (int ms = 0; ms < PATIENCE_MS && !peer->closed; ms += STEP_MS)
		peer_read(peer, STEP_MS);
	if (peer->goaway_error == UINT32_MAX)
		return peer->closed ? "closed without GOAWAY" : "nothing happened";
	if (!peer->closed)
		return "GOAWAY, but the connection stays open";
	if (peer->goaway_error == error)
		return NULL;
	snprintf(text, sizeof(text), "GOAWAY with error %u", peer->goaway_error);
	return text;
}

static const char *wants_stream_error(struct peer *peer, enum http2_error error)
{
	static char text[64];
	const struct peer_seen *reset = await_frame(peer, FRAME_RST_STREAM, 1);

	if (!reset)
		return wants_connection_error(peer, error);
	if (reset->head[3] == error)
		return goes_on(peer);
	snprintf(text, sizeof(text), "reset with error %u", reset->head[3]);
	return text;
}

static const char *wants_refusal(struct peer *peer)
{
	const struct peer_seen *head = await_frame(peer, FRAME_HEADERS, 1);

	if (!head)
		return find(peer, FRAME_RST_STREAM, 1) ? goes_on(peer) : "nothing happened";
	return head->head[0] == STATUS_200 ? "it was answered with 200" : goes_on(peer);
}

static const char *outcome(struct peer *peer, const struct conformance *test)
{
	const char *wrong;

	switch (test->wanted) {
	case CONNECTION:
		return wants_connection_error(peer, test->error);
	case STREAM:
		return wants_stream_error(peer, test->error);
	case REFUSED:
		return wants_refusal(peer);
	case HUNG_UP:
		wrong = test->check ? test->check(peer) : NULL;
		peer_flush(peer);
		peer_read(peer, PATIENCE_MS);
		return peer->closed ? wrong : "the connection stays open";
	default:
		wrong = test->check ? test->check(peer) : NULL;
		return wrong ? wrong : goes_on(peer);
	}
}

static bool open_target(struct peer *peer, bool silent)
{
	return target.link ? peer_open(peer, &pair, false)
			   : peer_open_plain(peer, pair_edge(&pair), silent);
}

static struct peer bystander;
static uint32_t bystander_stream;

/* On a connection of its own, which lasts as long as its streams can be remembered. */
static const char *others_go_on(void)
{
	const char *wrong = NULL;

	if (bystander.fd < 0 || bystander.n_seen > PEER_SEEN / 2) {
		peer_close(&bystander);
		bystander_stream = 1;
		if (!peer_open_plain(&bystander, pair_edge(&pair), false))
			return "others cannot connect";
	}
	{
		auto_free char *authority = xasprintf("127.0.0.1:%u", pair.edge_port);
		const char *const fields[] = {":method", "GET",	       ":scheme", "http", ":path",
					      "/head",	 ":authority", authority, NULL};
		uint8_t block[256];

		peer_frame(&bystander, FRAME_HEADERS, END_HEADERS | END_STREAM, bystander_stream,
			   block, peer_block(block, fields));
	}
	if (!await_end(&bystander, bystander_stream))
		wrong = "others are not served";
	bystander_stream += 2;
	return wrong;
}

static void run(const struct conformance *test)
{
	struct peer peer;
	const char *wrong;

	if (!open_target(&peer, test->silent)) {
		say(test->name, "no connection");
		return;
	}
	test->send(&peer);
	wrong = outcome(&peer, test);
	peer_close(&peer);
	if (!wrong)
		wrong = others_go_on();
	say(test->name, wrong);
}

/* Every type of frame in every state of a stream. */

static void make_idle(struct peer *peer)
{
}

static void make_open(struct peer *peer)
{
	post(peer, 1, "/hang");
}

static void make_half_closed_remote(struct peer *peer)
{
	get(peer, 1, "/hang");
}

static void make_half_closed_local(struct peer *peer)
{
	post(peer, 1, "/early");
	await_end(peer, 1);
}

static void make_closed(struct peer *peer)
{
	get(peer, 1, "/head");
	await_end(peer, 1);
}

static void make_reset_by_us(struct peer *peer)
{
	post(peer, 1, "/hang");
	peer_frame(peer, FRAME_RST_STREAM, 0, 1, "\0\0\0\x8", 4);
}

static void make_reset_by_them(struct peer *peer)
{
	request(peer, 1, 0, "POST", "/hang", (const char *const[]){"connection", "x", NULL});
	await_frame(peer, FRAME_RST_STREAM, 1);
}

/*
 * What may come of a frame: '.' it is accepted; 'P' a connection error PROTOCOL_ERROR; 'C' a stream
 * or connection error STREAM_CLOSED; 'i' as 'C', or it is ignored (closed, section 5.1).
 */
static const struct state {
	const char *name;
	void (*make)(struct peer *peer);
	const char *allowed; // of DATA HEADERS PRIORITY RST SETTINGS PUSH PING GOAWAY WINDOW CONT
			     // unknown
} STATES[] = {
	{"idle", make_idle, "P..PPPPPPP."},
	{"open", make_open, "....PPPP.P."},
	{"half-closed (remote)", make_half_closed_remote, "CC..PPPP.P."},
	{"half-closed (local)", make_half_closed_local, "....PPPP.P."},
	{"closed", make_closed, "ii..PPPP.P."},
	{"reset by its client", make_reset_by_us, "ii..PPPP.P."},
	{"reset by the server", make_reset_by_them, "ii..PPPP.P."},
};

static const struct {
	const char *name;
	uint8_t type, flags;
	const char *payload;
	size_t len;
} TYPES[] = {
	{"DATA", FRAME_DATA, END_STREAM, "x", 1},
	{"HEADERS", FRAME_HEADERS, END_HEADERS | END_STREAM, "\0\1x\1y", 5},
	{"PRIORITY", FRAME_PRIORITY, 0, "\0\0\0\0\x10", 5},
	{"RST_STREAM", FRAME_RST_STREAM, 0, "\0\0\0\x8", 4},
	{"SETTINGS", FRAME_SETTINGS, 0, "", 0},
	{"PUSH_PROMISE", FRAME_PUSH_PROMISE, END_HEADERS, "\0\0\0\2\x82\x86\x84", 7},
	{"PING", FRAME_PING, 0, "12345678", 8},
	{"GOAWAY", FRAME_GOAWAY, 0, "\0\0\0\0\0\0\0\0", 8},
	{"WINDOW_UPDATE", FRAME_WINDOW_UPDATE, 0, "\0\0\0\1", 4},
	{"CONTINUATION", FRAME_CONTINUATION, END_HEADERS, "\0\1x\1y", 5},
	{"an unknown one", 0xbe, 0xff, "x", 1},
};

static const char *judge(struct peer *peer, char allowed)
{
	const struct peer_seen *reset;

	if (allowed == 'P')
		return wants_connection_error(peer, PROTOCOL_ERROR);
	if (allowed == '.')
		return goes_on(peer);
	get(peer, LATER, "/head"); // a connection error comes before its answer
	await_end(peer, LATER);
	reset = find(peer, FRAME_RST_STREAM, 1);
	if (peer->goaway_error != UINT32_MAX)
		return wants_connection_error(peer, STREAM_CLOSED);
	if (!ended(peer, LATER))
		return "a later request is not answered";
	return allowed == 'i' || (reset && reset->head[3] == STREAM_CLOSED) ? NULL : "it was taken";
}

static void run_state(const struct state *state)
{
	for (size_t i = 0; i < array_len(TYPES); i++) {
		auto_free char *name =
			xasprintf("5.1 %s in a stream that is %s", TYPES[i].name, state->name);
		struct peer peer;
		const char *wrong;

		if (!open_target(&peer, false)) {
			say(name, "no connection");
			continue;
		}
		state->make(&peer);
		if (TYPES[i].type == FRAME_HEADERS && state->make == make_idle)
			get(&peer, 1, "/head");
		else
			peer_frame(&peer, TYPES[i].type, TYPES[i].flags, 1, TYPES[i].payload,
				   TYPES[i].len);
		wrong = judge(&peer, state->allowed[i]);
		peer_close(&peer);
		if (!wrong)
			wrong = others_go_on();
		say(name, wrong);
	}
}

static void run_all(bool link)
{
	target.link = link;
	target.name = link ? "link" : "edge";
	target.prefix = link ? "/w" : "";
	snprintf(target.authority, sizeof(target.authority), link ? "b" : "127.0.0.1:%u",
		 pair.edge_port);
	for (size_t i = 0; i < array_len(STATES); i++)
		run_state(&STATES[i]);
	for (size_t i = 0; i < N_FRAME_CASES; i++)
		if (!link || !FRAME_CASES[i].silent)
			run(&FRAME_CASES[i]);
	for (size_t i = 0; i < N_MESSAGE_CASES; i++)
		run(&MESSAGE_CASES[i]);
}

int main(int argc, char **argv)
{
	struct sidecar_pair_options options = {.program = argv[1], .hostile = true};

	signal(SIGPIPE, SIG_IGN);
	if (argc < 2 || !sidecar_pair_start(&pair, &options)) {
		printf("not ok starts: the sidecars did not start\n");
		return 1;
	}
	bystander.fd = -1;
	run_all(false);
	run_all(true);
	peer_close(&bystander);
	sidecar_pair_stop(&pair);
	return cases_failed > 0;
}
