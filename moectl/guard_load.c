// SPDX-License-Identifier: GPL-2.0
#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "change.h"
#include "guard_load.h"
#include "own.h"
#include "table.h"

#define RULES	   "net_guard.rules"
#define REASON_LEN 127

struct entry {
	unsigned char prefix[17], len;
	bool same; /* the table has it as it is to be */
	enum moeai_guard_action action;
	enum moeai_action how;
	char *reason; /* NULL: none */
	uint64_t line; /* 0: of none */
};

struct list {
	struct moectl *ctl;
	const struct guard_load *load;
	const char *name;
	struct entry *at;
	size_t n, room, sorted; /* so many are in order: those of the file */
};

/* ---- the list --------------------------------------------------------------------------- */

/* As net_guard wants them: by address, then by length. */
static int by_prefix(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;
	int order;

	if (x->len != y->len)
		return x->len < y->len ? -1 : 1;
	order = memcmp(x->prefix + 1, y->prefix + 1, x->len - 1U);
	return order ? order : x->prefix[0] - y->prefix[0];
}

static int by_prefix_and_line(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;
	int order = by_prefix(a, b);

	return order ? order : x->line < y->line ? -1 : 1;
}

/* Not more than a reason can be, cut between characters. */
static char *copy_reason(const char *text)
{
	size_t n = strlen(text);

	if (n > REASON_LEN)
		for (n = REASON_LEN; n && ((unsigned char)text[n] & 0xc0) == 0x80; n--)
			;
	return strndup(text, n);
}

static struct entry *add(struct list *l, const char *reason)
{
	struct entry *e;

	if (l->n == l->room) {
		e = reallocarray(l->at, l->room ? 2 * l->room : 64, sizeof(*e));
		if (!e)
			return NULL;
		l->at = e;
		l->room = l->room ? 2 * l->room : 64;
	}
	e = &l->at[l->n];
	*e = (struct entry){ .how = MOEAI_ACTION_REPLACE };
	if (*reason) {
		e->reason = copy_reason(reason);
		if (!e->reason)
			return NULL;
	}
	l->n++;
	return e;
}

static bool is_sorted(const struct list *l)
{
	for (size_t i = 1; i < l->n; i++)
		if (by_prefix_and_line(&l->at[i - 1], &l->at[i]) > 0)
			return false;
	return true;
}

/* Of several lines for one prefix the last one. Most lists come in order. */
static void sort_list(struct list *l)
{
	size_t n = 0;

	if (!is_sorted(l))
		qsort(l->at, l->n, sizeof(*l->at), by_prefix_and_line);
	for (size_t i = 0; i < l->n; i++) {
		if (n && !by_prefix(&l->at[n - 1], &l->at[i]))
			free(l->at[--n].reason);
		l->at[n++] = l->at[i];
	}
	l->n = l->sorted = n;
}

static int read_line(struct list *l, char *text, uint64_t number)
{
	struct guard_line line;
	struct entry *e;

	if (guard_line_parse(text, &line))
		return complain("%s:%" PRIu64 ":%u: %s", l->name, number, line.column, line.why);
	if (!line.len)
		return 0;
	e = add(l, *line.reason || !l->load->reason ? line.reason : l->load->reason);
	if (!e)
		return complain("out of memory");
	memcpy(e->prefix, line.prefix, sizeof(e->prefix));
	e->len = line.len;
	e->action = line.action;
	e->line = number;
	return 0;
}

static int read_list(struct list *l)
{
	bool standard = !strcmp(l->load->file, "-");
	FILE *f = standard ? stdin : fopen(l->load->file, "re");
	uint64_t number = 0;
	char *text = NULL;
	int status = 0;
	size_t size = 0;
	ssize_t len;

	if (!f)
		return complain("%s: %s", l->name, strerror(errno));
	while (!status && (len = getline(&text, &size, f)) >= 0) {
		number++;
		if (memchr(text, 0, (size_t)len))
			status = complain("%s:%" PRIu64 ":1: a NUL byte is in it", l->name, number);
		else
			status = read_line(l, text, number);
	}
	if (!status && !feof(f))
		status = complain("%s: %s", l->name, strerror(errno));
	free(text);
	if (!standard)
		fclose(f);
	sort_list(l);
	return status;
}

/* ---- who loads it shall not shut himself out -------------------------------------------- */

static void prefix_text(const struct entry *e, char to[INET6_ADDRSTRLEN + 4])
{
	char address[INET6_ADDRSTRLEN];

	inet_ntop(e->len == 5 ? AF_INET : AF_INET6, e->prefix + 1, address, sizeof(address));
	snprintf(to, INET6_ADDRSTRLEN + 4, "%s/%u", address, e->prefix[0]);
}

/* Does the list take away what keeps it open? NULL: no. */
static const struct entry *shuts_out(const struct list *l, const char *address,
				     const struct moeai_guard_explanation *now)
{
	bool open = now->decision == MOEAI_GUARD_PASS_RULE && !now->rule.expires && !l->load->sync;
	char text[INET6_ADDRSTRLEN + 4];
	const struct entry *by = NULL;

	for (size_t i = 0; i < l->sorted; i++) {
		prefix_text(&l->at[i], text);
		if (!own_contains(text, address))
			continue;
		if (l->at[i].action == MOEAI_GUARD_ALLOW)
			return NULL;
		if (own_same(text, address) && l->at[i].action == MOEAI_GUARD_DROP)
			return &l->at[i];
		if (open && own_same(text, now->rule.prefix))
			open = false;
		if (!by || l->at[i].action == MOEAI_GUARD_DROP)
			by = &l->at[i];
	}
	return open ? NULL : by;
}

static int keep_open(struct list *l, const char *address)
{
	struct moeai_guard_explanation now;
	char text[INET6_ADDRSTRLEN + 4];
	const struct entry *by;
	int err = moeai_guard_explain(l->ctl->h, address, &now);
	struct entry *e;

	if (err)
		return table_complain(l->ctl, RULES, err);
	by = shuts_out(l, address, &now);
	if (!by)
		return 0;
	prefix_text(by, text);
	if (own_same(text, address))
		return complain("%s:%" PRIu64 ":1: %s is from where a session of yours comes: "
				"--even-me does it all the same", l->name, by->line, address);
	e = add(l, "ssh session of who blocked more");
	if (!e)
		return complain("out of memory");
	e->len = strchr(address, ':') ? 17 : 5;
	e->prefix[0] = e->len == 5 ? 32 : 128;
	inet_pton(e->len == 5 ? AF_INET : AF_INET6, address, e->prefix + 1);
	e->action = MOEAI_GUARD_ALLOW;
	complain("%s, from where a session of yours comes, is allowed as well: see --even-me",
		 address);
	return 0;
}

static int keep_all_open(struct list *l)
{
	struct own own;

	if (l->load->even_me)
		return 0;
	own_find(&own);
	for (size_t i = 0; i < own.n; i++)
		if (keep_open(l, own.address[i]))
			return 1;
	sort_list(l);
	return 0;
}

/* ---- the difference --------------------------------------------------------------------- */

/* What a person made, and it is not in the list, goes; what is the same, stays. */
static int compare_row(struct list *l, const struct moeai_values *row)
{
	struct entry key = { .len = 0 }, *e;
	struct moeai_guard_rule rule;
	struct moeai_value prefix;
	int err = moeai_guard_rule(row, &rule);

	if (!err)
		err = moeai_values_get_id(row, MOEAI_A_GUARD_RULE_PREFIX, &prefix);
	if (err || rule.source != MOEAI_GUARD_USER)
		return err;
	if (prefix.len > sizeof(key.prefix))
		return -EPROTO;
	memcpy(key.prefix, prefix.data, prefix.len);
	key.len = (unsigned char)prefix.len;
	e = l->sorted ? bsearch(&key, l->at, l->sorted, sizeof(key), by_prefix) : NULL;
	if (e) {
		e->same = e->action == rule.action && !rule.expires &&
			  !strcmp(e->reason ? e->reason : "", rule.reason);
		return 0;
	}
	e = add(l, "");
	if (!e)
		return -ENOMEM;
	memcpy(e->prefix, key.prefix, sizeof(e->prefix));
	e->len = key.len;
	e->how = MOEAI_ACTION_DELETE;
	return 0;
}

static int compare_table(struct list *l)
{
	struct moeai_values row;
	struct moeai_table *t;
	int err = moeai_table_open(l->ctl->h, RULES, &t);

	if (err)
		return table_complain(l->ctl, RULES, err);
	while ((err = moeai_table_next(t, &row)) > 0) {
		err = compare_row(l, &row);
		if (err)
			break;
	}
	moeai_table_close(t);
	return err ? complain_call(l->ctl->h, err) : 0;
}

/* ---- the change ----------------------------------------------------------------------- */

static int put(struct moeai_txn *t, const struct entry *e)
{
	const struct moeai_arg args[] = {
		{ .name = "prefix", .kind = MOEAI_ARG_BYTES, .bytes = e->prefix, .len = e->len },
		MOEAI_NUMBER("action", e->action),
		MOEAI_TEXT("reason", e->reason),
	};

	return moeai_txn_row(t, e->how, args, e->how == MOEAI_ACTION_DELETE ? 1 :
						e->reason ? 3 : 2);
}

/* The row's number is that of those which were sent. */
static int failed(const struct list *l, const struct moeai_txn *t, int err)
{
	const struct moeai_txn_error *e = moeai_txn_error(t);
	char text[INET6_ADDRSTRLEN + 4];
	uint64_t row = 0;

	if (!e || !e->has_row)
		return complain_call(e ? l->ctl->h : NULL, err);
	for (size_t i = 0; i < l->n; i++) {
		if (l->at[i].same || row++ != e->row)
			continue;
		prefix_text(&l->at[i], text);
		if (!l->at[i].line)
			return complain("%s: %s", text, e->message);
		return complain("%s:%" PRIu64 ":1: %s: %s", l->name, l->at[i].line, text,
				e->message);
	}
	return complain("%s: %s", l->name, e->message);
}

static int send_list(struct list *l, struct moeai_txn *t)
{
	const struct change c = { .table = RULES, .confirm = l->load->confirm };
	struct moeai_commit done = { 0 };
	size_t sent = 0;
	int err = 0;

	for (size_t i = 0; i < l->n && !err; i++)
		if (!l->at[i].same) {
			err = put(t, &l->at[i]);
			sent++;
		}
	if (!err && sent)
		err = moeai_txn_commit(t, l->load->confirm, &done);
	return err ? failed(l, t, err) :
		     change_report(l->ctl, &c, sent ? "committed" : "unchanged", &done);
}

int guard_load(struct moectl *ctl, const struct guard_load *load)
{
	const struct change c = { .table = RULES };
	struct list l = { .ctl = ctl, .load = load,
			  .name = strcmp(load->file, "-") != 0 ? load->file : "standard input" };
	struct moeai_txn *t = NULL;
	int status = read_list(&l) || command_open(ctl) || keep_all_open(&l);

	if (!status && load->sync)
		status = compare_table(&l);
	if (!status)
		status = change_open(ctl, &c, &t) || send_list(&l, t);
	moeai_txn_close(t);
	while (l.n)
		free(l.at[--l.n].reason);
	free(l.at);
	return status;
}
