// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The authority of one app run, in the keeper. Whose certificate it signs is decided by the
 * caller, from the channel that the request came on; here it is made sure that the name is one
 * of this run, and that nothing is issued for longer than a day.
 */
#include "certs/authority.h"

#include <string.h>

#include "base/limits.h"
#include "base/mem.h"
#include "certs/request.h"
#include "certs/x509.h"

#define CLOCK_SLACK_S 60
#define AUTHORITY_LIFETIME_S (10LL * 365 * 24 * 3600) // its key ends with the run, long before

struct authority {
	struct key *key;
	char *name; // spiffe://<trust domain>
	struct buf certificate;
	time_t not_after;
};

static bool issue(struct authority *authority, const struct x509_template *fixed, const char *uri,
		  struct buf *certificate, struct err *err)
{
	struct x509_template template = *fixed;
	auto_buf struct buf names;
	buf_init(&names, X509_SIZE_MAX);
	if (!x509_put_uri(&names, uri))
		return err_set(err, ERR_LIMIT, "issuing a certificate: the name is too long");
	template.names = (struct der){buf_bytes(&names), buf_len(&names)};
	template.issuer_public_key = key_public(authority->key);
	return x509_write(&template, authority->key, certificate, err);
}

static bool sign_itself(struct authority *authority, time_t now, struct err *err)
{
	const struct x509_template template = {
		.authority = true,
		.public_key = key_public(authority->key),
		.not_before = now - CLOCK_SLACK_S,
		.not_after = now + AUTHORITY_LIFETIME_S,
	};
	authority->not_after = template.not_after;
	return issue(authority, &template, authority->name, &authority->certificate, err);
}

struct authority *authority_new(const char *trust_domain, time_t now, struct err *err)
{
	struct authority *authority = xcalloc(1, sizeof(*authority));
	buf_init(&authority->certificate, X509_SIZE_MAX);
	authority->name = xasprintf("spiffe://%s", trust_domain);
	if (strchr(trust_domain, '/') ||
	    !x509_uri_is_valid(authority->name, strlen(authority->name))) {
		err_set(err, ERR_USAGE,
			"making an authority: its trust domain has characters that "
			"a SPIFFE ID may not have, or is too long");
		authority_free(&authority);
		return NULL;
	}
	authority->key = key_new(err);
	if (!authority->key || !sign_itself(authority, now, err))
		authority_free(&authority);
	return authority;
}

void authority_free(struct authority **authority)
{
	struct authority *gone = take_ptr(authority);
	if (!gone)
		return;
	key_free(&gone->key);
	buf_free(&gone->certificate);
	free(gone->name);
	free(gone);
}

const uint8_t *authority_certificate(const struct authority *authority, size_t *len)
{
	*len = buf_len(&authority->certificate);
	return buf_bytes(&authority->certificate);
}

static bool check_name(const struct authority *authority, const char *uri, struct err *err)
{
	size_t domain = strlen(authority->name);
	if (!str_starts(uri, authority->name) || uri[domain] != '/' ||
	    !x509_uri_is_valid(uri, strlen(uri)))
		return err_set(err, ERR_DENIED,
			       "issuing a certificate: the name is not a SPIFFE ID below %s",
			       authority->name);
	return true;
}

bool authority_issue(struct authority *authority, const uint8_t *request, size_t request_len,
		     const char *uri, time_t now, uint32_t lifetime_s, struct buf *certificate,
		     time_t *not_after, struct err *err)
{
	struct x509_template template = {
		.not_before = now - CLOCK_SLACK_S,
		.not_after = now + lifetime_s,
	};
	if (lifetime_s == 0 || lifetime_s > X509_LIFETIME_MAX_S)
		return err_set(err, ERR_LIMIT,
			       "issuing a certificate: a life of %u s is not "
			       "between 1 s and a day",
			       lifetime_s);
	if (!check_name(authority, uri, err) ||
	    !request_read(request, request_len, &template.public_key, err))
		return false;
	if (template.not_after > authority->not_after)
		return err_set(err, ERR_LIMIT,
			       "issuing a certificate: the authority itself ends "
			       "before; restart the app");
	if (!issue(authority, &template, uri, certificate, err))
		return false;
	*not_after = template.not_after;
	return true;
}
