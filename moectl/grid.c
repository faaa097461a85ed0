// SPDX-License-Identifier: GPL-2.0
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <libsmartcols.h>

#include "grid.h"
#include "order.h"
#include "pager.h"
#include "show.h"

#define MANY_COLUMNS 12

struct grid {
	struct output *output;
	const struct moeai_schema *schema;
	struct libscols_table *people;
	FILE *text; /* tab form and JSON: the rows so far, in buf */
	char *buf;
	size_t size, rows;
	struct order order;
};

static bool aligned_right(const struct moeai_field *f)
{
	return f->type >= MOEAI_TYPE_U32 && f->type <= MOEAI_TYPE_S64;
}

/* Texts for people may be broken into lines; names and values may not. */
static bool breakable(const struct moeai_field *f)
{
	static const char *const texts[] = { "help", "holders", "labels", "arguments" };

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		if (!strcmp(f->name, texts[i]))
			return true;
	return false;
}

static int people_columns(struct grid *g)
{
	for (size_t i = 0; i < g->schema->n_fields; i++) {
		const struct moeai_field *f = &g->schema->fields[i];
		char *title = strdup(f->name);
		int flags = (aligned_right(f) ? SCOLS_FL_RIGHT : 0) |
			    (breakable(f) ? SCOLS_FL_WRAP : 0);
		struct libscols_column *column;

		for (char *c = title; c && *c; c++)
			*c = (char)toupper((unsigned char)*c);
		column = title ? scols_table_new_column(g->people, title, 0, flags) : NULL;
		free(title);
		if (!column)
			return -ENOMEM;
	}
	return 0;
}

static int people_open(struct grid *g)
{
	g->people = scols_new_table();
	if (!g->people)
		return -ENOMEM;
	scols_table_set_stream(g->people, g->output->file);
	scols_table_enable_noencoding(g->people, 1);
	if (g->output->terminal) {
		scols_table_set_termforce(g->people, SCOLS_TERMFORCE_ALWAYS);
		scols_table_set_termwidth(g->people, (size_t)g->output->width);
	}
	return people_columns(g);
}

int grid_new(struct grid **out, struct output *output, const struct moeai_schema *schema)
{
	struct grid *g = calloc(1, sizeof(*g));
	int err;

	if (!g)
		return -ENOMEM;
	g->output = output;
	g->schema = schema;
	if (output->form == FORM_PEOPLE) {
		err = people_open(g);
	} else {
		g->text = open_memstream(&g->buf, &g->size);
		err = g->text ? 0 : -ENOMEM;
	}
	if (err) {
		grid_free(g);
		return err;
	}
	*out = g;
	return 0;
}

bool grid_order(struct grid *g, const char *column)
{
	return order_by(&g->order, column, g->schema);
}

static const struct moeai_value *cell(const struct fields *row, const struct moeai_field *f)
{
	for (size_t i = 0; i < row->n; i++)
		if (row->values[i].id == f->id)
			return &row->values[i];
	return NULL;
}

static int add_people(struct grid *g, const struct fields *row)
{
	struct libscols_line *line = scols_table_new_line(g->people, NULL);

	for (size_t i = 0; line && i < g->schema->n_fields; i++) {
		const struct moeai_value *v = cell(row, &g->schema->fields[i]);
		char *text = v ? show_people(v, g->output->escape) : NULL;

		if ((v && !text) || (text && scols_line_refer_data(line, i, text))) {
			free(text);
			return -ENOMEM;
		}
	}
	return line ? 0 : -ENOMEM;
}

static int add_tab(struct grid *g, const struct fields *row)
{
	for (size_t i = 0; i < g->schema->n_fields; i++) {
		const struct moeai_value *v = cell(row, &g->schema->fields[i]);
		char *text = v ? show_plain(v, g->output->escape) : NULL;

		if (v && !text)
			return -ENOMEM;
		fprintf(g->text, "%s%s", i ? "\t" : "", text ? text : "");
		free(text);
	}
	putc('\n', g->text);
	return ferror(g->text) ? -ENOMEM : 0;
}

static int add_json(struct grid *g, const struct fields *row)
{
	struct output to = { .file = g->text };
	json_t *object = json_object();

	for (size_t i = 0; object && i < g->schema->n_fields; i++) {
		const struct moeai_field *f = &g->schema->fields[i];
		const struct moeai_value *v = cell(row, f);

		if (json_object_set_new(object, f->name, v ? show_json(v) : json_null())) {
			json_decref(object);
			return -ENOMEM;
		}
	}
	putc(',', g->text);
	return output_json(&to, object) || ferror(g->text) ? -ENOMEM : 0;
}

int grid_add(struct grid *g, const struct fields *row)
{
	size_t from = g->size;
	int err = g->people		       ? add_people(g, row) :
		  g->output->form == FORM_JSON ? add_json(g, row) :
						 add_tab(g, row);

	if (!err && g->order.field) {
		if (g->text && fflush(g->text)) /* sets size */
			return -ENOMEM;
		err = order_add(&g->order, cell(row, g->order.field), from, g->size);
	}
	g->rows += !err;
	return err;
}

/* ---- printing ------------------------------------------------------------------------- */

/* A single long row is easier to read as a column. */
static void print_upright(struct grid *g)
{
	struct libscols_line *line = scols_table_get_line(g->people, 0);
	int width = 0;

	for (size_t i = 0; i < g->schema->n_fields; i++) {
		int len = (int)strlen(g->schema->fields[i].name);

		width = len > width ? len : width;
	}
	for (size_t i = 0; i < g->schema->n_fields; i++) {
		const char *text = scols_cell_get_data(scols_line_get_cell(line, i));

		fprintf(g->output->file, "%-*s  %s\n", width, g->schema->fields[i].name,
			text ? text : "");
	}
}

/* Take all lines out, and put them back in order. */
static int sort_people(struct grid *g)
{
	struct libscols_line **lines = calloc(g->rows, sizeof(*lines));
	int err = lines ? 0 : -ENOMEM;

	for (size_t i = 0; !err && i < g->rows; i++) {
		lines[i] = scols_table_get_line(g->people, i);
		scols_ref_line(lines[i]);
	}
	if (!err)
		scols_table_remove_lines(g->people);
	for (size_t i = 0; !err && i < g->rows; i++)
		err = scols_table_add_line(g->people, lines[g->order.rows[i].index]);
	for (size_t i = 0; lines && i < g->rows; i++)
		scols_unref_line(lines[i]);
	free(lines);
	return err;
}

static int print_people(struct grid *g)
{
	FILE *file = g->output->file;
	struct pager pager;
	int err;

	if (!g->rows)
		return 0;
	if (g->rows == 1 && g->schema->n_fields >= MANY_COLUMNS) {
		print_upright(g);
		return 0;
	}
	if (g->order.field) {
		err = sort_people(g);
		if (err)
			return err;
	}
	if (!pager_begin(&pager, g->output, g->rows + 1))
		return scols_print_table(g->people);
	scols_table_set_stream(g->people, pager.file);
	err = scols_print_table(g->people);
	if (ferror(pager.file))
		err = 0; /* it was left before the end */
	if (pager_end(&pager))
		return err;
	scols_table_set_stream(g->people, file); /* there is no such program */
	return scols_print_table(g->people);
}

static void print_text(struct grid *g)
{
	bool json = g->output->form == FORM_JSON;
	size_t comma = json; /* in front of every row, but for the first */

	fputs(json ? "[" : "", g->output->file);
	if (!g->order.field && g->rows)
		fwrite(g->buf + comma, 1, g->size - comma, g->output->file);
	for (size_t i = 0; i < g->order.n; i++, comma = 0) {
		const struct order_row *row = &g->order.rows[i];

		fwrite(g->buf + row->from + comma, 1, row->to - row->from - comma, g->output->file);
	}
	fputs(json ? "]\n" : "", g->output->file);
}

int grid_print(struct grid *g)
{
	if (g->order.field)
		order_sort(&g->order);
	if (g->people)
		return print_people(g);
	if (fflush(g->text))
		return -ENOMEM;
	print_text(g);
	return 0;
}

void grid_free(struct grid *g)
{
	if (!g)
		return;
	scols_unref_table(g->people);
	if (g->text)
		fclose(g->text);
	free(g->buf);
	order_free(&g->order);
	free(g);
}
