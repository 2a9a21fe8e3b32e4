// SPDX-License-Identifier: GPL-3.0-or-later
#include "witness.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static void add_mount(json_t *list, char *line)
{
	json_array_append_new(list, json_string(line));
}

/* The error of making a file in a folder, or of opening a file for writing; 0: it worked. */
static int writing(const char *path, bool folder)
{
	char name[4200];

	snprintf(name, sizeof(name), folder ? "%s/.witness" : "%s", path);
	int fd = open(name, O_WRONLY | O_CLOEXEC | (folder ? O_CREAT | O_EXCL : 0), 0600);
	if (fd < 0)
		return errno;
	close(fd);
	if (folder)
		unlink(name);
	return 0;
}

static const char *type_of(mode_t mode)
{
	return S_ISDIR(mode)   ? "folder"
	       : S_ISREG(mode) ? "file"
	       : S_ISLNK(mode) ? "symlink"
			       : "other";
}

static void add_link(json_t *target, const char *path)
{
	char to[4096];
	ssize_t len = readlink(path, to, sizeof(to));

	if (len >= 0)
		json_object_set_new(target, "content", json_stringn(to, (size_t)len));
}

static void add_content(json_t *target, const char *path, const struct stat *st)
{
	char *text = st->st_size < 4096 ? witness_read(path) : NULL;

	if (text)
		json_object_set_new(target, "content", json_string(text));
	free(text);
}

static void add_target(json_t *list, char *path)
{
	struct stat st;
	json_t *target = json_pack("{s:s}", "path", path);

	json_array_append_new(list, target);
	if (lstat(path, &st) < 0)
		return;
	json_object_set_new(target, "type", json_string(type_of(st.st_mode)));
	json_object_set_new(target, "mode", json_integer(st.st_mode & 07777));
	json_object_set_new(target, "device", json_integer((json_int_t)st.st_dev));
	json_object_set_new(target, "inode", json_integer((json_int_t)st.st_ino));
	if (S_ISLNK(st.st_mode))
		add_link(target, path);
	else
		json_object_set_new(target, "write",
				    json_integer(writing(path, S_ISDIR(st.st_mode))));
	if (S_ISREG(st.st_mode))
		add_content(target, path, &st);
}

static json_t *names_in(const char *path)
{
	json_t *names = json_array();
	DIR *folder = opendir(path);
	struct dirent *entry;

	while (folder && (entry = readdir(folder)))
		if (entry->d_name[0] != '.')
			json_array_append_new(names, json_string(entry->d_name));
	if (folder)
		closedir(folder);
	return names;
}

static json_t *folders(void)
{
	static const char *const paths[] = {"/", "/etc", "/run", "/mnt", "/run/capakit/connect"};
	json_t *all = json_object();

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		json_object_set_new(all, paths[i], names_in(paths[i]));
	return all;
}

void witness_add_files(json_t *report)
{
	json_t *mounts = json_array(), *targets = json_array();

	witness_each_line("/proc/self/mountinfo", add_mount, mounts);
	witness_each_line("targets", add_target, targets);
	json_object_set_new(report, "mounts", mounts);
	json_object_set_new(report, "targets", targets);
	json_object_set_new(report, "folders", folders());
}
