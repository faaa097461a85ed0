// SPDX-License-Identifier: LGPL-2.1-or-later
#include <stdlib.h>
#include <netlink/attr.h>

#include "dump.h"
#include "stored.h"
#include "table.h"

#define RECEIVE_BUFFER (1 << 18)

/* It has a socket of its own: dumps and calls do not get into each other's way. */
struct moeai_table {
	struct moeai *h;
	struct transport t;
	struct dump dump;
	const struct moeai_schema *schema;
	char name[MOEAI_FULL_NAME_LEN];
	char what[MOEAI_FULL_NAME_LEN + sizeof("table ")];
	uint64_t generation; /* 0: of no message yet */
	const struct nlmsghdr *msg;
	struct attr_run attrs;
	size_t pos;
};

int data_decode(const struct nlmsghdr *msg, struct data_message *out)
{
	static const struct attr_rule rules[] = {
		ATTR_RULE(MOEAI_A_DATA_TABLE, ATTR_STRING, true, struct data_message, table),
		ATTR_RULE(MOEAI_A_DATA_GENERATION, ATTR_U64, true, struct data_message,
			  generation),
	};

	*out = (struct data_message){ .attrs = message_attrs(msg) };
	return attrs_decode(out->attrs, rules, ARRAY_SIZE(rules), out, NULL);
}

int data_row(struct attr_run attrs, size_t *pos, struct attr_run *row)
{
	struct attr a = { 0 };
	int rc;

	do {
		rc = attr_next(attrs.data, attrs.len, pos, &a);
	} while (rc > 0 && a.type != MOEAI_A_DATA_ROW);
	*row = (struct attr_run){ a.data, a.len };
	return rc;
}

/* The next message of the answer; returns 1, 0 at the end, or -errno. */
static int next_message(struct moeai_table *t)
{
	struct error *e = &t->h->error;
	const struct nlmsghdr *msg;
	struct data_message data;
	int rc = dump_next(&t->dump, deadline_after(ANSWER_TIMEOUT), &msg, e);

	if (rc <= 0)
		return rc;
	if (data_decode(msg, &data) || strcmp(data.table, t->name))
		return error_set(e, -EPROTO, "%s: malformed message", t->what);
	if (t->generation && t->generation != data.generation)
		return error_set(e, -ERESTART, "%s changed meanwhile: ask again", t->what);
	t->generation = data.generation;
	t->msg = msg;
	t->attrs = data.attrs;
	t->pos = 0;
	return 1;
}

/* The next row; -ERESTART where the interface says -EINTR, which is a signal's here. */
static int next_row(struct moeai_table *t, struct attr_run *row)
{
	int rc;

	while ((rc = data_row(t->attrs, &t->pos, row)) == 0) {
		if (!t->dump.running)
			return 0;
		t->attrs.len = 0;
		rc = next_message(t);
		if (rc <= 0)
			return rc;
	}
	if (rc < 0)
		return error_set(&t->h->error, rc, "%s: malformed row", t->what);
	return rc;
}

/* Send the request and take the answer's first message. */
static int ask(struct moeai_table *t)
{
	struct nl_msg *request;
	int rc;

	t->dump = (struct dump){ .t = &t->t, .family = t->h->family.id, .cmd = MOEAI_MSG_DATA,
				 .what = t->what, .capability = NEEDS_READ };
	request = transport_request(&t->t, t->dump.family, MOEAI_MSG_DATA, NLM_F_DUMP);
	rc = nla_put_string(request, MOEAI_A_DATA_TABLE, t->name);
	rc = dump_start(&t->dump, rc < 0, &t->h->error);
	return rc ? rc : next_message(t);
}

static int table_open(struct moeai *h, const char *name, struct moeai_table **out)
{
	struct moeai_table *t;
	int rc;

	if (strlen(name) >= sizeof(t->name))
		return error_set(&h->error, -ENOENT, "table %s: no such table", name);
	t = calloc(1, sizeof(*t));
	if (!t)
		return error_set(&h->error, -ENOMEM, "out of memory");
	t->h = h;
	strcpy(t->name, name);
	sprintf(t->what, "table %s", name);
	t->t = h->spare;
	h->spare = (struct transport){ 0 };
	rc = t->t.sock ? 0 : transport_open(&t->t, RECEIVE_BUFFER, &h->error);
	if (!rc)
		rc = ask(t);
	if (rc == -ENODEV && !h->pinned && !handle_find(h)) /* the module was loaded anew */
		rc = ask(t);
	if (rc < 0) {
		moeai_table_close(t);
		return rc;
	}
	*out = t;
	return 0;
}

void moeai_table_close(struct moeai_table *t)
{
	if (!t)
		return;
	if (t->t.sock && !t->h->spare.sock && !t->dump.running)
		t->h->spare = t->t;
	else
		transport_close(&t->t);
	free(t);
}

int table_walk(struct moeai *h, const char *name, row_fn fn, void *arg)
{
	struct moeai_table *t = NULL;
	struct attr_run row;
	int rc;

	if (h->stored)
		return stored_walk(h->stored, name, fn, arg, &h->error);
	rc = table_open(h, name, &t);
	if (rc)
		return rc;
	while ((rc = next_row(t, &row)) > 0) {
		rc = fn(arg, row);
		if (rc)
			break;
	}
	moeai_table_close(t);
	return rc;
}

int table_messages(struct moeai *h, const char *name, message_fn fn, void *arg)
{
	struct moeai_table *t = NULL;
	int rc = table_open(h, name, &t);

	if (rc)
		return rc;
	do {
		rc = fn(arg, t->msg);
		if (!rc)
			rc = t->dump.running ? next_message(t) : 0;
	} while (rc > 0);
	moeai_table_close(t);
	return rc;
}

/* -ERESTART is the library's own. */
static int outward(int rc)
{
	return rc == -ERESTART ? -EINTR : rc;
}

int moeai_table_open(struct moeai *h, const char *name, struct moeai_table **out)
{
	struct moeai_table *t = NULL;
	int rc = table_open(h, name, &t);

	if (rc)
		return outward(rc);
	rc = catalog_schema(h, MOEAI_SCHEMA_TABLE, name, &t->schema);
	if (rc) {
		moeai_table_close(t);
		return outward(rc);
	}
	*out = t;
	return 0;
}

const struct moeai_schema *moeai_table_schema(const struct moeai_table *t)
{
	return t->schema;
}

uint64_t moeai_table_generation(const struct moeai_table *t)
{
	return t->generation;
}

int moeai_table_next(struct moeai_table *t, struct moeai_values *row)
{
	struct attr_run run;
	int rc = next_row(t, &run);

	if (rc > 0)
		*row = (struct moeai_values){ t->schema, run.data, run.len };
	return outward(rc);
}
