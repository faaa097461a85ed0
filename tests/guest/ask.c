// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "ask.h"

#define TEXT_MAX (1 << 22)

/* ---- procfs --------------------------------------------------------------- */

static char text[TEXT_MAX];

static int read_all(int fd)
{
	size_t len = 0;
	ssize_t n;

	while ((n = read(fd, text + len, sizeof(text) - 1 - len)) > 0)
		len += n;
	text[len] = 0;
	return n < 0 ? -errno : 0;
}

int result_of(const char *line)
{
	int error;
	const char *answer = control_answer(&error, "%s", line);

	if (error)
		fail_msg("%s: %s", line, answer);
	return answer_number(answer, "result");
}

const char *slurp(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), ret;

	if (fd < 0)
		return NULL;
	ret = read_all(fd);
	close(fd);
	errno = -ret;
	return ret ? NULL : text;
}

int put_line(const char *path, const char *bytes, size_t len)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC), ret = 0;

	if (fd < 0)
		return -errno;
	if (write(fd, bytes, len) != (ssize_t)len)
		ret = -errno;
	close(fd);
	return ret;
}

static int control_v(bool answer, const char *fmt, va_list args)
{
	int fd = open(CONTROL, O_RDWR | O_CLOEXEC), n, ret = 0;
	char line[8192];

	assert_true(fd >= 0);
	n = vsnprintf(line, sizeof(line), fmt, args);
	if (write(fd, line, n) != n)
		ret = -errno;
	if (answer)
		assert_int_equal(read_all(fd), 0);
	close(fd);
	return ret;
}

int control(const char *fmt, ...)
{
	va_list args;
	int ret;

	va_start(args, fmt);
	ret = control_v(false, fmt, args);
	va_end(args);
	return ret;
}

const char *control_answer(int *error, const char *fmt, ...)
{
	va_list args;
	int ret;

	va_start(args, fmt);
	ret = control_v(true, fmt, args);
	va_end(args);
	if (error)
		*error = ret;
	return text;
}

long long answer_number(const char *answer, const char *name)
{
	char key[64];
	const char *p;

	snprintf(key, sizeof(key), "\n%s=", name);
	p = strstr(answer, key);
	if (!p)
		fail_msg("no %s in \"%s\"", name, answer);
	return strtoll(p + strlen(key), NULL, 0);
}

int sh(const char *fmt, ...)
{
	char line[1024];
	va_list args;
	int status;

	va_start(args, fmt);
	vsnprintf(line, sizeof(line), fmt, args);
	va_end(args);
	status = system(line);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 256;
}

double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

/* ---- status --------------------------------------------------------------- */

void status_read(struct wire *w, struct status *s)
{
	const struct nlmsghdr *nlh;
	struct verdict v;
	struct msg m;
	int i;

	*s = (struct status){};
	msg_begin(&m, MOEAI_MSG_STATUS, 0);
	assert_int_equal(wire_send(w, &m), 0);
	nlh = wire_next(w, WIRE_WAIT);
	assert_non_null(nlh);
	assert_false(wire_verdict(w, nlh, &v));
	assert_int_equal(nlh_cmd(nlh), MOEAI_MSG_STATUS);
	for (i = 1; i < MOEAI_A_STATUS_VERSION; i++) {
		const struct nlattr *a = nlh_attr(nlh, i);

		assert_non_null(a);
		s->n[i] = attr_len(a) == 4 ? attr_u32(a) : attr_u64(a);
	}
}

uint64_t status_number(struct wire *w, uint16_t attr)
{
	struct status s;

	status_read(w, &s);
	return s.n[attr];
}

/* ---- tables --------------------------------------------------------------- */

static void walk_rows(const struct nlmsghdr *nlh,
		      void (*fn)(const struct nlattr *row, void *arg), void *arg)
{
	const struct nlattr *a;
	size_t at = 0;

	while ((a = attr_next(nlh_attrs(nlh), nlh_attrs_len(nlh), &at)))
		if (a->nla_type == (MOEAI_A_DATA_ROW | NLA_F_NESTED))
			fn(a, arg);
}

int table_walk(struct wire *w, const char *table, void (*fn)(const struct nlattr *row, void *arg),
	       void *arg)
{
	const struct nlmsghdr *nlh;
	struct verdict v;
	struct msg m;

	msg_begin(&m, MOEAI_MSG_DATA, NLM_F_DUMP);
	msg_str(&m, MOEAI_A_DATA_TABLE, table);
	assert_int_equal(wire_send(w, &m), 0);
	for (;;) {
		nlh = wire_next(w, WIRE_WAIT);
		assert_non_null(nlh);
		if (wire_verdict(w, nlh, &v))
			return v.error;
		walk_rows(nlh, fn, arg);
	}
}

struct search {
	const char *table, *name;
	uint32_t id;
};

static bool attr_is(const struct nlattr *row, uint16_t type, const char *s)
{
	const struct nlattr *a = attr_in(row, type);

	return a && !strcmp(attr_data(a), s);
}

static void match_column(const struct nlattr *row, void *arg)
{
	struct search *s = arg;

	if (attr_u32(attr_in(row, MOEAI_A_FIELDS_KIND)) == MOEAI_SCHEMA_TABLE &&
	    attr_is(row, MOEAI_A_FIELDS_OWNER, s->table) &&
	    attr_is(row, MOEAI_A_FIELDS_NAME, s->name))
		s->id = attr_u32(attr_in(row, MOEAI_A_FIELDS_ID));
}

uint16_t column(struct wire *w, const char *table, const char *name)
{
	struct search s = { table, name, 0 };

	assert_int_equal(table_walk(w, "fields", match_column, &s), 0);
	if (!s.id)
		fail_msg("table %s has no column %s", table, name);
	return s.id;
}

/* Tables commands and event_types begin with the id and the name. */
static void match_name(const struct nlattr *row, void *arg)
{
	struct search *s = arg;

	if (attr_is(row, 2, s->name))
		s->id = attr_u32(attr_in(row, 1));
}

uint32_t id_of(struct wire *w, const char *table, const char *name)
{
	struct search s = { table, name, 0 };

	assert_int_equal(table_walk(w, table, match_name, &s), 0);
	return s.id;
}

struct cell {
	const char *key;
	uint16_t key_column, column;
	char text[256];
};

static void match_cell(const struct nlattr *row, void *arg)
{
	struct cell *c = arg;

	if (attr_is(row, c->key_column, c->key))
		strncpy(c->text, attr_data(attr_in(row, c->column)), sizeof(c->text) - 1);
}

const char *param(struct wire *w, const char *name)
{
	static struct cell c;

	c = (struct cell){ name, column(w, "params", "name"), column(w, "params", "value"), "" };
	assert_int_equal(table_walk(w, "params", match_cell, &c), 0);
	return c.text;
}

/* ---- the log's counters ------------------------------------------------------ */

static const char *const counters[] = {
	"attempted",   "logged",       "refused_too_long", "refused_invalid", "refused_nmi",
	"refused_rate", "held",	       "overwritten",	   "cleared",	      "first_seq",
	"next_seq",    "kept",	       "keep_held",	   "keep_evicted",    "held_bytes",
	"size",	       "keep_size",    "sent",		   "datagrams",	      "send_lost",
	"send_retries", "unanswered",  "epoch",
};

#define COUNTERS (sizeof(counters) / sizeof(counters[0]))

static uint16_t counter_ids[COUNTERS];

static void read_counters(const struct nlattr *row, void *arg)
{
	uint64_t *values = arg;
	size_t i;

	for (i = 0; i < COUNTERS; i++)
		values[i] = attr_u64(attr_in(row, counter_ids[i]));
}

static void counters_read(struct wire *w, uint64_t *values)
{
	size_t i;

	for (i = 0; i < COUNTERS && !counter_ids[COUNTERS - 1]; i++)
		counter_ids[i] = column(w, "log", counters[i]);
	assert_int_equal(table_walk(w, "log", read_counters, values), 0);
}

static uint64_t counter(const uint64_t *values, const char *name)
{
	size_t i;

	for (i = 0; i < COUNTERS; i++)
		if (!strcmp(counters[i], name))
			return values[i];
	fail_msg("no counter %s", name);
	return 0;
}

uint64_t log_counter(struct wire *w, const char *name)
{
	uint64_t v[COUNTERS];

	counters_read(w, v);
	return counter(v, name);
}

uint64_t log_balanced(struct wire *w)
{
	uint64_t v[COUNTERS];

	counters_read(w, v);
	assert_int_equal(counter(v, "attempted"),
			 counter(v, "logged") + counter(v, "refused_too_long") +
				 counter(v, "refused_invalid") + counter(v, "refused_nmi") +
				 counter(v, "refused_rate"));
	assert_int_equal(counter(v, "logged"), counter(v, "held") + counter(v, "overwritten") +
						       counter(v, "cleared"));
	assert_int_equal(counter(v, "kept"), counter(v, "keep_held") + counter(v, "keep_evicted"));
	assert_int_equal(counter(v, "held"), counter(v, "next_seq") - counter(v, "first_seq"));
	return counter(v, "next_seq");
}
