// SPDX-License-Identifier: GPL-2.0
#include <stdint.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "suggest.h"

#define LONGEST 64
#define SHOWN	3

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/*
 * How many letters must be added, dropped, changed or swapped with their
 * neighbour to make b of a.
 * Source: optimal string alignment distance, the rows of its matrix.
 */
static size_t distance(const char *a, const char *b)
{
	size_t rows[3][LONGEST + 1], *before = rows[0], *last = rows[1], *now = rows[2];
	size_t na = strlen(a), nb = strlen(b);

	if (na > LONGEST || nb > LONGEST)
		return SIZE_MAX;
	for (size_t j = 0; j <= nb; j++)
		before[j] = last[j] = j;
	for (size_t i = 1; i <= na; i++) {
		size_t *unused = before;

		now[0] = i;
		for (size_t j = 1; j <= nb; j++) {
			now[j] = least(least(last[j], now[j - 1]) + 1,
				       last[j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				now[j] = least(now[j], before[j - 2] + 1);
		}
		before = last;
		last = now;
		now = unused;
	}
	return last[nb];
}

/* Lower is nearer; SIZE_MAX: not near. */
static size_t nearness(const char *wrong, const char *name)
{
	size_t letters = distance(wrong, name), len = strlen(wrong);

	if (letters <= (len < 4 ? 1 : len < 9 ? 2 : 3))
		return letters;
	if (len > 2 && (strstr(name, wrong) || strstr(wrong, name)))
		return 10;
	return SIZE_MAX;
}

static bool listed(const char *const *best, size_t found, const char *name)
{
	for (size_t i = 0; i < found; i++)
		if (!strcmp(best[i], name))
			return true;
	return false;
}

void suggest(char *buf, size_t size, const char *wrong, const char *const *names, size_t n)
{
	const char *best[SHOWN] = { 0 };
	size_t found = 0, len = 0;

	*buf = '\0';
	for (size_t near = 0; near <= 10 && found < SHOWN; near++)
		for (size_t i = 0; i < n && found < SHOWN; i++)
			if (nearness(wrong, names[i]) == near && !listed(best, found, names[i]))
				best[found++] = names[i];
	for (size_t i = 0; i < found && len < size; i++)
		len += (size_t)snprintf(buf + len, size - len, "%s'%s'",
					!i		? "did you mean " :
					i + 1 < found ? ", " :
							  " or ",
					best[i]);
	if (found && len < size)
		snprintf(buf + len, size - len, "?");
}
