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

/* Room for the longest number, and one digit more. Returns where they begin. */
#define DIGITS 21

static inline char *digits(char buf[DIGITS], uint64_t n)
{
	static const char pairs[] = "00010203040506070809101112131415161718192021222324"
				    "25262728293031323334353637383940414243444546474849"
				    "50515253545556575859606162636465666768697071727374"
				    "75767778798081828384858687888990919293949596979899";
	char *p = buf + DIGITS;

	for (; n >= 100; n /= 100)
		memcpy(p -= 2, &pairs[n % 100 * 2], 2);
	memcpy(p -= 2, &pairs[n * 2], 2);
	return p + (n < 10);
}

static void put_u64(struct json_line *l, uint64_t n)
{
	char buf[DIGITS], *p = digits(buf, n);

	put(l, p, (size_t)(buf + DIGITS - p));
}

static void put_hex(struct json_line *l, uint64_t n)
{
	char buf[16], *p = buf + sizeof(buf);

	do
		*--p = "0123456789abcdef"[n & 15];
	while (n >>= 4);
	PUT(l, "\"0x");
	put(l, p, (size_t)(buf + sizeof(buf) - p));
	PUT(l, "\"");
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

static void put_number(struct json_line *l, const struct moeai_value *v)
{
	const struct moeai_field *f = v->field;

	if (f->flags & MOEAI_F_HEX)
		put_hex(l, v->u64);
	else if (f->type == MOEAI_TYPE_S32 || f->type == MOEAI_TYPE_S64)
		put_s64(l, v->s64);
	else if (v->u64 <= INT64_MAX)
		put_u64(l, v->u64);
	else
		put_json(l, show_json(v));
}

static void put_value(struct json_line *l, const struct moeai_value *v)
{
	const char *label;

	switch (v->field->type) {
	case MOEAI_TYPE_BOOL:
		v->u64 ? PUT(l, "true") : PUT(l, "false");
		return;
	case MOEAI_TYPE_U32:
	case MOEAI_TYPE_S32:
	case MOEAI_TYPE_U64:
	case MOEAI_TYPE_S64:
		put_number(l, v);
		return;
	case MOEAI_TYPE_STRING:
		put_text(l, v->data, v->len);
		return;
	case MOEAI_TYPE_ENUM:
		label = moeai_field_label(v->field, v->u64);
		if (!label)
			break;
		put_text(l, label, strlen(label));
		return;
	}
	put_json(l, show_json(v));
}

/* ---- what all events of a type have ------------------------------------------------- */

struct piece {
	size_t at, len; /* in frame.text */
};

/* Between the values: a piece before each field, of which the first has no comma. */
static void put_frame(struct json_line *l, const struct moeai_event *e, struct piece *pieces)
{
	const struct moeai_schema *schema = e->values.schema;

	PUT(l, "\",\"type\":");
	put_text(l, e->type_name, strlen(e->type_name));
	PUT(l, ",\"source\":");
	put_text(l, e->source, strlen(e->source));
	PUT(l, ",\"fields\":{");
	for (size_t i = 0; i <= schema->n_fields; i++) {
		pieces[i].len = l->len - pieces[i].at;
		if (i == schema->n_fields)
			break;
		pieces[i + 1].at = l->len;
		PUT(l, ",");
		put_text(l, schema->fields[i].name, strlen(schema->fields[i].name));
		PUT(l, ":");
	}
}

/* Schemas and names stay as they are, and where they are, while a monitor is open. */
static int make_frame(struct json_line *l, const struct moeai_event *e)
{
	const size_t n = e->values.schema->n_fields;
	struct moeai_value *values = reallocarray(l->values, n + 1, sizeof(*values));
	struct piece *pieces;
	struct json_line text = { .text = l->frame };

	if (values)
		l->values = values;
	pieces = reallocarray(l->pieces, n + 1, sizeof(*pieces));
	if (pieces)
		l->pieces = pieces;
	l->schema = NULL;
	if (!values || !pieces)
		return -ENOMEM;
	memset(pieces, 0, (n + 1) * sizeof(*pieces));
	text.size = l->frame_size;
	put_frame(&text, e, pieces);
	l->frame = text.text;
	l->frame_size = text.size;
	if (text.failed)
		return -ENOMEM;
	l->schema = e->values.schema;
	l->type_name = e->type_name;
	return 0;
}

static inline void put_piece(struct json_line *l, size_t i, size_t from)
{
	put(l, l->frame + l->pieces[i].at + from, l->pieces[i].len - from);
}

/* All of the schema, in order, and no others? Those that are not there do not matter. */
static bool in_order(const struct moeai_value *values, size_t n)
{
	const char *before = NULL;

	for (size_t i = 0; i < n; i++) {
		if (!values[i].field)
			continue;
		if ((const char *)values[i].data < before)
			return false;
		before = values[i].data;
	}
	return true;
}

int json_line_event(struct json_line *l, const struct moeai_event *e)
{
	const struct moeai_schema *schema = e->values.schema;
	const char *priority = moeai_priority_name(e->priority);
	bool any = false;
	int err = 0;

	if (!schema || e->seq > INT64_MAX || e->time > INT64_MAX)
		return -EINVAL;
	if (l->schema != schema || l->type_name != e->type_name)
		err = make_frame(l, e);
	if (err)
		return err;
	if (moeai_values_all(&e->values, l->values, schema->n_fields) ||
	    !in_order(l->values, schema->n_fields))
		return -EINVAL;
	l->len = 0;
	l->failed = false;
	PUT(l, "{\"kind\":\"event\",\"seq\":");
	put_u64(l, e->seq);
	PUT(l, ",\"time\":");
	put_u64(l, e->time);
	PUT(l, ",\"priority\":\"");
	put(l, priority, strlen(priority));
	put_piece(l, 0, 0);
	for (size_t i = 0; i < schema->n_fields; i++) {
		if (!l->values[i].field)
			continue;
		put_piece(l, i + 1, !any);
		put_value(l, &l->values[i]);
		any = true;
	}
	PUT(l, "}}\n");
	return l->failed ? -ENOMEM : 0;
}

void json_line_free(struct json_line *l)
{
	free(l->text);
	free(l->frame);
	free(l->pieces);
	free(l->values);
	*l = (struct json_line){ 0 };
}
