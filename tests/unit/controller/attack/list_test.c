// SPDX-License-Identifier: GPL-3.0-or-later
/* The list of attacks: its lines, the layers that hold one here, and its words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/mem.h"
#include "controller/attack/attack.h"
#include "controller/attack/list.h"

static struct attack_list parsed(const char *text)
{
	struct attack_list list;
	struct err err;

	assert_true(attack_list_parse(text, &list, &err));
	return list;
}

static void lines_have_columns(void **state)
{
	struct attack_list list =
		parsed("# a comment\n\n"
		       "5 | signal | pid landlock/6 | - | - | - | a signal | signal %PID\n"
		       "9 | sysrq | covers@root | why | leaking | /proc/x | y | z\n");

	assert_int_equal(list.n, 2);
	assert_string_equal(list.cases[0].name, "signal");
	assert_string_equal(list.cases[0].what, "a signal");
	assert_null(list.cases[0].only_root);
	assert_null(list.cases[0].needs);
	assert_string_equal(list.cases[1].only_root, "why");
	assert_string_equal(list.cases[1].started, "leaking");
	assert_string_equal(list.cases[1].needs, "/proc/x");
	attack_list_free(&list);
}

static void other_lines_are_refused(void **state)
{
	static const char *const wrong[] = {
		"5 | signal | pid | - | - | - | a signal",
		"5 | signal | pid | - | - | - | a signal | signal | more",
		"5 | - | pid | - | - | - | a signal | signal",
		"5 |  | pid | - | - | - | a signal | signal",
		"signal",
	};
	struct attack_list list;
	struct err err;

	for (size_t i = 0; i < array_len(wrong); i++) {
		assert_false(attack_list_parse(wrong[i], &list, &err));
		assert_int_equal(err.code, ERR_PROTOCOL);
		assert_non_null(strstr(err.text, i < 4 ? "columns: 5" : "columns: signal"));
	}
}

static void check_layers(const char *layers, bool root, int landlock, const char *expected)
{
	struct attack_case attack = {.layers = layers};
	auto_free char *text = attack_layers(&attack, root, landlock);

	assert_string_equal(text, expected);
}

static void layers_depend_on_who_and_where(void **state)
{
	check_layers("root", true, 1, "root");
	check_layers("pid@root calls user@user landlock/6", true, 6, "pid, calls, landlock");
	check_layers("pid@root calls user@user landlock/6", false, 5, "calls, user");
	check_layers("calls@root", false, 7, "");
}

static void words_are_filled_in(void **state)
{
	struct attack_facts facts = {0};
	attack_facts_add(&facts, "PID", "12");
	attack_facts_add(&facts, "OUTSIDE", "/a b");
	attack_facts_add(&facts, "PORT", NULL);
	struct attack_case attack = {.command = "read /proc/%PID/root%OUTSIDE/secret x"};
	char **words = attack_words(&attack, &facts);

	assert_non_null(words);
	assert_string_equal(words[0], "read");
	assert_string_equal(words[1], "/proc/12/root/a b/secret");
	assert_string_equal(words[2], "x");
	assert_null(words[3]);
	attack_words_free(&words);
	attack.command = "signal %PID %PORT";
	assert_null(attack_words(&attack, &facts));
	attack_facts_free(&facts);
}

static bool names_attack(const char *command, const struct attack *attacks)
{
	size_t len = strcspn(command, " ");

	for (; attacks->name; attacks++)
		if (strlen(attacks->name) == len && strncmp(attacks->name, command, len) == 0)
			return true;
	return false;
}

static void the_own_list_names_attacks_that_are_there(void **state)
{
	struct attack_list list;
	struct err err;

	assert_true(attack_list_own(&list, &err));
	assert_true(list.n > 80);
	for (size_t i = 0; i < list.n; i++) {
		const char *command = list.cases[i].command;
		assert_true(names_attack(command, attacks_on_kernel) ||
			    names_attack(command, attacks_on_host) ||
			    names_attack(command, attacks_on_self));
	}
	attack_list_free(&list);
}

static void the_own_kit_is_there(void **state)
{
	assert_non_null(strstr(attack_kit_manifest(), "name: capakit-attack"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_have_columns),
		cmocka_unit_test(other_lines_are_refused),
		cmocka_unit_test(layers_depend_on_who_and_where),
		cmocka_unit_test(words_are_filled_in),
		cmocka_unit_test(the_own_list_names_attacks_that_are_there),
		cmocka_unit_test(the_own_kit_is_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
