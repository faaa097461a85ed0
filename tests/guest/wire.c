// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "wire.h"

/* ---- a message to be sent ------------------------------------------------ */

void msg_begin(struct msg *m, uint8_t cmd, uint16_t flags)
{
	m->len = NLMSG_HDRLEN + GENL_HDRLEN;
	memset(m->b, 0, m->len);
	msg_head(m)->nlmsg_flags = NLM_F_REQUEST | flags;
	msg_genl(m)->cmd = cmd;
	msg_genl(m)->version = MOEAI_NETLINK_VERSION;
}

struct nlmsghdr *msg_head(struct msg *m)
{
	return (struct nlmsghdr *)m->b;
}

struct genlmsghdr *msg_genl(struct msg *m)
{
	return (struct genlmsghdr *)(m->b + NLMSG_HDRLEN);
}

void msg_raw(struct msg *m, const void *bytes, size_t len)
{
	assert_true(m->len + len <= sizeof(m->b));
	if (len)
		memcpy(m->b + m->len, bytes, len);
	m->len += len;
}

size_t msg_put(struct msg *m, uint16_t type, const void *data, size_t len)
{
	struct nlattr a = { .nla_len = NLA_HDRLEN + len, .nla_type = type };
	size_t at = m->len;

	msg_raw(m, &a, sizeof(a));
	msg_raw(m, data, len);
	msg_raw(m, "\0\0\0", NLA_ALIGN(len) - len);
	return at;
}

size_t msg_u32(struct msg *m, uint16_t type, uint32_t v)
{
	return msg_put(m, type, &v, sizeof(v));
}

size_t msg_u64(struct msg *m, uint16_t type, uint64_t v)
{
	return msg_put(m, type, &v, sizeof(v));
}

size_t msg_str(struct msg *m, uint16_t type, const char *s)
{
	return msg_put(m, type, s, strlen(s) + 1);
}

size_t msg_nest(struct msg *m, uint16_t type)
{
	return msg_put(m, type | NLA_F_NESTED, NULL, 0);
}

void msg_nest_end(struct msg *m, size_t nest)
{
	((struct nlattr *)(m->b + nest))->nla_len = m->len - nest;
}

/* ---- attributes of what came --------------------------------------------- */

const void *attr_data(const struct nlattr *a)
{
	return (const uint8_t *)a + NLA_HDRLEN;
}

size_t attr_len(const struct nlattr *a)
{
	return a->nla_len - NLA_HDRLEN;
}

uint32_t attr_u32(const struct nlattr *a)
{
	uint32_t v;

	assert_non_null(a);
	assert_int_equal(attr_len(a), sizeof(v));
	memcpy(&v, attr_data(a), sizeof(v));
	return v;
}

uint64_t attr_u64(const struct nlattr *a)
{
	uint64_t v;

	assert_non_null(a);
	assert_int_equal(attr_len(a), sizeof(v));
	memcpy(&v, attr_data(a), sizeof(v));
	return v;
}

const struct nlattr *attr_next(const void *attrs, size_t len, size_t *at)
{
	const struct nlattr *a = (const void *)((const uint8_t *)attrs + *at);

	if (*at >= len)
		return NULL;
	assert_true(len - *at >= NLA_HDRLEN);
	assert_true(a->nla_len >= NLA_HDRLEN && a->nla_len <= len - *at);
	*at += NLA_ALIGN(a->nla_len);
	return a;
}

const struct nlattr *attr_find(const void *attrs, size_t len, uint16_t type)
{
	const struct nlattr *a;
	size_t at = 0;

	while ((a = attr_next(attrs, len, &at)))
		if ((a->nla_type & NLA_TYPE_MASK) == type)
			return a;
	return NULL;
}

const struct nlattr *attr_in(const struct nlattr *nest, uint16_t type)
{
	assert_non_null(nest);
	return attr_find(attr_data(nest), attr_len(nest), type);
}

const void *nlh_attrs(const struct nlmsghdr *nlh)
{
	return (const uint8_t *)nlh + NLMSG_HDRLEN + GENL_HDRLEN;
}

size_t nlh_attrs_len(const struct nlmsghdr *nlh)
{
	return nlh->nlmsg_len - NLMSG_HDRLEN - GENL_HDRLEN;
}

const struct nlattr *nlh_attr(const struct nlmsghdr *nlh, uint16_t type)
{
	return attr_find(nlh_attrs(nlh), nlh_attrs_len(nlh), type);
}

uint8_t nlh_cmd(const struct nlmsghdr *nlh)
{
	return ((const struct genlmsghdr *)NLMSG_DATA(nlh))->cmd;
}

/* ---- the socket ----------------------------------------------------------- */

static int open_socket(struct wire *w, uint32_t portid)
{
	struct sockaddr_nl addr = { .nl_family = AF_NETLINK, .nl_pid = portid };
	socklen_t len = sizeof(addr);
	int one = 1;

	w->at = 0;
	w->len = 0;
	w->seq = 0;
	w->fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC);
	if (w->fd < 0)
		return -errno;
	setsockopt(w->fd, SOL_NETLINK, NETLINK_EXT_ACK, &one, sizeof(one));
	setsockopt(w->fd, SOL_NETLINK, NETLINK_CAP_ACK, &one, sizeof(one));
	if (bind(w->fd, (struct sockaddr *)&addr, sizeof(addr)) ||
	    getsockname(w->fd, (struct sockaddr *)&addr, &len)) {
		int err = errno;

		close(w->fd);
		return -err;
	}
	w->portid = addr.nl_pid;
	return 0;
}

static void read_groups(struct wire *w, const struct nlattr *groups)
{
	static const char *const names[] = {
		[MOEAI_GROUP_EVENTS] = MOEAI_GROUP_EVENTS_NAME,
		[MOEAI_GROUP_STATUS] = MOEAI_GROUP_STATUS_NAME,
	};
	const struct nlattr *g;
	size_t at = 0;
	int i;

	while ((g = attr_next(attr_data(groups), attr_len(groups), &at)))
		for (i = 1; i <= MOEAI_GROUP_MAX; i++)
			if (!strcmp(attr_data(attr_in(g, CTRL_ATTR_MCAST_GRP_NAME)), names[i]))
				w->groups[i] = attr_u32(attr_in(g, CTRL_ATTR_MCAST_GRP_ID));
}

static int find_family(struct wire *w)
{
	const struct nlmsghdr *nlh;
	struct verdict v;
	struct msg m;

	msg_begin(&m, CTRL_CMD_GETFAMILY, 0);
	msg_genl(&m)->version = 2;
	msg_head(&m)->nlmsg_type = GENL_ID_CTRL;
	msg_str(&m, CTRL_ATTR_FAMILY_NAME, MOEAI_NETLINK_FAMILY);
	wire_send(w, &m);
	nlh = wire_next(w, WIRE_WAIT);
	assert_non_null(nlh);
	if (wire_verdict(w, nlh, &v))
		return v.error;
	memcpy(&w->family, attr_data(nlh_attr(nlh, CTRL_ATTR_FAMILY_ID)), 2);
	read_groups(w, nlh_attr(nlh, CTRL_ATTR_MCAST_GROUPS));
	return 0;
}

int wire_open_port(struct wire *w, uint32_t portid)
{
	int ret = open_socket(w, portid);

	if (!ret)
		ret = find_family(w);
	return ret;
}

int wire_try_open(struct wire *w)
{
	return wire_open_port(w, 0);
}

void wire_open(struct wire *w)
{
	assert_int_equal(wire_try_open(w), 0);
}

void wire_close(struct wire *w)
{
	close(w->fd);
	w->fd = -1;
}

int wire_join(struct wire *w, enum moeai_netlink_groups group)
{
	return setsockopt(w->fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &w->groups[group],
			  sizeof(w->groups[group])) ?
		       -errno :
		       0;
}

void wire_rcvbuf(struct wire *w, int bytes)
{
	assert_int_equal(setsockopt(w->fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes)), 0);
}

int wire_send_raw(struct wire *w, const void *bytes, size_t len)
{
	return send(w->fd, bytes, len, 0) == (ssize_t)len ? 0 : -errno;
}

int wire_send(struct wire *w, struct msg *m)
{
	struct nlmsghdr *nlh = msg_head(m);

	nlh->nlmsg_len = m->len;
	nlh->nlmsg_type = nlh->nlmsg_type ?: w->family;
	nlh->nlmsg_seq = ++w->seq;
	return wire_send_raw(w, m->b, m->len);
}

static bool receive(struct wire *w, int ms)
{
	struct pollfd p = { .fd = w->fd, .events = POLLIN };
	ssize_t n;

	if (poll(&p, 1, ms) != 1) {
		errno = EAGAIN;
		return false;
	}
	n = recv(w->fd, w->b, sizeof(w->b), MSG_TRUNC | MSG_DONTWAIT);
	if (n < 0)
		return false;
	assert_true((size_t)n <= sizeof(w->b));
	w->at = 0;
	w->len = n;
	return true;
}

const struct nlmsghdr *wire_next(struct wire *w, int ms)
{
	const struct nlmsghdr *nlh;

	if (w->at >= w->len && !receive(w, ms))
		return NULL;
	nlh = (const void *)(w->b + w->at);
	assert_true(NLMSG_OK(nlh, w->len - w->at));
	w->at += NLMSG_ALIGN(nlh->nlmsg_len);
	return nlh;
}

static void read_tlvs(const void *tlvs, size_t len, struct verdict *v)
{
	const struct nlattr *text = attr_find(tlvs, len, NLMSGERR_ATTR_MSG);
	const struct nlattr *offset = attr_find(tlvs, len, NLMSGERR_ATTR_OFFS);

	if (text)
		strncpy(v->text, attr_data(text), sizeof(v->text) - 1);
	if (offset)
		v->offset = attr_u32(offset);
}

bool wire_verdict(const struct wire *w, const struct nlmsghdr *nlh, struct verdict *v)
{
	const uint8_t *p = NLMSG_DATA(nlh);
	size_t fixed = nlh->nlmsg_type == NLMSG_DONE ? sizeof(int) : sizeof(struct nlmsgerr);

	if ((nlh->nlmsg_type != NLMSG_ERROR && nlh->nlmsg_type != NLMSG_DONE) ||
	    nlh->nlmsg_seq != w->seq)
		return false;
	*v = (struct verdict){ .offset = -1 };
	memcpy(&v->error, p, sizeof(v->error));
	/* NETLINK_CAP_ACK: the request's head alone is in it, but for its success. */
	if (nlh->nlmsg_flags & NLM_F_ACK_TLVS)
		read_tlvs(p + fixed, nlh->nlmsg_len - NLMSG_HDRLEN - fixed, v);
	return true;
}

int wire_ask(struct wire *w, struct msg *m, struct verdict *v)
{
	const struct nlmsghdr *nlh;
	struct verdict ignored = {};
	int ret;

	v = v ?: &ignored;
	msg_head(m)->nlmsg_flags |= NLM_F_ACK;
	ret = wire_send(w, m);
	assert_int_equal(ret, 0);
	do {
		nlh = wire_next(w, WIRE_WAIT);
		assert_non_null(nlh);
	} while (!wire_verdict(w, nlh, v));
	return v->error;
}
