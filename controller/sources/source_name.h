// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * How a source is written (kit-contract.md, section 1): a folder, a .capakit archive, or a git URL.
 * Pure. URLs are hostile: a dependency's stands in somebody else's manifest.
 */
#include <stdint.h>

#include "base/err.h"
#include "controller/store/kit_identity.h"

enum git_transport { GIT_HTTPS, GIT_SSH, GIT_FILE };

struct git_url {
	char *text; // the URL without its ref: what the Kit's identity is made of
	char *ref;  // a branch, a tag, or a commit's 40 digits; NULL: what the remote's HEAD is
	enum git_transport transport;
	char *host;    // HTTPS, SSH: in lower case; else NULL
	uint16_t port; // HTTPS; SSH: 0 when the URL names none
	char *user;    // SSH; may be NULL
	char *path;    // SSH: as it is given to the remote; FILE: absolute
};

bool source_is_git(const char *name);	  // by its beginning
bool source_is_archive(const char *name); // by its suffix

/* ERR_USAGE says what is wrong with it and how it is written. */
must_check bool git_url_parse(const char *text, struct git_url *url, struct err *err);
void git_url_free(struct git_url *url);

/* Whether it is a whole commit id: 40 lower-case hexadecimal digits. */
bool git_is_commit(const char *text);

/* Whether the URL ends in a whole commit id, and so can never mean anything else. */
bool git_url_is_pinned(const char *text);
