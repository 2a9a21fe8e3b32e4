// SPDX-License-Identifier: GPL-3.0-or-later
/* Lines of "<id> TAB <name>"; one that is anything else is passed over. */
#include "controller/sources/git_refs.h"

#include <stdint.h>
#include <string.h>

#include "base/limits.h"
#include "base/mem.h"
#include "base/text.h"
#include "controller/sources/source_name.h"

enum { ID_LEN = GIT_COMMIT_HEX - 1 };

struct line {
	const char *id; // ID_LEN digits
	const char *name;
	size_t name_len;
};

/* The next good line at or after *at, which is moved on. */
static bool next_line(const char **at, const char *end, struct line *line)
{
	while (*at < end) {
		const char *start = *at;
		const char *eol = memchr(start, '\n', (size_t)(end - start));
		eol = eol ? eol : end;
		*at = eol < end ? eol + 1 : end;
		if (eol - start <= ID_LEN + 1 || start[ID_LEN] != '\t')
			continue;
		auto_free char *id = xstrndup(start, ID_LEN);
		if (!git_is_commit(id))
			continue;
		*line = (struct line){start, start + ID_LEN + 1,
				      (size_t)(eol - start) - ID_LEN - 1};
		return true;
	}
	return false;
}

static bool find_exact(const char *listing, size_t len, const char *name,
		       char commit[GIT_COMMIT_HEX])
{
	struct line line;
	for (const char *at = listing; next_line(&at, listing + len, &line);) {
		if (line.name_len != strlen(name) || memcmp(line.name, name, line.name_len) != 0)
			continue;
		memcpy(commit, line.id, ID_LEN);
		commit[ID_LEN] = '\0';
		return true;
	}
	return false;
}

/* A branch or tag of nearly this name, or NULL. The caller frees. */
static char *find_near(const char *listing, size_t len, const char *ref)
{
	const char **names = NULL;
	size_t count = 0;
	struct line line;
	for (const char *at = listing; next_line(&at, listing + len, &line);) {
		static const char *const prefixes[] = {"refs/heads/", "refs/tags/"};
		for (size_t i = 0; i < array_len(prefixes); i++) {
			size_t skip = strlen(prefixes[i]);
			if (line.name_len <= skip || memcmp(line.name, prefixes[i], skip) != 0 ||
			    memchr(line.name, '^', line.name_len))
				continue;
			names = xreallocarray(names, count + 1, sizeof(*names));
			names[count++] = xstrndup(line.name + skip, line.name_len - skip);
		}
	}
	char *near = xstrdup(text_nearest(ref, names, count));
	for (size_t i = 0; i < count; i++)
		free((char *)(uintptr_t)names[i]);
	free(names);
	return near;
}

static bool fail_unknown(const char *listing, size_t len, const char *ref, struct err *err)
{
	auto_free char *near = find_near(listing, len, ref);
	if (near)
		return err_set(err, ERR_MISSING, "it has no branch or tag %s; did you mean #%s?",
			       ref, near);
	return err_set(err, ERR_MISSING,
		       "it has no branch or tag %s; a commit is named by all of its 40 digits",
		       ref);
}

bool git_refs_find(const char *listing, size_t len, const char *ref, char commit[GIT_COMMIT_HEX],
		   struct err *err)
{
	if (!ref)
		return find_exact(listing, len, "HEAD", commit) ||
		       err_set(err, ERR_MISSING,
			       "it is empty, or its HEAD points nowhere; name a branch with #");
	auto_free char *branch = xasprintf("refs/heads/%s", ref);
	auto_free char *peeled = xasprintf("refs/tags/%s^{}", ref);
	auto_free char *tag = xasprintf("refs/tags/%s", ref);
	const char *const names[] = {branch, peeled, tag};
	for (size_t i = 0; i < array_len(names); i++)
		if (find_exact(listing, len, names[i], commit))
			return true;
	if (!git_is_commit(ref))
		return fail_unknown(listing, len, ref, err);
	memcpy(commit, ref, GIT_COMMIT_HEX);
	return true;
}
