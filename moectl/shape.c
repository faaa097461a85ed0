// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <string.h>

#include "escape.h"
#include "shape.h"

/* ---- text that came from the kernel ---------------------------------------------- */

void generate_comment(struct generator *g, const char *s)
{
	char *text = escape_new(s, strlen(s), ESCAPE_ASCII);

	g->failed |= !text;
	for (const char *c = text; c && *c; c++) {
		if ((*c == '/' && c > text && c[-1] == '*') || (*c == '*' && c > text && c[-1] == '/'))
			putc(' ', g->to);
		putc(*c, g->to);
	}
	free(text);
}

void generate_string(struct generator *g, const char *s)
{
	putc('"', g->to);
	for (; *s; s++) {
		if ((*s >= 'a' && *s <= 'z') || (*s >= '0' && *s <= '9') || strchr("._", *s))
			putc(*s, g->to);
		else
			fprintf(g->to, "\\%03o", (unsigned char)*s);
	}
	putc('"', g->to);
}

const char *generate_sure(struct generator *g, const char *name)
{
	g->failed |= !name;
	return name ? name : "x";
}

/* ---- fields -------------------------------------------------------------------------- */

static const struct {
	const char *type; /* NULL: bytes, with a length */
	const char *enumerator;
	const char *value; /* of a moeai_value */
} types[MOEAI_TYPE_MAX + 1] = {
	[MOEAI_TYPE_BOOL] = { "bool", "MOEAI_TYPE_BOOL", "v.u64 != 0" },
	[MOEAI_TYPE_U32] = { "uint32_t", "MOEAI_TYPE_U32", "(uint32_t)v.u64" },
	[MOEAI_TYPE_S32] = { "int32_t", "MOEAI_TYPE_S32", "(int32_t)v.s64" },
	[MOEAI_TYPE_U64] = { "uint64_t", "MOEAI_TYPE_U64", "v.u64" },
	[MOEAI_TYPE_S64] = { "int64_t", "MOEAI_TYPE_S64", "v.s64" },
	[MOEAI_TYPE_STRING] = { "const char *", "MOEAI_TYPE_STRING", "(const char *)v.data" },
	[MOEAI_TYPE_BINARY] = { NULL, "MOEAI_TYPE_BINARY", "v.data" },
	[MOEAI_TYPE_PREFIX] = { NULL, "MOEAI_TYPE_PREFIX", "v.data" },
	[MOEAI_TYPE_ENUM] = { "uint32_t", "MOEAI_TYPE_ENUM", "(uint32_t)v.u64" },
	[MOEAI_TYPE_FLAGS] = { "uint32_t", "MOEAI_TYPE_FLAGS", "(uint32_t)v.u64" },
};

/* A type that this program does not know is left out. */
static bool known(const struct moeai_field *f)
{
	return f->type <= MOEAI_TYPE_MAX && types[f->type].enumerator;
}

void generate_labels(struct generator *g, const char *prefix, const struct moeai_field *f)
{
	if (!f->n_labels)
		return;
	if (f->type == MOEAI_TYPE_ENUM)
		fprintf(g->to, "enum %s {\n", NEW("%s_%s", prefix, f->name));
	for (uint32_t i = 0; i < f->n_labels; i++) {
		const char *name = MACRO("%s_%s_%s", prefix, f->name, f->labels[i]);

		if (f->type == MOEAI_TYPE_ENUM)
			fprintf(g->to, "\t%s = %u,\n", name, i);
		else
			fprintf(g->to, "#define %s (1U << %u)\n", name, i);
	}
	fputs(f->type == MOEAI_TYPE_ENUM ? "};\n\n" : "\n", g->to);
}

static void shape_members(struct generator *g, struct shape *s)
{
	size_t n = s->schema->n_fields;

	s->member = calloc(3 * n, sizeof(*s->member));
	g->failed |= !s->member || names_add(&s->members, "has");
	if (g->failed)
		return;
	s->length = s->member + n;
	s->id = s->length + n;
	for (size_t i = 0; i < n; i++)
		s->member[i] = generate_sure(g, identifier_new(&s->members, "%s",
						      s->schema->fields[i].name));
	for (size_t i = 0; i < n; i++)
		if (known(&s->schema->fields[i]) && !types[s->schema->fields[i].type].type)
			s->length[i] = generate_sure(g, identifier_new(&s->members, "%s_len",
							      s->schema->fields[i].name));
}

static void put_struct(struct generator *g, const struct shape *s)
{
	fprintf(g->to, "struct %s {\n\tstruct {\n", s->tag);
	for (size_t i = 0; i < s->schema->n_fields; i++)
		if (known(&s->schema->fields[i]))
			fprintf(g->to, "\t\tbool %s;\n", s->member[i]);
	fputs("\t} has;\n", g->to);
	for (size_t i = 0; i < s->schema->n_fields; i++) {
		const struct moeai_field *f = &s->schema->fields[i];
		const char *type = known(f) ? types[f->type].type : NULL;

		if (!known(f))
			continue;
		fprintf(g->to, "\t%s%s%s;", type ? type : "const void *",
			!type || f->type == MOEAI_TYPE_STRING ? "" : " ", s->member[i]);
		if (*f->help) {
			fputs(" /* ", g->to);
			generate_comment(g, f->help);
			fputs(" */", g->to);
		}
		fprintf(g->to, type ? "\n" : "\n\tsize_t %s;\n", s->length[i]);
	}
	fputs("};\n\n", g->to);
}

/* ---- decoders and encoders -------------------------------------------------------------- */

/* The number at *p, of which there is enough if sure; or bytes. */
static void put_taking(struct generator *g, const struct shape *s, size_t i, bool sure)
{
	const char *id = s->id[i], *member = s->member[i];

	switch (s->schema->fields[i].type) {
	case MOEAI_TYPE_BOOL:
		fprintf(g->to, "!moeai_take_bool(&p, end, %s, &out->%s)", id, member);
		break;
	case MOEAI_TYPE_STRING:
		fprintf(g->to, "!moeai_take_string(&p, end, %s, &out->%s)", id, member);
		break;
	case MOEAI_TYPE_BINARY:
		fprintf(g->to, "!moeai_take_bytes(&p, end, %s, &out->%s, &out->%s)", id, member,
			s->length[i]);
		break;
	default:
		fprintf(g->to, "!moeai_take%s, %s, &out->%s, sizeof(out->%s))",
			sure ? "_sure(&p" : "(&p, end", id, member, member);
	}
}

/* How many fields are numbers, from the first on; and how many bytes they take. */
static size_t numbers_first(const struct moeai_schema *schema, size_t *bytes)
{
	size_t i;

	*bytes = 0;
	for (i = 0; i < schema->n_fields; i++) {
		switch (schema->fields[i].type) {
		case MOEAI_TYPE_U64:
		case MOEAI_TYPE_S64:
			*bytes += 12;
			break;
		case MOEAI_TYPE_U32:
		case MOEAI_TYPE_S32:
		case MOEAI_TYPE_ENUM:
		case MOEAI_TYPE_FLAGS:
			*bytes += 8;
			break;
		default:
			return i;
		}
	}
	return i;
}

/* All of them, and in order: what nearly all events are. Prefixes are left to the walk. */
static bool may_be_in_order(const struct moeai_schema *schema)
{
	for (size_t i = 0; i < schema->n_fields; i++)
		if (!known(&schema->fields[i]) || schema->fields[i].type == MOEAI_TYPE_PREFIX)
			return false;
	return schema->shape && schema->kind == MOEAI_SCHEMA_EVENT;
}

static void put_in_order(struct generator *g, struct shape *s)
{
	const struct moeai_schema *schema = s->schema;
	size_t bytes, numbers = numbers_first(schema, &bytes);

	if (!may_be_in_order(schema))
		return;
	s->in_order = NEW("%s_in_order", s->tag);
	fprintf(g->to,
		"/* True: decoded, as all is there and in order. */\n"
		"static inline bool\n%s(const struct moeai_values *values, struct %s *out)\n"
		"{\n"
		"\tconst char *p = (const char *)values->data, *end = p + values->len;\n\n"
		"\tif (!values->schema || values->schema->shape != 0x%llxULL ||\n"
		"\t    end - p < %zu)\n"
		"\t\treturn false;\n"
		"\tif (", s->in_order, s->tag, (unsigned long long)schema->shape, bytes);
	for (size_t i = 0; i < schema->n_fields; i++) {
		if (i)
			fputs(" ||\n\t    ", g->to);
		put_taking(g, s, i, i < numbers);
	}
	fputs(")\n\t\treturn false;\n", g->to);
	for (size_t i = 0; i < schema->n_fields; i++)
		fprintf(g->to, "\tout->has.%s = true;\n", s->member[i]);
	fputs("\treturn p >= end;\n}\n\n", g->to);
}

/* Where the fields may be in order, the walk is out of the way. */
static void put_decoder(struct generator *g, struct shape *s)
{
	s->walk = s->in_order ? NEW("%s_walk", s->tag) : s->decode;
	fprintf(g->to,
		"static %s int\n%s(const struct moeai_values *values, struct %s *out)\n"
		"{\n"
		"\tstruct moeai_value v;\n"
		"\tsize_t pos = 0;\n"
		"\tint rc;\n\n"
		"\tmemset(out, 0, sizeof(*out));\n"
		"\twhile ((rc = moeai_values_next(values, &pos, &v)) > 0) {\n"
		"\t\tswitch (v.id) {\n",
		s->in_order ? "__attribute__((noinline, unused))" : "inline", s->walk, s->tag);
	for (size_t i = 0; i < s->schema->n_fields; i++) {
		const struct moeai_field *f = &s->schema->fields[i];

		if (!known(f))
			continue;
		fprintf(g->to,
			"\t\tcase %s:\n"
			"\t\t\tif (!v.field || v.field->type != %s)\n"
			"\t\t\t\treturn -EPROTO;\n"
			"\t\t\tout->%s = %s;\n",
			s->id[i], types[f->type].enumerator, s->member[i], types[f->type].value);
		if (s->length[i])
			fprintf(g->to, "\t\t\tout->%s = v.len;\n", s->length[i]);
		fprintf(g->to, "\t\t\tout->has.%s = true;\n\t\t\tbreak;\n", s->member[i]);
	}
	fputs("\t\t}\n\t}\n\treturn rc;\n}\n\n", g->to);
	if (s->in_order)
		fprintf(g->to,
			"static inline int\n%s(const struct moeai_values *values, struct %s *out)\n"
			"{\n\treturn %s(values, out) ? 0 : %s(values, out);\n}\n\n",
			s->decode, s->tag, s->in_order, s->walk);
}

static bool is_args(const struct shape *s)
{
	return s->schema->kind == MOEAI_SCHEMA_ARGS;
}

/* One field of *in into args[n++]. */
static void put_argument(struct generator *g, const struct shape *s, size_t i)
{
	const struct moeai_field *f = &s->schema->fields[i];
	const char *member = s->member[i];
	bool always = f->flags & (is_args(s) ? MOEAI_F_REQUIRED : MOEAI_F_KEY);
	bool string = f->type == MOEAI_TYPE_STRING;

	if (!always)
		fprintf(g->to, "\tif (in->has.%s) {\n", member);
	else if (string)
		fprintf(g->to, "\tif (in->%s) {\n", member);
	else
		fputs("\t{\n", g->to);
	fputs("\t\targs[n].name = ", g->to);
	generate_string(g, f->name);
	fputs(";\n", g->to);
	if (string)
		fprintf(g->to, "\t\targs[n].kind = MOEAI_ARG_TEXT;\n\t\targs[n].text = in->%s;\n",
			member);
	else if (s->length[i])
		fprintf(g->to, "\t\targs[n].kind = MOEAI_ARG_BYTES;\n\t\targs[n].bytes = in->%s;\n"
			"\t\targs[n].len = in->%s;\n", member, s->length[i]);
	else if (f->type == MOEAI_TYPE_U64)
		fprintf(g->to, "\t\targs[n].kind = MOEAI_ARG_UNSIGNED;\n"
			"\t\targs[n].u64 = in->%s;\n", member);
	else
		fprintf(g->to, "\t\targs[n].kind = MOEAI_ARG_NUMBER;\n\t\targs[n].number = in->%s;\n",
			member);
	fputs("\t\tn++;\n\t}\n", g->to);
}

static void put_encoder(struct generator *g, const struct shape *s)
{
	fprintf(g->to,
		"/* Room for %zu is enough; returns how many there are. */\n"
		"static inline size_t\n%s(const struct %s *in, struct moeai_arg *args)\n"
		"{\n"
		"\tsize_t n = 0;\n\n"
		"\tmemset(args, 0, %zu * sizeof(*args));\n",
		s->schema->n_fields, s->encode, s->tag, s->schema->n_fields);
	for (size_t i = 0; i < s->schema->n_fields; i++)
		if (known(&s->schema->fields[i]))
			put_argument(g, s, i);
	fputs("\treturn n;\n}\n\n", g->to);
}

/* ---- schemas ---------------------------------------------------------------------------- */

void shape_begin(struct generator *g, struct shape *s, const struct moeai_schema *schema,
			const char *base, const char *suffix)
{
	*s = (struct shape){ .schema = schema };
	if (!schema->n_fields || g->failed)
		return;
	shape_members(g, s);
	s->tag = NEW("%s_%s", base, suffix);
	if (g->failed)
		return;
	fprintf(g->to, "enum %s {\n", NEW("%s_id", s->tag));
	for (size_t i = 0; i < schema->n_fields; i++) {
		s->id[i] = MACRO("%s_%s", s->tag, schema->fields[i].name);
		fprintf(g->to, "\t%s = %u,\n", s->id[i], schema->fields[i].id);
	}
	fputs("};\n\n", g->to);
	for (size_t i = 0; i < schema->n_fields; i++)
		generate_labels(g, s->tag, &schema->fields[i]);
	put_struct(g, s);
	if (is_args(s))
		return;
	put_in_order(g, s);
	s->decode = NEW("%s_decode", s->tag);
	put_decoder(g, s);
}

void shape_encoder(struct generator *g, struct shape *s)
{
	if (!s->tag || g->failed)
		return;
	s->encode = NEW("%s_encode", s->tag);
	put_encoder(g, s);
}

void shape_free(struct shape *s)
{
	names_free(&s->members);
	free(s->member);
}

