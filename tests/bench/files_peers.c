// SPDX-License-Identifier: GPL-2.0
/* What one would use instead of fs_logger. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/fanotify.h>
#include <sys/inotify.h>
#include "files.h"
#include "guard.h"

struct peer {
	int fd;
	int mount; /* of fanotify: where handles are opened */
	char last[16];
	bool done;
	char buffer[65536] __attribute__((aligned(8)));
};

/* Read, and let @each take each event of it, until the last loop's was among them. */
static int read_until_done(struct peer *p, unsigned int loops,
			   size_t (*each)(struct peer *p, const char *at))
{
	files_last_name(p->last, loops - 1);
	p->done = false;
	while (!p->done) {
		ssize_t n = read(p->fd, p->buffer, sizeof(p->buffer));

		if (n <= 0)
			return n ? -errno : -ENODATA;
		for (const char *at = p->buffer; at < p->buffer + n;) {
			size_t len = each(p, at);

			if (!len)
				return -ENODATA;
			at += len;
		}
	}
	return 0;
}

static struct peer *new_peer(void **reader)
{
	struct peer *p = calloc(1, sizeof(*p));

	if (p)
		p->fd = p->mount = -1;
	*reader = p;
	return p;
}

static void close_peer(void *reader)
{
	struct peer *p = reader;

	if (!p)
		return;
	close(p->fd);
	close(p->mount);
	free(p);
}

/* ---- inotify -------------------------------------------------------------------------- */

static int open_inotify(struct bench *b, void **reader)
{
	struct peer *p = new_peer(reader);

	if (!p)
		return -ENOMEM;
	p->fd = inotify_init1(IN_CLOEXEC);
	return inotify_add_watch(p->fd, FILES_FOLDER,
				 IN_CREATE | IN_MODIFY | IN_CLOSE_WRITE | IN_MOVE | IN_DELETE |
				 IN_ATTRIB) < 0 ? -errno : 0;
}

/* Returns its length; 0: some were lost. */
static size_t each_inotify(struct peer *p, const char *at)
{
	const struct inotify_event *e = (const void *)at;

	if (e->mask & IN_Q_OVERFLOW)
		return 0;
	use(e->wd);
	use(e->cookie);
	use_text(e->name);
	if (e->mask & IN_DELETE && !strcmp(e->name, p->last))
		p->done = true;
	return sizeof(*e) + e->len;
}

static int read_inotify(void *reader, unsigned int loops)
{
	return read_until_done(reader, loops, each_inotify);
}

const struct watcher watch_inotify = { "inotify", 1, FILES_FOLDER, 0, NULL, NULL,
				       open_inotify, read_inotify, close_peer };

/* ---- fanotify ------------------------------------------------------------------------- */

static int open_fanotify(struct bench *b, void **reader)
{
	struct peer *p = new_peer(reader);

	if (!p)
		return -ENOMEM;
	p->mount = open(FILES_ROOT, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	p->fd = fanotify_init(FAN_CLASS_NOTIF | FAN_CLOEXEC | FAN_UNLIMITED_QUEUE |
			      FAN_REPORT_DFID_NAME, O_RDONLY);
	return fanotify_mark(p->fd, FAN_MARK_ADD | FAN_MARK_FILESYSTEM,
			     FAN_CREATE | FAN_MODIFY | FAN_CLOSE_WRITE | FAN_RENAME | FAN_DELETE |
			     FAN_ONDIR | FAN_EVENT_ON_CHILD, AT_FDCWD, FILES_ROOT) ? -errno : 0;
}

/* The folder's path. The name is behind the handle. */
static const char *resolve_folder(struct peer *p, const struct fanotify_event_info_fid *info)
{
	struct file_handle *handle = (struct file_handle *)info->handle;
	char link[64], path[4096];
	int fd = open_by_handle_at(p->mount, handle, O_PATH | O_CLOEXEC);
	ssize_t n = -1;

	if (fd >= 0) {
		snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
		n = readlink(link, path, sizeof(path));
		close(fd);
	}
	if (n <= 0)
		return NULL;
	use_text(path);
	return (const char *)handle->f_handle + handle->handle_bytes;
}

static bool resolve_comm(int pid)
{
	char path[64], comm[32];
	ssize_t n = -1;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/comm", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		n = read(fd, comm, sizeof(comm));
		close(fd);
	}
	use_text(comm);
	return n > 0;
}

static size_t each_fanotify(struct peer *p, const char *at)
{
	const struct fanotify_event_metadata *m = (const void *)at;
	const char *name;

	if (m->mask & FAN_Q_OVERFLOW)
		return 0;
	name = resolve_folder(p, (const void *)(m + 1));
	if (!name || !resolve_comm(m->pid))
		return 0;
	if (m->mask & FAN_DELETE && !strcmp(name, p->last))
		p->done = true;
	return m->event_len;
}

static int read_fanotify(void *reader, unsigned int loops)
{
	return read_until_done(reader, loops, each_fanotify);
}

const struct watcher watch_fanotify = { "fanotify", 1, FILES_FOLDER, 0, NULL, NULL,
					open_fanotify, read_fanotify, close_peer };

/* ---- audit ------------------------------------------------------------------------------- */

#define AUDIT "/run/bench-audit"

/* Its log is in memory, and must have room for all that happens between two reads. */
static int begin_audit(struct bench *b, const struct watcher *w)
{
	return shell("set -e; mkdir -p /var/log/audit; mount -t tmpfs audit /var/log/audit;"
		     "chmod 700 /var/log/audit; cp -rT /etc/audit " AUDIT ";"
		     "sed -i 's/^max_log_file_action.*/max_log_file_action = IGNORE/' "
		     AUDIT "/auditd.conf; auditctl -D; auditctl -b 8192; auditctl -e 1;"
		     "auditctl -w " FILES_FOLDER " -p wa -k bench; auditd -c " AUDIT ";"
		     "sleep 1; auditctl -e 1; auditctl -s");
}

/* Who is started afterwards is not looked at, as if there had been no audit. */
static int end_audit(struct bench *b)
{
	return shell("set -e; grep -q 'key=\"bench\"' /var/log/audit/audit.log;"
		     "auditctl -s | grep -q '^lost 0'; auditctl -D; auditctl -a never,task;"
		     "auditctl -e 0; kill $(cat /run/auditd.pid); sleep 1;"
		     "umount /var/log/audit; rm -r " AUDIT);
}

const struct watcher watch_audit = { "audit", 1, FILES_FOLDER, 100, begin_audit, end_audit };
