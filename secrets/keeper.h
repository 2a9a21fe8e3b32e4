// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * The keeper: the process that holds an app run's certificate authority, the secret store and the
 * audit chain. The controller forks it before it reads any Kit (secrets/keeper_client.h); it
 * confines itself, then answers capakit/keeper/v1 on its channels. It ends when the controller's
 * channel does, and dies with the controller.
 */
#include <sys/types.h>

struct keeper_config {
	int control_fd; // the keeper's end of the controller's channel; taken
	pid_t parent;	// the controller
	const char *data_dir;
	const char *state_dir;
};

/*
 * The whole life of the process, called in the forked child; what it returns is the exit status.
 * All other descriptors but standard error are closed. When it cannot start, the controller gets
 * a ControllerReply with id 0 that says why.
 */
int keeper_run(const struct keeper_config *config);
