// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "complain.h"
#include "procfs.h"

#define PAUSE_MS 10

int procfs_complain(const char *path, int error)
{
	if (access(PROCFS, F_OK))
		return complain("the kernel has no " PROCFS ": load the module with "
				"'modprobe moeai'");
	if (error == -EACCES || error == -EPERM)
		return complain("no permission for %s: be root with CAP_SYS_ADMIN to read events, "
				"with CAP_NET_ADMIN to call commands and see modules", path);
	return complain("%s: %s", path, strerror(-error));
}

/* All that can be read from fd. Returns 0 or -errno. */
static int read_all(int fd, char **text)
{
	size_t len = 0, size = 0;
	char *buf = NULL;
	ssize_t n;

	do {
		if (size - len < 4097) {
			char *more;

			size = size * 2 + 65536;
			more = realloc(buf, size);
			if (!more) {
				free(buf);
				return -ENOMEM;
			}
			buf = more;
		}
		n = read(fd, buf + len, size - len - 1);
		len += n > 0 ? (size_t)n : 0;
	} while (n > 0 || (n < 0 && errno == EINTR));
	if (n < 0) {
		n = -errno;
		free(buf);
		return (int)n;
	}
	buf[len] = '\0';
	*text = buf;
	return 0;
}

int procfs_read(const char *name, char **text)
{
	char path[256];
	int fd, err;

	snprintf(path, sizeof(path), PROCFS "/%s", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return procfs_complain(path, -errno);
	err = read_all(fd, text);
	close(fd);
	return err ? procfs_complain(path, err) : 0;
}

/*
 * The answer, which may come later; the file cannot be polled. timeout in ms,
 * -1: for ever. Returns 0 or -errno.
 */
static int read_answer(int fd, int timeout, char **answer)
{
	const struct timespec pause = { .tv_nsec = PAUSE_MS * 1000000 };
	int err;

	while ((err = read_all(fd, answer)) == -EAGAIN) {
		if (!timeout)
			return -ETIMEDOUT;
		if (timeout > 0)
			timeout = timeout > PAUSE_MS ? timeout - PAUSE_MS : 0;
		nanosleep(&pause, NULL);
	}
	return err;
}

int procfs_control(const char *line, int timeout, char **answer)
{
	static const char path[] = PROCFS "/control";
	int fd = open(path, O_RDWR | O_CLOEXEC | O_NONBLOCK), written, err;

	*answer = NULL;
	if (fd < 0)
		return procfs_complain(path, -errno);
	written = write(fd, line, strlen(line)) < 0 ? -errno : 0;
	/* What the kernel says of a line that it refused is there to be read. */
	err = read_answer(fd, timeout, answer);
	close(fd);
	if (!err && **answer)
		return 0;
	free(*answer);
	*answer = NULL;
	if (err == -ETIMEDOUT)
		return complain("no answer in time; the command may still run");
	return procfs_complain(path, written ? written : err ? err : -EIO);
}

int procfs_call(const char *name, char *const *words, size_t n, int timeout,
		struct fields *reply, char **answer)
{
	char *line = procfs_command_line(name, words, n), *text;
	int err, status;

	*answer = NULL;
	if (!line)
		return complain("out of memory");
	err = procfs_control(line, timeout, answer);
	free(line);
	if (err)
		return 1;
	err = procfs_parse_answer(*answer, &status, &text, reply);
	if (err)
		return complain("cannot make sense of the answer of " PROCFS "/control");
	if (!status)
		return 0;
	return complain("%s: %s", name, *text ? text : moeai_strerror(status));
}
