// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The phases of a workload: what is run, with which network and which environment. The command
 * becomes its words here, so that nothing later needs a shell.
 */
#include "controller/manifest/parse.h"

#include <stddef.h>

#include "base/mem.h"
#include "controller/manifest/syntax.h"
#include "controller/manifest/words.h"

/* ---- command ---- */

/* Where in the file the byte `offset` of a scalar stands, if the scalar is written as it reads. */
static struct location place_in(const struct yaml_node *value, size_t offset)
{
	struct location at = value->at;

	if (!value->plain || memchr(value->text, '\n', offset))
		return at;
	for (size_t i = 0; i < offset; i++)
		at.column += ((unsigned char)value->text[i] & 0xc0) != 0x80;
	return at;
}

static void split_command(struct parse *parse, const struct yaml_node *value,
			  struct command *command)
{
	struct words_fault fault;
	const char *text = take_text(parse, value, "a command (a text or a list of words)");

	if (text && !words_split(text, &command->argv, &command->n_argv, &fault))
		report(parse, place_in(value, fault.offset), NULL,
		       "the command \"%s\" cannot be split into words: %s", excerpt(text).text,
		       fault.text);
}

static void list_command(struct parse *parse, const struct yaml_node *value,
			 struct command *command)
{
	bool complete = true;

	each_child(child, value)
	{
		const char *word = take_scalar(parse, child, "a word of the command");

		complete = complete && word;
		if (word)
			append_text(&command->argv, &command->n_argv, word);
	}
	if (!complete)
		return;
	if (!command->n_argv || !*command->argv[0])
		report(parse, value->at, NULL, "a command needs a first word: the program to run");
	append_text(&command->argv, &command->n_argv, NULL);
	command->n_argv--;
}

void read_command(struct parse *parse, const struct yaml_node *value, void *out)
{
	if (value->kind == YAML_LIST)
		list_command(parse, value, out);
	else
		split_command(parse, value, out);
}

static void read_phase_command(struct parse *parse, const struct yaml_node *value, void *out)
{
	struct manifest_phase *phase = out;
	struct command command = {0};

	read_command(parse, value, &command);
	phase->argv = command.argv;
	phase->n_argv = command.n_argv;
	phase->command_at = value->key_at;
}

/* ---- environment ---- */

/* Variables that the sandbox itself owes the workload (kit-contract.md, section 3). */
static const char *reserved_variable(const char *name)
{
	if (str_starts(name, "CAPAKIT_"))
		return "variables that begin with CAPAKIT_ are set by capakit itself";
	if (str_eq(name, "container"))
		return "it tells the workload where it runs and is set by capakit itself";
	return NULL;
}

static bool check_variable(struct parse *parse, const struct yaml_node *value,
			   const struct manifest_phase *phase)
{
	const char *reserved = reserved_variable(value->key);

	for (size_t i = 0; i < phase->n_env; i++) {
		if (str_eq(phase->env[i].name, value->key)) {
			report(parse, value->key_at, NULL,
			       "the variable \"%s\" is set twice, first in line %u",
			       excerpt(value->key).text, phase->env[i].at.line);
			return false;
		}
	}
	if (!syntax_is_env_name(value->key))
		report(parse, value->key_at, NULL,
		       "\"%s\" cannot be a variable's name: letters, digits and \"_\" only, no "
		       "digit "
		       "first",
		       excerpt(value->key).text);
	else if (reserved)
		report(parse, value->key_at, NULL, "the variable \"%s\" cannot be set: %s",
		       excerpt(value->key).text, reserved);
	else
		return true;
	return false;
}

static void warn_replaced(struct parse *parse, const struct yaml_node *value)
{
	static const char *const NAMES[] = {"PATH", "HOME", "TMPDIR"};

	for (size_t i = 0; i < array_len(NAMES); i++) {
		if (str_eq(value->key, NAMES[i]))
			warn(parse, value->key_at, "%s replaces the one that the sandbox sets",
			     NAMES[i]);
	}
}

static struct manifest_env *add_variable(struct parse *parse, const struct yaml_node *value,
					 struct manifest_phase *phase)
{
	if (!check_variable(parse, value, phase))
		return NULL;
	warn_replaced(parse, value);
	struct manifest_env *env = APPEND(phase, env);
	env->name = xstrdup(value->key);
	env->at = value->key_at;
	return env;
}

static void read_env(struct parse *parse, const struct yaml_node *value, void *out)
{
	if (!expect(parse, value, YAML_MAPPING, "a mapping from variables to values"))
		return;
	each_child(child, value)
	{
		const char *text = take_scalar(parse, child, "a value (\"\" for an empty one)");
		struct manifest_env *env = add_variable(parse, child, out);

		if (env)
			env->value = xstrdup(text);
	}
}

static void read_env_from_options(struct parse *parse, const struct yaml_node *value, void *out)
{
	if (!expect(parse, value, YAML_MAPPING, "a mapping from variables to options"))
		return;
	each_child(child, value)
	{
		const char *option = take_option(parse, child);
		struct manifest_env *env = add_variable(parse, child, out);

		if (env)
			env->option = xstrdup(option);
	}
}

/* ---- the phase ---- */

static void read_allow_network(struct parse *parse, const struct yaml_node *value, void *out)
{
	struct manifest_network *network = out;
	bool allowed = false;

	if (network->at.line) {
		report(parse, value->key_at, NULL,
		       "\"network\" is given too; remove the older \"allow_network\"");
		return;
	}
	read_boolean(parse, value, &allowed);
	network->kind = allowed ? NETWORK_FULL : NETWORK_NONE;
	network->at = value->key_at;
}

static const struct field PHASE_FIELDS[] = {
	{"command", read_phase_command, 0, true,
	 "a text that is split into words as a shell does it, with no shell run, or a list of "
	 "words"},
	{"network", read_network, offsetof(struct manifest_phase, network), false,
	 "none, loopback, registries, full or { allow: [HOST, ...] }; default: registries for "
	 "prepare, full for hydrate, none for start"},
	{"allow_network", read_allow_network, offsetof(struct manifest_phase, network), false,
	 "older form: true means full, false means none"},
	{"env", read_env, 0, false, "variables: their values"},
	{"env_from_options", read_env_from_options, 0, false,
	 "variables: the options whose values they get"},
};
const struct mapping PHASE_MAPPING = MAPPING("a phase", PHASE_FIELDS);

static void read_phase(struct parse *parse, const struct yaml_node *value,
		       struct manifest_phase *phase, enum network_kind network)
{
	phase->present = true;
	phase->at = value->key_at;
	phase->network.kind = network;
	read_mapping(parse, value, &PHASE_MAPPING, phase);
}

static void read_prepare(struct parse *parse, const struct yaml_node *value, void *out)
{
	struct manifest_workload *workload = out;
	read_phase(parse, value, &workload->phases[PHASE_PREPARE], NETWORK_REGISTRIES);
}

static void read_hydrate(struct parse *parse, const struct yaml_node *value, void *out)
{
	struct manifest_workload *workload = out;
	read_phase(parse, value, &workload->phases[PHASE_HYDRATE], NETWORK_FULL);
}

static void read_start(struct parse *parse, const struct yaml_node *value, void *out)
{
	struct manifest_workload *workload = out;
	read_phase(parse, value, &workload->phases[PHASE_START], NETWORK_NONE);
}

/* ---- runtime ---- */

static void read_toolchain(struct parse *parse, const struct yaml_node *value, void *out)
{
	static const char *const TOOLCHAINS[] = {"bun"};
	int toolchain =
		take_word(parse, value, "a toolchain (bun)", TOOLCHAINS, array_len(TOOLCHAINS));

	if (toolchain >= 0)
		put_text(out, TOOLCHAINS[toolchain]);
}

static const struct field RUNTIME_SOURCE_FIELDS[] = {
	{"toolchain", read_toolchain, offsetof(struct manifest_workload, toolchain), true, "bun"},
	{"prepare", read_prepare, 0, false, "run once: installs packages; its result is kept"},
	{"hydrate", read_hydrate, 0, false, "run once: fetches models and other data into mounts"},
	{"start", read_start, 0, true, "the workload itself"},
};
const struct mapping RUNTIME_SOURCE_MAPPING = MAPPING("a runtime source", RUNTIME_SOURCE_FIELDS);

static void read_runtime_source(struct parse *parse, const struct yaml_node *value, void *out)
{
	read_mapping(parse, value, &RUNTIME_SOURCE_MAPPING, out);
}

/* Values of capabilities that other platforms have and this one cannot give. */
static bool is_foreign_capability(const char *value)
{
	return str_eq(value, "metal") || str_eq(value, "mps") || str_eq(value, "directml");
}

static void warn_foreign(struct parse *parse, const struct manifest_capability *capability)
{
	const struct manifest_option *option =
		capability->from_option ? manifest_option(parse->manifest, capability->from_option)
					: NULL;
	const char *value = option ? option->default_value : capability->value;

	if (!value || !is_foreign_capability(value))
		return;
	if (option)
		warn(parse, capability->at,
		     "the capability \"%s\" is \"%s\" by the default of the option \"%s\", which "
		     "Linux does not have; it will not be given",
		     capability->key, value, option->key);
	else
		warn(parse, capability->at,
		     "the capability \"%s\" is \"%s\", which Linux does not have; it will not be "
		     "given",
		     capability->key, value);
}

static void read_capabilities(struct parse *parse, const struct yaml_node *value, void *out)
{
	struct manifest_workload *workload = out;

	if (!expect(parse, value, YAML_MAPPING, "a mapping of capabilities"))
		return;
	each_child(child, value)
	{
		if (!check_free_key(parse, child, "a capability"))
			continue;
		struct manifest_capability *capability = APPEND(workload, capabilities);
		capability->key = xstrdup(child->key);
		capability->at = child->key_at;
		read_setting(parse, child, &capability->value, &capability->from_option);
		warn_foreign(parse, capability);
	}
}

static const struct field RUNTIME_FIELDS[] = {
	{"source", read_runtime_source, 0, true, "the toolchain and the phases"},
	{"capabilities", read_capabilities, 0, false,
	 "what the workload would like from the hardware: a value or { from_option: NAME }"},
};
const struct mapping RUNTIME_MAPPING = MAPPING("a runtime", RUNTIME_FIELDS);

void read_runtime(struct parse *parse, const struct yaml_node *value, void *out)
{
	read_mapping(parse, value, &RUNTIME_MAPPING, out);
}
