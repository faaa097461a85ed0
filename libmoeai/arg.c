// SPDX-License-Identifier: LGPL-2.1-or-later
#include <stdio.h>
#include <string.h>
#include <netlink/attr.h>
#include <netlink/msg.h>

#include "arg.h"
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

struct nlattr *arg_attr(struct nl_msg *request, uint16_t type, const void *data, size_t len)
{
	struct nlmsghdr *head = nlmsg_hdr(request);
	size_t at = NLMSG_ALIGN(head->nlmsg_len), whole = NLA_HDRLEN + len;
	struct nlattr *nla = (void *)((char *)head + at);

	if (whole > UINT16_MAX || at + NLA_ALIGN(whole) > nlmsg_get_max_size(request))
		return NULL;
	memset((char *)nla + NLA_ALIGN(whole) - NLA_ALIGNTO, 0, NLA_ALIGNTO);
	*nla = (struct nlattr){ .nla_len = (uint16_t)whole, .nla_type = type };
	if (len)
		memcpy((char *)nla + NLA_HDRLEN, data, len);
	head->nlmsg_len = (uint32_t)(at + NLA_ALIGN(whole));
	return nla;
}

int arg_put(struct nl_msg *request, const struct moeai_schema *schema,
	    const struct moeai_arg *arg, const char *what, struct error *e)
{
	const struct moeai_field *field = schema_find(schema, arg->name);
	struct payload p;
	int rc = field ? value_encode(field, arg, &p, e) : no_field(schema, what, e);

	if (rc)
		return rc;
	if (!arg_attr(request, field->id, p.data ? p.data : p.bytes, p.len))
		return error_set(e, -EMSGSIZE, "the request gets too long with it");
	return field->id;
}
