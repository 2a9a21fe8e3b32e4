// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The manifest of a Kit folder: the only file here that reads files. What is not there is told with
 * what to do about it, and other things that call themselves Kits are told apart.
 */
#include "controller/manifest/manifest.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/path.h"

#define DOCKER_KIT_FILE "spec.yaml"

static bool exists(int kit_dir, const char *name)
{
	struct stat ignored;

	return fstatat(kit_dir, name, &ignored, AT_SYMLINK_NOFOLLOW) == 0;
}

static bool is_symlink(int kit_dir, const char *name)
{
	struct stat status;

	return fstatat(kit_dir, name, &status, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(status.st_mode);
}

/* The names under which people save it by mistake. */
static const char *misnamed(int kit_dir)
{
	static const char *const NAMES[] = {"capability.yaml", "Capability.yml",
					    "capabilities.yml"};

	for (size_t i = 0; i < array_len(NAMES); i++) {
		if (exists(kit_dir, NAMES[i]))
			return NAMES[i];
	}
	return NULL;
}

static bool explain_missing(int kit_dir, const char *kit_label, struct err *err)
{
	const char *other = misnamed(kit_dir);

	const char *folder = str_eq(kit_label, ".") ? "the current folder" : kit_label;

	if (other)
		return err_set(err, ERR_MISSING, "there is no %s in %s, but a %s: rename it to %s",
			       MANIFEST_FILE, folder, other, MANIFEST_FILE);
	if (exists(kit_dir, DOCKER_KIT_FILE))
		return err_set(
			err, ERR_MISSING,
			"%s is no Kit of capakit but one of Docker: it has a %s and no %s. Run it "
			"with Docker's own tools, or write a %s for it (docs/manifest.md)",
			folder, DOCKER_KIT_FILE, MANIFEST_FILE, MANIFEST_FILE);
	return err_set(err, ERR_MISSING,
		       "there is no manifest: no file %s in %s. Name the Kit's folder, or write a "
		       "manifest there (docs/manifest.md)",
		       MANIFEST_FILE, folder);
}

/* A regular file of the Kit, not through a symlink that leads out of it. */
static bool read_file(int kit_dir, const char *kit_label, const char *name, char **text,
		      size_t *len, struct err *err)
{
	auto_fd int fd = path_open_beneath(kit_dir, name,
					   O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY, 0, err);
	struct stat status;

	if (fd < 0 && is_symlink(kit_dir, name)) // for the message alone; it was not followed
		return err_set(
			err, ERR_DENIED,
			"%s in %s is a symbolic link, which may lead out of the Kit: put the "
			"file itself there",
			name, kit_label);
	if (fd < 0)
		return err_prefix(err, "reading the manifest of %s", kit_label);
	if (fstat(fd, &status) != 0)
		return err_sys(err, errno, "looking at %s in %s", name, kit_label);
	if (!S_ISREG(status.st_mode))
		return err_set(err, ERR_MISSING, "%s in %s is not a file", name, kit_label);
	if (!fd_read_all(fd, MANIFEST_BYTES_MAX, text, len, err))
		return err_prefix(err, "reading %s in %s", name, kit_label);
	return true;
}

static bool refuse(struct manifest **manifest, const char *kit_label,
		   const struct manifest_problems *problems, struct err *err)
{
	manifest_free(manifest);
	return err_set(err, ERR_MANIFEST, "the manifest of %s has %zu error%s", kit_label,
		       problems->errors, problems->errors == 1 ? "" : "s");
}

static char *label_of(const char *kit_label, const char *name)
{
	if (str_eq(kit_label, "."))
		return xstrdup(name);
	bool slash = *kit_label && kit_label[strlen(kit_label) - 1] == '/';
	return xasprintf("%s%s%s", kit_label, slash ? "" : "/", name);
}

static bool load_manifest(int kit_dir, const char *kit_label, struct manifest **manifest,
			  struct manifest_problems *problems, struct err *err)
{
	auto_free char *text = NULL;
	auto_free char *label = label_of(kit_label, MANIFEST_FILE);
	size_t len;

	if (!exists(kit_dir, MANIFEST_FILE))
		return explain_missing(kit_dir, kit_label, err);
	if (!read_file(kit_dir, kit_label, MANIFEST_FILE, &text, &len, err))
		return false;
	*manifest = manifest_parse(text, len, label, problems);
	return true;
}

static bool load_tests(int kit_dir, const char *kit_label, struct manifest *manifest,
		       struct manifest_problems *problems, struct err *err)
{
	auto_free char *text = NULL;
	auto_free char *label = label_of(kit_label, MANIFEST_TEST_FILE);
	size_t len;

	if (!exists(kit_dir, MANIFEST_TEST_FILE))
		return true;
	if (!read_file(kit_dir, kit_label, MANIFEST_TEST_FILE, &text, &len, err))
		return false;
	return manifest_parse_tests(manifest, text, len, label, problems) ||
	       err_set(err, ERR_MANIFEST, "its tests");
}

struct manifest *manifest_load(int kit_dir, const char *kit_label,
			       struct manifest_problems *problems, struct err *err)
{
	struct manifest *manifest = NULL;

	if (!load_manifest(kit_dir, kit_label, &manifest, problems, err))
		return NULL;
	if (manifest && !load_tests(kit_dir, kit_label, manifest, problems, err)) {
		if (err->code != ERR_MANIFEST)
			manifest_free(&manifest);
		else
			refuse(&manifest, kit_label, problems, err);
		return NULL;
	}
	if (!manifest)
		refuse(&manifest, kit_label, problems, err);
	return manifest;
}

struct manifest *manifest_load_said(int kit_dir, const char *kit_label, struct err *err)
{
	struct manifest_problems problems;

	manifest_problems_init(&problems);
	struct manifest *manifest = manifest_load(kit_dir, kit_label, &problems, err);
	manifest_problems_print(stderr, &problems);
	manifest_problems_free(&problems);
	return manifest;
}
