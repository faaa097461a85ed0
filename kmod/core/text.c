// SPDX-License-Identifier: GPL-2.0
#include <linux/ctype.h>
#include <linux/kernel.h>
#include "compat.h"
#include "schema.h"
#include "text.h"

void moeai_text_printf(struct moeai_text *t, const char *fmt, ...)
{
	size_t room = t->len < t->size ? t->size - t->len : 0;
	va_list args;

	va_start(args, fmt);
	t->len += vsnprintf(t->buf + t->len, room, fmt, args);
	va_end(args);
}

static void put(struct moeai_text *t, char c)
{
	if (t->len < t->size)
		t->buf[t->len] = c;
	t->len++;
}

void moeai_text_escape(struct moeai_text *t, const char *s, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++) {
		unsigned char c = s[i];

		if (c == '"' || c == '\\') {
			put(t, '\\');
			put(t, c);
		} else if (c == '\n' || c == '\t') {
			put(t, '\\');
			put(t, c == '\n' ? 'n' : 't');
		} else if (c >= 0x20 && c < 0x7f) {
			put(t, c);
		} else {
			moeai_text_printf(t, "\\x%02x", c);
		}
	}
}

static void put_flags(struct moeai_text *t, const struct moeai_field *f, u32 v)
{
	const char *label, *between = "";
	u32 i;

	for (i = 0; i < 32; i++) {
		if (!(v & BIT(i)))
			continue;
		label = moeai_field_label(f, i);
		if (label)
			moeai_text_printf(t, "%s%s", between, label);
		else
			moeai_text_printf(t, "%s%#x", between, (u32)BIT(i));
		between = "|";
	}
	if (!v)
		put(t, '0');
}

static void put_enum(struct moeai_text *t, const struct moeai_field *f, u32 v)
{
	const char *label = moeai_field_label(f, v);

	if (label)
		moeai_text_printf(t, "%s", label);
	else
		moeai_text_printf(t, "%u", v);
}

static void put_number(struct moeai_text *t, const struct moeai_field *f, const void *data, int len)
{
	u64 v = len == 1 ? *(const u8 *)data :
		len == 4 ? get_unaligned((const u32 *)data) : get_unaligned((const u64 *)data);

	if (f->type == MOEAI_TYPE_ENUM)
		put_enum(t, f, v);
	else if (f->type == MOEAI_TYPE_FLAGS)
		put_flags(t, f, v);
	else if (f->type == MOEAI_TYPE_S32)
		moeai_text_printf(t, "%d", (s32)v);
	else if (f->type == MOEAI_TYPE_S64)
		moeai_text_printf(t, "%lld", (s64)v);
	else
		moeai_text_printf(t, f->flags & MOEAI_F_HEX ? "%#llx" : "%llu", v);
}

static void put_bytes(struct moeai_text *t, const u8 *p, int len)
{
	while (len-- > 0)
		moeai_text_printf(t, "%02x", *p++);
}

void moeai_text_payload(struct moeai_text *t, const struct moeai_field *f, const void *data,
			int len, bool plain)
{
	const u8 *p = data;

	if (moeai_type_len(f->type)) {
		if (len == moeai_type_len(f->type))
			put_number(t, f, data, len);
	} else if (f->type == MOEAI_TYPE_STRING) {
		if (!plain)
			put(t, '"');
		moeai_text_escape(t, data, strnlen(data, len));
		if (!plain)
			put(t, '"');
	} else if (f->type == MOEAI_TYPE_PREFIX && len == 5) {
		moeai_text_printf(t, "%pI4/%u", p + 1, p[0]);
	} else if (f->type == MOEAI_TYPE_PREFIX && len == 17) {
		moeai_text_printf(t, "%pI6c/%u", p + 1, p[0]);
	} else {
		put_bytes(t, data, len);
	}
}

void moeai_text_attrs(struct moeai_text *t, const struct moeai_schema *schema,
		      const struct nlattr *head, int len, const char *before, const char *equals)
{
	const struct nlattr *nla;
	int rem;

	nla_for_each_attr(nla, head, len, rem) {
		const struct moeai_field *f = moeai_schema_field(schema, nla_type(nla));

		if (!f)
			continue;
		moeai_text_printf(t, "%s%s%s", before, f->name, equals);
		moeai_text_payload(t, f, nla_data(nla), nla_len(nla), false);
	}
}

size_t moeai_text_end(struct moeai_text *t)
{
	size_t len = min(t->len, t->size - 1);

	t->buf[len] = 0;
	return len;
}
