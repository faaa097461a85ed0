// SPDX-License-Identifier: GPL-2.0
/* What packets may not make net_guard's detectors believe. check: limit=400 */
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>
#include "guard.h"

#define RULES "table net_guard.rules "

static const char tight[] = "set net_guard.mode=enforce net_guard.syn_rate=1 net_guard.syn_burst=20"
			    " net_guard.udp_rate=1 net_guard.udp_burst=20"
			    " net_guard.icmp_rate=1 net_guard.icmp_burst=20";

/* What was sent before has been looked at, and judged, when this one has its rule. */
static void flush(const char *source)
{
	struct frame f = syn(source, 80);

	frames_send(&f, 100);
	await_rule(source);
}

static int bound(const struct sockaddr *a, socklen_t len)
{
	int fd = socket(a->sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	assert_int_equal(bind(fd, a, len), 0);
	return fd;
}

static bool reach_ourselves(bool v6)
{
	struct sockaddr_in6 six = { .sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT };
	struct sockaddr_in four = { .sin_family = AF_INET,
				    .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct sockaddr *a = v6 ? (struct sockaddr *)&six : (struct sockaddr *)&four;
	socklen_t len = v6 ? sizeof(six) : sizeof(four);
	int fd = bound(a, len);
	struct pollfd p = { .fd = fd, .events = POLLIN };

	assert_int_equal(getsockname(fd, a, &len), 0);
	assert_int_equal(sendto(fd, "x", 1, 0, a, len), 1);
	len = poll(&p, 1, 1000);
	close(fd);
	return len == 1;
}

/* ---- whose addresses they bear ------------------------------------------------------ */

static void ours(void **state)
{
	static const char *const sources[] = { "127.0.0.1", HERE4, "0.0.0.0", "255.255.255.255",
					       "::5", HERE6 };
	struct rule r;

	moectl(tight);
	for (size_t i = 0; i < sizeof(sources) / sizeof(sources[0]); i++) {
		struct frame f = syn(sources[i], 80);

		frames_send(&f, 100);
	}
	flush("10.9.8.1");
	assert_int_equal(rules(), 1);
	assert_false(rule_find("::/64", &r));
	assert_true(reach_ourselves(false));
	assert_true(reach_ourselves(true));
}

static void loopback(void **state)
{
	moectl(RULES "add prefix=0.0.0.0/0 action=drop");
	moectl(RULES "add prefix=::/0 action=drop");
	assert_true(reach_ourselves(false));
	assert_true(reach_ourselves(true));
}

/* One on the link floods: the others are not him. */
static void neighbour(void **state)
{
	struct frame bad = udp("fe80::bad"), router = udp("fe80::1");
	struct moeai_event e;

	moectl(tight);
	assert_in_range(passed(&bad, 100), 20, 40);
	e = event_await("flood");
	assert_string_equal(event_text(&e, "source"), "fe80::bad");
	assert_string_equal(event_text(&e, "action"), "");
	assert_int_equal(passed(&router, 10), 10);
	assert_in_range(passed(&bad, 100), 0, 40);
	flush("10.9.8.2");
	assert_int_equal(rules(), 1);
}

/* ---- what they are for ---------------------------------------------------------------- */

static void to_others(bool told)
{
	struct frame f = syn("10.9.8.3", 443);
	struct moeai_event e;

	moectl("set net_guard.mode=enforce net_guard.scan_forwarded=%d", told);
	for (uint32_t i = 1; i < 120; i++) {
		frame_dest4(&f, 0x0a090300 + i);
		frame_dport(&f, i);
		frames_send(&f, 1);
	}
	f = syn("10.9.8.4", 1);
	for (int port = 1; port < 200; port++) {
		frame_dport(&f, port);
		frames_send(&f, 1);
	}
	e = event_await("scan");
	assert_string_equal(event_text(&e, "source"), told ? "10.9.8.3" : "10.9.8.4");
}

static void forwarded(void **state)
{
	to_others(false);
	moectl(RULES "flush");
	to_others(true);
}

#define SOCKETS 100

static void answers(const char *source, int first)
{
	struct frame f;

	for (int i = 0; i < SOCKETS; i++) {
		frame_make(&f, source, strchr(source, ':') ? HERE6 : HERE4, IPPROTO_UDP, 53,
			   first + i, 0, 20);
		frames_send(&f, 1);
	}
}

/* To ports that a resolver has taken, out of any range; and to where nobody is. */
static void asked_for(void **state)
{
	struct sockaddr_in6 a = { .sin6_family = AF_INET6 };
	int fds[SOCKETS];

	moectl("set net_guard.mode=enforce");
	for (int i = 0; i < SOCKETS; i++) {
		a.sin6_port = htons(2000 + i);
		fds[i] = bound((struct sockaddr *)&a, sizeof(a));
	}
	answers("10.9.8.5", 2000);
	answers("2001:db8:8::5", 2000);
	for (int i = 0; i < SOCKETS; i++)
		close(fds[i]);
	answers("10.9.8.6", 2000);
	await_rule("10.9.8.6");
	assert_int_equal(rules(), 1);
}

/* A server that connects back to its client, as FTP's do. */
static void connects_back(void **state)
{
	struct frame f = syn("10.9.8.7", 1);

	moectl("set net_guard.mode=enforce");
	for (int i = 0; i < SOCKETS; i++) {
		frame_dport(&f, 50000 + i);
		frames_send(&f, 1);
	}
	answers("10.9.8.8", 2000);
	await_rule("10.9.8.8");
	assert_int_equal(rules(), 1);
}

/* ---- what they are of -------------------------------------------------------------------- */

/* Behind the fragment header: @proto, in the part that is not the first. */
static void later_fragment(const char *source, uint8_t proto)
{
	struct frame f;
	uint8_t *ip;

	frame_make(&f, source, HERE6, IPPROTO_UDP, 1, 9, 0, 64);
	ip = FRAME_IP(&f);
	memmove(ip + 48, ip + 40, f.len - 54);
	memset(ip + 40, 0, 8);
	ip[6] = 44;
	ip[5] += 8;
	ip[40] = proto;
	ip[43] = 0x10;
	f.len += 8;
	assert_in_range(passed(&f, 100), 20, 40);
}

static void fragments(void **state)
{
	moectl(tight);
	later_fragment("2001:db8:8:1::1", IPPROTO_UDP);
	assert_string_equal(await_rule("2001:db8:8:1::/64").reason, "udp_flood");
	later_fragment("2001:db8:8:2::1", IPPROTO_ICMPV6);
	assert_string_equal(await_rule("2001:db8:8:2::/64").reason, "icmp_flood");
	later_fragment("2001:db8:8:3::1", IPPROTO_DSTOPTS);
	assert_string_equal(await_rule("2001:db8:8:3::/64").reason, "udp_flood");
}

static struct frame of_link(const char *source, uint8_t type, uint8_t hops)
{
	struct frame f;

	frame_make(&f, source, HERE6, IPPROTO_ICMPV6, 0, 0, 0, 16);
	FRAME_IP(&f)[7] = hops;
	FRAME_IP(&f)[40] = type;
	return f;
}

static void exempt(const char *source, uint8_t type, uint8_t hops, bool yes)
{
	struct frame f = of_link(source, type, hops), last = udp("10.9.0.9");
	uint64_t limited = guard_number("limited") + guard_number("dropped");

	frames_send(&f, 100);
	moectl("set net_guard.udp_rate=0");
	assert_int_equal(passed(&last, 1), 1);
	limited = guard_number("limited") + guard_number("dropped") - limited;
	if (yes ? limited : limited < 60)
		fail_msg("type %d from %s, %d hops: %lu of 100 limited", type, source, hops,
			 (unsigned long)limited);
}

static void exempts(void **state)
{
	moectl(tight);
	exempt("2001:db8:8:10::1", 135, 255, true);
	exempt("fe80::11", 133, 255, true);
	exempt("2001:db8:8:11::1", 135, 64, false);
	exempt("fe80::12", 143, 1, true);
	exempt("fe80::13", 131, 1, true);
	exempt("2001:db8:8:12::1", 143, 1, false);
	exempt("fe80::14", 143, 64, false);
	exempt("2001:db8:8:13::1", 139, 255, false);
}

/* Who blocks all but some: those are still to be found. */
static void discovery_passes(void **state)
{
	struct frame f = of_link("2001:db8:7::2", 135, 255);
	struct frame far = of_link("2001:db8:7::2", 135, 254), last = udp("10.9.8.9");

	moectl(RULES "add prefix=2001:db8:7::/64 action=drop");
	frames_send(&f, 10);
	assert_int_equal(passed(&last, 1), 1);
	assert_int_equal(rule("2001:db8:7::/64").hits, 0);
	frames_send(&far, 10);
	assert_int_equal(passed(&last, 1), 1);
	assert_int_equal(rule("2001:db8:7::/64").hits, 10);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, guard_begin, guard_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(ours),	 CASE(loopback),  CASE(neighbour), CASE(forwarded),
		CASE(asked_for), CASE(connects_back), CASE(fragments), CASE(exempts),
		CASE(discovery_passes),
	};

	return cmocka_run_group_tests(tests, guard_setup, guard_teardown);
}
