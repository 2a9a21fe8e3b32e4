// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * What comes out goes into a draft of the store, which is nobody's yet and thrown away with any
 * error: only when all of it is there and on disk does it get the name by which it is found.
 */
#include "controller/sources/unpack_job.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "base/fd.h"
#include "base/mem.h"
#include "base/path.h"
#include "controller/sources/job.h"
#include "controller/store/store.h"

#define PROGRAM "/unpack/capakit-unpack"
#define ARCHIVE "/unpack/archive"
#define TREE "/unpack/tree"

static struct policy *make_policy(const struct workshop *workshop, const char *archive,
				  const char *tree, struct err *err)
{
	struct policy *policy = job_policy(workshop, "an archive is unpacked without one", err);
	if (!policy)
		return NULL;
	policy_add_bind(policy, workshop->unpack_program, PROGRAM, POLICY_EXECUTABLE,
			"the program that unpacks");
	policy_add_bind(policy, archive, ARCHIVE, POLICY_IDMAP, "the archive");
	policy_add_bind(policy, tree, TREE, POLICY_WRITABLE | POLICY_IDMAP, "what comes out of it");
	const char *const command[] = {PROGRAM, ARCHIVE, TREE};
	for (size_t i = 0; i < array_len(command); i++)
		policy_add_arg(policy, command[i]);
	return policy;
}

static bool unpack_into(const struct workshop *workshop, const char *archive, const char *name,
			const struct store_draft *draft, struct err *err)
{
	if (mkdirat(draft->folder, "tree", 0755) < 0)
		return err_sys(err, errno, "cannot make a folder to unpack into");
	auto_fd int written = path_open_beneath(draft->folder, "tree",
						O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0, err);
	auto_free char *tree = xasprintf("%s/%s/%s/tree", workshop->state_path,
					 store_folder(STORE_SOURCE), draft->name);
	auto_policy struct policy *policy = make_policy(workshop, archive, tree, err);
	struct job job = {.workshop = workshop, .name = name, .policy = policy, .written = written};
	return policy && written >= 0 && job_run(&job, err);
}

bool unpack_job(const struct workshop *workshop, const char *path, const char *name,
		const char *version, const char key[SHA256_HEX], struct err *err)
{
	struct store_draft draft;
	auto_fd int lock = store_lock_shared(workshop->state, err);
	if (lock < 0 || !store_draft_open(&draft, workshop->state, STORE_SOURCE, err))
		return false;
	if (unpack_into(workshop, path, name, &draft, err))
		return store_draft_publish(&draft, key, name, version, err);
	store_draft_discard(&draft);
	return false;
}
