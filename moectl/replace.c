// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "complain.h"
#include "replace.h"

static int write_all(int fd, const char *text, size_t len)
{
	while (len) {
		ssize_t n = write(fd, text, len);

		if (n < 0 && errno != EINTR)
			return -errno;
		if (n > 0) {
			text += n;
			len -= (size_t)n;
		}
	}
	return 0;
}

/* The rename, too, shall be on the disk. path is cut up. */
static int sync_folder(char *path)
{
	int fd = open(dirname(path), O_RDONLY | O_DIRECTORY | O_CLOEXEC), err;

	if (fd < 0)
		return -errno;
	err = fsync(fd) ? -errno : 0;
	close(fd);
	return err;
}

/* By way of temp, whose last letters become others. */
static int replace(char *path, char *temp, const char *text, size_t len)
{
	int fd = mkostemp(temp, O_CLOEXEC), err;

	if (fd < 0)
		return -errno;
	err = write_all(fd, text, len);
	if (!err && fsync(fd))
		err = -errno;
	if (close(fd) && !err)
		err = -errno;
	if (!err && rename(temp, path))
		err = -errno;
	if (err)
		unlink(temp);
	return err ? err : sync_folder(path);
}

static int write_to(const char *path, const char *text, size_t len)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC), err;

	if (fd < 0)
		return -errno;
	err = write_all(fd, text, len);
	close(fd);
	return err;
}

int replace_file(const char *path, const char *text, size_t len)
{
	struct stat st;
	bool there = !stat(path, &st);
	/* Not the link, but what it leads to. */
	char *real = there ? realpath(path, NULL) : strdup(path), *temp = NULL;
	int err;

	if (there && !S_ISREG(st.st_mode))
		err = write_to(path, text, len);
	else if (!real || asprintf(&temp, "%s.XXXXXX", real) < 0)
		err = -ENOMEM;
	else
		err = replace(real, temp, text, len);
	free(temp);
	free(real);
	return err ? complain("%s: %s", path, strerror(-err)) : 0;
}
