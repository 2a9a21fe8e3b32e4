// SPDX-License-Identifier: GPL-3.0-or-later
/* Real archives, written by libarchive into memory, read into a real folder. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/path.h"
#include "controller/unpack/unpack.h"

enum { ROOM = 4 * 1024 * 1024 };

struct fixture {
	char folder[64];
	int dir;
	struct archive *writer;
	char *bytes;
	size_t len;
	struct err err;
};

static void set_up(struct fixture *fixture, int (*filter)(struct archive *))
{
	*fixture = (struct fixture){.folder = "/tmp/capakit-unpack-XXXXXX", .bytes = xmalloc(ROOM)};
	assert_non_null(mkdtemp(fixture->folder));
	fixture->dir = open(fixture->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	fixture->writer = archive_write_new();
	assert_int_equal(archive_write_set_format_pax_restricted(fixture->writer), ARCHIVE_OK);
	if (filter)
		assert_int_equal(filter(fixture->writer), ARCHIVE_OK);
	assert_int_equal(
		archive_write_open_memory(fixture->writer, fixture->bytes, ROOM, &fixture->len),
		ARCHIVE_OK);
}

static void tear_down(struct fixture *fixture)
{
	struct err err;
	if (fixture->writer)
		archive_write_free(fixture->writer);
	free(fixture->bytes);
	fd_close(&fixture->dir);
	auto_fd int tmp = open("/tmp", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(path_remove_tree(tmp, fixture->folder + strlen("/tmp/"), &err));
}

struct item {
	const char *name;
	unsigned kind, mode;
	const char *text; // content, or target
	size_t size;	  // instead of the text's length: zeros
};

static void add(struct fixture *fixture, const struct item *item)
{
	struct archive_entry *entry = archive_entry_new();
	size_t len = item->size ? item->size : item->text ? strlen(item->text) : 0;
	archive_entry_set_pathname(entry, item->name);
	archive_entry_set_filetype(entry, item->kind);
	archive_entry_set_perm(entry, item->mode ? item->mode : 0644);
	if (item->kind == AE_IFLNK)
		archive_entry_set_symlink(entry, item->text);
	if (item->kind == AE_IFREG)
		archive_entry_set_size(entry, (la_int64_t)len);
	assert_int_equal(archive_write_header(fixture->writer, entry), ARCHIVE_OK);
	if (item->kind == AE_IFREG && len) {
		auto_free char *zeros = xcalloc(1, len);
		assert_int_equal(
			archive_write_data(fixture->writer, item->size ? zeros : item->text, len),
			len);
	}
	archive_entry_free(entry);
}

static bool unpack(struct fixture *fixture)
{
	struct unpack_tree tree;
	struct unpack_sink sink;
	if (fixture->writer)
		assert_int_equal(archive_write_free(take_ptr(&fixture->writer)), ARCHIVE_OK);
	unpack_tree_sink(&tree, fixture->dir, &sink);
	bool ok = unpack_memory(fixture->bytes, fixture->len, &sink, &fixture->err);
	unpack_tree_close(&tree);
	return ok;
}

static void says(const struct fixture *fixture, const char *text)
{
	if (!strstr(fixture->err.text, text))
		fail_msg("\"%s\" does not say \"%s\"", fixture->err.text, text);
}

static unsigned mode_of(const struct fixture *fixture, const char *name)
{
	struct stat st;
	assert_int_equal(fstatat(fixture->dir, name, &st, AT_SYMLINK_NOFOLLOW), 0);
	return st.st_mode;
}

static void reads(int (*filter)(struct archive *))
{
	struct fixture fixture;
	char text[32] = {0};
	set_up(&fixture, filter);
	add(&fixture, &(struct item){"./", AE_IFDIR, 0755, NULL, 0});
	add(&fixture, &(struct item){"capability.yml", AE_IFREG, 0600, "version", 0});
	add(&fixture, &(struct item){"src/größe/run", AE_IFREG, 0700, "#!", 0});
	add(&fixture, &(struct item){"src/link", AE_IFLNK, 0777, "../capability.yml", 0});
	add(&fixture, &(struct item){"empty/", AE_IFDIR, 0700, NULL, 0});
	if (!unpack(&fixture))
		fail_msg("%s", fixture.err.text);
	assert_int_equal(mode_of(&fixture, "capability.yml"), S_IFREG | 0644);
	assert_int_equal(mode_of(&fixture, "src/größe/run"), S_IFREG | 0755);
	assert_int_equal(mode_of(&fixture, "empty"), S_IFDIR | 0755);
	assert_int_equal(readlinkat(fixture.dir, "src/link", text, sizeof(text)), 17);
	auto_fd int file = openat(fixture.dir, "src/link", O_RDONLY);
	assert_int_equal(read(file, text, sizeof(text)), 7);
	assert_memory_equal(text, "version", 7);
	tear_down(&fixture);
}

static void reads_each_compression(void **unused)
{
	reads(NULL);
	reads(archive_write_add_filter_gzip);
	reads(archive_write_add_filter_zstd);
}

static void refuses_what_is_no_kit(void **unused)
{
	static const struct {
		struct item item;
		const char *why;
	} cases[] = {
		{{"../out", AE_IFREG, 0, "x", 0}, "entry ../out: its name has \"..\""},
		{{"/tmp/out", AE_IFREG, 0, "x", 0}, "entry /tmp/out: its name is absolute"},
		{{"pipe", AE_IFIFO, 0, NULL, 0}, "entry pipe: it is a pipe"},
		{{"disk", AE_IFBLK, 0, NULL, 0}, "entry disk: it is a device"},
		{{"tty", AE_IFCHR, 0, NULL, 0}, "entry tty: it is a device"},
		{{"su", AE_IFREG, 04755, "x", 0}, "entry su: it has a set-uid"},
		{{"sg", AE_IFREG, 02755, "x", 0}, "entry sg: it has a set-uid, set-gid"},
		{{"st/", AE_IFDIR, 01777, NULL, 0}, "sticky"},
		{{"l", AE_IFLNK, 0, "/etc/passwd", 0}, "entry l: it is a symlink to an absolute"},
		{{"l", AE_IFLNK, 0, "../../x", 0}, "entry l: it is a symlink that leads out"},
		{{"first", AE_IFREG, 0, "x", 0}, "entry first: it is there twice"},
		{{"FIRST", AE_IFREG, 0, "x", 0}, "first and FIRST differ only in case"},
		{{"Größe", AE_IFREG, 0, "x", 0}, "größe and Größe differ only in case"},
		{{"first/x", AE_IFREG, 0, "x", 0}, "below first, which is no folder"},
	};
	for (size_t i = 0; i < array_len(cases); i++) {
		struct fixture fixture;
		set_up(&fixture, NULL);
		add(&fixture, &(struct item){"first", AE_IFREG, 0, "1", 0});
		add(&fixture, &(struct item){"größe", AE_IFREG, 0, "2", 0});
		add(&fixture, &cases[i].item);
		assert_false(unpack(&fixture));
		says(&fixture, cases[i].why);
		tear_down(&fixture);
	}
}

static void refuses_a_file_through_a_symlink(void **unused)
{
	struct fixture fixture;
	set_up(&fixture, NULL);
	add(&fixture, &(struct item){"folder/", AE_IFDIR, 0755, NULL, 0});
	add(&fixture, &(struct item){"link", AE_IFLNK, 0, "folder", 0});
	add(&fixture, &(struct item){"link/file", AE_IFREG, 0, "x", 0});
	assert_false(unpack(&fixture));
	says(&fixture, "entry link/file: it lies below link, which is no folder");
	assert_int_equal(faccessat(fixture.dir, "folder/file", F_OK, 0), -1);
	tear_down(&fixture);
}

/* The second line of defence by itself: a symlink that was not there when the names were checked.
 */
static void the_tree_follows_no_symlink(void **unused)
{
	struct fixture fixture;
	struct unpack_tree tree;
	struct unpack_sink sink;
	set_up(&fixture, NULL);
	assert_int_equal(symlinkat("/tmp", fixture.dir, "link"), 0);
	unpack_tree_sink(&tree, fixture.dir, &sink);
	assert_false(sink.file(&tree, "link/capakit-escaped", false, &fixture.err));
	assert_false(sink.folder(&tree, "link/capakit-escaped", &fixture.err));
	assert_false(sink.file(&tree, "link", false, &fixture.err));
	unpack_tree_close(&tree);
	assert_int_equal(access("/tmp/capakit-escaped", F_OK), -1);
	tear_down(&fixture);
}

static void refuses_a_bomb(void **unused)
{
	struct fixture fixture;
	set_up(&fixture, archive_write_add_filter_gzip);
	add(&fixture, &(struct item){"zeros", AE_IFREG, 0, NULL, 64 * MIB});
	assert_false(unpack(&fixture));
	says(&fixture, "entry zeros: the archive grows to more than 200 times its size");
	struct stat st;
	assert_int_equal(fstatat(fixture.dir, "zeros", &st, 0), 0);
	assert_true((size_t)st.st_size < SOURCE_RATIO_FLOOR + MIB);
	tear_down(&fixture);
}

static int gzip_twice(struct archive *writer)
{
	return archive_write_add_filter_gzip(writer) == ARCHIVE_OK
		       ? archive_write_add_filter_gzip(writer)
		       : ARCHIVE_FATAL;
}

static void refuses_two_layers(void **unused)
{
	struct fixture fixture;
	set_up(&fixture, gzip_twice);
	add(&fixture, &(struct item){"a", AE_IFREG, 0, "x", 0});
	assert_false(unpack(&fixture));
	says(&fixture, "compressed more than once");
	tear_down(&fixture);
}

static void refuses_damage(void **unused)
{
	struct fixture fixture;
	set_up(&fixture, archive_write_add_filter_zstd);
	add(&fixture, &(struct item){"a", AE_IFREG, 0, "some text that is long enough", 0});
	archive_write_free(take_ptr(&fixture.writer));
	fixture.len /= 2;
	assert_false(unpack(&fixture));
	says(&fixture, "damaged, or no tar archive");
	fixture.len = 0;
	assert_false(unpack(&fixture));
	memset(fixture.bytes, 'x', 4096);
	fixture.len = 4096;
	assert_false(unpack(&fixture));
	tear_down(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_each_compression),
		cmocka_unit_test(refuses_what_is_no_kit),
		cmocka_unit_test(refuses_a_file_through_a_symlink),
		cmocka_unit_test(the_tree_follows_no_symlink),
		cmocka_unit_test(refuses_a_bomb),
		cmocka_unit_test(refuses_two_layers),
		cmocka_unit_test(refuses_damage),
	};
	assert_non_null(setlocale(LC_CTYPE, "C.UTF-8"));
	return cmocka_run_group_tests(tests, NULL, NULL);
}
