// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
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
	{ EACCES, "not permitted: run as root, or as a member of group moeai" },
	{ ETIMEDOUT, "no answer in time" },
	{ EPROTO, "the kernel's answer makes no sense: do module and library belong together?" },
	{ ESTALE, "the module was loaded anew since: its events are numbered from 1 again" },
	{ ENODATA, "there are no more events" },
	{ EINTR, "interrupted" },
	{ ENOBUFS, "the receive buffer overran" },
};

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
