// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * Every maximum of the project, in one place, with its unit and its reason. What happens at each
 * is said where it is used; running into one is an ordinary error with a name.
 */
#include <stddef.h>

#define KIB ((size_t)1024)
#define MIB (1024 * KIB)

/* Manifests: far above any real one; keeps a hostile file from holding memory. */
#define MANIFEST_BYTES_MAX (1 * MIB)
#define MANIFEST_ERRORS_MAX 100	 // shown at once; further ones are counted
#define MANIFEST_WORKLOADS_MAX 64 // a controller holds some ten descriptors for each
#define MANIFEST_NODES_MAX 20000

/* Channels between our own processes (SOCK_SEQPACKET): one packet, one message. */
#define CHANNEL_MESSAGE_MAX (128 * KIB) // below the default socket buffer, so a send is all or nothing
#define CHANNEL_FDS_MAX 4
#define CHANNEL_QUEUE_MAX 1024 // messages that wait for a slow reader; over it the peer is dropped
#define CHANNEL_QUEUE_BYTES_MAX (4 * MIB) // of those messages together
#define CHANNEL_UNPACKED_MAX (1 * MIB)	  // of messages unpacked: many tiny fields swell

/* Secrets: one value goes through a channel in one packet. */
#define SECRET_VALUE_MAX (64 * KIB)
#define SECRET_NAME_MAX 128

/* Log lines of a workload (kit-contract.md, section 3). */
#define LOG_LINE_MAX (1 * MIB)

/* HTTP, per message (RFC 9110 leaves the numbers to us). */
#define HTTP_HEADER_BYTES_MAX (64 * KIB)
#define HTTP_HEADERS_MAX 128
#define HTTP_TARGET_MAX (16 * KIB)
#define HTTP_BODY_DEFAULT_MAX (16 * MIB) // request bodies; an endpoint's max_body says otherwise

/* The bridge (kit-contract.md, section 3). */
#define BRIDGE_LINE_MAX (4 * MIB)

/* Buffers of a stream: what may be held between a reader and a slow writer, each direction. */
#define STREAM_BUFFER_MAX (256 * KIB)
#define HOPS_MAX 16 // a request that passed so many sidecars goes round in a circle (508)

/* Snapshots of a Kit's folder: far above any real Kit without node_modules. */
#define SNAPSHOT_FILES_MAX 100000u
#define SNAPSHOT_DEPTH_MAX 64u // each level holds a descriptor open

/* Texts of our own (base/). */
#define LOG_OWN_TEXT_MAX ((size_t)2048) // one log line of our own processes; longer ones are cut
#define TEXT_NEAREST_MAX 64 // longest word that gets a suggestion; the comparison is quadratic
