// SPDX-License-Identifier: LGPL-2.1-or-later
#include "attr.h"

typedef int (*take_fn)(const struct attr *a, void *member, size_t size);

static int take_fixed(const struct attr *a, void *member, size_t size)
{
	if (a->len != size)
		return -EPROTO;
	memcpy(member, a->data, size);
	return 0;
}

static int take_bool(const struct attr *a, void *member, size_t size)
{
	if (a->len != 1)
		return -EPROTO;
	*(bool *)member = *(const unsigned char *)a->data != 0;
	return 0;
}

static int take_string(const struct attr *a, void *member, size_t size)
{
	if (!memchr(a->data, 0, a->len))
		return -EPROTO;
	memcpy(member, &a->data, sizeof(a->data));
	return 0;
}

static int take_text(const struct attr *a, void *member, size_t size)
{
	size_t len = strnlen(a->data, a->len);

	if (len == a->len)
		return -EPROTO;
	if (len >= size)
		len = size - 1;
	memcpy(member, a->data, len);
	memset((char *)member + len, 0, size - len);
	return 0;
}

static int take_run(const struct attr *a, void *member, size_t size)
{
	struct attr_run run = { a->data, a->len };

	memcpy(member, &run, sizeof(run));
	return 0;
}

static const take_fn take[] = {
	[ATTR_BOOL] = take_bool,  [ATTR_U16] = take_fixed,     [ATTR_U32] = take_fixed,
	[ATTR_U64] = take_fixed,  [ATTR_STRING] = take_string, [ATTR_TEXT] = take_text,
	[ATTR_RUN] = take_run,
};

_Static_assert(ARRAY_SIZE(take) == ATTR_RUN + 1, "a function for each kind");

static const struct attr_rule *rule_find(const struct attr_rule *rules, size_t n, uint16_t id)
{
	for (size_t i = 0; i < n; i++)
		if (rules[i].id == id)
			return &rules[i];
	return NULL;
}

int attrs_decode(struct attr_run run, const struct attr_rule *rules, size_t n, void *out,
		 uint64_t *seen)
{
	const struct attr_rule *rule;
	uint64_t found = 0;
	size_t pos = 0;
	struct attr a;
	int more;

	while ((more = attr_next(run.data, run.len, &pos, &a)) > 0) {
		rule = rule_find(rules, n, a.type);
		if (!rule)
			continue;
		if (take[rule->kind](&a, (char *)out + rule->offset, rule->size))
			return -EPROTO;
		found |= 1ULL << (rule - rules);
	}
	for (size_t i = 0; i < n; i++)
		if (rules[i].required && !(found >> i & 1))
			return -EPROTO;
	if (seen)
		*seen = found;
	return more;
}
