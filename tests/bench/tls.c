// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * What a link's TLS costs, printed and not asserted: start-up, handshake (both ends in this one
 * process), bulk through a session, and memory of an idle session.
 */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/limits.h"
#include "base/mem.h"
#include "certs/authority.h"
#include "certs/identity.h"
#include "certs/tls.h"

#define DOMAIN "bench.capakit"
#define NAME_A "spiffe://" DOMAIN "/workload/a"
#define NAME_B "spiffe://" DOMAIN "/workload/b"

struct pair {
	struct tls_session *client;
	struct tls_session *server;
};

static double now_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static void need(bool done, const struct err *err)
{
	if (done)
		return;
	fprintf(stderr, "bench/tls: %s\n", err->text);
	exit(1);
}

/*
 * Private memory of this process that was written to, KiB. (What of the libraries is read counts
 * as private only as long as no second process of the app maps them.)
 */
static long private_kib(void)
{
	char line[256];
	long sum = 0, value;
	FILE *file = fopen("/proc/self/smaps_rollup", "re");
	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "Private_Dirty: %ld", &value) == 1)
			sum += value;
	if (file)
		fclose(file);
	return sum;
}

static struct tls_context *context(struct authority *authority, const char *uri)
{
	struct err err;
	struct identity *identity = identity_new(&err);
	auto_buf struct buf request, certificate;
	time_t not_after;
	size_t len;
	buf_init(&request, X509_SIZE_MAX);
	buf_init(&certificate, X509_SIZE_MAX);
	need(identity && identity_request(identity, &request, &err), &err);
	need(authority_issue(authority, buf_bytes(&request), buf_len(&request), uri, time(NULL),
			     3600, &certificate, &not_after, &err),
	     &err);
	const uint8_t *root = authority_certificate(authority, &len);
	need(identity_accept(identity, buf_bytes(&certificate), buf_len(&certificate), root, len,
			     &err),
	     &err);
	struct tls_context *made = tls_context_new(identity, &err);
	need(made, &err);
	identity_free(&identity);
	return made;
}

static void move(struct tls_session *from, struct tls_session *to)
{
	struct buf *out = tls_out(from);
	if (!buf_append(tls_in(to), buf_bytes(out), buf_len(out)))
		abort();
	buf_clear(out);
}

static void shake(struct pair *pair, struct tls_context *a, struct tls_context *b)
{
	struct err err = {0};
	enum tls_status client, server;
	pair->client = tls_session_new(a, TLS_CLIENT, NAME_B, 256 * KIB, &err);
	need(pair->client, &err);
	pair->server = tls_session_new(b, TLS_SERVER, NAME_A, 256 * KIB, &err);
	need(pair->server, &err);
	do {
		client = tls_handshake(pair->client, &err);
		move(pair->client, pair->server);
		server = tls_handshake(pair->server, &err);
		move(pair->server, pair->client);
		need(client != TLS_FAILED && server != TLS_FAILED, &err);
	} while (client != TLS_OK || server != TLS_OK);
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

static void bench_handshakes(struct tls_context *a, struct tls_context *b)
{
	double times[200];
	for (size_t i = 0; i < array_len(times); i++) {
		struct pair pair;
		double start = now_ms();
		shake(&pair, a, b);
		times[i] = now_ms() - start;
		tls_session_free(&pair.client);
		tls_session_free(&pair.server);
	}
	printf("handshake, both ends: first %.2f ms", times[0]);
	qsort(times, array_len(times), sizeof(times[0]), by_value);
	printf(", median %.2f ms, 95th percentile %.2f ms\n", times[100], times[190]);
}

static void transfer(struct pair *pair, size_t piece, size_t total)
{
	static uint8_t data[64 * KIB], sink[64 * KIB];
	struct err err = {0};
	size_t got;
	for (size_t sent = 0; sent < total; sent += piece) {
		need(tls_write(pair->client, data, piece, &err) == TLS_OK, &err);
		move(pair->client, pair->server);
		enum tls_status status;
		while ((status = tls_read(pair->server, sink, sizeof(sink), &got, &err)) == TLS_OK)
			;
		need(status == TLS_AGAIN, &err);
	}
}

static void bench_bulk(struct tls_context *a, struct tls_context *b)
{
	static const size_t pieces[] = {100, 1024, 16384, 65536};
	struct pair pair;
	shake(&pair, a, b);
	for (size_t i = 0; i < array_len(pieces); i++) {
		size_t total = pieces[i] < 16384 ? 32 * MIB : 512 * MIB;
		double start = now_ms();
		transfer(&pair, pieces[i], total);
		double ms = now_ms() - start;
		printf("sealed and opened, %5zu bytes at a time: %6.2f GB/s, %6.2f us each\n",
		       pieces[i], (double)total / 1e6 / ms,
		       ms * 1e3 / ((double)total / (double)pieces[i]));
	}
	tls_session_free(&pair.client);
	tls_session_free(&pair.server);
}

static size_t heap_bytes(void)
{
	struct mallinfo2 info = mallinfo2();
	return info.uordblks + info.hblkhd;
}

/* `used`: after bulk went through; the owner's buffers were given back (buf_shrink). */
static void bench_memory(struct tls_context *a, struct tls_context *b, bool used)
{
	static struct pair pairs[32];
	long before = private_kib();
	size_t heap = heap_bytes();
	for (size_t i = 0; i < array_len(pairs); i++) {
		shake(&pairs[i], a, b);
		if (used)
			transfer(&pairs[i], 16384, MIB);
		buf_shrink(tls_in(pairs[i].client), 0);
		buf_shrink(tls_out(pairs[i].client), 0);
		buf_shrink(tls_in(pairs[i].server), 0);
		buf_shrink(tls_out(pairs[i].server), 0);
	}
	malloc_trim(0);
	printf("memory of an idle session, %s: %zu bytes allocated, %ld KiB private dirty\n",
	       used ? "after bulk" : "fresh", (heap_bytes() - heap) / (2 * array_len(pairs)),
	       (private_kib() - before) / (long)(2 * array_len(pairs)));
	for (size_t i = 0; i < array_len(pairs); i++) {
		tls_session_free(&pairs[i].client);
		tls_session_free(&pairs[i].server);
	}
}

int main(void)
{
	struct err err;
	long bare = private_kib();
	double start = now_ms();
	need(tls_init(&err), &err);
	printf("tls_init: %.2f ms\n", now_ms() - start);
	start = now_ms();
	struct authority *authority = authority_new(DOMAIN, time(NULL), &err);
	need(authority, &err);
	struct tls_context *a = context(authority, NAME_A), *b = context(authority, NAME_B);
	printf("authority, two identities with certificates, two contexts: %.2f ms\n",
	       now_ms() - start);
	printf("private memory, dirty: %ld KiB before, %ld after\n", bare, private_kib());
	bench_memory(a, b, false);
	bench_memory(a, b, true);
	bench_handshakes(a, b);
	bench_bulk(a, b);
	printf("records through the hardware cipher: %llu\n",
	       (unsigned long long)tls_hardware_records());
	tls_context_free(&a);
	tls_context_free(&b);
	authority_free(&authority);
	return 0;
}
