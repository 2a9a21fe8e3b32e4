// SPDX-License-Identifier: GPL-3.0-or-later
/* Sessions that work: what is negotiated, what goes through, how they end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "certs/tls_parts.h"
#include "pair.h"

static int set_up(void **state)
{
	struct err err;
	return tls_init(&err) ? 0 : -1;
}

static void must_shake(struct pair *pair)
{
	if (!pair_handshake(pair))
		fail_msg("client: %s; server: %s", pair->client_err.text, pair->server_err.text);
}

static void test_negotiates(void **state)
{
	struct pair pair;
	pair_make_good(&pair);
	must_shake(&pair);
	assert_string_equal(tls_cipher(pair.client), "TLS_AES_256_GCM_SHA384");
	assert_string_equal(tls_cipher(pair.server), "TLS_AES_256_GCM_SHA384");
	assert_string_equal(tls_version(pair.client), "TLSv1.3");
	assert_string_equal(tls_version(pair.server), "TLSv1.3");
	assert_string_equal(wolfSSL_get_curve_name(pair.client->ssl), "X25519");
	pair_free(&pair);
}

/* Both directions, and each side seals and opens. */
static void test_records_go_through_the_hardware_cipher(void **state)
{
	struct pair pair;
	struct err err;
	char data[100];
	size_t got;
	pair_make_good(&pair);
	must_shake(&pair);
	uint64_t before = tls_hardware_records();
	assert_int_equal(tls_write(pair.client, "ping", 4, &err), TLS_OK);
	assert_int_equal(tls_hardware_records(), before + 1);
	pair_move(pair.client, pair.server);
	assert_int_equal(tls_read(pair.server, data, sizeof(data), &got, &err), TLS_OK);
	assert_int_equal(tls_hardware_records(), before + 2);
	assert_int_equal(tls_write(pair.server, "pong", 4, &err), TLS_OK);
	pair_move(pair.server, pair.client);
	assert_int_equal(tls_read(pair.client, data, sizeof(data), &got, &err), TLS_OK);
	assert_int_equal(tls_hardware_records(), before + 4);
	assert_memory_equal(data, "pong", 4);
	pair_free(&pair);
}

static void fill(uint8_t *data, size_t len)
{
	for (size_t i = 0; i < len; i++)
		data[i] = (uint8_t)(i * 31 + i / 251);
}

static void drain(struct pair *pair, uint8_t *into, size_t *at, size_t size)
{
	struct err err;
	size_t got;
	enum tls_status status;
	pair_move(pair->client, pair->server);
	while ((status = tls_read(pair->server, into + *at, size - *at + 1, &got, &err)) == TLS_OK)
		*at += got;
	assert_int_equal(status, TLS_AGAIN);
}

/* As an owner does it: pieces as large as there is room for, no buffer ever over its maximum. */
static void send_through(struct pair *pair, size_t len)
{
	struct err err;
	uint8_t *data = xmalloc(len), *arrived = xcalloc(1, len + 1);
	size_t sent = 0, at = 0;
	fill(data, len);
	while (sent < len) {
		size_t piece = len - sent < 40000 ? len - sent : 40000;
		enum tls_status status = tls_write(pair->client, data + sent, piece, &err);
		if (status == TLS_OK)
			sent += piece;
		else
			assert_int_equal(status, TLS_AGAIN);
		assert_true(buf_len(tls_out(pair->client)) <= PAIR_BUFFER);
		drain(pair, arrived, &at, len);
	}
	while (at < len)
		drain(pair, arrived, &at, len);
	assert_int_equal(at, len);
	assert_memory_equal(data, arrived, len);
	free(data);
	free(arrived);
}

static void test_sizes_round_trip(void **state)
{
	static const size_t sizes[] = {1, 2, 16383, 16384, 16385, 32768, 50000, 1 << 20};
	struct pair pair;
	pair_make_good(&pair);
	must_shake(&pair);
	for (size_t i = 0; i < array_len(sizes); i++)
		send_through(&pair, sizes[i]);
	pair_free(&pair);
}

static void test_sealed_size_is_exact(void **state)
{
	static const size_t sizes[] = {1, 100, 16383, 16384, 16385, 40000};
	static const uint8_t data[40000];
	struct pair pair;
	struct err err;
	pair_make_good(&pair);
	must_shake(&pair);
	for (size_t i = 0; i < array_len(sizes); i++) {
		assert_int_equal(tls_write(pair.client, data, sizes[i], &err), TLS_OK);
		assert_int_equal(buf_len(tls_out(pair.client)), tls_sealed_size(sizes[i]));
		buf_clear(tls_out(pair.client));
	}
	assert_int_equal(tls_sealed_size(0), 0);
	pair_free(&pair);
}

static void test_write_is_all_or_nothing(void **state)
{
	static const uint8_t data[PAIR_BUFFER];
	struct pair pair;
	struct err err;
	pair_make_good(&pair);
	must_shake(&pair);
	assert_int_equal(tls_write(pair.client, data, PAIR_BUFFER, &err), TLS_AGAIN);
	assert_int_equal(buf_len(tls_out(pair.client)), 0);
	assert_int_equal(tls_write(pair.client, data, PAIR_BUFFER / 2, &err), TLS_OK);
	size_t len = buf_len(tls_out(pair.client));
	assert_int_equal(tls_write(pair.client, data, PAIR_BUFFER / 2, &err), TLS_AGAIN);
	assert_int_equal(buf_len(tls_out(pair.client)), len);
	assert_int_equal(tls_write(pair.client, data, 0, &err), TLS_OK);
	assert_int_equal(buf_len(tls_out(pair.client)), len);
	pair_free(&pair);
}

/* A record that came in part is no data, and no error. */
static void test_read_waits_for_a_whole_record(void **state)
{
	struct pair pair;
	struct err err;
	char data[100];
	size_t got;
	pair_make_good(&pair);
	must_shake(&pair);
	assert_int_equal(tls_read(pair.server, data, sizeof(data), &got, &err), TLS_AGAIN);
	assert_int_equal(tls_write(pair.client, "hello", 5, &err), TLS_OK);
	while (buf_len(tls_out(pair.client)) > 1) {
		assert_true(buf_append(tls_in(pair.server), buf_bytes(tls_out(pair.client)), 1));
		buf_consume(tls_out(pair.client), 1);
		assert_int_equal(tls_read(pair.server, data, sizeof(data), &got, &err), TLS_AGAIN);
		assert_int_equal(got, 0);
	}
	pair_move(pair.client, pair.server);
	assert_int_equal(tls_read(pair.server, data, sizeof(data), &got, &err), TLS_OK);
	assert_int_equal(got, 5);
	pair_free(&pair);
}

static void test_handshake_byte_by_byte(void **state)
{
	struct pair pair;
	pair_make_good(&pair);
	enum tls_status client = TLS_AGAIN, server = TLS_AGAIN;
	for (int i = 0; i < 10000 && (client != TLS_OK || server != TLS_OK); i++) {
		client = tls_handshake(pair.client, &pair.client_err);
		server = tls_handshake(pair.server, &pair.server_err);
		struct tls_session *ends[] = {pair.client, pair.server};
		for (int e = 0; e < 2; e++) {
			struct buf *out = tls_out(ends[e]);
			if (buf_len(out) == 0)
				continue;
			assert_true(buf_append(tls_in(ends[1 - e]), buf_bytes(out), 1));
			buf_consume(out, 1);
		}
	}
	assert_int_equal(client, TLS_OK);
	assert_int_equal(server, TLS_OK);
	pair_free(&pair);
}

/* Application data right behind the client's last flight: fed to the handshake, kept for read. */
static void test_data_behind_the_handshake_is_kept(void **state)
{
	struct pair pair;
	struct err err;
	char data[100];
	size_t got;
	pair_make_good(&pair);
	assert_int_equal(tls_handshake(pair.client, &err), TLS_AGAIN);
	pair_move(pair.client, pair.server);
	assert_int_equal(tls_handshake(pair.server, &err), TLS_AGAIN);
	pair_move(pair.server, pair.client);
	assert_int_equal(tls_handshake(pair.client, &err), TLS_OK);
	assert_int_equal(tls_write(pair.client, "early bird", 10, &err), TLS_OK);
	pair_move(pair.client, pair.server);
	assert_int_equal(tls_handshake(pair.server, &err), TLS_OK);
	assert_int_equal(tls_read(pair.server, data, sizeof(data), &got, &err), TLS_OK);
	assert_int_equal(got, 10);
	assert_memory_equal(data, "early bird", 10);
	pair_free(&pair);
}

static void test_close_is_told_from_truncation(void **state)
{
	struct pair pair;
	struct err err;
	char data[100];
	size_t got;
	pair_make_good(&pair);
	must_shake(&pair);
	assert_int_equal(tls_write(pair.client, "last", 4, &err), TLS_OK);
	tls_close(pair.client);
	size_t with_notify = buf_len(tls_out(pair.client));
	tls_close(pair.client);
	assert_int_equal(buf_len(tls_out(pair.client)), with_notify);
	assert_int_equal(with_notify, tls_sealed_size(4) + tls_sealed_size(2));
	pair_move(pair.client, pair.server);
	assert_int_equal(tls_read(pair.server, data, sizeof(data), &got, &err), TLS_OK);
	assert_int_equal(tls_read(pair.server, data, sizeof(data), &got, &err), TLS_CLOSED);
	assert_int_equal(tls_read(pair.server, data, sizeof(data), &got, &err), TLS_CLOSED);
	assert_int_equal(tls_write(pair.server, "more", 4, &err), TLS_OK); // its half is open
	pair_move(pair.server, pair.client);
	assert_int_equal(tls_read(pair.client, data, sizeof(data), &got, &err), TLS_OK);
	assert_int_equal(got, 4);
	pair_free(&pair);
}

static void test_cut_off_stays_again(void **state)
{
	struct pair pair;
	struct err err;
	char data[100];
	size_t got;
	pair_make_good(&pair);
	must_shake(&pair);
	assert_int_equal(tls_write(pair.client, "cut", 3, &err), TLS_OK);
	assert_true(buf_append(tls_in(pair.server), buf_bytes(tls_out(pair.client)), 10));
	assert_int_equal(tls_read(pair.server, data, sizeof(data), &got, &err), TLS_AGAIN);
	pair_free(&pair);
}

static void test_forged_record_fails_for_good(void **state)
{
	struct pair pair;
	struct err err;
	char data[100];
	size_t got;
	pair_make_good(&pair);
	must_shake(&pair);
	assert_int_equal(tls_write(pair.client, "honest", 6, &err), TLS_OK);
	buf_bytes(tls_out(pair.client))[7] ^= 1;
	pair_move(pair.client, pair.server);
	assert_int_equal(tls_read(pair.server, data, sizeof(data), &got, &err), TLS_FAILED);
	assert_int_equal(err.code, ERR_PROTOCOL);
	assert_int_equal(tls_read(pair.server, data, sizeof(data), &got, &err), TLS_FAILED);
	assert_int_equal(tls_write(pair.server, "x", 1, &err), TLS_FAILED);
	assert_true(buf_len(tls_out(pair.server)) > 0); // the alert
	pair_move(pair.server, pair.client);
	assert_int_equal(tls_read(pair.client, data, sizeof(data), &got, &err), TLS_FAILED);
	pair_free(&pair);
}

static void test_replayed_record_is_refused(void **state)
{
	struct pair pair;
	struct err err;
	char data[100];
	size_t got;
	pair_make_good(&pair);
	must_shake(&pair);
	assert_int_equal(tls_write(pair.client, "pay 1", 5, &err), TLS_OK);
	struct buf *out = tls_out(pair.client);
	assert_true(buf_append(tls_in(pair.server), buf_bytes(out), buf_len(out)));
	pair_move(pair.client, pair.server);
	assert_int_equal(tls_read(pair.server, data, sizeof(data), &got, &err), TLS_OK);
	assert_int_equal(tls_read(pair.server, data, sizeof(data), &got, &err), TLS_FAILED);
	pair_free(&pair);
}

static void test_nothing_goes_before_the_handshake(void **state)
{
	struct pair pair;
	struct err err;
	char data[10];
	size_t got;
	pair_make_good(&pair);
	assert_int_equal(tls_write(pair.client, "x", 1, &err), TLS_FAILED);
	assert_int_equal(tls_read(pair.server, data, sizeof(data), &got, &err), TLS_FAILED);
	assert_int_equal(buf_len(tls_out(pair.client)), 0);
	pair_free(&pair);
}

static void test_no_ticket_is_issued(void **state)
{
	struct pair pair;
	pair_make_good(&pair);
	must_shake(&pair);
	struct err err;
	char data[100];
	size_t got;
	assert_int_equal(buf_len(tls_out(pair.server)), 0);
	assert_int_equal(tls_write(pair.server, "x", 1, &err), TLS_OK);
	assert_int_equal(buf_len(tls_out(pair.server)), tls_sealed_size(1)); // and no more
	pair_move(pair.server, pair.client);
	assert_int_equal(tls_read(pair.client, data, sizeof(data), &got, &err), TLS_OK);
	pair_free(&pair);
}

/* A renewed identity: the sessions of the old one go on after everything they came from is gone. */
static void test_sessions_outlive_their_context(void **state)
{
	struct pair pair;
	pair_make_good(&pair);
	tls_context_free(&pair.client_context);
	tls_context_free(&pair.server_context);
	must_shake(&pair);
	send_through(&pair, 1000);
	pair_free(&pair);
}

static void test_context_needs_a_certificate(void **state)
{
	struct err err;
	struct identity *identity = identity_new(&err);
	assert_null(tls_context_new(identity, &err));
	assert_int_equal(err.code, ERR_MISSING);
	identity_free(&identity);
}

static void use_suites(struct tls_session *session, const char *suites)
{
	assert_int_equal(wolfSSL_set_cipher_list(session->ssl, suites), WOLFSSL_SUCCESS);
}

/* Two machines without AES in the CPU use ChaCha20, which does not go through the AES callback. */
static void test_chacha_where_the_cpu_has_no_aes(void **state)
{
	struct pair pair;
	pair_make_good(&pair);
	use_suites(pair.client, tls_suites(false));
	use_suites(pair.server, tls_suites(false));
	must_shake(&pair);
	assert_string_equal(tls_cipher(pair.client), "TLS_CHACHA20_POLY1305_SHA256");
	uint64_t before = tls_hardware_records();
	send_through(&pair, 100000);
	assert_int_equal(tls_hardware_records(), before);
	pair_free(&pair);
}

/* One with and one without still meet, in AES. */
static void test_mixed_cpus(void **state)
{
	struct pair pair;
	pair_make_good(&pair);
	use_suites(pair.client, tls_suites(false));
	must_shake(&pair);
	assert_string_equal(tls_cipher(pair.server), "TLS_AES_256_GCM_SHA384");
	pair_free(&pair);
	pair_make_good(&pair);
	use_suites(pair.server, tls_suites(false));
	must_shake(&pair);
	assert_string_equal(tls_cipher(pair.server), "TLS_AES_256_GCM_SHA384");
	pair_free(&pair);
}

/* A peer may change its keys at any time (RFC 8446, section 4.6.3); ours then follow. */
static void test_key_update(void **state)
{
	struct pair pair;
	struct err err;
	char data[10];
	size_t got;
	pair_make_good(&pair);
	must_shake(&pair);
	uint8_t before[RECORD_KEY_SIZE];
	send_through(&pair, 10);
	memcpy(before, pair.client->cipher.sealing.key, sizeof(before));
	device_enter(&pair.client->cipher);
	assert_int_equal(wolfSSL_update_keys(pair.client->ssl), WOLFSSL_SUCCESS);
	device_leave();
	send_through(&pair, 50000);
	assert_memory_not_equal(before, pair.client->cipher.sealing.key, sizeof(before));
	pair_move(pair.server, pair.client);
	assert_int_equal(tls_read(pair.client, data, sizeof(data), &got, &err), TLS_AGAIN);
	assert_int_equal(tls_write(pair.server, "back", 4, &err), TLS_OK);
	pair_move(pair.server, pair.client);
	assert_int_equal(tls_read(pair.client, data, sizeof(data), &got, &err), TLS_OK);
	assert_memory_equal(data, "back", 4);
	pair_free(&pair);
}

/* Key updates that are not answered because nobody empties `out`: reading stops until somebody
 * does. */
static void test_key_update_flood_is_bounded(void **state)
{
	struct pair pair;
	struct err err;
	char data[10];
	size_t got;
	pair_make_good(&pair);
	must_shake(&pair);
	for (int i = 0; i < 10000; i++) {
		device_enter(&pair.client->cipher);
		wolfSSL_update_keys(pair.client->ssl);
		device_leave();
		pair_move(pair.client, pair.server);
		assert_int_equal(tls_read(pair.server, data, sizeof(data), &got, &err), TLS_AGAIN);
	}
	assert_int_equal(buf_room(tls_in(pair.server)), 0);
	assert_true(buf_len(tls_out(pair.server)) <= PAIR_BUFFER + 256);
	buf_clear(tls_out(pair.server));
	assert_int_equal(tls_read(pair.server, data, sizeof(data), &got, &err), TLS_AGAIN);
	assert_true(buf_room(tls_in(pair.server)) > 0);
	pair_free(&pair);
}

static void test_suites(void **state)
{
	assert_string_equal(tls_suites(true), "TLS13-AES256-GCM-SHA384");
	assert_true(str_starts(tls_suites(false), "TLS13-CHACHA20-POLY1305-SHA256:"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_negotiates),
		cmocka_unit_test(test_records_go_through_the_hardware_cipher),
		cmocka_unit_test(test_sizes_round_trip),
		cmocka_unit_test(test_sealed_size_is_exact),
		cmocka_unit_test(test_write_is_all_or_nothing),
		cmocka_unit_test(test_read_waits_for_a_whole_record),
		cmocka_unit_test(test_handshake_byte_by_byte),
		cmocka_unit_test(test_data_behind_the_handshake_is_kept),
		cmocka_unit_test(test_close_is_told_from_truncation),
		cmocka_unit_test(test_cut_off_stays_again),
		cmocka_unit_test(test_forged_record_fails_for_good),
		cmocka_unit_test(test_replayed_record_is_refused),
		cmocka_unit_test(test_nothing_goes_before_the_handshake),
		cmocka_unit_test(test_no_ticket_is_issued),
		cmocka_unit_test(test_sessions_outlive_their_context),
		cmocka_unit_test(test_context_needs_a_certificate),
		cmocka_unit_test(test_chacha_where_the_cpu_has_no_aes),
		cmocka_unit_test(test_mixed_cpus),
		cmocka_unit_test(test_key_update),
		cmocka_unit_test(test_key_update_flood_is_bounded),
		cmocka_unit_test(test_suites),
	};
	return cmocka_run_group_tests(tests, set_up, NULL);
}
