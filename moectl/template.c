// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "escape.h"
#include "marks.h"
#include "show.h"
#include "template.h"

/* ---- values ------------------------------------------------------------------------- */

/* Quoted where it could be misread for the sentence's own words. */
static void put_text(const struct telling *t, FILE *to, const char *text, size_t len)
{
	char *escaped = escape_new(text, len, t->escape | ESCAPE_QUOTE);
	bool quoted = escaped && (!*escaped || strpbrk(escaped, " \\\"()[],:;="));

	fprintf(to, quoted ? "\"%s\"" : "%s", escaped ? escaped : "?");
	free(escaped);
}

void template_user(const struct telling *t, FILE *to, uint32_t uid)
{
	const char *name = users_name(t->users, uid);

	put_text(t, to, name, strlen(name));
}

static bool first_process(const struct telling *t, struct marked_process *p)
{
	size_t pos = 0;

	while (marks_process(t->f, &pos, p))
		if (*p->comm || p->pid)
			return true;
	return false;
}

static bool put_who(const struct telling *t, FILE *to)
{
	struct marked_process p;

	if (!first_process(t, &p)) {
		fputs("nobody", to);
		return false;
	}
	if (*p.comm)
		put_text(t, to, p.comm, strlen(p.comm));
	else
		fputs("process ", to);
	if (p.pid)
		fprintf(to, "[%u]", p.pid);
	if (p.uid != UINT32_MAX) {
		fputs(" of ", to);
		template_user(t, to, p.uid);
	}
	return true;
}

static bool put_error(const struct telling *t, FILE *to)
{
	const struct moeai_value *v = fields_get(t->f, "status");

	if (!v || !v->s64 || v->s64 < -4095 || v->s64 > 0)
		return false;
	fputs(strerror((int)-v->s64), to);
	return true;
}

/* One address is told as such. */
static void shorten(const struct moeai_value *v, char *text)
{
	const unsigned char *bits = v->data;
	char *slash = strchr(text, '/');

	if (slash && v->len && *bits == (v->len - 1) * 8)
		*slash = '\0';
}

static void put_text_of(const struct telling *t, FILE *to, const struct moeai_value *v)
{
	const char *name = v->field->name;

	if (!strcmp(name, "path") && t->path)
		put_text(t, to, t->path, strlen(t->path));
	else if (!strcmp(name, "old_path") && t->old)
		put_text(t, to, t->old, strlen(t->old));
	else
		put_text(t, to, v->data, v->len);
}

/* False: it is nothing to tell: an empty string, a 0 that stands for nothing. */
static bool put_value(const struct telling *t, FILE *to, const struct moeai_value *v)
{
	uint8_t type = v->field->type;
	char *people;

	if (type == MOEAI_TYPE_STRING) {
		put_text_of(t, to, v);
		return v->len != 0;
	}
	if (v->field->flags & MOEAI_F_UID) {
		template_user(t, to, (uint32_t)v->u64);
		return true;
	}
	people = show_people(v, t->escape);
	if (people && type == MOEAI_TYPE_PREFIX)
		shorten(v, people);
	fputs(people ? people : "?", to);
	free(people);
	return v->u64 != 0 || type == MOEAI_TYPE_ENUM || type == MOEAI_TYPE_PREFIX;
}

static bool put_field(const struct telling *t, FILE *to, const char *name, size_t len)
{
	if (len == 3 && !strncmp(name, "who", len))
		return put_who(t, to);
	if (len == 5 && !strncmp(name, "error", len))
		return put_error(t, to);
	for (size_t i = 0; i < t->f->n; i++) {
		const struct moeai_value *v = &t->f->values[i];

		if (v->field && !strncmp(v->field->name, name, len) && !v->field->name[len])
			return put_value(t, to, v);
	}
	fputs(len == 4 && !strncmp(name, "path", len) ? "(a path too long)" : "?", to);
	return false;
}

/* ---- templates ---------------------------------------------------------------------- */

static bool expand(const struct telling *t, FILE *to, const char *template, size_t len);

/* The bytes up to the bracket that closes the one before s. */
static size_t inner(const char *s, size_t len, char open, char close)
{
	int depth = 1;
	size_t i = 0;

	for (; i < len; i++) {
		depth += (s[i] == open) - (s[i] == close);
		if (!depth)
			break;
	}
	return i;
}

/* Bytes up to the '|' that is in no braces. */
static size_t alternative(const char *s, size_t len)
{
	int depth = 0;
	size_t i = 0;

	for (; i < len; i++) {
		depth += (s[i] == '{') - (s[i] == '}');
		if (!depth && s[i] == '|')
			break;
	}
	return i;
}

static char *label_of(const struct telling *t, const char *name, size_t len)
{
	for (size_t i = 0; i < t->f->n; i++) {
		const struct moeai_value *v = &t->f->values[i];

		if (v->field && !strncmp(v->field->name, name, len) && !v->field->name[len])
			return show_plain(v, 0);
	}
	return strdup("");
}

/* "label=text|label=text|text" */
static bool choose(const struct telling *t, FILE *to, const char *name, size_t name_len,
		   const char *s, size_t len)
{
	char *label = label_of(t, name, name_len);
	size_t n = label ? strlen(label) : 0;
	bool all = true;

	while (label) {
		size_t one = alternative(s, len), is = strcspn(s, "=");

		if (is >= one) {
			all = expand(t, to, s, one);
			break;
		}
		if (is == n && !strncmp(s, label, n)) {
			all = expand(t, to, s + is + 1, one - is - 1);
			break;
		}
		if (one == len)
			break;
		s += one + 1;
		len -= one + 1;
	}
	free(label);
	return all;
}

static bool put_braces(const struct telling *t, FILE *to, const char *s, size_t len)
{
	size_t name = strcspn(s, ":}");

	return name < len ? choose(t, to, s, name, s + name + 1, len - name - 1) :
			    put_field(t, to, s, len);
}

static void put_optional(const struct telling *t, FILE *to, const char *s, size_t len)
{
	char *text = NULL;
	size_t size;
	FILE *part = open_memstream(&text, &size);
	bool all = part && expand(t, part, s, len);

	if (part && !fclose(part) && all)
		fwrite(text, 1, size, to);
	free(text);
}

/* False: something that it needs was not there. */
static bool expand(const struct telling *t, FILE *to, const char *template, size_t len)
{
	bool all = true;

	for (size_t i = 0; i < len; i++) {
		const char *s = template + i + 1;
		size_t n;

		if (template[i] == '{') {
			n = inner(s, len - i - 1, '{', '}');
			all &= put_braces(t, to, s, n);
			i += n + 1;
		} else if (template[i] == '[') {
			n = inner(s, len - i - 1, '[', ']');
			put_optional(t, to, s, n);
			i += n + 1;
		} else {
			putc(template[i], to);
		}
	}
	return all;
}

void template_write(const struct telling *t, FILE *to, const char *template)
{
	expand(t, to, template, strlen(template));
}
