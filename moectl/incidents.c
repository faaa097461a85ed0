// SPDX-License-Identifier: GPL-2.0
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "complain.h"
#include "incidents.h"

#define NAME_FORMAT "incident-%04d%02d%02dT%02d%02d%02d.%03dZ.pcapng"
#define TEMP_PREFIX ".incident-"
#define TEMP_DIGITS 16
#define NS_PER_S    1000000000ULL
#define TRIES	    1000 /* at a name: to publish, each is a millisecond on */

/* ---- the folder ------------------------------------------------------------------- */

/* Without slashes at its end, behind which a symbolic link is followed. To be freed. */
static char *bare(const char *path)
{
	size_t len = strlen(path);

	while (len > 1 && path[len - 1] == '/')
		len--;
	return strndup(path, len);
}

static int open_folder(struct incidents *d)
{
	char *path = bare(d->path);
	int err;

	if (!path)
		return -ENOMEM;
	d->fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	err = d->fd < 0 ? -errno : 0;
	free(path);
	return err;
}

/* With the folders above it, which anybody may look into. Returns 0 or -errno. */
static int make_folder(const char *path)
{
	char *folder = bare(path), *at = folder;
	int err = 0;

	if (!folder)
		return -ENOMEM;
	while (*at && (at = strchr(at + 1, '/'))) {
		*at = '\0';
		mkdir(folder, 0755); /* what fails here fails below */
		*at = '/';
	}
	if (mkdir(folder, 0700) && errno != EEXIST)
		err = -errno;
	free(folder);
	return err;
}

static int complain_folder(const struct incidents *d, int err)
{
	if (err == -ELOOP || err == -ENOTDIR)
		return complain("%s: no folder, or a symbolic link", d->path);
	return complain("%s: %s", d->path, strerror(-err));
}

int incidents_look(struct incidents *d)
{
	int err = open_folder(d);

	return err ? complain_folder(d, err) : 0;
}

/* Who may write there could take an incident away, or put one there. */
static int check_folder(const struct incidents *d)
{
	struct stat st;

	if (fstat(d->fd, &st))
		return complain_folder(d, -errno);
	if (st.st_uid && st.st_uid != geteuid())
		return complain("%s: it belongs to somebody else", d->path);
	if (st.st_mode & 022)
		return complain("%s: others may write to it: chmod go-w %s", d->path, d->path);
	return 0;
}

int incidents_open(struct incidents *d)
{
	int err = open_folder(d);

	if (err == -ENOENT) {
		err = make_folder(d->path);
		if (!err)
			err = open_folder(d);
	}
	if (err)
		return complain_folder(d, err);
	if (!check_folder(d))
		return 0;
	incidents_close(d);
	return 1;
}

void incidents_close(struct incidents *d)
{
	close(d->fd);
	d->fd = -1;
}

/* ---- what is there ---------------------------------------------------------------- */

static void make_name(char name[INCIDENT_NAME], uint64_t time)
{
	time_t s = (time_t)(time / NS_PER_S);
	struct tm tm = { 0 };

	gmtime_r(&s, &tm);
	snprintf(name, INCIDENT_NAME, NAME_FORMAT, (tm.tm_year + 1900) % 10000, tm.tm_mon + 1,
		 tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec,
		 (int)(time % NS_PER_S / 1000000));
}

/* Only what make_name() could have made. */
static bool parse_name(const char *name, uint64_t *time)
{
	char again[INCIDENT_NAME];
	struct tm tm = { 0 };
	int ms;
	time_t s;

	if (sscanf(name, NAME_FORMAT, &tm.tm_year, &tm.tm_mon, &tm.tm_mday, &tm.tm_hour,
		   &tm.tm_min, &tm.tm_sec, &ms) != 7)
		return false;
	tm.tm_year -= 1900;
	tm.tm_mon--;
	s = timegm(&tm);
	if (s < 0 || ms < 0)
		return false;
	*time = (uint64_t)s * NS_PER_S + (uint64_t)ms * 1000000;
	make_name(again, *time);
	return !strcmp(again, name);
}

/* Call fn for each name in the folder. Returns 0 or -errno. */
static int each_name(const struct incidents *d, int (*fn)(const struct incidents *d,
							  const char *name, void *arg), void *arg)
{
	int fd = openat(d->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), err = 0;
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;

	if (!dir) {
		err = -errno;
		if (fd >= 0)
			close(fd);
		return err;
	}
	while (!err && (errno = 0, entry = readdir(dir)))
		err = fn(d, entry->d_name, arg);
	if (!err && errno)
		err = -errno;
	closedir(dir);
	return err;
}

struct listing {
	struct incident_file *files;
	size_t n, size;
};

static int list_name(const struct incidents *d, const char *name, void *arg)
{
	struct listing *l = arg;
	struct incident_file *files, file;
	struct stat st;

	if (!parse_name(name, &file.time) || fstatat(d->fd, name, &st, AT_SYMLINK_NOFOLLOW) ||
	    !S_ISREG(st.st_mode))
		return 0;
	if (l->n == l->size) {
		l->size = l->size ? 2 * l->size : 32;
		files = reallocarray(l->files, l->size, sizeof(*files));
		if (!files)
			return -ENOMEM;
		l->files = files;
	}
	snprintf(file.name, sizeof(file.name), "%s", name);
	file.size = (uint64_t)st.st_size;
	l->files[l->n++] = file;
	return 0;
}

static int by_name(const void *a, const void *b)
{
	const struct incident_file *x = a, *y = b;

	return strcmp(x->name, y->name);
}

int incidents_list(const struct incidents *d, struct incident_file **out, size_t *n)
{
	struct listing l = { 0 };
	int err = each_name(d, list_name, &l);

	if (err) {
		free(l.files);
		return err;
	}
	if (l.n)
		qsort(l.files, l.n, sizeof(*l.files), by_name);
	*out = l.files;
	*n = l.n;
	return 0;
}

int incidents_read(const struct incidents *d, const char *name)
{
	int fd = openat(d->fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

/* ---- writing -------------------------------------------------------------------- */

/* Returns 0 or -errno; -EAGAIN: sweep() of another recorder came before the lock. */
static int create(const struct incidents *d, struct incident_temp *t)
{
	uint64_t number;
	struct stat st;
	int err = 0;

	if (getrandom(&number, sizeof(number), 0) != sizeof(number))
		return -EIO;
	snprintf(t->name, sizeof(t->name), TEMP_PREFIX "%0*" PRIx64, TEMP_DIGITS, number);
	t->fd = openat(d->fd, t->name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (t->fd < 0)
		return -errno;
	if (flock(t->fd, LOCK_EX | LOCK_NB) || fstat(t->fd, &st))
		err = -errno;
	else if (!st.st_nlink)
		err = -EAGAIN;
	if (err)
		incidents_drop(d, t);
	return err;
}

/* It is locked for as long as somebody writes it: see sweep(). */
int incidents_create(const struct incidents *d, struct incident_temp *t)
{
	int err = -EAGAIN;

	for (int i = 0; err == -EAGAIN && i < TRIES; i++)
		err = create(d, t);
	return err;
}

void incidents_drop(const struct incidents *d, struct incident_temp *t)
{
	if (t->fd < 0)
		return;
	unlinkat(d->fd, t->name, 0);
	close(t->fd);
	t->fd = -1;
}

uint64_t incidents_size(const struct incident_temp *t)
{
	struct stat st;

	return fstat(t->fd, &st) ? 0 : (uint64_t)st.st_size;
}

/* Some file systems know no rename that replaces nothing. */
static int rename_new(const struct incidents *d, const char *from, const char *to)
{
	if (!renameat2(d->fd, from, d->fd, to, RENAME_NOREPLACE))
		return 0;
	if (errno != EINVAL)
		return -errno;
	if (!faccessat(d->fd, to, F_OK, AT_SYMLINK_NOFOLLOW))
		return -EEXIST;
	return renameat(d->fd, from, d->fd, to) ? -errno : 0;
}

int incidents_publish(const struct incidents *d, struct incident_temp *t, uint64_t time,
		      char name[INCIDENT_NAME])
{
	int err = fsync(t->fd) ? -errno : -EEXIST;

	for (int i = 0; err == -EEXIST && i < TRIES; i++) {
		make_name(name, time + (uint64_t)i * 1000000);
		err = rename_new(d, t->name, name);
	}
	if (!err && fsync(d->fd))
		err = -errno;
	if (err) {
		incidents_drop(d, t);
		return err;
	}
	close(t->fd);
	t->fd = -1;
	return 0;
}

/* ---- limits --------------------------------------------------------------------- */

/* Only what incidents_create() could have made. */
static bool is_temp(const char *name)
{
	const size_t prefix = strlen(TEMP_PREFIX);

	return !strncmp(name, TEMP_PREFIX, prefix) &&
	       strspn(name + prefix, "0123456789abcdef") == TEMP_DIGITS &&
	       !name[prefix + TEMP_DIGITS];
}

/* What nobody writes any more. */
static int sweep(const struct incidents *d, const char *name, void *arg)
{
	struct stat st;
	int fd;

	if (!is_temp(name))
		return 0;
	fd = openat(d->fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return 0;
	if (!fstat(fd, &st) && S_ISREG(st.st_mode) && !flock(fd, LOCK_EX | LOCK_NB) &&
	    !unlinkat(d->fd, name, 0))
		complain("removed %s/%s, which nobody had finished", d->path, name);
	close(fd);
	return 0;
}

static void remove_oldest(const struct incidents *d, const char *name, const char *limit)
{
	if (unlinkat(d->fd, name, 0))
		complain("%s/%s: cannot remove it, though there are more than %s allows: %s",
			 d->path, name, limit, strerror(errno));
	else
		complain("removed %s/%s, the oldest: %s", d->path, name, limit);
}

void incidents_prune(const struct incidents *d, const char *kept)
{
	struct incident_file *files;
	uint64_t size = 0;
	size_t n, left;
	int err;

	each_name(d, sweep, NULL);
	err = incidents_list(d, &files, &n);
	if (err) {
		complain("%s: cannot see how many files there are: %s", d->path, strerror(-err));
		return;
	}
	left = n;
	for (size_t i = 0; i < n; i++)
		size += files[i].size;
	if (!kept && n)
		kept = files[n - 1].name;
	for (size_t i = 0; i < n && (left > d->max_files || size > d->max_size); i++) {
		if (!strcmp(files[i].name, kept))
			continue;
		remove_oldest(d, files[i].name, left > d->max_files ? "--max-files" : "--max-size");
		size -= files[i].size;
		left--;
	}
	free(files);
}
