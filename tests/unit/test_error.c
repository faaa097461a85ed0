// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include "wire.h"
#include "error.h"
#include "transport.h"
#include <moeai/moeai.h>

static const struct nlmsghdr request = { .nlmsg_len = 40, .nlmsg_seq = 7 };

static void begin(struct wire *w, uint16_t type, uint16_t flags, int code)
{
	const struct nlmsghdr head = { .nlmsg_type = type, .nlmsg_flags = flags };

	w->len = 0;
	wire_bytes(w, &head, sizeof(head));
	wire_bytes(w, &code, sizeof(code));
}

static void put_text(struct wire *w)
{
	wire_string(w, NLMSGERR_ATTR_MSG, "too much");
	wire_u32(w, NLMSGERR_ATTR_OFFS, 28);
}

static void check_text(struct wire *w, int code)
{
	struct refusal r;

	assert_int_equal(refusal_decode(wire_end(w), &r), 0);
	assert_int_equal(r.code, code);
	assert_string_equal(r.text, "too much");
	assert_int_equal(r.offset, 28);
}

static void capped(void **state)
{
	struct wire w;

	begin(&w, NLMSG_ERROR, NLM_F_CAPPED | NLM_F_ACK_TLVS, -EINVAL);
	wire_bytes(&w, &request, sizeof(request));
	put_text(&w);
	check_text(&w, -EINVAL);
}

/* The request stands before the text. */
static void whole_request(void **state)
{
	static const char rest[40 - NLMSG_HDRLEN];
	struct wire w;

	begin(&w, NLMSG_ERROR, NLM_F_ACK_TLVS, -ERANGE);
	wire_bytes(&w, &request, sizeof(request));
	wire_bytes(&w, rest, sizeof(rest));
	put_text(&w);
	check_text(&w, -ERANGE);
}

static void end_of_dump(void **state)
{
	struct wire w;
	struct refusal r;

	begin(&w, NLMSG_DONE, NLM_F_ACK_TLVS, -ESTALE);
	put_text(&w);
	check_text(&w, -ESTALE);
	begin(&w, NLMSG_DONE, 0, 0);
	assert_int_equal(refusal_decode(wire_end(&w), &r), 0);
	assert_true(r.code == 0 && !r.text && !r.offset);
}

static void malformed(void **state)
{
	struct nlmsghdr *msg;
	struct refusal r;
	struct wire w;
	size_t len;

	begin(&w, NLMSG_ERROR, NLM_F_CAPPED | NLM_F_ACK_TLVS, -EINVAL);
	wire_bytes(&w, &request, sizeof(request));
	len = w.len;
	put_text(&w);
	for (size_t cut = NLMSG_HDRLEN; cut < w.len; cut++) {
		msg = wire_cut(&w, cut);
		/* Whole at the attributes' ends only, and where padding is missing. */
		assert_int_equal(refusal_decode(msg, &r),
				 cut == len || (cut >= len + 13 && cut <= len + 16) ? 0 : -EPROTO);
		free(msg);
	}
	begin(&w, NLMSG_ERROR, NLM_F_CAPPED, 1); /* no negative errno */
	wire_bytes(&w, &request, sizeof(request));
	assert_int_equal(refusal_decode(wire_end(&w), &r), -EPROTO);
	begin(&w, NLMSG_ERROR, NLM_F_ACK_TLVS, -EINVAL); /* a request longer than the answer */
	wire_bytes(&w, &request, sizeof(request));
	assert_int_equal(refusal_decode(wire_end(&w), &r), -EPROTO);
}

static void check_words(struct refusal r, const char *attribute, int code, const char *text)
{
	struct error e;

	assert_int_equal(error_refused(&e, &r, "core.ping", attribute, NEEDS_ADMIN), code);
	assert_string_equal(e.text, text);
}

static void in_words(void **state)
{
	struct error e;
	struct refusal r = { -ENOENT, NULL, 0 };

	check_words((struct refusal){ -EBUSY, "too many calls", 0 }, NULL, -EBUSY,
		    "core.ping: too many calls");
	check_words((struct refusal){ -ERANGE, "too long", 20 }, "delay", -ERANGE,
		    "core.ping: delay: too long");
	check_words((struct refusal){ -ERANGE, "delay: too long", 20 }, "delay", -ERANGE,
		    "core.ping: delay: too long");
	check_words((struct refusal){ -EPERM, NULL, 0 }, NULL, -EPERM,
		    "core.ping needs CAP_NET_ADMIN: run as root or with that capability");
	check_words((struct refusal){ -EPERM, "not yours", 0 }, NULL, -EPERM,
		    "core.ping: not yours");
	check_words((struct refusal){ -ENOENT, "no such thing", 0 }, NULL, -ENOENT,
		    "core.ping: no such thing");
	/* Without a text it is genl that knows no such family. */
	assert_int_equal(error_refused(&e, &r, "core.ping", NULL, NEEDS_ADMIN), -ENODEV);
	assert_non_null(strstr(e.text, "modprobe moeai"));
}

static void texts(void **state)
{
	assert_non_null(strstr(moeai_strerror(-ENODEV), "modprobe moeai"));
	assert_string_equal(moeai_strerror(-ENOMEM), moeai_strerror(ENOMEM));
	assert_non_null(moeai_strerror(-123456));
}

static void messages(void **state)
{
	const struct nlmsghdr *msg;
	struct wire w;
	size_t pos = 0, len;

	wire_begin(&w, WIRE_FAMILY, 5);
	wire_u32(&w, 1, 2);
	len = wire_end(&w)->nlmsg_len;
	wire_bytes(&w, w.data, len); /* a second one, back to back */
	assert_int_equal(message_next(w.data, w.len, &pos, &msg), 1);
	assert_int_equal(message_command(msg), 5);
	assert_int_equal(message_attrs(msg).len, 8);
	assert_int_equal(message_next(w.data, w.len, &pos, &msg), 1);
	assert_int_equal(message_next(w.data, w.len, &pos, &msg), 0);

	for (size_t cut = len + 1; cut < w.len; cut++) {
		pos = len;
		assert_int_equal(message_next(w.data, cut, &pos, &msg), -EPROTO);
	}
	memset(w.data, 0, 4); /* a length of 0 must not go round for ever */
	pos = 0;
	assert_int_equal(message_next(w.data, w.len, &pos, &msg), -EPROTO);
	wire_begin(&w, WIRE_FAMILY, 5);
	w.len -= GENL_HDRLEN;
	assert_int_equal(message_command(wire_end(&w)), -EPROTO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(capped),      cmocka_unit_test(whole_request),
		cmocka_unit_test(end_of_dump), cmocka_unit_test(malformed),
		cmocka_unit_test(in_words),    cmocka_unit_test(texts),
		cmocka_unit_test(messages),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
