// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * A file for file.c, which needs nothing else to make sense of it:
 *
 *	section, interface
 *	nlctrl's announcement of the family
 *	DATA	the tables that tell what events mean; and again, when they have changed
 *	EVENT	an announcement, then events as the log has them, and losses
 *	statistics: how many, and why it ends
 *
 * Messages are the kernel's, byte for byte, but for announcement and losses, which are
 * as it writes them. What describes has the time of the event that follows it.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "buffer.h"
#include "monitor.h"
#include "pcapng.h"
#include "table.h"

#define TRIES 5 /* at tables that change while they are read */

/* The ones that are needed first; open to all but the last. */
static const char *const tables[] = { "fields", "event_types", "commands", "tables", "modules",
				      "params" };

struct moeai_incident {
	struct moeai_monitor *m;
	struct pcapng_writer w;
	struct buffer described; /* messages back to back */
	uint64_t epoch;
	uint64_t time; /* of what was written last */
	uint64_t events, lost;
	uint32_t version; /* of the catalog that it has */
};

static int failed(const struct moeai_incident *f, int code)
{
	return error_set(&f->m->error, code, "%s", moeai_strerror(code));
}

/* ---- what describes ------------------------------------------------------------ */

static int keep(void *arg, const struct nlmsghdr *msg)
{
	void *to = buffer_add(arg, NLMSG_ALIGN((size_t)msg->nlmsg_len));

	if (!to)
		return -ENOMEM;
	memcpy(to, msg, msg->nlmsg_len);
	return 0;
}

/* The family that m reads, and no other one. */
static int keep_family(struct moeai *h, struct buffer *b)
{
	const struct nlmsghdr *msg;
	struct family family;
	int rc = handle_ask_family(h, &family, &msg);

	if (!rc && family.id != h->family.id)
		rc = error_set(&h->error, -ENODEV, "%s", moeai_strerror(-ENODEV));
	return rc ? rc : keep(b, msg);
}

static int keep_tables(struct moeai *h, struct buffer *b)
{
	size_t begin;
	int rc = 0;

	for (size_t i = 0; i < ARRAY_SIZE(tables) && !rc; i++) {
		begin = b->len;
		rc = table_messages(h, tables[i], keep, b);
		if (rc == -EPERM) { /* of what not everybody may know */
			b->len = begin;
			rc = 0;
		}
	}
	return rc == -ENOMEM ? error_set(&h->error, rc, "out of memory") : rc;
}

static int write_described(struct moeai_incident *f, uint64_t time)
{
	const struct nlmsghdr *msg;
	size_t pos = 0;
	int rc = 0;

	while (!rc && message_next(f->described.data, f->described.len, &pos, &msg) > 0)
		rc = pcapng_message(&f->w, time, msg, NULL);
	return rc ? failed(f, rc) : 0;
}

/* As the kernel has it now. Nothing is written before all is known. */
static int describe(struct moeai_incident *f, uint64_t time)
{
	struct moeai *h = f->m->h;
	int rc, tries = TRIES;
	uint32_t version;

	do {
		f->described.len = 0;
		version = h->catalog.version;
		rc = keep_family(h, &f->described);
		if (!rc)
			rc = keep_tables(h, &f->described);
	} while (rc == -ERESTART && --tries);
	if (rc) {
		f->m->error = h->error;
		return rc == -ERESTART ? -EINTR : rc;
	}
	f->version = version;
	return write_described(f, time);
}

/* ---- what the kernel would say ------------------------------------------------- */

/* An EVENT message under construction. */
struct notice {
	size_t len;
	char data[128] __attribute__((aligned(8)));
};

static void put(struct notice *n, uint16_t type, const void *data, uint16_t len)
{
	const struct nlattr head = { NLA_HDRLEN + len, type };

	memcpy(n->data + n->len, &head, sizeof(head));
	if (len)
		memcpy(n->data + n->len + sizeof(head), data, len);
	n->len += NLA_HDRLEN + NLA_ALIGN(len);
}

static void notice_begin(struct notice *n, const struct moeai_incident *f)
{
	const struct nlmsghdr head = { .nlmsg_type = f->m->h->family.id };
	const struct genlmsghdr genl = { .cmd = MOEAI_MSG_EVENT,
					 .version = MOEAI_NETLINK_VERSION };

	*n = (struct notice){ .len = NLMSG_HDRLEN + GENL_HDRLEN };
	memcpy(n->data, &head, sizeof(head));
	memcpy(n->data + NLMSG_HDRLEN, &genl, sizeof(genl));
	put(n, MOEAI_A_EVENT_EPOCH, &f->epoch, sizeof(f->epoch));
}

static int notice_write(struct notice *n, struct moeai_incident *f)
{
	uint32_t len;
	int rc;

	if (n->len % 8)
		put(n, MOEAI_A_EVENT_PAD, NULL, 0);
	len = (uint32_t)n->len;
	memcpy(n->data, &len, sizeof(len));
	rc = pcapng_message(&f->w, f->time, (const void *)n->data, NULL);
	return rc ? failed(f, rc) : 0;
}

static int announce(struct moeai_incident *f)
{
	const struct moeai_monitor *m = f->m;
	struct notice n;

	notice_begin(&n, f);
	put(&n, MOEAI_A_EVENT_FIRST, &m->first, sizeof(m->first));
	put(&n, MOEAI_A_EVENT_NEXT, &m->tracker.limit, sizeof(m->tracker.limit));
	return notice_write(&n, f);
}

static int add_lost(struct moeai_incident *f, const struct moeai_lost *lost)
{
	const uint32_t reason = lost->reason;
	struct notice n;
	uint16_t len;
	size_t nest;

	notice_begin(&n, f);
	nest = n.len;
	put(&n, MOEAI_A_EVENT_LOST | NLA_F_NESTED, NULL, 0);
	put(&n, MOEAI_A_LOST_FROM, &lost->from, sizeof(lost->from));
	put(&n, MOEAI_A_LOST_TO, &lost->to, sizeof(lost->to));
	put(&n, MOEAI_A_LOST_REASON, &reason, sizeof(reason));
	len = (uint16_t)(n.len - nest);
	memcpy(n.data + nest, &len, sizeof(len));
	f->lost += lost->to - lost->from + 1;
	return notice_write(&n, f);
}

/* The event as the log has it: a replay has numbered and flagged the message. */
static int add_event(struct moeai_incident *f, const char *comment)
{
	const struct nlmsghdr *taken = f->m->taken;
	struct nlmsghdr *msg = malloc(taken->nlmsg_len);
	int rc;

	if (!msg)
		return failed(f, -ENOMEM);
	memcpy(msg, taken, taken->nlmsg_len);
	msg->nlmsg_flags = 0;
	msg->nlmsg_seq = msg->nlmsg_pid = 0;
	rc = pcapng_message(&f->w, f->time, msg, comment);
	free(msg);
	f->events++;
	return rc ? failed(f, rc) : 0;
}

/* ---- the interface -------------------------------------------------------------- */

static int write_head(struct moeai_incident *f, uint64_t time)
{
	struct utsname name = { 0 };
	char os[256], host[128];
	int rc;

	uname(&name);
	snprintf(os, sizeof(os), "%.40s %.80s %.40s", name.sysname, name.release, name.machine);
	snprintf(host, sizeof(host), "events of the kernel of %.65s", name.nodename);
	rc = pcapng_head(&f->w, "libmoeai " MOEAI_VERSION_STRING, os, host);
	if (rc)
		return failed(f, rc);
	f->time = time;
	rc = describe(f, time);
	return rc ? rc : announce(f);
}

static void incident_free(struct moeai_incident *f)
{
	if (f->w.to)
		fclose(f->w.to);
	free(f->w.buf);
	free(f->described.data);
	free(f);
}

int moeai_incident_begin(struct moeai_incident **out, struct moeai_monitor *m, int fd,
			 uint64_t time)
{
	struct moeai_incident *f;
	int own, rc;

	if (m->file || !m->epoch)
		return error_set(&m->error, -EINVAL, "events of the kernel alone, and after its "
				 "epoch");
	f = calloc(1, sizeof(*f));
	if (!f)
		return error_set(&m->error, -ENOMEM, "out of memory");
	f->m = m;
	f->epoch = m->epoch;
	own = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	f->w.to = own < 0 ? NULL : fdopen(own, "wb");
	if (!f->w.to) {
		rc = failed(f, errno ? -errno : -ENOMEM);
		if (own >= 0)
			close(own);
		free(f);
		return rc;
	}
	rc = write_head(f, time);
	if (rc) {
		incident_free(f);
		return rc;
	}
	*out = f;
	return 0;
}

int moeai_incident_add(struct moeai_incident *f, const struct moeai_item *item,
		       const char *comment)
{
	int rc = 0;

	if (f->epoch != f->m->epoch || (item->kind != MOEAI_EVENT && item->kind != MOEAI_LOST))
		return error_set(&f->m->error, -EINVAL, "events and losses of one epoch alone");
	if (item->kind == MOEAI_LOST)
		return add_lost(f, &item->lost);
	f->time = item->event.time;
	if (f->version != f->m->h->catalog.version)
		rc = describe(f, f->time);
	return rc ? rc : add_event(f, comment);
}

uint64_t moeai_incident_size(const struct moeai_incident *f)
{
	return f->w.written;
}

int moeai_incident_end(struct moeai_incident *f, const char *comment)
{
	int rc = pcapng_tail(&f->w, f->time, f->events, f->lost, comment);

	errno = 0;
	if (fflush(f->w.to) && !rc)
		rc = errno ? -errno : -EIO;
	if (rc)
		failed(f, rc);
	incident_free(f);
	return rc;
}

void moeai_incident_abandon(struct moeai_incident *f)
{
	if (f)
		incident_free(f);
}
