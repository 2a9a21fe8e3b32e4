// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The whole keeper in a process of its own, confined as ever, asked over real channels: by the
 * client that the controller uses, and by channels that stand for sidecars.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <poll.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

#include <cmocka.h>

#include "base/fd.h"
#include "capakit/keeper/v1/keeper.pb-c.h"
#include "certs/identity.h"
#include "certs/tls.h"
#include "proto/channel.h"
#include "secrets/audit_db.h"
#include "secrets/keeper_client.h"
#include "secrets/store_db.h"
#include "tests/unit/secrets/folder.h"

#define WIRE "spiffe://run.capakit/workload/wire"
#define WEB "spiffe://run.capakit/workload/web"

struct sidecar {
	struct world *world;
	struct channel *channel;
	char code[64];
	uint8_t value[256];
	size_t value_len;
	bool certified;
	bool dropped, replied;
	struct identity *identity;
};

struct world {
	char *folder;
	pid_t keeper;
	struct loop *loop;
	struct keeper_client *client;
	struct loop_timer limit;
	char failed[1024];
	char missing[64];
	size_t n_missing;
	size_t revoked;
	bool ended, answered;
	struct sidecar wire, web;
};

static void on_limit(struct loop_timer *timer)
{
	loop_stop(timer->loop);
}

/* Runs until a callback has set the flag. */
static void wait_for(struct world *w, bool *flag)
{
	loop_timer_start(&w->limit, 10000);
	while (!*flag) {
		loop_run(w->loop);
		assert_true(loop_timer_active(&w->limit));
	}
	*flag = false;
}

static void on_answer(void *owner, const struct keeper_answer *answer)
{
	struct world *w = owner;

	snprintf(w->failed, sizeof(w->failed), "%s", answer->failed ? answer->failed->text : "");
	w->n_missing = answer->n_missing;
	w->revoked = answer->revoked;
	if (answer->n_missing > 0)
		snprintf(w->missing, sizeof(w->missing), "%s", answer->missing[0].name);
	w->answered = true;
	loop_stop(w->loop);
}

static void on_ended(void *owner, const struct err *why)
{
	struct world *w = owner;

	w->ended = true;
	snprintf(w->failed, sizeof(w->failed), "%s", why->text);
	loop_stop(w->loop);
}

static void on_reply(void *owner, const ProtobufCMessage *message, int *fds, size_t n_fds)
{
	struct sidecar *sidecar = owner;
	const Capakit__Keeper__V1__Reply *reply = (const Capakit__Keeper__V1__Reply *)message;
	struct err err;

	sidecar->code[0] = '\0';
	sidecar->value_len = 0;
	if (reply->kind_case == CAPAKIT__KEEPER__V1__REPLY__KIND_ERROR) {
		snprintf(sidecar->code, sizeof(sidecar->code), "%s", reply->error->code);
	} else if (reply->kind_case == CAPAKIT__KEEPER__V1__REPLY__KIND_SECRET) {
		sidecar->value_len = reply->secret->value.len;
		memcpy(sidecar->value, reply->secret->value.data, sidecar->value_len);
	} else {
		sidecar->certified = identity_accept(
			sidecar->identity, reply->certificate->certificate.data,
			reply->certificate->certificate.len, reply->certificate->authority.data,
			reply->certificate->authority.len, &err);
	}
	sidecar->replied = true;
	loop_stop(sidecar->world->loop);
}

static void on_dropped(void *owner, const struct err *why)
{
	struct sidecar *sidecar = owner;

	sidecar->dropped = true;
	loop_stop(sidecar->world->loop);
}

static void set_secret(struct world *w, const char *kit, const char *name, const char *text)
{
	auto_locked struct locked value = {0};
	struct err err;
	struct secret_store *store = secret_store_open(w->folder, SECRET_STORE_WRITE, &err);

	assert_non_null(store);
	assert_true(locked_new(&value, strlen(text) + 1, &err));
	memcpy(value.data, text, strlen(text));
	value.len = strlen(text);
	assert_true(secret_store_set(store, kit, name, &value, 1, &err));
	secret_store_close(&store);
}

static void begin(struct world *w, const char *expected)
{
	struct err err;

	assert_true(keeper_begin(w->client, "run.capakit", "newsroom", 3600, on_answer, w, &err));
	wait_for(w, &w->answered);
	assert_string_equal(w->failed, expected);
}

/* Adds the principal; the far end of its channel becomes the sidecar's. */
static void add(struct world *w, struct sidecar *sidecar, const char *identity,
		const struct keeper_grant *grants, size_t n_grants)
{
	struct err err;
	int pair[2];

	channel_free(&sidecar->channel);
	assert_true(fd_socket_pair(SOCK_SEQPACKET, pair, &err));
	assert_true(keeper_add_principal(w->client, identity, grants, n_grants, pair[1], on_answer,
					 w, &err));
	fd_close(&pair[1]);
	wait_for(w, &w->answered);
	sidecar->world = w;
	sidecar->dropped = false;
	sidecar->channel = channel_new(w->loop, pair[0], &capakit__keeper__v1__reply__descriptor,
				       on_reply, on_dropped, sidecar);
}

static void resolve(struct sidecar *sidecar, const char *name)
{
	Capakit__Keeper__V1__ResolveSecret secret = CAPAKIT__KEEPER__V1__RESOLVE_SECRET__INIT;
	Capakit__Keeper__V1__Request request = CAPAKIT__KEEPER__V1__REQUEST__INIT;
	auto_free char *copy = xstrdup(name);
	struct err err;

	secret.name = copy;
	request.id = 1;
	request.kind_case = CAPAKIT__KEEPER__V1__REQUEST__KIND_RESOLVE_SECRET;
	request.resolve_secret = &secret;
	assert_true(channel_send(sidecar->channel, &request.base, NULL, 0, &err));
	wait_for(sidecar->world, &sidecar->replied);
}

static void sign(struct sidecar *sidecar, const uint8_t *der, size_t len)
{
	Capakit__Keeper__V1__SignCertificate sign = CAPAKIT__KEEPER__V1__SIGN_CERTIFICATE__INIT;
	Capakit__Keeper__V1__Request request = CAPAKIT__KEEPER__V1__REQUEST__INIT;
	struct err err;

	sign.request.data = (uint8_t *)(uintptr_t)der;
	sign.request.len = len;
	request.id = 1;
	request.kind_case = CAPAKIT__KEEPER__V1__REQUEST__KIND_SIGN_CERTIFICATE;
	request.sign_certificate = &sign;
	assert_true(channel_send(sidecar->channel, &request.base, NULL, 0, &err));
	wait_for(sidecar->world, &sidecar->replied);
}

static void assert_resolves(struct sidecar *sidecar, const char *name, const char *text)
{
	resolve(sidecar, name);
	assert_string_equal(sidecar->code, "");
	assert_int_equal(sidecar->value_len, strlen(text));
	assert_memory_equal(sidecar->value, text, strlen(text));
}

static void assert_refused(struct sidecar *sidecar, const char *name, const char *code)
{
	resolve(sidecar, name);
	assert_string_equal(sidecar->code, code);
	assert_int_equal(sidecar->value_len, 0);
}

static int setup(void **state)
{
	struct world *w = xcalloc(1, sizeof(*w));
	struct err err;
	int channel;
	void *folder;

	if (folder_setup(&folder) != 0 || !tls_init(&err))
		return -1;
	w->folder = folder;
	w->keeper = keeper_spawn(w->folder, w->folder, &channel, &err);
	w->loop = loop_new(&err);
	if (w->keeper < 0 || !w->loop)
		return -1;
	w->client = keeper_client_new(w->loop, channel, on_ended, w);
	loop_timer_init(&w->limit, w->loop, on_limit);
	*state = w;
	return 0;
}

static int teardown(void **state)
{
	struct world *w = *state;
	void *folder = w->folder;
	int status = -1;

	keeper_client_free(&w->client); // at which the keeper ends
	waitpid(w->keeper, &status, 0);
	channel_free(&w->wire.channel);
	channel_free(&w->web.channel);
	identity_free(&w->wire.identity);
	loop_timer_stop(&w->limit);
	loop_free(&w->loop);
	free(w);
	return folder_teardown(&folder) == 0 && status == 0 ? 0 : -1;
}

static const struct keeper_grant wire_grants[] = {
	{.name = "wire_token", .secret = {.kit = "newsroom@0", .name = "wire_token"}},
	{.name = "alias", .secret = {.kit = "newsroom@0", .name = "theirs"}},
};

static void signs_for_the_identity_of_the_channel(void **state)
{
	struct world *w = *state;
	struct buf der;
	struct err err;

	begin(w, "");
	add(w, &w->wire, WIRE, NULL, 0);
	w->wire.identity = identity_new(&err);
	buf_init(&der, 4096);
	assert_true(identity_request(w->wire.identity, &der, &err));
	sign(&w->wire, buf_bytes(&der), buf_len(&der));
	assert_true(w->wire.certified);
	buf_bytes(&der)[buf_len(&der) - 1] ^= 1; // the signature, which proves possession
	sign(&w->wire, buf_bytes(&der), buf_len(&der));
	assert_string_equal(w->wire.code, "InvalidRequest");
	buf_free(&der);
	sign(&w->wire, (const uint8_t *)"nonsense", 8);
	assert_string_equal(w->wire.code, "InvalidRequest");
}

static void a_secret_goes_to_whom_it_is_granted(void **state)
{
	struct world *w = *state;

	set_secret(w, "newsroom@0", "wire_token", "s3cret");
	set_secret(w, "newsroom@0", "other", "not for wire");
	set_secret(w, "newsroom@1", "theirs", "of another Kit of the name");
	begin(w, "");
	add(w, &w->wire, WIRE, wire_grants, array_len(wire_grants));
	add(w, &w->web, WEB, NULL, 0);
	assert_resolves(&w->wire, "wire_token", "s3cret");
	assert_refused(&w->web, "wire_token", "NotGranted");
	assert_refused(&w->wire, "other", "NotGranted");
	assert_refused(&w->wire, "no_such_name", "NotGranted");
	assert_refused(&w->wire, "../wire_token", "NotGranted");
	assert_refused(&w->wire, "", "NotGranted");
	assert_refused(&w->wire, "alias", "NotFound");
	set_secret(w, "newsroom@0", "theirs", "set while it runs");
	assert_resolves(&w->wire, "alias", "set while it runs");
}

static void every_attempt_is_in_the_audit_chain(void **state)
{
	struct world *w = *state;
	struct audit *audit;
	struct err err;
	int64_t count, bad;

	set_secret(w, "newsroom@0", "wire_token", "s3cret");
	begin(w, "");
	add(w, &w->wire, WIRE, wire_grants, array_len(wire_grants));
	resolve(&w->wire, "wire_token");
	resolve(&w->wire, "other\n\x1b[2J");
	sign(&w->wire, (const uint8_t *)"nonsense", 8);
	audit = audit_open(w->folder, &err);
	assert_true(audit_verify(audit, &count, &bad, &err));
	assert_int_equal(count, 3);
	assert_int_equal(bad, 0);
	audit_close(&audit);
}

static void without_an_audit_record_there_is_no_answer(void **state)
{
	struct world *w = *state;
	auto_free char *path = xasprintf("%s/audit/audit.db", w->folder);
	sqlite3 *db;

	set_secret(w, "newsroom@0", "wire_token", "s3cret");
	begin(w, "");
	add(w, &w->wire, WIRE, wire_grants, array_len(wire_grants));
	assert_resolves(&w->wire, "wire_token", "s3cret");
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "ALTER TABLE record RENAME TO gone", NULL, NULL, NULL),
			 SQLITE_OK);
	assert_refused(&w->wire, "wire_token", "Unavailable");
	assert_int_equal(sqlite3_exec(db, "ALTER TABLE gone RENAME TO record", NULL, NULL, NULL),
			 SQLITE_OK);
	sqlite3_close(db);
	assert_resolves(&w->wire, "wire_token", "s3cret");
}

static void one_that_asks_too_often_waits_alone(void **state)
{
	struct world *w = *state;
	unsigned refused = 0;
	struct audit *audit;
	struct err err;
	int64_t count, bad;

	set_secret(w, "newsroom@0", "wire_token", "s3cret");
	begin(w, "");
	add(w, &w->wire, WIRE, wire_grants, array_len(wire_grants));
	add(w, &w->web, WEB, NULL, 0);
	for (int i = 0; i < 2 * KEEPER_REQUESTS_BURST; i++) {
		resolve(&w->web, "wire_token");
		refused += str_eq(w->web.code, "Unavailable");
	}
	assert_true(refused > KEEPER_REQUESTS_BURST / 2);
	assert_resolves(&w->wire, "wire_token", "s3cret");
	audit = audit_open(w->folder, &err);
	assert_true(audit_verify(audit, &count, &bad, &err));
	assert_int_equal(count, 2 * KEEPER_REQUESTS_BURST - refused + 1 + 1);
	audit_close(&audit);
}

static void says_which_secrets_are_missing(void **state)
{
	struct world *w = *state;
	const struct secret_ref wanted[] = {{"newsroom@0", "wire_token"}, {"newsroom@0", "theirs"}};
	struct err err;

	set_secret(w, "newsroom@0", "wire_token", "s3cret");
	begin(w, "");
	assert_true(keeper_check_secrets(w->client, wanted, 2, on_answer, w, &err));
	wait_for(w, &w->answered);
	assert_int_equal(w->n_missing, 1);
	assert_string_equal(w->missing, "theirs");
}

static void send_with_descriptor(struct sidecar *sidecar)
{
	Capakit__Keeper__V1__ResolveSecret secret = CAPAKIT__KEEPER__V1__RESOLVE_SECRET__INIT;
	Capakit__Keeper__V1__Request request = CAPAKIT__KEEPER__V1__REQUEST__INIT;
	const int fd = STDERR_FILENO;
	struct err err;

	request.kind_case = CAPAKIT__KEEPER__V1__REQUEST__KIND_RESOLVE_SECRET;
	request.resolve_secret = &secret;
	assert_true(channel_send(sidecar->channel, &request.base, &fd, 1, &err));
}

static void a_bad_peer_is_dropped_alone(void **state)
{
	struct world *w = *state;
	Capakit__Keeper__V1__Request empty = CAPAKIT__KEEPER__V1__REQUEST__INIT;
	struct err err;

	set_secret(w, "newsroom@0", "wire_token", "s3cret");
	begin(w, "");
	add(w, &w->wire, WIRE, wire_grants, array_len(wire_grants));
	for (int way = 0; way < 3; way++) {
		int pair[2];

		assert_true(fd_socket_pair(SOCK_SEQPACKET, pair, &err));
		assert_true(
			keeper_add_principal(w->client, WEB, NULL, 0, pair[1], on_answer, w, &err));
		fd_close(&pair[1]);
		wait_for(w, &w->answered);
		if (way == 0) // bytes that are no message
			assert_true(send(pair[0], "\xff\xff", 2, 0) == 2);
		w->web = (struct sidecar){.world = w};
		w->web.channel =
			channel_new(w->loop, pair[0], &capakit__keeper__v1__reply__descriptor,
				    on_reply, on_dropped, &w->web);
		empty.id = 7;
		if (way == 1) // a message that is in no table
			assert_true(channel_send(w->web.channel, &empty.base, NULL, 0, &err));
		if (way == 2) // a descriptor that nobody asked for
			send_with_descriptor(&w->web);
		wait_for(w, &w->web.dropped);
		channel_free(&w->web.channel);
		assert_resolves(&w->wire, "wire_token", "s3cret");
	}
	assert_false(w->ended);
}

static void a_restarted_sidecar_takes_over(void **state)
{
	struct world *w = *state;
	struct sidecar old = {.world = w};

	set_secret(w, "newsroom@0", "wire_token", "s3cret");
	begin(w, "");
	add(w, &old, WIRE, wire_grants, array_len(wire_grants));
	add(w, &w->wire, WIRE, wire_grants, array_len(wire_grants));
	wait_for(w, &old.dropped);
	assert_resolves(&w->wire, "wire_token", "s3cret");
	channel_free(&old.channel);
}

static void take_back(struct world *w, const char *kit, const char *name, const char *identity,
		      size_t expected)
{
	const struct secret_ref secret = {kit, name};
	struct err err;

	assert_true(keeper_revoke_secret(w->client, &secret, identity, on_answer, w, &err));
	wait_for(w, &w->answered);
	assert_string_equal(w->failed, "");
	assert_int_equal(w->revoked, expected);
}

static void what_is_revoked_stays_so(void **state)
{
	struct world *w = *state;
	struct audit *audit;
	struct err err;
	int64_t count, bad;

	set_secret(w, "newsroom@0", "wire_token", "s3cret");
	begin(w, "");
	add(w, &w->wire, WIRE, wire_grants, array_len(wire_grants));
	add(w, &w->web, WEB, wire_grants, array_len(wire_grants));
	take_back(w, "newsroom@1", "wire_token", "", 0);
	take_back(w, "newsroom@0", "wire_token", WEB, 1);
	assert_refused(&w->web, "wire_token", "NotGranted");
	assert_resolves(&w->wire, "wire_token", "s3cret");
	take_back(w, "newsroom@0", "wire_token", "", 1);
	assert_refused(&w->wire, "wire_token", "NotGranted");
	assert_refused(&w->wire, "alias", "NotFound"); // another one of its own
	add(w, &w->wire, WIRE, wire_grants, array_len(wire_grants));
	assert_refused(&w->wire, "wire_token", "NotGranted");
	audit = audit_open(w->folder, &err);
	assert_true(audit_verify(audit, &count, &bad, &err));
	assert_int_equal(count, 2 + 5);
	assert_int_equal(bad, 0);
	audit_close(&audit);
}

static void refuses_bad_principals_with_a_reason(void **state)
{
	static const char *const identities[] = {"spiffe://other.capakit/workload/wire",
						 "spiffe://run.capakit/", "wire", ""};
	const struct keeper_grant twice[] = {wire_grants[0], wire_grants[0]};
	struct world *w = *state;

	begin(w, "");
	for (size_t i = 0; i < array_len(identities); i++) {
		add(w, &w->web, identities[i], NULL, 0);
		assert_non_null(strstr(w->failed, "identity"));
	}
	add(w, &w->web, WEB, twice, 2);
	assert_non_null(strstr(w->failed, "two grants"));
	add(w, &w->web, WEB, NULL, 0);
	assert_string_equal(w->failed, "");
}

static void a_controller_out_of_turn_ends_the_run(void **state)
{
	struct world *w = *state;
	const struct secret_ref wanted = {"newsroom@0", "wire_token"};
	struct err err;

	assert_true(keeper_check_secrets(w->client, &wanted, 1, on_answer, w, &err));
	wait_for(w, &w->ended); // Begin had not come; teardown finds it ended in order
}

static void says_why_it_cannot_start(void **state)
{
	struct world *w = *state;
	auto_free char *path = xasprintf("%s/secrets/secrets.key", w->folder);
	struct err err;
	int channel, status;
	pid_t other;

	begin(w, "");
	assert_int_equal(chmod(path, 0644), 0);
	other = keeper_spawn(w->folder, w->folder, &channel, &err);
	keeper_client_free(&w->client);
	w->client = keeper_client_new(w->loop, channel, on_ended, w);
	wait_for(w, &w->ended);
	assert_non_null(strstr(w->failed, "chmod 0600"));
	assert_int_equal(waitpid(other, &status, 0), other);
	assert_int_equal(WEXITSTATUS(status), 1);
}

/* A child that may lock no memory, nor has root's privilege to do it all the same. */
static int spawn_without_locked_memory(const char *folder, char *text, size_t size)
{
	struct rlimit none = {0, 0};
	struct err err;
	int channel;

	setrlimit(RLIMIT_MEMLOCK, &none);
	if (geteuid() == 0 && setuid(65534) < 0)
		return -1;
	if (keeper_spawn(folder, folder, &channel, &err) < 0)
		return -1;
	poll(&(struct pollfd){.fd = channel, .events = POLLIN}, 1, 5000);
	return (int)read(channel, text, size - 1);
}

static void needs_memory_that_can_be_locked(void **state)
{
	struct world *w = *state;
	int status;
	pid_t child = fork();

	if (child == 0) {
		char text[2048] = {0};

		if (spawn_without_locked_memory(w->folder, text, sizeof(text)) <= 0)
			_exit(2);
		_exit(memmem(text, sizeof(text), "ulimit -l", 9) ? 0 : 1);
	}
	waitpid(child, &status, 0);
	assert_int_equal(status, 0);
}

/* The controller is a child here, which is killed; the keeper becomes ours, and must be dead. */
static void dies_with_its_controller(void **state)
{
	struct world *w = *state;
	int status, pipes[2];
	pid_t keeper = -1, controller;

	assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
	assert_int_equal(pipe(pipes), 0);
	controller = fork();
	if (controller == 0) {
		struct err err;
		int channel;

		keeper = keeper_spawn(w->folder, w->folder, &channel, &err);
		if (fcntl(channel, F_DUPFD, 100) < 0 || read(channel, &status, 1) > 0 ||
		    write(pipes[1], &keeper, sizeof(keeper)) < 0)
			_exit(1);
		pause();
	}
	assert_int_equal(read(pipes[0], &keeper, sizeof(keeper)), sizeof(keeper));
	usleep(100000);
	kill(controller, SIGKILL);
	assert_int_equal(waitpid(controller, &status, 0), controller);
	assert_int_equal(waitpid(keeper, &status, 0), keeper);
	close(pipes[0]);
	close(pipes[1]);
}

static void of_one_run_so_many_are_taken_back(void **state)
{
	const struct secret_ref secret = {"newsroom@0", "wire_token"};
	struct world *w = *state;
	struct err err;

	set_secret(w, "newsroom@0", "wire_token", "s3cret");
	begin(w, "");
	add(w, &w->wire, WIRE, wire_grants, array_len(wire_grants));
	for (int i = 0; i < KEEPER_REVOCATIONS_MAX; i++)
		take_back(w, "newsroom@1", "wire_token", "", 0);
	assert_true(keeper_revoke_secret(w->client, &secret, "", on_answer, w, &err));
	wait_for(w, &w->answered);
	assert_non_null(strstr(w->failed, "more than 1024 secrets taken from one app"));
	assert_resolves(&w->wire, "wire_token", "s3cret"); // and it was not taken
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		test(signs_for_the_identity_of_the_channel),
		test(a_secret_goes_to_whom_it_is_granted),
		test(every_attempt_is_in_the_audit_chain),
		test(without_an_audit_record_there_is_no_answer),
		test(one_that_asks_too_often_waits_alone),
		test(says_which_secrets_are_missing),
		test(a_bad_peer_is_dropped_alone),
		test(a_restarted_sidecar_takes_over),
		test(what_is_revoked_stays_so),
		test(of_one_run_so_many_are_taken_back),
		test(refuses_bad_principals_with_a_reason),
		test(a_controller_out_of_turn_ends_the_run),
		test(says_why_it_cannot_start),
		test(needs_memory_that_can_be_locked),
		test(dies_with_its_controller),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
