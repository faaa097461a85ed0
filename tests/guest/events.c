// SPDX-License-Identifier: GPL-2.0
#include <string.h>
#include "events.h"

static void read_record(const struct nlmsghdr *nlh, struct event *e)
{
	e->time = attr_u64(nlh_attr(nlh, MOEAI_A_EVENT_TIME));
	e->type = attr_u32(nlh_attr(nlh, MOEAI_A_EVENT_TYPE));
	e->priority = attr_u32(nlh_attr(nlh, MOEAI_A_EVENT_PRIORITY));
	e->source = attr_data(nlh_attr(nlh, MOEAI_A_EVENT_SOURCE));
	e->data = nlh_attr(nlh, MOEAI_A_EVENT_DATA);
	assert_non_null(e->data);
}

static void read_notice(const struct nlmsghdr *nlh, struct event *e)
{
	const struct nlattr *lost = nlh_attr(nlh, MOEAI_A_EVENT_LOST);

	e->epoch = attr_u64(nlh_attr(nlh, MOEAI_A_EVENT_EPOCH));
	if (!lost) {
		e->first = attr_u64(nlh_attr(nlh, MOEAI_A_EVENT_FIRST));
		e->next = attr_u64(nlh_attr(nlh, MOEAI_A_EVENT_NEXT));
		return;
	}
	e->from = attr_u64(attr_in(lost, MOEAI_A_LOST_FROM));
	e->to = attr_u64(attr_in(lost, MOEAI_A_LOST_TO));
	e->reason = attr_u32(attr_in(lost, MOEAI_A_LOST_REASON));
	assert_true(e->from && e->from <= e->to && e->reason <= MOEAI_LOST_MAX);
}

void event_read(const struct nlmsghdr *nlh, struct event *e)
{
	const struct nlattr *seq = nlh_attr(nlh, MOEAI_A_EVENT_SEQ);

	assert_int_equal(nlh_cmd(nlh), MOEAI_MSG_EVENT);
	*e = (struct event){ .nlh = nlh };
	if (seq) {
		e->seq = attr_u64(seq);
		assert_true(e->seq != 0);
		read_record(nlh, e);
	} else {
		read_notice(nlh, e);
	}
}

void replay_request(struct msg *m, const struct filter *f)
{
	size_t nest, i;

	msg_begin(m, MOEAI_MSG_EVENT, NLM_F_DUMP);
	if (!f)
		return;
	nest = msg_nest(m, MOEAI_A_EVENT_FILTER);
	if (f->since)
		msg_u64(m, MOEAI_A_FILTER_SINCE, f->since);
	if (f->epoch)
		msg_u64(m, MOEAI_A_FILTER_EPOCH, f->epoch);
	for (i = 0; i < f->n_types; i++)
		msg_u32(m, MOEAI_A_FILTER_TYPE, f->types[i]);
	if (f->min_priority)
		msg_u32(m, MOEAI_A_FILTER_MIN_PRIORITY, f->min_priority);
	if (f->source)
		msg_str(m, MOEAI_A_FILTER_SOURCE, f->source);
	msg_nest_end(m, nest);
}

int replay(struct wire *w, const struct filter *f, void (*fn)(const struct event *e, void *arg),
	   void *arg)
{
	const struct nlmsghdr *nlh;
	struct verdict v;
	struct event e;
	struct msg m;

	replay_request(&m, f);
	assert_int_equal(wire_send(w, &m), 0);
	for (;;) {
		nlh = wire_next(w, WIRE_WAIT);
		assert_non_null(nlh);
		if (wire_verdict(w, nlh, &v))
			return v.error;
		assert_int_equal(nlh->nlmsg_seq, w->seq);
		assert_int_equal(nlh->nlmsg_pid, w->portid);
		assert_int_equal(nlh->nlmsg_flags, NLM_F_MULTI);
		event_read(nlh, &e);
		fn(&e, arg);
	}
}

static void told(struct tale *t, uint64_t from, uint64_t to)
{
	if (!t->begin)
		t->begin = from;
	else
		assert_int_equal(from, t->end);
	t->end = to + 1;
}

void tell(const struct event *e, void *arg)
{
	struct tale *t = arg;

	if (e->seq) {
		assert_true(t->epoch != 0); /* the announcement comes first */
		t->records++;
		told(t, e->seq, e->seq);
	} else if (e->from) {
		assert_int_equal(e->epoch, t->epoch);
		t->notices++;
		t->lost += e->to - e->from + 1;
		t->reasons |= 1U << e->reason;
		told(t, e->from, e->to);
	} else {
		assert_int_equal(t->epoch, 0);
		t->epoch = e->epoch;
		t->first = e->first;
		t->next = e->next;
	}
}
