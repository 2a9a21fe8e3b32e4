// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * A workload for tests: an HTTP/1.1 server on a Unix socket, a thread a connection, that answers
 * what the last segment of the path says:
 *
 * head          the request's head, as text
 * echo          the request's body, in its framing
 * bytes?n       n bytes with Content-Length
 * chunks?n      n bytes, chunked
 * until-close?n n bytes, ended by closing
 * large-head?n  a header field of n bytes
 * sse?n         n events, one every 20 ms; forever: until the client is gone
 * hang          nothing; deaf: and does not read the body either
 * endless-head?n a head of n bytes that does not end
 * die           closes without an answer; half: in mid-body
 * stale         answers, then closes the kept connection at once
 * early         answers before it reads the body
 * both          Content-Length and Transfer-Encoding
 * redirect, no-content, hints: what they say
 * tunnel        a WebSocket that sends back what comes; tunnel-first, -cut: rude ones;
 *               tunnel-false: answers another key
 * count         how many connections there were so far
 */
#include <sys/types.h>

/* Serves from a process of its own until it is killed. Returns its pid. */
pid_t http_workload_start(const char *socket_path);
