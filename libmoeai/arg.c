// SPDX-License-Identifier: LGPL-2.1-or-later
#include <stdio.h>
#include <netlink/attr.h>

#include "arg.h"
#include "handle.h"
#include "value.h"

static int no_field(const struct moeai_schema *schema, const char *what, struct error *e)
{
	size_t len;

	error_set(e, 0, "there is no such %s%s", what, schema->n_fields ? ", only" : "");
	for (size_t i = 0; i < schema->n_fields; i++) {
		len = strlen(e->text);
		snprintf(e->text + len, sizeof(e->text) - len, "%s %s", i ? "," : "",
			 schema->fields[i].name);
	}
	return -EINVAL;
}

int arg_put(struct nl_msg *request, const struct moeai_schema *schema,
	    const struct moeai_arg *arg, const char *what, struct error *e)
{
	const struct moeai_field *field = schema_find(schema, arg->name);
	struct payload p;
	int rc = field ? value_encode(field, arg, &p, e) : no_field(schema, what, e);

	if (rc)
		return rc;
	if (nla_put(request, field->id, p.len, p.data ? p.data : p.bytes) < 0)
		return error_set(e, -EMSGSIZE, "the request gets too long with it");
	return field->id;
}

int moeai_value_parse(struct moeai *h, const struct moeai_field *field, const char *text,
		      void *buf, size_t size, struct moeai_value *out)
{
	return value_parse(field, text, buf, size, out, &h->error);
}
