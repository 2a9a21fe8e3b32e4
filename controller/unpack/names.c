// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * A hash table of names as they are compared (entry_name_fold), with linear probing. Its hash
 * begins with a random number: who makes an archive cannot choose names that all collide.
 */
#include "controller/unpack/names.h"

#include <stdint.h>
#include <string.h>
#include <sys/random.h>

#include "base/mem.h"
#include "controller/unpack/entry_name.h"

struct name {
	char *folded; // NULL: the place is free
	char *text;
	bool folder;
	bool implied; // a folder that is there because of what lies in it
};

struct names {
	struct name *table;
	size_t size; // a power of two, more than twice of count
	size_t count;
	uint64_t seed;
};

enum { FIRST_SIZE = 256 };

struct names *names_new(void)
{
	struct names *names = xcalloc(1, sizeof(*names));
	names->size = FIRST_SIZE;
	names->table = xcalloc(names->size, sizeof(*names->table));
	/* Without randomness yet, at boot: the worst is an archive that takes long. */
	(void)!getrandom(&names->seed, sizeof(names->seed), GRND_NONBLOCK);
	return names;
}

void names_free(struct names **handle)
{
	struct names *names = take_ptr(handle);
	if (!names)
		return;
	for (size_t i = 0; i < names->size; i++) {
		free(names->table[i].folded);
		free(names->table[i].text);
	}
	free(names->table);
	free(names);
}

size_t names_count(const struct names *names)
{
	return names->count;
}

/* FNV-1a, from a secret beginning. */
static uint64_t hash_of(const struct names *names, const char *folded)
{
	uint64_t hash = 14695981039346656037u ^ names->seed;
	for (; *folded; folded++)
		hash = (hash ^ (uint8_t)*folded) * 1099511628211u;
	return hash ^ hash >> 32;
}

/* Where the name is, or belongs. */
static struct name *place_of(const struct names *names, const char *folded)
{
	size_t i = hash_of(names, folded) & (names->size - 1);
	while (names->table[i].folded && !str_eq(names->table[i].folded, folded))
		i = (i + 1) & (names->size - 1);
	return &names->table[i];
}

static void grow(struct names *names)
{
	struct name *old = names->table;
	size_t old_size = names->size;
	names->size *= 2;
	names->table = xcalloc(names->size, sizeof(*names->table));
	for (size_t i = 0; i < old_size; i++)
		if (old[i].folded)
			*place_of(names, old[i].folded) = old[i];
	free(old);
}

static void insert(struct names *names, const char *text, bool folder, bool implied)
{
	if (2 * (names->count + 1) >= names->size)
		grow(names);
	char *folded = entry_name_fold(text);
	*place_of(names, folded) = (struct name){folded, xstrdup(text), folder, implied};
	names->count++;
}

static struct name *find(const struct names *names, const char *text)
{
	auto_free char *folded = entry_name_fold(text);
	struct name *name = place_of(names, folded);
	return name->folded ? name : NULL;
}

static bool same_spelling(const struct name *there, const char *text, struct err *err)
{
	return str_eq(there->text, text) ||
	       err_set(err, ERR_DENIED, "%s and %s differ only in case", there->text, text);
}

static bool add_parent(struct names *names, const char *text,
		       bool (*parent)(void *owner, const char *name, struct err *err), void *owner,
		       struct err *err)
{
	const struct name *there = find(names, text);
	if (!there) {
		insert(names, text, true, true);
		return parent(owner, text, err);
	}
	return same_spelling(there, text, err) &&
	       (there->folder ||
		err_set(err, ERR_DENIED, "it lies below %s, which is no folder", text));
}

enum names_added names_add(struct names *names, const char *text, bool folder,
			   bool (*parent)(void *owner, const char *name, struct err *err),
			   void *owner, struct err *err)
{
	for (const char *slash = text; (slash = strchr(slash, '/')); slash++) {
		auto_free char *above = xstrndup(text, (size_t)(slash - text));
		if (!add_parent(names, above, parent, owner, err))
			return NAMES_REFUSED;
	}
	struct name *there = find(names, text);
	if (!there) {
		insert(names, text, folder, false);
		return NAMES_NEW;
	}
	if (!same_spelling(there, text, err))
		return NAMES_REFUSED;
	if (folder && there->implied) {
		there->implied = false;
		return NAMES_KNOWN;
	}
	err_set(err, ERR_DENIED, "it is there twice");
	return NAMES_REFUSED;
}
