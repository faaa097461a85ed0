// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <netlink/errno.h>
#include <moeai/moeai.h>

#include "attr.h"
#include "error.h"


/* Codes that mean more here than their usual text says. */
static const struct {
	int code;
	const char *text;
} meanings[] = {
	{ ENODEV, "the kernel has no MOEAI family: load the module with `modprobe moeai` "
		  "(it is visible in the host's network namespace only)" },
	{ EPERM, "not permitted: run as root, or with the capability that the call needs" },
	{ ETIMEDOUT, "no answer in time" },
	{ EPROTO, "the kernel's answer makes no sense: do module and library belong together?" },
	{ ESTALE, "the module was loaded anew since: its events are numbered from 1 again" },
	{ ENODATA, "there are no more events" },
	{ EINTR, "interrupted" },
	{ ENOBUFS, "the receive buffer overran" },
};

/* libnl's codes in the order of their numbers. */
static const int libnl_codes[] = {
	[NLE_SUCCESS] = 0,
	[NLE_FAILURE] = EIO,
	[NLE_INTR] = EINTR,
	[NLE_BAD_SOCK] = EBADF,
	[NLE_AGAIN] = EAGAIN,
	[NLE_NOMEM] = ENOMEM,
	[NLE_EXIST] = EEXIST,
	[NLE_INVAL] = EINVAL,
	[NLE_RANGE] = ERANGE,
	[NLE_MSGSIZE] = EMSGSIZE,
	[NLE_OPNOTSUPP] = EOPNOTSUPP,
	[NLE_AF_NOSUPPORT] = EAFNOSUPPORT,
	[NLE_OBJ_NOTFOUND] = ENOENT,
	[NLE_NOATTR] = EPROTO,
	[NLE_MISSING_ATTR] = EPROTO,
	[NLE_AF_MISMATCH] = EAFNOSUPPORT,
	[NLE_SEQ_MISMATCH] = EPROTO,
	[NLE_MSG_OVERFLOW] = EOVERFLOW,
	[NLE_MSG_TRUNC] = EMSGSIZE,
	[NLE_NOADDR] = EADDRNOTAVAIL,
	[NLE_SRCRT_NOSUPPORT] = EOPNOTSUPP,
	[NLE_MSG_TOOSHORT] = EPROTO,
	[NLE_MSGTYPE_NOSUPPORT] = EOPNOTSUPP,
	[NLE_OBJ_MISMATCH] = EINVAL,
	[NLE_NOCACHE] = ENOENT,
	[NLE_BUSY] = EBUSY,
	[NLE_PROTO_MISMATCH] = EPROTONOSUPPORT,
	[NLE_NOACCESS] = EACCES,
	[NLE_PERM] = EPERM,
	[NLE_PKTLOC_FILE] = EIO,
	[NLE_PARSE_ERR] = EPROTO,
	[NLE_NODEV] = ENODEV,
	[NLE_IMMUTABLE] = EROFS,
	[NLE_DUMP_INTR] = EINTR,
	[NLE_ATTRSIZE] = EMSGSIZE,
};

_Static_assert(ARRAY_SIZE(libnl_codes) == NLE_MAX + 1, "a code for each NLE_*");

const char *moeai_strerror(int error)
{
	const char *text;
	int code = error < 0 ? -error : error;

	for (size_t i = 0; i < ARRAY_SIZE(meanings); i++)
		if (meanings[i].code == code)
			return meanings[i].text;
	text = strerrordesc_np(code);
	return text ? text : "unknown error";
}

int error_set(struct error *e, int code, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(e->text, sizeof(e->text), fmt, args);
	va_end(args);
	return code;
}

int error_libnl(struct error *e, int nle, const char *doing)
{
	int code = -nle >= 0 && -nle <= NLE_MAX ? -libnl_codes[-nle] : -EIO;

	return error_set(e, code, "%s: %s", doing, moeai_strerror(code));
}

/* The TLVs after an error's echoed request, or after a dump's code. */
static int refusal_text(struct attr_run tlvs, struct refusal *out)
{
	static const struct attr_rule rules[] = {
		ATTR_RULE(NLMSGERR_ATTR_MSG, ATTR_STRING, false, struct refusal, text),
		ATTR_RULE(NLMSGERR_ATTR_OFFS, ATTR_U32, false, struct refusal, offset),
	};

	return attrs_decode(tlvs, rules, ARRAY_SIZE(rules), out, NULL);
}

int refusal_decode(const struct nlmsghdr *msg, struct refusal *out)
{
	size_t len = msg->nlmsg_len - NLMSG_HDRLEN, skip = sizeof(int);
	const char *payload = NLMSG_DATA(msg);
	const struct nlmsgerr *err = (const void *)payload;

	*out = (struct refusal){ 0 };
	if (msg->nlmsg_type == NLMSG_ERROR) {
		if (len < sizeof(*err))
			return -EPROTO;
		skip = sizeof(*err);
		if (!(msg->nlmsg_flags & NLM_F_CAPPED)) {
			if (err->msg.nlmsg_len < NLMSG_HDRLEN)
				return -EPROTO;
			skip += NLMSG_ALIGN((size_t)err->msg.nlmsg_len) - NLMSG_HDRLEN;
		}
	} else if (len < sizeof(int)) {
		return -EPROTO;
	}
	out->code = (int)get_u32(payload);
	if (out->code > 0 || out->code < -4095)
		return -EPROTO;
	if (!(msg->nlmsg_flags & NLM_F_ACK_TLVS))
		return 0;
	if (skip > len)
		return -EPROTO;
	return refusal_text((struct attr_run){ payload + skip, len - skip }, out);
}

int error_refused(struct error *e, const struct refusal *r, const char *what,
		  const char *attribute, const char *capability)
{
	const char *text = r->text ? r->text : moeai_strerror(r->code);
	size_t len = attribute ? strlen(attribute) : 0;

	/* genl's own: no such family any more; a dump of a module that is going */
	if ((r->code == -ENOENT || r->code == -EPROTONOSUPPORT) && !r->text)
		return error_set(e, -ENODEV, "%s: %s", what, moeai_strerror(-ENODEV));
	if (r->code == -EPERM && !r->text)
		return error_set(e, r->code, "%s needs %s: run as root or with that capability",
				 what, capability);
	/* The kernel's text may name it already. */
	if (attribute && (strncmp(text, attribute, len) || text[len] != ':'))
		return error_set(e, r->code, "%s: %s: %s", what, attribute, text);
	return error_set(e, r->code, "%s: %s", what, text);
}
