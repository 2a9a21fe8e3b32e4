// SPDX-License-Identifier: GPL-3.0-or-later
/* Section 8 of RFC 9113, messages, and what RFC 7541 (HPACK) calls an error. */
#include <string.h>

#include "base/mem.h"
#include "conformance.h"

#define MORE(...) ((const char *const[]){__VA_ARGS__, NULL})

/* A case that is one request with more fields. */
#define REQUEST(name, ...)                                                                         \
	static void name(struct peer *peer)                                                        \
	{                                                                                          \
		request(peer, 1, END_STREAM, "GET", "/head", MORE(__VA_ARGS__));                   \
	}

/* A case that is one header block, as bytes. */
#define BLOCK(name, bytes)                                                                         \
	static void name(struct peer *peer)                                                        \
	{                                                                                          \
		peer_frame(peer, FRAME_HEADERS, END_HEADERS | END_STREAM, 1, bytes,                \
			   sizeof(bytes) - 1);                                                     \
	}

/* A case that is a request whose body and trailers follow. */
#define BODY(name, rest, ...)                                                                      \
	static void name(struct peer *peer)                                                        \
	{                                                                                          \
		request(peer, 1, 0, "POST", "/hang", MORE(__VA_ARGS__));                           \
		rest;                                                                              \
	}
#define DATA(text, flags) peer_frame(peer, FRAME_DATA, flags, 1, text, sizeof(text) - 1)
#define TRAILERS(bytes, flags)                                                                     \
	peer_frame(peer, FRAME_HEADERS, END_HEADERS | (flags), 1, bytes, sizeof(bytes) - 1)

REQUEST(upper_case, "X-Upper", "1")
REQUEST(unknown_pseudo, ":x", "1")
REQUEST(response_pseudo, ":status", "200")
REQUEST(late_pseudo, "x", "1", ":path", "/head")
REQUEST(two_methods, ":method", "GET")
REQUEST(two_schemes, ":scheme", "http")
REQUEST(two_paths, ":path", "/head")
REQUEST(connection, "connection", "keep-alive")
REQUEST(keep_alive, "keep-alive", "1")
REQUEST(proxy_connection, "proxy-connection", "close")
REQUEST(transfer_encoding, "transfer-encoding", "chunked")
REQUEST(upgrade, "upgrade", "websocket")
REQUEST(te_other, "te", "trailers, deflate;q=0.5")
REQUEST(te_trailers, "te", "trailers")
REQUEST(empty_name, "", "1")
REQUEST(space_in_name, "x y", "1")
REQUEST(colon_in_name, "x:y", "1")
REQUEST(line_in_value, "x", "a\r\nb: c")
REQUEST(nul_in_value, "x", "a\1b")
REQUEST(space_before_value, "x", " a")
REQUEST(space_behind_value, "x", "a ")
REQUEST(other_host, "host", "evil.example")
REQUEST(length_of_nothing, "content-length", "5")
REQUEST(length_no_number, "content-length", "+0")
REQUEST(two_lengths, "content-length", "0", "content-length", "1")

BLOCK(no_method, "\x86\x84\x41\1b")
BLOCK(no_scheme, "\x82\x84\x41\1b")
BLOCK(no_path, "\x82\x86\x41\1b")
BLOCK(empty_path, "\x82\x86\x44\0\x41\1b")
BLOCK(plain_connect, "\x02\7CONNECT\x41\4b:80")
BLOCK(connect_with_path, "\x02\7CONNECT\x86\x84\x41\4b:80")
BLOCK(connect_to_what, "\x02\7CONNECT\x86\x84\x41\1b\0\x9:protocol\4ping")
BLOCK(no_block, "")

BLOCK(index_0, "\x82\x80")
BLOCK(index_beyond, "\x82\xff\x20")
BLOCK(index_beyond_all, "\x82\xff\xff\xff\xff\xff\x0f")
BLOCK(name_beyond, "\x82\x7f\x20\1x")
BLOCK(table_too_large, "\x3f\xe2\x3f\x82")
BLOCK(table_late, "\x82\x20")
BLOCK(huffman_padding, "\x82\x00\1x\x82\x18\x00")
BLOCK(huffman_long_padding, "\x82\x00\1x\x82\x1f\xff")
BLOCK(huffman_end, "\x82\x00\1x\x84\xff\xff\xff\xff")
BLOCK(cut_in_name, "\x82\x00\x05x")
BLOCK(cut_in_number, "\x82\x7f\xff")

BODY(data_short, DATA("abc", END_STREAM), "content-length", "5")
BODY(data_long, DATA("abcdef", END_STREAM), "content-length", "5")
BODY(data_long_in_two, (DATA("abc", 0), DATA("def", 0)), "content-length", "5")
BODY(trailers_go_on, TRAILERS("\0\1x\1y", 0), "x", "1")
BODY(trailers_pseudo, TRAILERS("\0\5:path\1/", END_STREAM), "x", "1")
BODY(trailers_status, TRAILERS("\x88", END_STREAM), "x", "1")
BODY(trailers_upper, TRAILERS("\0\1X\1y", END_STREAM), "x", "1")
BODY(trailers_connection, TRAILERS("\0\12connection\1x", END_STREAM), "x", "1")
BODY(data_then_trailers_short, (DATA("abc", 0), TRAILERS("\0\1x\1y", END_STREAM)), "content-length",
     "5")

static void good_trailers(struct peer *peer)
{
	post(peer, 1, "/echo");
	peer_frame(peer, FRAME_DATA, PADDED, 1, "\3abc\0\0\0", 7);
	TRAILERS("\0\1x\1y", END_STREAM);
}

static const char *is_echoed(struct peer *peer)
{
	return await_end(peer, 1) && peer->data == 3 ? NULL : "not echoed";
}

static void head(struct peer *peer)
{
	request(peer, 1, END_STREAM, "HEAD", "/bytes?100", NULL);
}

static const char *has_no_body(struct peer *peer)
{
	return await_end(peer, 1) && !peer->counts[FRAME_DATA] ? NULL : "it has a body";
}

static void cookies(struct peer *peer)
{
	request(peer, 1, END_STREAM, "GET", "/head", MORE("cookie", "a=1", "cookie", "b=2"));
}

static const char *is_answered(struct peer *peer)
{
	return await_end(peer, 1) ? NULL : "not answered";
}

const struct conformance MESSAGE_CASES[] = {
	{"8.1 trailers and padding", good_trailers, .wanted = ACCEPTED, .check = is_echoed},
	{"8.1 HEAD", head, .wanted = ACCEPTED, .check = has_no_body},
	{"8.1 trailers that do not end", trailers_go_on, .wanted = STREAM, .error = PROTOCOL_ERROR},
	{"8.1 a pseudo field in trailers", trailers_pseudo, .wanted = STREAM,
	 .error = PROTOCOL_ERROR},
	{"8.1 a status in trailers", trailers_status, .wanted = STREAM, .error = PROTOCOL_ERROR},
	{"8.1 upper case in trailers", trailers_upper, .wanted = STREAM, .error = PROTOCOL_ERROR},
	{"8.1 Connection in trailers", trailers_connection, .wanted = STREAM,
	 .error = PROTOCOL_ERROR},
	{"8.1.1 a body shorter than its length", data_short, .wanted = STREAM,
	 .error = PROTOCOL_ERROR},
	{"8.1.1 a body longer than its length", data_long, .wanted = STREAM,
	 .error = PROTOCOL_ERROR},
	{"8.1.1 the same in two frames", data_long_in_two, .wanted = STREAM,
	 .error = PROTOCOL_ERROR},
	{"8.1.1 a short body and trailers", data_then_trailers_short, .wanted = STREAM,
	 .error = PROTOCOL_ERROR},
	{"8.1.1 a length without a body", length_of_nothing, .wanted = STREAM,
	 .error = PROTOCOL_ERROR},
	{"8.1.1 a length that is no number", length_no_number, .wanted = STREAM,
	 .error = PROTOCOL_ERROR},
	{"8.1.1 two lengths", two_lengths, .wanted = STREAM, .error = PROTOCOL_ERROR},
	{"8.2 an upper-case name", upper_case, .wanted = STREAM, .error = PROTOCOL_ERROR},
	{"8.2.1 an empty name", empty_name, .wanted = STREAM, .error = PROTOCOL_ERROR},
	{"8.2.1 a space in a name", space_in_name, .wanted = STREAM, .error = PROTOCOL_ERROR},
	{"8.2.1 a colon in a name", colon_in_name, .wanted = STREAM, .error = PROTOCOL_ERROR},
	{"8.2.1 a line end in a value", line_in_value, .wanted = STREAM, .error = PROTOCOL_ERROR},
	{"8.2.1 NUL in a value", nul_in_value, .wanted = STREAM, .error = PROTOCOL_ERROR},
	{"8.2.1 a space before a value", space_before_value, .wanted = STREAM,
	 .error = PROTOCOL_ERROR},
	{"8.2.1 a space behind a value", space_behind_value, .wanted = STREAM,
	 .error = PROTOCOL_ERROR},
	{"8.2.2 Connection", connection, .wanted = STREAM, .error = PROTOCOL_ERROR},
	{"8.2.2 Keep-Alive", keep_alive, .wanted = STREAM, .error = PROTOCOL_ERROR},
	{"8.2.2 Proxy-Connection", proxy_connection, .wanted = STREAM, .error = PROTOCOL_ERROR},
	{"8.2.2 Transfer-Encoding", transfer_encoding, .wanted = STREAM, .error = PROTOCOL_ERROR},
	{"8.2.2 Upgrade", upgrade, .wanted = STREAM, .error = PROTOCOL_ERROR},
	{"8.2.2 TE of something else", te_other, .wanted = STREAM, .error = PROTOCOL_ERROR},
	{"8.2.2 TE of trailers", te_trailers, .wanted = ACCEPTED, .check = is_answered},
	{"8.2.3 Cookie in pieces", cookies, .wanted = ACCEPTED, .check = is_answered},
	{"8.3 an unknown pseudo field", unknown_pseudo, .wanted = STREAM, .error = PROTOCOL_ERROR},
	{"8.3 a pseudo field of responses", response_pseudo, .wanted = STREAM,
	 .error = PROTOCOL_ERROR},
	{"8.3 a late pseudo field", late_pseudo, .wanted = STREAM, .error = PROTOCOL_ERROR},
	{"8.3 two methods", two_methods, .wanted = STREAM, .error = PROTOCOL_ERROR},
	{"8.3 two schemes", two_schemes, .wanted = STREAM, .error = PROTOCOL_ERROR},
	{"8.3 two paths", two_paths, .wanted = STREAM, .error = PROTOCOL_ERROR},
	{"8.3.1 no method", no_method, .wanted = STREAM, .error = PROTOCOL_ERROR},
	{"8.3.1 no scheme", no_scheme, .wanted = STREAM, .error = PROTOCOL_ERROR},
	{"8.3.1 no path", no_path, .wanted = STREAM, .error = PROTOCOL_ERROR},
	{"8.3.1 an empty path", empty_path, .wanted = STREAM, .error = PROTOCOL_ERROR},
	{"8.3.1 no field at all", no_block, .wanted = STREAM, .error = PROTOCOL_ERROR},
	{"8.3.1 a Host that disagrees", other_host, .wanted = REFUSED},
	{"8.5 CONNECT", plain_connect, .wanted = REFUSED},
	{"8.5 CONNECT with a path", connect_with_path, .wanted = STREAM, .error = PROTOCOL_ERROR},
	{"8.5 CONNECT of an unknown protocol", connect_to_what, .wanted = REFUSED},
	{"HPACK 6.1 index 0", index_0, .wanted = CONNECTION, .error = COMPRESSION_ERROR},
	{"HPACK 2.3.3 an index beyond the table", index_beyond, .wanted = CONNECTION,
	 .error = COMPRESSION_ERROR},
	{"HPACK 5.1 an index that overflows", index_beyond_all, .wanted = CONNECTION,
	 .error = COMPRESSION_ERROR},
	{"HPACK 2.3.3 a name beyond the table", name_beyond, .wanted = CONNECTION,
	 .error = COMPRESSION_ERROR},
	{"HPACK 6.3 a table that is too large", table_too_large, .wanted = CONNECTION,
	 .error = COMPRESSION_ERROR},
	{"HPACK 4.2 a size of the table behind a field", table_late, .wanted = CONNECTION,
	 .error = COMPRESSION_ERROR},
	{"HPACK 5.2 padding that is not of ones", huffman_padding, .wanted = CONNECTION,
	 .error = COMPRESSION_ERROR},
	{"HPACK 5.2 padding of more than 7 bits", huffman_long_padding, .wanted = CONNECTION,
	 .error = COMPRESSION_ERROR},
	{"HPACK 5.2 the end of string in a string", huffman_end, .wanted = CONNECTION,
	 .error = COMPRESSION_ERROR},
	{"HPACK a block that ends in a name", cut_in_name, .wanted = CONNECTION,
	 .error = COMPRESSION_ERROR},
	{"HPACK a block that ends in a number", cut_in_number, .wanted = CONNECTION,
	 .error = COMPRESSION_ERROR},
};
const size_t N_MESSAGE_CASES = array_len(MESSAGE_CASES);
