// SPDX-License-Identifier: GPL-2.0
#define pr_fmt(fmt) "moeai: " fmt
#include <linux/netlink.h>
#include "compat.h"
#include "intern.h"
#include "schema.h"

static const struct {
	u8 len; /* 0: varies */
	bool is_signed;
	bool has_labels;
} types[] = {
	[MOEAI_TYPE_BOOL]   = { 1 },
	[MOEAI_TYPE_U32]    = { 4 },
	[MOEAI_TYPE_S32]    = { 4, true },
	[MOEAI_TYPE_U64]    = { 8 },
	[MOEAI_TYPE_S64]    = { 8, true },
	[MOEAI_TYPE_STRING] = { 0 },
	[MOEAI_TYPE_BINARY] = { 0 },
	[MOEAI_TYPE_PREFIX] = { 0 },
	[MOEAI_TYPE_ENUM]   = { 4, false, true },
	[MOEAI_TYPE_FLAGS]  = { 4, false, true },
};

static_assert(ARRAY_SIZE(types) == MOEAI_TYPE_MAX + 1);

unsigned int moeai_type_len(u8 type)
{
	return types[type].len;
}

bool moeai_type_signed(u8 type)
{
	return types[type].is_signed;
}

const struct moeai_field *moeai_schema_field(const struct moeai_schema *schema, unsigned int id)
{
	if (!id || id > schema->max || !schema->fields[id].name)
		return NULL;
	return &schema->fields[id];
}

const struct moeai_field *moeai_schema_find(const struct moeai_schema *schema, const char *name,
					    size_t len, u16 *id)
{
	unsigned int i;

	for (i = 1; i <= schema->max; i++) {
		const char *n = schema->fields[i].name;

		if (n && strlen(n) == len && !memcmp(n, name, len)) {
			*id = i;
			return &schema->fields[i];
		}
	}
	return NULL;
}

u32 moeai_field_labels(const struct moeai_field *field)
{
	u32 n = 0;

	while (field->labels && field->labels[n])
		n++;
	return n;
}

bool moeai_name_valid(const char *name)
{
	size_t i;

	if (!name || name[0] < 'a' || name[0] > 'z')
		return false;
	for (i = 0; name[i]; i++)
		if (!moeai_name_char(name[i]))
			return false;
	return i < MOEAI_MAX_NAME_LEN;
}

/* Of all, joined. */
static size_t labels_len(const struct moeai_field *f)
{
	u32 i, n = moeai_field_labels(f);
	size_t len = 0;

	for (i = 0; i < n; i++)
		len += strlen(f->labels[i]) + 1;
	return len;
}

/* They go out joined by '|'; flags come back joined by '|' or ','. */
static bool labels_valid(const struct moeai_field *f)
{
	u32 i, n = moeai_field_labels(f);

	for (i = 0; i < n; i++)
		if (!*f->labels[i] || strpbrk(f->labels[i], "|, \t\n"))
			return false;
	return true;
}

static const char *field_wrong(const struct moeai_field *f)
{
	if (!moeai_name_valid(f->name))
		return "bad name";
	if (f->type == MOEAI_TYPE_UNSPEC || f->type > MOEAI_TYPE_MAX)
		return "bad type";
	if (f->unit > MOEAI_UNIT_MAX)
		return "bad unit";
	if (f->min > f->max)
		return "empty range";
	if (types[f->type].has_labels != !!f->labels)
		return f->labels ? "labels on a type that has none" : "no labels";
	if (f->type == MOEAI_TYPE_FLAGS && moeai_field_labels(f) > 32)
		return "more than 32 flags";
	if (!labels_valid(f))
		return "bad label";
	if (labels_len(f) > MOEAI_LABELS_LEN)
		return "too long labels";
	return NULL;
}

int moeai_schema_check(const struct moeai_schema *schema, const char *owner)
{
	unsigned int i;

	if (schema->max && !schema->fields)
		return -EINVAL;
	for (i = 1; i <= schema->max; i++) {
		const struct moeai_field *f = &schema->fields[i];
		const char *wrong = f->name ? field_wrong(f) : NULL;
		u16 first;

		if (f->name && !wrong) {
			moeai_schema_find(schema, f->name, strlen(f->name), &first);
			wrong = first == i ? NULL : "stands twice";
		}
		if (wrong) {
			pr_err("%s: field %u \"%s\": %s\n", owner, i, f->name, wrong);
			return -EINVAL;
		}
	}
	return 0;
}

static bool has_range(const struct moeai_field *f)
{
	return f->min || f->max;
}

bool moeai_field_in_range(const struct moeai_field *f, s64 v)
{
	switch (f->type) {
	case MOEAI_TYPE_BOOL:
		return v == 0 || v == 1;
	case MOEAI_TYPE_ENUM:
		return v >= 0 && v < moeai_field_labels(f);
	case MOEAI_TYPE_FLAGS:
		return v >= 0 && !(v >> moeai_field_labels(f));
	case MOEAI_TYPE_U32:
		if (v < 0 || v > U32_MAX)
			return false;
		break;
	case MOEAI_TYPE_S32:
		if (v < S32_MIN || v > S32_MAX)
			return false;
		break;
	case MOEAI_TYPE_U64:
		if (v < 0) /* above S64_MAX: past any range that can be said */
			return !has_range(f);
		break;
	}
	return !has_range(f) || (v >= f->min && v <= f->max);
}

static s64 number(const struct moeai_field *f, const void *data)
{
	switch (types[f->type].len) {
	case 1:
		return *(const u8 *)data;
	case 4:
		return types[f->type].is_signed ? *(const s32 *)data : (s64)*(const u32 *)data;
	default:
		return get_unaligned((const s64 *)data);
	}
}

static bool prefix_fits(const u8 *p, int len)
{
	return (len == 5 && p[0] <= 32) || (len == 17 && p[0] <= 128);
}

/* Returns NULL or what is wrong; *err is then -EINVAL or -ERANGE. */
static const char *payload_wrong(const struct moeai_field *f, const void *data, int len, int *err)
{
	*err = -EINVAL;
	if (types[f->type].len) {
		if (len != types[f->type].len)
			return "wrong length for its type";
		*err = -ERANGE;
		return moeai_field_in_range(f, number(f, data)) ? NULL : "out of range";
	}
	if (f->type == MOEAI_TYPE_PREFIX)
		return prefix_fits(data, len) ? NULL : "not an IPv4 or IPv6 prefix";
	if (f->type == MOEAI_TYPE_STRING) {
		if (!len || strnlen(data, len) != len - 1)
			return "not a string: one NUL, at the end";
		len--;
	}
	*err = -ERANGE;
	if (has_range(f) && (len < f->min || len > f->max))
		return len < f->min ? "too short" : "too long";
	return NULL;
}

static int refuse(const struct nlattr *nla, const struct moeai_field *f, const char *wrong,
		  int err, struct netlink_ext_ack *extack)
{
	const char *text;

	if (!extack)
		return err;
	text = err == -ERANGE && types[f->type].len && has_range(f) ?
		       moeai_intern("%s: out of range %lld to %lld", f->name, f->min, f->max) :
		       moeai_intern("%s: %s", f->name, wrong);
	extack->_msg = text;
	extack->bad_attr = nla;
	return err;
}

static int parse_one(const struct moeai_schema *schema, struct nlattr *nla, struct nlattr **tb,
		     struct netlink_ext_ack *extack)
{
	const struct moeai_field *f = moeai_schema_field(schema, nla->nla_type);
	const char *wrong;
	int err;

	if (!f) {
		NL_SET_ERR_MSG_ATTR(extack, nla, "no such field");
		return -EINVAL;
	}
	if (tb[nla->nla_type])
		return refuse(nla, f, "given twice", -EINVAL, extack);
	wrong = payload_wrong(f, nla_data(nla), nla_len(nla), &err);
	if (wrong)
		return refuse(nla, f, wrong, err, extack);
	tb[nla->nla_type] = nla;
	return 0;
}

int moeai_schema_parse(const struct moeai_schema *schema, const struct nlattr *head, int len,
		       struct nlattr **tb, u16 needed, struct netlink_ext_ack *extack)
{
	const struct nlattr *nla;
	unsigned int i;
	int rem, ret;

	memset(tb, 0, (schema->max + 1) * sizeof(*tb));
	nla_for_each_attr(nla, head, len, rem) {
		ret = parse_one(schema, (struct nlattr *)nla, tb, extack);
		if (ret)
			return ret;
	}
	if (rem > 0) { /* less: the last one was not padded */
		NL_SET_ERR_MSG_ATTR(extack, nla, "bytes that are no attribute");
		return -EINVAL;
	}
	for (i = 1; i <= schema->max; i++) {
		const struct moeai_field *f = &schema->fields[i];

		if ((f->flags & needed) && f->name && !tb[i])
			return refuse(NULL, f, "missing", -EINVAL, extack);
	}
	return 0;
}
