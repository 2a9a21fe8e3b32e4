// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Three commands of git, each in a sandbox of its own: ls-remote and fetch with the remote in
 * reach, then archive with nothing. The repository that is fetched into is made here, file by
 * file; its configuration and attributes are ours, and what git finds in the remote's own
 * (a folder of this machine) has no power in a sandbox without network.
 */
#include "controller/sources/git_fetch.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/path.h"
#include "controller/app/plan_environment.h"
#include "controller/sources/job.h"
#include "controller/sources/ssh.h"
#include "controller/sources/unpack_job.h"
#include "controller/store/ca_bundle.h"

#define REPOSITORY "/fetch/repository"
#define REMOTE "/fetch/remote"
#define CONFIG "/fetch/config"
#define OUT "/fetch/out"
#define SOCKET "3" // to ssh

static const char config[] =
	"[safe]\n"
	"	directory = *\n" // owners were mapped, or are other users of this host
	"[core]\n"
	"	hooksPath = /dev/null\n"
	"	fsmonitor = false\n"
	"	bigFileThreshold = 16m\n" // larger ones are not held in memory
	"	protectNTFS = true\n"
	"	protectHFS = true\n"
	"[protocol]\n"
	"	allow = never\n"
	"[fetch]\n"
	"	fsckObjects = true\n"
	"	unpackLimit = 1\n" // one file, whose size is bounded
	"	recurseSubmodules = false\n"
	"[pack]\n"
	"	threads = 1\n"
	"[gc]\n"
	"	auto = 0\n"
	"[maintenance]\n"
	"	auto = false\n"
	"[credential]\n"
	"	helper =\n"
	"[http]\n"
	"	followRedirects = initial\n"
	"	lowSpeedLimit = 1000\n"
	"	lowSpeedTime = 60\n";

/* ---- the sandbox of git ---- */

static void set_environment(struct policy *policy, const struct git_url *url)
{
	static const char *const names[][2] = {
		{"GIT_CONFIG_NOSYSTEM", "1"},	 {"GIT_CONFIG_GLOBAL", CONFIG},
		{"GIT_TERMINAL_PROMPT", "0"},	 {"GIT_ASKPASS", "/bin/false"},
		{"GIT_ATTR_NOSYSTEM", "1"},	 {"GIT_DIR", REPOSITORY},
		{"GIT_NO_REPLACE_OBJECTS", "1"},
	};
	for (size_t i = 0; i < array_len(names); i++)
		policy_set_env(policy, names[i][0], names[i][1], "git without the host's settings");
	static const char *const protocols[] = {
		[GIT_HTTPS] = "https", [GIT_SSH] = "fd", [GIT_FILE] = "file"};
	policy_set_env(policy, "GIT_ALLOW_PROTOCOL", protocols[url->transport],
		       "git speaks the protocol of this URL and no other");
}

static bool set_network(const struct workshop *workshop, struct policy *policy, struct err *err)
{
	auto_free char *bundle = NULL;
	if (!ca_bundle_find(workshop->state, workshop->state_path, &bundle, err))
		return false;
	auto_free char *proxy = xasprintf("http://127.0.0.1:%d", PLAN_EGRESS_PORT);
	policy->network = POLICY_NET_EGRESS;
	policy->egress_port = PLAN_EGRESS_PORT;
	policy_set(&policy->network_reason, "the remote, through an egress sidecar");
	policy_set_env(policy, "https_proxy", proxy, "the way out is the egress sidecar");
	if (bundle)
		policy_add_bind(policy, bundle, PLAN_CA_BUNDLE, 0, "what the host trusts");
	policy_set_env(policy, "GIT_SSL_CAINFO", PLAN_CA_BUNDLE, "what the host trusts");
	return true;
}

/* The socket to ssh is its standard input, which git wants for itself. */
static void add_socket(struct policy *policy)
{
	static const char *const words[] = {"/bin/sh", "-c",
					    "exec " SOCKET "<&0 0</dev/null && exec \"$@\"", "sh"};
	for (size_t i = 0; i < array_len(words); i++)
		policy_add_arg(policy, words[i]);
}

static void add_command(struct policy *policy, const char *const *words, size_t count)
{
	policy_add_arg(policy, "git");
	for (size_t i = 0; i < count; i++)
		policy_add_arg(policy, words[i]);
}

static struct policy *git_policy(const struct workshop *workshop, const struct git_url *url,
				 int repository_flags, struct err *err)
{
	struct policy *policy = job_policy(workshop, "git works on what is here", err);
	if (!policy)
		return NULL;
	auto_free char *repository = xasprintf("%s/repository", workshop->path);
	policy_add_file(policy, CONFIG, config, "git without the host's settings");
	policy_add_bind(policy, repository, REPOSITORY, POLICY_IDMAP | repository_flags,
			"where it fetches to");
	policy_add_limit(policy, POLICY_LIMIT_FSIZE, SOURCE_BYTES_MAX, "a Kit is not larger");
	policy_add_limit(policy, POLICY_LIMIT_DATA, SOURCE_MEMORY_MAX, "git needs no more");
	set_environment(policy, url);
	return policy;
}

/*
 * Lets the remote be reached: by its network, a socket, or as a folder. *name is what git is told
 * to ask.
 */
static bool add_remote(const struct workshop *workshop, const struct git_url *url,
		       struct policy *policy, const char **name, struct err *err)
{
	if (url->transport == GIT_HTTPS) {
		*name = url->text;
		return set_network(workshop, policy, err);
	}
	if (url->transport == GIT_SSH) {
		*name = "fd::" SOCKET;
		add_socket(policy);
		return true;
	}
	auto_free char *folder = realpath(url->path, NULL);
	struct stat st;
	if (!folder || stat(folder, &st) < 0 || !S_ISDIR(st.st_mode))
		return err_set(err, ERR_MISSING, "there is no folder %s", url->path);
	policy_add_bind(policy, folder, REMOTE, POLICY_IDMAP, "the remote");
	*name = "file://" REMOTE;
	return true;
}

static bool run_git(const struct workshop *workshop, const struct git_url *url, bool exempt,
		    struct policy *policy, struct ssh *ssh, int written, struct buf *out,
		    struct err *err)
{
	auto_free char *name = xasprintf("fetch of %s", url->text);
	struct job job = {
		.workshop = workshop,
		.name = name,
		.policy = policy,
		.remote = {.name = url->host, .port = url->port, .exempt = exempt},
		.written = written,
	};
	if (ssh->pid) {
		job.input = &ssh->socket;
		job.errors = ssh->errors;
	}
	if (out)
		job.out.max = out->max;
	bool ok = job_run(&job, err);
	if (out && ok)
		*out = job.out;
	else
		buf_free(&job.out);
	return ok;
}

static bool ask_remote(const struct workshop *workshop, const struct git_url *url, bool exempt,
		       struct policy *policy, int written, struct buf *out, struct err *err)
{
	struct ssh ssh = SSH_NONE;
	if (url->transport == GIT_SSH && !ssh_start(&ssh, url, err))
		return false;
	bool ok = run_git(workshop, url, exempt, policy, &ssh, written, out, err);
	ssh_end(&ssh);
	return ok;
}

/* ---- the repository ---- */

/* What `git init --bare` makes, as far as it is needed. */
static bool fill_repository(int dir, int info, struct err *err)
{
	static const char head[] = "ref: refs/heads/kit\n";
	static const char own_config[] =
		"[core]\n	repositoryformatversion = 0\n	bare = true\n";
	/* Attributes of the Kit's own could leave files out of the archive, or change them. */
	static const char attributes[] =
		"* -export-ignore -export-subst -text -eol -ident -working-tree-encoding\n";
	return path_write_atomic(dir, "HEAD", head, strlen(head), 0644, err) &&
	       path_write_atomic(dir, "config", own_config, strlen(own_config), 0644, err) &&
	       path_write_atomic(info, "attributes", attributes, strlen(attributes), 0644, err);
}

bool git_make_repository(const struct workshop *workshop, struct err *err)
{
	static const char *const folders[] = {"repository", "repository/objects", "repository/refs",
					      "repository/info"};
	for (size_t i = 0; i < array_len(folders); i++) {
		auto_free char *made = workshop_folder(workshop, folders[i], err);
		if (!made)
			return false;
	}
	const int flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;
	auto_fd int dir = path_open_beneath(workshop->dir, "repository", flags, 0, err);
	auto_fd int info = path_open_beneath(workshop->dir, "repository/info", flags, 0, err);
	return dir >= 0 && info >= 0 && fill_repository(dir, info, err);
}

bool git_resolve(const struct workshop *workshop, const struct git_url *url, bool exempt,
		 char commit[GIT_COMMIT_HEX], struct err *err)
{
	auto_policy struct policy *policy = git_policy(workshop, url, 0, err);
	const char *remote;
	if (!policy || !add_remote(workshop, url, policy, &remote, err))
		return false;
	const char *const all[] = {"ls-remote", "--quiet",	"--end-of-options",
				   remote,	"refs/heads/*", "refs/tags/*"};
	const char *const head[] = {"ls-remote", "--quiet", "--end-of-options", remote, "HEAD"};
	if (url->ref)
		add_command(policy, all, array_len(all));
	else
		add_command(policy, head, array_len(head));
	auto_buf struct buf listing = {.max = SOURCE_REFS_BYTES_MAX};
	if (!ask_remote(workshop, url, exempt, policy, -1, &listing, err))
		return false;
	return git_refs_find((const char *)buf_bytes(&listing), buf_len(&listing), url->ref, commit,
			     err) ||
	       err_prefix(err, "%s", url->text);
}

static bool fetch(const struct workshop *workshop, const struct git_url *url, bool exempt,
		  const char *commit, struct err *err)
{
	auto_fd int repository =
		openat(workshop->dir, "repository", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	auto_policy struct policy *policy = git_policy(workshop, url, POLICY_WRITABLE, err);
	auto_free char *refspec = xasprintf("%s:refs/heads/kit", commit);
	const char *remote;
	if (!policy || !add_remote(workshop, url, policy, &remote, err))
		return false;
	const char *const words[] = {"fetch",
				     "--quiet",
				     "--depth=1",
				     "--no-tags",
				     "--no-write-fetch-head",
				     "--no-auto-gc",
				     "--end-of-options",
				     remote,
				     refspec};
	add_command(policy, words, array_len(words));
	return ask_remote(workshop, url, exempt, policy, repository, NULL, err);
}

/* The commit's files as tar; what comes of it is bounded like any archive. */
static bool write_archive(const struct workshop *workshop, const struct git_url *url,
			  const char *commit, struct err *err)
{
	auto_free char *out = workshop_folder(workshop, "out", err);
	auto_policy struct policy *policy = out ? git_policy(workshop, url, 0, err) : NULL;
	auto_fd int written = openat(workshop->dir, "out", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (!policy)
		return false;
	policy_add_bind(policy, out, OUT, POLICY_WRITABLE | POLICY_IDMAP, "the archive");
	const char *const words[] = {"archive", "--format=tar", "--output=" OUT "/tree.tar",
				     commit};
	add_command(policy, words, array_len(words));
	struct ssh none = SSH_NONE;
	return run_git(workshop, url, false, policy, &none, written, NULL, err);
}

bool git_fetch(const struct workshop *workshop, const struct git_url *url, bool exempt,
	       const char *commit, const char key[SHA256_HEX], struct err *err)
{
	auto_free char *archive = xasprintf("%s/out/tree.tar", workshop->path);
	return fetch(workshop, url, exempt, commit, err) &&
	       write_archive(workshop, url, commit, err) &&
	       unpack_job(workshop, archive, url->text, commit, key, err);
}
