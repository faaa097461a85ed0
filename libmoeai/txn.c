// SPDX-License-Identifier: LGPL-2.1-or-later
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <netlink/attr.h>
#include <netlink/msg.h>

#include "arg.h"
#include "handle.h"
#include "txn.h"

#define RECEIVE_BUFFER (1 << 16)
#define MESSAGE_LEN    65536
/* A message that is longer may have no room for another row, and its own end. */
#define MESSAGE_FULL   (MESSAGE_LEN - MOEAI_ROW_LEN - 256)

/* The number of every transaction, for each has its own socket. */
#define TXN_ID 1

/*
 * The kernel works on a message before send() returns, and its answer is there
 * then: so each answer is looked at before the next message goes.
 */
struct moeai_txn {
	struct moeai *h;
	struct transport t;
	const struct moeai_schema *schema;
	char name[MOEAI_FULL_NAME_LEN];
	char what[MOEAI_FULL_NAME_LEN + sizeof("table ")];
	uint32_t action; /* of the message that is being built; 0: none is */
	uint64_t rows;	 /* given */
	bool committed;
	moeai_txn_progress_fn progress;
	void *arg;
	struct moeai_txn_error error; /* status 0: none; of field and texts below */
	char field[MOEAI_FULL_NAME_LEN];
	struct error message, whole;
};

/* ---- what went wrong -------------------------------------------------------- */

/* It ends here; the handle has the whole text already. */
static int fail(struct moeai_txn *t, int rc, const char *message)
{
	t->error.status = error_set(&t->message, rc, "%s", message);
	t->error.message = t->message.text;
	t->whole = t->h->error;
	return rc;
}

/* A row is at fault, of which perhaps a field. */
static int fail_row(struct moeai_txn *t, int rc, uint64_t row, const char *field,
		    const char *message)
{
	size_t len = field ? strlen(field) : 0;

	t->error.has_row = true;
	t->error.row = row;
	if (field) {
		snprintf(t->field, sizeof(t->field), "%s", field);
		t->error.field = t->field;
		/* The kernel's text may begin with it. */
		if (len && !strncmp(message, field, len) && message[len] == ':')
			message += len + 1 + strspn(message + len + 1, " ");
	}
	error_set(&t->h->error, rc, "%s: row %" PRIu64 ": %s%s%s", t->what, row, len ? field : "",
		  len ? ": " : "", message);
	return fail(t, rc, message);
}

/* Whether it may go on; the first error again, if not. */
static int may_go_on(struct moeai_txn *t)
{
	if (t->error.status)
		t->h->error = t->whole;
	else if (t->committed)
		return error_set(&t->h->error, -EINVAL, "%s: the transaction is committed",
				 t->what);
	return t->error.status;
}

const struct moeai_txn_error *moeai_txn_error(const struct moeai_txn *t)
{
	return t->error.status ? &t->error : NULL;
}

/* ---- answers ---------------------------------------------------------------- */

static int error_decode(struct attr_run run, struct change_reply *out)
{
	uint64_t seen;
	static const struct attr_rule rules[] = {
		ATTR_RULE(MOEAI_A_ERROR_ROW, ATTR_U64, false, struct change_reply, row),
		ATTR_RULE(MOEAI_A_ERROR_FIELD, ATTR_STRING, false, struct change_reply, field),
		ATTR_RULE(MOEAI_A_ERROR_STATUS, ATTR_U32, true, struct change_reply, status),
		ATTR_RULE(MOEAI_A_ERROR_MESSAGE, ATTR_STRING, true, struct change_reply, message),
	};

	if (attrs_decode(run, rules, ARRAY_SIZE(rules), out, &seen))
		return -EPROTO;
	out->has_row = seen & 1;
	return out->status < 0 && out->status >= -4095 ? 0 : -EPROTO;
}

int change_decode(const struct nlmsghdr *msg, struct change_reply *out)
{
	struct {
		struct change_reply reply;
		struct attr_run error;
	} m = { 0 };
	static const struct attr_rule rules[] = {
		ATTR_RULE(MOEAI_A_DATA_TABLE, ATTR_STRING, true, __typeof__(m), reply.table),
		ATTR_RULE(MOEAI_A_DATA_GENERATION, ATTR_U64, false, __typeof__(m),
			  reply.generation),
		ATTR_RULE(MOEAI_A_DATA_CHANGED, ATTR_U64, false, __typeof__(m), reply.changed),
		ATTR_RULE(MOEAI_A_DATA_ERROR, ATTR_RUN, false, __typeof__(m), error),
	};
	int rc = attrs_decode(message_attrs(msg), rules, ARRAY_SIZE(rules), &m, NULL);

	m.reply.refused = m.error.data;
	if (!rc && m.reply.refused)
		rc = error_decode(m.error, &m.reply);
	*out = m.reply;
	return rc;
}

/* The acknowledgement, which ends the answer: 0, or why it was refused. */
static int acknowledged(struct moeai_txn *t, const struct nlmsghdr *msg)
{
	const char *text = t->h->error.text;
	size_t len = strlen(t->what);
	struct refusal r;
	int rc;

	if (refusal_decode(msg, &r)) {
		error_set(&t->h->error, -EPROTO, "%s: malformed refusal", t->what);
		return fail(t, -EPROTO, "malformed refusal");
	}
	if (t->error.status) /* told by the message before */
		return t->error.status;
	if (!r.code)
		return 0;
	rc = error_refused(&t->h->error, &r, t->what, NULL, NEEDS_ADMIN);
	return fail(t, rc, text[len] == ':' ? text + len + 2 : text);
}

/* The answer up to its end; *out may be set. */
static int receive(struct moeai_txn *t, struct moeai_commit *out)
{
	int64_t deadline = deadline_after(ANSWER_TIMEOUT);
	struct change_reply reply;
	const struct nlmsghdr *msg;
	int rc;

	while (!(rc = transport_receive(&t->t, deadline, &msg, &t->h->error))) {
		if (msg->nlmsg_seq != t->t.seq)
			continue;
		if (msg->nlmsg_type == NLMSG_ERROR)
			return acknowledged(t, msg);
		if (msg->nlmsg_type != t->h->family.id ||
		    message_command(msg) != MOEAI_MSG_DATA || change_decode(msg, &reply)) {
			rc = error_set(&t->h->error, -EPROTO, "%s: malformed answer", t->what);
			break;
		}
		if (reply.has_row)
			fail_row(t, reply.status, reply.row, reply.field, reply.message);
		else if (!reply.refused)
			*out = (struct moeai_commit){ reply.generation, reply.changed };
	}
	return fail(t, rc, t->h->error.text);
}

/* ---- messages --------------------------------------------------------------- */

static void begin(struct moeai_txn *t, uint32_t action)
{
	struct nl_msg *request = transport_request(&t->t, t->h->family.id, MOEAI_MSG_DATA,
						   NLM_F_ACK);

	/* None of these can fail: there is room. */
	nla_put_string(request, MOEAI_A_DATA_TABLE, t->name);
	nla_put_u32(request, MOEAI_A_DATA_ACTION, action);
	nla_put_u32(request, MOEAI_A_DATA_TXN, TXN_ID);
	t->action = action;
}

/*
 * Send what is built, and look at the answer. It says how many rows must have
 * come, lest a part is lost with a module that went, or with a minute's silence.
 */
static int finish(struct moeai_txn *t, struct moeai_commit *out)
{
	int rc;

	nla_put_u64(t->t.request, MOEAI_A_DATA_ROWS, t->rows);
	t->action = 0;
	rc = transport_send(&t->t, false, &t->h->error);
	if (rc)
		return fail(t, rc, t->h->error.text);
	rc = receive(t, out);
	if (!rc && t->progress)
		t->progress(t->arg, t->rows);
	return rc;
}

/* Send what is built as a part. */
static int finish_part(struct moeai_txn *t)
{
	struct moeai_commit unused;

	if (!t->action)
		return 0;
	nla_put_flag(t->t.request, MOEAI_A_DATA_MORE);
	return finish(t, &unused);
}

/* Begin a row. Returns 0 with its nest, or an error. */
static int begin_row(struct moeai_txn *t, uint32_t action, struct nlattr **nest)
{
	int rc = may_go_on(t);

	if (rc)
		return rc;
	if (action < MOEAI_ACTION_ADD || action > MOEAI_ACTION_DELETE)
		return fail_row(t, -EINVAL, t->rows, NULL, "not an action for rows");
	if (action != t->action || nlmsg_hdr(t->t.request)->nlmsg_len > MESSAGE_FULL) {
		rc = finish_part(t);
		if (rc)
			return rc;
		begin(t, action);
	}
	*nest = arg_attr(t->t.request, NLA_F_NESTED | MOEAI_A_DATA_ROW, NULL, 0);
	return 0;
}

static void end_row(struct moeai_txn *t, struct nlattr *nest)
{
	nest->nla_len = (uint16_t)((char *)nlmsg_tail(nlmsg_hdr(t->t.request)) - (char *)nest);
	t->rows++;
}

int moeai_txn_row(struct moeai_txn *t, enum moeai_action action, const struct moeai_arg *columns,
		  size_t n_columns)
{
	struct error e = { 0 };
	struct nlattr *nest;
	int rc = begin_row(t, action, &nest);

	for (size_t i = 0; !rc && i < n_columns; i++) {
		int id = arg_put(t->t.request, t->schema, &columns[i], "column", &e);

		if (id < 0)
			return fail_row(t, id, t->rows, columns[i].name, e.text);
	}
	if (!rc)
		end_row(t, nest);
	return rc;
}

static bool is_read_only(const struct moeai_schema *schema, uint16_t id)
{
	for (size_t i = 0; i < schema->n_fields; i++)
		if (schema->fields[i].id == id)
			return schema->fields[i].flags & MOEAI_F_READ;
	return false;
}

static bool has_read_only(const struct moeai_schema *schema)
{
	for (size_t i = 0; i < schema->n_fields; i++)
		if (schema->fields[i].flags & MOEAI_F_READ)
			return true;
	return false;
}

/* All but what only the kernel writes. */
static void put_writable(struct moeai_txn *t, const struct moeai_values *row)
{
	struct attr a;
	size_t pos = 0;

	while (attr_next(row->data, row->len, &pos, &a) > 0)
		if (!is_read_only(t->schema, a.type))
			nla_put(t->t.request, a.type, a.len, a.data);
}

int moeai_txn_values(struct moeai_txn *t, enum moeai_action action, const struct moeai_values *row)
{
	struct nlattr *nest;
	int rc = begin_row(t, action, &nest);

	if (rc)
		return rc;
	if (row->len > MOEAI_ROW_LEN)
		return fail_row(t, -EMSGSIZE, t->rows, NULL, "the row is too long");
	if (has_read_only(t->schema))
		put_writable(t, row);
	else if (row->len)
		nlmsg_append(t->t.request, (void *)row->data, row->len, NLMSG_ALIGNTO);
	end_row(t, nest);
	return 0;
}

int moeai_txn_flush(struct moeai_txn *t)
{
	int rc = may_go_on(t);

	if (!rc)
		rc = finish_part(t);
	if (!rc)
		begin(t, MOEAI_ACTION_FLUSH);
	return rc;
}

int moeai_txn_commit(struct moeai_txn *t, uint32_t confirm, struct moeai_commit *out)
{
	struct moeai_commit done = { 0 };
	int rc = may_go_on(t);

	if (rc)
		return rc;
	if (confirm > MOEAI_CONFIRM_MAX) {
		error_set(&t->h->error, -ERANGE, "%s: confirmation within %" PRIu32
			  " s is out of range: 1 to %d", t->what, confirm, MOEAI_CONFIRM_MAX);
		return fail(t, -ERANGE, "the time for the confirmation is out of range");
	}
	if (t->action) { /* the last message is always held back until here */
		if (confirm)
			nla_put_u32(t->t.request, MOEAI_A_DATA_CONFIRM, confirm);
		rc = finish(t, &done);
		if (rc)
			return rc;
	}
	t->committed = true;
	if (out)
		*out = done;
	return 0;
}

/* ---- coming and going ------------------------------------------------------- */

int moeai_txn_open(struct moeai *h, const char *table, struct moeai_txn **out)
{
	struct moeai_txn *t;
	int rc;

	if (strlen(table) >= sizeof(t->name))
		return error_set(&h->error, -ENOENT, "table %s: no such table", table);
	t = calloc(1, sizeof(*t));
	if (!t)
		return error_set(&h->error, -ENOMEM, "out of memory");
	t->h = h;
	strcpy(t->name, table);
	sprintf(t->what, "table %s", table);
	h->catalog.stale = true; /* by the columns as they are now */
	rc = catalog_schema(h, MOEAI_SCHEMA_TABLE, table, &t->schema);
	if (rc == -ENOENT)
		error_set(&h->error, rc, "%s: no such table", t->what);
	if (!rc)
		rc = transport_open(&t->t, RECEIVE_BUFFER, &h->error);
	if (!rc && nlmsg_expand(t->t.request, MESSAGE_LEN))
		rc = error_set(&h->error, -ENOMEM, "out of memory");
	if (rc) {
		moeai_txn_close(t);
		return rc == -ERESTART ? -EINTR : rc;
	}
	*out = t;
	return 0;
}

const struct moeai_schema *moeai_txn_schema(const struct moeai_txn *t)
{
	return t->schema;
}

void moeai_txn_progress(struct moeai_txn *t, moeai_txn_progress_fn fn, void *arg)
{
	t->progress = fn;
	t->arg = arg;
}

void moeai_txn_close(struct moeai_txn *t)
{
	if (!t)
		return;
	if (t->t.sock)
		transport_close(&t->t); /* what is not committed goes with the socket */
	free(t);
}

/* ---- confirmation ----------------------------------------------------------- */

static int ask(struct moeai *h, const char *table, uint32_t action)
{
	char what[MOEAI_FULL_NAME_LEN + sizeof("table ")];
	const struct question q = { what, NEEDS_ADMIN, h->family.id, 0 };
	struct nl_msg *request = transport_request(&h->t, h->family.id, MOEAI_MSG_DATA, NLM_F_ACK);
	const struct nlmsghdr *msg;
	bool failed;

	snprintf(what, sizeof(what), "table %s", table);
	failed = nla_put_string(request, MOEAI_A_DATA_TABLE, table) < 0 ||
		 nla_put_u32(request, MOEAI_A_DATA_ACTION, action) < 0;
	return handle_ask(h, &q, failed, &msg);
}

static int confirm(struct moeai *h, const char *table, uint32_t action)
{
	int rc = ask(h, table, action);

	if (rc == -ENODEV && !handle_find(h)) /* the module was loaded anew */
		rc = ask(h, table, action);
	return rc;
}

int moeai_table_confirm(struct moeai *h, const char *table)
{
	return confirm(h, table, MOEAI_ACTION_CONFIRM);
}

int moeai_table_rollback(struct moeai *h, const char *table)
{
	return confirm(h, table, MOEAI_ACTION_ROLLBACK);
}
