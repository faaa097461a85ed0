// SPDX-License-Identifier: GPL-2.0
/*
 * moectl: events, commands, status and tables of a kernel that runs moeai.ko,
 * for people and scripts.
 */
#include <errno.h>
#include <locale.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "suggest.h"

#define TABLE_ROW(name) &cmd_##name,

static const struct command *const commands[] = { MOECTL_COMMANDS(TABLE_ROW) };

#define N_COMMANDS (sizeof(commands) / sizeof(*commands))

/* The command line as it is read: moectl [COMMON] COMMAND [OPTIONS, COMMON]. */
struct invocation {
	enum form form;
	bool procfs;
	const struct command *command;
	char **argv; /* the command's name and what follows it */
	int argc;
	char *name; /* "moectl monitor", for the help */
	void *input;
};

/* ---- options that every command takes --------------------------------------- */

enum { KEY_PRETTY = 0x1000, KEY_TAB, KEY_PROCFS, KEY_BEGIN };

/*
 * The first option of each command, put there by us: getopt's messages begin with
 * argv[0], "moectl", but the help with state->name, which argp sets from argv[0]
 * before the first option, and only then can be changed to "moectl monitor".
 */
#define BEGIN "begin-of-command"

static const struct argp_option common_options[] = {
	{ 0, 0, 0, 0, "Options of all commands:", 100 },
	{ "json", 'j', 0, 0, "Print JSON: one value, or of a stream one object a line", 100 },
	{ "tab", KEY_TAB, 0, 0,
	  "Print tab-separated lines without headings, as is done when the output is "
	  "no terminal", 100 },
	{ "pretty", KEY_PRETTY, 0, 0, "Print for people, as is done on a terminal", 100 },
	{ "procfs", KEY_PROCFS, 0, 0, "Use /proc/moeai alone, no netlink", 100 },
	{ BEGIN, KEY_BEGIN, 0, OPTION_HIDDEN, 0, 100 },
	{ 0 },
};

static error_t parse_common(int key, char *arg, struct argp_state *state)
{
	struct invocation *inv = state->input;

	switch (key) {
	case 'j':
		inv->form = FORM_JSON;
		return 0;
	case KEY_TAB:
		inv->form = FORM_TAB;
		return 0;
	case KEY_PRETTY:
		inv->form = FORM_PEOPLE;
		return 0;
	case KEY_PROCFS:
		inv->procfs = true;
		return 0;
	case KEY_BEGIN:
		if (inv->name)
			state->name = inv->name;
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

static const struct argp common_argp = { .options = common_options, .parser = parse_common };

/* ---- moectl ------------------------------------------------------------------ */

/* The list of commands, where argp would print what follows the options. */
static char *command_list(void)
{
	char *text = NULL;
	size_t size;
	FILE *to = open_memstream(&text, &size);

	if (!to)
		return NULL;
	fputs("Commands:\n", to);
	for (size_t i = 0; i < N_COMMANDS; i++)
		fprintf(to, "  %-10s %s\n", commands[i]->name, commands[i]->summary);
	fputs("\n'moectl COMMAND --help' has the options and examples of each.\n\n"
	      "Exit status: 0, 1 if something failed, 2 if the command line is wrong.\n\n"
	      "Examples:\n"
	      "  moectl status\n"
	      "  moectl monitor --min-priority warning\n"
	      "  moectl run core.ping text=hello\n",
	      to);
	fclose(to);
	return text;
}

static char *main_help(int key, const char *text, void *input)
{
	return key == ARGP_KEY_HELP_POST_DOC ? command_list() : (char *)text;
}

static error_t parse_main(int key, char *arg, struct argp_state *state)
{
	struct invocation *inv = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = inv;
		return 0;
	case ARGP_KEY_ARG:
		inv->argv = &state->argv[state->next - 1];
		inv->argc = state->argc - state->next + 1;
		state->next = state->argc;
		return 0;
	case ARGP_KEY_NO_ARGS:
		complain_usage(state, "which command?");
	}
	return ARGP_ERR_UNKNOWN;
}

static void read_main(int argc, char **argv, struct invocation *inv)
{
	static const struct argp_child children[] = { { &common_argp, 0, NULL, 0 }, { 0 } };
	static const struct argp argp = {
		.parser = parse_main,
		.args_doc = "COMMAND [ARGUMENT...]",
		.doc = "Events, commands, status and tables of the running kernel.\v",
		.children = children,
		.help_filter = main_help,
	};

	argp_parse(&argp, argc, argv, ARGP_IN_ORDER, NULL, inv);
}

static const struct command *find_command(const char *name)
{
	const char *names[N_COMMANDS];
	char hint[256];

	for (size_t i = 0; i < N_COMMANDS; i++) {
		names[i] = commands[i]->name;
		if (!strcmp(name, names[i]))
			return commands[i];
	}
	suggest(hint, sizeof(hint), name, names, N_COMMANDS);
	complain("there is no command '%s'; %s%s'moectl --help' lists them", name, hint,
		 *hint ? " " : "");
	exit(2);
}

/* ---- the command -------------------------------------------------------------- */

static error_t parse_command(int key, char *arg, struct argp_state *state)
{
	struct invocation *inv = state->input;
	const struct command *command = inv->command;

	if (key == ARGP_KEY_INIT) {
		state->child_inputs[0] = inv;
		if (command->child)
			state->child_inputs[1] = inv->input;
	}
	if (key == ARGP_KEY_END && inv->procfs && !command->procfs)
		complain_usage(state, "%s does not work with --procfs", command->name);
	if (command->parse) {
		error_t err = command->parse(key, arg, state, inv->input);

		if (err != ARGP_ERR_UNKNOWN)
			return err;
	}
	if (key == ARGP_KEY_ARG)
		complain_usage(state, "'%s' is too much", arg);
	if (key == ARGP_KEY_INIT)
		return 0;
	return ARGP_ERR_UNKNOWN;
}

static void read_command(struct invocation *inv)
{
	const struct command *command = inv->command;
	const struct argp_child children[] = {
		{ &common_argp, 0, NULL, 0 },
		{ command->child, 0, NULL, 0 },
		{ 0 },
	};
	struct argp argp = {
		.options = command->options,
		.parser = parse_command,
		.args_doc = command->arguments,
		.children = children,
	};
	char *doc = NULL;

	if (asprintf(&inv->name, "moectl %s", command->name) < 0 ||
	    asprintf(&doc, "%s.\v%s", command->summary, command->details) < 0) {
		complain("out of memory");
		exit(1);
	}
	argp.doc = doc;
	/* The command is preceded by moectl at least. */
	inv->argv[-1] = (char *)"moectl";
	inv->argv[0] = (char *)"--" BEGIN;
	argp_parse(&argp, inv->argc + 1, inv->argv - 1, 0, NULL, inv);
	free(doc);
}

static int run_command(struct invocation *inv)
{
	struct moectl ctl = { .procfs = inv->procfs };
	int status, flushed;

	output_init(&ctl.out, stdout, inv->form);
	status = inv->command->run(&ctl, inv->input);
	flushed = output_flush(&ctl.out);
	moeai_close(ctl.h);
	return flushed == -EPIPE ? 0 : flushed ? 1 : status;
}

int main(int argc, char **argv)
{
	struct invocation inv = { 0 };
	int status;

	setlocale(LC_CTYPE, "");
	signal(SIGPIPE, SIG_IGN);
	argp_err_exit_status = 2;
	argp_program_version = "moectl " MOEAI_VERSION_STRING;
	if (argc > 0)
		argv[0] = (char *)"moectl";

	read_main(argc, argv, &inv);
	inv.command = find_command(inv.argv[0]);
	inv.input = calloc(1, inv.command->input_size + 1);
	if (!inv.input)
		return complain("out of memory");
	read_command(&inv);
	status = run_command(&inv);
	free(inv.input);
	free(inv.name);
	return status;
}
