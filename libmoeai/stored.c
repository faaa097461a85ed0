// SPDX-License-Identifier: LGPL-2.1-or-later
#include <stdlib.h>

#include "stored.h"

/* Those that catalog.c asks for. */
static const char *const names[STORED_TABLES] = { "fields", "event_types", "commands" };

static size_t find(const char *name)
{
	size_t i = 0;

	while (i < STORED_TABLES && strcmp(names[i], name))
		i++;
	return i;
}

int stored_add(struct stored *s, const struct nlmsghdr *msg)
{
	struct attr_run row;
	struct data_message data;
	struct stored_table *t;
	size_t pos = 0, i;
	void *to;
	int more;

	if (data_decode(msg, &data))
		return -EPROTO;
	while ((more = data_row(data.attrs, &pos, &row)) > 0)
		continue;
	if (more)
		return more;
	i = find(data.table);
	s->total += msg->nlmsg_len;
	if (s->total > STORED_MAX)
		return -EFBIG;
	if (i == STORED_TABLES) {
		s->last = i;
		return 0;
	}
	t = &s->tables[i];
	if (s->last != i || t->seq != msg->nlmsg_seq)
		t->attrs.len = 0;
	t->seq = msg->nlmsg_seq;
	t->there = true;
	s->last = i;
	to = buffer_add(&t->attrs, NLA_ALIGN(data.attrs.len));
	if (!to)
		return -ENOMEM;
	memcpy(to, data.attrs.data, data.attrs.len);
	return 1;
}

int stored_walk(const struct stored *s, const char *name, row_fn fn, void *arg, struct error *e)
{
	const size_t i = find(name);
	struct attr_run attrs, row;
	size_t pos = 0;
	int rc;

	if (i == STORED_TABLES || !s->tables[i].there)
		return error_set(e, -ENOENT, "the file has no table %s, which tells what events "
				 "mean", name);
	attrs = (struct attr_run){ s->tables[i].attrs.data, s->tables[i].attrs.len };
	while ((rc = data_row(attrs, &pos, &row)) > 0) {
		rc = fn(arg, row);
		if (rc)
			return rc;
	}
	return rc;
}

void stored_free(struct stored *s)
{
	for (size_t i = 0; i < STORED_TABLES; i++)
		free(s->tables[i].attrs.data);
	*s = (struct stored){ 0 };
}
