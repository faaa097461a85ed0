// SPDX-License-Identifier: GPL-2.0
#include <linux/slab.h>
#include <net/genetlink.h>
#include "compat.h"
#include "dump.h"
#include "netlink.h"
#include "replay.h"
#include "status.h"

/* A message under construction in plain memory, laid out as the log's records. */
static void *msg_begin(void *buf)
{
	struct nlmsghdr *nlh = buf;
	struct genlmsghdr *genl = buf + NLMSG_HDRLEN;

	*nlh = (struct nlmsghdr){ .nlmsg_type = moeai_family_id() };
	*genl = (struct genlmsghdr){ MOEAI_MSG_EVENT, MOEAI_NETLINK_VERSION };
	return buf + NLMSG_HDRLEN + GENL_HDRLEN;
}

static void *put_attr(void *p, u16 type, const void *data, u16 len)
{
	struct nlattr *nla = p;

	*nla = (struct nlattr){ NLA_HDRLEN + len, type };
	memcpy(p + NLA_HDRLEN, data, len);
	return p + NLA_HDRLEN + NLA_ALIGN(len);
}

static int msg_end(void *buf, void *p)
{
	if ((p - buf) % 8)
		p = put_attr(p, MOEAI_A_EVENT_PAD, NULL, 0);
	((struct nlmsghdr *)buf)->nlmsg_len = p - buf;
	return p - buf;
}

static int put_notice(void *buf, const struct moeai_gap *gap)
{
	u64 epoch = moeai_epoch();
	u32 reason = gap->reason;
	void *nest, *p = msg_begin(buf);

	p = put_attr(p, MOEAI_A_EVENT_EPOCH, &epoch, sizeof(epoch));
	nest = p;
	p = put_attr(p, MOEAI_A_EVENT_LOST | NLA_F_NESTED, NULL, 0);
	p = put_attr(p, MOEAI_A_LOST_FROM, &gap->from, sizeof(gap->from));
	p = put_attr(p, MOEAI_A_LOST_TO, &gap->to, sizeof(gap->to));
	p = put_attr(p, MOEAI_A_LOST_REASON, &reason, sizeof(reason));
	((struct nlattr *)nest)->nla_len = p - nest;
	return msg_end(buf, p);
}

static int announce(struct moeai_replay *r, void *buf)
{
	u64 epoch = moeai_epoch();
	void *p = msg_begin(buf);

	p = put_attr(p, MOEAI_A_EVENT_EPOCH, &epoch, sizeof(epoch));
	p = put_attr(p, MOEAI_A_EVENT_FIRST, &r->range.first_seq, sizeof(u64));
	p = put_attr(p, MOEAI_A_EVENT_NEXT, &r->range.next_seq, sizeof(u64));
	return msg_end(buf, p);
}

void moeai_replay_init(struct moeai_replay *r, const struct moeai_filter *filter)
{
	*r = (struct moeai_replay){};
	if (filter)
		r->filter = *filter;
	moeai_log_range(r->filter.since, &r->range);
	r->cursor = r->range.from;
	r->keep_pos = r->range.keep_from;
	r->seq = r->filter.since;
	if (r->seq >= r->range.first_seq)
		r->keep_pos = r->range.keep_end; /* nothing that is only kept was asked for */
}

static u64 record_seq(const void *record)
{
	return *(u64 *)(record + MOEAI_RECORD_SEQ);
}

static bool passes(const struct moeai_filter *f, const void *record)
{
	u32 i;

	if (record_seq(record) < f->since ||
	    *(u32 *)(record + MOEAI_RECORD_PRIORITY) < f->min_priority)
		return false;
	if (f->source[0] && strcmp(record + MOEAI_RECORD_SOURCE, f->source))
		return false;
	for (i = 0; i < f->n_types; i++)
		if (*(u32 *)(record + MOEAI_RECORD_TYPE) == f->types[i])
			return true;
	return !f->n_types;
}

/* What the filter leaves out goes; the rest moves together. Records are in order of seq. */
static int sift(const struct moeai_filter *f, void *buf, int len)
{
	int in = 0, out = 0;

	if (!f->min_priority && !f->source[0] && !f->n_types && record_seq(buf) >= f->since)
		return len;
	while (in < len) {
		int n = ((struct nlmsghdr *)(buf + in))->nlmsg_len;

		if (passes(f, buf + in)) {
			if (in != out)
				memmove(buf + out, buf + in, n);
			out += n;
		}
		in += n;
	}
	return out;
}

/*
 * All before @seq that has not been told is gone. Without a since, nothing
 * before the oldest record was asked for.
 */
static bool gap_before(struct moeai_replay *r, u64 seq)
{
	bool gap = r->seq && r->seq < seq;

	if (gap)
		moeai_log_gap(r->seq, seq - 1, &r->gap);
	return gap;
}

static int fill_gap(struct moeai_replay *r, void *buf)
{
	int ret = put_notice(buf, &r->gap);

	r->lost += r->gap.to - r->gap.from + 1;
	r->seq = r->gap.to + 1;
	return ret;
}

/*
 * One kept record that the log has no more, or the notice of a gap before it
 * (then the record is read again).
 */
static int fill_kept(struct moeai_replay *r, void *buf, size_t room)
{
	u64 pos = r->keep_pos, seq;
	int ret = moeai_log_read_kept(&r->keep_pos, r->range.keep_end, buf, room);

	if (ret <= 0)
		return ret;
	seq = record_seq(buf);
	if (seq >= r->range.first_seq || seq >= r->range.next_seq) {
		r->keep_pos = r->range.keep_end;
		return 0;
	}
	if (seq < r->seq)
		return -EAGAIN;
	if (gap_before(r, seq)) {
		r->keep_pos = pos;
		return fill_gap(r, buf);
	}
	r->seq = seq + 1;
	return sift(&r->filter, buf, ret) ?: -EAGAIN;
}

/*
 * The log has overtaken the replay: look again where it begins, and first at
 * what is kept of the stretch that is gone. The end stays where it was.
 */
static void overtaken(struct moeai_replay *r, const struct moeai_log_range *now)
{
	r->cursor = now->from;
	r->range.first_seq = now->first_seq;
	r->range.keep_end = now->keep_end;
	r->keep_pos = now->keep_from;
	r->stage = MOEAI_REPLAY_KEPT;
}

void moeai_replay_extend(struct moeai_replay *r)
{
	struct moeai_log_range now;

	if (r->stage != MOEAI_REPLAY_END || moeai_log_head() == r->range.end)
		return;
	moeai_log_range(r->seq, &now);
	r->stage = MOEAI_REPLAY_LOG;
	if (r->seq < now.first_seq)
		overtaken(r, &now);
	r->range.end = now.end;
	r->range.next_seq = now.next_seq;
}

static int fill_log(struct moeai_replay *r, void *buf, size_t room)
{
	struct moeai_log_range now;
	struct moeai_gap unused;
	int ret;

	if (!r->seq)
		r->seq = r->range.first_seq;
	if (gap_before(r, min(r->range.first_seq, r->range.next_seq)))
		return fill_gap(r, buf);
	ret = moeai_log_read(&r->cursor, r->range.end, buf, room, &unused);
	if (ret == -EPIPE) {
		moeai_log_range(r->seq, &now);
		overtaken(r, &now);
		return -EAGAIN;
	}
	if (ret <= 0)
		return ret;
	r->seq = max(r->seq, r->cursor.seq);
	return sift(&r->filter, buf, ret) ?: -EAGAIN;
}

int moeai_replay_fill(struct moeai_replay *r, void *buf, size_t room)
{
	int ret = 0;

	while (r->stage < MOEAI_REPLAY_END) {
		switch (r->stage) {
		case MOEAI_REPLAY_ANNOUNCE:
			ret = announce(r, buf);
			break;
		case MOEAI_REPLAY_KEPT:
			if (r->filter.epoch && r->filter.epoch != moeai_epoch())
				return -ESTALE;
			ret = fill_kept(r, buf, room);
			break;
		default:
			ret = fill_log(r, buf, room);
		}
		if (ret == 0 || r->stage == MOEAI_REPLAY_ANNOUNCE)
			r->stage++;
		if (ret > 0 || ret == -EMSGSIZE)
			return ret;
		cond_resched();
	}
	return 0;
}

/* ---- the dump ------------------------------------------------------------- */

const struct nla_policy moeai_filter_policy[MOEAI_A_FILTER_MAX + 1] = {
	[MOEAI_A_FILTER_SINCE]	      = { .type = NLA_U64 },
	[MOEAI_A_FILTER_EPOCH]	      = { .type = NLA_U64 },
	[MOEAI_A_FILTER_TYPE]	      = { .type = NLA_U32 },
	[MOEAI_A_FILTER_MIN_PRIORITY] = NLA_POLICY_MAX(NLA_U32, MOEAI_PRIO_MAX),
	[MOEAI_A_FILTER_SOURCE]	      = { .type = NLA_NUL_STRING, .len = MOEAI_MAX_NAME_LEN - 1 },
};

/* Every TYPE counts; of the others the last one. Returns the TYPE too many, or NULL. */
static const struct nlattr *filter_read(struct moeai_filter *f, const struct nlattr *nest)
{
	const struct nlattr *nla;
	int rem;

	nla_for_each_nested(nla, nest, rem) {
		switch (nla_type(nla)) {
		case MOEAI_A_FILTER_SINCE:
			f->since = nla_get_u64(nla);
			break;
		case MOEAI_A_FILTER_EPOCH:
			f->epoch = nla_get_u64(nla);
			break;
		case MOEAI_A_FILTER_TYPE:
			if (f->n_types == MOEAI_FILTER_TYPES)
				return nla;
			f->types[f->n_types++] = nla_get_u32(nla);
			break;
		case MOEAI_A_FILTER_MIN_PRIORITY:
			f->min_priority = nla_get_u32(nla);
			break;
		case MOEAI_A_FILTER_SOURCE:
			nla_strscpy(f->source, nla, sizeof(f->source));
			break;
		}
	}
	return NULL;
}

/* A dump under way. */
struct running {
	struct moeai_dump dump;
	struct moeai_filter filter;
	struct moeai_replay replay;
};

/* Returns 0, or an error that a text goes with, by moeai_dump_refuse(). */
static int start(struct running *r, struct netlink_callback *cb)
{
	struct nlattr **attrs = moeai_dump_attrs(cb);
	struct nlattr *other = attrs[MOEAI_A_EVENT_PRIORITY] ?: attrs[MOEAI_A_EVENT_DATA];
	const struct nlattr *bad = NULL;

	if (other) {
		moeai_dump_refuse(cb, other, -EINVAL, "a replay takes FILTER only");
		return -EINVAL;
	}
	if (attrs[MOEAI_A_EVENT_FILTER])
		bad = filter_read(&r->filter, attrs[MOEAI_A_EVENT_FILTER]);
	if (bad) {
		moeai_dump_refuse(cb, bad, -E2BIG, "filter: too many types");
		return -E2BIG;
	}
	return moeai_dump_get(&r->dump, "replay", cb);
}

int moeai_replay_start(struct netlink_callback *cb)
{
	struct running *r;
	int ret;

	if (!netlink_capable(cb->skb, CAP_SYS_ADMIN))
		return moeai_dump_refuse(cb, NULL, -EPERM, "reading events needs CAP_SYS_ADMIN");
	r = kzalloc(sizeof(*r), GFP_KERNEL_ACCOUNT);
	if (!r)
		return -ENOMEM;
	ret = start(r, cb);
	if (ret) {
		kfree(r);
		return cb->extack ? ret : 0; /* 0: moeai_replay_dump() says it */
	}
	moeai_replay_init(&r->replay, &r->filter);
	cb->args[0] = (long)r;
	cb->min_dump_alloc = 16384;
	return 0;
}

/* The records' heads get what a dump's messages bear. */
static void patch(void *buf, int len, const struct netlink_callback *cb)
{
	int off;
	struct nlmsghdr *nlh;

	for (off = 0; off < len; off += nlh->nlmsg_len) {
		nlh = buf + off;
		nlh->nlmsg_seq = cb->nlh->nlmsg_seq;
		nlh->nlmsg_pid = NETLINK_CB(cb->skb).portid;
		nlh->nlmsg_flags = NLM_F_MULTI;
	}
}

int moeai_replay_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct running *r = (void *)cb->args[0];

	if (moeai_dump_refused(cb))
		return moeai_dump_refused(cb);
	while (skb_tailroom(skb) >= MOEAI_NOTICE_LEN) {
		void *buf = skb_tail_pointer(skb);
		int ret = moeai_replay_fill(&r->replay, buf, skb_tailroom(skb));

		if (ret == -ESTALE)
			NL_SET_ERR_MSG(cb->extack, "the log is of another epoch: see EPOCH");
		if (ret <= 0)
			return ret == -EMSGSIZE && skb->len ? skb->len : ret ?: skb->len;
		skb_put(skb, ret);
		patch(buf, ret, cb);
	}
	return skb->len;
}

int moeai_replay_done(struct netlink_callback *cb)
{
	struct running *r = (void *)cb->args[0];

	if (!r)
		return 0; /* it was refused */
	moeai_dump_put(&r->dump);
	kfree(r);
	return 0;
}
