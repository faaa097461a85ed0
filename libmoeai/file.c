// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#include "file.h"

/* ---- open, close ------------------------------------------------------------ */

int file_open(struct moeai_monitor **out, FILE *from, const struct moeai_monitor_options *options)
{
	static const struct moeai_monitor_options defaults;
	struct moeai_monitor *m = calloc(1, sizeof(*m));
	struct moeai *h = calloc(1, sizeof(*h));
	struct file *f = calloc(1, sizeof(*f));
	int rc = m && h && f ? 0 : -ENOMEM;

	if (!options)
		options = &defaults;
	if (!rc)
		rc = filter_init(&m->filter, options);
	if (rc) {
		if (m)
			filter_free(&m->filter);
		free(m);
		free(h);
		free(f);
		fclose(from);
		return rc;
	}
	f->reader.from = from;
	h->stored = &f->stored;
	m->h = h;
	m->file = f;
	m->epoll = m->map.fd = -1;
	m->transport = MOEAI_TRANSPORT_NETLINK;
	m->history = true;
	m->since = options->since;
	m->since_epoch = options->epoch;
	m->phase = PHASE_FILE;
	*out = m;
	return 0;
}

int moeai_monitor_open_file(struct moeai_monitor **out, int fd,
			    const struct moeai_monitor_options *options)
{
	int own = fcntl(fd, F_DUPFD_CLOEXEC, 0), rc;
	FILE *from;

	if (own < 0)
		return -errno;
	from = fdopen(own, "rb");
	if (!from) {
		rc = errno ? -errno : -ENOMEM;
		close(own);
		return rc;
	}
	return file_open(out, from, options);
}

void file_close(struct file *f)
{
	if (!f)
		return;
	fclose(f->reader.from);
	pcapng_reader_free(&f->reader);
	stored_free(&f->stored);
	free(f);
}

const char *moeai_monitor_comment(const struct moeai_monitor *m)
{
	return m->file && m->file->said && *m->file->comment ? m->file->comment : NULL;
}

/* ---- what is wrong ---------------------------------------------------------- */

/* The block that was read last, of which the reader is behind. */
static int malformed(struct moeai_monitor *m, uint64_t at, const char *what)
{
	return error_set(&m->error, -EPROTO, "malformed in what begins at byte %" PRIu64 ": %s", at,
			 what);
}

/* To be told at the end. The first counts. */
static void note(struct file *f, int code, uint64_t at, const char *what)
{
	if (!f->late_code)
		f->late_code = error_set(&f->late, code, "at byte %" PRIu64 ": %s", at, what);
}

static void set_comment(struct file *f, struct attr_run text)
{
	const size_t len = text.len < COMMENT_LEN ? text.len : COMMENT_LEN - 1;

	if (len)
		memcpy(f->comment, text.data, len);
	f->comment[len] = 0;
}

/* ---- messages --------------------------------------------------------------- */

/* nlctrl's word on which family is ours. */
static int take_family(struct moeai_monitor *m, const struct nlmsghdr *msg, uint64_t at)
{
	struct file *f = m->file;
	struct family family;

	if (message_command(msg) != CTRL_CMD_NEWFAMILY || family_decode(msg, &family))
		return malformed(m, at, "no announcement of the family MOEAI");
	if (f->family && f->family != family.id)
		return malformed(m, at, "the family is announced twice, in two ways");
	if (family.version != MOEAI_NETLINK_VERSION)
		return error_set(&m->error, -EOPNOTSUPP,
				 "the file is of version %u of the family MOEAI, and this library "
				 "knows %d", family.version, MOEAI_NETLINK_VERSION);
	f->family = m->h->family.id = family.id;
	return 0;
}

static int take_table(struct moeai_monitor *m, const struct nlmsghdr *msg, uint64_t at)
{
	struct file *f = m->file;
	int rc = stored_add(&f->stored, msg);

	if (rc == -EFBIG)
		return error_set(&m->error, rc, "at byte %" PRIu64 ": it describes more than %d "
				 "bytes of tables", at, STORED_MAX);
	if (rc == -ENOMEM)
		return error_set(&m->error, rc, "out of memory");
	if (rc < 0)
		return malformed(m, at, "a message of a table");
	f->described |= rc;
	return 0;
}

/* Each event may be the first after a word on a table, and each time all of them are read. */
static int count_learned(struct moeai_monitor *m, uint64_t at)
{
	struct file *f = m->file;

	f->learned += m->h->catalog.n_types * sizeof(*m->h->catalog.types);
	for (size_t i = 0; i < STORED_TABLES; i++)
		f->learned += f->stored.tables[i].attrs.len;
	return f->learned <= LEARNED_MAX ? 0 :
		error_set(&m->error, -EFBIG, "at byte %" PRIu64 ": it describes tables anew too "
			  "often: more than %d bytes of them", at, LEARNED_MAX);
}

/* Before an event: what was said of types and fields counts from here on. */
static int learn(struct moeai_monitor *m, uint64_t at)
{
	struct file *f = m->file;
	const char *unknown;
	int rc;

	if (f->checked && !f->described)
		return 0;
	f->described = false;
	rc = count_learned(m, at);
	if (rc)
		return rc;
	rc = catalog_refresh(m->h);
	if (rc == -ENOMEM)
		return error_set(&m->error, rc, "out of memory");
	if (rc)
		note(f, rc == -ENOENT ? -EPROTO : rc, at, m->h->error.text);
	unknown = rc || f->checked ? NULL : filter_unknown(&m->filter, &m->h->catalog);
	f->checked = true;
	return unknown ? error_set(&m->error, -ENOENT, "%s: no such event type in the file",
				   unknown) : 0;
}

static int take_announcement(struct moeai_monitor *m, const struct record *r, uint64_t at)
{
	if (m->epoch && m->epoch != r->epoch)
		return malformed(m, at, "another epoch");
	if (m->since_epoch && m->since_epoch != r->epoch)
		return error_set(&m->error, -ESTALE, "the file is of epoch 0x%" PRIx64, r->epoch);
	m->tell_epoch = !m->epoch;
	m->epoch = r->epoch;
	return 0;
}

/* Numbers go up, and nothing is handed out of what was before since. */
static int take_record(struct moeai_monitor *m, const struct nlmsghdr *msg, const struct record *r,
		       uint64_t at, struct moeai_item *out)
{
	const bool event = r->kind == RECORD_EVENT;
	const uint64_t from = event ? r->seq : r->lost.from, to = event ? r->seq : r->lost.to;
	struct file *f = m->file;
	int rc;

	if (!m->epoch)
		return malformed(m, at, "an event before the announcement of the epoch");
	if (!event && r->epoch != m->epoch)
		return malformed(m, at, "a loss of another epoch");
	if (m->tracker.from && from < m->tracker.next)
		return malformed(m, at, "an event's number does not go up");
	rc = learn(m, at);
	if (rc)
		return rc;
	if (event)
		f->events++;
	else
		f->lost += to - from + 1;
	if (to < m->since)
		return 0;
	if (!m->tracker.from)
		tracker_begin(&m->tracker, from < m->since ? m->since : from);
	rc = monitor_take(m, &f->in, true, msg, r, out);
	f->said = rc > 0 && out->kind == MOEAI_EVENT;
	f->events -= rc > 0 && event && !f->said; /* it comes again */
	return rc;
}

static int take_message(struct moeai_monitor *m, const struct nlmsghdr *msg, uint64_t at,
			struct moeai_item *out)
{
	struct record r;

	if (msg->nlmsg_type == GENL_ID_CTRL)
		return take_family(m, msg, at);
	if (!m->file->family)
		return malformed(m, at, "a message before the announcement of the family");
	if (msg->nlmsg_type != m->file->family)
		return malformed(m, at, "a message of another family");
	if (message_command(msg) == MOEAI_MSG_DATA)
		return take_table(m, msg, at);
	if (message_command(msg) == MOEAI_MSG_EVENT && record_parse(msg, &r))
		return malformed(m, at, "an event");
	if (message_command(msg) != MOEAI_MSG_EVENT || r.kind == RECORD_OTHER) {
		note(m->file, -EOPNOTSUPP, at, "a message that this version does not know");
		return 0;
	}
	return r.kind == RECORD_ANNOUNCEMENT ? take_announcement(m, &r, at) :
					       take_record(m, msg, &r, at, out);
}

/* ---- blocks ----------------------------------------------------------------- */

static int take_packet(struct moeai_monitor *m, const struct pcapng_block *b)
{
	struct pcapng_packet packet;
	struct file *f = m->file;
	const char *wrong;

	if (f->ended)
		return malformed(m, b->at, "it goes on after its end");
	if (pcapng_packet(b, &packet, &wrong))
		return malformed(m, b->at, wrong);
	if (packet.interface >= f->interfaces)
		return malformed(m, b->at, "a packet of an unknown interface");
	set_comment(f, packet.comment);
	f->in = (struct inbox){ .buf = (char *)packet.messages.data, .len = packet.messages.len };
	return 0;
}

static int take_interface(struct moeai_monitor *m, const struct pcapng_block *b)
{
	uint16_t link;

	if (pcapng_linktype(b, &link))
		return malformed(m, b->at, "an interface");
	m->file->interfaces++;
	return link == PCAPNG_LINKTYPE ? 0 :
					 error_set(&m->error, -EOPNOTSUPP,
						   "at byte %" PRIu64 ": packets of link type %u, "
						   "not netlink", b->at, link);
}

static int take_end(struct moeai_monitor *m, const struct pcapng_block *b)
{
	struct pcapng_packet last;
	struct file *f = m->file;

	if (pcapng_statistics(b, &last))
		return malformed(m, b->at, "the end");
	if ((last.received != UINT64_MAX && last.received != f->events) ||
	    (last.dropped != UINT64_MAX && last.dropped != f->lost))
		note(f, -EPROTO, b->at, "it told of more, or fewer, events when it was written");
	set_comment(f, last.comment);
	f->ended = true;
	return 0;
}

static int take_block(struct moeai_monitor *m, const struct pcapng_block *b)
{
	switch (b->type) {
	case PCAPNG_PACKET:
		return take_packet(m, b);
	case PCAPNG_INTERFACE:
		return take_interface(m, b);
	case PCAPNG_STATISTICS:
		return take_end(m, b);
	case PCAPNG_SECTION:
	case PCAPNG_NAMES:
	case PCAPNG_SECRETS:
		return 0;
	default:
		note(m->file, -EOPNOTSUPP, b->at, "a block of a type that this version does not "
		     "know");
		return 0;
	}
}

/* The end of the file, which may be not that of what was written. */
static int end(struct moeai_monitor *m)
{
	struct file *f = m->file;

	m->phase = PHASE_ENDED;
	f->said = true;
	if (!f->ended)
		return error_set(&m->error, -EPROTO, "cut short at byte %" PRIu64
				 ": its end is missing", f->reader.at);
	if (!f->late_code && !m->epoch)
		return error_set(&m->error, -EPROTO, "it has no announcement of an epoch");
	if (f->late_code)
		return error_set(&m->error, f->late_code, "%s", f->late.text);
	return error_set(&m->error, -ENODATA, "%s", moeai_strerror(-ENODATA));
}

int file_step(struct moeai_monitor *m, struct moeai_item *out)
{
	struct file *f = m->file;
	const struct nlmsghdr *msg;
	struct pcapng_block block;
	int rc;

	f->said = false;
	rc = message_next(f->in.buf, f->in.len, &f->in.pos, &msg);
	if (rc < 0)
		return malformed(m, f->at, "a message's length can't be true");
	if (rc > 0)
		return take_message(m, msg, f->at, out);
	rc = pcapng_read(&f->reader, &block, &m->error);
	if (rc < 0)
		return rc;
	if (rc == 0)
		return end(m);
	f->at = block.at;
	f->in = (struct inbox){ 0 };
	return take_block(m, &block);
}
