// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "fields.h"

/* A value without a schema: its field, name and text in one piece. */
struct loose {
	struct moeai_field field;
	uint64_t number;
	char text[];
};

void fields_clear(struct fields *r)
{
	for (size_t i = 0; i < r->n_owned; i++)
		free(r->owned[i]);
	r->n = r->n_owned = 0;
}

void fields_free(struct fields *r)
{
	fields_clear(r);
	free(r->owned);
	free(r->values);
	*r = (struct fields){ 0 };
}

/* Room for one more element behind the n that there are; NULL: no memory. */
static void *grown(void *array, size_t n, size_t *size, size_t element)
{
	if (n < *size)
		return array;
	array = realloc(array, (n + 16) * 2 * element);
	if (array)
		*size = (n + 16) * 2;
	return array;
}

int fields_add(struct fields *r, const struct moeai_value *v)
{
	struct moeai_value *values = grown(r->values, r->n, &r->size, sizeof(*values));

	if (!values)
		return -ENOMEM;
	r->values = values;
	r->values[r->n++] = *v;
	return 0;
}

int fields_decode(struct fields *r, const struct moeai_values *values)
{
	struct moeai_value v;
	size_t pos = 0;
	int err;

	while ((err = moeai_values_next(values, &pos, &v)) > 0) {
		err = fields_add(r, &v);
		if (err)
			return err;
	}
	return err;
}

static int fields_own(struct fields *r, void *block)
{
	void **owned = grown(r->owned, r->n_owned, &r->size_owned, sizeof(*owned));

	if (!owned)
		return -ENOMEM;
	r->owned = owned;
	r->owned[r->n_owned++] = block;
	return 0;
}

/* A decimal number as it would be written: no sign alone, no leading zeros. */
static bool number_text(const char *s, bool *negative)
{
	const char *digits = s + (*s == '-');
	size_t n = strspn(digits, "0123456789");

	*negative = *s == '-';
	return n && !digits[n] && (n == 1 || *digits != '0');
}

static void loose_number(struct moeai_value *v, struct loose *loose)
{
	const char *text = loose->text;
	bool negative;

	if (!number_text(text, &negative))
		return;
	errno = 0;
	v->s64 = strtoll(text, NULL, 10);
	v->u64 = (uint64_t)v->s64;
	if (!negative && errno) {
		errno = 0;
		v->u64 = strtoull(text, NULL, 10);
		v->s64 = (int64_t)v->u64;
	}
	if (errno)
		return;
	loose->number = v->u64;
	loose->field.type = negative ? MOEAI_TYPE_S64 : MOEAI_TYPE_U64;
	v->data = &loose->number;
	v->len = sizeof(loose->number);
}

int fields_add_text(struct fields *r, const char *name, const char *text, bool quoted)
{
	size_t text_size = strlen(text) + 1, name_size = strlen(name) + 1;
	struct loose *loose = calloc(1, sizeof(*loose) + text_size + name_size);
	struct moeai_value v = { 0 };

	if (!loose || fields_own(r, loose)) {
		free(loose);
		return -ENOMEM;
	}
	memcpy(loose->text, text, text_size);
	memcpy(loose->text + text_size, name, name_size);
	loose->field.name = loose->text + text_size;
	loose->field.help = "";
	v = fields_string(&loose->field, loose->text);
	loose->field.type = MOEAI_TYPE_STRING;
	if (!quoted)
		loose_number(&v, loose);
	return fields_add(r, &v);
}

const struct moeai_value *fields_get(const struct fields *r, const char *name)
{
	for (size_t i = 0; i < r->n; i++)
		if (r->values[i].field && !strcmp(r->values[i].field->name, name))
			return &r->values[i];
	return NULL;
}

const char *fields_text(const struct fields *r, const char *name)
{
	const struct moeai_value *v = fields_get(r, name);

	if (!v)
		return NULL;
	if (v->field->type == MOEAI_TYPE_ENUM)
		return moeai_field_label(v->field, v->u64);
	return v->field->type == MOEAI_TYPE_STRING ? v->data : NULL;
}

uint64_t fields_u64(const struct fields *r, const char *name, uint64_t missing)
{
	const struct moeai_value *v = fields_get(r, name);

	return v && v->field->type != MOEAI_TYPE_STRING ? v->u64 : missing;
}

struct moeai_value fields_string(const struct moeai_field *field, const char *text)
{
	return (struct moeai_value){
		.field = field,
		.id = field->id,
		.data = text,
		.len = strlen(text),
	};
}

struct moeai_value fields_number(const struct moeai_field *field, uint64_t number)
{
	return (struct moeai_value){
		.field = field,
		.id = field->id,
		.u64 = number,
		.s64 = (int64_t)number,
		.len = sizeof(number),
	};
}
