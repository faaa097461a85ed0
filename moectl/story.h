/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The events of all modules about one thing, out of a source of events, joined by what
 * their schemas mark. The source is read several times, from its first event to its
 * last, as long as story_again() says: at first it is learned who and what is meant,
 * the last time the events that belong to it are told.
 */
#ifndef MOECTL_STORY_H
#define MOECTL_STORY_H

#include "lives.h"
#include "thing.h"
#include "trail.h"

#define STORY_RENAME_BYTES ((size_t)8 << 20)
#define STORY_OTHERS 64
#define STORY_TICK_NS 10000000ULL /* how well story_running()'s time is known */

struct story;

/* What it is to an event. */
enum story_part {
	STORY_BESIDES, /* nothing: the type is wanted besides */
	STORY_NAMED, /* one that is named, too: the event is told of another process */
	STORY_SUBJECT,
};

/*
 * An event about it, in order, or besides it. f: its fields, decoded. Returns 0, or an
 * error, which ends the pass.
 */
typedef int (*story_fn)(void *arg, const struct moeai_event *e, const struct fields *f,
			enum story_part part);

struct story_options {
	const struct thing *thing;
	uint64_t since_time, until_time; /* ns since 1970, 0: no limit */
	uint64_t since_seq, until_seq; /* likewise */
	bool (*besides)(const char *type_name); /* or NULL */
	story_fn tell;
	void *arg;
};

/* o and what it points to live as long. NULL: out of memory. */
struct story *story_new(const struct story_options *o);
void story_free(struct story *s);

/* What is known besides the events: all before the first one, each optional. */
void story_boot(struct story *s, uint64_t boot); /* ns since 1970 */
void story_running(struct story *s, uint64_t started); /* who has the pid now: ns from boot */
int story_place(struct story *s, const char *path, uint32_t device); /* of a file */
int story_anywhere(struct story *s, const char *path); /* the same, on whichever file system */

/* Each event, and what is lost. Returns 0, -ENOMEM, or what tell returned. */
int story_add(struct story *s, const struct moeai_event *e);
void story_lost(struct story *s, const struct moeai_lost *lost);

/* The source has ended: once more? Returns 1, 0: that was all, or -ENOMEM. */
int story_again(struct story *s);

/* A process that is not what the story is about, but could have been. */
struct story_process {
	uint32_t pid, uid;
	uint64_t started; /* ns from boot, 0: not known */
	char comm[64];
	uint64_t first, last; /* times of its events */
	uint64_t events;
};

/* What was found, after the last pass. */
struct story_facts {
	uint64_t events; /* about it */
	uint64_t first, last; /* their times, 0: none */
	uint64_t held, oldest; /* events in the source, and the time of the first one */
	uint64_t lost; /* no longer there, within what was asked for */
	uint64_t odd; /* made no sense, or only in part */
	uint64_t unknown; /* events of types that nobody describes, of a module that is gone */
	bool has_process;
	struct story_process process;
	uint64_t since; /* when that started, ns since 1970; 0: not known */
	struct story_process others[STORY_OTHERS];
	size_t n_others;
	uint64_t more_others; /* than there was room for */
	const struct trail *trail; /* of a file, or NULL */
};

const struct story_facts *story_facts(const struct story *s);

/* When a process started, ns since 1970; 0: not known. */
uint64_t story_since(const struct story *s, const struct story_process *p);

#endif /* MOECTL_STORY_H */
