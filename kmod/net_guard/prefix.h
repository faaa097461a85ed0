/* SPDX-License-Identifier: GPL-2.0 */
/* Prefixes as fields have them, MOEAI_TYPE_PREFIX, and as numbers. */
#ifndef GUARD_PREFIX_H
#define GUARD_PREFIX_H

#include <linux/moeai.h>
#include <linux/moeai_compat.h>
#include "set.h"

#define GUARD_PREFIX_LEN 17

static inline struct guard_addr guard_addr_v4(__be32 a)
{
	return (struct guard_addr){ .hi = (u64)be32_to_cpu(a) << 32 };
}

static inline struct guard_addr guard_addr_v6(const struct in6_addr *a)
{
	return (struct guard_addr){ get_unaligned_be64(&a->s6_addr[0]),
				    get_unaligned_be64(&a->s6_addr[8]) };
}

/* Returns whether it is IPv6. @nla fits its type. */
static inline bool guard_prefix_get(const struct nlattr *nla, struct guard_addr *addr, u8 *len)
{
	const u8 *p = nla_data(nla);
	bool v6 = nla_len(nla) == GUARD_PREFIX_LEN;

	*len = p[0];
	addr->hi = v6 ? get_unaligned_be64(p + 1) : (u64)get_unaligned_be32(p + 1) << 32;
	addr->lo = v6 ? get_unaligned_be64(p + 9) : 0;
	return v6;
}

/* The field's value; its bytes go to @buf. */
static inline struct moeai_value guard_prefix(u16 id, u8 buf[GUARD_PREFIX_LEN], bool v6,
					      struct guard_addr addr, u8 len)
{
	buf[0] = len;
	put_unaligned_be64(addr.hi, buf + 1);
	put_unaligned_be64(addr.lo, buf + 9);
	return moeai_bytes(id, buf, v6 ? GUARD_PREFIX_LEN : 5);
}

#endif /* GUARD_PREFIX_H */
