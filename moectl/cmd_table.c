// SPDX-License-Identifier: GPL-2.0
#include "grid.h"
#include "listing.h"
#include "table.h"

/* Without a name: which there are. */
static int list_tables(struct moectl *ctl)
{
	static const struct moeai_field field = { .name = "table", .type = MOEAI_TYPE_STRING,
						  .id = 1, .flags = MOEAI_F_KEY };
	static const struct moeai_schema schema = { .fields = &field, .n_fields = 1 };
	struct names names = { 0 };
	struct fields row = { 0 };
	struct grid *g = NULL;
	int err;

	if (command_open(ctl))
		return 1;
	err = listing_tables(ctl->h, &names);
	if (err)
		return complain_call(ctl->h, err);
	err = grid_new(&g, &ctl->out, &schema);
	for (size_t i = 0; i < names.n && !err; i++) {
		struct moeai_value v = fields_string(&field, names.v[i]);

		fields_clear(&row);
		err = fields_add(&row, &v);
		if (!err)
			err = grid_add(g, &row);
	}
	fields_free(&row);
	names_free(&names);
	return table_end(g, err);
}

static int run(struct moectl *ctl, void *input)
{
	const char *const *name = input;

	return *name ? table_print(ctl, *name) : list_tables(ctl);
}

const struct command cmd_table = {
	.name = "table",
	.arguments = "[NAME]",
	.summary = "Show a table of the kernel, or which there are",
	.details = "Columns are what the kernel says they are. Off a terminal they are separated "
		   "by tabs, without a heading; new columns are only ever added at the end. "
		   "Tables modules, commands, event_types and fields are open to everybody, others "
		   "need CAP_SYS_ADMIN.\n\n"
		   "Examples:\n"
		   "  moectl table\n"
		   "  moectl table event_types\n"
		   "  moectl table params --json",
	.parse = command_parse_word,
	.input_size = sizeof(const char *),
	.run = run,
};
