// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The process that holds the keys, from its first moment to its last. It is a fork without an
 * exec, so its first steps throw away what it inherited; its last step before serving takes away
 * what it needed for starting.
 */
#include "secrets/keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/log.h"
#include "base/mem.h"
#include "capakit/keeper/v1/keeper.pb-c.h"
#include "certs/tls.h"
#include "proto/scratch.h"
#include "secrets/keeper_confine.h"
#include "secrets/keeper_state.h"

enum { CONTROL_FD = 3 };

static bool die_with_controller(const struct keeper_config *config, struct err *err)
{
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
		return err_sys(err, errno, "tying the keeper to the controller");
	if (getppid() != config->parent)
		return err_set(err, ERR_CLOSED, "the controller is gone already");
	return true;
}

/* Ctrl-C goes to the controller, which then ends its keeper last: so no terminal here. */
static void forget_signals(void)
{
	sigset_t none;

	setsid();
	for (int number = 1; number < NSIG; number++)
		signal(number, SIG_DFL);
	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/* What stays: standard error, the control channel, and nothing on the two other standard ones. */
static bool forget_descriptors(int control_fd, struct err *err)
{
	int null;

	if (control_fd != CONTROL_FD && dup2(control_fd, CONTROL_FD) < 0)
		return err_sys(err, errno, "keeping the control channel");
	if (fcntl(CONTROL_FD, F_SETFD, FD_CLOEXEC) < 0 || close_range(CONTROL_FD + 1, ~0U, 0) < 0)
		return err_sys(err, errno, "closing descriptors that the keeper does not need");
	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (null < 0 || dup2(null, STDIN_FILENO) < 0 || dup2(null, STDOUT_FILENO) < 0)
		return err_sys(err, errno, "opening /dev/null");
	close(null);
	return true;
}

static bool leave_no_trace(struct err *err)
{
	const struct rlimit none = {0, 0};

	if (prctl(PR_SET_DUMPABLE, 0) < 0 || setrlimit(RLIMIT_CORE, &none) < 0)
		return err_sys(err, errno, "forbidding core files of the keeper");
	return true;
}

/* For the messages that carry secrets, for the store's key, and for one value at a time. */
static bool memory_can_be_locked(struct err *err)
{
	auto_locked struct locked largest = {0};

	if (!scratch_is_locked())
		return err_set(err, ERR_LIMIT,
			       "the keeper may lock too little memory for secrets: allow it 2 MiB "
			       "(see `ulimit -l`)");
	return locked_new(&largest, SECRET_VALUE_MAX, err);
}

static bool open_stores(struct keeper *keeper, const struct keeper_config *config, struct err *err)
{
	keeper->store = secret_store_open(config->data_dir, SECRET_STORE_READ, err);
	keeper->audit = keeper->store ? audit_open(config->state_dir, err) : NULL;
	return keeper->audit;
}

static bool confine(const struct keeper_config *config, struct err *err)
{
	auto_free char *secrets = xasprintf("%s/" SECRET_STORE_FOLDER, config->data_dir);
	auto_free char *audit = xasprintf("%s/" AUDIT_FOLDER, config->state_dir);
	const struct keeper_folders folders = {.secrets = secrets, .audit = audit};

	return keeper_confine(&folders, err);
}

static void on_controller_closed(void *owner, const struct err *why)
{
	struct keeper *keeper = owner;

	if (why->code != ERR_CLOSED)
		keeper_refuse(keeper, "the controller", why->text);
	loop_stop(keeper->loop);
}

static bool open_control(struct keeper *keeper, struct err *err)
{
	keeper->loop = loop_new(err);
	if (!keeper->loop)
		return false;
	keeper->controller = channel_new(keeper->loop, CONTROL_FD,
					 &capakit__keeper__v1__controller_request__descriptor,
					 keeper_on_control, on_controller_closed, keeper);
	return true;
}

static bool start(struct keeper *keeper, const struct keeper_config *config, struct err *err)
{
	return die_with_controller(config, err) && leave_no_trace(err) &&
	       forget_descriptors(config->control_fd, err) && open_control(keeper, err) &&
	       memory_can_be_locked(err) && tls_init(err) && open_stores(keeper, config, err) &&
	       confine(config, err);
}

static void say_why(struct keeper *keeper, struct err *why)
{
	Capakit__Keeper__V1__ControllerReply reply = CAPAKIT__KEEPER__V1__CONTROLLER_REPLY__INIT;
	struct err unsent;

	reply.error = why->text;
	if (!keeper->controller || !channel_send(keeper->controller, &reply.base, NULL, 0, &unsent))
		log_error("%s", why->text);
}

static void finish(struct keeper *keeper)
{
	principals_free(keeper);
	channel_free(&keeper->controller);
	authority_free(&keeper->authority);
	secret_store_close(&keeper->store);
	audit_close(&keeper->audit);
	free(keeper->app);
	free(keeper->identity_prefix);
	loop_free(&keeper->loop);
}

int keeper_run(const struct keeper_config *config)
{
	struct keeper keeper = {.state = KEEPER_NEW};
	struct err err;
	bool started;

	forget_signals();
	log_open("keeper", LOG_LEVEL_INFO);
	prctl(PR_SET_NAME, "capakit-keeper");
	LIST_INIT(&keeper.principals);
	started = start(&keeper, config, &err);
	if (started)
		loop_run(keeper.loop);
	else
		say_why(&keeper, &err);
	finish(&keeper);
	return started ? 0 : 1;
}
