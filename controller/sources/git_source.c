// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Who may name what: a person any remote; a Kit of this machine any but those with private
 * addresses (over https); a Kit from elsewhere, besides, no repository of this machine, and over
 * ssh only the host that the person named.
 */
#include "controller/sources/git_source.h"

#include <fcntl.h>
#include <stdio.h>

#include "base/fd.h"
#include "base/mem.h"
#include "base/path.h"
#include "controller/sources/git_fetch.h"
#include "controller/sources/kept.h"

/* Who is asked, and how; NULL: a folder. The caller frees. */
static char *remote_of(const struct git_url *url)
{
	const char *how = url->transport == GIT_SSH ? "ssh" : "https";
	return url->host ? xasprintf("%s %s:%u", how, url->host, url->port) : NULL;
}

/*
 * Whether the person chose to ask this remote: it may have a private address then, and be asked
 * with the person's keys, also when a dependency names it.
 */
static bool is_named_by_person(const struct kit_source *of, const struct git_url *url)
{
	auto_free char *remote = remote_of(url);
	return !of || str_eq(of->remote, remote);
}

static bool may_name(const struct kit_source *of, const struct git_url *url, struct err *err)
{
	if (!of || of->local || url->transport == GIT_HTTPS)
		return true;
	if (url->transport == GIT_FILE)
		return err_set(err, ERR_DENIED,
			       "%s is a repository of this machine, which %s, a Kit from "
			       "elsewhere, may not name",
			       url->text, of->name);
	return is_named_by_person(of, url) ||
	       err_set(err, ERR_DENIED,
		       "%s would be fetched with your keys, which %s, a Kit from elsewhere, may "
		       "not ask for at another host; its https URL needs none",
		       url->text, of->name);
}

static void describe(struct kit_source *source, const struct kit_source *of, const char *name,
		     const struct git_url *url)
{
	source->kind = KIT_SOURCE_GIT;
	source->name = xstrdup(name);
	source->origin = xstrdup(url->text);
	source->below = xstrdup("");
	source->local = url->transport == GIT_FILE;
	source->remote = of ? xstrdup(of->remote) : remote_of(url);
}

struct wanted { // one commit of one remote
	const struct git_url *url;
	bool exempt;
	char commit[GIT_COMMIT_HEX];
	char key[SHA256_HEX];
};

static void choose(struct wanted *wanted)
{
	kept_key(KIT_SOURCE_GIT, wanted->url->text, wanted->commit, wanted->key);
}

/* Without asking anybody. */
static bool open_named_commit(struct wanted *wanted, struct kit_source *source)
{
	struct err ignored;
	if (!wanted->url->ref || !git_is_commit(wanted->url->ref))
		return false;
	memcpy(wanted->commit, wanted->url->ref, sizeof(wanted->commit));
	choose(wanted);
	auto_free char *path = path_state_dir(&ignored);
	auto_fd int state =
		path ? path_open_absolute(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC, &ignored) : -1;
	source->tree = state < 0 ? -1 : kept_open(state, wanted->key, &source->lock);
	return source->tree >= 0;
}

static bool resolve(const struct workshop *workshop, struct wanted *wanted, struct err *err)
{
	if (wanted->commit[0])
		return true;
	if (!git_resolve(workshop, wanted->url, wanted->exempt, wanted->commit, err))
		return false;
	choose(wanted);
	return true;
}

static bool fetch(const struct workshop *workshop, const struct wanted *wanted,
		  struct kit_source *source, struct err *err)
{
	source->tree = kept_open(workshop->state, wanted->key, &source->lock);
	if (source->tree >= 0)
		return true;
	fprintf(stderr, "[i] fetching [%s] at commit [%s]\n", wanted->url->text, wanted->commit);
	if (!git_fetch(workshop, wanted->url, wanted->exempt, wanted->commit, wanted->key, err))
		return false;
	source->tree = kept_open(workshop->state, wanted->key, &source->lock);
	return source->tree >= 0 ||
	       err_set(err, ERR_SYSTEM, "%s was fetched and is gone again", wanted->url->text);
}

static bool resolve_and_fetch(struct wanted *wanted, struct kit_source *source, struct err *err)
{
	struct workshop workshop;
	bool ok = workshop_open(&workshop, err) && git_make_repository(&workshop, err) &&
		  resolve(&workshop, wanted, err) && fetch(&workshop, wanted, source, err);
	workshop_close(&workshop);
	return ok;
}

bool git_source_open(const char *name, const struct kit_source *of, struct kit_source *source,
		     struct err *err)
{
	struct git_url url;
	bool ok = git_url_parse(name, &url, err) && may_name(of, &url, err);
	if (ok) {
		struct wanted wanted = {.url = &url, .exempt = is_named_by_person(of, &url)};
		describe(source, of, name, &url);
		ok = open_named_commit(&wanted, source) || resolve_and_fetch(&wanted, source, err);
	}
	git_url_free(&url);
	source->dir = ok ? fcntl(source->tree, F_DUPFD_CLOEXEC, 0) : -1;
	return ok;
}
