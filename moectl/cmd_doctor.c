// SPDX-License-Identifier: GPL-2.0
#include <string.h>

#include "command.h"
#include "escape.h"
#include "findings.h"
#include "grid.h"
#include "table.h"

static const char *const verdicts[] = { "ok", "note", "problem" };

static void print_people(const struct output *out, const struct finding *finding)
{
	static const char *const colours[] = { "", COLOUR_YELLOW, COLOUR_RED };

	fprintf(out->file, "%s%-8s%s %-10s ", output_colour(out, colours[finding->verdict]),
		verdicts[finding->verdict],
		*colours[finding->verdict] ? output_colour(out, COLOUR_OFF) : "", finding->check);
	escape_write(out->file, finding->text, strlen(finding->text), out->escape);
	if (*finding->fix) {
		fputs("\n                    try: ", out->file);
		escape_write(out->file, finding->fix, strlen(finding->fix), out->escape);
	}
	putc('\n', out->file);
}

static int print_grid(struct output *out, const struct finding *findings)
{
	static const struct moeai_field fields[] = {
		{ .name = "check", .type = MOEAI_TYPE_STRING, .id = 1, .flags = MOEAI_F_KEY },
		{ .name = "verdict", .type = MOEAI_TYPE_ENUM, .id = 2, .labels = verdicts,
		  .n_labels = 3 },
		{ .name = "finding", .type = MOEAI_TYPE_STRING, .id = 3 },
		{ .name = "fix", .type = MOEAI_TYPE_STRING, .id = 4 },
	};
	static const struct moeai_schema schema = { .fields = fields, .n_fields = 4 };
	struct fields row = { 0 };
	struct grid *g = NULL;
	int err = grid_new(&g, out, &schema);

	for (int i = 0; i < N_FINDINGS && !err; i++) {
		const struct finding *f = &findings[i];
		const struct moeai_value cells[] = {
			fields_string(&fields[0], f->check),
			fields_number(&fields[1], f->verdict),
			fields_string(&fields[2], f->text),
			fields_string(&fields[3], f->fix),
		};

		fields_clear(&row);
		for (size_t c = 0; c < 4 && !err; c++)
			err = fields_add(&row, &cells[c]);
		if (!err)
			err = grid_add(g, &row);
	}
	fields_free(&row);
	return table_end(g, err);
}

static int run(struct moectl *ctl, void *input)
{
	struct finding findings[N_FINDINGS];
	struct output *out = &ctl->out;
	struct facts facts;
	int status = 0;

	facts_gather(&facts);
	findings_judge(&facts, findings);
	if (out->form != FORM_PEOPLE)
		status = print_grid(out, findings);
	for (int i = 0; i < N_FINDINGS; i++) {
		if (out->form == FORM_PEOPLE)
			print_people(out, &findings[i]);
		if (findings[i].verdict == VERDICT_PROBLEM)
			status = 1;
	}
	return status;
}

const struct command cmd_doctor = {
	.name = "doctor",
	.summary = "Look for what is wrong with the installation, and how to mend it",
	.details = "Kernel and headers, the module's file, the loaded module, whether versions "
		   "match, whether the kernel answers, signing, the group moeai, what the caller "
		   "may do, what keeps modules loaded, receive buffers, events lost in the log and "
		   "by readers. Each is ok, a note, or a problem, with the command that mends it "
		   "where there is one. Works without the module and without privilege, and tells "
		   "more with it. Exit status: 1 if there is a problem.\n\n"
		   "Examples:\n"
		   "  moectl doctor\n"
		   "  sudo moectl doctor --json | jq '.[] | select(.verdict == \"problem\")'\n"
		   "  moectl doctor --tab | cut -f 4 | grep .",
	.run = run,
};
