/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The folder of incident files: which there are, how many there may be, and how one
 * gets there whole or not at all. A file's name is the time of its incident; nothing
 * else in the folder is touched, and no symbolic link followed.
 */
#ifndef MOECTL_INCIDENTS_H
#define MOECTL_INCIDENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define INCIDENTS_FOLDER "/var/lib/moeai/incidents"
#define INCIDENT_NAME	 48 /* bytes of a name with its NUL */

struct incidents {
	const char *path;
	uint64_t max_files, max_size;
	int fd;
};

/* To write to: made if need be, and refused if others may write to it, too. */
int incidents_open(struct incidents *d);

/* To look at. Both return 0, or 1 after complaining. */
int incidents_look(struct incidents *d);
void incidents_close(struct incidents *d);

struct incident_file {
	char name[INCIDENT_NAME];
	uint64_t time; /* ns since 1970 */
	uint64_t size; /* bytes */
};

/* Those that are there, the oldest first; *out is to be freed. Returns 0 or -errno. */
int incidents_list(const struct incidents *d, struct incident_file **out, size_t *n);

/* To read. Returns a file descriptor or -errno. */
int incidents_read(const struct incidents *d, const char *name);

/* One that is being written, under a name that is none of the above. */
struct incident_temp {
	char name[INCIDENT_NAME];
	int fd; /* -1: none */
};

int incidents_create(const struct incidents *d, struct incident_temp *t);
uint64_t incidents_size(const struct incident_temp *t);

/*
 * It is whole: gets its name, which is left in name, and is on the disk. Then *t is none,
 * with an error too. Returns 0 or -errno.
 */
int incidents_publish(const struct incidents *d, struct incident_temp *t, uint64_t time,
		      char name[INCIDENT_NAME]);
void incidents_drop(const struct incidents *d, struct incident_temp *t);

/*
 * What those who were killed left behind goes, and the oldest above the limits, told. One
 * stays, whatever it has: kept, which needs not be the newest when the clock was set back,
 * or the newest if kept is NULL.
 */
void incidents_prune(const struct incidents *d, const char *kept);

#endif /* MOECTL_INCIDENTS_H */
