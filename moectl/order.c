// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "order.h"

bool order_by(struct order *o, const char *wanted, const struct moeai_schema *schema)
{
	o->down = *wanted == '-';
	for (size_t i = 0; i < schema->n_fields; i++)
		if (!strcmp(schema->fields[i].name, wanted + o->down))
			o->field = &schema->fields[i];
	return o->field;
}

int order_add(struct order *o, const struct moeai_value *key, size_t from, size_t to)
{
	struct order_row *row;
	void *copy = NULL;

	if (o->n == o->room) {
		size_t room = o->room ? 2 * o->room : 64;
		void *rows = realloc(o->rows, room * sizeof(*o->rows));

		if (!rows)
			return -ENOMEM;
		o->rows = rows;
		o->room = room;
	}
	if (key && key->data && key->len) { /* a number made here has none */
		copy = malloc(key->len);
		if (!copy)
			return -ENOMEM;
		memcpy(copy, key->data, key->len);
	}
	row = &o->rows[o->n];
	*row = (struct order_row){ .index = o->n++, .from = from, .to = to };
	if (key)
		row->key = *key;
	row->key.data = copy;
	return 0;
}

static int compare_bytes(const struct moeai_value *a, const struct moeai_value *b, size_t skip)
{
	size_t len = a->len < b->len ? a->len : b->len;
	int by = len > skip ? memcmp((const char *)a->data + skip, (const char *)b->data + skip,
				     len - skip) : 0;

	return by ? by : a->len < b->len ? -1 : a->len > b->len;
}

static int compare_keys(const struct moeai_value *a, const struct moeai_value *b)
{
	int by;

	switch (a->field->type) {
	case MOEAI_TYPE_STRING:
	case MOEAI_TYPE_BINARY:
		return compare_bytes(a, b, 0);
	case MOEAI_TYPE_PREFIX: /* its length is the first byte, and comes last */
		if (a->len != b->len)
			return a->len < b->len ? -1 : 1;
		by = compare_bytes(a, b, 1);
		return by ? by : memcmp(a->data, b->data, 1);
	case MOEAI_TYPE_S32:
	case MOEAI_TYPE_S64:
		return a->s64 < b->s64 ? -1 : a->s64 > b->s64;
	default:
		return a->u64 < b->u64 ? -1 : a->u64 > b->u64;
	}
}

static int compare(const void *a, const void *b, void *order)
{
	const struct order_row *x = a, *y = b;
	const struct order *o = order;
	int by = 0;

	if (!x->key.field || !y->key.field)
		by = !x->key.field - !y->key.field;
	else
		by = o->down ? compare_keys(&y->key, &x->key) : compare_keys(&x->key, &y->key);
	return by ? by : x->index < y->index ? -1 : 1;
}

void order_sort(struct order *o)
{
	if (o->n)
		qsort_r(o->rows, o->n, sizeof(*o->rows), compare, o);
}

void order_free(struct order *o)
{
	for (size_t i = 0; i < o->n; i++)
		free((void *)o->rows[i].key.data);
	free(o->rows);
	o->rows = NULL;
	o->n = o->room = 0;
}
