// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Names of hosts on a link. Which workload is reached is decided by the link and the path, and who
 * calls by the certificate, whatever names a request gives; two that disagree are refused. (At the
 * edge, where a name counts: hosts.ts.)
 */
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "floods.h"

enum { WAIT_MS = 2000, STEP_MS = 5, STATUS_200 = 0x88, NONE = 0 };

static const char *const NAMES[] = {NULL,
				    "b",
				    "B",
				    "b.",
				    "b:80",
				    "user@b",
				    "evil.example",
				    "xn--bcher-kva.example",
				    "localhost",
				    "127.0.0.1",
				    "[::ffff:127.0.0.1]"};

/* ':authority' or Host alone, or both alike, and of a form that a host can have. */
static bool may_pass(const char *authority, const char *host)
{
	if (authority && host && strcmp(authority, host) != 0)
		return false;
	return (authority || host) && !strchr(authority ? authority : host, '@');
}

static bool is_answered(struct peer *peer, uint32_t stream, const char *authority, const char *host)
{
	const char *fields[13] = {":method", "GET", ":scheme", "http", ":path", "/w/head"};
	unsigned resets = peer->resets, ended = peer->ended;
	uint8_t block[256];
	size_t n = 6;

	if (authority) {
		fields[n++] = ":authority";
		fields[n++] = authority;
	}
	if (host) {
		fields[n++] = "host";
		fields[n++] = host;
	}
	peer->status_byte = NONE;
	peer_frame(peer, FRAME_HEADERS, END_HEADERS | END_STREAM, stream, block,
		   peer_block(block, fields));
	peer_flush(peer);
	for (int ms = 0;
	     ms < WAIT_MS && !peer->closed && peer->resets == resets && peer->ended == ended;
	     ms += STEP_MS)
		peer_read(peer, STEP_MS);
	return peer->status_byte == STATUS_200;
}

void hosts_on_a_link(struct sidecar_pair *pair)
{
	struct peer peer;
	uint32_t stream = 1;

	if (!peer_open(&peer, pair, false)) {
		say("hosts: ", "begin", "the link was not taken up");
		return;
	}
	for (size_t i = 0; i < array_len(NAMES); i++)
		for (size_t j = 0; j < array_len(NAMES); j++, stream += 2) {
			char name[96];
			bool passes = may_pass(NAMES[i], NAMES[j]);
			bool answered = is_answered(&peer, stream, NAMES[i], NAMES[j]);

			snprintf(name, sizeof(name), ":authority %s, Host %s",
				 NAMES[i] ? NAMES[i] : "-", NAMES[j] ? NAMES[j] : "-");
			say("link: ", name,
			    answered == passes ? ""
					       : (answered ? "it was answered" : "it was not"));
		}
	peer_close(&peer);
}
