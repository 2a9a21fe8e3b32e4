// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * A gRPC server in a process of its own for the tests, and a client that may break every rule.
 * The server must end by itself, with all its memory freed, when the test is over.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/grpc_server.h"

/*
 * Methods of the test server; requests are StopRequest (n = grace_ms), replies GetStatusResponse:
 *   /t/Echo   the app's name is n in decimal     /t/Big   the name has n bytes
 *   /t/Later  as Echo, 50 ms later               /t/Never no answer as long as the server lives
 *   /t/Fail   PERMISSION_DENIED with a text      /t/Free  the server is freed inside the handler
 */
struct grpc_peer {
	int pid;
	int stop;     // closing it ends the server
	int listener; // of the server, an abstract name
	char name[32];
};

void grpc_peer_start(struct grpc_peer *peer);
int grpc_peer_connect(const struct grpc_peer *peer);
void grpc_peer_finish(struct grpc_peer *peer); // asserts that the server ended well

struct raw_answer {
	char http[8];	  // :status
	char status[8];	  // grpc-status
	char text[256];	  // grpc-message, as sent
	char accepts[32]; // grpc-accept-encoding
	size_t data;	  // bytes of DATA
	bool closed;	  // the stream was closed
};

struct raw_request {
	const char *method, *path, *content_type, *timeout; // NULL: as usual, no timeout
	const char *body;
	size_t body_len;
	bool endless; // the body is never ended
	size_t more_headers;
};

/* One exchange on a connection of its own, at most five seconds long. */
struct raw_answer raw_call(const struct grpc_peer *peer, const struct raw_request *request);

/* The connection was closed by the server within the time; what it sends is thrown away. */
bool closed_within(int fd, unsigned ms);
