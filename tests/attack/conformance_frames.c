// SPDX-License-Identifier: GPL-3.0-or-later
/* Sections 3 to 7 of RFC 9113: the preface, framing, streams, and each type of frame. */
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "conformance.h"

static uint8_t large[16385];

/* A case that is one frame on stream `id`, behind what `before` sends. */
#define FRAME(name, before, type, flags, id, bytes)                                                \
	static void name(struct peer *peer)                                                        \
	{                                                                                          \
		before;                                                                            \
		peer_frame(peer, type, flags, id, bytes, sizeof(bytes) - 1);                       \
	}

static void preface_cut(struct peer *peer)
{
	peer_put(peer, "PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n", 24);
}

static void preface_without_settings(struct peer *peer)
{
	peer_put(peer, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 24);
	peer_frame(peer, FRAME_PING, 0, 0, "12345678", 8);
}

static void preface_later(struct peer *peer)
{
	peer_put(peer, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 24);
}

FRAME(unknown_type, (void)0, 0xfe, 0xff, 0, "whatever")
FRAME(unknown_flags, (void)0, FRAME_PING, 0x16, 0, "12345678")
FRAME(reserved_bit, (void)0, FRAME_PING, 0, 0x80000000, "12345678")

static const char *ping_is_answered(struct peer *peer)
{
	const struct peer_seen *ping = await_frame(peer, FRAME_PING, 0);

	if (!ping)
		return "no answer to the PING";
	return ping->flags == ACK && memcmp(ping->head, "12345678", 8) == 0 ? NULL
									    : "a wrong answer";
}

static const char *ping_is_not_answered(struct peer *peer)
{
	get(peer, 1, "/head");
	return await_end(peer, 1) && !peer->counts[FRAME_PING] ? NULL : "it was answered";
}

static void largest_data(struct peer *peer)
{
	post(peer, 1, "/echo");
	peer_frame(peer, FRAME_DATA, END_STREAM, 1, large, 16384);
}

static const char *all_comes_back(struct peer *peer)
{
	return await_end(peer, 1) && peer->data == 16384 ? NULL : "not all came back";
}

static void data_too_large(struct peer *peer)
{
	post(peer, 1, "/echo");
	peer_frame(peer, FRAME_DATA, END_STREAM, 1, large, sizeof(large));
}

static void headers_too_large(struct peer *peer)
{
	peer_frame(peer, FRAME_HEADERS, END_HEADERS | END_STREAM, 1, large, sizeof(large));
}

static void unfinished(struct peer *peer) // a header block, to be continued
{
	peer_frame(peer, FRAME_HEADERS, END_STREAM, 1, "\x82", 1);
}

FRAME(block_then_priority, unfinished(peer), FRAME_PRIORITY, 0, 1, "\0\0\0\0\x10")
FRAME(block_then_headers, unfinished(peer), FRAME_HEADERS, END_HEADERS, 3, "\x82")
FRAME(block_then_other, unfinished(peer), FRAME_CONTINUATION, END_HEADERS, 3, "\x82")
FRAME(block_then_unknown, unfinished(peer), 0xbe, 0, 0, "x")
FRAME(block_then_data, unfinished(peer), FRAME_DATA, 0, 1, "x")
FRAME(block_then_ping, unfinished(peer), FRAME_PING, 0, 0, "12345678")
FRAME(block_then_reset, unfinished(peer), FRAME_RST_STREAM, 0, 1, "\0\0\0\x8")

static void even_stream(struct peer *peer)
{
	get(peer, 2, "/head");
}

static void smaller_stream(struct peer *peer)
{
	get(peer, 5, "/head");
	await_end(peer, 5);
	get(peer, 3, "/head");
}

static void skipped_later(struct peer *peer)
{
	get(peer, 1, "/head");
	get(peer, 9, "/hang");
	get(peer, 11, "/head");
	await_end(peer, 11);
	get(peer, 7, "/head");
}

/* Its trailers may still be on their way: it was used, so this is no new one. */
static void trailers_of_the_past(struct peer *peer)
{
	request(peer, 3, 0, "POST", "/hang", (const char *const[]){"connection", "x", NULL});
	await_frame(peer, FRAME_RST_STREAM, 3);
	get(peer, 5, "/head");
	peer_frame(peer, FRAME_HEADERS, END_HEADERS | END_STREAM, 3, "\0\1x\1y", 5);
}

static void many_streams(struct peer *peer)
{
	for (uint32_t i = 0; i < 300; i++)
		get(peer, 103 + 2 * i, "/hang");
}

static const char *some_are_refused(struct peer *peer)
{
	bool refused = false;

	peer_flush(peer);
	for (int ms = 0; ms < PEER_PATIENCE_MS && !peer->resets; ms += 10)
		peer_read(peer, 10);
	for (size_t i = 0; i < peer->n_seen; i++)
		refused |= peer->seen[i].type == FRAME_RST_STREAM &&
			   peer->seen[i].head[3] == REFUSED_STREAM;
	peer->n_seen = 0;
	for (uint32_t i = 0; i < 300; i++)
		peer_frame(peer, FRAME_RST_STREAM, 0, 103 + 2 * i, "\0\0\0\x8", 4);
	get(peer, 1001, "/head");
	if (!refused)
		return "none was refused";
	return await_end(peer, 1001) ? NULL : "a later request is not answered";
}

FRAME(data_on_0, (void)0, FRAME_DATA, 0, 0, "x")
FRAME(data_padding, post(peer, 1, "/hang"), FRAME_DATA, PADDED, 1, "\x05x")
/* Section 4.2 would have it FRAME_SIZE_ERROR; nghttp2 goes by 6.1, of padding beyond the frame. */
FRAME(data_no_padding, post(peer, 1, "/hang"), FRAME_DATA, PADDED, 1, "")
FRAME(headers_on_0, (void)0, FRAME_HEADERS, END_HEADERS, 0, "\x82")
FRAME(headers_padding, (void)0, FRAME_HEADERS, PADDED | END_HEADERS, 1, "\x09\x82")
FRAME(headers_short_priority, (void)0, FRAME_HEADERS, PRIORITY | END_HEADERS, 1, "\0\0")
FRAME(priority_on_0, (void)0, FRAME_PRIORITY, 0, 0, "\0\0\0\0\x10")
FRAME(priority_short, get(peer, 1, "/hang"), FRAME_PRIORITY, 0, 1, "\0\0\0\0")
FRAME(priority_of_itself, get(peer, 1, "/hang"), FRAME_PRIORITY, 0, 3, "\0\0\0\x3\x10")
FRAME(reset_on_0, (void)0, FRAME_RST_STREAM, 0, 0, "\0\0\0\x8")
FRAME(reset_short, get(peer, 1, "/hang"), FRAME_RST_STREAM, 0, 1, "\0\0\x8")
FRAME(reset_long, get(peer, 1, "/hang"), FRAME_RST_STREAM, 0, 1, "\0\0\0\x8\0")
FRAME(reset_unknown, get(peer, 1, "/hang"), FRAME_RST_STREAM, 0, 1, "\xff\xff\0\xff")
FRAME(settings_ack_long, (void)0, FRAME_SETTINGS, ACK, 0, "\0\3\0\0\0\1")
FRAME(settings_on_1, (void)0, FRAME_SETTINGS, 0, 1, "")
FRAME(settings_short, (void)0, FRAME_SETTINGS, 0, 0, "\0\3\0\0\0")
FRAME(settings_push, (void)0, FRAME_SETTINGS, 0, 0, "\0\2\0\0\0\2")
FRAME(settings_window, (void)0, FRAME_SETTINGS, 0, 0, "\0\4\x80\0\0\0")
FRAME(settings_small_frame, (void)0, FRAME_SETTINGS, 0, 0, "\0\5\0\0\x3f\xff")
FRAME(settings_large_frame, (void)0, FRAME_SETTINGS, 0, 0, "\0\5\1\0\0\0")
FRAME(settings_unknown, (void)0, FRAME_SETTINGS, 0, 0, "\0\xff\0\0\0\1")
FRAME(settings_no_table, (void)0, FRAME_SETTINGS, 0, 0, "\0\1\0\0\0\0")
FRAME(promise, get(peer, 1, "/hang"), FRAME_PUSH_PROMISE, END_HEADERS, 1, "\0\0\0\2\x82")
FRAME(ping, (void)0, FRAME_PING, 0, 0, "12345678")
FRAME(ping_ack, (void)0, FRAME_PING, ACK, 0, "12345678")
FRAME(ping_on_1, (void)0, FRAME_PING, 0, 1, "12345678")
FRAME(ping_short, (void)0, FRAME_PING, 0, 0, "1234567")
FRAME(ping_long, (void)0, FRAME_PING, 0, 0, "123456789")
FRAME(goaway_on_1, (void)0, FRAME_GOAWAY, 0, 1, "\0\0\0\0\0\0\0\0")
FRAME(goaway_short, (void)0, FRAME_GOAWAY, 0, 0, "\0\0\0\0\0\0\0")
FRAME(goaway_unknown, (void)0, FRAME_GOAWAY, 0, 0, "\0\0\0\0\xff\0\0\xff")
FRAME(window_0, (void)0, FRAME_WINDOW_UPDATE, 0, 0, "\0\0\0\0")
FRAME(window_0_of_1, get(peer, 1, "/hang"), FRAME_WINDOW_UPDATE, 0, 1, "\0\0\0\0")
FRAME(window_short, (void)0, FRAME_WINDOW_UPDATE, 0, 0, "\0\0\1")
FRAME(window_long, (void)0, FRAME_WINDOW_UPDATE, 0, 0, "\0\0\0\1\0")
FRAME(window_overflow, (void)0, FRAME_WINDOW_UPDATE, 0, 0, "\x7f\xff\xff\xff")
FRAME(window_overflow_of_1, get(peer, 1, "/hang"), FRAME_WINDOW_UPDATE, 0, 1, "\x7f\xff\xff\xff")
FRAME(continuation_alone, (void)0, FRAME_CONTINUATION, END_HEADERS, 1, "\x82")
FRAME(continuation_after_end, get(peer, 1, "/hang"), FRAME_CONTINUATION, END_HEADERS, 1, "\x82")
FRAME(continuation_on_0, unfinished(peer), FRAME_CONTINUATION, END_HEADERS, 0, "\x82")

static const char *settings_are_acknowledged(struct peer *peer)
{
	unsigned acks = 0;

	get(peer, 1, "/head");
	if (!await_end(peer, 1))
		return "no answer";
	for (size_t i = 0; i < peer->n_seen; i++)
		acks += peer->seen[i].type == FRAME_SETTINGS && peer->seen[i].flags == ACK;
	return acks == 2 ? NULL : "not acknowledged"; // those of the preface, too
}

/* One byte of window, then one more, then the rest: no frame goes over it. */
static void small_window(struct peer *peer)
{
	peer_frame(peer, FRAME_SETTINGS, 0, 0, "\0\4\0\0\0\1", 6);
	get(peer, 1, "/bytes?5");
}

static const char *window_is_kept(struct peer *peer)
{
	const struct peer_seen *data = await_frame(peer, FRAME_DATA, 1);

	if (!data || data->length != 1)
		return "not one byte";
	peer_frame(peer, FRAME_WINDOW_UPDATE, 0, 1, "\0\0\0\1", 4);
	get(peer, 3, "/bytes?1");
	if (!await_end(peer, 3) || peer->data != 3)
		return "not one byte more";
	peer_frame(peer, FRAME_SETTINGS, 0, 0, "\0\4\0\0\x7f\xff", 6);
	return await_end(peer, 1) && peer->data == 6 ? NULL : "the rest did not come";
}

/* A window that SETTINGS made negative: nothing comes until it is positive. */
static const char *negative_window(struct peer *peer)
{
	const struct peer_seen *data = await_frame(peer, FRAME_DATA, 1);

	if (!data || data->length != 1)
		return "not one byte";
	peer_frame(peer, FRAME_SETTINGS, 0, 0, "\0\4\0\0\0\0", 6);
	peer_frame(peer, FRAME_WINDOW_UPDATE, 0, 1, "\0\0\0\1", 4);
	get(peer, 3, "/no-content");
	if (!await_end(peer, 3) || peer->data != 1)
		return "bytes beyond the window";
	peer_frame(peer, FRAME_SETTINGS, 0, 0, "\0\4\0\0\x7f\xff", 6);
	return await_end(peer, 1) && peer->data == 5 ? NULL : "the rest did not come";
}

static void window_of_all(struct peer *peer) // of stream 1 only, not of the connection
{
	peer_frame(peer, FRAME_SETTINGS, 0, 0, "\0\4\0\x10\0\0", 6);
	get(peer, 1, "/bytes?100000");
}

static const char *connection_window_is_kept(struct peer *peer)
{
	for (int ms = 0; ms < PEER_PATIENCE_MS && peer->data < 65535; ms += 10) {
		peer_flush(peer);
		peer_read(peer, 10);
	}
	peer_frame(peer, FRAME_PING, 0, 0, "12345678", 8);
	if (!await_frame(peer, FRAME_PING, 0) || peer->data != 65535)
		return "not as many bytes as the window of the connection";
	peer_frame(peer, FRAME_WINDOW_UPDATE, 0, 0, "\0\1\0\0", 4);
	return await_end(peer, 1) && peer->data == 100000 ? NULL : "the rest did not come";
}

static void goaway_in_between(struct peer *peer)
{
	get(peer, 1, "/bytes?100");
	peer_frame(peer, FRAME_GOAWAY, 0, 0, "\0\0\0\0\0\0\0\0", 8);
}

static const char *open_stream_ends(struct peer *peer)
{
	return await_end(peer, 1) && peer->data == 100 ? NULL : "not answered";
}

static void block_in_pieces(struct peer *peer)
{
	request(peer, 1, END_STREAM, "GET", "/head", NULL);
	await_end(peer, 1);
	peer_frame(peer, FRAME_HEADERS, END_STREAM, 3, "\x82", 1);
	peer_frame(peer, FRAME_CONTINUATION, 0, 3, "", 0);
	peer_frame(peer, FRAME_CONTINUATION, 0, 3, "\x86\x84\x41", 3);
	peer_frame(peer, FRAME_CONTINUATION, END_HEADERS, 3, "\1b", 2);
}

static const char *pieces_are_one(struct peer *peer)
{
	return await_end(peer, 3) ? NULL : "not answered";
}

const struct conformance FRAME_CASES[] = {
	{"3.4 a preface that goes wrong", preface_cut, .wanted = HUNG_UP, .silent = true},
	{"3.4 a preface without SETTINGS", preface_without_settings, .wanted = CONNECTION,
	 .error = PROTOCOL_ERROR, .silent = true},
	{"3.4 a second preface", preface_later, .wanted = CONNECTION, .error = FRAME_SIZE_ERROR},
	{"4.1 a type that is unknown", unknown_type, .wanted = ACCEPTED},
	{"4.1 flags that are unknown", unknown_flags, .wanted = ACCEPTED,
	 .check = ping_is_answered},
	{"4.1 the reserved bit", reserved_bit, .wanted = ACCEPTED, .check = ping_is_answered},
	{"4.2 the largest DATA", largest_data, .wanted = ACCEPTED, .check = all_comes_back},
	{"4.2 DATA that is too large", data_too_large, .wanted = STREAM, .error = FRAME_SIZE_ERROR},
	{"4.2 HEADERS that is too large", headers_too_large, .wanted = CONNECTION,
	 .error = FRAME_SIZE_ERROR},
	{"4.3 PRIORITY in a header block", block_then_priority, .wanted = CONNECTION,
	 .error = PROTOCOL_ERROR},
	{"4.3 HEADERS in a header block", block_then_headers, .wanted = CONNECTION,
	 .error = PROTOCOL_ERROR},
	{"4.3 CONTINUATION of another stream", block_then_other, .wanted = CONNECTION,
	 .error = PROTOCOL_ERROR},
	{"4.3 DATA in a header block", block_then_data, .wanted = CONNECTION,
	 .error = PROTOCOL_ERROR},
	{"4.3 PING in a header block", block_then_ping, .wanted = CONNECTION,
	 .error = PROTOCOL_ERROR},
	{"4.3 RST_STREAM in a header block", block_then_reset, .wanted = CONNECTION,
	 .error = PROTOCOL_ERROR},
	{"5.1.1 an even number", even_stream, .wanted = CONNECTION, .error = PROTOCOL_ERROR},
	{"5.1.1 a smaller number that was skipped at first", smaller_stream, .wanted = CONNECTION,
	 .error = PROTOCOL_ERROR},
	{"5.1.1 a smaller number that was skipped later", skipped_later, .wanted = CONNECTION,
	 .error = PROTOCOL_ERROR},
	{"5.1.1 trailers of a smaller one that was used", trailers_of_the_past, .wanted = ACCEPTED},
	{"5.1.2 more streams than allowed", many_streams, .wanted = ACCEPTED,
	 .check = some_are_refused},
	{"5.5 an unknown type in a header block", block_then_unknown, .wanted = CONNECTION,
	 .error = PROTOCOL_ERROR},
	{"6.1 DATA on stream 0", data_on_0, .wanted = CONNECTION, .error = PROTOCOL_ERROR},
	{"6.1 DATA with too much padding", data_padding, .wanted = CONNECTION,
	 .error = PROTOCOL_ERROR},
	{"6.1 DATA without its length of padding", data_no_padding, .wanted = CONNECTION,
	 .error = PROTOCOL_ERROR},
	{"6.2 HEADERS on stream 0", headers_on_0, .wanted = CONNECTION, .error = PROTOCOL_ERROR},
	{"6.2 HEADERS with too much padding", headers_padding, .wanted = CONNECTION,
	 .error = PROTOCOL_ERROR},
	{"6.2 HEADERS with half a priority", headers_short_priority, .wanted = CONNECTION,
	 .error = FRAME_SIZE_ERROR},
	{"6.3 PRIORITY on stream 0", priority_on_0, .wanted = CONNECTION, .error = PROTOCOL_ERROR},
	{"6.3 PRIORITY that is too short", priority_short, .wanted = STREAM,
	 .error = FRAME_SIZE_ERROR},
	{"6.3 a stream that depends on itself (RFC 7540, 5.3.1)", priority_of_itself,
	 .wanted = STREAM, .error = PROTOCOL_ERROR},
	{"6.4 RST_STREAM on stream 0", reset_on_0, .wanted = CONNECTION, .error = PROTOCOL_ERROR},
	{"6.4 RST_STREAM that is too short", reset_short, .wanted = CONNECTION,
	 .error = FRAME_SIZE_ERROR},
	{"6.4 RST_STREAM that is too long", reset_long, .wanted = CONNECTION,
	 .error = FRAME_SIZE_ERROR},
	{"6.5 SETTINGS of nothing", settings_unknown, .wanted = ACCEPTED,
	 .check = settings_are_acknowledged},
	{"6.5 no table of fields", settings_no_table, .wanted = ACCEPTED,
	 .check = settings_are_acknowledged},
	{"6.5 an acknowledgement with settings", settings_ack_long, .wanted = CONNECTION,
	 .error = FRAME_SIZE_ERROR},
	{"6.5 SETTINGS on stream 1", settings_on_1, .wanted = CONNECTION, .error = PROTOCOL_ERROR},
	{"6.5 SETTINGS that is too short", settings_short, .wanted = CONNECTION,
	 .error = FRAME_SIZE_ERROR},
	{"6.5.2 ENABLE_PUSH of 2", settings_push, .wanted = CONNECTION, .error = PROTOCOL_ERROR},
	{"6.5.2 a window over 2^31-1", settings_window, .wanted = CONNECTION,
	 .error = FLOW_CONTROL_ERROR},
	{"6.5.2 frames below 16384", settings_small_frame, .wanted = CONNECTION,
	 .error = PROTOCOL_ERROR},
	{"6.5.2 frames over 2^24-1", settings_large_frame, .wanted = CONNECTION,
	 .error = PROTOCOL_ERROR},
	{"6.6 PUSH_PROMISE of a client", promise, .wanted = CONNECTION, .error = PROTOCOL_ERROR},
	{"6.7 PING", ping, .wanted = ACCEPTED, .check = ping_is_answered},
	{"6.7 an answer to no PING", ping_ack, .wanted = ACCEPTED, .check = ping_is_not_answered},
	{"6.7 PING on stream 1", ping_on_1, .wanted = CONNECTION, .error = PROTOCOL_ERROR},
	{"6.7 PING that is too short", ping_short, .wanted = CONNECTION, .error = FRAME_SIZE_ERROR},
	{"6.7 PING that is too long", ping_long, .wanted = CONNECTION, .error = FRAME_SIZE_ERROR},
	{"6.8 GOAWAY on stream 1", goaway_on_1, .wanted = CONNECTION, .error = PROTOCOL_ERROR},
	{"6.8 GOAWAY that is too short", goaway_short, .wanted = CONNECTION,
	 .error = FRAME_SIZE_ERROR},
	{"6.8 GOAWAY while a stream is open", goaway_in_between, .wanted = HUNG_UP,
	 .check = open_stream_ends},
	{"6.9 WINDOW_UPDATE by 0", window_0, .wanted = CONNECTION, .error = PROTOCOL_ERROR},
	{"6.9 WINDOW_UPDATE of a stream by 0", window_0_of_1, .wanted = STREAM,
	 .error = PROTOCOL_ERROR},
	{"6.9 WINDOW_UPDATE that is too short", window_short, .wanted = CONNECTION,
	 .error = FRAME_SIZE_ERROR},
	{"6.9 WINDOW_UPDATE that is too long", window_long, .wanted = CONNECTION,
	 .error = FRAME_SIZE_ERROR},
	{"6.9.1 a window that overflows", window_overflow, .wanted = CONNECTION,
	 .error = FLOW_CONTROL_ERROR},
	{"6.9.1 a stream's window that overflows", window_overflow_of_1, .wanted = STREAM,
	 .error = FLOW_CONTROL_ERROR},
	{"6.9.1 the window of a stream", small_window, .wanted = ACCEPTED, .check = window_is_kept},
	{"6.9.1 the window of the connection", window_of_all, .wanted = ACCEPTED,
	 .check = connection_window_is_kept},
	{"6.9.2 a window below zero", small_window, .wanted = ACCEPTED, .check = negative_window},
	{"6.10 a header block in pieces", block_in_pieces, .wanted = ACCEPTED,
	 .check = pieces_are_one},
	{"6.10 CONTINUATION of nothing", continuation_alone, .wanted = CONNECTION,
	 .error = PROTOCOL_ERROR},
	{"6.10 CONTINUATION after the end", continuation_after_end, .wanted = CONNECTION,
	 .error = PROTOCOL_ERROR},
	{"6.10 CONTINUATION on stream 0", continuation_on_0, .wanted = CONNECTION,
	 .error = PROTOCOL_ERROR},
	{"7 an unknown error in RST_STREAM", reset_unknown, .wanted = ACCEPTED},
	{"7 an unknown error in GOAWAY", goaway_unknown, .wanted = HUNG_UP},
};
const size_t N_FRAME_CASES = array_len(FRAME_CASES);
