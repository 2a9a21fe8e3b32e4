// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * The audit chain: <state>/audit/audit.db, one record for each attempt to get a secret or a
 * certificate, granted or not. Each record carries the hash of the one before, so that a change
 * in the middle shows. It holds names, never values. Several keepers may append at once.
 */
#include <stdint.h>

#include "base/err.h"
#include "base/sha256.h"

#define AUDIT_FOLDER "audit" // below the state folder

struct audit;

struct audit_record {
	int64_t time_ms;      // since the epoch
	const char *app;      // the app run's name
	const char *identity; // who asked: spiffe://...
	const char *action;   // "resolve_secret", "sign_certificate"
	const char *object;   // what for
	const char *outcome;  // "granted", or the code of the refusal
};

struct audit *audit_open(const char *state_dir, struct err *err);
void audit_close(struct audit **audit);

/*
 * Appended when this returns true; the answer is given only then. It survives the death of any
 * process; a power cut may take the last few records, never one from the middle.
 */
must_check bool audit_append(struct audit *audit, const struct audit_record *record,
			     struct err *err);

/*
 * Goes through the whole chain. True: *first_bad is 0 and *count the number of records, or
 * *first_bad is the number of the first record that does not fit. False: it could not be read.
 */
must_check bool audit_verify(struct audit *audit, int64_t *count, int64_t *first_bad,
			     struct err *err);

/* The number and the hash of the last record; 0: there is none. */
must_check bool audit_end(struct audit *audit, int64_t *seq, uint8_t hash[SHA256_SIZE],
			  struct err *err);

/* The stored hash of one record; *found: it is there. */
must_check bool audit_hash_at(struct audit *audit, int64_t seq, uint8_t hash[SHA256_SIZE],
			      bool *found, struct err *err);

/* Gives every record from number `first` on, in order. Nothing of it is verified. */
typedef void audit_record_fn(void *owner, int64_t seq, const struct audit_record *record);
must_check bool audit_read(struct audit *audit, int64_t first, audit_record_fn *on_record,
			   void *owner, struct err *err);
