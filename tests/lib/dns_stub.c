// SPDX-License-Identifier: GPL-3.0-or-later
/* Just enough DNS (RFC 1035) to tell a resolver addresses of our choice. */
#include "tests/lib/dns_stub.h"

#include <arpa/inet.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { HEADER = 12, TYPE_A = 1, TYPE_AAAA = 28, NO_SUCH_NAME = 3 };

/* The address in the first label, or its length 0. */
static size_t address_of(const char *label, uint8_t address[16])
{
	unsigned v4[4], end = 0;
	if (sscanf(label, "v4-%u-%u-%u-%u%n", &v4[0], &v4[1], &v4[2], &v4[3], &end) == 4) {
		for (int i = 0; i < 4; i++)
			address[i] = (uint8_t)v4[i];
		return 4;
	}
	if (strncmp(label, "v6-", 3) != 0 || strlen(label) != 3 + 32)
		return 0;
	for (int i = 0; i < 16; i++)
		if (sscanf(label + 3 + 2 * i, "%2hhx", &address[i]) != 1)
			return 0;
	return 16;
}

/* Turns the question in `packet` into its answer; the new length, or 0 for none. */
static size_t answer(uint8_t *packet, size_t len)
{
	char label[64] = "";
	uint8_t address[16];
	size_t at = HEADER;
	if (len < HEADER + 6 || packet[HEADER] > 63)
		return 0;
	memcpy(label, packet + HEADER + 1, packet[HEADER]);
	while (at < len && packet[at])
		at += packet[at] + 1u;
	if (at + 5 > len)
		return 0;
	uint16_t type = (uint16_t)(packet[at + 1] << 8 | packet[at + 2]);
	at += 5;
	size_t size = address_of(label, address);
	bool matches = (type == TYPE_A && size == 4) || (type == TYPE_AAAA && size == 16);
	packet[2] = 0x81; // a response, recursion wanted
	packet[3] = size ? 0x80 : 0x80 | NO_SUCH_NAME;
	memset(packet + 6, 0, 6);
	if (!matches)
		return at;
	packet[7] = 1;
	const uint8_t record[] = {0xc0, HEADER, 0, (uint8_t)type, 0, 1, 0, 0,
				  0,	60,	0, (uint8_t)size};
	memcpy(packet + at, record, sizeof(record));
	memcpy(packet + at + sizeof(record), address, size);
	return at + sizeof(record) + size;
}

void dns_stub_serve(int udp_fd, atomic_uint *questions)
{
	for (;;) {
		uint8_t packet[1024];
		struct sockaddr_storage from;
		socklen_t from_len = sizeof(from);
		ssize_t len = recvfrom(udp_fd, packet, 512, 0, (struct sockaddr *)&from, &from_len);
		if (len < 0)
			_exit(1);
		size_t answer_len = answer(packet, (size_t)len);
		atomic_fetch_add(questions, 1);
		if (answer_len)
			sendto(udp_fd, packet, answer_len, 0, (struct sockaddr *)&from, from_len);
	}
}
