// SPDX-License-Identifier: GPL-2.0
/*
 * Text as an argument: the first byte chooses the field. What is taken must
 * come back as a text that means the same, for ever.
 */
#include "fuzz.h"
#include "value.h"
#include "../../moectl/exact.h"
#include "../../moectl/line.h"

/* The value that the payload is, as a new string. */
static char *text_of(const struct moeai_field *field, const struct payload *p)
{
	const struct attr a = { field->id, p->len, p->data ? p->data : p->bytes };
	struct moeai_value v;
	char cut[8], *text;
	int len;

	promise(!value_decode(field, &a, &v) && v.field == field);
	len = moeai_value_text(&v, NULL, 0);
	text = malloc(len + 1);
	promise(text && moeai_value_text(&v, text, len + 1) == len);
	promise(strlen(text) == (size_t)len);
	promise(moeai_value_text(&v, cut, sizeof(cut)) == len);
	promise(strlen(cut) == strnlen(text, sizeof(cut) - 1) && !strncmp(cut, text, strlen(cut)));
	return text;
}

static bool same(const struct payload *a, const struct payload *b)
{
	return a->len == b->len && !memcmp(a->data ? a->data : a->bytes,
					   b->data ? b->data : b->bytes, a->len);
}

/* As it is saved, and read back out of a file's line. */
static void check_exact(const struct moeai_field *field, const struct payload *p)
{
	const struct attr a = { field->id, p->len, p->data ? p->data : p->bytes };
	char *line = NULL, *buf;
	struct line words = { .plain = 2 };
	struct error e = { 0 };
	struct moeai_value v;
	size_t len;
	FILE *to = open_memstream(&line, &len);

	promise(to && !value_decode(field, &a, &v));
	fputs("row fuzz.fields x=", to);
	promise(!exact_write(to, &v) && !fclose(to));
	promise(!memchr(line, '\n', len) && !line_parse(line, len, &words) && words.n == 3);
	buf = malloc(len + 24);
	promise(buf && !value_parse(field, words.words[2].value, buf, len + 24, &v, &e));
	promise(v.len + (field->type == MOEAI_TYPE_STRING) == p->len);
	promise(!memcmp(v.data, a.data, p->len));
	line_free(&words);
	free(line);
	free(buf);
}

static void check(const struct moeai_field *field, const char *said)
{
	struct moeai_arg arg = { .name = field->name, .kind = MOEAI_ARG_TEXT, .text = said };
	struct payload first, second;
	struct error e = { 0 };
	char *text, *again;

	if (value_encode(field, &arg, &first, &e)) {
		promise(*e.text);
		return;
	}
	text = text_of(field, &first);
	arg.text = text;
	promise(!value_encode(field, &arg, &second, &e));
	promise(same(&first, &second));
	again = text_of(field, &second);
	promise(!strcmp(text, again));
	check_exact(field, &first);
	free(again);
	free(text);
}

/* The same bytes not as text: the library must say no, or something decodable. */
static void check_others(const struct moeai_field *field, const uint8_t *data, size_t size)
{
	struct moeai_arg arg = { .name = field->name, .kind = MOEAI_ARG_BYTES, .bytes = data,
				 .len = size };
	struct payload p;
	struct error e = { 0 };

	value_encode(field, &arg, &p, &e);
	arg.kind = MOEAI_ARG_NUMBER;
	arg.number = 0;
	memcpy(&arg.number, data, size < sizeof(arg.number) ? size : sizeof(arg.number));
	if (!value_encode(field, &arg, &p, &e))
		free(text_of(field, &p));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct moeai_field *field;
	char *said;

	if (!size)
		return 0;
	field = &fuzz_schema.fields[*data % fuzz_schema.n_fields];
	said = fuzz_string(data + 1, size - 1);
	check(field, said);
	free(said);
	check_others(field, data + 1, size - 1);
	return 0;
}
