// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Log lines on standard error. One write(2) a line, so that lines of several processes that share
 * the descriptor do not mix; a line that cannot be written is lost, never waited for.
 */
#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/text.h"

static const char *log_process = "capakit";
static enum log_level log_least = LOG_LEVEL_INFO;

static const char *const LEVELS[] = {
	[LOG_LEVEL_DEBUG] = "DEBUG",
	[LOG_LEVEL_INFO] = "INFO",
	[LOG_LEVEL_WARN] = "WARN",
	[LOG_LEVEL_ERROR] = "ERROR",
};

void log_open(const char *process, enum log_level least)
{
	log_process = process;
	log_least = least;
}

static void append_time(struct buf *line)
{
	struct timespec now;
	struct tm utc;
	char text[32];

	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &utc);
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &utc);
	(void)buf_printf(line, "%s.%03ldZ ", text, now.tv_nsec / 1000000);
}

void log_line(enum log_level level, const char *format, ...)
{
	char text[LOG_OWN_TEXT_MAX];
	auto_buf struct buf line = {.max = 8 * LOG_OWN_TEXT_MAX}; // escaped, a byte takes four
	va_list args;

	if (level < log_least)
		return;
	va_start(args, format);
	(void)vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	append_time(&line);
	(void)buf_printf(&line, "%s %s: ", LEVELS[level], log_process);
	(void)text_escape(&line, text, strlen(text));
	(void)buf_append_str(&line, "\n");
	if (write(STDERR_FILENO, buf_bytes(&line), buf_len(&line)) < 0)
		return;
}
