// SPDX-License-Identifier: GPL-2.0
/*
 * A target as a test: every file of its corpus once, or those that are named.
 * Each file is named before it is read, so that the last name of a run that
 * dies is the culprit's.
 */
#include <dirent.h>
#include <libgen.h>
#include "fuzz.h"

static void run(const char *path)
{
	static uint8_t buf[1 << 20];
	FILE *file = fopen(path, "rb");
	uint8_t *data;
	size_t n;

	promise(file);
	fprintf(stderr, "%s\n", path);
	n = fread(buf, 1, sizeof(buf), file);
	fclose(file);
	data = malloc(n ? n : 1); /* of its length, for ASan */
	promise(data && n < sizeof(buf));
	memcpy(data, buf, n);
	LLVMFuzzerTestOneInput(data, n);
	free(data);
}

int main(int argc, char **argv)
{
	char folder[256], path[600];
	struct dirent *entry;
	int n = 0;
	DIR *dir;

	for (int i = 1; i < argc; i++)
		run(argv[i]);
	if (argc > 1)
		return 0;
	snprintf(folder, sizeof(folder), "tests/fuzz/corpus/%s",
		 basename(argv[0]) + strlen("fuzz_"));
	dir = opendir(folder);
	promise(dir);
	while ((entry = readdir(dir))) {
		if (*entry->d_name == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
		run(path);
		n++;
	}
	closedir(dir);
	promise(n);
	return 0;
}
