// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "described.h"
#include "escape.h"
#include "generate.h"
#include "listing.h"
#include "show.h"

struct input {
	char **owners;
	size_t n;
	bool c;
};

static const struct argp_option options[] = {
	{ "c", 'c', 0, 0, "Print a C header with types, decoders and calls of one module", 0 },
	{ 0 },
};

/* ---- for people ------------------------------------------------------------------ */

static void put(const struct output *out, const char *s)
{
	escape_write(out->file, s, strlen(s), out->escape);
}

/* One end of a range, which of strings and binaries is a length. */
static void put_limit(FILE *to, const struct moeai_field *f, int64_t limit, bool people)
{
	bool number = f->type >= MOEAI_TYPE_BOOL && f->type <= MOEAI_TYPE_S64;
	struct moeai_value v = fields_number(f, (uint64_t)limit);
	char *text = people && number ? show_people(&v, 0) : NULL;

	if (text)
		fputs(text, to);
	else
		fprintf(to, "%" PRId64, limit);
	free(text);
}

/* "u64 bytes 0..1000, required"; a new string, NULL: out of memory. */
static char *traits(struct moeai *h, const struct moeai_field *f, bool people)
{
	char *text = NULL;
	size_t size;
	FILE *to = open_memstream(&text, &size);

	if (!to)
		return NULL;
	fputs(described_label(h, "type", f->type), to);
	if (f->unit)
		fprintf(to, " %s", described_label(h, "unit", f->unit));
	for (uint32_t i = 0; i < f->n_labels; i++)
		fprintf(to, "%s%s", i ? "|" : " ", f->labels[i]);
	if (f->has_range) {
		putc(' ', to);
		put_limit(to, f, f->min, people);
		fputs("..", to);
		put_limit(to, f, f->max, people);
	}
	for (unsigned int i = 0; i < 32; i++)
		if (f->flags >> i & 1)
			fprintf(to, ", %s", described_label(h, "flags", i));
	fclose(to);
	return text;
}

static int print_fields(struct moectl *ctl, const struct moeai_schema *s)
{
	struct output *out = &ctl->out;
	int width = 0;

	for (size_t i = 0; i < s->n_fields; i++)
		if ((int)strlen(s->fields[i].name) > width)
			width = (int)strlen(s->fields[i].name);
	for (size_t i = 0; i < s->n_fields; i++) {
		const struct moeai_field *f = &s->fields[i];
		char *text = traits(ctl->h, f, true);

		if (!text)
			return complain("out of memory");
		fputs("  ", out->file);
		put(out, f->name);
		fprintf(out->file, "%*s  ", width - (int)strlen(f->name), "");
		put(out, text);
		if (*f->help)
			fputs(": ", out->file);
		put(out, f->help);
		putc('\n', out->file);
		free(text);
	}
	return 0;
}

static int print_people(struct moectl *ctl, const struct described *d)
{
	struct output *out = &ctl->out;
	int status = 0;

	for (size_t i = 0; i < d->n && !status; i++) {
		const struct moeai_schema *s = d->v[i].schema;

		if (i)
			putc('\n', out->file);
		fprintf(out->file, "%s%s ", output_colour(out, COLOUR_BOLD),
			described_label(ctl->h, "kind", s->kind));
		put(out, s->owner);
		fputs(output_colour(out, COLOUR_OFF), out->file);
		fputs(*d->v[i].help ? ": " : "", out->file);
		put(out, d->v[i].help);
		putc('\n', out->file);
		status = print_fields(ctl, s);
	}
	return status;
}

/* ---- for scripts ------------------------------------------------------------------- */

static int print_tab(struct moectl *ctl, const struct described *d)
{
	struct output *out = &ctl->out;

	for (size_t i = 0; i < d->n; i++) {
		const struct moeai_schema *s = d->v[i].schema;

		for (size_t j = 0; j < s->n_fields; j++) {
			const struct moeai_field *f = &s->fields[j];
			char *text = traits(ctl->h, f, false);

			if (!text)
				return complain("out of memory");
			fprintf(out->file, "%s\t", described_label(ctl->h, "kind", s->kind));
			put(out, s->owner);
			fprintf(out->file, "\t%u\t", f->id);
			put(out, f->name);
			putc('\t', out->file);
			put(out, text);
			putc('\t', out->file);
			put(out, f->help);
			putc('\n', out->file);
			free(text);
		}
	}
	return 0;
}

static json_t *text_json(const char *text)
{
	return show_json_text(text, strlen(text));
}

static json_t *field_json(struct moeai *h, const struct moeai_field *f)
{
	json_t *labels = json_array(), *flags = json_array(), *field;

	for (uint32_t i = 0; i < f->n_labels; i++)
		json_array_append_new(labels, text_json(f->labels[i]));
	for (unsigned int i = 0; i < 32; i++)
		if (f->flags >> i & 1)
			json_array_append_new(flags, text_json(described_label(h, "flags", i)));
	field = json_pack("{s:i, s:o, s:o, s:o, s:o, s:o, s:o}", "id", f->id, "name",
			  text_json(f->name), "type", text_json(described_label(h, "type", f->type)),
			  "unit", text_json(described_label(h, "unit", f->unit)), "flags", flags,
			  "labels", labels, "help", text_json(f->help));
	if (field && f->has_range) {
		json_object_set_new(field, "min", json_integer(f->min));
		json_object_set_new(field, "max", json_integer(f->max));
	}
	return field;
}

static int print_json(struct moectl *ctl, const struct described *d)
{
	json_t *all = json_array();

	for (size_t i = 0; i < d->n; i++) {
		const struct moeai_schema *s = d->v[i].schema;
		json_t *fields = json_array();

		for (size_t j = 0; j < s->n_fields; j++)
			json_array_append_new(fields, field_json(ctl->h, &s->fields[j]));
		json_array_append_new(
			all, json_pack("{s:o, s:o, s:o, s:o}", "kind",
				       text_json(described_label(ctl->h, "kind", s->kind)), "owner",
				       text_json(s->owner), "help", text_json(d->v[i].help),
				       "fields", fields));
	}
	return output_json(&ctl->out, all);
}

/* ------------------------------------------------------------------------------------ */

static int print(struct moectl *ctl, const struct input *in, const struct described *d)
{
	if (in->c)
		return generate_header(ctl->out.file, in->owners[0], d) ?
			       complain("out of memory") : 0;
	switch (ctl->out.form) {
	case FORM_JSON:
		return print_json(ctl, d);
	case FORM_PEOPLE:
		return print_people(ctl, d);
	default:
		return print_tab(ctl, d);
	}
}

static int unknown_owner(struct moectl *ctl, const char *name)
{
	static const char *const tables[] = { "modules", "event_types", "commands", "tables" };
	struct names names = { 0 };
	int status;

	for (size_t i = 0; i < sizeof(tables) / sizeof(*tables); i++)
		listing_names(ctl->h, tables[i], "name", &names);
	status = listing_complain("schema of", name, &names, "'moectl schema' lists them");
	names_free(&names);
	return status;
}

static int show(struct moectl *ctl, const struct input *in)
{
	struct described d = { 0 };
	const char *unknown = NULL;
	int err, status;

	if (command_open(ctl))
		return 1;
	err = described_get(ctl->h, in->owners, in->n, &d, &unknown);
	if (unknown)
		status = unknown_owner(ctl, unknown);
	else if (err)
		status = complain_call(ctl->h, err);
	else
		status = print(ctl, in, &d);
	described_free(&d);
	return status;
}

static int run(struct moectl *ctl, void *input)
{
	struct input *in = input;
	int status = show(ctl, in);

	free(in->owners);
	return status;
}

static error_t parse(int key, char *arg, struct argp_state *state, void *input)
{
	struct input *in = input;
	char **owners;

	switch (key) {
	case 'c':
		in->c = true;
		return 0;
	case ARGP_KEY_ARG:
		owners = realloc(in->owners, (in->n + 1) * sizeof(*owners));
		if (!owners)
			return ENOMEM;
		in->owners = owners;
		in->owners[in->n++] = arg;
		return 0;
	case ARGP_KEY_END:
		if (in->c && (in->n != 1 || strchr(in->owners[0], '.')))
			complain_usage(state, "--c takes one module; 'moectl modules' lists them");
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

const struct command cmd_schema = {
	.name = "schema",
	.arguments = "[OWNER...]",
	.summary = "Show the fields of events, commands, parameters and tables",
	.details = "OWNER is a module, with all it has, or one event type, command or table. Off a "
		   "terminal a line is 'kind owner id name type help', separated by tabs.\n\n"
		   "With --c, a C header for programs that use libmoeai: ids and labels, a struct "
		   "for each event type, call, answer and row, and functions that decode them, make "
		   "the call, and encode arguments and rows.\n\n"
		   "Examples:\n"
		   "  moectl schema mem_monitor.level\n"
		   "  moectl schema mem_monitor --json\n"
		   "  moectl schema --c mem_monitor >mem_monitor.h",
	.options = options,
	.parse = parse,
	.input_size = sizeof(struct input),
	.run = run,
};
