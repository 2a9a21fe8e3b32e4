// SPDX-License-Identifier: GPL-3.0-or-later
/* The file of remembered answers; see answers.h. */
#include "controller/cli/answers.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/path.h"
#include "controller/control/app_folder.h"

#define FILE_NAME "answers"

void answers_free(struct answers *answers)
{
	plan_values_free(answers->options, answers->n_options);
	plan_values_free(answers->mounts, answers->n_mounts);
	*answers = (struct answers){0};
}

/* The app's folder, made when it is missing and `make` says so; -1 without an error: it is not
 * there. */
static int open_folder(const char *app, bool make, struct err *err)
{
	auto_free char *state = path_state_dir(err);
	if (!state)
		return -1;
	auto_free char *hash = app_folder_name(app);
	auto_free char *path = xasprintf("%s/apps/%s", state, hash);
	if (make && !path_make_dirs(path, 0700, err))
		return -1;
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 && (make || errno != ENOENT))
		err_sys(err, errno, "cannot open the folder %s", path);
	return fd;
}

/* ---- reading ---- */

static bool read_list(const json_t *document, const char *name, struct plan_value **list,
		      size_t *count)
{
	json_t *object = json_object_get(document, name);
	const char *key;
	json_t *value;
	if (!json_is_object(object))
		return false;
	json_object_foreach(object, key, value)
	{
		if (!json_is_string(value))
			return false;
		plan_value_add(list, count, key, json_string_value(value));
	}
	return true;
}

static bool read_document(const json_t *document, const char *kit_identity, struct answers *answers)
{
	const char *kit = json_string_value(json_object_get(document, "kit"));
	if (kit && !str_eq(kit, kit_identity))
		return true;
	return kit && read_list(document, "options", &answers->options, &answers->n_options) &&
	       read_list(document, "mounts", &answers->mounts, &answers->n_mounts);
}

bool answers_read(const char *app, const char *kit_identity, struct answers *answers,
		  struct err *err)
{
	auto_free char *text = NULL;
	size_t len;
	*answers = (struct answers){0};
	err->code = ERR_NONE;
	auto_fd int folder = open_folder(app, false, err);
	if (folder < 0)
		return err->code == ERR_NONE;
	if (faccessat(folder, FILE_NAME, F_OK, AT_SYMLINK_NOFOLLOW) < 0)
		return true;
	auto_fd int fd = path_open_beneath(folder, FILE_NAME, O_RDONLY | O_CLOEXEC, 0, err);
	if (fd < 0 || !fd_read_all(fd, ANSWERS_BYTES_MAX, &text, &len, err))
		return err_prefix(err, "what was remembered for app %s (--forget does without it)",
				  app);
	json_t *document = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);
	bool ok = read_document(document, kit_identity, answers);
	json_decref(document);
	if (ok)
		return true;
	answers_free(answers);
	return err_set(err, ERR_PROTOCOL,
		       "what was remembered for app %s is damaged; give --forget to do without it",
		       app);
}

/* ---- writing ---- */

/* NULL when a text in it is no UTF-8. */
static json_t *list_json(const struct plan_value *list, size_t count)
{
	json_t *object = json_object();
	for (size_t i = 0; i < count; i++)
		if (json_object_set_new(object, list[i].key, json_string(list[i].value)) < 0) {
			json_decref(object);
			return NULL;
		}
	return object;
}

bool answers_write(const char *app, const char *kit_identity, const struct answers *answers,
		   struct err *err)
{
	json_t *document = json_pack("{s:s, s:o, s:o}", "kit", kit_identity, "options",
				     list_json(answers->options, answers->n_options), "mounts",
				     list_json(answers->mounts, answers->n_mounts));
	auto_free char *text = document ? json_dumps(document, JSON_INDENT(2)) : NULL;
	json_decref(document);
	if (!text)
		return err_set(err, ERR_USAGE,
			       "what is no UTF-8 cannot be remembered; give it each time");
	auto_fd int folder = open_folder(app, true, err);
	return folder >= 0 && path_write_atomic(folder, FILE_NAME, text, strlen(text), 0600, err);
}

bool answers_forget(const char *app, struct err *err)
{
	err->code = ERR_NONE;
	auto_fd int folder = open_folder(app, false, err);
	if (folder < 0)
		return err->code == ERR_NONE;
	return unlinkat(folder, FILE_NAME, 0) == 0 || errno == ENOENT ||
	       err_sys(err, errno, "cannot forget what was remembered for app %s", app);
}
