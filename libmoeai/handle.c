// SPDX-License-Identifier: LGPL-2.1-or-later
#include <stdlib.h>
#include <netlink/attr.h>
#include <netlink/msg.h>

#include "handle.h"

/* Answers of many calls under way. */
#define RECEIVE_BUFFER (1 << 20)

const char *moeai_version(void)
{
	return MOEAI_VERSION_STRING;
}

int handle_new(struct moeai **out, struct error *e)
{
	struct moeai *h = calloc(1, sizeof(*h));
	int rc;

	if (!h)
		return error_set(e, -ENOMEM, "out of memory");
	rc = transport_open(&h->t, RECEIVE_BUFFER, e);
	if (rc) {
		free(h);
		return rc;
	}
	*out = h;
	return 0;
}

int moeai_open(struct moeai **out)
{
	struct error e = { 0 };
	struct moeai *h;
	int rc = handle_new(&h, &e);

	if (rc)
		return rc;
	rc = handle_find(h);
	if (rc)
		moeai_close(h);
	else
		*out = h;
	return rc;
}

void moeai_close(struct moeai *h)
{
	if (!h)
		return;
	calls_free(&h->calls);
	replies_free(&h->replies);
	catalog_free(&h->catalog);
	transport_close(&h->spare);
	transport_close(&h->t);
	free(h);
}

const char *moeai_error(const struct moeai *h)
{
	return h ? h->error.text : "no handle: see moeai_strerror()";
}

/* ---- sending ---------------------------------------------------------------- */

int moeai_flush(struct moeai *h)
{
	int rc = 0;

	if (h->queue.len)
		rc = transport_send_all(&h->t, h->queue.requests, h->queue.len, &h->error);
	if (!rc)
		h->queue.len = 0;
	return rc;
}

int handle_send(struct moeai *h, bool failed)
{
	int rc = moeai_flush(h);

	return rc ? rc : transport_send(&h->t, failed, &h->error);
}

int handle_queue(struct moeai *h, bool failed)
{
	const struct nlmsghdr *head = nlmsg_hdr(h->t.request);
	const size_t len = NLMSG_ALIGN((size_t)head->nlmsg_len);
	struct queue *q = &h->queue;
	int rc = 0;

	if (failed || !head->nlmsg_type || len > sizeof(q->requests))
		return handle_send(h, failed);
	if (len > sizeof(q->requests) - q->len)
		rc = moeai_flush(h);
	if (rc)
		return rc;
	memcpy(q->requests + q->len, head, len);
	q->len += len;
	return 0;
}

bool handle_is_queued(const struct moeai *h, uint32_t seq)
{
	const struct nlmsghdr *first = (const void *)h->queue.requests;

	return h->queue.len && (int32_t)(seq - first->nlmsg_seq) >= 0;
}

/* ---- asking ----------------------------------------------------------------- */

int handle_receive(struct moeai *h, int64_t *deadline, const struct nlmsghdr **out)
{
	int rc;

	do {
		if (h->calls.overrun)
			*deadline = 0;
		rc = transport_receive(&h->t, *deadline, out, &h->error);
		h->calls.overrun |= rc == -ENOBUFS || rc == -EMSGSIZE;
	} while (rc == -ENOBUFS || rc == -EMSGSIZE);
	if (rc == -ETIMEDOUT && h->calls.overrun)
		rc = error_set(&h->error, -ENOBUFS, "%s", moeai_strerror(-ENOBUFS));
	return rc;
}

/* A refusal or an ACK. */
static int refused(struct moeai *h, const struct question *q, const struct nlmsghdr *msg)
{
	struct refusal r;

	if (refusal_decode(msg, &r))
		return error_set(&h->error, -EPROTO, "%s: malformed refusal", q->what);
	if (r.code)
		return error_refused(&h->error, &r, q->what, NULL, q->capability);
	if (q->answer)
		return error_set(&h->error, -EPROTO, "%s: no answer but an ACK", q->what);
	return 0;
}

int handle_ask(struct moeai *h, const struct question *q, bool failed,
	       const struct nlmsghdr **out)
{
	int64_t deadline = deadline_after(ANSWER_TIMEOUT);
	const struct nlmsghdr *msg;
	uint32_t seq;
	int rc;

	rc = handle_send(h, failed);
	seq = h->t.seq;
	while (!rc) {
		rc = handle_receive(h, &deadline, &msg);
		if (rc == -ENOBUFS)
			calls_overrun(h);
		if (rc)
			break;
		if (msg->nlmsg_seq != seq) {
			calls_deliver(h, msg);
			continue;
		}
		if (msg->nlmsg_type == NLMSG_ERROR)
			return refused(h, q, msg);
		if (msg->nlmsg_type != q->family || message_command(msg) != q->answer)
			return error_set(&h->error, -EPROTO, "%s: unexpected answer", q->what);
		*out = msg;
		return 0;
	}
	return rc;
}

int handle_ask_family(struct moeai *h, struct family *out, const struct nlmsghdr **msg)
{
	const struct question q = { "MOEAI", "no capability", GENL_ID_CTRL, CTRL_CMD_NEWFAMILY };
	struct nl_msg *request;
	int rc;

	request = transport_request(&h->t, GENL_ID_CTRL, CTRL_CMD_GETFAMILY, 0);
	rc = nla_put_string(request, CTRL_ATTR_FAMILY_NAME, MOEAI_NETLINK_FAMILY);
	rc = handle_ask(h, &q, rc < 0, msg);
	if (rc == -ENOENT || rc == -ENODEV)
		return error_set(&h->error, -ENODEV, "%s", moeai_strerror(-ENODEV));
	if (!rc && family_decode(*msg, out))
		rc = error_set(&h->error, -EPROTO, "nlctrl describes MOEAI in a way "
			       "that makes no sense");
	return rc;
}

int handle_find(struct moeai *h)
{
	const struct nlmsghdr *msg;
	struct family family;
	int rc = handle_ask_family(h, &family, &msg);

	if (rc == -ENODEV)
		h->family = (struct family){ 0 };
	if (rc)
		return rc;
	if (family.id != h->family.id)
		catalog_forget(&h->catalog);
	h->family = family;
	return 0;
}
