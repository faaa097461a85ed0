// SPDX-License-Identifier: GPL-2.0
/* The log as text. */
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include "bench.h"

/* Is it an event of the bench, and well-formed? */
static bool parse_line(const char *line)
{
	uint64_t seq, time, bytes, stamp;
	unsigned int pid, uid, flags;
	char priority[16], name[BENCH_NAME_MAX];
	const char *fields = strstr(line, " pid=");

	return fields &&
	       sscanf(line, "%" SCNu64 " %" SCNu64 " %15s", &seq, &time, priority) == 3 &&
	       sscanf(fields, " pid=%u uid=%u flags=%x bytes=%" SCNu64 " stamp=%" SCNu64
		      " name=\"%235[^\"]\"", &pid, &uid, &flags, &bytes, &stamp, name) == 6;
}

int read_text(void)
{
	FILE *log = fopen("/proc/moeai/log", "r");
	char line[1024];
	int n = 0;

	if (!log)
		return -errno;
	while (fgets(line, sizeof(line), log))
		n += parse_line(line);
	fclose(log);
	return n;
}
