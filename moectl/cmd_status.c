// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "escape.h"
#include "procfs.h"
#include "show.h"
#include "units.h"

static const char *const state_labels[] = { "starting", "ok", "degraded", "stopping" };

/* What the status consists of, in the kernel's order, and where the library puts it. */
static const struct status_field {
	struct moeai_field field;
	size_t offset, size;
} fields[] = {
#define FIELD(_name, _member, _type, _unit, ...)                                      \
	{ .field = { .name = (_name), .help = "", .type = MOEAI_TYPE_##_type,         \
		     .unit = MOEAI_UNIT_##_unit, ##__VA_ARGS__ },                     \
	  .offset = offsetof(struct moeai_status, _member),                           \
	  .size = sizeof(((struct moeai_status *)0)->_member) }
	FIELD("state", state, ENUM, NONE, .labels = state_labels, .n_labels = 4),
	FIELD("epoch", epoch, U64, NONE, .flags = MOEAI_F_HEX),
	FIELD("uptime", uptime, U64, NS),
	FIELD("time", time, U64, TIME),
	FIELD("cpu", cpu_permille, U32, PERMILLE),
	FIELD("memory", memory_permille, U32, PERMILLE),
	FIELD("swap_free", swap_free, U64, BYTES),
	FIELD("rx", rx, U64, BYTES_S),
	FIELD("tx", tx, U64, BYTES_S),
	FIELD("pages_in", pages_in, U64, PAGES_S),
	FIELD("pages_out", pages_out, U64, PAGES_S),
	FIELD("modules", modules, U32, COUNT),
	FIELD("failed", failed, U32, COUNT),
	FIELD("log_size", log_size, U64, BYTES),
	FIELD("log_attempted", log_attempted, U64, COUNT),
	FIELD("log_logged", log_logged, U64, COUNT),
	FIELD("log_refused", log_refused, U64, COUNT),
	FIELD("log_held", log_held, U64, COUNT),
	FIELD("log_overwritten", log_overwritten, U64, COUNT),
	FIELD("log_cleared", log_cleared, U64, COUNT),
	FIELD("log_first", log_first, U64, NONE),
	FIELD("log_next", log_next, U64, NONE),
	FIELD("version", version, STRING, NONE),
};

#define N_FIELDS (sizeof(fields) / sizeof(*fields))

/* ---- collecting ------------------------------------------------------------------ */

/* What the values' data point to. */
struct source {
	struct moeai_status status;
	char *text; /* procfs */
};

static int add_field(struct fields *r, const struct status_field *f, struct source *from)
{
	const char *member = (const char *)&from->status + f->offset;
	struct moeai_value v;
	uint64_t number = 0;

	if (f->field.type == MOEAI_TYPE_STRING) {
		v = fields_string(&f->field, member);
	} else {
		memcpy(&number, member, f->size);
		v = fields_number(&f->field, number);
	}
	return fields_add(r, &v);
}

static int collect_netlink(struct moectl *ctl, struct source *from, struct fields *r)
{
	int err;

	if (command_open(ctl))
		return 1;
	err = moeai_status_get(ctl->h, &from->status);
	if (err)
		return complain_call(ctl->h, err);
	for (size_t i = 0; i < N_FIELDS; i++)
		if (add_field(r, &fields[i], from))
			return complain("out of memory");
	return 0;
}

static int label_of(const struct moeai_field *f, const char *text)
{
	for (uint32_t i = 0; i < f->n_labels; i++)
		if (!strcmp(f->labels[i], text))
			return (int)i;
	return -1;
}

/* A line of procfs: a field that is known, or one of a newer kernel's. */
static int add_line(struct fields *r, const char *name, char *text)
{
	const struct moeai_field *f = NULL;
	size_t len = strlen(text);
	bool quoted = *text == '"' && len > 1 && text[len - 1] == '"';
	struct moeai_value v;
	uint64_t number;

	if (quoted) {
		text[len - 1] = '\0';
		escape_undo(++text);
	}
	for (size_t i = 0; i < N_FIELDS && !f; i++)
		if (!strcmp(fields[i].field.name, name))
			f = &fields[i].field;
	if (!f)
		return fields_add_text(r, name, text, quoted);
	if (f->type == MOEAI_TYPE_STRING)
		v = fields_string(f, text);
	else if (f->type == MOEAI_TYPE_ENUM && label_of(f, text) >= 0)
		v = fields_number(f, (uint64_t)label_of(f, text));
	else if (!units_parse_u64(text, &number))
		v = fields_number(f, number);
	else
		return fields_add_text(r, name, text, quoted);
	return fields_add(r, &v);
}

static int collect_procfs(struct source *from, struct fields *r)
{
	char *rest, *line, *name, *text;

	if (procfs_read("status", &from->text))
		return 1;
	rest = from->text;
	while ((line = strsep(&rest, "\n")))
		if (!procfs_parse_pair(line, &name, &text) && add_line(r, name, text))
			return complain("out of memory");
	return 0;
}

/* ---- printing ------------------------------------------------------------------- */

/* What people see: fields in braces with their units. */
static const char *const layout[] = {
	"State        {state}",
	"Module       version {version}, loaded {uptime} ago",
	"Features     {modules} modules, {failed} failed",
	"Processors   {cpu} in use",
	"Memory       {memory} in use, {swap_free} of swap free",
	"Network      {rx} received, {tx} sent",
	"Disks        {pages_in} read, {pages_out} written",
	"Sampled      {time}",
	"Log          {log_size}, seq {log_first} to before {log_next}",
	"  attempted  {log_attempted} = {log_logged} logged + {log_refused} refused",
	"  logged     {log_logged} = {log_held} held + {log_overwritten} overwritten"
	" + {log_cleared} cleared",
	"  epoch      {epoch}",
};

static int print(struct output *out, const struct fields *r)
{
	if (out->form == FORM_JSON)
		return output_json(out, show_fields_json(r));
	if (out->form == FORM_PEOPLE) {
		for (size_t i = 0; i < sizeof(layout) / sizeof(*layout); i++)
			show_layout(out, r, layout[i]);
		return 0;
	}
	return show_fields_lines(out, r);
}

static int run(struct moectl *ctl, void *input)
{
	struct source from = { 0 };
	struct fields r = { 0 };
	int status;

	status = ctl->procfs ? collect_procfs(&from, &r) : collect_netlink(ctl, &from, &r);
	if (!status)
		status = print(&ctl->out, &r);
	fields_free(&r);
	free(from.text);
	return status;
}

const struct command cmd_status = {
	.name = "status",
	.summary = "Show the state, the gauges and the log's account",
	.details = "The gauges are the kernel's last sample; no privilege is needed. Off a "
		   "terminal there is a line 'name<TAB>value' for each field: numbers plain, sizes "
		   "in bytes, durations in ns, cpu and memory in permille.\n\n"
		   "Examples:\n"
		   "  moectl status\n"
		   "  moectl status --json | jq .memory\n"
		   "  moectl status --procfs",
	.procfs = true,
	.run = run,
};
