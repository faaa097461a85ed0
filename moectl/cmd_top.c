// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <ncurses.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "top.h"
#include "units.h"

static const struct argp_option options[] = {
	{ "delay", 'd', "TIME", 0, "Between two looks; a second if not given", 0 },
	{ "count", 'n', "N", 0, "End after so many", 0 },
	{ 0 },
};

struct input {
	int delay; /* ms */
	uint64_t count; /* 0: no end */
};

static error_t parse(int key, char *arg, struct argp_state *state, void *input)
{
	struct input *in = input;

	switch (key) {
	case ARGP_KEY_INIT:
		in->delay = 1000;
		return 0;
	case 'd':
		if (units_parse_seconds(arg, &in->delay) || in->delay < 100)
			complain_usage(state, "--delay %s: give seconds from 0.1, or a number with ms, "
				       "s, m or h", arg);
		return 0;
	case 'n':
		if (units_parse_u64(arg, &in->count) || !in->count)
			complain_usage(state, "--count %s: give a number from 1", arg);
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

static volatile sig_atomic_t ended;

static void end(int sig)
{
	ended = sig;
}

/* Also of a terminal that goes. */
static void catch_ends(void)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };
	const struct sigaction action = { .sa_handler = end };

	for (size_t i = 0; i < sizeof(signals) / sizeof(*signals); i++)
		sigaction(signals[i], &action, NULL);
}

static uint64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

/* Returns false if there are to be no more keys. */
static bool handle_keys(struct top *t, bool *help)
{
	int key;

	while ((key = getch()) != ERR) {
		switch (key) {
		case 'q':
		case 'Q':
			return false;
		case '?':
		case 'h':
			*help = !*help;
			break;
		case ' ':
			t->paused = !t->paused;
			break;
		case 'r':
			top_reset(t);
			break;
		default: /* KEY_RESIZE: what is drawn next has the new size */
			break;
		}
	}
	return true;
}

/* Until the next look is due, or a key or a signal came. Returns false when a terminal is gone. */
static bool wait_for(struct top *t, uint64_t due)
{
	struct pollfd fds[] = {
		{ .fd = STDIN_FILENO, .events = POLLIN },
		{ .fd = top_fd(t), .events = POLLIN },
	};
	uint64_t at = now();

	while (!ended && at < due) {
		if (poll(fds, 2, (int)(due - at)) < 0)
			return errno == EINTR;
		if (fds[0].revents & (POLLHUP | POLLERR | POLLNVAL))
			return false;
		if (fds[0].revents)
			break;
		if (fds[1].revents)
			top_drain(t, (int)(due - at));
		fds[1].fd = top_fd(t);
		at = now();
	}
	return true;
}

static void loop(struct top *t, const struct input *in)
{
	uint64_t due = now(), n = 0;
	bool help = false;

	while (!ended) {
		if (now() >= due) {
			if (in->count && n++ == in->count)
				return;
			top_drain(t, in->delay / 2);
			if (!t->paused)
				top_sample(t);
			due = now() + (uint64_t)in->delay;
		}
		top_draw(t, help);
		if (!wait_for(t, due) || !handle_keys(t, &help))
			return;
	}
}

static int run(struct moectl *ctl, void *input)
{
	struct top *t;
	SCREEN *screen;
	int status;

	if (ctl->out.form == FORM_JSON || !isatty(STDIN_FILENO) || !ctl->out.terminal)
		return complain("top fills a terminal, and there is none; for scripts there are "
				"'moectl status', 'moectl table', 'moectl monitor', with --json");
	t = malloc(sizeof(*t));
	if (!t)
		return complain("out of memory");
	status = top_begin(t, ctl);
	if (!status) {
		screen = newterm(NULL, stdout, stdin);
		if (!screen)
			status = complain("terminal '%s' is not known: set TERM",
					  getenv("TERM") ? getenv("TERM") : "");
	}
	if (!status) {
		cbreak();
		noecho();
		curs_set(0);
		keypad(stdscr, TRUE);
		nodelay(stdscr, TRUE);
		catch_ends();
		loop(t, input);
		endwin();
		delscreen(screen);
	}
	top_end(t);
	free(t);
	return status;
}

const struct command cmd_top = {
	.name = "top",
	.summary = "Watch gauges, events, memory, offenders and files, full screen",
	.details =
		"Shows the gauges, how many events each module sends, who holds most memory and how "
		"it grows (moeai_mem_monitor), whom the detectors found of late (moeai_net_guard), "
		"which watched files are busiest (moeai_fs_logger), and what was lost. A module that "
		"is not loaded is named as such. The keys: q quits, ? says what the others do. It "
		"needs a terminal; events and tables need CAP_SYS_ADMIN, the level of pressure "
		"CAP_NET_ADMIN, and without them there is what all may see.\n\n"
		"Examples:\n"
		"  moectl top\n"
		"  moectl top --delay 0.2",
	.options = options,
	.parse = parse,
	.input_size = sizeof(struct input),
	.run = run,
};
