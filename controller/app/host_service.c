// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * What a person writes behind --allow-host-service. An address, never a name: what is allowed must
 * not depend on what a resolver says later.
 */
#include "controller/app/host_service.h"

#include <arpa/inet.h>
#include <string.h>

#include "base/mem.h"
#include "base/num.h"
#include "base/text.h"

static bool parse_address(char *text, struct host_service *service)
{
	size_t len = strlen(text);
	const char *shown = text;
	if (len > 2 && text[0] == '[' && text[len - 1] == ']') {
		text[len - 1] = '\0';
		if (inet_pton(AF_INET6, text + 1, &service->address) != 1)
			return false;
		text[len - 1] = ']';
	} else {
		if (str_eq(text, "localhost"))
			shown = "127.0.0.1";
		service->address = (struct in6_addr){.s6_addr = {[10] = 0xff, [11] = 0xff}};
		if (inet_pton(AF_INET, shown, service->address.s6_addr + 12) != 1)
			return false;
	}
	if (strlen(shown) >= sizeof(service->text))
		return false;
	memcpy(service->text, shown, strlen(shown) + 1);
	return true;
}

/* As a label of a host name, so without a hyphen at its end. */
static bool is_service_name(const char *name)
{
	return text_is_name(name) && name[strlen(name) - 1] != '-';
}

bool host_service_parse(const char *text, struct host_service *service, struct err *err)
{
	*service = (struct host_service){0};
	const char *equals = strchr(text, '=');
	const char *colon = strrchr(text, ':');
	uint64_t port = 0;
	if (equals && colon && colon > equals &&
	    num_parse_u64(colon + 1, strlen(colon + 1), UINT16_MAX, &port) && port > 0) {
		auto_free char *address = xstrndup(equals + 1, (size_t)(colon - equals - 1));
		service->name = xstrndup(text, (size_t)(equals - text));
		service->port = (uint16_t)port;
		if (is_service_name(service->name) && parse_address(address, service)) {
			service->host = xasprintf("%s" HOST_SERVICE_DOMAIN, service->name);
			return true;
		}
	}
	return err_set(err, ERR_USAGE,
		       "--allow-host-service %s: write it as NAME=ADDRESS:PORT, such as "
		       "ollama=127.0.0.1:11434; the name is a-z, 0-9 and '-', the address is "
		       "written in numbers",
		       text);
}

void host_service_free(struct host_service *service)
{
	free(service->name);
	free(service->host);
	*service = (struct host_service){0};
}
