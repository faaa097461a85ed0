// SPDX-License-Identifier: LGPL-2.1-or-later
#include <arpa/inet.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "value.h"

const struct moeai_field *schema_field(const struct moeai_schema *schema, uint16_t id)
{
	if (!schema || !id)
		return NULL;
	/* Ids mostly count from 1. */
	if (id <= schema->n_fields && schema->fields[id - 1].id == id)
		return &schema->fields[id - 1];
	for (size_t i = 0; i < schema->n_fields; i++)
		if (schema->fields[i].id == id)
			return &schema->fields[i];
	return NULL;
}

const struct moeai_field *schema_find(const struct moeai_schema *schema, const char *name)
{
	for (size_t i = 0; schema && i < schema->n_fields; i++)
		if (!strcmp(schema->fields[i].name, name))
			return &schema->fields[i];
	return NULL;
}

const char *moeai_field_label(const struct moeai_field *f, uint64_t value)
{
	return f->labels && value < f->n_labels ? f->labels[value] : NULL;
}

/* ---- decoding --------------------------------------------------------------- */

static int decode_string(const struct attr *a, struct moeai_value *out)
{
	out->len = strnlen(a->data, a->len);
	return out->len < a->len ? 0 : -EPROTO;
}

static int decode_prefix(const struct attr *a, struct moeai_value *out)
{
	const uint8_t *p = a->data;

	return (a->len == 5 && p[0] <= 32) || (a->len == 17 && p[0] <= 128) ? 0 : -EPROTO;
}

static int decode_binary(const struct attr *a, struct moeai_value *out)
{
	return 0;
}

/* By a field's type, which may be a newer kernel's: how many bytes its number has. */
static const uint8_t number_bytes[UINT8_MAX + 1] = {
	[MOEAI_TYPE_U32] = 4,  [MOEAI_TYPE_S32] = 4,   [MOEAI_TYPE_U64] = 8, [MOEAI_TYPE_S64] = 8,
	[MOEAI_TYPE_ENUM] = 4, [MOEAI_TYPE_FLAGS] = 4,
};

static int decode_number(const struct attr *a, struct moeai_value *out)
{
	if (a->len != number_bytes[out->field->type])
		return -EPROTO;
	out->u64 = a->len == 8 ? get_u64(a->data) : get_u32(a->data);
	if (out->field->type == MOEAI_TYPE_S32)
		out->u64 = (int32_t)out->u64;
	out->s64 = out->u64;
	return 0;
}

static int decode_bool(const struct attr *a, struct moeai_value *out)
{
	if (a->len != 1)
		return -EPROTO;
	out->u64 = *(const uint8_t *)a->data;
	out->s64 = out->u64;
	return 0;
}

static int (*const decode[])(const struct attr *a, struct moeai_value *out) = {
	[MOEAI_TYPE_BOOL] = decode_bool,     [MOEAI_TYPE_U32] = decode_number,
	[MOEAI_TYPE_S32] = decode_number,    [MOEAI_TYPE_U64] = decode_number,
	[MOEAI_TYPE_S64] = decode_number,    [MOEAI_TYPE_STRING] = decode_string,
	[MOEAI_TYPE_BINARY] = decode_binary, [MOEAI_TYPE_PREFIX] = decode_prefix,
	[MOEAI_TYPE_ENUM] = decode_number,   [MOEAI_TYPE_FLAGS] = decode_number,
};

_Static_assert(ARRAY_SIZE(decode) == MOEAI_TYPE_MAX + 1, "a decoder for each type");

int value_decode(const struct moeai_field *field, const struct attr *a, struct moeai_value *out)
{
	*out = (struct moeai_value){ .id = a->type, .data = a->data, .len = a->len };
	if (!field || field->type > MOEAI_TYPE_MAX || !decode[field->type])
		return 0; /* a newer kernel's */
	out->field = field;
	return decode[field->type](a, out);
}

int moeai_values_next(const struct moeai_values *v, size_t *pos, struct moeai_value *out)
{
	struct attr a;
	int rc;

	do {
		rc = attr_next(v->data, v->len, pos, &a);
		if (rc <= 0)
			return rc;
	} while (!a.type); /* padding */
	rc = value_decode(schema_field(v->schema, a.type), &a, out);
	return rc ? rc : 1;
}

uint32_t field_head(uint16_t id, uint8_t type)
{
	const struct nlattr head = { NLA_HDRLEN + number_bytes[type], id };

	return number_bytes[type] ? get_u32(&head) : 0;
}

/*
 * The value at p, if it is what most are, the number or string of a field whose id
 * is known. Returns the bytes that it takes, or 0.
 */
static inline size_t number_at(const char *p, ptrdiff_t left, const struct moeai_field *field,
			       struct moeai_value *out)
{
	const bool is_u64 = field->type == MOEAI_TYPE_U64 || field->type == MOEAI_TYPE_S64;
	const ptrdiff_t bytes = is_u64 ? 8 : 4;
	uint64_t number;

	if (left < NLA_HDRLEN + bytes || get_u32(p) != field->head || !field->head)
		return 0;
	number = is_u64 ? get_u64(p + NLA_HDRLEN) : get_u32(p + NLA_HDRLEN);
	if (field->type == MOEAI_TYPE_S32)
		number = (int32_t)number;
	*out = (struct moeai_value){ field, field->id, number, number, p + NLA_HDRLEN, bytes };
	return NLA_HDRLEN + bytes;
}

static inline size_t string_at(const char *p, ptrdiff_t left, const struct moeai_field *field,
			       struct moeai_value *out)
{
	struct nlattr head;

	if (field->type != MOEAI_TYPE_STRING || left <= NLA_HDRLEN)
		return 0;
	memcpy(&head, p, sizeof(head));
	if (head.nla_type != field->id || head.nla_len <= NLA_HDRLEN || head.nla_len > left ||
	    p[head.nla_len - 1])
		return 0;
	p += NLA_HDRLEN;
	*out = (struct moeai_value){
		.field = field, .id = field->id, .data = p,
		.len = strnlen(p, head.nla_len - NLA_HDRLEN),
	};
	return NLA_ALIGN((size_t)head.nla_len);
}

/* Is what is at p of a later field? The schema's are sorted. */
static inline bool is_later(const char *p, ptrdiff_t left, const struct moeai_field *field)
{
	struct nlattr head;

	if (left < NLA_HDRLEN)
		return false;
	memcpy(&head, p, sizeof(head));
	return (head.nla_type & NLA_TYPE_MASK) > field->id;
}

int moeai_values_all(const struct moeai_values *v, struct moeai_value *out, size_t n)
{
	const struct moeai_field *field = v->schema ? v->schema->fields : NULL;
	const char *data = v->data;
	struct moeai_value value;
	size_t i, pos = 0, taken;
	int rc = 0, passed = 0;

	if (!v->schema)
		return -ENOENT;
	if (n > v->schema->n_fields)
		n = v->schema->n_fields;
	/* As long as they come in order; behind padding that is missing pos is beyond the end. */
	for (i = 0; i < n; i++) {
		const char *p = data + pos;
		const ptrdiff_t left = (ptrdiff_t)(v->len - pos);

		taken = number_at(p, left, &field[i], &out[i]);
		if (!taken)
			taken = string_at(p, left, &field[i], &out[i]);
		pos += taken;
		if (taken)
			continue;
		if (is_later(p, left, &field[i])) {
			out[i].field = NULL;
			continue;
		}
		rc = moeai_values_next(v, &pos, &out[i]);
		if (rc < 0)
			return rc;
		if (rc && out[i].field == &field[i])
			continue;
		pos = p - data;
		break;
	}
	for (size_t k = i; k < n; k++)
		out[k].field = NULL;
	while (pos < v->len && (rc = moeai_values_next(v, &pos, &value)) > 0) {
		i = value.field ? (size_t)(value.field - field) : n;
		passed += i >= n || out[i].field;
		if (i < n)
			out[i] = value;
	}
	return rc < 0 ? rc : passed;
}

int moeai_values_get_id(const struct moeai_values *v, uint16_t id, struct moeai_value *out)
{
	struct attr a;
	size_t pos = 0;
	int rc;

	while ((rc = attr_next(v->data, v->len, &pos, &a)) > 0)
		if (a.type == id)
			return value_decode(schema_field(v->schema, id), &a, out);
	return rc ? rc : -ENOENT;
}

int moeai_values_get(const struct moeai_values *v, const char *name, struct moeai_value *out)
{
	const struct moeai_field *field = schema_find(v->schema, name);

	return field ? moeai_values_get_id(v, field->id, out) : -ENOENT;
}

/* ---- as text ---------------------------------------------------------------- */

/* Text under construction: len goes past size when it does not fit. */
struct text {
	char *buf;
	size_t size, len;
};

static void text_put(struct text *t, const char *s, size_t n)
{
	size_t room = t->len < t->size ? t->size - t->len : 0;

	if (room)
		memcpy(t->buf + t->len, s, n < room ? n : room);
	t->len += n;
}

__attribute__((format(printf, 2, 3))) static void text_print(struct text *t, const char *fmt, ...)
{
	char buf[64];
	va_list args;
	int n;

	va_start(args, fmt);
	n = vsnprintf(buf, sizeof(buf), fmt, args);
	va_end(args);
	text_put(t, buf, n);
}

static void text_flags(struct text *t, const struct moeai_value *v)
{
	const char *label, *between = "";

	if (!v->u64)
		text_put(t, "0", 1);
	for (unsigned int i = 0; i < 32; i++) {
		if (!(v->u64 >> i & 1))
			continue;
		text_put(t, between, strlen(between));
		label = moeai_field_label(v->field, i);
		if (label)
			text_put(t, label, strlen(label));
		else
			text_print(t, "%#x", 1U << i);
		between = "|";
	}
}

static void text_prefix(struct text *t, const struct moeai_value *v)
{
	char address[INET6_ADDRSTRLEN];
	const uint8_t *p = v->data;

	inet_ntop(v->len == 5 ? AF_INET : AF_INET6, p + 1, address, sizeof(address));
	text_print(t, "%s/%u", address, p[0]);
}

static void text_hex(struct text *t, const uint8_t *p, size_t len)
{
	for (size_t i = 0; i < len; i++)
		text_print(t, "%02x", p[i]);
}

static void text_value(struct text *t, const struct moeai_value *v)
{
	const struct moeai_field *f = v->field;
	const char *label;

	switch (f ? f->type : MOEAI_TYPE_BINARY) {
	case MOEAI_TYPE_S32:
	case MOEAI_TYPE_S64:
		text_print(t, "%" PRId64, v->s64);
		break;
	case MOEAI_TYPE_STRING:
		text_put(t, v->data, v->len);
		break;
	case MOEAI_TYPE_BINARY:
		text_hex(t, v->data, v->len);
		break;
	case MOEAI_TYPE_PREFIX:
		text_prefix(t, v);
		break;
	case MOEAI_TYPE_FLAGS:
		text_flags(t, v);
		break;
	case MOEAI_TYPE_ENUM:
		label = moeai_field_label(f, v->u64);
		if (label) {
			text_put(t, label, strlen(label));
			break;
		} /* fallthrough */
	default:
		text_print(t, f->flags & MOEAI_F_HEX ? "0x%" PRIx64 : "%" PRIu64, v->u64);
	}
}

int moeai_value_text(const struct moeai_value *v, char *buf, size_t size)
{
	struct text t = { .buf = buf, .size = size ? size - 1 : 0 };

	text_value(&t, v);
	if (size)
		buf[t.len < size ? t.len : size - 1] = 0;
	return t.len;
}
