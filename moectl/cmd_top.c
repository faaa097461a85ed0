// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <ncurses.h>
#include <poll.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "signals.h"
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
			if (!t->paused)
				top_reset(t);
			break;
		default: /* KEY_RESIZE: what is drawn next has the new size */
			break;
		}
	}
	return true;
}

/*
 * Until the next look is due, or a key or a signal came. Returns false when it is time to end:
 * a signal said so, or the terminal is gone.
 */
static bool wait_for(struct top *t, uint64_t due, const sigset_t *unblocked)
{
	struct pollfd fds[] = { { .fd = STDIN_FILENO, .events = POLLIN }, { .events = POLLIN } };
	struct timespec left;
	uint64_t at = now();

	while (!signals_came() && at < due) {
		fds[1].fd = t->paused ? -1 : top_fd(t);
		left = (struct timespec){ (time_t)((due - at) / 1000),
					  (long)((due - at) % 1000) * 1000000 };
		if (ppoll(fds, 2, &left, unblocked) < 0)
			return errno == EINTR && !signals_came();
		if (fds[0].revents & (POLLHUP | POLLERR | POLLNVAL))
			return false;
		if (fds[0].revents)
			break;
		if (fds[1].revents)
			top_drain(t, (int)(due - at));
		at = now();
	}
	return !signals_came();
}

/* While it is paused events wait where they are; what comes of them is seen afterwards. */
static void loop(struct top *t, const struct input *in, const sigset_t *unblocked)
{
	uint64_t due = now(), n = 0;
	bool help = false;

	do {
		if (now() >= due && !t->paused) {
			if (in->count && n++ == in->count)
				return;
			top_drain(t, in->delay / 2);
			top_sample(t);
		}
		if (now() >= due)
			due = now() + (uint64_t)in->delay;
		top_draw(t, help);
	} while (wait_for(t, due, unblocked) && handle_keys(t, &help));
}

static int run(struct moectl *ctl, void *input)
{
	struct top *t;
	sigset_t unblocked;
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
		signals_catch(&unblocked);
		signals_also(SIGQUIT); /* a terminal's key, too, which it has to give back */
		loop(t, input, &unblocked);
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
		"needs a terminal; events need to read /dev/moeai, as group moeai may, or "
		"CAP_SYS_ADMIN, and while they come out of /dev/moeai the module can't be unloaded; "
		"tables need CAP_SYS_ADMIN, the level of pressure CAP_NET_ADMIN, and without them "
		"there is what all may see.\n\n"
		"Examples:\n"
		"  moectl top\n"
		"  moectl top --delay 0.2",
	.options = options,
	.parse = parse,
	.input_size = sizeof(struct input),
	.run = run,
};
