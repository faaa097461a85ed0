/* SPDX-License-Identifier: GPL-2.0 */
/* One value as a netlink attribute. */
#ifndef MOEAI_VALUE_H
#define MOEAI_VALUE_H

#include <linux/moeai.h>

/* The attribute's nla_len; it takes NLA_ALIGN() of it. */
static inline u32 moeai_value_len(const struct moeai_value *v)
{
	return NLA_HDRLEN + v->len + (v->kind == MOEAI_VALUE_STRING);
}

static inline u32 moeai_values_len(const struct moeai_value *values, unsigned int n)
{
	u32 len = 0;

	while (n--)
		len += NLA_ALIGN(moeai_value_len(values++));
	return len;
}

/* Writes the attribute at @p, a multiple of 4; returns its end. */
static inline void *moeai_value_put(void *p, const struct moeai_value *v)
{
	u32 len = moeai_value_len(v), padded = NLA_ALIGN(len);

	/* The last word first: it zeroes a string's NUL and the padding. */
	*(u32 *)(p + padded - 4) = 0;
	*(struct nlattr *)p = (struct nlattr){ len, v->id };
	memcpy(p + NLA_HDRLEN, v->kind == MOEAI_VALUE_NUMBER ? (const void *)&v->u64 : v->data,
	       v->len);
	return p + padded;
}

#endif
