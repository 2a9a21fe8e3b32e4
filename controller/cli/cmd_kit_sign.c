// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * `capakit kit sign` and `capakit kit verify`: who made a package, by Ed25519 keys in files. A
 * package that is signed is written anew and renamed, so that it is never half signed.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/text.h"
#include "certs/key_pem.h"
#include "certs/tls.h"
#include "controller/cli/cli.h"
#include "controller/cli/cmd_kit.h"
#include "controller/package/output.h"
#include "controller/package/signature_check.h"
#include "secrets/locked.h"
#include "secrets/private.h"

struct arguments {
	const char *file;
	const char *key;
	const char *new_key;
};

#define PUBLIC_SUFFIX ".pub"

/* ---- keys ---- */

static bool read_key_file(const char *path, bool private, struct locked *text, struct err *err)
{
	auto_fd int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0)
		return err_sys(err, errno, "cannot open the key %s", path);
	if (private && !private_file_check(fd, path, err))
		return false;
	if (!locked_new(text, KEY_FILE_MAX, err))
		return false;
	ssize_t got = read(fd, text->data, KEY_FILE_MAX);
	if (got < 0)
		return err_sys(err, errno, "cannot read the key %s", path);
	text->len = (size_t)got;
	return true;
}

static struct key *read_private(const char *path, struct err *err)
{
	auto_locked struct locked text = {0};
	if (!tls_init(err) || !read_key_file(path, true, &text, err))
		return NULL;
	struct key *key = key_read_pem((const char *)text.data, text.len, err);
	if (!key)
		err_prefix(err, "the key %s", path);
	return key;
}

bool kit_read_public_key(const char *path, uint8_t key[KEY_PUBLIC_SIZE], struct err *err)
{
	auto_locked struct locked text = {0};
	return tls_init(err) && read_key_file(path, false, &text, err) &&
	       (key_read_public_pem((const char *)text.data, text.len, key, err) ||
		err_prefix(err, "the key %s", path));
}

static bool write_key(const char *path, const char *text, mode_t mode, struct err *err)
{
	auto_fd int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
	if (fd < 0)
		return err_sys(err, errno, "cannot write the key %s", path);
	if (fd_write_all(fd, text, strlen(text), err) && fsync(fd) == 0)
		return true;
	(void)unlink(path);
	return err_set(err, ERR_SYSTEM, "cannot write the key %s", path);
}

static bool make_key(const char *path, struct err *err)
{
	auto_free char *public_path = xasprintf("%s" PUBLIC_SUFFIX, path);
	auto_locked struct locked private = {0};
	char public[KEY_PEM_MAX];
	if (!tls_init(err) || !locked_new(&private, KEY_PEM_MAX, err) ||
	    !key_make_pem((char *)private.data, public, err) ||
	    !write_key(path, (char *)private.data, 0600, err))
		return false;
	if (write_key(public_path, public, 0644, err))
		return true;
	(void)unlink(path); // one without the other is of no use
	return false;
}

/* ---- sign ---- */

static void print_key(const char *what, const uint8_t key[KEY_PUBLIC_SIZE])
{
	char hex[2 * KEY_PUBLIC_SIZE + 1];
	text_hex(hex, key, KEY_PUBLIC_SIZE);
	printf("%s=[ed25519:%s]\n", what, hex);
}

/* Signs the very bytes that are written. */
static bool sign_copy(int package, const char *path, const struct package_signatures *signatures,
		      struct key *key, int out, struct err *err)
{
	struct package_signature signature;
	uint8_t digest[SHA256_SIZE];
	struct stat st;
	if (fstat(package, &st) < 0 || fchmod(out, st.st_mode & 0777) < 0)
		return err_sys(err, errno, "cannot give the signed %s its mode", path);
	if (!package_digest(package, path, signatures->signed_bytes, out, digest, err) ||
	    !package_signature_make(key, digest, &signature, err))
		return false;
	for (size_t i = signatures->count; i > 0; i--)
		if (!package_signature_put(out, &signatures->list[i - 1], err))
			return false;
	return package_signature_put(out, &signature, err);
}

static bool sign(const char *path, struct key *key, struct err *err)
{
	struct package_signatures signatures;
	struct output output;
	auto_fd int package = package_open(path, &signatures, err);
	if (package < 0)
		return false;
	if (package_find_signature(&signatures, key_public(key)))
		return err_set(err, ERR_EXISTS, "%s has a signature of this key already", path);
	if (signatures.count == PACKAGE_SIGNATURES_MAX)
		return err_set(err, ERR_LIMIT, "%s has %d signatures, the most that it can have",
			       path, PACKAGE_SIGNATURES_MAX);
	bool ok = output_open(&output, path, true, err) &&
		  sign_copy(package, path, &signatures, key, output.fd, err) &&
		  output_publish(&output, err);
	output_drop(&output);
	return ok;
}

static int run_sign(const struct arguments *arguments)
{
	struct err err;
	struct key *key = read_private(arguments->key, &err);
	bool ok = key && sign(arguments->file, key, &err);
	if (ok) {
		printf("[✓] Package is signed\n");
		print_key("key", key_public(key));
	}
	key_free(&key);
	return ok ? EXIT_DONE : cli_fail(&err);
}

static int run_new_key(const struct arguments *arguments)
{
	struct err err;
	if (!make_key(arguments->new_key, &err))
		return cli_fail(&err);
	printf("[✓] Key is made: keep it to yourself, and give away its other half, which ends in "
	       "%s\n",
	       PUBLIC_SUFFIX);
	return EXIT_DONE;
}

enum { KEY_KEY = 0x100, KEY_NEW_KEY };

static error_t parse_file(int key, char *arg, struct argp_state *state)
{
	struct arguments *arguments = state->input;
	switch (key) {
	case KEY_KEY:
		arguments->key = arg;
		return 0;
	case ARGP_KEY_ARG:
		cli_take_only(state, "FILE", arg, &arguments->file);
		return 0;
	case ARGP_KEY_END:
		if (!arguments->new_key && (!arguments->file || !arguments->key))
			argp_error(state, "give a package and --key");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static error_t parse_sign(int key, char *arg, struct argp_state *state)
{
	struct arguments *arguments = state->input;
	if (key == KEY_NEW_KEY)
		arguments->new_key = arg;
	else if (key == ARGP_KEY_END && arguments->new_key && (arguments->file || arguments->key))
		argp_error(state, "--new-key makes a key and takes nothing else");
	else
		return parse_file(key, arg, state);
	return 0;
}

static const struct argp_option sign_options[] = {
	{"key", KEY_KEY, "KEY", 0, "File with an Ed25519 private key", 0},
	{"new-key", KEY_NEW_KEY, "KEY", 0, "Make a key instead: KEY, and its other half KEY.pub",
	 0},
	{0},
};

int kit_sign(int argc, char **argv)
{
	static const struct argp argp = {
		.options = sign_options,
		.parser = parse_sign,
		.args_doc = "FILE --key KEY\n--new-key KEY",
		.doc = "Signs a package; others can then see that it comes from whoever holds the "
		       "key. The key is as `openssl genpkey -algorithm ed25519` makes it, too.",
	};
	struct arguments arguments = {0};
	cli_parse("kit sign", &argp, argc, argv, 0, &arguments);
	prctl(PR_SET_DUMPABLE, 0); // no core file with the key in it
	return arguments.new_key ? run_new_key(&arguments) : run_sign(&arguments);
}

/* ---- verify ---- */

static const struct argp_option verify_options[] = {
	{"key", KEY_KEY, "KEY", 0, "File with the Ed25519 public key that it has to be from", 0},
	{0},
};

int kit_verify(int argc, char **argv)
{
	static const struct argp argp = {
		.options = verify_options,
		.parser = parse_file,
		.args_doc = "FILE --key KEY.pub",
		.doc = "Checks that a package was signed with a key and is unchanged since.",
	};
	struct arguments arguments = {0};
	uint8_t key[KEY_PUBLIC_SIZE];
	char digest[SHA256_HEX];
	struct err err;
	cli_parse("kit verify", &argp, argc, argv, 0, &arguments);
	if (!kit_read_public_key(arguments.key, key, &err) ||
	    !package_check_signature(arguments.file, key, NULL, digest, &err))
		return cli_fail(&err);
	printf("[✓] Package is signed with this key, and unchanged since\ndigest=[sha256:%s]\n",
	       digest);
	print_key("key", key);
	return EXIT_DONE;
}
