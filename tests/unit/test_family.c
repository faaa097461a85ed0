// SPDX-License-Identifier: LGPL-2.1-or-later
#include "wire.h"
#include "family.h"

static void put_group(struct wire *w, uint16_t n, uint32_t id, const char *name)
{
	size_t nest = wire_nest(w, n);

	wire_u32(w, CTRL_ATTR_MCAST_GRP_ID, id);
	wire_string(w, CTRL_ATTR_MCAST_GRP_NAME, name);
	wire_nest_end(w, nest);
}

static const struct nlmsghdr *describe(struct wire *w, uint8_t cmd, const char *name, uint16_t id)
{
	size_t nest;

	wire_begin(w, GENL_ID_CTRL, cmd);
	wire_string(w, CTRL_ATTR_FAMILY_NAME, name);
	wire_attr(w, CTRL_ATTR_FAMILY_ID, &id, sizeof(id));
	wire_u32(w, CTRL_ATTR_VERSION, 1);
	nest = wire_nest(w, CTRL_ATTR_MCAST_GROUPS);
	put_group(w, 1, 9, "status");
	put_group(w, 2, 8, MOEAI_GROUP_EVENTS_NAME);
	wire_nest_end(w, nest);
	return wire_end(w);
}

static void answer(void **state)
{
	struct family family;
	struct wire w;

	assert_int_equal(family_decode(describe(&w, CTRL_CMD_NEWFAMILY, "MOEAI", 0x21), &family),
			 0);
	assert_int_equal(family.id, 0x21);
	assert_int_equal(family.events, 8);
	assert_int_equal(family_decode(describe(&w, CTRL_CMD_NEWFAMILY, "OTHER", 0x21), &family),
			 -EPROTO);
	assert_int_equal(family_decode(describe(&w, CTRL_CMD_NEWFAMILY, "MOEAI", 1), &family),
			 -EPROTO);
}

static void truncated(void **state)
{
	struct family family;
	struct nlmsghdr *msg;
	struct wire w;
	size_t len = describe(&w, CTRL_CMD_NEWFAMILY, "MOEAI", 0x21)->nlmsg_len;

	for (size_t cut = NLMSG_HDRLEN + GENL_HDRLEN; cut < len; cut++) {
		msg = wire_cut(&w, cut);
		if (!family_decode(msg, &family))
			assert_int_equal(family.id, 0x21);
		free(msg);
	}
}

static void changes(void **state)
{
	uint16_t id = 0;
	struct wire w;

	assert_int_equal(family_change(describe(&w, CTRL_CMD_NEWFAMILY, "MOEAI", 0x21), &id),
			 FAMILY_CAME);
	assert_int_equal(id, 0x21);
	assert_int_equal(family_change(describe(&w, CTRL_CMD_DELFAMILY, "MOEAI", 0x22), &id),
			 FAMILY_WENT);
	assert_int_equal(id, 0x22);
	assert_int_equal(family_change(describe(&w, CTRL_CMD_NEWFAMILY, "OTHER", 0x23), &id),
			 FAMILY_OTHER);
	assert_int_equal(family_change(describe(&w, CTRL_CMD_NEWMCAST_GRP, "MOEAI", 0x23), &id),
			 FAMILY_OTHER);
	wire_begin(&w, WIRE_FAMILY, CTRL_CMD_NEWFAMILY);
	assert_int_equal(family_change(wire_end(&w), &id), FAMILY_OTHER);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answer),
		cmocka_unit_test(truncated),
		cmocka_unit_test(changes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
