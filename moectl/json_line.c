// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "json_line.h"
#include "show.h"

/* ---- the line ------------------------------------------------------------------ */

/* Returns whether there is room for n more bytes now. */
static bool grow(struct json_line *l, size_t n)
{
	size_t size = 2 * (l->len + n) + 512;
	char *text = realloc(l->text, size);

	if (!text) {
		l->failed = true;
		return false;
	}
	l->text = text;
	l->size = size;
	return true;
}

static inline void put(struct json_line *l, const char *s, size_t n)
{
	if (l->len + n > l->size && !grow(l, n))
		return;
	memcpy(l->text + l->len, s, n);
	l->len += n;
}

#define PUT(l, literal) put(l, literal, sizeof(literal) - 1)

static void put_u64(struct json_line *l, uint64_t n)
{
	char digits[20], *p = digits + sizeof(digits);

	do
		*--p = (char)('0' + n % 10);
	while (n /= 10);
	put(l, p, (size_t)(digits + sizeof(digits) - p));
}

static void put_s64(struct json_line *l, int64_t n)
{
	if (n < 0)
		PUT(l, "-");
	put_u64(l, n < 0 ? -(uint64_t)n : (uint64_t)n);
}

/* ---- values -------------------------------------------------------------------- */

/* Takes json. */
static void put_json(struct json_line *l, json_t *json)
{
	char *text = json ? json_dumps(json, JSON_ENSURE_ASCII | JSON_COMPACT | JSON_ENCODE_ANY) :
			    NULL;

	if (text)
		put(l, text, strlen(text));
	else
		l->failed = true;
	free(text);
	json_decref(json);
}

/* Printable ASCII but '"' and '\\', eight bytes at a time: a byte's top bit says it is not. */
static bool is_plain(const char *s, size_t n)
{
	const uint64_t ones = ~0ULL / 255;
	uint64_t w, odd = 0;
	unsigned char c;

	for (; n >= sizeof(w); s += sizeof(w), n -= sizeof(w)) {
		memcpy(&w, s, sizeof(w));
		odd |= w | (w - ones * ' ') | (w + ones); /* not ASCII; below ' '; DEL */
		odd |= (w ^ ones * '"') - ones;
		odd |= (w ^ ones * '\\') - ones;
	}
	for (; n; s++, n--) {
		c = (unsigned char)*s;
		if (c < ' ' || c > '~' || c == '"' || c == '\\')
			return false;
	}
	return !(odd & ones << 7);
}

static void put_text(struct json_line *l, const char *s, size_t n)
{
	if (!is_plain(s, n)) {
		put_json(l, show_json_text(s, n));
		return;
	}
	PUT(l, "\"");
	put(l, s, n);
	PUT(l, "\"");
}

static void put_value(struct json_line *l, const struct moeai_value *v)
{
	const struct moeai_field *f = v->field;
	const char *label;

	switch (f && !(f->flags & MOEAI_F_HEX) ? f->type : MOEAI_TYPE_UNSPEC) {
	case MOEAI_TYPE_S32:
	case MOEAI_TYPE_S64:
		put_s64(l, v->s64);
		return;
	case MOEAI_TYPE_U32:
	case MOEAI_TYPE_U64:
		if (v->u64 > INT64_MAX)
			break;
		put_u64(l, v->u64);
		return;
	case MOEAI_TYPE_STRING:
		put_text(l, v->data, v->len);
		return;
	case MOEAI_TYPE_ENUM:
		label = moeai_field_label(f, v->u64);
		if (!label)
			break;
		put_text(l, label, strlen(label));
		return;
	}
	put_json(l, show_json(v));
}

/* Names of fields come from the kernel, as all the rest does. */
static void put_fields(struct json_line *l, const struct fields *fields)
{
	char buf[16];

	PUT(l, "{");
	for (size_t i = 0; i < fields->n; i++) {
		const char *name = show_name(&fields->values[i], buf);

		if (i)
			PUT(l, ",");
		put_text(l, name, strlen(name));
		PUT(l, ":");
		put_value(l, &fields->values[i]);
	}
	PUT(l, "}");
}

/* Fields mostly come in the order of their ids. */
static bool has_twins(const struct fields *fields)
{
	for (size_t i = 1; i < fields->n; i++)
		if (fields->values[i].id <= fields->values[i - 1].id)
			return true;
	return false;
}

int json_line_event(struct json_line *l, const struct moeai_event *e, const struct fields *fields)
{
	const char *priority = moeai_priority_name(e->priority);

	if (has_twins(fields) || e->seq > INT64_MAX || e->time > INT64_MAX)
		return -EINVAL;
	l->len = 0;
	l->failed = false;
	PUT(l, "{\"kind\":\"event\",\"seq\":");
	put_u64(l, e->seq);
	PUT(l, ",\"time\":");
	put_u64(l, e->time);
	PUT(l, ",\"priority\":");
	put_text(l, priority, strlen(priority));
	PUT(l, ",\"type\":");
	put_text(l, e->type_name, strlen(e->type_name));
	PUT(l, ",\"source\":");
	put_text(l, e->source, strlen(e->source));
	PUT(l, ",\"fields\":");
	put_fields(l, fields);
	PUT(l, "}");
	return l->failed ? -ENOMEM : 0;
}

void json_line_free(struct json_line *l)
{
	free(l->text);
	*l = (struct json_line){ 0 };
}
