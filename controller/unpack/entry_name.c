// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Decides on names by their text alone, before anything is written. What is written afterwards
 * goes through descriptors and follows no symlink, so that each of the two would do.
 */
#include "controller/unpack/entry_name.h"

#include <limits.h>
#include <string.h>
#include <strings.h>
#include <wchar.h>
#include <wctype.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/text.h"

/* What cannot be shown as it is: control characters, text that hides itself, no UTF-8. */
static bool can_be_shown(const char *name, size_t len)
{
	auto_buf struct buf shown = {.max = 4 * (SOURCE_PATH_MAX + 1)};
	return text_escape(&shown, name, len) && buf_len(&shown) == len &&
	       memcmp(buf_bytes(&shown), name, len) == 0 && !memchr(name, '\t', len);
}

static bool is_git(const char *part, size_t len)
{
	return len == 4 && strncasecmp(part, ".git", 4) == 0;
}

static bool check_part(const char *part, size_t len, struct err *err)
{
	if (len == 0)
		return err_set(err, ERR_DENIED, "its name has an empty component");
	if (len == 1 && part[0] == '.')
		return err_set(err, ERR_DENIED, "its name has the component \".\"");
	if (len == 2 && part[0] == '.' && part[1] == '.')
		return err_set(err, ERR_DENIED, "its name has \"..\", which leads out of the Kit");
	if (len > NAME_MAX)
		return err_set(err, ERR_LIMIT, "its name has a component of more than %d bytes",
			       NAME_MAX);
	if (is_git(part, len))
		return err_set(err, ERR_DENIED, "its name has .git, which is git's own");
	return true;
}

static bool check_parts(const char *name, struct err *err)
{
	unsigned depth = 0;
	for (const char *part = name;; depth++) {
		size_t len = strcspn(part, "/");
		if (!check_part(part, len, err))
			return false;
		if (!part[len])
			break;
		part += len + 1;
	}
	if (depth >= SNAPSHOT_DEPTH_MAX)
		return err_set(err, ERR_LIMIT, "it lies more than %u folders deep",
			       SNAPSHOT_DEPTH_MAX);
	return true;
}

bool entry_name_check(const char *name, bool folder, char used[SOURCE_PATH_MAX + 1],
		      struct err *err)
{
	size_t len = strlen(name);
	if (name[0] == '/')
		return err_set(err, ERR_DENIED, "its name is absolute");
	if (str_starts(name, "./")) {
		name += 2;
		len -= 2;
	}
	if (folder && len && name[len - 1] == '/')
		len--;
	if (folder && (len == 0 || (len == 1 && name[0] == '.'))) {
		used[0] = '\0';
		return true;
	}
	if (len > SOURCE_PATH_MAX)
		return err_set(err, ERR_LIMIT, "its name has more than %d bytes", SOURCE_PATH_MAX);
	if (!can_be_shown(name, len))
		return err_set(err, ERR_DENIED,
			       "its name has bytes that cannot be shown (control characters, or "
			       "no UTF-8)");
	memcpy(used, name, len);
	used[len] = '\0';
	return check_parts(used, err);
}

bool entry_link_check(const char *path, const char *target, struct err *err)
{
	int depth = 0;
	for (const char *at = path; (at = strchr(at, '/')); at++)
		depth++;
	if (!target[0] || target[0] == '/' || strlen(target) > SOURCE_PATH_MAX)
		return err_set(err, ERR_DENIED, "it is a symlink to %s path",
			       target[0] == '/' ? "an absolute"
			       : target[0]	? "a very long"
						: "an empty");
	while (*target) {
		size_t len = strcspn(target, "/");
		if (len == 2 && memcmp(target, "..", 2) == 0)
			depth--;
		else if (len && !(len == 1 && target[0] == '.'))
			depth++;
		if (depth < 0)
			return err_set(err, ERR_DENIED,
				       "it is a symlink that leads out of the Kit");
		target += len + (target[len] == '/');
	}
	return true;
}

char *entry_name_fold(const char *name)
{
	size_t len = strlen(name);
	char *folded = xmalloc(len * MB_LEN_MAX + 1);
	size_t out = 0;
	mbstate_t in_state = {0}, out_state = {0};
	for (size_t i = 0; i < len;) {
		wchar_t c;
		size_t n = mbrtowc(&c, name + i, len - i, &in_state);
		if (n == 0 || n > len - i) { // no character of this locale: compared as it is
			in_state = (mbstate_t){0};
			folded[out++] = name[i++];
			continue;
		}
		out += wcrtomb(folded + out, (wchar_t)towlower((wint_t)c), &out_state);
		i += n;
	}
	folded[out] = '\0';
	return folded;
}
