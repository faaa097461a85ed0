// SPDX-License-Identifier: GPL-2.0
/*
 * moectl's parsers and printers: the first byte chooses which. Whatever comes
 * in, what is printed can be shown: UTF-8 without control characters.
 */
#include <locale.h>
#include <wchar.h>
#include "fuzz.h"
#include "../../moectl/calls.h"
#include "../../moectl/escape.h"
#include "../../moectl/grid.h"
#include "../../moectl/line.h"
#include "../../moectl/procfs.h"
#include "../../moectl/selection.h"
#include "../../moectl/sentence.h"
#include "../../moectl/show.h"
#include "../../moectl/stream.h"
#include "../../moectl/suggest.h"
#include "../../moectl/thing.h"
#include "../../moectl/units.h"
#include "../../moectl/when.h"

/* tabs: the tab form's own, between cells. */
static void check_showable(const char *text, size_t len, bool tabs)
{
	const char *const end = text + len;
	mbstate_t state = { 0 };
	wchar_t c;
	size_t n;

	for (; text < end; text += n) {
		n = mbrtowc(&c, text, end - text, &state);
		promise(n && n <= (size_t)(end - text));
		promise((c >= 0x20 && c != 0x7f && !(c >= 0x80 && c < 0xa0)) || c == '\n' ||
			(tabs && c == '\t'));
	}
}

struct printed {
	struct output out;
	char *text;
	size_t size;
};

static void print_begin(struct printed *p, enum form form)
{
	*p = (struct printed){ .out = { .form = form, .width = form == FORM_PEOPLE ? 40 : 0 } };
	p->out.file = open_memstream(&p->text, &p->size);
	promise(p->out.file);
}

static void print_end(struct printed *p)
{
	fclose(p->out.file);
	check_showable(p->text, p->size, p->out.form == FORM_TAB);
	free(p->text);
}

/* ---- what came, in all forms ----------------------------------------------- */

/* In words, as of types that have sentences and of one that has none: one line. */
static void tell(const struct moeai_event *event, const struct fields *fields)
{
	static const char *const types[] = { "fs_logger.rename", "mem_monitor.victim",
					     "net_guard.blocked", "core.command", "user.message" };
	struct sentence s = { .escape = 0 };

	for (size_t i = 0; i <= sizeof(types) / sizeof(*types); i++) {
		struct moeai_event e = *event;
		char *text;

		if (i)
			e.type_name = types[i - 1];
		text = sentence_of_event(&s, &e, fields);
		promise(text && !strchr(text, '\n'));
		check_showable(text, strlen(text), false);
		free(text);
	}
	sentence_free(&s);
}

static void print_all(const struct moeai_item *item, const struct fields *fields)
{
	struct printed p;

	for (enum form form = FORM_PEOPLE; form <= FORM_JSON; form++) {
		struct stream s = { .out = &p.out };

		print_begin(&p, form);
		stream_fields(&s, item, fields);
		if (form != FORM_JSON)
			show_fields_lines(&p.out, fields);
		stream_free(&s);
		print_end(&p);
	}
	if (item->kind == MOEAI_EVENT)
		tell(&item->event, fields);
}

/* An event's JSON has a short way, which says what the long one does. */
static void compare_ways(const struct moeai_item *item, const struct fields *fields)
{
	struct printed ways[2] = { 0 };

	for (int i = 0; i < 2; i++) {
		struct stream s = { .out = &ways[i].out };

		print_begin(&ways[i], FORM_JSON);
		promise(!(i ? stream_item(&s, item) : stream_fields(&s, item, fields)));
		stream_free(&s);
		fflush(ways[i].out.file);
	}
	promise(!strcmp(ways[0].text, ways[1].text));
	print_end(&ways[0]);
	print_end(&ways[1]);
}

/* An event over netlink: the payloads are anything, the schema is not. */
static void values(const uint8_t *data, size_t size)
{
	const struct moeai_values run = { &fuzz_schema, data, size };
	const struct moeai_item item = {
		.kind = MOEAI_EVENT,
		.event = { .seq = 1, .type_name = "fuzz.fields", .source = "fuzz", .values = run },
	};
	struct fields fields = { 0 };
	struct printed p;
	struct grid *g;

	if (!fields_decode(&fields, &run))
		compare_ways(&item, &fields);
	print_all(&item, &fields);
	for (enum form form = FORM_PEOPLE; form <= FORM_JSON; form++) {
		print_begin(&p, form);
		promise(!grid_new(&g, &p.out, &fuzz_schema) && !grid_add(g, &fields));
		grid_print(g);
		grid_free(g);
		print_end(&p);
	}
	free(calls_argument(&fields));
	fields_free(&fields);
}

/* ---- /proc/moeai ------------------------------------------------------------- */

static void log_line(char *line)
{
	static const struct selection wanted = { .types = { "mem_monitor.*", "user." },
						 .n_types = 2, .source = "user" };
	char source[MOEAI_MAX_NAME_LEN];
	struct fields fields = { 0 };
	struct moeai_item item;

	if (!procfs_parse_event(line, &item, source, &fields)) {
		print_all(&item, &fields);
		if (item.kind == MOEAI_EVENT)
			selection_wants(&wanted, &item.event);
	}
	fields_free(&fields);
}

static void answer(char *text)
{
	struct fields fields = { 0 };
	struct printed p;
	char *why;
	int status;

	if (!procfs_parse_answer(text, &status, &why, &fields)) {
		promise(status <= 0 && strlen(why) < SIZE_MAX);
		print_begin(&p, FORM_TAB);
		show_fields_lines(&p.out, &fields);
		print_end(&p);
	}
	fields_free(&fields);
}

static void pair(char *line)
{
	char *name, *value;

	if (!procfs_parse_pair(line, &name, &value))
		promise(*name && name + strlen(name) < value);
}

/* One line for the kernel, from words; it may be read back the same. */
static void command_line(char *text)
{
	char *words[8], *line;
	struct fields fields = { 0 };
	size_t n = 0;

	while (text && n < 8)
		words[n++] = strsep(&text, "\n");
	line = procfs_command_line("fuzz", words, n);
	if (!line)
		return;
	promise(strchr(line, '\n') == line + strlen(line) - 1);
	line[strlen(line) - 1] = 0;
	if (!procfs_parse_words(line + strlen("fuzz"), &fields)) {
		promise(fields.n == n);
		for (size_t i = 0; i < n; i++)
			promise(!strcmp(fields.values[i].data, strchr(words[i], '=') + 1));
	}
	fields_free(&fields);
	free(line);
}

/* ---- text ---------------------------------------------------------------------- */

/* A file's line, of anything; and of a word that was written for one. */
static void file_line(const char *text, size_t len)
{
	char *copy = strdup(text), *word = escape_new(text, len, ESCAPE_WORD), *whole;
	struct line line = { .plain = 2 };

	promise(copy && word && asprintf(&whole, "row x y=\"%s\" # z", word) > 0);
	if (line_parse(copy, len, &line))
		promise(line.column && *line.why);
	for (size_t i = 0; i < line.n; i++) {
		const char *last = line.words[i].value ?: line.words[i].key;

		promise(line.words[i].key >= copy && last + strlen(last) <= copy + len);
		promise(line.words[i].value || i < 2);
	}
	promise(!line_parse(whole, strlen(whole), &line) && line.n == 3);
	promise(!strcmp(line.words[2].value, text));
	line_free(&line);
	free(whole);
	free(word);
	free(copy);
}

static void escape(char *text)
{
	static const unsigned int flags[] = { 0, ESCAPE_ASCII, ESCAPE_QUOTE,
					      ESCAPE_ASCII | ESCAPE_QUOTE };
	size_t len = strlen(text);
	char *out;

	for (size_t i = 0; i < sizeof(flags) / sizeof(*flags); i++) {
		out = escape_new(text, len, flags[i]);
		promise(out);
		check_showable(out, strlen(out), false);
		promise(escape_undo(out) == len && !memcmp(out, text, len));
		free(out);
	}
	file_line(text, len);
	out = escape_utf8(text, len);
	promise(out && mbstowcs(NULL, out, 0) != (size_t)-1);
	free(out);
	escape_undo(text);
}

static void numbers(char *text)
{
	char buf[UNITS_LEN];
	struct thing thing;
	struct when when;
	uint64_t n;
	int ms;

	if (!thing_parse(&thing, text, THING_ADDRESS, false))
		promise(thing.address.bits <= thing.address.len * 8 && thing.address.len <= 16);
	if (!when_parse(text, 1769947199000000000, &when))
		promise(!when.time || !when.seq);
	if (!selection_parse_since(text, &n))
		units_text(buf, MOEAI_UNIT_NONE, n);
	if (!units_parse_seconds(text, &ms))
		promise(ms >= 0);
	if (units_parse_u64(text, &n))
		return;
	for (unsigned int unit = 0; unit <= MOEAI_UNIT_MAX + 1; unit++) {
		units_text(buf, unit, n);
		promise(*buf && strlen(buf) < UNITS_LEN - 1); /* cut is wrong */
	}
}

static void suggestions(char *text)
{
	const char *names[8], *wrong = strsep(&text, "\n");
	char buf[32];
	size_t n = 0;

	while (text && n < 8)
		names[n++] = strsep(&text, "\n");
	suggest(buf, sizeof(buf), wrong, names, n);
	promise(strlen(buf) < sizeof(buf));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static void (*const takers[])(char *text) = {
		log_line, answer, pair, command_line, escape, numbers, suggestions,
	};
	const size_t n = sizeof(takers) / sizeof(*takers);
	char *text;

	if (!size)
		return 0;
	promise(setlocale(LC_CTYPE, "C.UTF-8"));
	if (*data % (n + 1) == n) {
		values(data + 1, size - 1);
		return 0;
	}
	text = fuzz_string(data + 1, size - 1);
	takers[*data % (n + 1)](text);
	free(text);
	return 0;
}
