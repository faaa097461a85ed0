// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "generate.h"
#include "shape.h"

/* "hello.greet" of module hello is hello_greet, "log.clear" of core core_log_clear. */
static char *base_name(struct generator *g, const char *owner)
{
	size_t len = strlen(g->module);
	char *base = NULL;

	if (!strncmp(owner, g->module, len) && (owner[len] == '.' || !owner[len]))
		base = strdup(owner);
	else if (asprintf(&base, "%s_%s", g->module, owner) < 0)
		base = NULL;
	g->failed |= !base;
	return base;
}

static void put_heading(struct generator *g, const char *what, const char *owner,
			const char *help)
{
	fprintf(g->to, "/* ---- %s ", what);
	generate_comment(g, owner);
	fputs(*help ? ": " : "", g->to);
	generate_comment(g, help);
	fputs(" */\n\n", g->to);
}

static void put_name(struct generator *g, const char *base, const char *suffix, const char *owner)
{
	fprintf(g->to, "#define %s ", MACRO("%s_%s", base, suffix));
	generate_string(g, owner);
	fputs("\n\n", g->to);
}

static void put_event(struct generator *g, const struct description *d)
{
	const char *owner = d->schema->owner;
	char *base = base_name(g, owner);
	struct shape s;

	if (!base)
		return;
	put_heading(g, "event", owner, d->help);
	put_name(g, base, "event", owner);
	shape_begin(g, &s, d->schema, base, "event");
	if (s.tag) {
		fprintf(g->to,
			"static inline int\n%s(const struct moeai_event *event, struct %s *out)\n"
			"{\n", NEW("%s_get", s.tag), s.tag);
		if (s.in_order)
			fprintf(g->to, "\tif (%s(&event->values, out))\n\t\treturn 0;\n",
				s.in_order);
		fputs("\tif (strcmp(event->type_name, ", g->to);
		generate_string(g, owner);
		fprintf(g->to, ") != 0)\n\t\treturn -ENOENT;\n\treturn %s(&event->values, out);\n}\n\n",
			s.walk);
	}
	shape_free(&s);
	free(base);
}

static void put_table(struct generator *g, const struct description *d)
{
	const char *owner = d->schema->owner;
	char *base = base_name(g, owner);
	struct shape s;

	if (!base)
		return;
	put_heading(g, "table", owner, d->help);
	put_name(g, base, "table", owner);
	shape_begin(g, &s, d->schema, base, "row");
	if (s.tag)
		fprintf(g->to,
			"/* As moeai_table_next(): 1, 0 at the end, or an error. */\n"
			"static inline int\n%s(struct moeai_table *table, struct %s *out)\n"
			"{\n"
			"\tstruct moeai_values values;\n"
			"\tint rc = moeai_table_next(table, &values);\n\n"
			"\tif (rc <= 0)\n\t\treturn rc;\n"
			"\trc = %s(&values, out);\n"
			"\treturn rc ? rc : 1;\n}\n\n",
			NEW("%s_next", s.tag), s.tag, s.decode);
	if (d->writable)
		shape_encoder(g, &s);
	shape_free(&s);
	free(base);
}

static void put_params(struct generator *g, const struct description *d)
{
	const struct moeai_schema *schema = d->schema;
	char *prefix = NULL;

	if (asprintf(&prefix, "%s_param", schema->owner) < 0) {
		g->failed = true;
		return;
	}
	put_heading(g, "parameters and statistics of", schema->owner, "");
	for (size_t i = 0; i < schema->n_fields; i++) {
		const struct moeai_field *f = &schema->fields[i];

		fprintf(g->to, "#define %s ", MACRO("%s_%s", prefix, f->name));
		generate_string(g, schema->owner);
		fputs("\".\"", g->to);
		generate_string(g, f->name);
		fputs(*f->help ? " /* " : "", g->to);
		generate_comment(g, f->help);
		fputs(*f->help ? " */\n" : "\n", g->to);
	}
	putc('\n', g->to);
	for (size_t i = 0; i < schema->n_fields; i++)
		generate_labels(g, prefix, &schema->fields[i]);
	free(prefix);
}

/* ---- calls -------------------------------------------------------------------------------- */

static void put_call(struct generator *g, const char *base, const char *owner,
		     const struct shape *args, const struct shape *reply)
{
	fprintf(g->to, "static inline int\n%s(struct moeai *h, ", NEW("%s_call", base));
	if (args->tag)
		fprintf(g->to, "const struct %s *in, ", args->tag);
	fputs("int timeout", g->to);
	if (reply->tag)
		fprintf(g->to, ", struct %s *out, struct moeai_reply **reply", reply->tag);
	fputs(")\n{\n", g->to);
	if (args->tag)
		fprintf(g->to, "\tstruct moeai_arg args[%zu];\n\tsize_t n = %s(in, args);\n",
			args->schema->n_fields, args->encode);
	if (reply->tag)
		fputs("\tstruct moeai_values values;\n\tint rc;\n\n\t*reply = NULL;\n\trc = ", g->to);
	else
		fputs(args->tag ? "\n\treturn " : "\treturn ", g->to);
	fputs("moeai_call(h, ", g->to);
	generate_string(g, owner);
	fprintf(g->to, ", %s, timeout, %s);\n", args->tag ? "args, n" : "NULL, 0",
		reply->tag ? "reply" : "NULL");
	if (reply->tag)
		fprintf(g->to,
			"\tif (rc)\n\t\treturn rc;\n"
			"\tvalues = moeai_reply_values(*reply);\n"
			"\trc = %s(&values, out);\n"
			"\tif (rc) {\n\t\tmoeai_reply_free(*reply);\n\t\t*reply = NULL;\n\t}\n"
			"\treturn rc;\n", reply->decode);
	fputs("}\n\n", g->to);
}

static void put_command(struct generator *g, const struct description *d,
			const struct description *reply)
{
	static const struct moeai_schema none;
	const char *owner = d->schema->owner;
	char *base = base_name(g, owner);
	struct shape in, out;

	if (!base)
		return;
	put_heading(g, "command", owner, d->help);
	put_name(g, base, "command", owner);
	shape_begin(g, &in, d->schema, base, "args");
	shape_encoder(g, &in);
	shape_begin(g, &out, reply ? reply->schema : &none, base, "reply");
	if (out.tag)
		fputs("/* What out points to belongs to *reply: free it by moeai_reply_free(). */\n",
		      g->to);
	if (!g->failed)
		put_call(g, base, owner, &in, &out);
	shape_free(&in);
	shape_free(&out);
	free(base);
}

static const struct description *find(const struct described *d, enum moeai_schema_kind kind,
				      const char *owner)
{
	for (size_t i = 0; i < d->n; i++)
		if (d->v[i].schema->kind == kind && !strcmp(d->v[i].schema->owner, owner))
			return &d->v[i];
	return NULL;
}

/* ------------------------------------------------------------------------------------------- */

static void put_all(struct generator *g, const struct described *d)
{
	for (size_t i = 0; i < d->n && !g->failed; i++) {
		const struct description *one = &d->v[i];

		switch (one->schema->kind) {
		case MOEAI_SCHEMA_EVENT:
			put_event(g, one);
			break;
		case MOEAI_SCHEMA_ARGS:
			put_command(g, one, find(d, MOEAI_SCHEMA_REPLY, one->schema->owner));
			break;
		case MOEAI_SCHEMA_PARAM:
			put_params(g, one);
			break;
		case MOEAI_SCHEMA_TABLE:
			put_table(g, one);
			break;
		default: /* a reply has its command, the status moeai_status_get() */
			break;
		}
	}
}

int generate_header(FILE *to, const char *module, const struct described *d)
{
	struct generator g = { .to = to, .module = module };
	const char *guard = generate_sure(&g, identifier_macro(&g.names, "moeai_schema_%s_h", module));

	fputs("/*\n * Module ", to);
	generate_comment(&g, module);
	fputs(", for programs that use libmoeai. Made by 'moectl schema --c'.\n"
	      " *\n"
	      " * Decoders set has for each field that was there, and zero what was not; they\n"
	      " * return 0, -ENOENT for an event of another type, -EPROTO for a field of another\n"
	      " * type than here. Strings and bytes point into what was decoded. Encoders and\n"
	      " * calls send the fields that has names, required ones and keys always.\n"
	      " */\n", to);
	fprintf(to, "#ifndef %s\n#define %s\n\n"
		"#include <errno.h>\n#include <stdbool.h>\n#include <stddef.h>\n"
		"#include <stdint.h>\n#include <string.h>\n#include <moeai/moeai.h>\n\n",
		guard, guard);
	put_all(&g, d);
	fprintf(to, "#endif /* %s */\n", guard);
	names_free(&g.names);
	return g.failed ? -ENOMEM : 0;
}
