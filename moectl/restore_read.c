// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "restore.h"
#include "suggest.h"

#define FILE_MAX    (1UL << 30)
#define MISSING_MAX 64 /* names that are told */

/* ---- where it is wrong ------------------------------------------------------------------- */

int restore_complain(const struct restore *r, uint32_t line, unsigned int column,
		     const char *field, const char *message)
{
	if (!line)
		return complain("%s%s%s", field ? field : "", field ? ": " : "", message);
	return complain("%s:%" PRIu32 ":%u: %s%s%s", r->name, line, column, field ? field : "",
			field ? ": " : "", message);
}

/* The next line at *at, which is moved behind it; NULL: there is none. */
static const char *next_line(const struct restore *r, size_t *at, size_t *len)
{
	const char *line = r->text + *at, *end;

	if (*at >= r->len)
		return NULL;
	end = memchr(line, '\n', r->len - *at);
	*len = end ? (size_t)(end - line) : r->len - *at;
	*at += *len + 1;
	return line;
}

/* Take it apart, in a copy, which is the caller's to free. Returns 0, -EINVAL or -ENOMEM. */
static int parse_line(struct restore *r, const char *text, size_t len, char **copy)
{
	*copy = malloc(len + 1);
	if (!*copy)
		return -ENOMEM;
	memcpy(*copy, text, len);
	(*copy)[len] = '\0';
	r->line.plain = 2;
	return line_parse(*copy, len, &r->line);
}

int restore_complain_field(struct restore *r, uint32_t line, const char *field,
			   const char *message)
{
	unsigned int column = 1;
	const char *text = NULL;
	char *copy = NULL;
	size_t at = 0, len = 0;

	for (uint32_t i = 0; i < line; i++)
		text = next_line(r, &at, &len);
	if (text && field && !parse_line(r, text, len, &copy))
		for (size_t i = 0; i < r->line.n; i++)
			if (r->line.words[i].value && !strcmp(r->line.words[i].key, field))
				column = r->line.words[i].column;
	free(copy);
	return restore_complain(r, line, column, field, message);
}

/* A word of the line read last. */
static int wrong_word(const struct restore *r, uint32_t line, const struct line_word *word,
		      const char *message)
{
	return restore_complain(r, line, word->column, word->key, message);
}

/* ---- what the kernel does not have ---------------------------------------------------------- */

static int skip(struct restore *r, const char *name)
{
	r->skipped++;
	if (r->missing.n < MISSING_MAX && names_add(&r->missing, name))
		return complain("out of memory");
	return 0;
}

static int no_module(struct restore *r, uint32_t line, const struct line_word *word)
{
	char module[64], why[256];

	snprintf(module, sizeof(module), "%.*s", (int)strcspn(word->key, "."), word->key);
	if (r->skip_missing)
		return skip(r, module);
	snprintf(why, sizeof(why), "module %s is not loaded: load it ('modprobe moeai_%s'?), or "
		 "leave out what is missing by --skip-missing", module, module);
	return wrong_word(r, line, word, why);
}

/* A parameter or a table; there may be one of a similar name. */
static int no_such(struct restore *r, uint32_t line, const struct line_word *word,
		   const char *what, const struct items *items)
{
	const char **names;
	char hint[128], why[256];

	if (!inventory_module(&r->now, word->key))
		return no_module(r, line, word);
	if (r->skip_missing)
		return skip(r, word->key);
	names = calloc(items->n + 1, sizeof(*names));
	if (!names)
		return complain("out of memory");
	for (size_t i = 0; i < items->n; i++)
		names[i] = items->v[i].name;
	suggest(hint, sizeof(hint), word->key, names, items->n);
	free(names);
	snprintf(why, sizeof(why), "there is no such %s%s%s", what, *hint ? "; " : "", hint);
	return wrong_word(r, line, word, why);
}

/* ---- parameters -------------------------------------------------------------------------------- */

static int add_param(struct restore *r, uint32_t line, const struct line_word *word,
		     const struct item *param)
{
	struct wanted_param *v;
	struct moeai_value value;
	char buf[64], why[64];

	for (size_t i = 0; i < r->n_params; i++)
		if (r->params[i].param == param) {
			snprintf(why, sizeof(why), "is set in line %" PRIu32 " already",
				 r->params[i].line);
			return wrong_word(r, line, word, why);
		}
	if (moeai_value_parse(r->ctl->h, param->field, word->value, buf, sizeof(buf), &value))
		return wrong_word(r, line, word, moeai_error(r->ctl->h));
	v = reallocarray(r->params, r->n_params + 1, sizeof(*v));
	if (!v)
		return complain("out of memory");
	r->params = v;
	v[r->n_params++] = (struct wanted_param){ param, value.u64, line, word->column, false };
	return 0;
}

static int read_param(struct restore *r, uint32_t line)
{
	const struct line_word *words = r->line.words;
	const struct item *param;

	if (r->line.n < 2 || !words[1].value)
		return restore_complain(r, line, words[0].column, NULL,
					"param wants MODULE.PARAMETER=VALUE");
	if (r->line.n > 2)
		return wrong_word(r, line, &words[2], "is too much");
	if (r->no_params)
		return 0;
	param = items_find(&r->now.params, words[1].key);
	if (!param)
		return no_such(r, line, &words[1], "parameter", &r->now.params);
	if (!param->writable)
		return wrong_word(r, line, &words[1], "this parameter can't be set");
	return add_param(r, line, &words[1], param);
}

/* ---- tables ------------------------------------------------------------------------------------- */

struct wanted_table *restore_table(struct restore *r, const char *name, uint32_t line)
{
	const struct moeai_schema *schema;
	struct wanted_table *t;

	/* Mostly the one of the line before. */
	for (size_t i = r->n_tables; i-- > 0;)
		if (!strcmp(r->tables[i].name, name))
			return &r->tables[i];
	t = reallocarray(r->tables, r->n_tables + 1, sizeof(*t));
	if (!t)
		return NULL;
	r->tables = t;
	t += r->n_tables;
	*t = (struct wanted_table){ .name = strdup(name), .line = line };
	if (!t->name || moeai_schema_get(r->ctl->h, MOEAI_SCHEMA_TABLE, name, &schema)) {
		free(t->name);
		return NULL;
	}
	t->rows.schema = schema;
	r->n_tables++;
	return t;
}

static const struct moeai_field *find_field(const struct moeai_schema *schema, const char *name,
					    size_t *i)
{
	for (*i = 0; *i < schema->n_fields; ++*i)
		if (!strcmp(schema->fields[*i].name, name))
			return &schema->fields[*i];
	return NULL;
}

static int no_column(const struct restore *r, uint32_t line, const struct line_word *word,
		     const struct moeai_schema *schema)
{
	char why[512] = "there is no such column, only";
	size_t len = strlen(why);

	for (size_t i = 0; i < schema->n_fields && len < sizeof(why); i++)
		if (!(schema->fields[i].flags & MOEAI_F_READ))
			len += (size_t)snprintf(why + len, sizeof(why) - len, " %s",
						schema->fields[i].name);
	return wrong_word(r, line, word, why);
}

/* The words as values of their columns, with their payloads in buf. */
static int read_values(struct restore *r, uint32_t line, const struct moeai_schema *schema,
		       struct moeai_value *values, char *buf, size_t size)
{
	for (size_t i = 2; i < r->line.n; i++) {
		const struct line_word *word = &r->line.words[i];
		const struct moeai_field *f;
		size_t k;

		f = find_field(schema, word->key, &k);
		if (!f)
			return no_column(r, line, word, schema);
		if (f->flags & MOEAI_F_READ)
			return wrong_word(r, line, word, "this column can't be given, only read");
		if (moeai_value_parse(r->ctl->h, f, word->value, buf, size, &values[k]))
			return wrong_word(r, line, word, moeai_error(r->ctl->h));
		k = values[k].len + 1;
		buf += k;
		size -= k;
	}
	return 0;
}

static int add_row(struct restore *r, uint32_t line, struct wanted_table *t, size_t len)
{
	const struct moeai_schema *schema = t->rows.schema;
	struct moeai_value *values = calloc(schema->n_fields + 1, sizeof(*values));
	size_t size = len + 32 * r->line.n; /* a text, or what a number or a prefix needs */
	char *buf = malloc(size);
	int status = values && buf ? read_values(r, line, schema, values, buf, size) :
				     complain("out of memory");

	if (!status && rows_add(&t->rows, values, line))
		status = complain("out of memory");
	free(values);
	free(buf);
	return status;
}

static int read_table(struct restore *r, uint32_t line, bool row, size_t len)
{
	const struct line_word *words = r->line.words;
	const struct item *table;
	struct wanted_table *t;

	if (r->line.n < 2 || words[1].value)
		return restore_complain(r, line, words[0].column, NULL,
					row ? "row wants MODULE.TABLE COLUMN=VALUE..." :
					      "table wants MODULE.TABLE");
	if (!row && r->line.n > 2)
		return wrong_word(r, line, &words[2], "is too much");
	table = items_find(&r->now.tables, words[1].key);
	if (!table)
		return no_such(r, line, &words[1], "table", &r->now.tables);
	if (!table->writable)
		return wrong_word(r, line, &words[1], "this table can't be changed");
	t = restore_table(r, table->name, line);
	if (!t)
		return complain("table %s: %s", table->name, moeai_error(r->ctl->h));
	return row ? add_row(r, line, t, len) : 0;
}

/* ---- the file --------------------------------------------------------------------------------------- */

static int read_line(struct restore *r, uint32_t number, const char *text, size_t len)
{
	char *copy;
	int err = parse_line(r, text, len, &copy), status = 0;
	const struct line_word *first = r->line.words;

	if (err == -EINVAL)
		status = restore_complain(r, number, r->line.column, NULL, r->line.why);
	else if (err)
		status = complain("out of memory");
	else if (!r->line.n)
		status = 0;
	else if (!strcmp(first->key, "param") && !first->value)
		status = read_param(r, number);
	else if ((!strcmp(first->key, "table") || !strcmp(first->key, "row")) && !first->value)
		status = read_table(r, number, *first->key == 'r', len);
	else
		status = wrong_word(r, number, first,
				    "a line begins with param, table, row, or # for a comment");
	free(copy);
	return status;
}

static int read_text(struct restore *r, FILE *from)
{
	size_t size = 0, n;
	char *more;

	do {
		if (r->len == size) {
			size = size ? 2 * size : 1 << 16;
			more = size > FILE_MAX ? NULL : realloc(r->text, size);
			if (!more)
				return complain("%s: %s", r->name, size > FILE_MAX ?
						"longer than 1 GiB" : "out of memory");
			r->text = more;
		}
		errno = 0;
		n = fread(r->text + r->len, 1, size - r->len, from);
		r->len += n;
	} while (n);
	return ferror(from) ? complain("%s: %s", r->name, strerror(errno)) : 0;
}

/* Of two rows with the same key the later one. */
static int check_keys(struct restore *r, struct wanted_table *t)
{
	char why[64];

	rows_sort(&t->rows);
	for (size_t i = 1; i < t->rows.n; i++) {
		if (rows_compare(&t->rows, i - 1, &t->rows, i))
			continue;
		snprintf(why, sizeof(why), "line %" PRIu32 " has a row with this key already",
			 t->rows.v[i - 1].line);
		return restore_complain(r, t->rows.v[i].line, 1, NULL, why);
	}
	return 0;
}

int restore_read(struct restore *r, FILE *from)
{
	int status = read_text(r, from) || inventory_get(r->ctl->h, &r->now);
	const char *line;
	uint32_t number = 0;
	size_t at = 0, len;

	while (!status && (line = next_line(r, &at, &len)))
		status = read_line(r, ++number, line, len);
	for (size_t i = 0; i < r->n_tables && !status; i++)
		status = check_keys(r, &r->tables[i]);
	return status;
}

void restore_free(struct restore *r)
{
	for (size_t i = 0; i < r->n_tables; i++) {
		moeai_txn_close(r->tables[i].txn);
		rows_free(&r->tables[i].rows);
		rows_free(&r->tables[i].now);
		free(r->tables[i].name);
	}
	free(r->tables);
	free(r->params);
	free(r->text);
	line_free(&r->line);
	names_free(&r->missing);
	inventory_free(&r->now);
}
