// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * Log lines of our own processes, on standard error, one write(2) each:
 *   2026-01-02T03:04:05.678Z LEVEL process: text
 * Control characters in the text are escaped, so foreign bytes may be quoted.
 */
enum log_level { LOG_LEVEL_DEBUG, LOG_LEVEL_INFO, LOG_LEVEL_WARN, LOG_LEVEL_ERROR };

void log_open(const char *process, enum log_level least); // `process` is kept, not copied
void log_line(enum log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));

#define log_debug(...) log_line(LOG_LEVEL_DEBUG, __VA_ARGS__)
#define log_info(...) log_line(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_warn(...) log_line(LOG_LEVEL_WARN, __VA_ARGS__)
#define log_error(...) log_line(LOG_LEVEL_ERROR, __VA_ARGS__)
