// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Start-up of the two libraries, which must be quick: it is in the way of every sidecar's start.
 * libgcrypt runs no self-tests here (it does so by itself in FIPS mode only).
 */
#include <gcrypt.h>
#include <sys/auxv.h>
#if defined(__aarch64__)
#include <asm/hwcap.h>
#endif

#include "base/limits.h"
#include "base/log.h"
#include "certs/tls_parts.h"

static void init_locked_memory(void)
{
	gcry_control(GCRYCTL_DISABLE_SECMEM_WARN); // it would be said on standard error, unstamped
	if (gcry_control(GCRYCTL_INIT_SECMEM, TLS_LOCKED_MEMORY, 0))
		log_warn("keys are not in locked memory: the limit of locked memory is below %zu "
			 "KiB (ulimit -l); they may reach swap",
			 TLS_LOCKED_MEMORY / KIB);
}

/* The keeper sets libgcrypt up by itself, with more locked memory; that is then left alone. */
static bool init_gcrypt(struct err *err)
{
	if (!gcry_check_version("1.10.0"))
		return err_set(err, ERR_UNSUPPORTED,
			       "setting up TLS: libgcrypt is %s; 1.10.0 is needed",
			       gcry_check_version(NULL));
	if (gcry_control(GCRYCTL_INITIALIZATION_FINISHED_P))
		return true;
	init_locked_memory();
	gcry_control(GCRYCTL_INITIALIZATION_FINISHED, 0);
	return true;
}

bool tls_init(struct err *err)
{
	static bool done;
	if (done)
		return true;
	if (!init_gcrypt(err))
		return false;
	if (wolfSSL_Init() != WOLFSSL_SUCCESS)
		return err_set(err, ERR_SYSTEM, "setting up TLS: wolfSSL did not start");
	done = device_register(err);
	return done;
}

uint64_t tls_hardware_records(void)
{
	return record_cipher_count();
}

bool tls_cpu_has_aes(void)
{
#if defined(__x86_64__)
	return __builtin_cpu_supports("aes") && __builtin_cpu_supports("pclmul");
#elif defined(__aarch64__)
	return (getauxval(AT_HWCAP) & (HWCAP_AES | HWCAP_PMULL)) == (HWCAP_AES | HWCAP_PMULL);
#else
	return false;
#endif
}

/* Without AES in the CPU, ChaCha20 first; AES stays, for peers on machines that have nothing else.
 */
const char *tls_suites(bool cpu_has_aes)
{
	return cpu_has_aes ? "TLS13-AES256-GCM-SHA384"
			   : "TLS13-CHACHA20-POLY1305-SHA256:TLS13-AES256-GCM-SHA384";
}
