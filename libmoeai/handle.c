// SPDX-License-Identifier: LGPL-2.1-or-later
#include <stdlib.h>
#include <netlink/attr.h>

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
	catalog_free(&h->catalog);
	transport_close(&h->spare);
	transport_close(&h->t);
	free(h);
}

const char *moeai_error(const struct moeai *h)
{
	return h ? h->error.text : "no handle: see moeai_strerror()";
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

int handle_receive(struct moeai *h, int64_t *deadline, const struct nlmsghdr **out)
{
	bool overrun = false;
	int rc;

	for (;;) {
		rc = transport_receive(&h->t, *deadline, out, &h->error);
		if (rc != -ENOBUFS && rc != -EMSGSIZE)
			break;
		h->calls.overrun = overrun = true;
		*deadline = 0;
	}
	if (rc == -ETIMEDOUT && overrun)
		rc = error_set(&h->error, -ENOBUFS, "%s", moeai_strerror(-ENOBUFS));
	return rc;
}

int handle_ask(struct moeai *h, const struct question *q, bool failed,
	       const struct nlmsghdr **out)
{
	int64_t deadline = deadline_after(ANSWER_TIMEOUT);
	const struct nlmsghdr *msg;
	uint32_t seq;
	int rc;

	rc = transport_send(&h->t, failed, &h->error);
	seq = h->t.seq;
	while (!rc) {
		rc = handle_receive(h, &deadline, &msg);
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

int handle_find(struct moeai *h)
{
	const struct question q = { "MOEAI", "no capability", GENL_ID_CTRL, CTRL_CMD_NEWFAMILY };
	const struct nlmsghdr *msg;
	struct nl_msg *request;
	struct family family;
	int rc;

	request = transport_request(&h->t, GENL_ID_CTRL, CTRL_CMD_GETFAMILY, 0);
	rc = nla_put_string(request, CTRL_ATTR_FAMILY_NAME, MOEAI_NETLINK_FAMILY);
	rc = handle_ask(h, &q, rc < 0, &msg);
	if (rc == -ENOENT || rc == -ENODEV) {
		h->family = (struct family){ 0 };
		return error_set(&h->error, -ENODEV, "%s", moeai_strerror(-ENODEV));
	}
	if (rc)
		return rc;
	if (family_decode(msg, &family))
		return error_set(&h->error, -EPROTO, "nlctrl describes MOEAI in a way "
				 "that makes no sense");
	if (family.id != h->family.id)
		catalog_forget(&h->catalog);
	h->family = family;
	return 0;
}
