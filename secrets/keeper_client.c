// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The controller's end: forks the keeper, packs requests, and matches the answers, which come in
 * order, with who waits for them. The controller sees names here, and never a value or a key.
 */
#include "secrets/keeper_client.h"

#include <errno.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"
#include "capakit/keeper/v1/keeper.pb-c.h"
#include "proto/channel.h"
#include "secrets/keeper.h"

#define KIND(name) CAPAKIT__KEEPER__V1__CONTROLLER_REQUEST__KIND_##name

typedef Capakit__Keeper__V1__ControllerRequest control_request;
typedef Capakit__Keeper__V1__ControllerReply control_reply;
typedef Capakit__Keeper__V1__SecretRef ref_message;
typedef Capakit__Keeper__V1__Grant grant_message;

struct pending {
	STAILQ_ENTRY(pending) next;
	uint32_t id;
	keeper_answer_fn *on_answer;
	void *owner;
};

struct keeper_client {
	struct channel *channel;
	keeper_ended_fn *on_ended;
	void *owner;
	uint32_t last_id;
	struct err why; // set by the keeper itself, when it cannot start
	STAILQ_HEAD(, pending) pending;
};

pid_t keeper_spawn(const char *data_dir, const char *state_dir, int *channel, struct err *err)
{
	struct keeper_config config = {
		.parent = getpid(), .data_dir = data_dir, .state_dir = state_dir};
	int pair[2];
	pid_t pid;

	if (!fd_socket_pair(SOCK_SEQPACKET, pair, err))
		return -1;
	pid = fork();
	if (pid == 0) {
		close(pair[0]);
		config.control_fd = pair[1];
		_exit(keeper_run(&config));
	}
	close(pair[1]);
	if (pid < 0) {
		err_sys(err, errno, "forking the keeper");
		close(pair[0]);
		return -1;
	}
	*channel = pair[0];
	return pid;
}

/* --- answers --- */

/* The callback may free the client. */
static void hand_over(struct pending *pending, const control_reply *reply)
{
	struct secret_ref *missing = xcalloc(reply->n_missing + 1, sizeof(*missing));
	struct keeper_answer answer = {
		.missing = missing, .n_missing = reply->n_missing, .revoked = reply->revoked};
	struct err failed;

	for (size_t i = 0; i < reply->n_missing; i++)
		missing[i] = (struct secret_ref){reply->missing[i]->kit, reply->missing[i]->name};
	if (reply->error[0] != '\0') {
		err_set(&failed, ERR_SYSTEM, "%s", reply->error);
		answer.failed = &failed;
	}
	pending->on_answer(pending->owner, &answer);
	free(missing);
	free(pending);
}

/* The callback may free the client. */
static void ended(struct keeper_client *client, const struct err *why)
{
	struct err copy = client->why.code == ERR_NONE ? *why : client->why;

	channel_free(&client->channel);
	client->on_ended(client->owner, &copy);
}

static void on_message(void *owner, const ProtobufCMessage *message, int *fds, size_t n_fds)
{
	struct keeper_client *client = owner;
	const control_reply *reply = (const control_reply *)message;
	struct pending *pending = STAILQ_FIRST(&client->pending);
	struct err err;

	if (reply->id == 0) {
		err_set(&client->why, ERR_SYSTEM, "the keeper cannot start: %s", reply->error);
		return;
	}
	if (!pending || pending->id != reply->id) {
		err_set(&err, ERR_PROTOCOL, "the keeper answered what nobody asked");
		ended(client, &err);
		return;
	}
	STAILQ_REMOVE_HEAD(&client->pending, next);
	hand_over(pending, reply);
}

static void on_closed(void *owner, const struct err *why)
{
	struct err err = *why;

	err_prefix(&err, "the keeper ended");
	ended(owner, &err);
}

/* --- life --- */

struct keeper_client *keeper_client_new(struct loop *loop, int channel, keeper_ended_fn *on_ended,
					void *owner)
{
	struct keeper_client *client = xcalloc(1, sizeof(*client));

	client->on_ended = on_ended;
	client->owner = owner;
	STAILQ_INIT(&client->pending);
	client->channel =
		channel_new(loop, channel, &capakit__keeper__v1__controller_reply__descriptor,
			    on_message, on_closed, client);
	return client;
}

void keeper_client_free(struct keeper_client **client)
{
	struct keeper_client *gone = take_ptr(client);

	if (!gone)
		return;
	channel_free(&gone->channel);
	while (!STAILQ_EMPTY(&gone->pending)) {
		struct pending *pending = STAILQ_FIRST(&gone->pending);

		STAILQ_REMOVE_HEAD(&gone->pending, next);
		free(pending);
	}
	free(gone);
}

/* --- requests --- */

static bool ask(struct keeper_client *client, control_request *request, const int *fds,
		size_t n_fds, keeper_answer_fn *on_answer, void *owner, struct err *err)
{
	struct pending *pending;

	if (!client->channel)
		return err_set(err, ERR_CLOSED, "the keeper ended");
	request->id = client->last_id + 1;
	/* A keeper that has ended left its reason in the channel: on_ended will say it. */
	if (!channel_send(client->channel, &request->base, fds, n_fds, err) &&
	    err->code != ERR_CLOSED)
		return err_prefix(err, "asking the keeper");
	client->last_id++;
	pending = xcalloc(1, sizeof(*pending));
	*pending = (struct pending){.id = request->id, .on_answer = on_answer, .owner = owner};
	STAILQ_INSERT_TAIL(&client->pending, pending, next);
	return true;
}

/* protobuf-c's structures have no const; packing only reads them. */
static char *readable(const char *text)
{
	return (char *)(uintptr_t)text;
}

static ref_message to_ref(const struct secret_ref *secret)
{
	ref_message message = CAPAKIT__KEEPER__V1__SECRET_REF__INIT;

	message.kit = readable(secret->kit);
	message.name = readable(secret->name);
	return message;
}

bool keeper_begin(struct keeper_client *client, const char *trust_domain, const char *app,
		  unsigned lifetime_s, keeper_answer_fn *on_answer, void *owner, struct err *err)
{
	Capakit__Keeper__V1__Begin begin = CAPAKIT__KEEPER__V1__BEGIN__INIT;
	control_request request = CAPAKIT__KEEPER__V1__CONTROLLER_REQUEST__INIT;

	begin.trust_domain = readable(trust_domain);
	begin.app = readable(app);
	begin.certificate_lifetime_s = lifetime_s;
	request.kind_case = KIND(BEGIN);
	request.begin = &begin;
	return ask(client, &request, NULL, 0, on_answer, owner, err);
}

bool keeper_add_principal(struct keeper_client *client, const char *identity,
			  const struct keeper_grant *grants, size_t n_grants, int fd,
			  keeper_answer_fn *on_answer, void *owner, struct err *err)
{
	Capakit__Keeper__V1__AddPrincipal add = CAPAKIT__KEEPER__V1__ADD_PRINCIPAL__INIT;
	control_request request = CAPAKIT__KEEPER__V1__CONTROLLER_REQUEST__INIT;
	auto_free grant_message *messages = xcalloc(n_grants + 1, sizeof(*messages));
	auto_free ref_message *refs = xcalloc(n_grants + 1, sizeof(*refs));
	auto_free grant_message **list = xcalloc(n_grants + 1, sizeof(grant_message *));

	for (size_t i = 0; i < n_grants; i++) {
		refs[i] = to_ref(&grants[i].secret);
		messages[i] = (grant_message)CAPAKIT__KEEPER__V1__GRANT__INIT;
		messages[i].name = readable(grants[i].name);
		messages[i].secret = &refs[i];
		list[i] = &messages[i];
	}
	add.identity = readable(identity);
	add.grants = list;
	add.n_grants = n_grants;
	request.kind_case = KIND(ADD_PRINCIPAL);
	request.add_principal = &add;
	return ask(client, &request, &fd, 1, on_answer, owner, err);
}

bool keeper_check_secrets(struct keeper_client *client, const struct secret_ref *secrets,
			  size_t n_secrets, keeper_answer_fn *on_answer, void *owner,
			  struct err *err)
{
	Capakit__Keeper__V1__CheckSecrets check = CAPAKIT__KEEPER__V1__CHECK_SECRETS__INIT;
	control_request request = CAPAKIT__KEEPER__V1__CONTROLLER_REQUEST__INIT;
	auto_free ref_message *refs = xcalloc(n_secrets + 1, sizeof(*refs));
	auto_free ref_message **list = xcalloc(n_secrets + 1, sizeof(ref_message *));

	for (size_t i = 0; i < n_secrets; i++) {
		refs[i] = to_ref(&secrets[i]);
		list[i] = &refs[i];
	}
	check.secrets = list;
	check.n_secrets = n_secrets;
	request.kind_case = KIND(CHECK_SECRETS);
	request.check_secrets = &check;
	return ask(client, &request, NULL, 0, on_answer, owner, err);
}

bool keeper_revoke_secret(struct keeper_client *client, const struct secret_ref *secret,
			  const char *identity, keeper_answer_fn *on_answer, void *owner,
			  struct err *err)
{
	Capakit__Keeper__V1__RevokeSecret revoke = CAPAKIT__KEEPER__V1__REVOKE_SECRET__INIT;
	control_request request = CAPAKIT__KEEPER__V1__CONTROLLER_REQUEST__INIT;
	ref_message ref = to_ref(secret);

	revoke.secret = &ref;
	revoke.identity = readable(identity);
	request.kind_case = KIND(REVOKE_SECRET);
	request.revoke_secret = &revoke;
	return ask(client, &request, NULL, 0, on_answer, owner, err);
}
