// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "ask.h"
#include "rows.h"

/* ---- a change --------------------------------------------------------------- */

void change_begin(struct msg *m, const char *table, uint32_t action, uint32_t txn)
{
	msg_begin(m, MOEAI_MSG_DATA, 0);
	msg_str(m, MOEAI_A_DATA_TABLE, table);
	if (action)
		msg_u32(m, MOEAI_A_DATA_ACTION, action);
	if (txn)
		msg_u32(m, MOEAI_A_DATA_TXN, txn);
}

void change_more(struct msg *m)
{
	msg_put(m, MOEAI_A_DATA_MORE, NULL, 0);
}

size_t put_row(struct msg *m, uint32_t id, const char *name, uint64_t size)
{
	size_t nest = msg_nest(m, MOEAI_A_DATA_ROW);

	msg_u32(m, ROW_ID, id);
	if (name)
		msg_str(m, ROW_NAME, name);
	msg_u64(m, ROW_SIZE, size);
	msg_nest_end(m, nest);
	return nest;
}

void put_rows(struct msg *m, uint32_t from, uint32_t n, uint64_t size)
{
	char name[16];
	uint32_t id;

	for (id = from; id < from + n; id++) {
		snprintf(name, sizeof(name), "row %u", id);
		put_row(m, id, name, size);
	}
}

static void read_error(const struct nlattr *error, struct answer *a)
{
	const struct nlattr *field = attr_in(error, MOEAI_A_ERROR_FIELD);
	const struct nlattr *row = attr_in(error, MOEAI_A_ERROR_ROW);

	a->refused = true;
	a->row = row ? attr_u64(row) : UINT64_MAX;
	a->status = (int)attr_u32(attr_in(error, MOEAI_A_ERROR_STATUS));
	if (field)
		strncpy(a->field, attr_data(field), sizeof(a->field) - 1);
	strncpy(a->message, attr_data(attr_in(error, MOEAI_A_ERROR_MESSAGE)),
		sizeof(a->message) - 1);
}

static void read_reply(const struct nlmsghdr *nlh, struct answer *a)
{
	const struct nlattr *txn = nlh_attr(nlh, MOEAI_A_DATA_TXN);
	const struct nlattr *error = nlh_attr(nlh, MOEAI_A_DATA_ERROR);

	assert_int_equal(nlh_cmd(nlh), MOEAI_MSG_DATA);
	assert_false(a->committed || a->refused); /* there is one reply */
	a->txn = txn ? attr_u32(txn) : 0;
	if (error) {
		read_error(error, a);
		return;
	}
	a->committed = true;
	a->generation = attr_u64(nlh_attr(nlh, MOEAI_A_DATA_GENERATION));
	a->changed = attr_u64(nlh_attr(nlh, MOEAI_A_DATA_CHANGED));
}

int change(struct wire *w, struct msg *m, struct answer *a)
{
	const struct nlmsghdr *nlh;
	struct answer ignored = {};

	a = a ?: &ignored;
	*a = (struct answer){};
	msg_head(m)->nlmsg_flags |= NLM_F_ACK;
	assert_int_equal(wire_send(w, m), 0);
	for (;;) {
		nlh = wire_next(w, WIRE_WAIT);
		assert_non_null(nlh);
		if (wire_verdict(w, nlh, &a->v))
			break;
		assert_int_equal(nlh->nlmsg_seq, w->seq);
		read_reply(nlh, a);
	}
	if (a->refused)
		assert_int_equal(a->status, a->v.error);
	assert_false(a->committed && a->v.error);
	return a->v.error;
}

int change_rows(struct wire *w, uint32_t action, uint32_t txn, uint32_t from, uint32_t n,
		uint64_t size)
{
	struct msg m;

	change_begin(&m, ROWS, action, txn);
	put_rows(&m, from, n, size);
	return change(w, &m, NULL);
}

int stage(struct wire *w, uint32_t action, uint32_t txn, uint32_t from, uint32_t n, uint64_t size)
{
	struct answer a;
	struct msg m;

	change_begin(&m, ROWS, action, txn);
	change_more(&m);
	if (action != FLUSH)
		put_rows(&m, from, n, size);
	change(w, &m, &a);
	assert_false(a.committed);
	assert_int_equal(!a.refused, !a.v.error || a.v.error == -ECANCELED);
	return a.v.error;
}

int change_for(struct wire *w, uint32_t seconds, uint64_t size)
{
	struct msg m;

	change_begin(&m, ROWS, REPLACE, 0);
	put_rows(&m, FIRST, 1, size);
	msg_u32(&m, MOEAI_A_DATA_CONFIRM, seconds);
	return change(w, &m, NULL);
}

int change_bare(struct wire *w, const char *table, uint32_t action)
{
	struct msg m;

	change_begin(&m, table, action, 0);
	return change(w, &m, NULL);
}

/* ---- a table as it stands ------------------------------------------------------ */

static void read_row(const struct nlattr *nest, struct shot *s)
{
	const struct nlattr *name = attr_in(nest, ROW_NAME), *size = attr_in(nest, ROW_SIZE);
	struct row *r = &s->rows[s->n];

	assert_true(s->n < sizeof(s->rows) / sizeof(s->rows[0]));
	memset(r, 0, sizeof(*r));
	r->id = attr_u32(attr_in(nest, ROW_ID));
	assert_non_null(name);
	assert_true(attr_len(name) <= sizeof(r->name));
	memcpy(r->name, attr_data(name), attr_len(name));
	r->size = size ? attr_u64(size) : UINT64_MAX;
	if (s->n)
		assert_true(r[-1].id < r->id);
	s->n++;
}

static void read_message(const struct nlmsghdr *nlh, const char *table, struct shot *s)
{
	uint64_t generation = attr_u64(nlh_attr(nlh, MOEAI_A_DATA_GENERATION));
	const struct nlattr *a;
	size_t at = 0;

	assert_string_equal(attr_data(nlh_attr(nlh, MOEAI_A_DATA_TABLE)), table);
	assert_true(generation != 0);
	assert_true(!s->generation || s->generation == generation);
	s->generation = generation;
	while ((a = attr_next(nlh_attrs(nlh), nlh_attrs_len(nlh), &at)))
		if (a->nla_type == (MOEAI_A_DATA_ROW | NLA_F_NESTED))
			read_row(a, s);
}

void shot_begin(struct wire *w, const char *table)
{
	struct msg m;

	msg_begin(&m, MOEAI_MSG_DATA, NLM_F_DUMP);
	msg_str(&m, MOEAI_A_DATA_TABLE, table);
	assert_int_equal(wire_send(w, &m), 0);
}

void shot_read(struct wire *w, const char *table, struct shot *s)
{
	const struct nlmsghdr *nlh;
	struct verdict v;

	s->generation = 0;
	s->n = 0;
	for (;;) {
		nlh = wire_next(w, WIRE_WAIT);
		assert_non_null(nlh);
		if (wire_verdict(w, nlh, &v))
			break;
		read_message(nlh, table, s);
	}
	assert_int_equal(v.error, 0);
}

void shot_take(struct wire *w, const char *table, struct shot *s)
{
	shot_begin(w, table);
	shot_read(w, table, s);
}

void assert_same_shot(const struct shot *a, const struct shot *b)
{
	assert_int_equal(a->generation, b->generation);
	assert_int_equal(a->n, b->n);
	assert_memory_equal(a->rows, b->rows, a->n * sizeof(a->rows[0]));
}

const struct row *row_of(const struct shot *s, uint32_t id)
{
	size_t i;

	for (i = 0; i < s->n; i++)
		if (s->rows[i].id == id)
			return &s->rows[i];
	return NULL;
}

void assert_untouched(struct wire *w, const struct shot *before)
{
	static struct shot after;

	shot_take(w, ROWS, &after);
	assert_same_shot(before, &after);
}

struct count {
	uint16_t kind, portid;
	uint32_t wanted;
	int n;
};

static void count_transaction(const struct nlattr *row, void *arg)
{
	struct count *c = arg;

	if (attr_u32(attr_in(row, c->kind)) == 1 && attr_u32(attr_in(row, c->portid)) == c->wanted)
		c->n++;
}

int transactions_of(struct wire *asker, uint32_t portid)
{
	struct count c = { column(asker, "subscribers", "kind"),
			   column(asker, "subscribers", "portid"), portid, 0 };

	assert_int_equal(table_walk(asker, "subscribers", count_transaction, &c), 0);
	return c.n;
}

uint64_t generations(struct wire *w)
{
	return strtoull(param(w, "test.changed"), NULL, 10);
}

/* ---- the frame of a test --------------------------------------------------------- */

int rows_load(struct wire *w)
{
	assert_int_equal(sh("modprobe moeai_test"), 0);
	wire_open(w);
	return 0;
}

int rows_unload(struct wire *w)
{
	assert_int_equal(sh("modprobe -r moeai_test"), 0);
	wire_close(w);
	return 0;
}

int rows_begin(struct wire *w)
{
	wire_close(w);
	wire_open(w);
	change_bare(w, ROWS, CONFIRM);
	control("param.set name=core.txn_bytes value=268435456");
	assert_int_equal(change_bare(w, FEW, FLUSH), 0);
	assert_int_equal(change_bare(w, ROWS, FLUSH), 0);
	return change_rows(w, ADD, 0, FIRST, KNOWN, FIRST);
}
