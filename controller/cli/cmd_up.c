// SPDX-License-Identifier: GPL-3.0-or-later
/* `capakit up` and `capakit run`: start a Kit and print its URLs; `up` may detach. */
#include <pwd.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/num.h"
#include "controller/app/detach.h"
#include "controller/app/urls.h"
#include "controller/cli/app_command.h"
#include "controller/cli/cmd_kit.h"
#include "controller/package/signature_check.h"
#include "controller/cli/up_json.h"

enum {
	KEY_ADDRESS = 0x100,
	KEY_PORT,
	KEY_REQUIRE_SIGNATURE,
	KEY_ALLOW_USER,
	KEY_START_TIMEOUT,
	KEY_STOP_TIMEOUT,
	KEY_CERTIFICATE_LIFETIME,
};

enum { UNKNOWN_UID = 65534 }; // "nobody"; the edge drops who has it (docs/edge.md)

static const struct argp_option options[] = {
	{"port", KEY_PORT, "PORT", 0,
	 "Port on the app's address (default: a free one, and the "
	 "same again next time)",
	 0},
	{"address", KEY_ADDRESS, "IP", 0, "Loopback address (default: made from the name)", 0},
	{"allow-user", KEY_ALLOW_USER, "USER", 0, "Let another user of this machine in", 0},
	{"start-timeout", KEY_START_TIMEOUT, "TIME", 0,
	 "How long a workload may take to be ready "
	 "(default: 60s)",
	 0},
	{"stop-timeout", KEY_STOP_TIMEOUT, "TIME", 0,
	 "How long a workload may take to end "
	 "(default: 10s)",
	 0},
	{"certificate-lifetime", KEY_CERTIFICATE_LIFETIME, "TIME", 0,
	 "Life of the certificates on links, renewed at half of it (default: 1h)", 0},
	{"json", 'j', NULL, 0, "Print events and the result as JSON (docs/cli.md)", 0},
	{"require-signature", KEY_REQUIRE_SIGNATURE, "KEY", 0,
	 "Start a package only when it is signed with this public key, and what it depends on "
	 "by git is named by its commit",
	 0},
	{0},
};

struct up {
	struct app_command command;
	const char *signed_by; // file of a public key; NULL: nothing is required
	bool json;
	int parent; // of a detached process, else -1
};

static void add_user(struct argp_state *state, const char *arg, struct app_options *app)
{
	uint64_t uid;
	const struct passwd *user = getpwnam(arg);
	if (user)
		uid = user->pw_uid;
	else if (!num_parse_u64(arg, strlen(arg), UINT32_MAX - 1, &uid))
		argp_error(state, "--allow-user %s: no such user", arg);
	if (uid == UNKNOWN_UID)
		argp_error(state,
			   "--allow-user %s: the kernel gives this number to all users that it "
			   "cannot name; choose another user",
			   arg);
	app->allow_uids =
		xreallocarray(app->allow_uids, app->n_allow_uids + 1, sizeof(*app->allow_uids));
	app->allow_uids[app->n_allow_uids++] = (uid_t)uid;
}

static uint64_t parse_time(struct argp_state *state, const char *what, const char *arg,
			   uint64_t least_ms)
{
	uint64_t ms = 0;
	if (!num_parse_duration(arg, &ms) || ms < least_ms || ms > UINT32_MAX)
		argp_error(state,
			   "--%s %s: write a time such as 500ms, 60s, 5m, 1h (at least %ums)", what,
			   arg, (unsigned)least_ms);
	return ms;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct up *up = state->input;
	struct app_options *app = &up->command.app;
	uint64_t number;
	switch (key) {
	case KEY_ADDRESS:
		app->address = arg;
		return 0;
	case KEY_PORT:
		if (!num_parse_u64(arg, strlen(arg), 65535, &number) || number == 0)
			argp_error(state, "--port %s: a port is a number from 1 to 65535", arg);
		app->port = (uint16_t)number;
		return 0;
	case KEY_ALLOW_USER:
		add_user(state, arg, app);
		return 0;
	case KEY_START_TIMEOUT:
		app->start_timeout_ms = parse_time(state, "start-timeout", arg, 1);
		return 0;
	case KEY_STOP_TIMEOUT:
		app->stop_grace_ms = parse_time(state, "stop-timeout", arg, 1);
		return 0;
	case KEY_CERTIFICATE_LIFETIME:
		app->certificate_lifetime_s =
			(uint32_t)(parse_time(state, "certificate-lifetime", arg, 2000) / 1000);
		return 0;
	case 'j':
		up->json = true;
		return 0;
	case KEY_REQUIRE_SIGNATURE:
		up->signed_by = arg;
		app->pinned = true;
		return 0;
	case ARGP_KEY_INIT:
		state->child_inputs[0] = state->child_inputs[1] = &up->command;
		return 0;
	case ARGP_KEY_ARG:
		cli_take_only(state, "KIT", arg, &app->kit);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_child children[] = {
	{&app_command_options, 0, NULL, 0}, {&app_command_remember, 0, NULL, 0}, {0}};
static const struct argp common = {options, parse, NULL, NULL, children, NULL, NULL};
static const struct argp_child common_child[] = {{&common, 0, NULL, 0}, {0}};

static error_t parse_up(int key, char *arg, struct argp_state *state)
{
	struct up *up = state->input;
	switch (key) {
	case 'd':
		up->command.app.detach = true;
		return 0;
	case ARGP_KEY_INIT:
		state->child_inputs[0] = up;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_option up_options[] = {
	{"detach", 'd', NULL, 0, "Return when the app is ready; it goes on by itself", 0},
	{0},
};
static const struct argp up_argp = {
	up_options,
	parse_up,
	"[KIT]",
	"Starts a Kit and prints its URLs. KIT is a folder (default: the current "
	"one), a .capakit archive or a git URL.",
	common_child,
	0,
	0,
};

static error_t parse_run(int key, char *arg, struct argp_state *state)
{
	struct up *up = state->input;
	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = up;
		return 0;
	case ARGP_KEY_END:
		if (!up->command.app.kit)
			argp_error(state,
				   "which Kit? Give its SOURCE: a folder, a .capakit archive "
				   "or a git URL");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp run_argp = {
	NULL,
	parse_run,
	"SOURCE",
	"Starts a Kit from any source and stays: a folder, a .capakit archive, or a git "
	"URL (https://HOST/PATH, git@HOST:PATH, file:///PATH, with #BRANCH, #TAG or "
	"#COMMIT at its end if wanted).",
	common_child,
	0,
	0,
};

/* Before anything of the Kit is used; what was unpacked is what has to be signed. */
static bool check_signature(const char *key_file, const struct kit_source *source, struct err *err)
{
	uint8_t key[KEY_PUBLIC_SIZE];
	char digest[SHA256_HEX];
	if (source->kind != KIT_SOURCE_ARCHIVE)
		return err_set(err, ERR_USAGE,
			       "--require-signature: %s is no package, and cannot be signed",
			       source->name);
	return kit_read_public_key(key_file, key, err) &&
	       package_check_signature(source->name, key, source->origin, digest, err);
}

static bool on_kit(void *owner, const struct app *app, struct err *err)
{
	struct up *up = owner;
	if (up->signed_by && !check_signature(up->signed_by, &app->kits[0].source, err))
		return false;
	return app_command_complete(owner, app, err);
}

static void on_ready(void *owner, const struct app *running)
{
	struct up *up = owner;
	struct err err;
	progress_end(up->command.progress);
	if (!complete_remember(&up->command.complete, running->plan, &err))
		cli_warn("%s", err.text);
	if (up->json)
		up_json_running(running);
	else
		app_print_urls(running, up->parent < 0);
	detach_done(&up->parent, running->log_pipe);
}

static bool run(struct up *up, struct err *err)
{
	return (!up->command.app.detach || detach_begin(&up->parent, err)) &&
	       app_command_run(&up->command, up->json ? APP_COMMAND_JSON : APP_COMMAND_TEXT, err);
}

/* Whoever interrupts knows it. */
static int report(const struct up *up, const struct err *err)
{
	int status = cli_exit_status(err->code);
	if (up->json)
		up_json_error(err, status);
	else if (err->code != ERR_CANCELLED)
		cli_fail(err);
	return status;
}

static int start(const char *command, const struct argp *argp, int argc, char **argv)
{
	struct err err = {0};
	struct up up = {.parent = -1};
	app_command_init(&up.command);
	up.command.app.complete = on_kit;
	up.command.app.ready = on_ready;
	cli_parse(command, argp, argc, argv, 0, &up);
	int status = run(&up, &err) ? EXIT_DONE : report(&up, &err);
	app_command_free(&up.command);
	return status;
}

int cmd_up(int argc, char **argv)
{
	return start("up", &up_argp, argc, argv);
}

int cmd_run(int argc, char **argv)
{
	return start("run", &run_argp, argc, argv);
}
