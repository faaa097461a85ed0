// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "busiest.h"
#include "file_stream.h"
#include "grid.h"
#include "table.h"
#include "tally.h"

/* Columns; those of the operations begin at C_OPS. */
enum {
	C_PID,
	C_COMM,
	C_PATH,
	C_UID,
	C_USER,
	C_EXE,
	C_COUNT,
	C_OPS,
	C_FIRST = C_OPS + __MOEAI_FS_OP_MAX,
	C_LAST,
	C_MISSED,
	N_COLUMNS,
};

_Static_assert(TALLY_KINDS >= __MOEAI_FS_OP_MAX, "a count for each operation");

static const struct {
	const char *name;
	unsigned int columns; /* bits: what it is counted by */
} ways[] = {
	[BUSIEST_BY_PROCESS] = { "process", 1 << C_PID | 1 << C_COMM | 1 << C_UID | 1 << C_USER |
					    1 << C_EXE },
	[BUSIEST_BY_PATH] = { "path", 1 << C_PATH },
	[BUSIEST_BY_USER] = { "user", 1 << C_UID | 1 << C_USER },
};

struct busiest {
	enum busiest_by by;
	struct tally *tally;
	struct users users;
	char *path, *key;
	size_t path_size, key_size;
};

/* A process, as a key begins; its comm and exe follow, with a NUL each. */
struct process {
	uint64_t started;
	uint32_t pid, uid;
};

int busiest_parse(const char *text, enum busiest_by *out)
{
	for (size_t i = 0; i < sizeof(ways) / sizeof(*ways); i++) {
		if (strcmp(ways[i].name, text) != 0)
			continue;
		*out = (enum busiest_by)i;
		return 0;
	}
	return -EINVAL;
}

struct busiest *busiest_new(enum busiest_by by, size_t bytes)
{
	struct busiest *b = calloc(1, sizeof(*b));

	if (!b)
		return NULL;
	b->by = by;
	b->tally = tally_new(bytes);
	if (b->tally)
		return b;
	free(b);
	return NULL;
}

void busiest_free(struct busiest *b)
{
	if (!b)
		return;
	tally_free(b->tally);
	free(b->path);
	free(b->key);
	free(b);
}

/* ---- counting ----------------------------------------------------------------------------- */

/* Returns the key's length, or 0: out of memory. */
static size_t process_key(struct busiest *b, const struct moeai_watch_event *e)
{
	const struct process p = { e->started, e->pid, e->uid };
	size_t comm = strlen(e->comm) + 1, exe = strlen(e->exe) + 1, len = sizeof(p) + comm + exe;
	char *key = b->key;

	if (len > b->key_size) {
		key = realloc(key, len);
		if (!key)
			return 0;
		b->key = key;
		b->key_size = len;
	}
	memcpy(key, &p, sizeof(p));
	memcpy(key + sizeof(p), e->comm, comm);
	memcpy(key + sizeof(p) + comm, e->exe, exe);
	return len;
}

int busiest_add(struct busiest *b, const struct moeai_watch_event *e, uint64_t time)
{
	const void *key = &e->uid;
	size_t len = sizeof(e->uid);

	if (b->by == BUSIEST_BY_PROCESS) {
		len = process_key(b, e);
		key = b->key;
	} else if (b->by == BUSIEST_BY_PATH) {
		key = file_stream_path(e, false, &b->path, &b->path_size);
		len = key ? strlen(key) + 1 : 0;
	}
	return len ? tally_add(b->tally, key, len, e->op, e->count, time) : -ENOMEM;
}

/* ---- printing ----------------------------------------------------------------------------- */

static void set_columns(struct moeai_field columns[N_COLUMNS])
{
	static const struct moeai_field fixed[N_COLUMNS] = {
		[C_PID] = { .name = "pid", .type = MOEAI_TYPE_U32 },
		[C_COMM] = { .name = "comm", .type = MOEAI_TYPE_STRING },
		[C_PATH] = { .name = "path", .type = MOEAI_TYPE_STRING },
		[C_UID] = { .name = "uid", .type = MOEAI_TYPE_U32 },
		[C_USER] = { .name = "user", .type = MOEAI_TYPE_STRING },
		[C_EXE] = { .name = "exe", .type = MOEAI_TYPE_STRING },
		[C_COUNT] = { .name = "count", .type = MOEAI_TYPE_U64 },
		[C_FIRST] = { .name = "first", .type = MOEAI_TYPE_U64, .unit = MOEAI_UNIT_TIME },
		[C_LAST] = { .name = "last", .type = MOEAI_TYPE_U64, .unit = MOEAI_UNIT_TIME },
		[C_MISSED] = { .name = "missed", .type = MOEAI_TYPE_U64 },
	};

	memcpy(columns, fixed, sizeof(fixed));
	for (unsigned int op = 0; op < __MOEAI_FS_OP_MAX; op++)
		columns[C_OPS + op] = (struct moeai_field){ .name = moeai_watch_op_name(op),
							    .type = MOEAI_TYPE_U64 };
	for (unsigned int i = 0; i < N_COLUMNS; i++)
		columns[i].id = (uint16_t)i;
}

/* Bits: the columns that say something. */
static unsigned int used_columns(const struct busiest *b, struct tally_entry *const *at, size_t n,
				 bool people)
{
	unsigned int used = ways[b->by].columns | 1 << C_COUNT | 1 << C_FIRST | 1 << C_LAST;

	for (unsigned int op = 0; op < __MOEAI_FS_OP_MAX; op++)
		for (size_t i = 0; i < n; i++)
			used |= (unsigned int)(at[i]->n[op] != 0) << (C_OPS + op);
	for (size_t i = 0; i < n; i++)
		used |= (unsigned int)(at[i]->missed != 0) << C_MISSED;
	if (people)
		return used & ~(1U << C_UID | 1U << C_FIRST);
	return used | ((1U << __MOEAI_FS_OP_MAX) - 1) << C_OPS | 1 << C_MISSED;
}

static void set_texts(struct busiest *b, const struct tally_entry *e, const char *text[N_COLUMNS],
		      uint64_t number[N_COLUMNS])
{
	struct process p;
	uint32_t uid = UINT32_MAX;

	if (b->by == BUSIEST_BY_PROCESS) {
		memcpy(&p, e->key, sizeof(p));
		uid = p.uid;
		number[C_PID] = p.pid;
		text[C_COMM] = e->key + sizeof(p);
		text[C_EXE] = text[C_COMM] + strlen(text[C_COMM]) + 1;
	} else if (b->by == BUSIEST_BY_USER) {
		memcpy(&uid, e->key, sizeof(uid));
	} else {
		text[C_PATH] = e->key;
	}
	number[C_UID] = uid;
	text[C_USER] = users_name(&b->users, uid);
}

static int add_row(struct busiest *b, struct grid *g, const struct moeai_schema *schema,
		   const struct tally_entry *e)
{
	const char *text[N_COLUMNS] = { 0 };
	uint64_t number[N_COLUMNS] = { [C_COUNT] = e->count, [C_FIRST] = e->first,
				       [C_LAST] = e->last, [C_MISSED] = e->missed };
	struct fields row = { 0 };
	int err = 0;

	memcpy(number + C_OPS, e->n, __MOEAI_FS_OP_MAX * sizeof(*number));
	set_texts(b, e, text, number);
	for (size_t i = 0; i < schema->n_fields && !err; i++) {
		const struct moeai_field *f = &schema->fields[i];
		struct moeai_value v = f->type == MOEAI_TYPE_STRING ?
					       fields_string(f, text[f->id]) :
					       fields_number(f, number[f->id]);

		err = fields_add(&row, &v);
	}
	if (!err)
		err = grid_add(g, &row);
	fields_free(&row);
	return err;
}

int busiest_print(struct busiest *b, struct output *out, uint64_t n)
{
	struct moeai_field columns[N_COLUMNS];
	struct moeai_schema schema = { .fields = columns };
	struct tally_entry *const *at;
	struct grid *g = NULL;
	size_t all = tally_sort(b->tally, &at);
	unsigned int used;
	int err;

	n = n < all ? n : all;
	used = used_columns(b, at, n, out->form == FORM_PEOPLE);
	set_columns(columns);
	for (size_t i = 0; i < N_COLUMNS; i++)
		if (used >> i & 1)
			columns[schema.n_fields++] = columns[i];
	err = grid_new(&g, out, &schema);
	for (size_t i = 0; i < n && !err; i++)
		err = add_row(b, g, &schema, at[i]);
	return table_end(g, err);
}
