// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "escape.h"
#include "grid.h"
#include "kills.h"
#include "table.h"
#include "units.h"
#include "users.h"

/* The victim's strings are its own copies. */
struct kill {
	uint64_t time;
	const char *user; /* for a row */
	struct moeai_mem_victim victim;
};

static const char *scopes[__MOEAI_MEM_SCOPE_MAX]; /* filled when a table is printed */

/* ---- keeping ----------------------------------------------------------------------------- */

int kills_add(struct kills *k, const struct moeai_mem_victim *victim, uint64_t time)
{
	struct moeai_mem_victim *copy;

	if (k->n == k->room) {
		size_t room = k->room ? 2 * k->room : 16;
		struct kill *v = realloc(k->v, room * sizeof(*v));

		if (!v)
			return -ENOMEM;
		k->v = v;
		k->room = room;
	}
	k->v[k->n] = (struct kill){ .time = time, .victim = *victim };
	copy = &k->v[k->n++].victim;
	copy->gfp = strdup(victim->gfp);
	copy->cgroup_path = strdup(victim->cgroup_path);
	copy->limit_path = strdup(victim->limit_path);
	return copy->gfp && copy->cgroup_path && copy->limit_path ? 0 : -ENOMEM;
}

void kills_free(struct kills *k)
{
	for (size_t i = 0; i < k->n; i++) {
		free((char *)k->v[i].victim.gfp);
		free((char *)k->v[i].victim.cgroup_path);
		free((char *)k->v[i].victim.limit_path);
	}
	free(k->v);
}

/* ---- a table ----------------------------------------------------------------------------- */

/* Where a column's value is, and what it hangs on. */
static const struct column {
	struct moeai_field field;
	size_t offset, size;
	enum needs { NOTHING, A_PID, AN_INVOKER, A_TEXT, A_NUMBER, A_REQUEST } needs;
} columns[] = {
#define COLUMN(_name, _member, _type, _needs, ...)                                               \
	{ .field = { .name = (_name), .type = MOEAI_TYPE_##_type, ##__VA_ARGS__ },               \
	  .offset = offsetof(struct kill, _member), .size = sizeof(((struct kill *)0)->_member), \
	  .needs = (_needs) }
#define BYTES(_name, _needs) \
	COLUMN(#_name, victim._name, U64, _needs, .unit = MOEAI_UNIT_BYTES)
	COLUMN("time", time, U64, NOTHING, .unit = MOEAI_UNIT_TIME),
	COLUMN("pid", victim.pid, U32, A_PID),
	COLUMN("comm", victim.comm, STRING, NOTHING),
	COLUMN("uid", victim.uid, U32, A_PID),
	COLUMN("user", user, STRING, A_PID),
	COLUMN("scope", victim.scope, ENUM, NOTHING, .labels = scopes,
	       .n_labels = __MOEAI_MEM_SCOPE_MAX),
	BYTES(anon, A_PID),
	BYTES(file, A_PID),
	BYTES(shmem, A_PID),
	BYTES(swap, A_PID),
	BYTES(page_tables, A_PID),
	COLUMN("score_adj", victim.score_adj, S32, A_PID),
	COLUMN("started", victim.started, U64, A_PID, .unit = MOEAI_UNIT_NS),
	BYTES(available, A_NUMBER),
	BYTES(free, A_NUMBER),
	BYTES(total, A_NUMBER),
	BYTES(swap_free, NOTHING),
	COLUMN("invoker_pid", victim.invoker_pid, U32, AN_INVOKER),
	COLUMN("invoker_comm", victim.invoker_comm, STRING, AN_INVOKER),
	COLUMN("order", victim.order, U32, A_REQUEST),
	COLUMN("gfp", victim.gfp, STRING, A_REQUEST),
	COLUMN("cgroup", victim.cgroup_path, STRING, A_TEXT),
	COLUMN("limit_cgroup", victim.limit_path, STRING, A_TEXT),
	BYTES(limit, A_NUMBER),
	COLUMN("untold", victim.untold, U64, NOTHING),
};

#define N_COLUMNS (sizeof(columns) / sizeof(*columns))

/* In the structure, or what it points to. */
static const char *text_of(const struct kill *k, const struct column *c)
{
	const char *at = (const char *)k + c->offset;

	return c->size == sizeof(char *) ? *(const char *const *)at : at;
}

static uint64_t number_of(const struct kill *k, const struct column *c)
{
	const char *at = (const char *)k + c->offset;
	uint32_t narrow;
	uint64_t wide;

	if (c->size == sizeof(wide)) {
		memcpy(&wide, at, sizeof(wide));
		return wide;
	}
	memcpy(&narrow, at, sizeof(narrow));
	return c->field.type == MOEAI_TYPE_S32 ? (uint64_t)(int32_t)narrow : narrow;
}

static bool is_known(const struct kill *k, const struct column *c)
{
	switch (c->needs) {
	case NOTHING:
		return true;
	case A_PID:
		return k->victim.pid;
	case AN_INVOKER:
		return k->victim.invoker_pid;
	case A_REQUEST:
		return *k->victim.gfp;
	case A_TEXT:
		return *text_of(k, c);
	case A_NUMBER:
		return number_of(k, c);
	}
	return false;
}

static int add_row(struct grid *g, const struct moeai_schema *schema, const struct kill *k)
{
	struct fields row = { 0 };
	int err = 0;

	for (size_t i = 0; i < N_COLUMNS && !err; i++) {
		const struct column *c = &columns[i];
		const struct moeai_field *f = &schema->fields[i];
		struct moeai_value v = f->type == MOEAI_TYPE_STRING ?
					       fields_string(f, text_of(k, c)) :
					       fields_number(f, number_of(k, c));

		if (is_known(k, c))
			err = fields_add(&row, &v);
	}
	if (!err)
		err = grid_add(g, &row);
	fields_free(&row);
	return err;
}

static int print_table(const struct kills *k, struct output *out)
{
	struct moeai_field fields[N_COLUMNS];
	struct moeai_schema schema = { .fields = fields, .n_fields = N_COLUMNS };
	struct users users = { 0 };
	struct grid *g = NULL;
	int err;

	for (unsigned int i = 0; i < __MOEAI_MEM_SCOPE_MAX; i++)
		scopes[i] = moeai_mem_scope_name((enum moeai_mem_scope)i);
	for (size_t i = 0; i < N_COLUMNS; i++) {
		fields[i] = columns[i].field;
		fields[i].id = (uint16_t)i;
	}
	err = grid_new(&g, out, &schema);
	for (size_t i = 0; i < k->n && !err; i++) {
		k->v[i].user = users_name(&users, k->v[i].victim.uid);
		err = add_row(g, &schema, &k->v[i]);
	}
	return table_end(g, err);
}

/* ---- in words ---------------------------------------------------------------------------- */

static void say(const struct output *out, const char *before, const char *text, const char *after)
{
	char *shown = escape_new(text, strlen(text), out->escape);

	fprintf(out->file, "%s%s%s", before, shown ? shown : "?", after);
	free(shown);
}

static void say_bytes(const struct output *out, const char *before, uint64_t bytes,
		      const char *after)
{
	char text[UNITS_LEN];

	units_text(text, MOEAI_UNIT_BYTES, bytes);
	fprintf(out->file, "%s%s%s", before, text, after);
}

static void say_why(const struct output *out, const struct moeai_mem_victim *v)
{
	static const char *const why[] = {
		[MOEAI_MEM_SCOPE_SYSTEM] = "the system was out of memory",
		[MOEAI_MEM_SCOPE_CGROUP] = "a cgroup had reached its limit",
		[MOEAI_MEM_SCOPE_CPUSET] = "the nodes of a cpuset were out of memory",
		[MOEAI_MEM_SCOPE_MEMPOLICY] = "the nodes of a memory policy were out of memory",
		[MOEAI_MEM_SCOPE_SYSRQ] = "somebody asked for it by SysRq",
	};

	fprintf(out->file, " was killed: %s\n",
		v->scope < __MOEAI_MEM_SCOPE_MAX ? why[v->scope] : "why is not known here");
}

static void say_held(const struct output *out, const struct moeai_mem_victim *v)
{
	say_bytes(out, "  it held      ", v->anon, " of its own");
	say_bytes(out, ", ", v->file, " of files");
	say_bytes(out, ", ", v->shmem, " shared");
	say_bytes(out, ", ", v->swap, " swapped out");
	say_bytes(out, ", ", v->page_tables, " of page tables\n");
}

static void say_left(const struct output *out, const struct moeai_mem_victim *v)
{
	say_bytes(out, "  there was    ", v->available, " available");
	say_bytes(out, ", ", v->free, " free");
	say_bytes(out, " of ", v->total, "");
	say_bytes(out, ", ", v->swap_free, " of swap\n");
}

static void say_request(const struct output *out, const struct moeai_mem_victim *v)
{
	say(out, "  wanted by    ", v->invoker_comm, "");
	fprintf(out->file, ", pid %" PRIu32, v->invoker_pid);
	if (*v->gfp) {
		fprintf(out->file, ", order %" PRIu32, v->order);
		say(out, ", ", v->gfp, "");
	}
	fputc('\n', out->file);
}

static void say_kill(const struct output *out, const struct kill *k, struct users *users)
{
	const struct moeai_mem_victim *v = &k->victim;
	char time[UNITS_LEN];

	units_time(time, k->time);
	say(out, time, "", "  ");
	say(out, output_colour(out, COLOUR_BOLD), v->comm, output_colour(out, COLOUR_OFF));
	if (v->pid) {
		fprintf(out->file, ", pid %" PRIu32, v->pid);
		say(out, ", user ", users_name(users, v->uid), ",");
	}
	say_why(out, v);
	if (v->pid)
		say_held(out, v);
	if (v->total)
		say_left(out, v);
	if (v->invoker_pid)
		say_request(out, v);
	if (*v->limit_path)
		say(out, "  the limit of ", v->limit_path, "");
	if (*v->limit_path && v->limit)
		say_bytes(out, ": ", v->limit, "");
	if (*v->limit_path)
		fputc('\n', out->file);
	if (*v->cgroup_path)
		say(out, "  its cgroup   ", v->cgroup_path, "\n");
	if (v->untold)
		fprintf(out->file, "  before it    %" PRIu64 " more victims of cgroups\n", v->untold);
}

int kills_print(const struct kills *k, struct output *out)
{
	struct users users = { 0 };

	if (out->form != FORM_PEOPLE)
		return print_table(k, out);
	for (size_t i = 0; i < k->n; i++)
		say_kill(out, &k->v[i], &users);
	return 0;
}
