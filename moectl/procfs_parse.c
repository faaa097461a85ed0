// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "escape.h"
#include "procfs.h"
#include "units.h"

/* Names are shown as they are. */
static bool showable(const char *name)
{
	for (; *name; name++)
		if (*name <= ' ' || *name > '~')
			return false;
	return true;
}

int procfs_parse_pair(char *line, char **name, char **value)
{
	size_t len = strcspn(line, ": \t");

	if (!len || !line[len])
		return -EINVAL;
	*name = line;
	*value = line + len + 1;
	line[len] = '\0';
	*value += strspn(*value, " \t");
	return showable(line) ? 0 : -EINVAL;
}

/*
 * The next word at *line, *line moved behind it: key, and its value with escapes
 * undone. Returns 1, 0 at the end, -EINVAL.
 */
static int next_word(char **line, char **key, char **value, bool *quoted)
{
	char *p = *line + strspn(*line, " \t"), *end;

	if (!*p)
		return 0;
	*key = p;
	p += strcspn(p, "= \t");
	if (*p != '=' || p == *key)
		return -EINVAL;
	*p++ = '\0';
	if (!showable(*key))
		return -EINVAL;
	*quoted = *p == '"';
	if (*quoted) {
		for (end = ++p; *end && *end != '"'; end++)
			if (*end == '\\' && end[1])
				end++;
		if (!*end)
			return -EINVAL;
	} else {
		end = p + strcspn(p, " \t");
	}
	*line = *end ? end + 1 : end;
	*end = '\0';
	*value = p;
	escape_undo(p);
	return 1;
}

int procfs_parse_words(char *line, struct fields *out)
{
	char *key, *value;
	bool quoted;
	int err;

	while ((err = next_word(&line, &key, &value, &quoted)) > 0) {
		err = fields_add_text(out, key, value, quoted);
		if (err)
			return err;
	}
	return err;
}

/* The word at *line, ended there; *line is moved behind it. */
static char *take_word(char **line)
{
	char *word = *line + strspn(*line, " \t"), *end = word + strcspn(word, " \t");

	*line = *end ? end + 1 : end;
	*end = '\0';
	return word;
}

static int parse_lost(char *line, struct moeai_item *item, struct fields *out)
{
	int err = procfs_parse_words(line, out);
	const char *reason = fields_text(out, "reason");

	if (err)
		return err;
	item->kind = MOEAI_LOST;
	item->lost.from = fields_u64(out, "from", 0);
	item->lost.to = fields_u64(out, "to", 0);
	item->lost.reason = reason && !strcmp(reason, "cleared") ? MOEAI_LOST_CLEARED :
								    MOEAI_LOST_OVERWRITTEN;
	return item->lost.from && item->lost.from <= item->lost.to ? 0 : -EINVAL;
}

int procfs_parse_event(char *line, struct moeai_item *item, char source[MOEAI_MAX_NAME_LEN],
		       struct fields *out)
{
	struct moeai_event *e = &item->event;
	char *seq;
	int priority;

	fields_clear(out);
	memset(item, 0, sizeof(*item));
	if (!strncmp(line, "epoch=", 6)) {
		item->kind = MOEAI_EPOCH;
		return units_parse_u64(take_word(&line) + 6, &item->epoch);
	}
	seq = take_word(&line);
	if (!strcmp(seq, "lost"))
		return parse_lost(line, item, out);
	item->kind = MOEAI_EVENT;
	if (units_parse_u64(seq, &e->seq) || units_parse_u64(take_word(&line), &e->time))
		return -EINVAL;
	priority = moeai_priority_parse(take_word(&line));
	e->type_name = take_word(&line);
	if (priority < 0 || !*e->type_name)
		return -EINVAL;
	e->priority = (enum moeai_priority)priority;
	snprintf(source, MOEAI_MAX_NAME_LEN, "%.*s", (int)strcspn(e->type_name, "."),
		 e->type_name);
	e->source = source;
	return procfs_parse_words(line, out);
}

int procfs_parse_answer(char *answer, int *status, char **text, struct fields *out)
{
	char *line = strsep(&answer, "\n"), *end;
	int err = 0;

	if (strcmp(take_word(&line), "status") != 0)
		return -EINVAL;
	errno = 0;
	*status = (int)strtol(line, &end, 10);
	if (end == line || errno || *status > 0)
		return -EINVAL;
	*text = end + strspn(end, " \t");
	escape_undo(*text);
	while (!err && (line = strsep(&answer, "\n")))
		err = procfs_parse_words(line, out);
	return err;
}

/* What the kernel unquotes: \" \\ and \xHH, so that a line stays one line. */
static void write_quoted(FILE *to, const char *s)
{
	for (; *s; s++) {
		if (*s == '"' || *s == '\\')
			fprintf(to, "\\%c", *s);
		else if ((unsigned char)*s < 0x20)
			fprintf(to, "\\x%02x", *s);
		else
			putc(*s, to);
	}
}

char *procfs_command_line(const char *name, char *const *words, size_t n)
{
	char *line = NULL;
	size_t size;
	FILE *to = open_memstream(&line, &size);
	bool bad = !to;

	if (!to)
		return NULL;
	fputs(name, to);
	for (size_t i = 0; i < n && !bad; i++) {
		const char *equals = strchr(words[i], '=');

		bad = !equals || equals == words[i];
		if (bad)
			break;
		fprintf(to, " %.*s=\"", (int)(equals - words[i]), words[i]);
		write_quoted(to, equals + 1);
		putc('"', to);
	}
	putc('\n', to);
	if (fclose(to) || bad) {
		free(line);
		return NULL;
	}
	return line;
}
