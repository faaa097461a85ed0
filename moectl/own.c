// SPDX-License-Identifier: GPL-2.0
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "own.h"

/* An IPv4 address as sshd gives it on a socket of both families. */
#define MAPPED "::ffff:"

bool own_client(const char *environment, size_t len, char address[INET6_ADDRSTRLEN])
{
	static const char name[] = "SSH_CONNECTION=";
	const char *at = environment, *end = environment + len;

	for (; at < end; at += strnlen(at, end - at) + 1) {
		size_t n = strnlen(at, end - at);

		if (n < sizeof(name) || memcmp(at, name, sizeof(name) - 1) != 0)
			continue;
		at += sizeof(name) - 1;
		n -= sizeof(name) - 1;
		if (n > sizeof(MAPPED) && !memcmp(at, MAPPED, sizeof(MAPPED) - 1) &&
		    memchr(at, '.', n)) {
			at += sizeof(MAPPED) - 1;
			n -= sizeof(MAPPED) - 1;
		}
		n = strcspn(at, " %");
		if (!n || n >= INET6_ADDRSTRLEN)
			return false;
		memcpy(address, at, n);
		address[n] = '\0';
		return true;
	}
	return false;
}

static pid_t parent_of(pid_t pid)
{
	char path[64], line[256];
	int parent = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	f = fopen(path, "re");
	if (!f)
		return 0;
	while (fgets(line, sizeof(line), f))
		if (sscanf(line, "PPid: %d", &parent) == 1)
			break;
	fclose(f);
	return parent;
}

bool own_address(char address[INET6_ADDRSTRLEN])
{
	bool found = false;

	for (pid_t pid = getpid(); pid > 1 && !found; pid = parent_of(pid)) {
		char path[64], *text = NULL;
		size_t size = 0;
		ssize_t n;
		FILE *f;

		snprintf(path, sizeof(path), "/proc/%d/environ", (int)pid);
		f = fopen(path, "re");
		if (!f)
			continue;
		n = getdelim(&text, &size, EOF, f); /* whole: no byte is EOF */
		if (n > 0)
			found = own_client(text, n, address);
		free(text);
		fclose(f);
	}
	return found;
}

bool own_contains(const char *prefix, const char *address)
{
	char network[INET6_ADDRSTRLEN];
	unsigned char a[16], b[16];
	size_t n = strcspn(prefix, "/"), bits;
	int family;

	if (n >= sizeof(network))
		return false;
	memcpy(network, prefix, n);
	network[n] = '\0';
	family = strchr(network, ':') ? AF_INET6 : AF_INET;
	if (inet_pton(family, network, a) != 1 || inet_pton(family, address, b) != 1)
		return false;
	bits = family == AF_INET ? 32 : 128;
	if (prefix[n] && strtoul(prefix + n + 1, NULL, 10) < bits)
		bits = strtoul(prefix + n + 1, NULL, 10);
	return !memcmp(a, b, bits / 8) &&
	       (bits % 8 == 0 || !((a[bits / 8] ^ b[bits / 8]) >> (8 - bits % 8)));
}
