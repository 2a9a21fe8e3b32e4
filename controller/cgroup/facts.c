// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Takes apart the kernel's texts about cgroups. They come from the kernel and not from a peer; but
 * paths in them may hold any byte, since a cgroup's name is chosen by whoever made it.
 */
#include "controller/cgroup/facts.h"

#include <string.h>

#include "base/mem.h"
#include "base/num.h"

enum { MOUNT_FIELDS = 6 }; // before the optional ones: id, parent, device, root, point, options

/* The text from *cursor to the next `end` or the end; *cursor goes behind it. NULL: none is left.
 */
static const char *next_part(const char **cursor, char end, size_t *len)
{
	const char *start = *cursor;
	if (!start || !*start)
		return NULL;
	const char *stop = strchr(start, end);
	*len = stop ? (size_t)(stop - start) : strlen(start);
	*cursor = stop ? stop + 1 : NULL;
	return start;
}

static bool list_has(const char *list, size_t len, char separator, const char *word)
{
	size_t wanted = strlen(word);
	for (const char *at = list; at < list + len;) {
		const char *stop = memchr(at, separator, (size_t)(list + len - at));
		size_t n = (size_t)((stop ? stop : list + len) - at);
		if (n == wanted && memcmp(at, word, n) == 0)
			return true;
		at += n + 1;
	}
	return false;
}

/* "4:memory:/user.slice", or "0::/user.slice" of version 2. */
char *facts_membership(const char *self_cgroup, const char *controller)
{
	size_t len;
	for (const char *line; (line = next_part(&self_cgroup, '\n', &len));) {
		const char *first = memchr(line, ':', len);
		const char *second =
			first ? memchr(first + 1, ':', len - (size_t)(first + 1 - line)) : NULL;
		if (!second)
			continue;
		size_t names = (size_t)(second - first - 1);
		bool found = controller ? list_has(first + 1, names, ',', controller)
					: names == 0 && str_starts(line, "0:");
		if (found)
			return xstrndup(second + 1, (size_t)(line + len - second - 1));
	}
	return NULL;
}

static bool is_octal(char c)
{
	return c >= '0' && c <= '7';
}

/* Space, tab, newline and backslash are written as \ooo (proc(5)). */
static char *unescape(const char *text, size_t len)
{
	char *out = xmalloc(len + 1);
	size_t n = 0;
	for (size_t i = 0; i < len; i++) {
		if (text[i] == '\\' && i + 3 < len && is_octal(text[i + 1]) &&
		    is_octal(text[i + 2]) && is_octal(text[i + 3])) {
			out[n++] = (char)((text[i + 1] - '0') * 64 + (text[i + 2] - '0') * 8 +
					  (text[i + 3] - '0'));
			i += 3;
		} else {
			out[n++] = text[i];
		}
	}
	out[n] = '\0';
	return out;
}

struct mount {
	const char *fields[MOUNT_FIELDS];
	size_t lens[MOUNT_FIELDS];
	const char *type, *super_options;
	size_t type_len, super_len;
};

static bool parse_mount(const char *line, size_t len, struct mount *mount)
{
	auto_free char *copy = xstrndup(line, len);
	const char *cursor = copy;
	size_t n;
	for (size_t i = 0; i < MOUNT_FIELDS; i++) {
		const char *field = next_part(&cursor, ' ', &n);
		if (!field)
			return false;
		mount->fields[i] = line + (field - copy);
		mount->lens[i] = n;
	}
	for (const char *field; (field = next_part(&cursor, ' ', &n));)
		if (n == 1 && *field == '-')
			break;
	const char *type = next_part(&cursor, ' ', &mount->type_len);
	size_t source_len;
	const char *source = next_part(&cursor, ' ', &source_len);
	const char *super = next_part(&cursor, ' ', &mount->super_len);
	if (!type || !source || !super)
		return false;
	mount->type = line + (type - copy);
	mount->super_options = line + (super - copy);
	return true;
}

static bool is_of(const struct mount *mount, const char *controller)
{
	const char *type = controller ? "cgroup" : "cgroup2";
	if (mount->type_len != strlen(type) || memcmp(mount->type, type, mount->type_len) != 0)
		return false;
	return !controller || list_has(mount->super_options, mount->super_len, ',', controller);
}

/* `cgroup` as it appears below a mount of the folder `root` at `point`. */
static char *appearance(const char *root, const char *point, const char *cgroup)
{
	size_t skip = str_eq(root, "/") ? 0 : strlen(root);
	if (strncmp(cgroup, root, skip) != 0 || (cgroup[skip] && cgroup[skip] != '/'))
		return NULL;
	if (str_starts(cgroup, "/..")) // outside of this process's cgroup namespace
		return NULL;
	const char *rest = cgroup + skip;
	return xasprintf("%s%s", point, str_eq(rest, "/") ? "" : rest);
}

char *facts_folder(const char *mountinfo, const char *controller, const char *cgroup,
		   bool *read_only)
{
	char *found = NULL;
	size_t len;
	for (const char *line; (line = next_part(&mountinfo, '\n', &len));) {
		struct mount mount;
		if (!parse_mount(line, len, &mount) || !is_of(&mount, controller))
			continue;
		auto_free char *root = unescape(mount.fields[3], mount.lens[3]);
		auto_free char *point = unescape(mount.fields[4], mount.lens[4]);
		char *folder = appearance(root, point, cgroup);
		if (!folder)
			continue;
		free(found); // of several, the one that was mounted last
		found = folder;
		*read_only = list_has(mount.fields[5], mount.lens[5], ',', "ro") ||
			     list_has(mount.super_options, mount.super_len, ',', "ro");
	}
	return found;
}

bool facts_has_word(const char *list, const char *word)
{
	return list_has(list, strcspn(list, "\n"), ' ', word);
}

bool facts_counter(const char *text, const char *key, uint64_t *value)
{
	size_t len, key_len = strlen(key);
	for (const char *line; (line = next_part(&text, '\n', &len));)
		if (len > key_len && line[key_len] == ' ' && memcmp(line, key, key_len) == 0)
			return num_parse_u64(line + key_len + 1, len - key_len - 1, UINT64_MAX,
					     value);
	return false;
}

bool facts_number(const char *text, uint64_t *value)
{
	size_t len = strcspn(text, "\n");
	if (len == 3 && str_starts(text, "max")) {
		*value = UINT64_MAX;
		return true;
	}
	return num_parse_u64(text, len, UINT64_MAX, value);
}
