// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * fnmatch(3) knows no `**`, and takes time without bound for a pattern of many stars; a .gitignore
 * may come from a stranger. Here a later star forgets where an earlier one may begin again, which
 * finds the same and takes at most the product of both lengths.
 */
#include "controller/package/ignore.h"

#include "base/limits.h"
#include "base/mem.h"

/* ---- patterns ---- */

static bool is_one_of(const char *set, const char *end, char c)
{
	for (const char *at = set; at < end; at++) {
		char low = *at == '\\' && at + 1 < end ? *++at : *at;
		char high = low;
		if (at + 2 < end && at[1] == '-') {
			at += 2;
			high = *at == '\\' && at + 1 < end ? *++at : *at;
		}
		if (low <= c && c <= high)
			return true;
	}
	return false;
}

/* The ']' that ends the set which begins at `set`, behind its '['; NULL: it is no set. */
static const char *set_end(const char *set, const char *end)
{
	const char *at = set + (set < end && (*set == '!' || *set == '^'));
	if (at < end && *at == ']')
		at++; // as the first it stands for itself
	for (; at < end && *at != ']'; at++)
		if (*at == '\\' && at + 1 < end)
			at++;
	return at < end ? at : NULL;
}

/* One character of text against what the pattern has before `end`; *next is behind that. */
static bool fits_one(const char *pattern, const char *end, char c, const char **next)
{
	const char *close = *pattern == '[' ? set_end(pattern + 1, end) : NULL;
	if (close) {
		bool negated = pattern[1] == '!' || pattern[1] == '^';
		*next = close + 1;
		return is_one_of(pattern + 1 + negated, close, c) != negated;
	}
	bool any = *pattern == '?';
	if (*pattern == '\\' && pattern + 1 < end)
		pattern++;
	*next = pattern + 1;
	return any || *pattern == c;
}

/* One segment of both, so that neither `*` nor `?` meets a '/'. */
static bool segment_fits(const char *pattern, const char *end, const char *text, size_t len)
{
	const char *star = NULL, *from = NULL, *stop = text + len, *next;
	while (text < stop || pattern < end) {
		if (pattern < end && *pattern == '*') {
			star = ++pattern;
			from = text;
		} else if (pattern < end && text < stop && fits_one(pattern, end, *text, &next)) {
			pattern = next;
			text++;
		} else if (star && from < stop) {
			pattern = star;
			text = ++from;
		} else {
			return false;
		}
	}
	return true;
}

static const char *behind(const char *text, size_t segment)
{
	return text[segment] == '/' ? text + segment + 1 : NULL;
}

/* `**` as a segment is to segments what `*` is to characters; the end of both is NULL. */
bool ignore_pattern_fits(const char *pattern, const char *text)
{
	const char *star = NULL, *from = NULL;
	while (text || pattern) {
		size_t pattern_len = pattern ? strcspn(pattern, "/") : 0;
		size_t text_len = text ? strcspn(text, "/") : 0;
		bool stars = pattern && pattern_len == 2 && str_starts(pattern, "**");
		if (stars && !behind(pattern, pattern_len))
			return text != NULL; // at the end: everything inside
		if (stars) {
			star = pattern = behind(pattern, pattern_len);
			from = text;
		} else if (pattern && text &&
			   segment_fits(pattern, pattern + pattern_len, text, text_len)) {
			pattern = behind(pattern, pattern_len);
			text = behind(text, text_len);
		} else if (star && from) {
			pattern = star;
			text = from = behind(from, strcspn(from, "/"));
		} else {
			return false;
		}
	}
	return true;
}

/* ---- rules ---- */

/* Blanks at the end do not count unless the last is escaped. */
static size_t without_blanks(const char *line, size_t len)
{
	while (len > 0 &&
	       (line[len - 1] == '\r' || line[len - 1] == '\t' || line[len - 1] == ' ') &&
	       !(len > 1 && line[len - 1] == ' ' && line[len - 2] == '\\'))
		len--;
	return len;
}

static void add_rule(struct ignore_rules *rules, const char *folder, const char *line, size_t len)
{
	struct ignore_rule rule = {0};
	if (len > 0 && *line == '!') {
		rule.takes_back = true;
		line++, len--;
	}
	if (len > 0 && line[len - 1] == '/') {
		rule.folders_only = true;
		len--;
	}
	if (len == 0)
		return;
	rule.anchored = memchr(line, '/', len) != NULL;
	if (*line == '/')
		line++, len--;
	rule.pattern = xstrndup(line, len);
	rule.folder = xstrdup(folder);
	rules->list = xreallocarray(rules->list, rules->count + 1, sizeof(*rules->list));
	rules->list[rules->count++] = rule;
}

bool ignore_add(struct ignore_rules *rules, const char *folder, const char *text)
{
	while (*text) {
		size_t line = strcspn(text, "\n");
		size_t len = without_blanks(text, line);
		if (len > 0 && *text != '#') {
			if (rules->count >= IGNORE_RULES_MAX)
				return false;
			add_rule(rules, folder, text, len);
		}
		text += line + (text[line] == '\n');
	}
	return true;
}

void ignore_free(struct ignore_rules *rules)
{
	for (size_t i = 0; i < rules->count; i++) {
		free(rules->list[i].folder);
		free(rules->list[i].pattern);
	}
	free(rules->list);
	*rules = (struct ignore_rules){0};
}

/* What of the path lies below the folder; NULL: it does not lie there. */
static const char *below(const char *folder, const char *path)
{
	size_t len = strlen(folder);
	if (len == 0)
		return path;
	return str_starts(path, folder) && path[len] == '/' ? path + len + 1 : NULL;
}

static bool rule_fits(const struct ignore_rule *rule, const char *path, bool folder)
{
	const char *text = below(rule->folder, path);
	if (!text || (rule->folders_only && !folder))
		return false;
	const char *slash = strrchr(text, '/');
	if (!rule->anchored && slash)
		text = slash + 1;
	return ignore_pattern_fits(rule->pattern, text);
}

bool ignore_fits(const struct ignore_rules *rules, const char *path, bool folder)
{
	for (size_t i = rules->count; i > 0; i--)
		if (rule_fits(&rules->list[i - 1], path, folder))
			return !rules->list[i - 1].takes_back;
	return false;
}
