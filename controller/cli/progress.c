// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * A live line is drawn over itself: the cursor goes up to the first one, and everything below it is
 * drawn again. Each line is cut to the width of the terminal, since one that wraps could not be
 * found again. What a phase wrote is hostile, and comes escaped from log_writer_tail.
 */
#include "controller/cli/progress.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/text.h"
#include "controller/cli/json_out.h"
#include "controller/cli/term.h"

#define TICK_MS 100
#define FAILED_LINES 10
#define SHOWN_MAX (256 * KIB)				     // all live lines, or the tail of a log
#define LINES_MAX (PHASE_COUNT * MANIFEST_WORKLOADS_MAX * 2) // more are counted, not shown

enum { COLUMNS = 80, ROWS = 24 }; // of a terminal that does not say
enum { TAB_COLUMNS = 8 };	  // at most

struct line {
	char *text; // "preparing workload [editor]"
	char *subject;
	enum manifest_phase_name phase;
	const struct log_writer *log;
	uint64_t since_ms;
};

struct progress {
	struct loop *loop;
	struct loop_timer tick;
	bool live, colour, json;
	struct line lines[LINES_MAX];
	size_t n_lines;
	size_t n_drawn; // on the terminal, from the cursor up
};

/* ---- words ---- */

static const char *const BEGINS[] = {
	[PHASE_PREPARE] = "preparing workload [%s]",
	[PHASE_HYDRATE] = "hydrating workload [%s]",
	[PHASE_START] = "starting workload [%s]",
};
static const char *const WAITS[] = {
	[PHASE_PREPARE] = "waiting for another up that prepares workload [%s]",
	[PHASE_HYDRATE] = "waiting for another up that hydrates workload [%s]",
};
static const char *const DONE[] = {
	[PHASE_PREPARE] = "prepared workload [%s]",
	[PHASE_HYDRATE] = "hydrated workload [%s]",
	[PHASE_START] = "workload [%s] is ready",
};
static const char *const KEPT[] = {
	[PHASE_PREPARE] = "workload [%s] is prepared since an earlier up",
	[PHASE_HYDRATE] = "workload [%s] is hydrated since an earlier up",
};

static char *words(const char *const table[], const struct app_event *event)
{
	const char *format = table[event->phase];
	const char *mark = strstr(format, "%s");
	return xasprintf("%.*s%s%s", (int)(mark - format), format, event->subject, mark + 2);
}

/* ---- machines ---- */

static json_t *tail_json(const struct log_writer *log)
{
	auto_buf struct buf tail = {.max = SHOWN_MAX};
	json_t *list = json_array();
	if (log)
		log_writer_tail(log, FAILED_LINES, &tail);
	auto_free char *text = buf_take_str(&tail);
	char *rest = text;
	for (char *line; (line = strsep(&rest, "\n"));)
		if (rest) // the last one has its end too
			json_array_append_new(list, json_string(line));
	return list;
}

static void print_json(const struct app_event *event, uint64_t elapsed_ms)
{
	static const char *const names[] = {
		[APP_EVENT_KEPT] = "kept",     [APP_EVENT_WAITS] = "waits",
		[APP_EVENT_BEGINS] = "begins", [APP_EVENT_DONE] = "done",
		[APP_EVENT_FAILED] = "failed",
	};
	json_t *json = json_object();
	json_put(json, "event", json_string(names[event->kind]));
	if (event->kind == APP_EVENT_FAILED) {
		json_put(json, "subject", json_escaped(event->subject));
		json_put(json, "lines", tail_json(event->log));
	} else {
		json_put(json, "workload", json_escaped(event->subject));
		json_put(json, "phase", json_string(manifest_phase_text(event->phase)));
	}
	if (event->kind == APP_EVENT_DONE)
		json_put(json, "elapsed_ms", json_integer((json_int_t)elapsed_ms));
	json_print_line(json, stderr);
}

/* ---- live lines ---- */

static void terminal_size(size_t *columns, size_t *rows)
{
	struct winsize size = {0};
	(void)ioctl(STDERR_FILENO, TIOCGWINSZ, &size);
	*columns = size.ws_col ? size.ws_col : COLUMNS;
	*rows = size.ws_row ? size.ws_row : ROWS;
}

/* The bytes of an escaped text that fit into so many columns; what may be wide counts twice. */
static size_t fitting(const uint8_t *text, size_t len, size_t columns)
{
	size_t width = 0, i = 0;
	while (i < len) {
		size_t bytes = 1;
		while (i + bytes < len && (text[i + bytes] & 0xc0) == 0x80)
			bytes++;
		width += text[i] == '\t' ? TAB_COLUMNS : bytes > 2 ? 2 : 1;
		if (width > columns)
			break;
		i += bytes;
	}
	return i;
}

static void append_live(struct buf *out, const struct line *line, uint64_t now, size_t columns)
{
	auto_buf struct buf text = {.max = SHOWN_MAX}, last = {.max = SHOWN_MAX};
	auto_free char *head =
		xasprintf("[i] %s %.1f s  ", line->text, (double)(now - line->since_ms) / 1000);
	if (line->log)
		log_writer_tail(line->log, 1, &last);
	(void)text_escape(&text, head, strlen(head));
	if (buf_len(&last))
		(void)buf_append(&text, buf_bytes(&last), buf_len(&last) - 1);
	(void)buf_append(out, buf_bytes(&text), fitting(buf_bytes(&text), buf_len(&text), columns));
	(void)buf_append_str(out, "\n");
}

static void append_erase(struct progress *progress, struct buf *out)
{
	if (progress->n_drawn)
		(void)buf_printf(out, "\033[%zuF\033[J", progress->n_drawn);
	progress->n_drawn = 0;
}

static void append_lines(struct progress *progress, struct buf *out)
{
	size_t columns, rows;
	terminal_size(&columns, &rows);
	size_t shown = progress->n_lines < rows - 1 ? progress->n_lines : rows - 1;
	loop_refresh_now(progress->loop);
	for (size_t i = 0; i < shown; i++)
		append_live(out, &progress->lines[i], loop_now(progress->loop), columns - 1);
	progress->n_drawn = shown;
}

static void draw(struct progress *progress)
{
	auto_buf struct buf out = {.max = SHOWN_MAX};
	append_erase(progress, &out);
	append_lines(progress, &out);
	term_flush(&out, stderr);
	if (progress->n_lines)
		loop_timer_start(&progress->tick, TICK_MS);
}

static void on_tick(struct loop_timer *timer)
{
	draw(container_of(timer, struct progress, tick));
}

/* ---- lines that stay ---- */

static void say(struct progress *progress, const char *mark, enum term_style style,
		const char *text)
{
	auto_buf struct buf out = {.max = SHOWN_MAX};
	append_erase(progress, &out);
	term_append(&out, progress->colour, style, mark);
	(void)buf_append_str(&out, " ");
	term_append(&out, false, TERM_PLAIN, text);
	(void)buf_append_str(&out, "\n");
	if (progress->live)
		append_lines(progress, &out);
	term_flush(&out, stderr);
}

static void say_failed(struct progress *progress, const struct app_event *event)
{
	auto_buf struct buf tail = {.max = SHOWN_MAX};
	progress_end(progress);
	if (event->log)
		log_writer_tail(event->log, FAILED_LINES, &tail);
	if (buf_len(&tail) == 0)
		return;
	fprintf(stderr, "the last lines of %s:\n", event->subject);
	term_flush(&tail, stderr);
}

/* ---- events ---- */

static struct line *find(struct progress *progress, const struct app_event *event)
{
	for (size_t i = 0; i < progress->n_lines; i++)
		if (progress->lines[i].phase == event->phase &&
		    str_eq(progress->lines[i].subject, event->subject))
			return &progress->lines[i];
	return NULL;
}

static void drop(struct progress *progress, struct line *line)
{
	free(line->text);
	free(line->subject);
	progress->n_lines--;
	size_t behind = (size_t)(&progress->lines[progress->n_lines] - line);
	memmove(line, line + 1, behind * sizeof(*line));
}

static void add(struct progress *progress, const struct app_event *event, const char *text)
{
	if (progress->n_lines == LINES_MAX)
		return;
	progress->lines[progress->n_lines++] = (struct line){
		.text = xstrdup(text),
		.subject = xstrdup(event->subject),
		.phase = event->phase,
		.log = event->log,
		.since_ms = loop_now(progress->loop),
	};
}

static void begin(struct progress *progress, const struct app_event *event, const char *text)
{
	struct line *waited = find(progress, event);
	if (waited)
		drop(progress, waited);
	loop_refresh_now(progress->loop);
	add(progress, event, text);
	if (progress->live)
		draw(progress);
	else if (!progress->json)
		say(progress, "[i]", TERM_PLAIN, text);
}

static void show(struct progress *progress, const struct app_event *event, uint64_t elapsed_ms)
{
	auto_free char *done = NULL;
	auto_free char *text = NULL;
	switch (event->kind) {
	case APP_EVENT_KEPT:
		text = words(KEPT, event);
		say(progress, "[i]", TERM_PLAIN, text);
		return;
	case APP_EVENT_DONE:
		done = words(DONE, event);
		text = xasprintf("%s (%.1f s)", done, (double)elapsed_ms / 1000);
		say(progress, "[✓]", TERM_GREEN, text);
		return;
	default:
		say_failed(progress, event);
	}
}

/* The time since it began; 0 when it did not. */
static uint64_t finish(struct progress *progress, const struct app_event *event)
{
	struct line *line = find(progress, event);
	if (!line)
		return 0;
	loop_refresh_now(progress->loop);
	uint64_t elapsed = loop_now(progress->loop) - line->since_ms;
	drop(progress, line);
	return elapsed;
}

void progress_event(struct progress *progress, const struct app_event *event)
{
	bool goes_on = event->kind == APP_EVENT_BEGINS || event->kind == APP_EVENT_WAITS;
	uint64_t elapsed = 0;
	if (goes_on) {
		auto_free char *text =
			words(event->kind == APP_EVENT_WAITS ? WAITS : BEGINS, event);
		begin(progress, event, text);
	} else if (event->kind != APP_EVENT_FAILED) {
		elapsed = finish(progress, event);
	}
	if (progress->json)
		print_json(event, elapsed);
	else if (!goes_on)
		show(progress, event, elapsed);
}

struct progress *progress_new(struct loop *loop, enum progress_form form)
{
	struct progress *progress = xcalloc(1, sizeof(*progress));
	progress->loop = loop;
	progress->json = form == PROGRESS_JSON;
	progress->colour = !progress->json && term_wants_colour(stderr);
	progress->live = !progress->json && term_can_redraw(stderr);
	loop_timer_init(&progress->tick, loop, on_tick);
	return progress;
}

void progress_end(struct progress *progress)
{
	auto_buf struct buf out = {.max = SHOWN_MAX};
	loop_timer_stop(&progress->tick);
	append_erase(progress, &out);
	term_flush(&out, stderr);
	while (progress->n_lines)
		drop(progress, &progress->lines[progress->n_lines - 1]);
}

void progress_free(struct progress **pointer)
{
	struct progress *progress = take_ptr(pointer);
	if (!progress)
		return;
	progress_end(progress);
	free(progress);
}
