// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "grid.h"
#include "listing.h"
#include "table.h"

struct printing {
	struct output *out;
	const char *name;
	const struct where *where;
	const char *order;
	struct grid *grid;
	bool refused; /* and told */
};

static int complain_column(const char *table, const char *column, const struct moeai_schema *schema)
{
	char has[1024] = "";
	size_t len = 0;

	for (size_t i = 0; i < schema->n_fields && len < sizeof(has); i++)
		len += (size_t)snprintf(has + len, sizeof(has) - len, "%s%s", i ? ", " : "",
					schema->fields[i].name);
	return complain("table %s has no column '%s', but %s", table, column, has);
}

static int begin(void *arg, const struct moeai_schema *schema)
{
	struct printing *p = arg;
	const char *unknown = where_unknown(p->where, schema);
	int err;

	grid_free(p->grid);
	p->grid = NULL;
	err = unknown ? 0 : grid_new(&p->grid, p->out, schema);

	if (!err && !unknown && p->order && !grid_order(p->grid, p->order))
		unknown = p->order + (*p->order == '-');
	p->refused = unknown && complain_column(p->name, unknown, schema);
	return p->refused ? -EINVAL : err;
}

static int add(void *arg, const struct fields *row)
{
	struct printing *p = arg;

	return where_matches(p->where, row) ? grid_add(p->grid, row) : 0;
}

/*
 * The kernel's refusal of an unknown table cannot always be told from a missing
 * family. Returns 1 after complaining if it was that, else 0.
 */
static int unknown_table(struct moectl *ctl, const char *name)
{
	struct names names = { 0 };
	int status = 0;

	if (!listing_tables(ctl->h, &names) && !names_have(&names, name))
		status = listing_complain("table", name, &names, "'moectl table' lists them");
	names_free(&names);
	return status;
}

int table_end(struct grid *g, int err)
{
	if (!err)
		err = grid_print(g);
	grid_free(g);
	return err ? complain("out of memory") : 0;
}

int table_complain(struct moectl *ctl, const char *name, int err)
{
	char *reason = strdup(moeai_error(ctl->h));

	if ((err != -ENOENT && err != -ENODEV) || !unknown_table(ctl, name))
		complain("%s", reason && *reason ? reason : moeai_strerror(err));
	free(reason);
	return 1;
}

int table_print(struct moectl *ctl, const char *name, const struct where *where,
		const char *order)
{
	struct printing p = { .out = &ctl->out, .name = name, .where = where, .order = order };
	int err;

	if (command_open(ctl))
		return 1;
	err = listing_walk(ctl->h, name, begin, add, &p);
	if (!err)
		return table_end(p.grid, 0);
	grid_free(p.grid);
	return p.refused ? 1 : table_complain(ctl, name, err);
}
