// SPDX-License-Identifier: GPL-2.0
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "complain.h"
#include "escape.h"
#include "units.h"
#include "show.h"

const char *show_name(const struct moeai_value *v, char buf[16])
{
	if (v->field)
		return v->field->name;
	snprintf(buf, 16, "#%u", v->id);
	return buf;
}

static bool is_number(const struct moeai_value *v)
{
	return v->field && v->field->type >= MOEAI_TYPE_U32 && v->field->type <= MOEAI_TYPE_S64;
}

static bool is_signed(const struct moeai_value *v)
{
	return v->field->type == MOEAI_TYPE_S32 || v->field->type == MOEAI_TYPE_S64;
}

static char *hex_text(const void *data, size_t len)
{
	const unsigned char *p = data;
	char *text = malloc(2 * len + 1);

	if (!text)
		return NULL;
	for (size_t i = 0; i < len; i++)
		snprintf(text + 2 * i, 3, "%02x", p[i]);
	text[2 * len] = '\0';
	return text;
}

/* What the library makes of it; may hold any bytes. */
static char *library_text(const struct moeai_value *v)
{
	int len = moeai_value_text(v, NULL, 0);
	char *text = len < 0 ? NULL : malloc((size_t)len + 1);

	if (len < 0) /* a payload that it can't read */
		return hex_text(v->data, v->len);
	if (text)
		moeai_value_text(v, text, (size_t)len + 1);
	return text;
}

char *show_plain(const struct moeai_value *v, unsigned int flags)
{
	char *text, *escaped;

	if (!v->field)
		return hex_text(v->data, v->len);
	if (v->field->type == MOEAI_TYPE_STRING)
		return escape_new(v->data, v->len, flags);
	text = library_text(v);
	if (!text)
		return NULL;
	escaped = escape_new(text, strlen(text), flags);
	free(text);
	return escaped;
}

static char *number_people(const struct moeai_value *v)
{
	char text[UNITS_LEN + 1] = "-";

	if (is_signed(v) && v->s64 < 0) {
		units_text(text + 1, v->field->unit, -(uint64_t)v->s64);
		return strdup(text);
	}
	units_text(text, v->field->unit, v->u64);
	return strdup(text);
}

static char *hex_number(const struct moeai_value *v)
{
	char text[UNITS_LEN];

	snprintf(text, sizeof(text), "0x%" PRIx64, v->u64);
	return strdup(text);
}

char *show_people(const struct moeai_value *v, unsigned int flags)
{
	if (is_number(v) && (v->field->flags & MOEAI_F_HEX))
		return hex_number(v);
	if (is_number(v))
		return number_people(v);
	if (v->field && v->field->type == MOEAI_TYPE_BOOL)
		return strdup(v->u64 ? "yes" : "no");
	if (v->field && v->field->type == MOEAI_TYPE_FLAGS && !v->u64)
		return strdup("none");
	return show_plain(v, flags);
}

char *show_term(const struct moeai_value *v, unsigned int flags)
{
	char *text, *quoted = NULL;

	if (!v->field || v->field->type != MOEAI_TYPE_STRING)
		return show_people(v, flags);
	text = escape_new(v->data, v->len, flags | ESCAPE_QUOTE);
	if (!text || (*text && !strpbrk(text, " =\\\"")))
		return text;
	if (asprintf(&quoted, "\"%s\"", text) < 0)
		quoted = NULL;
	free(text);
	return quoted;
}

json_t *show_json_text(const char *text, size_t len)
{
	char *utf8 = escape_utf8(text, len);
	json_t *json = utf8 ? json_string_nocheck(utf8) : NULL;

	free(utf8);
	return json;
}

json_t *show_json_u64(uint64_t number)
{
	char text[24];

	if (number <= INT64_MAX)
		return json_integer((json_int_t)number);
	snprintf(text, sizeof(text), "%" PRIu64, number);
	return json_string(text);
}

static json_t *flags_json(const struct moeai_value *v)
{
	json_t *array = json_array();

	for (unsigned int bit = 0; array && bit < 32; bit++) {
		const char *label;
		char number[16];

		if (!(v->u64 & 1ULL << bit))
			continue;
		snprintf(number, sizeof(number), "#%u", bit);
		label = bit < v->field->n_labels ? v->field->labels[bit] : number;
		if (json_array_append_new(array, show_json_text(label, strlen(label)))) {
			json_decref(array);
			return NULL;
		}
	}
	return array;
}

static json_t *number_json(const struct moeai_value *v)
{
	char text[24];

	if (v->field->flags & MOEAI_F_HEX) {
		snprintf(text, sizeof(text), "0x%" PRIx64, v->u64);
		return json_string(text);
	}
	return is_signed(v) ? json_integer(v->s64) : show_json_u64(v->u64);
}

static json_t *enum_json(const struct moeai_value *v)
{
	const char *label = moeai_field_label(v->field, v->u64);

	return label ? show_json_text(label, strlen(label)) : show_json_u64(v->u64);
}

json_t *show_json(const struct moeai_value *v)
{
	json_t *json;
	char *text;

	if (is_number(v))
		return number_json(v);
	switch (v->field ? v->field->type : MOEAI_TYPE_BINARY) {
	case MOEAI_TYPE_BOOL:
		return json_boolean(v->u64 != 0);
	case MOEAI_TYPE_STRING:
		return show_json_text(v->data, v->len);
	case MOEAI_TYPE_ENUM:
		return enum_json(v);
	case MOEAI_TYPE_FLAGS:
		return flags_json(v);
	}
	text = show_plain(v, 0);
	json = text ? json_string(text) : NULL;
	free(text);
	return json;
}

json_t *show_fields_json(const struct fields *r)
{
	json_t *object = json_object();
	char name[16];

	for (size_t i = 0; object && i < r->n; i++) {
		if (json_object_set_new(object, show_name(&r->values[i], name),
					show_json(&r->values[i]))) {
			json_decref(object);
			return NULL;
		}
	}
	return object;
}

int show_fields_lines(struct output *out, const struct fields *r)
{
	bool people = out->form == FORM_PEOPLE;
	int width = 0;
	char name[16];

	for (size_t i = 0; i < r->n; i++) {
		int len = (int)strlen(show_name(&r->values[i], name));

		width = len > width ? len : width;
	}
	for (size_t i = 0; i < r->n; i++) {
		const struct moeai_value *v = &r->values[i];
		char *text = (people ? show_people : show_plain)(v, out->escape);

		if (!text)
			return complain("out of memory");
		if (people)
			fprintf(out->file, "%-*s  %s\n", width, show_name(v, name), text);
		else
			fprintf(out->file, "%s\t%s\n", show_name(v, name), text);
		free(text);
	}
	return 0;
}

void show_layout(const struct output *out, const struct fields *r, const char *line)
{
	while (*line) {
		size_t plain = strcspn(line, "{"), len;
		const struct moeai_value *v;
		char name[32], *text;

		fwrite(line, 1, plain, out->file);
		line += plain;
		if (!*line)
			break;
		len = strcspn(line, "}");
		snprintf(name, sizeof(name), "%.*s", (int)len - 1, line + 1);
		line += len + 1;
		v = fields_get(r, name);
		text = v ? show_people(v, out->escape) : NULL;
		fputs(text ? text : "?", out->file);
		free(text);
	}
	putc('\n', out->file);
}
