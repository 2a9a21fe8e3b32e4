// SPDX-License-Identifier: GPL-3.0-or-later
#include "witness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

char *witness_read(const char *path)
{
	FILE *file = fopen(path, "re");
	char *text = NULL;
	size_t size = 0;

	if (!file)
		return NULL;
	if (getdelim(&text, &size, '\0', file) < 0 && text)
		text[0] = '\0';
	fclose(file);
	return text;
}

void witness_each_line(const char *file, void (*each)(json_t *list, char *line), json_t *list)
{
	char *text = witness_read(file);
	char *rest = text;
	char *line;

	while (rest && (line = strsep(&rest, "\n")))
		if (*line)
			each(list, line);
	free(text);
}

static json_t *command(void)
{
	json_t *words = json_array();
	FILE *file = fopen("/proc/self/cmdline", "re");
	char *word = NULL;
	size_t size = 0;

	while (file && getdelim(&word, &size, '\0', file) > 0)
		json_array_append_new(words, json_string(word));
	free(word);
	if (file)
		fclose(file);
	return words;
}

static json_t *variables(void)
{
	json_t *all = json_object();

	for (char **one = environ; *one; one++) {
		char *value = strchr(*one, '=');
		if (value)
			json_object_setn_new(all, *one, (size_t)(value - *one),
					     json_string(value + 1));
	}
	return all;
}

static json_t *limits(void)
{
	static const struct {
		const char *name;
		__rlimit_resource_t resource;
	} known[] = {
		{"nofile", RLIMIT_NOFILE},   {"nproc", RLIMIT_NPROC}, {"fsize", RLIMIT_FSIZE},
		{"memlock", RLIMIT_MEMLOCK}, {"core", RLIMIT_CORE},   {"stack", RLIMIT_STACK},
		{"data", RLIMIT_DATA},
	};
	json_t *all = json_object();

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		struct rlimit limit;
		if (getrlimit(known[i].resource, &limit) == 0)
			json_object_set_new(all, known[i].name,
					    json_pack("[I, I]", (json_int_t)limit.rlim_cur,
						      (json_int_t)limit.rlim_max));
	}
	return all;
}

static void add_status(json_t *all, char *line)
{
	char *value = strchr(line, ':');

	if (!value)
		return;
	*value++ = '\0';
	json_object_set_new(all, line, json_string(value + strspn(value, "\t ")));
}

static json_t *namespaces(void)
{
	static const char *const names[] = {"user", "mnt", "pid", "net", "ipc", "uts", "cgroup"};
	json_t *all = json_object();

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		char path[64], target[64];
		snprintf(path, sizeof(path), "/proc/self/ns/%s", names[i]);
		ssize_t len = readlink(path, target, sizeof(target) - 1);
		if (len > 0)
			json_object_set_new(all, names[i], json_stringn(target, (size_t)len));
	}
	return all;
}

void witness_add_process(json_t *report)
{
	char host[256], folder[4096];
	mode_t mask = umask(0);
	json_t *status = json_object();

	umask(mask);
	witness_each_line("/proc/self/status", add_status, status);
	json_object_set_new(report, "command", command());
	json_object_set_new(report, "environment", variables());
	json_object_set_new(report, "limits", limits());
	json_object_set_new(report, "status", status);
	json_object_set_new(report, "namespaces", namespaces());
	char *map = witness_read("/proc/self/uid_map");
	json_object_set_new(report, "uid_map", json_string(map));
	free(map);
	json_object_set_new(report, "uid", json_integer(getuid()));
	json_object_set_new(report, "gid", json_integer(getgid()));
	json_object_set_new(report, "umask", json_integer(mask));
	if (gethostname(host, sizeof(host)) == 0)
		json_object_set_new(report, "hostname", json_string(host));
	if (getcwd(folder, sizeof(folder)))
		json_object_set_new(report, "directory", json_string(folder));
}
