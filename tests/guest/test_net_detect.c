// SPDX-License-Identifier: GPL-2.0
/* net_guard's detectors: floods, scans, and made-up sources. check: limit=400 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <unistd.h>
#include "guard.h"

#define RULES "table net_guard.rules "

/* ---- floods -------------------------------------------------------------------------- */

/* A limit of one a minute or so: the burst is all that passes while a test runs. */
static void flood_of(struct frame f, const char *limit, const char *reason, const char *source)
{
	struct moeai_event e;
	struct rule r;
	uint64_t n;

	moectl("set net_guard.%s_rate=1 net_guard.%s_burst=30 net_guard.mode=enforce", limit,
	       limit);
	n = passed(&f, 25);
	assert_int_equal(n, 25);
	assert_int_equal(rules(), 0);
	n = passed(&f, 100);
	assert_true(n >= 5 && n <= 15);
	e = event_await(strstr(reason, "scan") ? "scan" : "flood");
	assert_string_equal(event_text(&e, "source"), source);
	assert_string_equal(event_text(&e, "kind"), reason);
	assert_string_equal(event_text(&e, "action"), "drop");
	assert_int_equal(event_number(&e, "offences"), 1);
	r = await_rule(source);
	assert_int_equal(r.action, MOEAI_GUARD_DROP);
	assert_string_equal(r.reason, reason);
	assert_string_equal(r.comm, "net_guard");
	assert_true(r.expires > 0);
	assert_int_equal(passed(&f, 50), 0);
	assert_true(rule(source).hits >= 50);
}

static void syn_flood(void **state)
{
	flood_of(syn("10.9.1.1", 80), "syn", "syn_flood", "10.9.1.1");
}

static void udp_flood(void **state)
{
	flood_of(udp("10.9.1.2"), "udp", "udp_flood", "10.9.1.2");
}

static void icmp_flood(void **state)
{
	struct frame f;

	frame_make(&f, "10.9.1.3", HERE4, IPPROTO_ICMP, 0, 0, 0, 56);
	flood_of(f, "icmp", "icmp_flood", "10.9.1.3");
}

static void icmp6_flood(void **state)
{
	struct frame f;

	frame_make(&f, "2001:db8:1:1::9", HERE6, IPPROTO_ICMPV6, 0, 0, 0, 56);
	flood_of(f, "icmp", "icmp_flood", "2001:db8:1:1::/64");
}

/* Its header ends in pages of its own. */
static void large_syn(void **state)
{
	struct frame f;

	assert_int_equal(sh("ip link set in0 mtu 9000 && ip -n out link set out0 mtu 9000"), 0);
	frame_make(&f, "10.9.1.4", HERE4, IPPROTO_TCP, 1, 80, TCP_SYN, 8000);
	flood_of(f, "syn", "syn_flood", "10.9.1.4");
}

/* Answers and what belongs to a connection are no flood. */
static void answers_pass(void **state)
{
	struct frame f;

	moectl("set net_guard.syn_rate=1 net_guard.syn_burst=10 net_guard.mode=enforce"
	       " net_guard.scan_ports=10");
	for (int port = 0; port < 300; port++) {
		frame_make(&f, "10.9.1.5", HERE4, IPPROTO_TCP, 80, 33000 + port,
			   port % 2 ? TCP_SYN | TCP_ACK : TCP_ACK, 0);
		frames_send(&f, 1);
		frame_make(&f, "10.9.1.5", HERE4, IPPROTO_UDP, 53, 33000 + port, 0, 20);
		frames_send(&f, 1);
	}
	assert_int_equal(passed(&f, 10), 10);
	assert_int_equal(rules(), 0);
}

static void shadow_lets_pass(void **state)
{
	struct frame f = syn("10.9.1.6", 80);
	struct moeai_event e;

	moectl("set net_guard.syn_rate=1 net_guard.syn_burst=30 net_guard.mode=shadow");
	assert_int_equal(passed(&f, 200), 200);
	e = event_await("flood");
	assert_string_equal(event_text(&e, "action"), "shadow");
	assert_int_equal(await_rule("10.9.1.6").action, MOEAI_GUARD_SHADOW);
	assert_int_equal(passed(&f, 50), 50);
	assert_true(rule("10.9.1.6").hits >= 50);
	/* In earnest, the same source gets a rule in earnest. */
	moectl("set net_guard.mode=enforce net_guard.interval=1s");
	do {
		passed(&f, 50);
		usleep(300000);
	} while (rule("10.9.1.6").action != MOEAI_GUARD_DROP);
	assert_int_equal(passed(&f, 50), 0);
	/* Back again, it drops no more at once; and what is off leaves nothing behind. */
	moectl("set net_guard.mode=shadow");
	assert_int_equal(rule("10.9.1.6").action, MOEAI_GUARD_SHADOW);
	assert_true(rule("10.9.1.6").hits >= 50);
	assert_int_equal(passed(&f, 50), 50);
	moectl("set net_guard.mode=off");
	assert_int_equal(rules(), 0);
}

/* Each offence doubles the block; a person's rule is not touched. */
static void comes_again(void **state)
{
	struct frame f = syn("10.9.1.7", 80);
	uint64_t expires[2];

	moectl("set net_guard.syn_rate=1 net_guard.syn_burst=5 net_guard.interval=1s"
	       " net_guard.mode=enforce net_guard.block_time=1h");
	for (int i = 0; i < 2; i++) {
		struct moeai_event e;

		frames_send(&f, 30);
		expires[i] = await_rule("10.9.1.7").expires;
		e = event_await("flood");
		assert_int_equal(event_number(&e, "offences"), i + 1);
		moectl(RULES "delete prefix=10.9.1.7");
		usleep(1500000); /* the source's next event is due */
	}
	assert_true(expires[1] - expires[0] > 3500ULL * 1000000000);
	assert_true(expires[1] - expires[0] < 3700ULL * 1000000000);
	moectl(RULES "add prefix=10.9.1.7 action=shadow reason=mine");
	frames_send(&f, 30);
	event_await("flood");
	assert_string_equal(rule("10.9.1.7").reason, "mine");
	assert_int_equal(sh("moectl table net_guard.offenders | grep -q '^10\\.9\\.1\\.7'"), 0);
	/* What a person adds takes the place of what a detector made; allowed is allowed. */
	moectl(RULES "delete prefix=10.9.1.7");
	usleep(1500000);
	frames_send(&f, 30);
	await_rule("10.9.1.7");
	moectl(RULES "add prefix=10.9.1.7 action=allow");
	assert_int_equal(passed(&f, 100), 100);
}

/* A rollback takes a person's change back, and not what a detector did meanwhile. */
static void during_confirmation(void **state)
{
	struct frame f = syn("10.9.1.8", 80);
	struct rule r;

	moectl("set net_guard.syn_rate=1 net_guard.syn_burst=5 net_guard.mode=enforce");
	moectl(RULES "add prefix=10.9.9.9 action=drop --confirm 60");
	frames_send(&f, 30);
	await_rule("10.9.1.8");
	moectl(RULES "rollback");
	assert_false(rule_find("10.9.9.9", &r));
	assert_int_equal(rule("10.9.1.8").source, MOEAI_GUARD_AUTO);
	assert_int_equal(passed(&f, 30), 0);
}

/* ---- scans -------------------------------------------------------------------------------- */

static void scan_ports(struct frame f, int n, int step)
{
	for (int i = 0; i < n; i++) {
		frame_dport(&f, 1 + i * step);
		frames_send(&f, 1);
	}
}

static void port_scans(void **state)
{
	static const uint8_t flags[] = { TCP_SYN, TCP_FIN, 0, TCP_FIN | TCP_PSH | TCP_URG };
	struct moeai_event e;
	struct frame f;
	char source[16];

	moectl("set net_guard.mode=enforce");
	for (int i = 0; i < 5; i++) {
		snprintf(source, sizeof(source), "10.9.2.%d", i + 1);
		frame_make(&f, source, HERE4, i == 4 ? IPPROTO_UDP : IPPROTO_TCP, 40000, 1,
			   flags[i % 4], 0);
		scan_ports(f, 20, 7);
		assert_int_equal(rules(), i);
		scan_ports(f, 200, 13);
		e = event_await("scan");
		assert_string_equal(event_text(&e, "source"), source);
		assert_string_equal(event_text(&e, "kind"), "port_scan");
		assert_true(event_number(&e, "distinct") >= 30);
		assert_string_equal(await_rule(source).reason, "port_scan");
	}
	frame_make(&f, "2001:db8:2::1", HERE6, IPPROTO_TCP, 40000, 1, TCP_SYN, 0);
	scan_ports(f, 100, 3);
	e = event_await("scan");
	assert_string_equal(event_text(&e, "source"), "2001:db8:2::/64");
}

static void host_scan(void **state)
{
	struct frame f = syn("10.9.2.9", 22);
	struct moeai_event e;

	moectl("set net_guard.mode=enforce net_guard.scan_forwarded=1");
	for (uint32_t i = 1; i < 120; i++) {
		frame_dest4(&f, 0x0a090300 + i);
		frames_send(&f, 1);
	}
	e = event_await("scan");
	assert_string_equal(event_text(&e, "kind"), "host_scan");
	assert_string_equal(event_text(&e, "source"), "10.9.2.9");
	await_rule("10.9.2.9");
}

/* Somebody else's scanner is noticed as well, and stopped. */
static void nmap(void **state)
{
	struct moeai_event e;

	moectl("set net_guard.mode=enforce");
	assert_int_equal(sh("ip netns exec out timeout 60 nmap -n -Pn -sS -T4 --max-retries 0"
			    " -p 1-300 " HERE4 " >/dev/null 2>&1; true"), 0);
	e = event_await("scan");
	assert_string_equal(event_text(&e, "source"), "10.9.0.2");
	assert_string_equal(await_rule("10.9.0.2").reason, "port_scan");
}

/* ---- packets as they should not be ---------------------------------------------------------- */

static void odd_packets(void **state)
{
	struct frame f;
	uint8_t *ip;

	moectl("set net_guard.mode=enforce net_guard.syn_rate=1 net_guard.syn_burst=20"
	       " net_guard.udp_rate=1 net_guard.udp_burst=20");
	/* A TCP header that ends before its flags is taken for an attempt. */
	frame_make(&f, "10.9.4.1", HERE4, IPPROTO_TCP, 1, 80, TCP_SYN, 0);
	f.len = 14 + 20 + 8;
	FRAME_IP(&f)[3] = 28;
	FRAME_IP(&f)[6] = 0x20; /* more fragments */
	frame_fix4(&f);
	assert_true(passed(&f, 100) <= 30);
	assert_string_equal(await_rule("10.9.4.1").reason, "syn_flood");
	/* Fragments without a header count as what they are of. */
	f = udp("10.9.4.2");
	FRAME_IP(&f)[6] = 0x20;
	FRAME_IP(&f)[7] = 0x10;
	frame_fix4(&f);
	assert_true(passed(&f, 100) <= 30);
	assert_string_equal(await_rule("10.9.4.2").reason, "udp_flood");
	/* Nothing behind the header. */
	frame_make(&f, "10.9.4.3", HERE4, IPPROTO_UDP, 1, 9, 0, 0);
	f.len = 14 + 20;
	FRAME_IP(&f)[3] = 20;
	frame_fix4(&f);
	assert_true(passed(&f, 100) <= 30);
	/* Extension headers: hop by hop, destination options, then UDP. */
	frame_make(&f, "2001:db8:4::1", HERE6, IPPROTO_UDP, 1, 9, 0, 64);
	ip = FRAME_IP(&f);
	memmove(ip + 56, ip + 40, 64);
	ip[6] = 0;
	memset(ip + 40, 0, 16);
	ip[40] = 60, ip[42] = 1, ip[43] = 4; /* PadN of 4 bytes */
	ip[48] = IPPROTO_UDP, ip[50] = 1, ip[51] = 4;
	assert_true(passed(&f, 100) <= 30);
	assert_string_equal(await_rule("2001:db8:4::/64").reason, "udp_flood");
	/* A chain that does not end: of no interest, and no harm. */
	memset(ip + 40, 0, f.len - 54);
	ip[6] = 60;
	passed(&f, 100);
	moectl(RULES "add prefix=2001:db8:4:4::/64 action=drop");
	frame_make(&f, "2001:db8:4:4::1", HERE6, IPPROTO_UDP, 1, 9, 0, 64);
	FRAME_IP(&f)[6] = 44; /* a fragment header, of which the rest is payload */
	assert_int_equal(passed(&f, 10), 0);
}

/* ---- made-up sources -------------------------------------------------------------------------- */

static uint64_t came_past(const char *name)
{
	uint64_t packets, bytes;

	counter_read(name, &packets, &bytes);
	return packets;
}

/*
 * 64 places, thousands of sources, and no rules: the attacker among them is limited,
 * an innocent one gets through, and the table is as large as it was.
 */
static void spoofed(void **state)
{
	struct frame flood = syn("10.0.0.0", 80), attacker = syn("10.9.5.1", 80),
		     innocent = syn("10.9.5.2", 80);
	uint64_t evicted;

	assert_int_equal(moeai_module_stop(guard, "net_guard"), 0);
	moectl("set net_guard.sources=64 net_guard.syn_rate=1 net_guard.syn_burst=20"
	       " net_guard.auto_rules=0 net_guard.scan_hosts=128 net_guard.mode=enforce");
	assert_int_equal(moeai_module_start(guard, "net_guard"), 0);
	assert_int_equal(sh("nft 'add rule inet seen after ip saddr 10.9.5.1 counter comment attacker;"
			    " add rule inet seen after ip saddr 10.9.5.2 counter comment innocent'"), 0);
	evicted = guard_number("evicted");
	counts_zero();
	for (uint32_t i = 0; i < 6000; i++) {
		frame_source4(&flood, 0x14000000 + i * 7919);
		frames_send(&flood, 1);
		if (i % 4 == 0)
			frames_send(&attacker, 1);
		if (i % 600 == 0)
			frames_send(&innocent, 1);
	}
	counts_wait(6000 + 1500 + 10);
	assert_int_equal(came_past("innocent"), 10);
	/* The burst, and one a second. */
	assert_true(came_past("attacker") < 100);
	assert_true(guard_number("evicted") - evicted > 5000);
	assert_true(guard_number("tracked") <= 64);
	assert_int_equal(rules(), 0);
	assert_int_equal(moeai_module_stop(guard, "net_guard"), 0);
	moectl("set net_guard.sources=16384");
	assert_int_equal(moeai_module_start(guard, "net_guard"), 0);
}

/* ---- why -------------------------------------------------------------------------------------- */

static struct moeai_values explain(const char *address, struct moeai_reply **reply)
{
	const struct moeai_arg arg = MOEAI_TEXT("address", address);

	assert_int_equal(moeai_call(guard, "net_guard.explain", &arg, 1, PATIENCE, reply), 0);
	return moeai_reply_values(*reply);
}

/* "": it is absent. */
static void is(const struct moeai_values *values, const char *field, const char *wanted)
{
	struct moeai_value v;
	char text[64] = "";

	if (!moeai_values_get(values, field, &v))
		moeai_value_text(&v, text, sizeof(text));
	assert_string_equal(text, wanted);
}

static void decides(const char *address, const char *decision, const char *rule, const char *limit)
{
	struct moeai_reply *reply;
	struct moeai_values values = explain(address, &reply);

	is(&values, "decision", decision);
	is(&values, "rule", rule);
	is(&values, "limit", limit);
	moeai_reply_free(reply);
}

static void explains(void **state)
{
	struct frame f = syn("10.9.6.9", 80);

	decides("10.9.6.1", "pass", "", "");
	moectl(RULES "add prefix=10.9.6.0/24 action=drop reason=because");
	moectl(RULES "add prefix=10.9.6.4 action=allow");
	decides("10.9.6.1", "drop", "10.9.6.0/24", "");
	decides("10.9.6.4", "allow", "10.9.6.4/32", "");
	moectl("set net_guard.auto_rules=0 net_guard.syn_rate=1 net_guard.syn_burst=5"
	       " net_guard.mode=enforce");
	moectl(RULES "replace prefix=10.9.6.0/24 action=shadow");
	decides("10.9.6.9", "shadow", "10.9.6.0/24", "");
	frames_send(&f, 50);
	counts_read();
	decides("10.9.6.9", "limited", "10.9.6.0/24", "syn_flood");
	moectl("set net_guard.mode=shadow");
	decides("10.9.6.9", "shadow", "10.9.6.0/24", "syn_flood");
	assert_int_not_equal(sh("moectl run net_guard.explain address=10.9.6.0/24 2>/dev/null"), 0);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, guard_begin, guard_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(syn_flood),   CASE(udp_flood),	   CASE(icmp_flood),  CASE(icmp6_flood),
		CASE(large_syn),   CASE(answers_pass),	   CASE(shadow_lets_pass),
		CASE(comes_again), CASE(during_confirmation), CASE(port_scans),	   CASE(host_scan),   CASE(nmap),
		CASE(odd_packets), CASE(spoofed),	   CASE(explains),
	};

	return cmocka_run_group_tests(tests, guard_setup, guard_teardown);
}
