// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "json_line.h"
#include "show.h"

struct piece {
	size_t at, len; /* in frame */
};

/* ---- writing ------------------------------------------------------------------- */

/*
 * Functions that take and return a cursor write where there is room for it: most
 * copies are of SLACK bytes, which is more than any number or word takes.
 */
#define SLACK 32

static inline char *put(char *to, const char *s, size_t n)
{
	memcpy(to, s, n);
	return to + n;
}

#define PUT(to, literal) put(to, literal, sizeof(literal) - 1)

/* Of these there are SLACK bytes more to be read behind s. */
static inline char *put_padded(char *to, const char *s, size_t n)
{
	memcpy(to, s, SLACK);
	if (n > SLACK)
		memcpy(to + SLACK, s + SLACK, n - SLACK);
	return to + n;
}

static inline unsigned int count_digits(uint64_t n)
{
	static const uint64_t tens[] = {
		0, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000, 1000000000,
		10000000000, 100000000000, 1000000000000, 10000000000000, 100000000000000,
		1000000000000000, 10000000000000000, 100000000000000000, 1000000000000000000,
		10000000000000000000U,
	};
	unsigned int guess = (64 - (unsigned int)__builtin_clzll(n | 1)) * 1233 >> 12;

	return guess + (n >= tens[guess]);
}

static inline char *put_u64(char *to, uint64_t n)
{
	static const char pairs[] = "00010203040506070809101112131415161718192021222324"
				    "25262728293031323334353637383940414243444546474849"
				    "50515253545556575859606162636465666768697071727374"
				    "75767778798081828384858687888990919293949596979899";
	char *end = to + count_digits(n), *p = end;

	for (; n >= 100; n /= 100)
		memcpy(p -= 2, &pairs[n % 100 * 2], 2);
	if (n >= 10)
		memcpy(p - 2, &pairs[n * 2], 2);
	else
		p[-1] = (char)('0' + n);
	return end;
}

static inline char *put_s64(char *to, int64_t n)
{
	if (n < 0)
		*to++ = '-';
	return put_u64(to, n < 0 ? -(uint64_t)n : (uint64_t)n);
}

static inline char *put_hex(char *to, uint64_t n)
{
	unsigned int digits = (67 - (unsigned int)__builtin_clzll(n | 1)) / 4;

	to = PUT(to, "\"0x");
	for (unsigned int i = digits; i--; n >>= 4)
		to[i] = "0123456789abcdef"[n & 15];
	to[digits] = '"';
	return to + digits + 1;
}

/* Printable ASCII but '"' and '\\', eight bytes at a time: a byte's top bit says it is not. */
static inline bool is_plain(const char *s, size_t n)
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

/* ---- the line ------------------------------------------------------------------ */

/* Room for n more bytes at to, NULL: at the start. Returns where it is now; NULL: no memory. */
static char *make_room(struct json_line *l, char *to, size_t n)
{
	size_t len = to ? (size_t)(to - l->text) : 0, size = 2 * (len + n) + 512;
	char *text;

	if (l->text && len + n <= l->size)
		return l->text + len;
	text = realloc(l->text, size);
	if (!text)
		return NULL;
	l->text = text;
	l->size = size;
	return text + len;
}

/* Takes json, which may be of any length. NULL: no memory. */
static char *put_json(struct json_line *l, char *to, json_t *json)
{
	char *text = json ? json_dumps(json, JSON_ENSURE_ASCII | JSON_COMPACT | JSON_ENCODE_ANY) :
			    NULL;
	size_t n = text ? strlen(text) : 0;

	l->odd = true;
	to = text ? make_room(l, to, n + l->reserve) : NULL;
	if (to)
		to = put(to, text, n);
	free(text);
	json_decref(json);
	return to;
}

/* NULL: no memory. */
static inline char *put_text(struct json_line *l, char *to, const char *s)
{
	size_t n = strlen(s);

	if (!is_plain(s, n))
		return put_json(l, to, show_json_text(s, n));
	*to++ = '"';
	to = put(to, s, n);
	*to++ = '"';
	return to;
}

/* ---- values -------------------------------------------------------------------- */

static inline char *put_number(struct json_line *l, char *to, const struct moeai_field *f,
			       uint64_t n)
{
	if (f->flags & MOEAI_F_HEX)
		return put_hex(to, n);
	if (f->type == MOEAI_TYPE_S32 || f->type == MOEAI_TYPE_S64)
		return put_s64(to, (int64_t)n);
	return n <= INT64_MAX ? put_u64(to, n) : put_json(l, to, show_json_u64(n));
}

static char *put_enum(struct json_line *l, char *to, const struct moeai_field *f, uint64_t n)
{
	const char *label = moeai_field_label(f, n);

	if (!label)
		return put_u64(to, n);
	to = make_room(l, to, strlen(label) + l->reserve);
	return to ? put_text(l, to, label) : NULL;
}

static bool is_prefix(const void *data, size_t len)
{
	const uint8_t *p = data;

	return (len == 5 && p[0] <= 32) || (len == 17 && p[0] <= 128);
}

/* The rarer ones. */
static char *take_other(struct json_line *l, char *to, const char **p, const char *end,
			const struct moeai_field *f)
{
	struct moeai_value v = { .field = f, .id = f->id };
	const char *next = *p;
	uint32_t flags;

	if (f->type == MOEAI_TYPE_FLAGS) {
		if (!moeai_take(&next, end, f->id, &flags, sizeof(flags)))
			return to;
		v.u64 = flags;
	} else if ((f->type != MOEAI_TYPE_BINARY && f->type != MOEAI_TYPE_PREFIX) ||
		   !moeai_take_bytes(&next, end, f->id, &v.data, &v.len) ||
		   (f->type == MOEAI_TYPE_PREFIX && !is_prefix(v.data, v.len))) {
		return to;
	}
	*p = next;
	return put_json(l, to, show_json(&v));
}

/* The value at *p if it is the field's, else nothing. NULL: no memory. */
static inline char *take_value(struct json_line *l, char *to, const char **p, const char *end,
			       const struct moeai_field *f)
{
	const char *text;
	uint64_t n;
	uint32_t u32;
	bool yes;

	switch (f->type) {
	case MOEAI_TYPE_U32:
	case MOEAI_TYPE_S32:
	case MOEAI_TYPE_ENUM:
		if (!moeai_take(p, end, f->id, &u32, sizeof(u32)))
			return to;
		if (f->type == MOEAI_TYPE_ENUM)
			return put_enum(l, to, f, u32);
		return put_number(l, to, f, f->type == MOEAI_TYPE_S32 ? (uint64_t)(int32_t)u32 : u32);
	case MOEAI_TYPE_U64:
	case MOEAI_TYPE_S64:
		return moeai_take(p, end, f->id, &n, sizeof(n)) ? put_number(l, to, f, n) : to;
	case MOEAI_TYPE_STRING:
		return moeai_take_string(p, end, f->id, &text) ? put_text(l, to, text) : to;
	case MOEAI_TYPE_BOOL:
		if (!moeai_take_bool(p, end, f->id, &yes))
			return to;
		return yes ? PUT(to, "true") : PUT(to, "false");
	default:
		return take_other(l, to, p, end, f);
	}
}

/* All that are there. NULL: no memory. */
static char *put_values(struct json_line *l, char *to, const char **p, const char *end)
{
	const struct moeai_schema *schema = l->schema;
	const char *const begin = *p;
	const struct piece *piece = l->pieces;
	char *at;

	for (size_t i = 0; i < schema->n_fields && *p < end; i++) {
		bool first = *p == begin; /* has no comma before it */
		const char *before = *p;

		piece++;
		at = put_padded(to, l->frame + piece->at + first, piece->len - first);
		at = take_value(l, at, p, end, &schema->fields[i]);
		if (!at)
			return NULL;
		if (*p != before)
			to = at;
	}
	return to;
}

/* ---- what all events of a type have ---------------------------------------------- */

/* What comes after the priority, and then each field's name. NULL: no memory. */
static char *put_frame(struct json_line *l, const struct moeai_event *e, struct piece *pieces)
{
	const struct moeai_schema *schema = e->values.schema;
	const char *words[] = { "\",\"type\":", e->type_name, ",\"source\":", e->source };
	char *to = NULL;

	for (size_t i = 0; i < 4; i++) {
		to = make_room(l, to, strlen(words[i]) + 2 + SLACK);
		if (to)
			to = i % 2 ? put_text(l, to, words[i]) : put(to, words[i], strlen(words[i]));
		if (!to)
			return NULL;
	}
	to = PUT(to, ",\"fields\":{");
	for (size_t i = 0; i <= schema->n_fields; i++) {
		pieces[i].len = (size_t)(to - l->text) - pieces[i].at;
		if (i == schema->n_fields)
			break;
		pieces[i + 1].at = (size_t)(to - l->text);
		to = make_room(l, to, strlen(schema->fields[i].name) + 4 + 2 * SLACK);
		if (!to)
			return NULL;
		*to++ = ',';
		to = put_text(l, to, schema->fields[i].name);
		if (!to)
			return NULL;
		*to++ = ':';
	}
	return make_room(l, to, 2 * SLACK);
}

static int make_frame(struct json_line *l, const struct moeai_event *e)
{
	const size_t n = e->values.schema->n_fields + 1;
	struct piece *pieces = reallocarray(l->pieces, n, sizeof(*pieces));
	struct json_line text = { .text = l->frame, .size = l->frame_size, .reserve = 2 * SLACK };
	char *end;

	l->schema = NULL;
	if (!pieces)
		return -ENOMEM;
	l->pieces = pieces;
	memset(pieces, 0, n * sizeof(*pieces));
	end = put_frame(&text, e, pieces);
	l->frame = text.text;
	l->frame_size = text.size;
	if (!end)
		return -ENOMEM;
	l->schema = e->values.schema;
	l->type_name = e->type_name;
	l->frame_len = (size_t)(end - text.text);
	return 0;
}

int json_line_event(struct json_line *l, const struct moeai_event *e)
{
	const struct moeai_schema *schema = e->values.schema;
	const char *priority = moeai_priority_name(e->priority);
	const char *p = e->values.data, *end = p + e->values.len;
	char *to;

	if (!schema || e->seq > INT64_MAX || e->time > INT64_MAX)
		return -EINVAL;
	if ((l->schema != schema || l->type_name != e->type_name) && make_frame(l, e))
		return -ENOMEM;
	/* Texts come from the values; numbers may be longer than they are there. */
	l->reserve = 256 + l->frame_len + SLACK * schema->n_fields + e->values.len;
	l->odd = false;
	to = make_room(l, NULL, l->reserve);
	if (!to)
		return -ENOMEM;
	to = PUT(to, "{\"kind\":\"event\",\"seq\":");
	to = put_u64(to, e->seq);
	to = PUT(to, ",\"time\":");
	to = put_u64(to, e->time);
	to = PUT(to, ",\"priority\":\"");
	to = put(to, priority, strlen(priority));
	to = put_padded(to, l->frame, l->pieces[0].len);
	to = put_values(l, to, &p, end);
	if (!to)
		return -ENOMEM;
	to = PUT(to, "}}\n");
	l->len = (size_t)(to - l->text);
	return p < end ? -EINVAL : 0;
}

void json_line_free(struct json_line *l)
{
	free(l->text);
	free(l->frame);
	free(l->pieces);
	*l = (struct json_line){ 0 };
}
