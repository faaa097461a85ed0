/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What went wrong, in words: kept by handles and monitors. */
#ifndef MOEAI_ERROR_H
#define MOEAI_ERROR_H

#include <stdbool.h>
#include <stdint.h>
#include <linux/netlink.h>

struct error {
	char text[512];
};

/* Set the text and return code, so that callers can "return error_set(…)". */
__attribute__((format(printf, 3, 4))) int error_set(struct error *e, int code, const char *fmt,
						    ...);

/* A refusal (NLMSG_ERROR) or a dump's end (NLMSG_DONE), taken apart. */
struct refusal {
	int code;	  /* 0 or -errno */
	const char *text; /* the kernel's, or NULL; into the message */
	uint32_t offset;  /* of the attribute at fault in the request; 0: none */
};

/* Pure. Returns 0 or -EPROTO. */
int refusal_decode(const struct nlmsghdr *msg, struct refusal *out);

/*
 * Put a refusal into words and return its code. what: what was asked for.
 * attribute: the name of the one at fault, or NULL. capability: what -EPERM
 * without a text means.
 */
int error_refused(struct error *e, const struct refusal *r, const char *what,
		  const char *attribute, const char *capability);

#define NEEDS_ADMIN "CAP_NET_ADMIN"
#define NEEDS_READ  "CAP_SYS_ADMIN"

#endif /* MOEAI_ERROR_H */
