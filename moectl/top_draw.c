// SPDX-License-Identifier: GPL-2.0
#include <assert.h>
#include <inttypes.h>
#include <ncurses.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "escape.h"
#include "top.h"
#include "units.h"

#define HEAD 5 /* lines */

/* ---- text ----------------------------------------------------------------------------- */

/* As much of a text as fits into so many columns; it is fit to show. Returns its columns. */
static int put_text(int y, int x, int columns, const char *text)
{
	wchar_t wide[2] = { 0 };
	mbstate_t state = { 0 };
	int used = 0;

	move(y, x);
	while (*text) {
		size_t n = mbrtowc(wide, text, strlen(text), &state);
		int width;

		if (n == (size_t)-1 || n == (size_t)-2) { /* none in this locale */
			wide[0] = L'?';
			n = 1;
			state = (mbstate_t){ 0 };
		}
		width = wcwidth(wide[0]);
		if (width < 0 || used + width > columns)
			break;
		addwstr(wide);
		used += width;
		text += n;
	}
	return used;
}

/* Of the kernel or of somebody: escaped first. */
static int put_foreign(const struct top *t, int y, int x, int columns, const char *text)
{
	char *fit = escape_new(text, strlen(text), t->ctl->out.escape);
	int used = put_text(y, x, columns, fit ? fit : "?");

	free(fit);
	return used;
}

/* A row's cells, one after the other. */
struct row {
	const struct top *top;
	struct tally_entry *const *files; /* the busiest first */
	int y, x;
};

static void left(struct row *r, int columns, const char *text)
{
	if (r->x < COLS)
		put_foreign(r->top, r->y, r->x, columns < COLS - r->x ? columns : COLS - r->x, text);
	r->x += columns + 1;
}

static void right(struct row *r, int columns, const char *text)
{
	int len = (int)strlen(text);

	if (len < columns)
		r->x += columns - len;
	else
		len = columns;
	left(r, len, text);
}

static void right_number(struct row *r, int columns, uint64_t number)
{
	char text[UNITS_LEN];

	snprintf(text, sizeof(text), "%" PRIu64, number);
	right(r, columns, text);
}

static void right_rate(struct row *r, int columns, double rate)
{
	char text[UNITS_LEN];

	snprintf(text, sizeof(text), rate > 0 && rate < 10 ? "%.1f" : "%.0f", rate);
	right(r, columns, text);
}

static void right_unit(struct row *r, int columns, enum moeai_unit unit, uint64_t value)
{
	char text[UNITS_LEN];

	units_text(text, unit, value);
	right(r, columns, text);
}

static void right_growth(struct row *r, int columns, const struct moeai_mem_consumer *c)
{
	char text[UNITS_LEN + 1] = "";
	const bool less = c->rate < 0;

	if (c->period) {
		units_text(text + 1, MOEAI_UNIT_BYTES_S,
			   less ? -(uint64_t)c->rate : (uint64_t)c->rate);
		text[0] = less ? '-' : '+';
	}
	right(r, columns, text);
}

/* ---- the head ------------------------------------------------------------------------- */

static void level_on(enum moeai_mem_level level)
{
	if (level == MOEAI_MEM_CRITICAL)
		attron(A_REVERSE);
	else if (level != MOEAI_MEM_NONE)
		attron(A_BOLD);
}

static void draw_gauges(const struct top *t)
{
	const struct moeai_status *s = &t->status;
	char a[UNITS_LEN], b[UNITS_LEN], c[UNITS_LEN], line[256];

	units_text(a, MOEAI_UNIT_PERMILLE, s->cpu_permille);
	units_text(b, MOEAI_UNIT_PERMILLE, s->memory_permille);
	units_text(c, MOEAI_UNIT_BYTES, s->swap_free);
	snprintf(line, sizeof(line), "cpu %s  memory %s  swap free %s", a, b, c);
	put_text(1, 0, COLS, line);
	if (t->has_mem) {
		units_text(a, MOEAI_UNIT_BYTES, t->mem.available);
		snprintf(line, sizeof(line), "  pressure %s, %s available",
			 moeai_mem_level_name(t->mem.level), a);
		level_on(t->mem.level);
		put_text(1, getcurx(stdscr), COLS - getcurx(stdscr), line);
		attrset(A_NORMAL);
	}
	units_text(a, MOEAI_UNIT_BYTES_S, s->rx);
	units_text(b, MOEAI_UNIT_BYTES_S, s->tx);
	snprintf(line, sizeof(line), "network %s in, %s out  disks %" PRIu64 " pages/s in, %" PRIu64
		 " out", a, b, s->pages_in, s->pages_out);
	put_text(2, 0, COLS, line);
}

static void draw_log(const struct top *t)
{
	const struct moeai_status *s = &t->status;
	char line[256];

	snprintf(line, sizeof(line), "events %.0f/s  held %" PRIu64 "  overwritten %" PRIu64
		 "  refused %" PRIu64 "  lost here %" PRIu64, t->logged, s->log_held,
		 s->log_overwritten, s->log_refused, t->lost);
	if (s->log_refused || t->lost)
		attron(A_BOLD);
	put_text(3, 0, COLS, line);
	attrset(A_NORMAL);
}

static void draw_head(const struct top *t)
{
	char time[UNITS_LEN], uptime[UNITS_LEN], line[256];

	attron(A_REVERSE);
	mvhline(0, 0, ' ', COLS);
	if (t->loaded) {
		units_time(time, t->status.time);
		units_text(uptime, MOEAI_UNIT_NS, t->status.uptime);
		snprintf(line, sizeof(line), "moectl top  %.19s  moeai %s, loaded %s ago, %s%s", time,
			 t->status.version, uptime, moeai_state_name(t->status.state),
			 t->paused ? "  PAUSED" : "");
	} else {
		snprintf(line, sizeof(line), "moectl top  moeai is not loaded: modprobe moeai");
	}
	put_foreign(t, 0, 0, COLS, line);
	attrset(A_NORMAL);
	if (t->loaded) {
		draw_gauges(t);
		draw_log(t);
	}
}

/* ---- panels --------------------------------------------------------------------------- */

static void draw_module(const struct top *t, struct row *r, size_t i)
{
	const struct top_source *s = &t->sources[i];

	left(r, 32, i < t->n_sources ? s->name : "(others)");
	if (i < t->n_sources)
		right_rate(r, 10, s->rate);
	else
		right(r, 10, "");
	right_number(r, 12, i < t->n_sources ? s->events : t->other);
}

static void draw_consumer(const struct top *t, struct row *r, size_t i)
{
	const struct moeai_mem_consumer *c = &t->consumers[i];

	right_number(r, 8, c->pid);
	left(r, 16, c->comm);
	left(r, 12, users_name((struct users *)&t->users, c->uid));
	right_unit(r, 10, MOEAI_UNIT_BYTES, c->rss);
	right_unit(r, 10, MOEAI_UNIT_BYTES, c->swap);
	right_growth(r, 12, c);
}

static const char *const kinds[] = { "syn_flood", "udp_flood", "icmp_flood", "port_scan",
				     "host_scan" };

static_assert(sizeof(kinds) / sizeof(*kinds) == __MOEAI_GUARD_KIND_MAX, "a name for each kind");

static void draw_offender(const struct top *t, struct row *r, size_t i)
{
	const struct moeai_guard_offender *o = &t->offenders[i];
	char last[UNITS_LEN];

	units_time(last, o->last);
	left(r, 39, o->source);
	left(r, 10, o->kind < sizeof(kinds) / sizeof(*kinds) ? kinds[o->kind] : "?");
	right_number(r, 8, o->offences);
	left(r, 19, last);
}

static void draw_file(const struct top *t, struct row *r, size_t i)
{
	const struct tally_entry *e = r->files[i];

	right_number(r, 9, e->count);
	right_number(r, 9, e->n[MOEAI_FS_MODIFY] + e->n[MOEAI_FS_CLOSE_WRITE]);
	right_number(r, 9, e->n[MOEAI_FS_CREATE] + e->n[MOEAI_FS_DELETE] + e->n[MOEAI_FS_RENAME]);
	left(r, COLS, e->key);
}

static const struct {
	const char *name, *title;
	void (*draw)(const struct top *t, struct row *r, size_t i);
} panels[] = {
	[TOP_MODULES] = { "EVENTS", "EVENTS OF                         per second        total",
			  draw_module },
	[TOP_CONSUMERS] = { "MEMORY", "     PID MEMORY OF        USER           RESIDENT    SWAPPED       GROWTH",
			    draw_consumer },
	[TOP_OFFENDERS] = { "OFFENDERS", "OFFENDERS                               LAST FOR   OFFENCES WHEN",
			    draw_offender },
	[TOP_FILES] = { "FILES", "    FILES   written  come, go PATH", draw_file },
};

static void draw_panel(const struct top *t, enum top_panel panel, int y, int height)
{
	const char *problem = t->problem[panel];
	struct row row = { .top = t };
	size_t rows = top_rows(t, panel);
	char line[256];

	if (panel == TOP_MODULES || (panel == TOP_FILES && *t->event_problem))
		problem = t->event_problem;
	attron(A_BOLD);
	mvhline(y, 0, ' ', COLS);
	if (*problem)
		snprintf(line, sizeof(line), "%-10s %s", panels[panel].name, problem);
	else
		snprintf(line, sizeof(line), "%s", panels[panel].title);
	put_foreign(t, y, 0, COLS, line);
	attrset(A_NORMAL);
	tally_sort(t->files, &row.files);
	for (int i = 0; i + 1 < height && (size_t)i < rows; i++) {
		row.y = y + 1 + i;
		row.x = 0;
		panels[panel].draw(t, &row, (size_t)i);
	}
}

static void draw_panels(const struct top *t, int first, int lines)
{
	size_t rows[TOP_PANELS];
	int heights[TOP_PANELS];

	for (int i = 0; i < TOP_PANELS; i++)
		rows[i] = top_rows(t, (enum top_panel)i);
	top_share(lines, rows, heights);
	for (int i = 0; i < TOP_PANELS; i++) {
		if (heights[i])
			draw_panel(t, (enum top_panel)i, first, heights[i]);
		first += heights[i];
	}
}

/* ---- the screen ----------------------------------------------------------------------- */

static void draw_help(const struct top *t)
{
	static const char *const lines[] = {
		"q       quit",
		"?       this, and back",
		"space   pause: nothing changes; and go on",
		"r       begin to count anew",
		"",
		"EVENTS OF      events of each module, since counting began",
		"MEMORY OF      the largest processes, of moeai_mem_monitor",
		"OFFENDERS      whom moeai_net_guard found of late, the last first",
		"FILES          operations on files told by watches of moeai_fs_logger,",
		"               the busiest first, since counting began",
		"",
		"lost here: events that came faster than they could be taken.",
	};
	const int n = (int)(sizeof(lines) / sizeof(*lines));
	char began[UNITS_LEN], line[64];

	for (int i = 0; i < n && i < LINES - HEAD - 1; i++)
		put_text(HEAD + i, 0, COLS, lines[i]);
	units_time(began, t->began);
	snprintf(line, sizeof(line), "Counting began at %.19s.", began);
	if (n < LINES - HEAD - 1)
		put_text(HEAD + n, 0, COLS, line);
}

void top_draw(const struct top *t, bool help)
{
	erase();
	draw_head(t);
	if (help)
		draw_help(t);
	else if (t->loaded)
		draw_panels(t, HEAD, LINES - HEAD - 1);
	attron(A_DIM);
	put_text(LINES - 1, 0, COLS - 1, "q quit  ? help  space pause  r reset");
	attrset(A_NORMAL);
	refresh();
}
