// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "episodes.h"
#include "grid.h"
#include "kills.h"
#include "table.h"

enum state { OVER, ONGOING, UNKNOWN };

struct episode {
	uint64_t began, ended; /* ns since 1970; 0: not known */
	uint64_t duration;
	enum state state;
	enum moeai_mem_level worst;
	uint32_t causes;
	uint64_t lowest, kills;
	struct moeai_mem_consumer largest; /* pid 0: nobody was named */
};

struct episodes {
	struct episode *v;
	size_t n, room;
	struct episode *open; /* the last of them, or NULL */
	struct kills kills;
};

struct episodes *episodes_new(void)
{
	return calloc(1, sizeof(struct episodes));
}

void episodes_free(struct episodes *e)
{
	if (!e)
		return;
	kills_free(&e->kills);
	free(e->v);
	free(e);
}

/* ---- adding ------------------------------------------------------------------------------ */

static int begin(struct episodes *e, uint64_t began)
{
	if (e->n == e->room) {
		size_t room = e->room ? 2 * e->room : 16;
		struct episode *v = realloc(e->v, room * sizeof(*v));

		if (!v)
			return -ENOMEM;
		e->v = v;
		e->room = room;
	}
	e->open = &e->v[e->n++];
	*e->open = (struct episode){ .began = began, .state = ONGOING, .lowest = UINT64_MAX };
	return 0;
}

/* Its end was not told: the module was stopped, or loaded anew. */
static void abandon(struct episodes *e)
{
	if (e->open)
		e->open->state = UNKNOWN;
	e->open = NULL;
}

static int add_level(struct episodes *e, const struct moeai_mem_event *m, uint64_t time)
{
	int err;

	if (m->level.previous == MOEAI_MEM_NONE)
		abandon(e);
	if (m->level.level == MOEAI_MEM_NONE)
		return 0; /* recovered follows */
	err = e->open ? 0 : begin(e, m->level.previous == MOEAI_MEM_NONE ? time : 0);
	if (err)
		return err;
	if (m->level.level > e->open->worst)
		e->open->worst = m->level.level;
	if (m->level.available < e->open->lowest)
		e->open->lowest = m->level.available;
	e->open->causes |= m->level.cause;
	return 0;
}

/* It knows of all of the episode, also of what the log has no more. */
static int add_recovered(struct episodes *e, const struct moeai_mem_event *m, uint64_t time)
{
	int err = e->open ? 0 : begin(e, 0);

	if (err)
		return err;
	e->open->began = time - (m->recovered.duration < time ? m->recovered.duration : time);
	e->open->ended = time;
	e->open->duration = m->recovered.duration;
	e->open->state = OVER;
	e->open->worst = m->recovered.worst;
	e->open->lowest = m->recovered.lowest;
	e->open->kills = m->recovered.kills;
	e->open = NULL;
	return 0;
}

int episodes_add(struct episodes *e, const struct moeai_event *event)
{
	struct moeai_mem_event m;
	int err = moeai_mem_event(event, &m);

	if (err)
		return err == -ENOENT ? 0 : err;
	switch (m.kind) {
	case MOEAI_MEM_EVENT_LEVEL:
		return add_level(e, &m, event->time);
	case MOEAI_MEM_EVENT_RECOVERED:
		return add_recovered(e, &m, event->time);
	case MOEAI_MEM_EVENT_CONSUMER:
		if (e->open && m.consumer.rank == 1)
			e->open->largest = m.consumer;
		return 0;
	case MOEAI_MEM_EVENT_VICTIM:
		if (e->open)
			e->open->kills += 1 + m.victim.untold;
		return kills_add(&e->kills, &m.victim, event->time);
	case MOEAI_MEM_EVENT_OOM:
		return 0;
	}
	return 0;
}

/* ---- printing ---------------------------------------------------------------------------- */

enum {
	C_BEGAN,
	C_ENDED,
	C_DURATION,
	C_STATE,
	C_WORST,
	C_CAUSE,
	C_LOWEST,
	C_KILLS,
	C_PID,
	C_COMM,
	C_RSS,
	N_COLUMNS,
};

static const char *const states[] = { "over", "ongoing", "unknown" };
/* Filled when they are printed. */
static const char *levels[__MOEAI_MEM_LEVEL_MAX], *causes[__MOEAI_MEM_CAUSE_MAX];

static const struct moeai_field columns[N_COLUMNS] = {
	[C_BEGAN] = { .name = "began", .id = C_BEGAN, .type = MOEAI_TYPE_U64, .unit = MOEAI_UNIT_TIME },
	[C_ENDED] = { .name = "ended", .id = C_ENDED, .type = MOEAI_TYPE_U64, .unit = MOEAI_UNIT_TIME },
	[C_DURATION] = { .name = "duration", .id = C_DURATION, .type = MOEAI_TYPE_U64,
			 .unit = MOEAI_UNIT_NS },
	[C_STATE] = { .name = "state", .id = C_STATE, .type = MOEAI_TYPE_ENUM, .labels = states,
		      .n_labels = 3 },
	[C_WORST] = { .name = "worst", .id = C_WORST, .type = MOEAI_TYPE_ENUM, .labels = levels,
		      .n_labels = __MOEAI_MEM_LEVEL_MAX },
	[C_CAUSE] = { .name = "cause", .id = C_CAUSE, .type = MOEAI_TYPE_FLAGS, .labels = causes,
		      .n_labels = __MOEAI_MEM_CAUSE_MAX },
	[C_LOWEST] = { .name = "lowest", .id = C_LOWEST, .type = MOEAI_TYPE_U64,
		       .unit = MOEAI_UNIT_BYTES },
	[C_KILLS] = { .name = "kills", .id = C_KILLS, .type = MOEAI_TYPE_U64 },
	[C_PID] = { .name = "pid", .id = C_PID, .type = MOEAI_TYPE_U32 },
	[C_COMM] = { .name = "comm", .id = C_COMM, .type = MOEAI_TYPE_STRING },
	[C_RSS] = { .name = "rss", .id = C_RSS, .type = MOEAI_TYPE_U64, .unit = MOEAI_UNIT_BYTES },
};

static void name_labels(void)
{
	for (unsigned int i = 0; i < __MOEAI_MEM_LEVEL_MAX; i++)
		levels[i] = moeai_mem_level_name((enum moeai_mem_level)i);
	for (unsigned int i = 0; i < __MOEAI_MEM_CAUSE_MAX; i++)
		causes[i] = moeai_mem_cause_name((enum moeai_mem_cause)i);
}

static int add_row(struct grid *g, const struct episode *e)
{
	const struct {
		bool known;
		uint64_t number;
	} cells[N_COLUMNS] = {
		[C_BEGAN] = { e->began, e->began },
		[C_ENDED] = { e->ended, e->ended },
		[C_DURATION] = { e->ended, e->duration },
		[C_STATE] = { true, e->state },
		[C_WORST] = { true, e->worst },
		[C_CAUSE] = { e->causes, e->causes },
		[C_LOWEST] = { e->lowest < UINT64_MAX, e->lowest },
		[C_KILLS] = { true, e->kills },
		[C_PID] = { e->largest.pid, e->largest.pid },
		[C_COMM] = { e->largest.pid },
		[C_RSS] = { e->largest.pid, e->largest.rss },
	};
	struct fields row = { 0 };
	int err = 0;

	for (size_t i = 0; i < N_COLUMNS && !err; i++) {
		struct moeai_value v = i == C_COMM ? fields_string(&columns[i], e->largest.comm) :
						     fields_number(&columns[i], cells[i].number);

		if (cells[i].known)
			err = fields_add(&row, &v);
	}
	if (!err)
		err = grid_add(g, &row);
	fields_free(&row);
	return err;
}

int episodes_print(struct episodes *e, struct output *out)
{
	static const struct moeai_schema schema = { .fields = columns, .n_fields = N_COLUMNS };
	struct grid *g = NULL;
	int err;

	name_labels();
	err = grid_new(&g, out, &schema);

	for (size_t i = 0; i < e->n && !err; i++)
		err = add_row(g, &e->v[i]);
	return table_end(g, err);
}

int episodes_print_kills(struct episodes *e, struct output *out)
{
	return kills_print(&e->kills, out);
}
