/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Events of fs_logger, a line each: when, what, who, which file.
 *
 * For people: time, operation, process, user, path, for a rename with what it was
 * called before it, and the program.
 * Tab form: by the first cell
 *   file   SEQ  TIME-NS  OP  PATH  OLD-PATH  COUNT  PID  COMM  USER  EXE
 *   watch  SEQ  TIME-NS  CHANGE  WATCH  INSIDE  OLD-INSIDE
 * and what is no event as struct stream has it. JSON: as struct stream, and beside
 * the fields the paths as they were called where the watch was added, "path" and
 * "old_path", and "user".
 */
#ifndef MOECTL_FILE_STREAM_H
#define MOECTL_FILE_STREAM_H

#include "stream.h"
#include "users.h"

/* All but stream.out zero at first. */
struct file_stream {
	struct stream stream;
	struct users users;
	char *path, *old; /* of the event, kept to be used again */
	size_t path_size, old_size;
};

/* e: the event, typed. Returns 0, or 1 after complaining. */
int file_stream_event(struct file_stream *s, const struct moeai_item *item,
		      const struct moeai_watch_event *e);

/*
 * A path of an event as it was called where the watch was added, into *buf, which
 * grows. Returns it, or NULL: out of memory.
 */
const char *file_stream_path(const struct moeai_watch_event *e, bool old, char **buf,
			     size_t *size);

void file_stream_free(struct file_stream *s);

#endif /* MOECTL_FILE_STREAM_H */
