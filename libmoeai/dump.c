// SPDX-License-Identifier: LGPL-2.1-or-later
#include <moeai/moeai.h>

#include "dump.h"

int dump_start(struct dump *d, bool failed, struct error *e)
{
	int rc = transport_send(d->t, failed, e);

	d->seq = d->t->seq;
	d->running = !rc;
	return rc;
}

static int dump_end(struct dump *d, const struct nlmsghdr *msg, struct error *e)
{
	struct refusal end;

	d->running = false;
	if (refusal_decode(msg, &end))
		return error_set(e, -EPROTO, "%s: malformed end", d->what);
	/* A kernel without memory for the first datagram says so, and goes on later. */
	d->running = end.code == -ENOBUFS;
	return end.code ? error_refused(e, &end, d->what, NULL, d->capability) : 0;
}

int dump_next(struct dump *d, int64_t deadline, const struct nlmsghdr **out, struct error *e)
{
	const struct nlmsghdr *msg;
	int rc;

	for (;;) {
		rc = transport_receive(d->t, deadline, &msg, e);
		if (rc)
			return rc;
		if (msg->nlmsg_seq != d->seq)
			continue; /* of an earlier one, given up */
		if (msg->nlmsg_type == NLMSG_ERROR || msg->nlmsg_type == NLMSG_DONE)
			return dump_end(d, msg, e);
		if (msg->nlmsg_flags & NLM_F_DUMP_INTR)
			return error_set(e, -ERESTART, "%s changed meanwhile: ask again", d->what);
		if (msg->nlmsg_type != d->family || message_command(msg) != d->cmd)
			return error_set(e, -EPROTO, "%s: unexpected message", d->what);
		*out = msg;
		return 1;
	}
}
