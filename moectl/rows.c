// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <linux/netlink.h>

#include "exact.h"
#include "rows.h"

#define ATTEMPTS 8

/* ---- kept as attributes, the key's first ---------------------------------------------- */

static bool is_key(const struct moeai_field *f)
{
	return f->flags & MOEAI_F_KEY;
}

static int make_room(struct rows *rows, size_t len)
{
	void *more;

	if (rows->n == rows->room) {
		more = reallocarray(rows->v, rows->room ? 2 * rows->room : 64, sizeof(*rows->v));
		if (!more)
			return -ENOMEM;
		rows->v = more;
		rows->room = rows->room ? 2 * rows->room : 64;
	}
	if (rows->size - rows->len >= len)
		return 0;
	more = realloc(rows->data, 2 * rows->size + len);
	if (!more)
		return -ENOMEM;
	rows->data = more;
	rows->size = 2 * rows->size + len;
	return 0;
}

/* A string with its NUL, which lies behind it. */
static size_t payload_len(const struct moeai_value *v)
{
	return v->len + (v->field->type == MOEAI_TYPE_STRING);
}

static void put(struct rows *rows, const struct moeai_value *v)
{
	size_t len = payload_len(v), padded = NLA_ALIGN(len);
	const struct nlattr head = { (uint16_t)(NLA_HDRLEN + len), v->id };
	char *to = rows->data + rows->len;

	memcpy(to, &head, NLA_HDRLEN);
	memset(to + NLA_HDRLEN, 0, padded);
	if (len)
		memcpy(to + NLA_HDRLEN, v->data, len);
	rows->len += NLA_HDRLEN + padded;
}

static bool is_kept(const struct moeai_value *v)
{
	return v->field && !(v->field->flags & MOEAI_F_READ);
}

int rows_add(struct rows *rows, const struct moeai_value *values, uint32_t line)
{
	size_t n = rows->schema->n_fields, len = 0, at = rows->len;

	for (size_t i = 0; i < n; i++)
		if (is_kept(&values[i]))
			len += NLA_HDRLEN + NLA_ALIGN(payload_len(&values[i]));
	if (make_room(rows, len))
		return -ENOMEM;
	for (int key = 1; key >= 0; key--)
		for (size_t i = 0; i < n; i++)
			if (is_kept(&values[i]) && is_key(values[i].field) == key)
				put(rows, &values[i]);
	rows->v[rows->n++] = (struct row){ at, (uint32_t)len, line };
	return 0;
}

struct moeai_values rows_get(const struct rows *rows, size_t i)
{
	return (struct moeai_values){ rows->schema, rows->data + rows->v[i].at, rows->v[i].len };
}

void rows_free(struct rows *rows)
{
	free(rows->data);
	free(rows->v);
	*rows = (struct rows){ .schema = rows->schema };
}

/* ---- of the kernel ---------------------------------------------------------------------- */

/* Somebody's as long as he is there: nobody else can bring it back. */
static bool is_held(const struct moeai_value *values, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (values[i].field && (values[i].field->flags & MOEAI_F_HOLDER) && values[i].u64)
			return true;
	return false;
}

static int read_all(struct rows *rows, struct moeai_table *t)
{
	size_t n = rows->schema->n_fields;
	struct moeai_value *values = calloc(n + 1, sizeof(*values));
	struct moeai_values row;
	int err = values ? 0 : -ENOMEM;

	while (!err && (err = moeai_table_next(t, &row)) > 0) {
		err = moeai_values_all(&row, values, n);
		if (err >= 0)
			err = is_held(values, n) ? 0 : rows_add(rows, values, 0);
	}
	free(values);
	return err;
}

int rows_read(struct rows *rows, struct moeai *h, const char *table)
{
	struct moeai_table *t;
	int err = -EINTR;

	for (int i = 0; i < ATTEMPTS && err == -EINTR; i++) {
		rows_free(rows);
		err = moeai_table_open(h, table, &t);
		if (err)
			return err;
		rows->schema = moeai_table_schema(t);
		err = read_all(rows, t);
		moeai_table_close(t);
	}
	return err;
}

/* ---- in order ----------------------------------------------------------------------------- */

static int compare_bytes(const void *a, size_t a_len, const void *b, size_t b_len)
{
	int order = memcmp(a, b, a_len < b_len ? a_len : b_len);

	return order ? order : (a_len > b_len) - (a_len < b_len);
}

/* IPv4 before IPv6, then by address, the shorter prefix first. */
static int compare_prefix(const struct moeai_value *a, const struct moeai_value *b)
{
	const unsigned char *x = a->data, *y = b->data;
	int order = a->len == b->len ? memcmp(x + 1, y + 1, a->len - 1) : 0;

	if (a->len != b->len)
		return a->len < b->len ? -1 : 1;
	return order ? order : x[0] - y[0];
}

static int compare_value(const struct moeai_value *a, const struct moeai_value *b)
{
	switch (a->field->type) {
	case MOEAI_TYPE_STRING:
	case MOEAI_TYPE_BINARY:
		return compare_bytes(a->data, a->len, b->data, b->len);
	case MOEAI_TYPE_PREFIX:
		return compare_prefix(a, b);
	case MOEAI_TYPE_S32:
	case MOEAI_TYPE_S64:
		return a->s64 < b->s64 ? -1 : a->s64 > b->s64;
	default:
		return a->u64 < b->u64 ? -1 : a->u64 > b->u64;
	}
}

int rows_compare(const struct rows *a, size_t i, const struct rows *b, size_t j)
{
	const struct moeai_values x = rows_get(a, i), y = rows_get(b, j);
	size_t x_pos = 0, y_pos = 0;
	struct moeai_value v, w;
	int order = 0;

	while (!order) {
		bool more = moeai_values_next(&x, &x_pos, &v) > 0 && v.field && is_key(v.field);

		if (moeai_values_next(&y, &y_pos, &w) <= 0 || !w.field || !is_key(w.field))
			return more;
		if (!more || v.id != w.id) /* a file's row may lack a part of the key */
			return more ? (int)v.id - (int)w.id : -1;
		order = compare_value(&v, &w);
	}
	return order;
}

bool rows_same(const struct rows *a, size_t i, const struct rows *b, size_t j)
{
	const struct moeai_values x = rows_get(a, i), y = rows_get(b, j);

	return x.len == y.len && (!x.len || !memcmp(x.data, y.data, x.len));
}

/* Of the same key the one that came first. */
static int by_key(const void *a, const void *b, void *arg)
{
	const struct row *x = a, *y = b;
	struct rows *rows = arg, one = *rows, other = *rows;
	int order;

	one.v = (struct row *)x;
	other.v = (struct row *)y;
	order = rows_compare(&one, 0, &other, 0);
	return order ? order : (x->at > y->at) - (x->at < y->at);
}

void rows_sort(struct rows *rows)
{
	if (rows->n)
		qsort_r(rows->v, rows->n, sizeof(*rows->v), by_key, rows);
}

/* ---- as text -------------------------------------------------------------------------------- */

/* In the schema's order. */
int rows_write(FILE *to, const struct rows *rows, size_t i)
{
	const struct moeai_values row = rows_get(rows, i);
	const char *between = "";
	struct moeai_value v;
	int err = 0;

	for (size_t f = 0; f < rows->schema->n_fields && !err; f++) {
		if (moeai_values_get_id(&row, rows->schema->fields[f].id, &v))
			continue;
		fprintf(to, "%s%s=", between, v.field->name);
		between = " ";
		err = exact_write(to, &v);
	}
	return err;
}
