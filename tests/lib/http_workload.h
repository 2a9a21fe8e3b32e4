// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * A workload for tests: an HTTP/1.1 server on a Unix socket, a thread a connection, that answers
 * what the last segment of the path says: head        the request's head, as text            echo
 * the request's body, same framing bytes?n     n bytes with Content-Length            chunks?n    n
 * bytes, chunked until-close?n  n bytes, ended by closing           sse?n       n events, one every
 * 20 ms forever     events until the client is gone        hang        nothing die         closes
 * without an answer               half        closes in mid-body stale       answers, then closes
 * the kept connection at once both        Content-Length and Transfer-Encoding   early answers
 * before the body is read count       how many connections there were so far
 */
#include <sys/types.h>

/* Serves from a process of its own until it is killed. Returns its pid. */
pid_t http_workload_start(const char *socket_path);
