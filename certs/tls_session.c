// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * One TLS connection between two byte queues. wolfSSL reads and writes through two callbacks that
 * only move bytes of those; what it calls a want-read or want-write is the same to the owner:
 * nothing more happens until the queues moved.
 */
#include "base/limits.h"
#include "base/mem.h"
#include "certs/tls_parts.h"

#define RECORD_CONTENT_MAX ((size_t)16384)
#define RECORD_OVERHEAD ((size_t)22) // header 5, content type 1, tag 16 (RFC 8446, section 5.2)
#define CONTROL_ROOM ((size_t)256)   // alerts and key updates, when the owner filled `out`
#define CONTROL_RECORD ((size_t)64)  // more than one of those

static int receive(WOLFSSL *ssl, char *data, int size, void *user)
{
	struct tls_session *session = user;
	size_t len = buf_len(&session->in);
	if (len == 0 || size <= 0)
		return WOLFSSL_CBIO_ERR_WANT_READ;
	if (len > (size_t)size)
		len = (size_t)size;
	memcpy(data, buf_bytes(&session->in), len);
	buf_consume(&session->in, len);
	return (int)len;
}

static int transmit(WOLFSSL *ssl, char *data, int size, void *user)
{
	struct tls_session *session = user;
	if (size < 0 || !buf_append(&session->out, data, (size_t)size))
		return WOLFSSL_CBIO_ERR_WANT_WRITE;
	return size;
}

static bool make_ssl(struct tls_session *session)
{
	WOLFSSL *ssl = wolfSSL_new(session->context->ctx);
	if (!ssl)
		return false;
	session->ssl = ssl;
	wolfSSL_SSLSetIORecv(ssl, receive);
	wolfSSL_SSLSetIOSend(ssl, transmit);
	wolfSSL_SetIOReadCtx(ssl, session);
	wolfSSL_SetIOWriteCtx(ssl, session);
	wolfSSL_SetCertCbCtx(ssl, session);
	wolfSSL_SetEd25519SignCtx(ssl, session);
	if (session->side == TLS_SERVER) {
		wolfSSL_set_accept_state(ssl);
		return true;
	}
	wolfSSL_set_connect_state(ssl);
	if (session->context->outside && !tls_session_set_host(session))
		return false;
	return wolfSSL_UseKeyShare(ssl, WOLFSSL_ECC_X25519) == WOLFSSL_SUCCESS;
}

struct tls_session *tls_session_new(struct tls_context *context, enum tls_side side,
				    const char *peer_uri, size_t max_buffer, struct err *err)
{
	struct tls_session *session = xcalloc(1, sizeof(*session));
	if (max_buffer < TLS_BUFFER_MIN)
		max_buffer = TLS_BUFFER_MIN;
	context->owners++;
	session->context = context;
	session->side = side;
	session->out_max = max_buffer;
	session->peer_uri = xstrdup(peer_uri);
	buf_init(&session->in, max_buffer);
	buf_init(&session->out, max_buffer + CONTROL_ROOM);
	if (!make_ssl(session)) {
		err_set(err, ERR_SYSTEM, "starting TLS with %s: wolfSSL gave no session", peer_uri);
		tls_session_free(&session);
	}
	return session;
}

struct tls_session *tls_session_new_outside(struct tls_context *context, const char *host,
					    size_t max_buffer, struct err *err)
{
	return tls_session_new(context, TLS_CLIENT, host, max_buffer, err);
}

void tls_session_free(struct tls_session **session)
{
	struct tls_session *gone = take_ptr(session);
	if (!gone)
		return;
	wolfSSL_free(gone->ssl);
	record_cipher_clear(&gone->cipher);
	tls_context_free(&gone->context);
	buf_free(&gone->in);
	buf_free(&gone->out);
	free(gone->peer_uri);
	wipe(gone, sizeof(*gone));
	free(gone);
}

struct buf *tls_in(struct tls_session *session)
{
	return &session->in;
}

struct buf *tls_out(struct tls_session *session)
{
	return &session->out;
}

static enum tls_status fail(struct tls_session *session, struct err *err)
{
	session->ended = TLS_FAILED;
	*err = session->reason;
	return TLS_FAILED;
}

/* The peer's alert says more than wolfSSL's own error, which is then "received alert". */
static void explain(struct tls_session *session, int error)
{
	WOLFSSL_ALERT_HISTORY alerts = {0};
	const char *peer = session->peer_uri;
	if (session->reason.code != ERR_NONE)
		return;
	wolfSSL_get_alert_history(session->ssl, &alerts);
	if (alerts.last_rx.level == alert_fatal)
		err_set(&session->reason, ERR_DENIED, "TLS with %s: it refused us: %s", peer,
			wolfSSL_alert_desc_string_long(alerts.last_rx.code));
	else
		err_set(&session->reason, ERR_PROTOCOL, "TLS with %s: %s", peer,
			wolfSSL_ERR_reason_error_string((unsigned long)error));
}

/* What a return value of wolfSSL that is no success means. */
static enum tls_status outcome(struct tls_session *session, int result, struct err *err)
{
	int error = wolfSSL_get_error(session->ssl, result);
	wolfSSL_ERR_clear_error();
	if (error == WOLFSSL_ERROR_WANT_READ || error == WOLFSSL_ERROR_WANT_WRITE)
		return TLS_AGAIN;
	if (error == WOLFSSL_ERROR_ZERO_RETURN && session->established) {
		session->ended = TLS_CLOSED;
		return TLS_CLOSED;
	}
	explain(session, error);
	return fail(session, err);
}

/* The callback that verifies must have run: a handshake without it is no handshake. */
static enum tls_status establish(struct tls_session *session, struct err *err)
{
	if (!session->peer_verified) {
		err_set(&session->reason, ERR_DENIED,
			"TLS with %s: its certificate was not verified", session->peer_uri);
		return fail(session, err);
	}
	session->established = true;
	wolfSSL_FreeHandshakeResources(session->ssl);
	tls_trim(session->ssl);
	return TLS_OK;
}

static enum tls_status ended(struct tls_session *session, struct err *err)
{
	if (session->ended == TLS_FAILED)
		*err = session->reason;
	return session->ended;
}

enum tls_status tls_handshake(struct tls_session *session, struct err *err)
{
	if (session->ended != TLS_OK || session->established)
		return ended(session, err);
	device_enter(&session->cipher);
	int result = session->side == TLS_CLIENT ? wolfSSL_connect(session->ssl)
						 : wolfSSL_accept(session->ssl);
	device_leave();
	return result == WOLFSSL_SUCCESS ? establish(session, err) : outcome(session, result, err);
}

static enum tls_status early(struct tls_session *session, struct err *err)
{
	err_set(&session->reason, ERR_PROTOCOL, "TLS with %s: used before its handshake was done",
		session->peer_uri);
	return fail(session, err);
}

enum tls_status tls_read(struct tls_session *session, void *data, size_t size, size_t *got,
			 struct err *err)
{
	*got = 0;
	if (session->ended != TLS_OK)
		return ended(session, err);
	if (!session->established)
		return early(session, err);
	if (buf_room(&session->out) < CONTROL_RECORD)
		return TLS_AGAIN; // an answer to what would be read has no room
	if (size > INT32_MAX)
		size = INT32_MAX;
	device_enter(&session->cipher);
	int result = wolfSSL_read(session->ssl, data, (int)size);
	device_leave();
	if (result <= 0)
		return outcome(session, result, err);
	*got = (size_t)result;
	return TLS_OK;
}

size_t tls_sealed_size(size_t len)
{
	size_t records = (len + RECORD_CONTENT_MAX - 1) / RECORD_CONTENT_MAX;
	return len + records * RECORD_OVERHEAD;
}

static bool has_room(const struct tls_session *session, size_t len)
{
	return len <= session->out_max && buf_len(&session->out) <= session->out_max &&
	       tls_sealed_size(len) <= session->out_max - buf_len(&session->out);
}

/*
 * There was room for it all, so only a peer that floods us with key updates gets here. wolfSSL has
 * taken the data already; a caller who tried again would send it twice.
 */
static enum tls_status broken_write(struct tls_session *session, int result, struct err *err)
{
	if (outcome(session, result, err) == TLS_FAILED)
		return TLS_FAILED;
	err_set(&session->reason, ERR_LIMIT, "TLS with %s: no room for its key updates",
		session->peer_uri);
	return fail(session, err);
}

enum tls_status tls_write(struct tls_session *session, const void *data, size_t len,
			  struct err *err)
{
	if (session->ended == TLS_FAILED)
		return ended(session, err);
	if (!session->established || session->closing)
		return early(session, err);
	if (len == 0)
		return TLS_OK;
	if (len > INT32_MAX || !has_room(session, len))
		return TLS_AGAIN;
	device_enter(&session->cipher);
	int result = wolfSSL_write(session->ssl, data, (int)len);
	device_leave();
	return result == (int)len ? TLS_OK : broken_write(session, result, err);
}

void tls_close(struct tls_session *session)
{
	if (!session->established || session->closing || session->ended == TLS_FAILED)
		return;
	session->closing = true;
	device_enter(&session->cipher);
	wolfSSL_shutdown(session->ssl);
	device_leave();
	wolfSSL_ERR_clear_error();
}

const char *tls_cipher(const struct tls_session *session)
{
	int suite = wolfSSL_get_current_cipher_suite(session->ssl);
	return wolfSSL_get_cipher_name_iana_from_suite((unsigned char)(suite >> 8),
						       (unsigned char)suite);
}

const char *tls_version(const struct tls_session *session)
{
	return wolfSSL_get_version(session->ssl);
}
