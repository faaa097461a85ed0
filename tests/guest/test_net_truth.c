// SPDX-License-Identifier: GPL-2.0
/*
 * net_guard among others: hping3 and nmap attack, somebody innocent goes on working, and
 * dumpcap and nftables say what came and what got through. check: limit=400 slow
 */
#include <fcntl.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include "guard.h"

#define INNOCENT "10.9.0.2"
#define SCANNER	 "10.9.0.3"
#define FLOODER	 "10.9.0.4"
#define CAPTURE	 "/tmp/net_truth.pcapng"

/* ---- what others see ----------------------------------------------------------------- */

static pid_t spawn(const char *command)
{
	pid_t pid = fork();

	if (!pid) {
		execl("/bin/bash", "bash", "-c", command, NULL);
		_exit(127);
	}
	assert_true(pid > 0);
	return pid;
}

static void end(pid_t pid, int signal)
{
	kill(pid, signal);
	waitpid(pid, NULL, 0);
}

/* All that comes, before anybody may drop it. */
static pid_t capture_begin(void)
{
	pid_t pid;

	unlink(CAPTURE);
	pid = spawn("exec dumpcap -q -i in0 -f 'ip and dst host " HERE4 "' -w " CAPTURE
		    " >/tmp/dumpcap.out 2>&1");
	for (int i = 0; i < 600 && sh("grep -qs ^File: /tmp/dumpcap.out"); i++)
		usleep(100000);
	return pid;
}

/* Packets of a source in what was captured. */
static uint64_t captured(const char *source, const char *filter)
{
	unsigned long n = 0;
	char line[300];
	FILE *p;

	snprintf(line, sizeof(line), "tshark -n -r " CAPTURE " -Y 'ip.src == %s %s' 2>/dev/null | wc -l",
		 source, filter);
	p = popen(line, "r");
	assert_non_null(p);
	assert_int_equal(fscanf(p, "%lu", &n), 1);
	pclose(p);
	return n;
}

/* As nftables counts it, before net_guard and behind it. */
static void count_source(const char *source)
{
	assert_int_equal(sh("nft 'add rule inet seen before ip saddr %s counter comment a-%s;"
			    " add rule inet seen after ip saddr %s counter comment p-%s'",
			    source, source, source, source), 0);
}

static uint64_t counted(const char *what, const char *source)
{
	uint64_t packets, bytes;
	char name[64];

	snprintf(name, sizeof(name), "%s-%s", what, source);
	counter_read(name, &packets, &bytes);
	return packets;
}

/* Serves port 80, a word to whoever connects. */
static pid_t serve(void)
{
	pid_t pid = spawn("exec perl -MIO::Socket::INET -e '$SIG{PIPE} = \"IGNORE\";"
			  "my $l = IO::Socket::INET->new(LocalPort => 80, Listen => 64,"
			  " ReuseAddr => 1) or die;"
			  "while (1) { my $c = $l->accept or next; print $c \"served\\n\" }'");

	while (sh("ss -Hltn sport = :80 | grep -q ."))
		usleep(100000);
	return pid;
}

/* ---- attackers ------------------------------------------------------------------------- */

/* @source is named as an offender of that kind, and by one event at least. */
static void assert_found(const char *source, const char *kind)
{
	assert_int_equal(sh("moectl guard offenders | grep -q '^%s/32\t%s\t'", source, kind), 0);
	assert_int_equal(sh("moectl log --type net_guard.%s | grep -q 'source=%s/32\tkind=%s\t'",
			    strstr(kind, "scan") ? "scan" : "flood", source, kind), 0);
	assert_string_equal(await_rule(source).reason, kind);
}

/*
 * What dumpcap has of each is what came; what came and did not get through is what
 * net_guard says it dropped; who is named attacked.
 */
static void attackers(void **state)
{
	static const char *const sources[] = { INNOCENT, SCANNER, FLOODER };
	uint64_t arrived = 0, passed = 0, dropped, limited;
	pid_t dumpcap, server = serve();
	size_t i;

	assert_int_equal(sh("ip -n out addr add " SCANNER "/24 dev out0;"
			    "ip -n out addr add " FLOODER "/24 dev out0"), 0);
	for (i = 0; i < 3; i++)
		count_source(sources[i]);
	moectl("set net_guard.syn_rate=20 net_guard.syn_burst=200 net_guard.mode=enforce");
	dropped = guard_number("dropped");
	limited = guard_number("limited");
	dumpcap = capture_begin();
	assert_int_equal(sh("ip netns exec out hping3 -q -i u1000 -c 2000 -S -p 80 -a " FLOODER
			    " " HERE4 " >/dev/null 2>&1 &"
			    "ip netns exec out timeout 60 nmap -n -Pn -sS -T4 --max-retries 0 -p 1-500"
			    " -S " SCANNER " -e out0 " HERE4 " >/dev/null 2>&1 &"
			    "for i in 1 2 3 4 5 6 7 8 9 10; do"
			    "  ip netns exec out timeout 10 bash -c 'exec 3<>/dev/tcp/" HERE4 "/80;"
			    "    read -r word <&3; test \"$word\" = served' || exit; sleep 0.2;"
			    "done; wait"), 0);
	sleep(1);
	end(dumpcap, SIGINT);
	end(server, SIGKILL);
	for (i = 0; i < 3; i++) {
		uint64_t came = counted("a", sources[i]), through = counted("p", sources[i]);

		print_message("%s: %lu came, %lu got through\n", sources[i], came, through);
		assert_int_equal(captured(sources[i], ""), came);
		assert_true(came > 20);
		arrived += came;
		passed += through;
	}
	assert_int_equal(counted("a", INNOCENT), counted("p", INNOCENT));
	assert_true(counted("a", FLOODER) - counted("p", FLOODER) > 500);
	assert_true(counted("a", SCANNER) - counted("p", SCANNER) > 200);
	dropped = guard_number("dropped") - dropped;
	limited = guard_number("limited") - limited;
	assert_int_equal(arrived - passed, dropped + limited);
	assert_int_equal(rule(FLOODER).hits + rule(SCANNER).hits, dropped);
	assert_found(FLOODER, "syn_flood");
	assert_found(SCANNER, "port_scan");
	assert_int_equal(rules(), 2);
	assert_int_equal(sh("test $(moectl guard offenders | wc -l) = 2"), 0);
	assert_int_equal(captured(SCANNER, "and tcp.flags.syn == 1 and tcp.dstport > 500"), 0);
}

/* hping3 makes sources up, as many as it can. */
static void made_up(void **state)
{
	uint64_t before = guard_number("tracked") + guard_number("evicted");
	struct frame f = udp("10.9.5.9");

	moectl("guard mode enforce");
	sh("ip netns exec out timeout 5 hping3 -q --flood --rand-source -S -p 80 " HERE4
	   " >/dev/null 2>&1");
	assert_true(guard_number("tracked") + guard_number("evicted") - before > 1000);
	assert_true(guard_number("tracked") <= guard_number("sources"));
	assert_int_equal(rules(), 0);
	counts_zero();
	frames_send(&f, 10);
	assert_true(counts_read().passed >= 10);
}

/* ---- what cards make of packets --------------------------------------------------------- */

/* One of ETHTOOL_S*, here or in the other namespace. */
static void offload(const char *there, const char *device, uint32_t command, uint32_t on)
{
	struct ethtool_value value = { .cmd = command, .data = on };
	struct ifreq r = { .ifr_data = (void *)&value };
	pid_t pid = fork();
	int status;

	if (!pid) {
		int net = there ? open(there, O_RDONLY | O_CLOEXEC) : -1;

		snprintf(r.ifr_name, sizeof(r.ifr_name), "%s", device);
		_exit((there && setns(net, CLONE_NEWNET)) ||
		      ioctl(socket(AF_INET, SOCK_DGRAM, 0), SIOCETHTOOL, &r));
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

/* Takes all that comes at port 81, and says in the end how much it was. */
static pid_t sink(void)
{
	pid_t pid = spawn("exec perl -MIO::Socket::INET -e '$SIG{PIPE} = \"IGNORE\";"
			  "my $l = IO::Socket::INET->new(LocalPort => 81, Listen => 4,"
			  " ReuseAddr => 1) or die; my ($c, $n) = ($l->accept, 0);"
			  "while (sysread($c, my $b, 65536)) { $n += length $b }"
			  "print \"$n\\n\"' >/tmp/sink");

	while (sh("ss -Hltn sport = :81 | grep -q ."))
		usleep(100000);
	return pid;
}

#define SEND(what) "exec ip netns exec out bash -c 'exec " what " >/dev/tcp/" HERE4 "/81'"

/* Many packets of a stream come as one; that is one hit, of all their bytes. */
static void merged(void **state)
{
	uint64_t packets, bytes;
	pid_t sinking, sender;
	struct rule r;

	offload("/run/netns/out", "out0", ETHTOOL_STSO, 0);
	offload(NULL, "in0", ETHTOOL_SGRO, 1);
	count_source(INNOCENT);
	moectl("guard mode enforce");
	moectl("guard shadow " INNOCENT);
	sinking = sink();
	assert_int_equal(sh(SEND("head -c 8000000 /dev/zero")), 0);
	waitpid(sinking, NULL, 0);
	assert_int_equal(sh("grep -qx 8000000 /tmp/sink"), 0);
	counter_read("a-" INNOCENT, &packets, &bytes);
	r = rule(INNOCENT);
	print_message("%lu packets, %lu bytes\n", (unsigned long)packets, (unsigned long)bytes);
	assert_true(bytes / packets > 2000); /* more than one of 1500 */
	assert_int_equal(r.hits, packets);
	assert_int_equal(r.bytes, bytes);
	assert_int_equal(rules(), 1);
	/* Cut off in the middle. */
	sinking = sink();
	sender = spawn(SEND("cat /dev/zero"));
	while (rule(INNOCENT).bytes < 2 * bytes)
		usleep(50000);
	moectl("guard block " INNOCENT);
	usleep(300000);
	packets = counted("p", INNOCENT);
	sleep(2);
	assert_int_equal(counted("p", INNOCENT), packets);
	end(sender, SIGKILL);
	end(sinking, SIGKILL);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, guard_begin, guard_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(attackers), CASE(made_up), CASE(merged),
	};

	return cmocka_run_group_tests(tests, guard_setup, guard_teardown);
}
