// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Which requests pass. A path is compared byte for byte and never normalised: whoever sends one
 * that a workload might normalise into another path is refused instead, so that what was authorised
 * is what is served.
 */
#include "sidecar/route.h"

#include <string.h>

#include "base/num.h"

enum { HOPS_DIGITS_MAX = 4 };

struct http_text route_path(struct http_text target)
{
	const char *query = memchr(target.data, '?', target.len);

	if (query)
		target.len = (size_t)(query - target.data);
	return target;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/*
 * The byte that stands at `text`, decoded as often as it was encoded (%2e, %252e, ...), and how
 * long it is there; -1 for a percent sign without two digits.
 */
static int decode(struct http_text text, size_t *len)
{
	size_t at = 0;
	int value;

	*len = 1;
	if (text.data[0] != '%')
		return (unsigned char)text.data[0];
	for (;;) {
		if (at + 2 >= text.len || hex_digit(text.data[at + 1]) < 0 ||
		    hex_digit(text.data[at + 2]) < 0)
			return at ? '%' : -1; // "%25" and then plain text
		value = hex_digit(text.data[at + 1]) * 16 + hex_digit(text.data[at + 2]);
		*len = at + 3;
		if (value != '%')
			return value;
		at += 2; // the decoded percent sign may begin another encoded byte
	}
}

/*
 * Whether one of the two digits that follow an encoded percent sign is encoded itself: "%25%35c"
 * is "%5c" to whoever decodes once, and a backslash to whoever decodes twice.
 */
static bool hides_digits(struct http_text rest)
{
	for (int i = 0; i < 2 && rest.len; i++) {
		size_t len;
		int value = decode(rest, &len);

		if (value < 0 || hex_digit((char)value) < 0)
			return false;
		if (len > 1)
			return true;
		rest.data += len;
		rest.len -= len;
	}
	return false;
}

/* First bytes that no UTF-8 has, or that begin an overlong form, which some decoders still read. */
static bool is_overlong(int first, struct http_text rest)
{
	size_t len;
	int second;

	if (first == 0xc0 || first == 0xc1)
		return true;
	if ((first != 0xe0 && first != 0xf0) || !rest.len)
		return false;
	second = decode(rest, &len);
	return second >= 0x80 && second < (first == 0xe0 ? 0xa0 : 0x90);
}

struct segment {
	size_t dots;
	bool other;	// something that is no dot
	bool parameter; // behind a `;`, which some servers cut off
};

static bool is_dot_segment(const struct segment *segment)
{
	return !segment->other && (segment->dots == 1 || segment->dots == 2);
}

static const char *check_byte(int value, bool encoded, struct http_text rest)
{
	if (value < 0)
		return "a percent sign without two hexadecimal digits";
	if (value == '\\')
		return "a backslash in the path";
	if (value < 0x20 || value == 0x7f || (value == ' ' && !encoded))
		return "a control character in the path";
	if (value == '#' && !encoded)
		return "a fragment in the path";
	if (value >= 0x80 && !encoded)
		return "a byte in the path that must be encoded";
	if (encoded && is_overlong(value, rest))
		return "an overlong encoding in the path";
	if (encoded && value == '%' && hides_digits(rest))
		return "an encoded percent sign before encoded digits in the path";
	return NULL;
}

static const char *check_path(struct http_text path)
{
	struct segment segment = {0};

	for (size_t at = 1, len; at < path.len; at += len) {
		struct http_text rest = {path.data + at, path.len - at};
		int value = decode(rest, &len);
		struct http_text behind = {rest.data + len, rest.len - len};
		const char *why = check_byte(value, len > 1, behind);

		if (why)
			return why;
		if (value == '/') {
			if (len == 1 && path.data[at - 1] == '/')
				return "an empty segment in the path";
			if (is_dot_segment(&segment))
				return "a dot segment in the path";
			segment = (struct segment){0};
		} else if (value == ';') {
			segment.parameter = true;
		} else if (value == '.' && !segment.parameter) {
			segment.dots++;
		} else if (!segment.parameter) {
			segment.other = true;
		}
	}
	return is_dot_segment(&segment) ? "a dot segment in the path" : NULL;
}

/* A query is data, but for bytes that end a line or a target. */
static const char *check_query(struct http_text query)
{
	for (size_t i = 0; i < query.len; i++) {
		unsigned char c = (unsigned char)query.data[i];

		if (c <= 0x20 || c >= 0x7f || c == '#')
			return "a byte in the query that must be encoded";
	}
	return NULL;
}

bool route_target_is_plain(const struct http_head *head, const char **why)
{
	struct http_text path = route_path(head->target);
	struct http_text query = {path.data + path.len, head->target.len - path.len};

	if (head->form != HTTP_TARGET_ORIGIN || !path.len || path.data[0] != '/')
		*why = "a target that does not begin with a slash";
	else if (!(*why = check_path(path)))
		*why = check_query(query);
	return !*why;
}

bool route_hops(const struct http_head *head, unsigned *hops)
{
	uint64_t value = 0;

	*hops = 0;
	for (size_t i = 0; i < head->n_fields; i++) {
		const struct http_field *field = &head->fields[i];

		if (field->id != HTTP_FIELD_HOPS)
			continue;
		if (field->value.len > HOPS_DIGITS_MAX || *hops ||
		    !num_parse_u64(field->value.data, field->value.len, 9999, &value))
			return false;
		*hops = (unsigned)value;
	}
	return true;
}

static const char outside[] = "the path is outside of what this connection may call";

static void refuse(struct route_decision *decision, enum route_verdict verdict, unsigned status,
		   const char *reason)
{
	*decision = (struct route_decision){.verdict = verdict, .status = status, .reason = reason};
}

/* `unsaid`: how many sidecars a request has passed that does not say it. */
static void decide(const struct route_table *paths, const struct http_head *head, unsigned unsaid,
		   struct route_decision *decision)
{
	const char *why;

	*decision = (struct route_decision){.verdict = ROUTE_PASS};
	if (!route_target_is_plain(head, &why))
		refuse(decision, ROUTE_AMBIGUOUS, 400, why);
	else if ((decision->endpoint = route_table_find(paths, route_path(head->target))) ==
		 ROUTE_NONE)
		refuse(decision, ROUTE_OUTSIDE, 403, outside);
	else if (!route_hops(head, &decision->hops))
		refuse(decision, ROUTE_AMBIGUOUS, 400, "an x-capakit-hops field that is no number");
	if (decision->verdict != ROUTE_PASS)
		return;
	decision->hops = (decision->hops ? decision->hops : unsaid) + 1;
	if (decision->hops > HOPS_MAX)
		refuse(decision, ROUTE_LOOP, 508,
		       "the request passed too many sidecars: it goes round in a circle of "
		       "workloads");
}

void route_decide(const struct route_table *paths, const struct http_head *head,
		  struct route_decision *decision)
{
	decide(paths, head, 0, decision);
}

void route_authorise(const struct route_access *access, const struct http_head *head,
		     struct route_decision *decision)
{
	decide(access->table, head, ROUTE_HOPS_UNSAID, decision);
	if (decision->verdict == ROUTE_PASS &&
	    !route_table_has(access->granted, access->endpoints[decision->endpoint]))
		refuse(decision, ROUTE_OUTSIDE, 403, outside);
}
