// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <string.h>

#include "command.h"
#include "show.h"

/* The loaded module's version; an empty string: none is loaded. */
static int module_version(char version[32])
{
	struct moeai_status status;
	struct moeai *h;
	int err = moeai_open(&h);

	*version = '\0';
	if (err == -ENODEV)
		return 0;
	if (err)
		return complain_call(NULL, err);
	err = moeai_status_get(h, &status);
	if (err)
		complain_call(h, err);
	else
		memcpy(version, status.version, sizeof(status.version));
	moeai_close(h);
	return err ? 1 : 0;
}

static int run(struct moectl *ctl, void *input)
{
	static const struct moeai_field names[] = {
		{ .name = "moectl", .type = MOEAI_TYPE_STRING },
		{ .name = "libmoeai", .type = MOEAI_TYPE_STRING },
		{ .name = "module", .type = MOEAI_TYPE_STRING },
	};
	struct output *out = &ctl->out;
	char module[32];
	const char *const versions[] = { MOEAI_VERSION_STRING, moeai_version(), module };
	struct fields r = { 0 };
	int status = module_version(module), err = 0;

	for (size_t i = 0; i < 3 && !err; i++) {
		struct moeai_value v = fields_string(&names[i], versions[i]);

		err = *versions[i] || out->form == FORM_TAB ? fields_add(&r, &v) : 0;
	}
	if (err)
		status = complain("out of memory");
	else if (out->form == FORM_JSON)
		status |= output_json(out, show_fields_json(&r));
	else
		status |= show_fields_lines(out, &r);
	if (out->form == FORM_PEOPLE && !*module)
		fputs("module    not loaded\n", out->file);
	fields_free(&r);
	return status;
}

const struct command cmd_version = {
	.name = "version",
	.summary = "Show the versions of moectl, the library and the loaded module",
	.details = "Without a loaded module its version is left out of the JSON, and empty in the "
		   "tab form.\n\n"
		   "Examples:\n"
		   "  moectl version\n"
		   "  moectl version --json",
	.run = run,
};
