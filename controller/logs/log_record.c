// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The line format of log files, both ways. What follows the stamp and the mark is the bytes that a
 * workload wrote, as they were: a workload cannot write a line that looks like one of ours, since
 * each of its own begins with a stamp and `out` or `err` that it has no part in.
 */
#include "controller/logs/log_record.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/mem.h"
#include "base/num.h"

void log_stamp_format(char stamp[LOG_STAMP_LEN + 1], int64_t time_ms)
{
	int64_t part = ((time_ms % 1000) + 1000) % 1000;
	time_t seconds = (time_t)((time_ms - part) / 1000);
	char day_time[20] = "";
	struct tm utc;

	if (!gmtime_r(&seconds, &utc) ||
	    !strftime(day_time, sizeof(day_time), "%Y-%m-%dT%H:%M:%S", &utc))
		day_time[0] = '\0';
	(void)snprintf(stamp, LOG_STAMP_LEN + 1, "%s.%03dZ", day_time, (int)part);
}

/* Digits at `text`, leading zeros allowed; false unless all of them are digits. */
static bool digits(const char *text, size_t len, int *value)
{
	*value = 0;
	for (size_t i = 0; i < len; i++) {
		if (text[i] < '0' || text[i] > '9')
			return false;
		*value = *value * 10 + (text[i] - '0');
	}
	return true;
}

bool log_stamp_parse(const char *text, size_t len, int64_t *time_ms)
{
	static const char SHAPE[] = "0000-00-00T00:00:00.000Z";
	struct tm utc = {0};
	int part;

	if (len < LOG_STAMP_LEN)
		return false;
	for (size_t i = 0; i < LOG_STAMP_LEN; i++)
		if (SHAPE[i] != '0' && text[i] != SHAPE[i])
			return false;
	if (!digits(text, 4, &utc.tm_year) || !digits(text + 5, 2, &utc.tm_mon) ||
	    !digits(text + 8, 2, &utc.tm_mday) || !digits(text + 11, 2, &utc.tm_hour) ||
	    !digits(text + 14, 2, &utc.tm_min) || !digits(text + 17, 2, &utc.tm_sec) ||
	    !digits(text + 20, 3, &part))
		return false;
	utc.tm_year -= 1900;
	utc.tm_mon -= 1;
	*time_ms = (int64_t)timegm(&utc) * 1000 + part;
	return true;
}

/* A word at the front of the rest, up to a blank that is taken too. */
static bool take_word(const char **text, size_t *len, const char **word, size_t *word_len)
{
	const char *blank = memchr(*text, ' ', *len);

	if (!blank)
		return false;
	*word = *text;
	*word_len = (size_t)(blank - *text);
	*len -= *word_len + 1;
	*text = blank + 1;
	return true;
}

static bool word_is(const char *word, size_t len, const char *expected)
{
	return len == strlen(expected) && memcmp(word, expected, len) == 0;
}

static bool read_mark(const char *word, size_t len, struct log_record *record)
{
	static const char *const LEVELS[] = {"DEBUG", "INFO", "WARN", "ERROR"};

	if (len > 4 && memcmp(word + len - 4, "+cut", 4) == 0) {
		record->cut = true;
		len -= 4;
	}
	for (size_t i = 0; i < array_len(LEVELS); i++) {
		if (!word_is(word, len, LEVELS[i]))
			continue;
		record->stream = LOG_STREAM_OWN;
		record->level = (enum log_level)i;
		return true;
	}
	record->stream = word_is(word, len, "out") ? LOG_STREAM_OUT : LOG_STREAM_ERR;
	return record->stream == LOG_STREAM_OUT || word_is(word, len, "err");
}

bool log_record_parse(const char *line, size_t len, struct log_record *record)
{
	const char *word;
	size_t word_len;

	*record = (struct log_record){0};
	if (!take_word(&line, &len, &word, &word_len) || word_len != LOG_STAMP_LEN ||
	    !log_stamp_parse(word, word_len, &record->time_ms))
		return false;
	if (!take_word(&line, &len, &word, &word_len) || !read_mark(word, word_len, record))
		return false;
	record->bytes = line;
	record->len = len;
	return true;
}

bool log_record_append(struct buf *out, int64_t time_ms, enum log_stream stream, bool cut,
		       const void *bytes, size_t len)
{
	char stamp[LOG_STAMP_LEN + 1];
	const char *mark = stream == LOG_STREAM_OUT ? "out" : "err";

	log_stamp_format(stamp, time_ms);
	if (buf_room(out) < LOG_STAMP_LEN + sizeof(" out+cut \n") + len)
		return false;
	return buf_printf(out, "%s %s%s ", stamp, mark, cut ? "+cut" : "") &&
	       buf_append(out, bytes, len) && buf_append(out, "\n", 1);
}
