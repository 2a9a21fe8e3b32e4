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
#define MANIFEST_BYTES_MAX (256 * KIB)
#define MANIFEST_LINE_MAX (16 * KIB) // libfyaml holds every token of a line that may be a key
#define MANIFEST_BRACKETS_MAX 1000   // open at once, for the same reason
#define MANIFEST_ERRORS_MAX 100	     // shown at once; further ones are counted
#define MANIFEST_WORKLOADS_MAX 64    // a controller holds some ten descriptors for each
#define MANIFEST_NODES_MAX 20000
#define MANIFEST_DEPTH_MAX 32	  // nesting; real manifests have about eight levels
#define MANIFEST_ITEMS_MAX 512	  // of one list or mapping; keeps duplicate checks cheap
#define MANIFEST_ENDPOINTS_MAX 32 // of a workload; a connection without a choice has them all
#define MANIFEST_PATH_MAX 256	  // a path of an endpoint or an expose entry

/* Channels between our own processes (SOCK_SEQPACKET): one packet, one message. */
#define CHANNEL_MESSAGE_MAX                                                                        \
	(128 * KIB) // below the default socket buffer, so a send is all or nothing
#define CHANNEL_FDS_MAX 4
#define CHANNEL_QUEUE_MAX 1024 // messages that wait for a slow reader; over it the peer is dropped
#define CHANNEL_QUEUE_BYTES_MAX (4 * MIB) // of those messages together
#define CHANNEL_UNPACKED_MAX (1 * MIB)	  // of messages unpacked: many tiny fields swell

/* Secrets: one value goes through a channel in one packet. */
#define SECRET_VALUE_MAX (64 * KIB)
#define SECRET_NAME_MAX 128 // also of a Kit's identity in the store: 63 + 1 + 16
#define GRANTS_MAX 256	    // secrets of one workload; they travel in one packet

/* The keeper. */
#define KEEPER_PRINCIPALS_MAX 256	 // four times the workloads of a Kit: its dependencies' too
#define KEEPER_REVOCATIONS_MAX 1024 // of one app run; each is remembered until its end
#define CERTIFICATE_LIFETIME_MAX_S 86400 // the default is an hour
#define CERTIFICATE_BYTES_MAX (8 * KIB)	 // one Ed25519 certificate has some 500
#define KEEPER_REQUESTS_BURST 500	 // of one workload; each attempt becomes an audit record
#define KEEPER_REQUESTS_PER_S 50
#define DB_BUSY_TIMEOUT_MS 5000 // for another process that writes the same database

/* Log lines of a workload (kit-contract.md, section 3). */
#define LOG_LINE_MAX (1 * MIB)
#define LOG_FILE_MAX (16 * MIB) // of one file; each has one predecessor (.log.1) of that size
#define LOG_TAIL_LINES 20	// kept in memory, for the error of a start that failed
#define LOG_TAIL_LINE_MAX 512	// bytes of each of them

/* HTTP, per message (RFC 9110 leaves the numbers to us). */
#define HTTP_HEADER_BYTES_MAX (64 * KIB)
#define HTTP_HEADERS_MAX 128
#define HTTP_TARGET_MAX (16 * KIB)
#define HTTP_BODY_DEFAULT_MAX (16 * MIB) // request bodies; an endpoint's max_body says otherwise
#define HTTP_CHUNK_LINE_MAX 256 // a chunk size with its extensions, which nobody here reads
#define HTTP_TRAILER_BYTES_MAX (8 * KIB)

/* W3C Trace Context: what the standard asks everybody to carry. */
#define TRACEPARENT_MAX 128 // of versions that are not known yet; version 00 has 55
#define TRACESTATE_MAX 512
#define TRACESTATE_MEMBERS_MAX 32

/* The bridge (kit-contract.md, section 3). */
#define BRIDGE_LINE_MAX (4 * MIB)

/*
 * What may be held of a stream between a reader and a slow writer: of both directions together.
 * Each has STREAM_WINDOW; the first that turns out to be long may have all that is left.
 */
#define STREAM_BUFFER_MAX (256 * KIB)
#define STREAM_WINDOW (64 * KIB)
#define STREAM_WINDOW_WIDE (STREAM_BUFFER_MAX - STREAM_WINDOW)
#define STREAM_WINDOW_TIGHT (16 * KIB) // of each direction, while the process holds much

/*
 * What a sidecar holds for all of its connections, counted; what is not counted (the process
 * itself, the gaps of the heap) fits between this and 64 MiB.
 */
#define POOL_ROOMY (8 * MIB)  // up to here streams have wide windows
#define POOL_TIGHT (16 * MIB) // from here on tight ones
#define POOL_FULL (32 * MIB)  // from here on room is made for a new request, or it is refused
#define POOL_MAX (40 * MIB)   // beyond it the longest stalled are cut
#define POOL_LINK (96 * KIB)  // what TLS holds of one link
#define POOL_STALLED_MS 1000  // who is cut for a new request takes nothing for that long
#define POOL_FRESH_MS 100     // who is younger is cut only in need, the largest first
#define POOL_TOGETHER_MS 10   // who stalled so shortly after the longest goes with it
#define HOPS_MAX 16	      // a request that passed so many sidecars goes round in a circle (508)

/* Snapshots of a Kit's folder: far above any real Kit without node_modules. */
#define SNAPSHOT_FILES_MAX 100000u
#define SNAPSHOT_DEPTH_MAX 64u	 // each level holds a descriptor open
#define STORE_FILES_MAX 1000000u // of one layer; a large node_modules has some 100000
#define STORE_DEPTH_MAX 128u // each level holds a descriptor open; nested node_modules have some 30

#define EXEC_GUARDED_MAX 64 // files of a workload's folder that `exec` leaves read-only; each is a mount

#define CACHE_KEEP_DAYS 30 // without use, until `capakit cache prune` takes an entry
#define CACHE_DAYS_MAX 36500

/* Packages of a Kit: its .gitignore files, which are each asked about each of its files. */
#define IGNORE_FILE_MAX (64 * KIB)
#define IGNORE_RULES_MAX 2000
#define PACKAGE_SIGNATURES_MAX 16 // each is looked for from the file's end
#define KEY_FILE_MAX (4 * KIB)	  // with whatever stands before the key itself

/* Archives and git repositories that a Kit comes from (controller/unpack, controller/sources). */
#define SOURCE_BYTES_MAX (1024 * MIB) // unpacked; what is larger (models) a Kit fetches in hydrate
#define SOURCE_ENTRIES_MAX SNAPSHOT_FILES_MAX
#define SOURCE_PATH_MAX 1024
#define SOURCE_RATIO_MAX 200	      // unpacked to packed; programs have 3 to 10
#define SOURCE_RATIO_FLOOR (16 * MIB) // unpacked; below it nobody is harmed by any ratio
#define SOURCE_URL_MAX 1024
#define SOURCE_REF_MAX 250	       // a file of git's own has that name
#define SOURCE_REFS_BYTES_MAX (4 * MIB) // branches and tags of a remote; the largest have some 1 MiB
#define SOURCE_MEMORY_MAX ((size_t)1024 * MIB) // of git, which holds a file at a time
#define SOURCE_JOB_MS 600000	       // one step; 1 GiB in that time is 14 MBit/s
#define SOURCE_SAID_MAX ((size_t)600)  // what an error quotes of git's last words

/* Texts of our own (base/). */
#define LOG_OWN_TEXT_MAX ((size_t)2048) // one log line of our own processes; longer ones are cut
#define TEXT_NEAREST_MAX 64 // longest word that gets a suggestion; the comparison is quadratic

/* The control API: gRPC on control.sock, for tools of the same user, so small is enough. */
#define GRPC_REQUEST_MAX (64 * KIB)
#define GRPC_REPLY_MAX (1 * MIB)
#define GRPC_CONNECTIONS_MAX 32	   // the one that was idle longest makes room
#define GRPC_STREAMS_MAX 16	   // at once, on one connection
#define GRPC_HEADERS_MAX 64	   // fields of one request
#define GRPC_OUTPUT_MAX (96 * KIB) // framed bytes that wait for a slow reader
#define GRPC_FRAMES_BURST 10000	   // frames of one connection; over it the peer is dropped
#define GRPC_FRAMES_PER_SECOND 2000
#define GRPC_IDLE_MS 60000  // a connection on which nothing happens
#define GRPC_STALL_MS 10000 // a reader that takes nothing of what waits for it

/* Certificates and signing requests (certs/): ours have about 450 and 150 bytes. */
#define X509_SIZE_MAX (2 * KIB)
#define X509_URI_MAX 512		// bytes of a name; ours have about 60
#define X509_LIFETIME_MAX_S (24 * 3600) // short lives are what stands in for revocation
#define TLS_BUFFER_MIN (4 * KIB)	// smallest buffer of a session
#define TLS_LOCKED_MEMORY (16 * KIB)	// libgcrypt's least; one key takes some 150 bytes

/* Policies of sandboxes: one is written by the controller from a bounded manifest. */
#define POLICY_BYTES_MAX (1 * MIB)
#define POLICY_MOUNTS_MAX 256
#define POLICY_LOWERS_MAX 16 // fsconfig(2) takes 255 bytes for all their names together
#define POLICY_ENV_MAX 512
#define POLICY_ARGS_MAX 1024
#define POLICY_TEXT_MAX (128 * KIB)	  // one string; execve(2) takes no longer one either
#define SANDBOX_BYTES_PER_INODE (8 * KIB) // of a tmpfs: an inode takes 1 KiB of the kernel's memory

/* What a workload may use when its manifest does not say (controller/app/plan_resources.c). */
#define SANDBOX_PIDS_DEFAULT 2048u	  // processes and threads; Bun has some 20 for each process
#define SANDBOX_MEMORY_SHARE 2u		  // a workload may have one half of the machine's memory
#define SANDBOX_MEMORY_LEAST (1024 * MIB) // but so much at least: below it Bun does not start
#define SANDBOX_DISK_DEFAULT (16384 * MIB) // of its own folder (--max-disk)
#define SANDBOX_NAMES_MAX 1000000u // files and folders in it; a large node_modules has 100000
#define SANDBOX_LEVELS_MAX 128u	   // of folders in it; each holds a descriptor while it is counted

/* The sidecar's data path: counts bound descriptors, times bound those who say nothing. */
#define LISTENER_CONNECTIONS_MAX 1024 // of one listening socket; then it waits with accepting
#define INGRESS_CONNECTIONS_MAX 512   // to the workload
#define LINK_STREAMS_MAX 256	      // open at once on one link; the caller queues more
#define LINK_WINDOW (4 * MIB)	      // of the connection; each stream's own is STREAM_BUFFER_MAX
#define H2_HEAD_BYTES_MAX (4 * HTTP_HEADER_BYTES_MAX) // of one head; beyond it the session ends
#define H2_IDLE_FRAMES_BURST 1000 // PING, SETTINGS, PRIORITY, empty DATA, unknown ones
#define H2_IDLE_FRAMES_PER_S 100
#define H2_CLIENT_STREAMS_MAX 128   // of one client's connection: browsers are told 100 and more
#define H2_CLIENT_RESETS_BURST 1000 // a client resets what its user no longer waits for
#define H2_CLIENT_RESETS_PER_S 100
#define H2_RESETS_BURST 20000 // every client that goes away makes one, so far above real ones
#define H2_RESETS_PER_S 10000
#define LINK_BUFFER_MAX (512 * KIB) // ciphertext, each direction
#define CONNECTIONS_MAX 256	    // sockets in connect/ of one workload
#define LINKS_MAX 256
#define RESPONSE_TIMEOUT_MS                                                                        \
	300000		      // until the response head; as long as fetch() of Bun and Node waits
#define HEAD_TIMEOUT_MS 10000 // from the first byte of a request to the end of its head
#define CONTINUE_WAIT_MS 300  // for a workload's own 100; many leave it out
#define BODY_TIMEOUT_MS 60000 // without a byte of a request body that is wanted
#define KEEPALIVE_TIMEOUT_MS 60000 // between requests
#define READER_TIMEOUT_MS 60000	   // while a client takes nothing of its response
#define LINGER_TIMEOUT_MS 1000	   // discarding what a client still sends after its last response
#define WORKLOAD_IDLE_MS 4000	   // the SDK closes idle connections after 5 s
#define WORKLOAD_CONNECT_MS 1000   // while the workload's accept queue is full
#define LINK_WAIT_MS 1000	   // what a request waits for a link that is down or being made
#define LINK_HANDSHAKE_MS 10000

/* The policy of a connection (kit-contract.md), at its caller's sidecar. */
#define CONNECTION_QUEUE_MAX 128 // requests that wait for a place (`max_concurrent`)
#define CONNECTION_QUEUE_MS 5000 // then the answer is 503: whoever asks has likely given up
#define CIRCUIT_FAILURES 10	 // in a row; fewer would punish a workload that restarts
#define CIRCUIT_OPEN_MS 1000	 // about as long as a workload takes to start
#define RETRY_FLOOR 3		 // repetitions beyond a fifth of the requests
#define RETRY_SAVED_MAX 20	 // repetitions that quiet times may save up
#define RETRY_BASE_MS 25
#define RETRY_DELAY_MAX_MS 1000

#define KEEPER_ASKS_MAX 64 // that one sidecar waits for at once
#define ANSWERS_BYTES_MAX (256 * KIB) // what is remembered for one app
#define APPS_MAX 256	   // of one user at once, that the command line looks at

/* Dependencies of one app: places in the tree, and levels below the Kit that was started. */
#define KITS_MAX 64
#define KIT_DEPTH_MAX 16

#define CA_BUNDLE_MAX (8 * MIB) // of what a host trusts; Debian's list has 0.2

/* The egress proxy of one phase; `bun install` opens some 50 to 250 connections. */
#define EGRESS_CONNECTIONS_MAX 512   // then it waits with accepting
#define EGRESS_BUFFER_MAX (64 * KIB) // of a tunnel, each direction
#define EGRESS_RULES_MAX 1024	     // a manifest's list, and what the person allows besides
#define HOST_SERVICES_MAX 64	     // of --allow-host-service
#define EGRESS_HOSTS_MAX (256 * KIB) // of the host's /etc/hosts; a longer one is ignored
#define EGRESS_ADDRESSES_MAX 16	     // of one name, that are tried one after another
#define EGRESS_HEAD_MS 60000	     // until a whole request head is there (clients connect early)
#define EGRESS_RESOLVE_MS 2000	     // one question to one name server; asked three times
#define EGRESS_ANSWER_KEPT_MS 5000   // one look-up serves a burst of connections to one name
#define EGRESS_CONNECT_MS 10000	     // one address
#define EGRESS_IDLE_MS 300000	     // a tunnel on which nothing moves
#define EGRESS_UPSTREAM_ANSWER_MS 30000 // the host's own proxy may have to dial for it
#define EGRESS_UPSTREAM_LOOKUP_MS 2000	// a name that may be known to that proxy alone
#define EGRESS_UPSTREAM_DIRECT_MAX 256	// entries of NO_PROXY
#define EGRESS_REFUSAL_MS 1000		// for a client to take its refusal

/* Connections to hosts outside (`host:`). */
#define OUTSIDE_INJECT_MAX (8 * KIB)	 // an injected header's value, with its secrets
#define OUTSIDE_INJECT_KEPT_MS 5000	 // so long a revoked or changed secret is the old one
#define OUTSIDE_INJECT_AGAIN_MS 1000	 // before the keeper is asked again for what it refused
#define OUTSIDE_INJECT_WAIT_MS 10000	 // of a request for the keeper
#define OUTSIDE_BUFFER_MAX (64 * KIB)	 // of a connection, each direction
#define OUTSIDE_HANDSHAKE_MS 10000
#define OUTSIDE_LINGER_MS 5000		 // after the workload's side has closed

#define EGRESS_REFUSALS_SAID_MAX 64 // targets whose refusal the log explains; more are counted
#define EGRESS_COUNTERS_MS 1000	    // at most so often the controller is told the numbers

/* --- doctor --- */

#define DOCTOR_MEMLOCK (2 * MIB) // what the keeper locks in a large app: keys and secrets at once
#define ATTACK_PROGRAM_MAX (64 * MIB) // what an attack brings along; with sanitizers it has 4
#define ATTACK_FACTS_MAX (8 * KIB)    // what the victim says of itself: some ten lines
#define ATTACK_OUTPUT_MAX (4 * KIB)   // of an attack: one line
#define ATTACK_WORD_MAX (16 * KIB)    // an argument of one, with the paths in it
#define DOCTOR_TRIAL_MS 20000	 // a sandbox is made in 10 ms; a machine that is busy gets longer

/* --- test --- */

#define TEST_REPLY_MAX (4 * MIB)   // of one HTTP reply or event stream; as JSON it takes 30 times that
#define TEST_OUTPUT_MAX (1 * MIB)  // of each of a command's outputs; more is cut off
#define TEST_CASE_MAX (1 * MIB)	   // a case as the tester gets it; a manifest has less
#define TEST_RESULT_MAX (4 * MIB)  // what the tester says of a case
#define TEST_SHOWN_MAX ((size_t)512) // bytes of a value in "got" and "wanted"
#define TEST_VERBOSE_MAX (16 * KIB) // of a value in verbose_output
#define TEST_PATTERN_MAX (1 * KIB) // of a regular expression
#define TEST_MATCH_STEPS 1000000u  // of one match: some 10 ms
#define TEST_MATCH_HEAP (16 * MIB) // of one match
#define TEST_TIMEOUT_MS 60000	   // of a case that does not say otherwise
#define TEST_SETTLE_MS 30000	   // until an app is whole again after a drill
#define FAULT_STRIKE_MS 20	   // in the middle of a stream: whoever asks reads what has come
#define TEST_STREAM_RESUMES_MAX 100 // of one reply that its server cuts into pieces (MCP)
