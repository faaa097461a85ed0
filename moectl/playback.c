// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "complain.h"
#include "playback.h"
#include "units.h"
#include "watch.h"

error_t playback_parse(uint64_t *count, int key, const char *arg, const struct argp_state *state)
{
	if (key != 'n')
		return ARGP_ERR_UNKNOWN;
	if (units_parse_u64(arg, count) || !*count)
		complain_usage(state, "--count %s: give a number from 1", arg);
	return 0;
}

/* How it ended. Returns 0, or 1 after complaining. */
static int tell_end(const struct stream *s, const struct moeai_monitor *m, const char *file, int err)
{
	const char *comment = moeai_monitor_comment(m);

	fflush(s->out->file); /* what was whole comes first */
	if (err == -ENODATA && comment)
		complain("%s: it ends early: %s", file, comment);
	if (err == -ENODATA)
		return 0;
	return file ? complain("%s: %s", file, moeai_monitor_error(m)) : watch_complain(m, err);
}

int playback_show(struct stream *s, struct moeai_monitor *m, const char *file, uint64_t count)
{
	struct moeai_item item;
	int err, status = 0;

	while (!(err = moeai_monitor_next(m, &item, -1))) {
		/* The epoch is the present one, or the file's: nothing came between. */
		if (item.kind == MOEAI_EPOCH)
			continue;
		status = stream_item(s, &item);
		if (status || ferror(s->out->file) ||
		    (item.kind == MOEAI_EVENT && count && !--count))
			break;
	}
	if (err)
		status = tell_end(s, m, file, err);
	moeai_monitor_close(m);
	return status;
}

int playback_open(struct moeai_monitor **m, const char *file, const struct moeai_monitor_options *o)
{
	bool own = strcmp(file, "-") != 0;
	int fd = own ? open(file, O_RDONLY | O_CLOEXEC) : STDIN_FILENO, err;

	if (fd < 0)
		return complain("%s: %s", file, strerror(errno));
	err = moeai_monitor_open_file(m, fd, o);
	if (own)
		close(fd);
	return err ? complain("%s: %s", file, moeai_strerror(err)) : 0;
}
