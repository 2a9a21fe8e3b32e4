// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Names of an app's folders, and the note by which the command line finds the logs of an app that
 * runs no more: a hashed name alone could not be listed or suggested.
 */
#include "controller/control/app_folder.h"

#include <fcntl.h>
#include <limits.h>
#include <string.h>

#include "base/fd.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/sha256.h"
#include "base/text.h"

#define NOTE_NAME "app"

enum { NOTE_MAX = PATH_MAX + 128 };

char *app_folder_name(const char *app_name)
{
	struct sha256 *hash = sha256_new();
	char hex[SHA256_HEX];

	sha256_add(hash, app_name, strlen(app_name));
	sha256_finish_hex(&hash, hex);
	return xstrndup(hex, APP_FOLDER_LEN);
}

bool app_folder_is_name(const char *text)
{
	return strlen(text) == APP_FOLDER_LEN && strspn(text, "0123456789abcdef") == APP_FOLDER_LEN;
}

bool app_note_write(int folder, const char *name, const char *kit_path, struct err *err)
{
	auto_free char *text = xasprintf("%s\n%s\n", name, kit_path);

	return path_write_atomic(folder, NOTE_NAME, text, strlen(text), 0600, err);
}

bool app_note_read(int folder, struct app_note *note, struct err *err)
{
	auto_fd int fd = path_open_beneath(folder, NOTE_NAME, O_RDONLY, 0, err);
	auto_free char *text = NULL;
	const char *kit_path;
	size_t len, name_len;

	*note = (struct app_note){0};
	if (fd < 0 || !fd_read_all(fd, NOTE_MAX, &text, &len, err))
		return false;
	name_len = strcspn(text, "\n");
	note->name = xstrndup(text, name_len);
	if (!text_is_name(note->name)) {
		app_note_free(note);
		return err_set(err, ERR_PROTOCOL, "the note of an app names none");
	}
	kit_path = text + name_len + (text[name_len] ? 1 : 0);
	note->kit_path = xstrndup(kit_path, strcspn(kit_path, "\n"));
	return true;
}

void app_note_free(struct app_note *note)
{
	free(note->name);
	free(note->kit_path);
	*note = (struct app_note){0};
}
