// SPDX-License-Identifier: GPL-2.0
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <libsmartcols.h>

#include "show.h"
#include "grid.h"

#define MANY_COLUMNS 12

struct grid {
	struct output *output;
	const struct moeai_schema *schema;
	struct libscols_table *people;
	FILE *text; /* tab form and JSON: the rows so far, in buf */
	char *buf;
	size_t size, rows;
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
	fputs(g->rows ? "," : "", g->text);
	return output_json(&to, object) || ferror(g->text) ? -ENOMEM : 0;
}

int grid_add(struct grid *g, const struct fields *row)
{
	int err = g->people		       ? add_people(g, row) :
		  g->output->form == FORM_JSON ? add_json(g, row) :
						 add_tab(g, row);

	g->rows += !err;
	return err;
}

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

static int print_people(struct grid *g)
{
	if (!g->rows)
		return 0;
	if (g->rows > 1 || g->schema->n_fields < MANY_COLUMNS)
		return scols_print_table(g->people);
	print_upright(g);
	return 0;
}

int grid_print(struct grid *g)
{
	bool json = g->output->form == FORM_JSON;

	if (g->people)
		return print_people(g);
	if (fflush(g->text))
		return -ENOMEM;
	fputs(json ? "[" : "", g->output->file);
	fwrite(g->buf, 1, g->size, g->output->file);
	fputs(json ? "]\n" : "", g->output->file);
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
	free(g);
}
