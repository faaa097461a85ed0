// SPDX-License-Identifier: GPL-2.0
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "marks.h"
#include "thing.h"
#include "units.h"

const char *thing_kind_name(enum thing_kind kind)
{
	static const char *const names[] = {
		[THING_ANY] = "thing",	     [THING_PID] = "pid",   [THING_COMM] = "comm",
		[THING_ADDRESS] = "address", [THING_PATH] = "path",
	};

	return names[kind];
}

/* ---- a process ---------------------------------------------------------------------- */

static int parse_pid(struct thing *t)
{
	uint64_t pid;

	if (t->text[0] == '0' || units_parse_u64(t->text, &pid) || pid > INT32_MAX)
		return -EINVAL;
	t->pid = (uint32_t)pid;
	return 0;
}

static int parse_comm(struct thing *t)
{
	if (!*t->text)
		return -EINVAL;
	snprintf(t->comm, sizeof(t->comm), "%s", t->text);
	return 0;
}

/* ---- an address --------------------------------------------------------------------- */

/* ::ffff:a.b.c.d/96+n */
static void unmap(struct thing_address *a)
{
	static const unsigned char mapped[12] = { [10] = 0xff, [11] = 0xff };

	if (a->len != 16 || a->bits < 96 || memcmp(a->bytes, mapped, sizeof(mapped)) != 0)
		return;
	memmove(a->bytes, a->bytes + 12, 4);
	a->len = 4;
	a->bits -= 96;
}

static int parse_address(struct thing *t)
{
	char text[INET6_ADDRSTRLEN];
	size_t n = strcspn(t->text, "/");
	struct thing_address *a = &t->address;
	uint64_t bits;

	if (n >= sizeof(text))
		return -EINVAL;
	memcpy(text, t->text, n);
	text[n] = '\0';
	a->len = strchr(text, ':') ? 16 : 4;
	a->bits = (unsigned int)a->len * 8;
	if (inet_pton(a->len == 16 ? AF_INET6 : AF_INET, text, a->bytes) != 1)
		return -EINVAL;
	if (t->text[n]) {
		if (units_parse_u64(t->text + n + 1, &bits) || bits > a->bits)
			return -EINVAL;
		a->bits = (unsigned int)bits;
	}
	unmap(a);
	return 0;
}

void thing_address_text(const struct thing_address *a, char *buf, size_t size)
{
	if (!inet_ntop(a->len == 16 ? AF_INET6 : AF_INET, a->bytes, buf, (socklen_t)size))
		*buf = '\0';
}

bool thing_is_single(const struct thing_address *a)
{
	return a->bits == a->len * 8;
}

bool thing_meets(const struct thing_address *a, const unsigned char *bytes, size_t len,
		 unsigned int bits)
{
	unsigned int common = bits < a->bits ? bits : a->bits;

	if (len != a->len || memcmp(bytes, a->bytes, common / 8) != 0)
		return false;
	return common % 8 == 0 || !((bytes[common / 8] ^ a->bytes[common / 8]) >> (8 - common % 8));
}

bool thing_has_address(const struct thing *t, const struct fields *f)
{
	struct marked_address a;
	size_t pos = 0;

	while (marks_address(f, &pos, &a))
		if (thing_meets(&t->address, a.bytes, a.len, a.bits))
			return true;
	return false;
}

/* ---- a file ------------------------------------------------------------------------- */

static char *absolute(const char *path)
{
	char *here = *path == '/' ? strdup("") : getcwd(NULL, 0), *text = NULL;

	if (here && asprintf(&text, "%s/%s", here, path) < 0)
		text = NULL;
	free(here);
	return text;
}

/* "." and ".." and slashes that say nothing, of an absolute path, in place. */
static void simplify(char *path)
{
	char *out = path, *word, *rest = path;

	while ((word = strsep(&rest, "/"))) {
		size_t len = strlen(word);

		if (!len || !strcmp(word, "."))
			continue;
		if (!strcmp(word, "..")) {
			while (out > path && *--out != '/')
				;
			continue;
		}
		/* Never ahead of what is read. */
		*out++ = '/';
		memmove(out, word, len);
		out += len;
	}
	if (out == path)
		*out++ = '/';
	*out = '\0';
}

/* The folder as it really is, as far as there is one, and what is behind it. */
static char *resolve(const char *path)
{
	char *head = strdup(path), *real = NULL, *text = NULL;
	size_t len = head ? strlen(head) : 0;

	while (head && len) {
		while (len && head[len - 1] != '/')
			len--;
		while (len && head[len - 1] == '/')
			len--;
		head[len] = '\0';
		real = realpath(len ? head : "/", NULL);
		if (real)
			break;
	}
	if (real && asprintf(&text, "%s%s", real, path + len) < 0)
		text = NULL;
	free(real);
	free(head);
	if (text)
		simplify(text);
	return text;
}

/* ".." behind a link leads elsewhere: only what can't be looked up is judged by its text. */
static int look_up(struct thing *t, char *text)
{
	struct stat st;

	if (!lstat(text, &st) && !S_ISLNK(st.st_mode))
		t->path = realpath(text, NULL);
	while (text[1] && text[strlen(text) - 1] == '/')
		text[strlen(text) - 1] = '\0';
	if (!t->path) {
		t->path = resolve(text);
		t->target = realpath(text, NULL);
	}
	if (t->target && t->path && !strcmp(t->target, t->path)) {
		free(t->target);
		t->target = NULL;
	}
	free(text);
	return t->path ? 0 : -ENOMEM;
}

static int parse_path(struct thing *t, bool elsewhere)
{
	char *text;

	if (!*t->text)
		return -EINVAL;
	errno = 0;
	text = absolute(t->text);
	if (!text)
		return errno ? -errno : -ENOMEM;
	if (!elsewhere)
		return look_up(t, text);
	simplify(text);
	t->path = text;
	return 0;
}

/* ------------------------------------------------------------------------------------- */

static bool looks_like_path(const char *text)
{
	return strchr(text, '/') || !strcmp(text, ".") || !strcmp(text, "..");
}

int thing_parse(struct thing *t, const char *text, enum thing_kind wanted, bool elsewhere)
{
	static int (*const parse[])(struct thing *t) = {
		[THING_PID] = parse_pid,
		[THING_COMM] = parse_comm,
		[THING_ADDRESS] = parse_address,
	};
	int err;

	*t = (struct thing){ .kind = wanted, .text = text };
	if (wanted == THING_PATH)
		return parse_path(t, elsewhere);
	if (wanted != THING_ANY)
		return parse[wanted](t);
	for (t->kind = THING_PID; t->kind <= THING_ADDRESS; t->kind++) {
		if (t->kind == THING_COMM)
			continue;
		err = parse[t->kind](t);
		if (err != -EINVAL)
			return err;
	}
	if (looks_like_path(text)) {
		t->kind = THING_PATH;
		return parse_path(t, elsewhere);
	}
	t->kind = THING_COMM;
	return parse_comm(t);
}

void thing_free(struct thing *t)
{
	free(t->path);
	free(t->target);
	free(t->inside);
	*t = (struct thing){ 0 };
}
