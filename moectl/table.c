// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "grid.h"
#include "listing.h"
#include "table.h"

struct printing {
	struct output *out;
	struct grid *grid;
};

static int begin(void *arg, const struct moeai_schema *schema)
{
	struct printing *p = arg;

	grid_free(p->grid);
	p->grid = NULL;
	return grid_new(&p->grid, p->out, schema);
}

static int add(void *arg, const struct fields *row)
{
	struct printing *p = arg;

	return grid_add(p->grid, row);
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

int table_print(struct moectl *ctl, const char *name)
{
	struct printing p = { .out = &ctl->out };
	char *reason;
	int err;

	if (command_open(ctl))
		return 1;
	err = listing_walk(ctl->h, name, begin, add, &p);
	if (!err)
		return table_end(p.grid, 0);
	grid_free(p.grid);
	reason = strdup(moeai_error(ctl->h));
	if ((err != -ENOENT && err != -ENODEV) || !unknown_table(ctl, name))
		complain("%s", reason && *reason ? reason : moeai_strerror(err));
	free(reason);
	return 1;
}
