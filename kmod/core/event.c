// SPDX-License-Identifier: GPL-2.0
#include <linux/genetlink.h>
#include <linux/module.h>
#include <linux/xarray.h>
#include <net/genetlink.h>
#include "event.h"
#include "log.h"
#include "netlink.h"
#include "schema.h"

static DEFINE_XARRAY_ALLOC(types);
static u32 next_id; /* an id is not used again in this epoch: old records keep theirs */

/*
 * A record's head is the same for all events of a type but for SEQ, TIME and
 * PRIORITY, so it is built once. A PAD after SEQ, and NULs after SOURCE, put
 * every u64 of the head, and DATA, at a multiple of 8.
 */
static void build_image(struct moeai_event_type *type)
{
	u8 *p = type->image;
	struct nlmsghdr *nlh = (struct nlmsghdr *)p;
	struct genlmsghdr *genl = (struct genlmsghdr *)(p + NLMSG_HDRLEN);
	size_t source = strcspn(type->name, "."); /* "module" of "module.thing" */
	u16 source_len = ALIGN(source + 1 + 4, 8) - 4;
	static const struct { u16 at, type, len; } head[] = {
		{ 20, MOEAI_A_EVENT_SEQ, 12 },
		{ 32, MOEAI_A_EVENT_PAD, 4 },
		{ 36, MOEAI_A_EVENT_TIME, 12 },
		{ 48, MOEAI_A_EVENT_TYPE, 8 },
		{ 56, MOEAI_A_EVENT_PRIORITY, 8 },
	};
	int i;

	static_assert(NLMSG_HDRLEN + GENL_HDRLEN == 20);
	static_assert(64 + 4 + MOEAI_MAX_NAME_LEN + 4 <= MOEAI_IMAGE_LEN);
	memset(p, 0, MOEAI_IMAGE_LEN);
	nlh->nlmsg_type = moeai_family_id();
	genl->cmd = MOEAI_MSG_EVENT;
	genl->version = MOEAI_NETLINK_VERSION;
	for (i = 0; i < ARRAY_SIZE(head); i++)
		*(struct nlattr *)(p + head[i].at) = (struct nlattr){ head[i].len, head[i].type };
	*(u32 *)(p + MOEAI_RECORD_TYPE) = type->id;
	*(struct nlattr *)(p + 64) = (struct nlattr){ 4 + source_len, MOEAI_A_EVENT_SOURCE };
	memcpy(p + MOEAI_RECORD_SOURCE, type->name, source);
	type->image_len = MOEAI_RECORD_SOURCE + source_len;
}

int moeai_event_type_add(struct moeai_event_type *type)
{
	u32 id = type->id;
	int ret;

	if (id && id < MOEAI_ID_DYNAMIC)
		ret = xa_insert(&types, id, type, GFP_KERNEL);
	else
		ret = xa_alloc_cyclic(&types, &id, type, XA_LIMIT(MOEAI_ID_DYNAMIC, INT_MAX),
				      &next_id, GFP_KERNEL);
	if (ret < 0)
		return ret;
	type->id = id;
	build_image(type);
	return 0;
}

void moeai_event_type_remove(struct moeai_event_type *type)
{
	xa_erase(&types, type->id);
	if (type->id >= MOEAI_ID_DYNAMIC)
		type->id = 0;
	WRITE_ONCE(type->image_len, 0);
}

int moeai_event_types_walk(int (*fn)(const struct moeai_event_type *type, void *arg), void *arg)
{
	struct moeai_event_type *type;
	unsigned long id;
	int ret = 0;

	xa_for_each(&types, id, type) {
		ret = fn(type, arg);
		if (ret)
			break;
	}
	return ret;
}

const struct moeai_event_type *moeai_event_type_find(u32 id)
{
	return xa_load(&types, id);
}

#ifdef DEBUG
const char *moeai_event_wrong(const void *record)
{
	const struct nlattr *data = record + MOEAI_RECORD_SOURCE - NLA_HDRLEN;
	const struct moeai_event_type *type;
	struct nlattr *tb[64];
	const char *wrong = NULL;

	data = (void *)data + NLA_ALIGN(data->nla_len);
	rcu_read_lock();
	type = moeai_event_type_find(*(const u32 *)(record + MOEAI_RECORD_TYPE));
	if (type && type->schema.max < ARRAY_SIZE(tb) &&
	    moeai_schema_parse(&type->schema, nla_data(data), nla_len(data), tb, 0, NULL))
		wrong = type->name;
	rcu_read_unlock();
	return wrong;
}
#endif

int moeai_event_emit(const struct moeai_event_type *type, enum moeai_priority priority,
		     const struct moeai_value *values, unsigned int n)
{
	struct moeai_slot slot;
	int ret;

	ret = moeai_event_reserve(type, priority, moeai_values_len(values, n), &slot);
	if (ret)
		return ret;
	while (n--)
		slot.data = moeai_value_put(slot.data, values++);
	moeai_event_commit(&slot);
	return 0;
}
EXPORT_SYMBOL_GPL(moeai_event_emit);
