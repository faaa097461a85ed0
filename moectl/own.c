// SPDX-License-Identifier: GPL-2.0
#include <arpa/inet.h>
#include <ctype.h>
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "own.h"

/* An IPv4 address as sshd gives it on a socket of both families. */
#define MAPPED "::ffff:"

/* ---- environments ---------------------------------------------------------------------- */

/* "CLIENT PORT SERVER PORT" */
static bool read_session(const char *text, size_t n, struct own_session *s)
{
	char copy[160], *client = copy, *rest;
	size_t len;

	if (n >= sizeof(copy))
		return false;
	memcpy(copy, text, n);
	copy[n] = '\0';
	rest = copy + strcspn(copy, " ");
	*s = (struct own_session){ 0 };
	if (sscanf(rest, "%u %*s %u", &s->port, &s->local) != 2)
		s->port = s->local = 0;
	if (!strncmp(client, MAPPED, sizeof(MAPPED) - 1) && memchr(client, '.', rest - client))
		client += sizeof(MAPPED) - 1;
	len = strcspn(client, " %");
	if (!len || len >= sizeof(s->address))
		return false;
	memcpy(s->address, client, len);
	return true;
}

bool own_session(const char *environment, size_t len, struct own_session *s)
{
	static const char name[] = "SSH_CONNECTION=";
	const char *at = environment, *end = environment + len;

	for (; at < end; at += strnlen(at, end - at) + 1) {
		size_t n = strnlen(at, end - at);

		if (n >= sizeof(name) && !memcmp(at, name, sizeof(name) - 1))
			return read_session(at + sizeof(name) - 1, n - sizeof(name) + 1, s);
	}
	return false;
}

/* The whole of a file of /proc, whose size is not known before. NULL: it can't be had. */
static char *read_file(const char *path, size_t *len)
{
	char *text = NULL, *more;
	size_t size = 0, n;
	FILE *f = fopen(path, "re");

	*len = 0;
	if (!f)
		return NULL;
	do {
		if (*len == size) {
			size = size ? 2 * size : 4096;
			more = realloc(text, size);
			if (!more)
				break;
			text = more;
		}
		n = fread(text + *len, 1, size - *len, f);
		*len += n;
	} while (n);
	fclose(f);
	return text;
}

static bool session_of(pid_t pid, struct own_session *s)
{
	char path[64], *text;
	bool found;
	size_t len;

	snprintf(path, sizeof(path), "/proc/%d/environ", (int)pid);
	text = read_file(path, &len);
	found = text && own_session(text, len, s);
	free(text);
	return found;
}

/* ---- connections ------------------------------------------------------------------------ */

/* As the kernel writes it, in words of the machine's order; to text. */
static bool read_address(const char *hex, char to[INET6_ADDRSTRLEN])
{
	size_t n = strlen(hex) / 8;
	uint32_t word[4] = { 0 };

	if (strlen(hex) != 8 && strlen(hex) != 32)
		return false;
	for (size_t i = 0; i < n; i++) {
		char digits[9] = "";

		memcpy(digits, hex + 8 * i, 8);
		word[i] = (uint32_t)strtoul(digits, NULL, 16);
	}
	if (n == 1)
		return inet_ntop(AF_INET, word, to, INET6_ADDRSTRLEN);
	if (!word[0] && !word[1] && word[2] == htonl(0xffff))
		return inet_ntop(AF_INET, &word[3], to, INET6_ADDRSTRLEN);
	return inet_ntop(AF_INET6, word, to, INET6_ADDRSTRLEN);
}

bool own_connected(const char *line, const struct own_session *s)
{
	enum { ESTABLISHED = 1 };
	char hex[33], address[INET6_ADDRSTRLEN];
	unsigned int local, port, state;

	return sscanf(line, " %*u: %*[0-9A-F]:%x %32[0-9A-F]:%x %x", &local, hex, &port,
		      &state) == 4 &&
	       state == ESTABLISHED && local == s->local && port == s->port &&
	       read_address(hex, address) && own_same(address, s->address);
}

static bool stands(const struct own_session *s)
{
	static const char *const paths[] = { "/proc/net/tcp", "/proc/net/tcp6" };
	bool found = false;

	for (size_t i = 0; i < sizeof(paths) / sizeof(*paths) && !found; i++) {
		FILE *f = fopen(paths[i], "re");
		char line[512];

		while (f && !found && fgets(line, sizeof(line), f))
			found = own_connected(line, s);
		if (f)
			fclose(f);
	}
	return found;
}

/* ---- processes -------------------------------------------------------------------------- */

static pid_t parent_of(pid_t pid, uid_t *uid)
{
	char path[64], line[256];
	int parent = 0;
	FILE *f;

	*uid = (uid_t)-1;
	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	f = fopen(path, "re");
	if (!f)
		return 0;
	while (fgets(line, sizeof(line), f)) {
		sscanf(line, "PPid: %d", &parent);
		if (sscanf(line, "Uid: %u", uid) == 1)
			break; /* it comes later */
	}
	fclose(f);
	return parent;
}

static bool has(const struct own *own, const char *address)
{
	for (size_t i = 0; i < own->n; i++)
		if (own_same(own->address[i], address))
			return true;
	return false;
}

static void add(struct own *own, const struct own_session *s)
{
	if (own->n < OWN_MAX && !has(own, s->address))
		memcpy(own->address[own->n++], s->address, sizeof(s->address));
}

#define USERS_MAX 16

struct users {
	uid_t uid[USERS_MAX];
	size_t n;
};

static bool among(const struct users *users, uid_t uid)
{
	for (size_t i = 0; i < users->n; i++)
		if (users->uid[i] == uid)
			return true;
	return false;
}

static void find_above(struct own *own, struct users *users)
{
	struct own_session s;
	pid_t parent;
	uid_t uid;

	for (pid_t pid = getpid(); pid > 1; pid = parent) {
		parent = parent_of(pid, &uid);
		if (users->n < USERS_MAX && !among(users, uid))
			users->uid[users->n++] = uid;
		if (session_of(pid, &s))
			add(own, &s);
	}
}

static void find_others(struct own *own, const struct users *users)
{
	DIR *proc = opendir("/proc");
	const struct dirent *d;
	struct own_session s;
	uid_t uid;

	while (proc && (d = readdir(proc))) {
		pid_t pid = isdigit((unsigned char)*d->d_name) ? atoi(d->d_name) : 0;

		if (!pid)
			continue;
		parent_of(pid, &uid);
		if (among(users, uid) && session_of(pid, &s) && !has(own, s.address) && stands(&s))
			add(own, &s);
	}
	if (proc)
		closedir(proc);
}

void own_find(struct own *own)
{
	struct users users = { .n = 0 };

	own->n = 0;
	find_above(own, &users);
	find_others(own, &users);
}

/* ---- prefixes --------------------------------------------------------------------------- */

struct prefix {
	int family;
	unsigned char address[16];
	size_t bits;
};

static bool read_prefix(const char *text, struct prefix *p)
{
	char network[INET6_ADDRSTRLEN];
	size_t n = strcspn(text, "/"), given;

	*p = (struct prefix){ .family = AF_INET, .bits = 32 };
	if (n >= sizeof(network))
		return false;
	memcpy(network, text, n);
	network[n] = '\0';
	if (strchr(network, ':')) {
		p->family = AF_INET6;
		p->bits = 128;
	}
	given = text[n] ? strtoul(text + n + 1, NULL, 10) : p->bits;
	if (given < p->bits)
		p->bits = given;
	return inet_pton(p->family, network, p->address) == 1;
}

bool own_contains(const char *prefix, const char *address)
{
	struct prefix p, a;

	if (!read_prefix(prefix, &p) || !read_prefix(address, &a) || p.family != a.family)
		return false;
	return !memcmp(p.address, a.address, p.bits / 8) &&
	       (p.bits % 8 == 0 ||
		!((p.address[p.bits / 8] ^ a.address[p.bits / 8]) >> (8 - p.bits % 8)));
}

bool own_same(const char *a, const char *b)
{
	struct prefix x, y;

	return read_prefix(a, &x) && read_prefix(b, &y) && x.family == y.family &&
	       x.bits == y.bits && !memcmp(x.address, y.address, sizeof(x.address));
}
