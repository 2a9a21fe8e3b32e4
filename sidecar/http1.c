// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The HTTP/1.1 head parser. First the end of the head is found line by line, which already refuses
 * lines that do not end in CR LF; then each line is checked and split in place. Every byte comes
 * from someone hostile: a workload, or a page in a browser.
 */
#include "sidecar/http1.h"

#include <endian.h>
#include <string.h>

#include "base/mem.h"
#include "base/num.h"

enum { METHOD_MAX = 32, VERSION_LEN = 8 };

/* A token character (RFC 9110, section 5.6.2) in lower case, or 0. */
static const char token_lower[256] = {
	['!'] = '!', ['#'] = '#', ['$'] = '$', ['%'] = '%', ['&'] = '&', ['\''] = '\'', ['*'] = '*',
	['+'] = '+', ['-'] = '-', ['.'] = '.', ['^'] = '^', ['_'] = '_', ['`'] = '`',	['|'] = '|',
	['~'] = '~', ['0'] = '0', ['1'] = '1', ['2'] = '2', ['3'] = '3', ['4'] = '4',	['5'] = '5',
	['6'] = '6', ['7'] = '7', ['8'] = '8', ['9'] = '9', ['A'] = 'a', ['B'] = 'b',	['C'] = 'c',
	['D'] = 'd', ['E'] = 'e', ['F'] = 'f', ['G'] = 'g', ['H'] = 'h', ['I'] = 'i',	['J'] = 'j',
	['K'] = 'k', ['L'] = 'l', ['M'] = 'm', ['N'] = 'n', ['O'] = 'o', ['P'] = 'p',	['Q'] = 'q',
	['R'] = 'r', ['S'] = 's', ['T'] = 't', ['U'] = 'u', ['V'] = 'v', ['W'] = 'w',	['X'] = 'x',
	['Y'] = 'y', ['Z'] = 'z', ['a'] = 'a', ['b'] = 'b', ['c'] = 'c', ['d'] = 'd',	['e'] = 'e',
	['f'] = 'f', ['g'] = 'g', ['h'] = 'h', ['i'] = 'i', ['j'] = 'j', ['k'] = 'k',	['l'] = 'l',
	['m'] = 'm', ['n'] = 'n', ['o'] = 'o', ['p'] = 'p', ['q'] = 'q', ['r'] = 'r',	['s'] = 's',
	['t'] = 't', ['u'] = 'u', ['v'] = 'v', ['w'] = 'w', ['x'] = 'x', ['y'] = 'y',	['z'] = 'z',
};

static bool refuse(struct http1_error *error, unsigned status, const char *reason)
{
	error->status = status;
	error->reason = reason;
	return false;
}

static enum http1_result bad(struct http1_error *error, unsigned status, const char *reason)
{
	refuse(error, status, reason);
	return HTTP1_BAD;
}

/* Before the whole head is there: is what there is within the limits? */
static enum http1_result incomplete(const char *data, size_t len, struct http1_error *error)
{
	if (len > HTTP_TARGET_MAX && !memchr(data, '\n', len))
		return bad(error, 414, "the first line is too long");
	if (len > HTTP_HEADER_BYTES_MAX)
		return bad(error, 431, "the header fields are too long");
	return HTTP1_MORE;
}

/* *scanned is where the first line begins that is not complete yet. */
static enum http1_result find_end(const char *data, size_t len, size_t *scanned, size_t *used,
				  struct http1_error *error)
{
	for (;;) {
		const char *line = data + *scanned;
		const char *newline = memchr(line, '\n', len - *scanned);

		if (!newline)
			return incomplete(data, len, error);
		if (newline == line || newline[-1] != '\r')
			return bad(error, 400, "a line does not end in CR LF");
		*scanned = (size_t)(newline - data) + 1;
		if (newline != line + 1)
			continue;
		if (*scanned == 2)
			return bad(error, 400, "an empty line before the message");
		if (*scanned > HTTP_HEADER_BYTES_MAX)
			return bad(error, 431, "the header fields are too long");
		*used = *scanned;
		return HTTP1_OK;
	}
}

/* Takes one line off the front, without its CR LF. */
static struct http_text next_line(char **data)
{
	char *end = rawmemchr(*data, '\n'); // find_end saw it
	struct http_text line = {*data, (size_t)(end - *data) - 1};

	*data = end + 1;
	return line;
}

static bool is_control(char c)
{
	return (unsigned char)c < 0x20 || c == 0x7f;
}

#define EACH_BYTE(value) (UINT64_MAX / 255 * (value))

/* The lowest bit that is set is in the first of eight bytes that is below 0x20, or 0x7f. */
static uint64_t control_bits(const char *text)
{
	uint64_t bytes, delete;

	memcpy(&bytes, text, sizeof(bytes));
	bytes = le64toh(bytes);
	delete = bytes ^ EACH_BYTE(0x7f);
	return (((bytes - EACH_BYTE(0x20)) & ~bytes) | ((delete - EACH_BYTE(1)) & ~delete)) &
	       EACH_BYTE(0x80);
}

static char *find_control(char *at, const char *end)
{
	for (; end - at >= (ptrdiff_t)sizeof(uint64_t); at += sizeof(uint64_t)) {
		uint64_t bits = control_bits(at);

		if (bits)
			return at + __builtin_ctzll(bits) / 8;
	}
	while (at < end && !is_control(*at))
		at++;
	return at;
}

/* The first byte before `end` that no value may have, such as a CR; or `end`. */
static char *find_value_end(char *at, const char *end)
{
	do
		at = find_control(at, end);
	while (at < end && *at == '\t' && at++);
	return at;
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t';
}

/* Takes one line off the front; its CR LF is there (find_end). */
static bool parse_field(char **data, const char *end, struct http_head *head,
			struct http1_error *error)
{
	char *line = *data, *value_end;
	struct http_text value;
	size_t name_len = 0;
	char c;

	if (is_space(line[0]))
		return refuse(error, 400, "a folded header line");
	while ((c = token_lower[(unsigned char)line[name_len]])) // a CR, which is none, ends it
		line[name_len++] = c;
	if (!name_len || line[name_len] != ':')
		return refuse(error, 400, "a header line without a proper name before the colon");
	value.data = line + name_len + 1;
	while (is_space(value.data[0]))
		value.data++;
	value_end = find_value_end(line + name_len + 1, end);
	if (value_end[0] != '\r' || value_end[1] != '\n')
		return refuse(error, 400, "a control character in a header value");
	*data = value_end + 2;
	while (value_end > value.data && is_space(value_end[-1]))
		value_end--;
	value.len = (size_t)(value_end - value.data);
	if (!http_head_add(head, (struct http_text){line, name_len}, value))
		return refuse(error, 431, "too many header fields");
	return true;
}

static bool parse_fields(char *data, char *end, struct http_head *head, struct http1_error *error)
{
	while (data < end - 2)
		if (!parse_field(&data, end, head, error))
			return false;
	return true;
}

/* What the fields say about where the message ends. A field that stands twice is refused. */
struct framing_fields {
	const struct http_field *length;
	const struct http_field *coding;
	const struct http_field *host;
};

static bool find_framing(struct http_head *head, struct framing_fields *found,
			 struct http1_error *error)
{
	*found = (struct framing_fields){0};
	for (size_t i = 0; i < head->n_fields; i++) {
		const struct http_field *field = &head->fields[i];
		const struct http_field **slot;

		if (field->id == HTTP_FIELD_CONTENT_LENGTH)
			slot = &found->length;
		else if (field->id == HTTP_FIELD_TRANSFER_ENCODING)
			slot = &found->coding;
		else if (field->id == HTTP_FIELD_HOST)
			slot = &found->host;
		else
			continue;
		if (*slot)
			return refuse(error, 400,
				      "a second Host, Content-Length or Transfer-Encoding");
		*slot = field;
	}
	return true;
}

static bool parse_length(struct http_head *head, const struct http_field *field,
			 struct http1_error *error)
{
	if (!field)
		return true;
	if (!num_parse_u64(field->value.data, field->value.len, INT64_MAX, &head->content_length))
		return refuse(error, 400, "a Content-Length that is no plain number");
	head->has_length = true;
	return true;
}

static bool parse_connection(struct http_head *head, struct http1_error *error)
{
	head->keep_alive = head->minor >= 1;
	if (!http_head_mark_hops(head))
		return refuse(error, 400, "a Connection field that names too much");
	return true;
}

static bool check_coding(const struct http_head *head, const struct framing_fields *found,
			 struct http1_error *error)
{
	if (!found->coding)
		return true;
	if (found->length)
		return refuse(error, 400, "both Content-Length and Transfer-Encoding");
	if (head->minor == 0)
		return refuse(error, 400, "Transfer-Encoding in HTTP/1.0");
	if (!http_text_is_nocase(found->coding->value, "chunked"))
		return refuse(error, 501, "a Transfer-Encoding other than chunked");
	return true;
}

static bool frame_request(struct http_head *head, struct http1_error *error)
{
	struct framing_fields found;

	if (!find_framing(head, &found, error) || !check_coding(head, &found, error) ||
	    !parse_length(head, found.length, error) || !parse_connection(head, error))
		return false;
	if (!found.host)
		return refuse(error, 400, "no Host field");
	head->host = found.host->value;
	if (found.coding)
		head->framing = HTTP_BODY_CHUNKED;
	else
		head->framing = head->content_length ? HTTP_BODY_LENGTH : HTTP_BODY_NONE;
	return true;
}

static bool check_host(struct http_text host, struct http1_error *error)
{
	return http_text_is_host(host) || refuse(error, 400, "a Host field that is no host");
}

static bool check_expect(struct http_head *head, struct http1_error *error)
{
	const struct http_field *expect = http_head_find(head, "expect");

	if (!expect)
		return true;
	if (!http_text_is_nocase(expect->value, "100-continue"))
		return refuse(error, 417, "an expectation that nobody here can meet");
	head->expect_continue = head->minor >= 1 && head->framing != HTTP_BODY_NONE;
	return true;
}

static bool is_token(struct http_text text)
{
	for (size_t i = 0; i < text.len; i++)
		if (!token_lower[(unsigned char)text.data[i]])
			return false;
	return text.len > 0;
}

static bool parse_version(struct http_text version, struct http_head *head,
			  struct http1_error *error)
{
	const char *text = version.data;

	if (version.len != VERSION_LEN || memcmp(text, "HTTP/", 5) != 0 || text[5] < '0' ||
	    text[5] > '9' || text[6] != '.' || text[7] < '0' || text[7] > '9')
		return refuse(error, 400, "a first line that is not HTTP");
	if (text[5] != '1' || text[7] > '1')
		return refuse(error, 505, "a version of HTTP other than 1.1 and 1.0");
	head->minor = (unsigned)(text[7] - '0');
	return true;
}

static bool check_target(struct http_head *head, struct http1_error *error)
{
	struct http_text target = head->target;
	bool connect = http_text_is(head->method, "CONNECT");

	for (size_t i = 0; i < target.len; i++)
		if ((unsigned char)target.data[i] <= 0x20 || (unsigned char)target.data[i] >= 0x7f)
			return refuse(error, 400, "a byte in the target that must be encoded");
	if (target.len > HTTP_TARGET_MAX)
		return refuse(error, 414, "the target is too long");
	if (connect)
		head->form = HTTP_TARGET_AUTHORITY;
	else if (target.data[0] == '/')
		head->form = HTTP_TARGET_ORIGIN;
	else if (http_text_is(target, "*"))
		head->form = HTTP_TARGET_ASTERISK;
	else if (memmem(target.data, target.len, "://", 3))
		head->form = HTTP_TARGET_ABSOLUTE;
	else
		return refuse(error, 400, "a target that does not begin with a slash");
	if (connect && (target.data[0] == '/' || memchr(target.data, '/', target.len)))
		return refuse(error, 400, "CONNECT to something that is no host and port");
	if (head->form == HTTP_TARGET_ASTERISK && !http_text_is(head->method, "OPTIONS"))
		return refuse(error, 400, "the target * with a method other than OPTIONS");
	return true;
}

static bool parse_request_line(struct http_text line, struct http_head *head,
			       struct http1_error *error)
{
	const char *end = line.data + line.len;
	const char *first = memchr(line.data, ' ', line.len);
	const char *last = memrchr(line.data, ' ', line.len);

	if (!first || first == last || first == line.data || last == first + 1)
		return refuse(error, 400, "a first line that is not: method, target, version");
	head->method = (struct http_text){line.data, (size_t)(first - line.data)};
	head->target = (struct http_text){first + 1, (size_t)(last - first) - 1};
	if (head->method.len > METHOD_MAX || !is_token(head->method))
		return refuse(error, 400, "a method that is no token");
	if (!parse_version((struct http_text){last + 1, (size_t)(end - last) - 1}, head, error))
		return false;
	return check_target(head, error);
}

enum http1_result http1_parse_request(char *data, size_t len, size_t *scanned,
				      struct http_head *head, size_t *used,
				      struct http1_error *error)
{
	enum http1_result result = find_end(data, len, scanned, used, error);
	char *fields = data;

	if (result != HTTP1_OK)
		return result;
	http_head_reset(head);
	if (!parse_request_line(next_line(&fields), head, error) ||
	    !parse_fields(fields, data + *used, head, error) || !frame_request(head, error) ||
	    !check_host(head->host, error) || !check_expect(head, error))
		return HTTP1_BAD;
	return HTTP1_OK;
}

static bool parse_status_line(struct http_text line, struct http_head *head,
			      struct http1_error *error)
{
	uint64_t status;

	if (line.len < VERSION_LEN + 4 || line.data[VERSION_LEN] != ' ')
		return refuse(error, 502, "a response without a proper first line");
	if (!parse_version((struct http_text){line.data, VERSION_LEN}, head, error))
		return false;
	if (!num_parse_u64(line.data + VERSION_LEN + 1, 3, 599, &status) || status < 100)
		return refuse(error, 502, "a response without a proper status");
	head->status = (unsigned)status;
	line.data += VERSION_LEN + 4;
	line.len -= VERSION_LEN + 4;
	if (line.len && line.data[0] != ' ')
		return refuse(error, 502, "a response without a proper status");
	if (line.len) {
		line.data++;
		line.len--;
	}
	head->reason = line;
	if (find_value_end((char *)(uintptr_t)line.data, line.data + line.len) !=
	    line.data + line.len)
		return refuse(error, 502, "a control character in the reason of a response");
	return true;
}

static bool frame_response(struct http_head *head, bool to_head, struct http1_error *error)
{
	struct framing_fields found;

	if (!find_framing(head, &found, error) || !check_coding(head, &found, error) ||
	    !parse_length(head, found.length, error) || !parse_connection(head, error))
		return false;
	if (!http_response_has_body(head->status, to_head))
		head->framing = HTTP_BODY_NONE;
	else if (found.coding)
		head->framing = HTTP_BODY_CHUNKED;
	else if (found.length)
		head->framing = head->content_length ? HTTP_BODY_LENGTH : HTTP_BODY_NONE;
	else
		head->framing = HTTP_BODY_UNTIL_CLOSE;
	return true;
}

enum http1_result http1_parse_response(char *data, size_t len, size_t *scanned, bool to_head,
				       struct http_head *head, size_t *used,
				       struct http1_error *error)
{
	enum http1_result result = find_end(data, len, scanned, used, error);
	char *fields = data;

	if (result != HTTP1_OK)
		return result;
	http_head_reset(head);
	if (!parse_status_line(next_line(&fields), head, error) ||
	    !parse_fields(fields, data + *used, head, error) ||
	    !frame_response(head, to_head, error))
		return HTTP1_BAD;
	return HTTP1_OK;
}
