// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * `capakit audit`: who asked for which secret and certificate, and whether anybody changed what was
 * written down. What a chain cannot show by itself, that its end was cut off, it shows beside a
 * number and a hash that somebody noted earlier.
 */
#include <stdio.h>
#include <time.h>

#include "base/limits.h"
#include "base/mem.h"
#include "base/num.h"
#include "base/path.h"
#include "base/text.h"
#include "controller/cli/cli.h"
#include "controller/cli/json_out.h"
#include "controller/cli/term.h"
#include "secrets/audit_db.h"

static struct audit *open_audit(struct err *err)
{
	auto_free char *state = path_state_dir(err);

	return state ? audit_open(state, err) : NULL;
}

/* ---- show ---- */

struct show {
	const char *app; // NULL: all
	uint64_t last;	 // 0: all
	bool json, colour;
	bool any; // of the app
};

static error_t parse_show(int key, char *arg, struct argp_state *state)
{
	struct show *show = state->input;

	switch (key) {
	case 'n':
		if (!num_parse_u64(arg, strlen(arg), INT64_MAX, &show->last) || show->last == 0)
			argp_error(state, "-n %s: give a number of records", arg);
		return 0;
	case 'j':
		show->json = true;
		return 0;
	case ARGP_KEY_ARG:
		cli_take_only(state, "NAME", arg, &show->app);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static void time_text(int64_t time_ms, char text[32])
{
	time_t seconds = (time_t)(time_ms / 1000);
	struct tm utc;
	char day[24];

	text[0] = '\0';
	if (gmtime_r(&seconds, &utc) && strftime(day, sizeof(day), "%Y-%m-%dT%H:%M:%S", &utc))
		(void)snprintf(text, 32, "%s.%03dZ", day, (int)(time_ms % 1000));
}

static void print_json_record(int64_t seq, const struct audit_record *record, const char *time)
{
	json_t *object = json_object();

	json_put(object, "number", json_integer(seq));
	json_put(object, "time", json_string(time));
	json_put(object, "app", json_escaped(record->app));
	json_put(object, "identity", json_escaped(record->identity));
	json_put(object, "action", json_escaped(record->action));
	json_put(object, "object", json_escaped(record->object));
	json_put(object, "outcome", json_escaped(record->outcome));
	json_print_line(object, stdout);
}

static void print_text_record(const struct show *show, int64_t seq,
			      const struct audit_record *record, const char *time)
{
	bool granted = str_eq(record->outcome, "granted");
	auto_buf struct buf out = {.max = MIB};

	(void)buf_printf(&out, "%lld  %s  ", (long long)seq, time);
	term_append(&out, show->colour, TERM_BOLD, record->app);
	(void)buf_append_str(&out, "  ");
	term_append(&out, show->colour, TERM_PLAIN, record->action);
	(void)buf_append_str(&out, " ");
	term_append(&out, show->colour, TERM_PLAIN, record->object);
	(void)buf_append_str(&out, "  ");
	term_append(&out, show->colour, granted ? TERM_GREEN : TERM_YELLOW, record->outcome);
	(void)buf_append_str(&out, "  ");
	term_append(&out, show->colour, TERM_DIM, record->identity);
	(void)buf_append_str(&out, "\n");
	term_flush(&out, stdout);
}

/* A damaged record may lack what every one has. */
static bool is_whole(const struct audit_record *record)
{
	return record->app && record->identity && record->action && record->object &&
	       record->outcome;
}

static void on_record(void *owner, int64_t seq, const struct audit_record *record)
{
	struct show *show = owner;
	char time[32];

	if (!is_whole(record) || (show->app && !str_eq(show->app, record->app)))
		return;
	show->any = true;
	time_text(record->time_ms, time);
	if (show->json)
		print_json_record(seq, record, time);
	else
		print_text_record(show, seq, record, time);
}

static const struct argp_option show_options[] = {
	{"lines", 'n', "RECORDS", 0, "Only the last of the chain", 0},
	{"json", 'j', NULL, 0, "Print each record as a JSON object on one line", 0},
	{0},
};

static bool show_records(struct show *show, struct err *err)
{
	struct audit *audit = open_audit(err);
	uint8_t hash[SHA256_SIZE];
	int64_t end, first = 1;
	bool ok = audit && audit_end(audit, &end, hash, err);

	if (ok && show->last && end > (int64_t)show->last)
		first = end - (int64_t)show->last + 1;
	ok = ok && audit_read(audit, first, on_record, show, err);
	audit_close(&audit);
	if (ok && show->app && !show->any && !show->last)
		return err_set(err, ERR_NO_APP, "no record is of an app named '%s'", show->app);
	return ok;
}

static int audit_show(int argc, char **argv)
{
	static const struct argp argp = {
		.options = show_options,
		.parser = parse_show,
		.args_doc = "[NAME]",
		.doc = "Shows the audit records of all apps, or of one: who asked for which secret "
		       "or "
		       "certificate, and what came of it.",
	};
	struct show show = {.colour = term_wants_colour(stdout)};
	struct err err;

	cli_parse("audit show", &argp, argc, argv, 0, &show);
	return show_records(&show, &err) ? EXIT_DONE : cli_fail(&err);
}

/* ---- verify ---- */

struct verify {
	bool json, expects;
	int64_t expected_seq;
	char expected_hash[SHA256_HEX];
	/* what came out */
	int64_t count, first_bad, end;
	char end_hash[SHA256_HEX];
	bool as_expected;
};

/* NUMBER:HASH, as it was printed by an earlier `verify`. */
static bool parse_mark(const char *text, struct verify *verify)
{
	size_t digits = strcspn(text, ":");
	uint64_t number;

	if (!text[digits] || !num_parse_u64(text, digits, INT64_MAX, &number) || number == 0 ||
	    strlen(text + digits + 1) != SHA256_HEX - 1 ||
	    strspn(text + digits + 1, "0123456789abcdef") != SHA256_HEX - 1)
		return false;
	verify->expects = true;
	verify->expected_seq = (int64_t)number;
	memcpy(verify->expected_hash, text + digits + 1, SHA256_HEX);
	return true;
}

static error_t parse_verify(int key, char *arg, struct argp_state *state)
{
	struct verify *verify = state->input;

	switch (key) {
	case 'e':
		if (!parse_mark(arg, verify))
			argp_error(state,
				   "--expect %s: give NUMBER:HASH as an earlier verify printed it",
				   arg);
		return 0;
	case 'j':
		verify->json = true;
		return 0;
	case ARGP_KEY_ARG:
		argp_error(state, "it takes no arguments");
		return ARGP_ERR_UNKNOWN;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static bool check_expected(struct audit *audit, struct verify *verify, struct err *err)
{
	uint8_t hash[SHA256_SIZE];
	char hex[SHA256_HEX];
	bool found;

	if (!verify->expects)
		return true;
	if (!audit_hash_at(audit, verify->expected_seq, hash, &found, err))
		return false;
	text_hex(hex, hash, SHA256_SIZE);
	verify->as_expected = found && str_eq(hex, verify->expected_hash);
	return true;
}

/* What is appended between the two is in the mark, which says no more than that it was there. */
static bool read_chain(struct audit *audit, struct verify *verify, struct err *err)
{
	uint8_t hash[SHA256_SIZE];

	if (!audit_verify(audit, &verify->count, &verify->first_bad, err))
		return false;
	if (verify->first_bad)
		return true;
	if (!audit_end(audit, &verify->end, hash, err))
		return false;
	text_hex(verify->end_hash, hash, SHA256_SIZE);
	return check_expected(audit, verify, err);
}

static bool run_verify(struct verify *verify, struct err *err)
{
	struct audit *audit = open_audit(err);
	bool ok = audit && read_chain(audit, verify, err);

	audit_close(&audit);
	return ok;
}

static bool is_good(const struct verify *verify)
{
	return !verify->first_bad && (!verify->expects || verify->as_expected);
}

static void print_json_verdict(const struct verify *verify)
{
	json_t *document = json_object();
	bool any = verify->end > 0;

	json_put(document, "valid", json_boolean(is_good(verify)));
	json_put(document, "records", json_integer(verify->count));
	json_put(document, "first_bad", verify->first_bad ? json_integer(verify->first_bad) : NULL);
	json_put(document, "last", any ? json_integer(verify->end) : NULL);
	json_put(document, "last_hash", any ? json_string(verify->end_hash) : NULL);
	json_put(document, "as_expected",
		 verify->expects ? json_boolean(verify->as_expected) : NULL);
	json_print(document);
}

static int print_verdict(const struct verify *verify)
{
	if (verify->first_bad)
		return cli_fail_text(ERR_DENIED,
				     "audit record %lld does not fit the %lld before it: it, or "
				     "what was there, was changed or removed",
				     (long long)verify->first_bad, (long long)verify->count);
	if (verify->expects && !verify->as_expected)
		return cli_fail_text(ERR_DENIED,
				     "audit record %lld is not the one that is expected: the chain "
				     "was cut off, or written anew (it has %lld records)",
				     (long long)verify->expected_seq, (long long)verify->count);
	printf("[✓] %lld audit records, and none was changed\n", (long long)verify->count);
	if (verify->end)
		printf("last=[%lld:%s]\n", (long long)verify->end, verify->end_hash);
	return EXIT_DONE;
}

static const struct argp_option verify_options[] = {
	{"expect", 'e', "NUMBER:HASH", 0, "What an earlier verify printed as the last record", 0},
	{"json", 'j', NULL, 0, "Print one JSON document", 0},
	{0},
};

static int audit_verify_command(int argc, char **argv)
{
	static const struct argp argp = {
		.options = verify_options,
		.parser = parse_verify,
		.doc = "Checks that no audit record was changed, removed or put in, and names the "
		       "first "
		       "that was. Keep what it prints as `last` elsewhere, and give it with "
		       "--expect to see that the end was not cut off since.",
	};
	struct verify verify = {0};
	struct err err;

	cli_parse("audit verify", &argp, argc, argv, 0, &verify);
	if (!run_verify(&verify, &err))
		return cli_fail(&err);
	if (!verify.json)
		return print_verdict(&verify);
	print_json_verdict(&verify);
	return is_good(&verify) ? EXIT_DONE : EXIT_FAILED;
}

int cmd_audit(int argc, char **argv)
{
	static const struct cli_command commands[] = {
		{"show", "Audit", "show who asked for secrets and certificates", audit_show},
		{"verify", "Audit", "check that no record was changed", audit_verify_command},
	};

	return cli_dispatch("capakit audit",
			    "Shows and verifies the records of who asked for secrets and "
			    "certificates.",
			    commands, array_len(commands), argc, argv);
}
