// SPDX-License-Identifier: GPL-2.0
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <netinet/ether.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "ask.h"
#include "packet.h"

#define MAC_HERE  "02:00:00:00:00:01"
#define MAC_THERE "02:00:00:00:00:02"

/* What a link and its groups do without being asked is none of ours. */
#define NOT_OURS "ip protocol igmp return; icmpv6 type 130-143 return;"

static int out_fd = -1;

/* A socket in the other namespace stays there. */
static int open_out(void)
{
	int here = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	int there = open("/run/netns/out", O_RDONLY | O_CLOEXEC);
	struct sockaddr_ll ll = { .sll_family = AF_PACKET };
	int fd;

	assert_true(here >= 0 && there >= 0);
	assert_int_equal(setns(there, CLONE_NEWNET), 0);
	fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	assert_true(fd >= 0);
	ll.sll_ifindex = if_nametoindex("out0");
	assert_true(ll.sll_ifindex > 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&ll, sizeof(ll)), 0);
	assert_int_equal(setns(here, CLONE_NEWNET), 0);
	close(here);
	close(there);
	return fd;
}

void net_up(void)
{
	int rc = sh("modprobe -aq veth nf_tables; set -e; exec >/dev/null;"
		    "sysctl -q -w net.ipv6.conf.default.accept_dad=0 net.ipv6.conf.all.accept_dad=0;"
		    "ip netns add out;"
		    "ip link add in0 address " MAC_HERE
		    " type veth peer name out0 address " MAC_THERE " netns out;"
		    "ip addr add " HERE4 "/24 dev in0; ip -6 addr add " HERE6 "/64 dev in0 nodad;"
		    "ip link set in0 up; ip -n out link set out0 up; ip -n out link set lo up;"
		    "ip -n out addr add 10.9.0.2/24 dev out0;"
		    "ip -n out -6 addr add 2001:db8:9::2/64 dev out0 nodad");

	assert_int_equal(rc, 0);
	rc = sh("nft -f - <<'END'\n"
		    "table inet seen {\n"
		    " chain before { type filter hook prerouting priority -500;"
		    " iifname != in0 return; " NOT_OURS " counter comment arrived; }\n"
		    " chain after { type filter hook prerouting priority -440;"
		    " iifname != in0 return; " NOT_OURS " counter comment passed; }\n"
		    "}\nEND\n");
	assert_int_equal(rc, 0);
	out_fd = open_out();
}

void net_down(void)
{
	if (out_fd >= 0)
		close(out_fd);
	out_fd = -1;
	assert_int_equal(sh("nft delete table inet seen 2>/dev/null; ip link del in0 2>/dev/null;"
			    "ip netns del out 2>/dev/null; true"), 0);
}

/* ---- frames ---------------------------------------------------------------------- */

static uint16_t checksum(const uint8_t *p, size_t len)
{
	uint32_t sum = 0;

	for (size_t i = 0; i + 1 < len; i += 2)
		sum += p[i] << 8 | p[i + 1];
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return ~sum;
}

static void put16(uint8_t *p, uint16_t v)
{
	p[0] = v >> 8;
	p[1] = v;
}

void frame_fix4(struct frame *f)
{
	uint8_t *ip = FRAME_IP(f);

	put16(ip + 10, 0);
	put16(ip + 10, checksum(ip, 20));
}

void frame_source4(struct frame *f, uint32_t source)
{
	put16(FRAME_IP(f) + 12, source >> 16);
	put16(FRAME_IP(f) + 14, source);
	frame_fix4(f);
}

void frame_dest4(struct frame *f, uint32_t dest)
{
	put16(FRAME_IP(f) + 16, dest >> 16);
	put16(FRAME_IP(f) + 18, dest);
	frame_fix4(f);
}

void frame_dport(struct frame *f, uint16_t port)
{
	bool v6 = f->bytes[12] == 0x86;

	put16(FRAME_IP(f) + (v6 ? 40 : 20) + 2, port);
}

static size_t put_transport(uint8_t *p, uint8_t proto, uint16_t sport, uint16_t dport,
			    uint8_t flags, size_t payload)
{
	if (proto == IPPROTO_ICMP || proto == IPPROTO_ICMPV6) {
		p[0] = proto == IPPROTO_ICMP ? 8 : 128;
		return 8 + payload;
	}
	put16(p, sport);
	put16(p + 2, dport);
	if (proto == IPPROTO_UDP) {
		put16(p + 4, 8 + payload);
		return 8 + payload;
	}
	p[12] = 5 << 4;
	p[13] = flags;
	return 20 + payload;
}

void frame_make(struct frame *f, const char *source, const char *dest, uint8_t proto,
		uint16_t sport, uint16_t dport, uint8_t flags, size_t payload)
{
	bool v6 = strchr(source, ':');
	uint8_t *ip = FRAME_IP(f);
	size_t len;

	memset(f, 0, sizeof(*f));
	memcpy(f->bytes, ether_aton(MAC_HERE), 6);
	memcpy(f->bytes + 6, ether_aton(MAC_THERE), 6);
	put16(f->bytes + 12, v6 ? 0x86dd : 0x0800);
	len = put_transport(ip + (v6 ? 40 : 20), proto, sport, dport, flags, payload);
	if (v6) {
		ip[0] = 6 << 4;
		put16(ip + 4, len);
		ip[6] = proto;
		ip[7] = 64;
		assert_int_equal(inet_pton(AF_INET6, source, ip + 8), 1);
		assert_int_equal(inet_pton(AF_INET6, dest, ip + 24), 1);
		f->len = 14 + 40 + len;
		return;
	}
	ip[0] = 0x45;
	put16(ip + 2, 20 + len);
	ip[8] = 64;
	ip[9] = proto;
	assert_int_equal(inet_pton(AF_INET, source, ip + 12), 1);
	assert_int_equal(inet_pton(AF_INET, dest, ip + 16), 1);
	f->len = 14 + 20 + len;
	frame_fix4(f);
}

void frames_send(const struct frame *f, size_t n)
{
	while (n--)
		assert_int_equal(send(out_fd, f->bytes, f->len, 0), f->len);
}

/* ---- what nftables saw ------------------------------------------------------------- */

static struct counts zero;

void counter_read(const char *name, uint64_t *packets, uint64_t *bytes)
{
	char line[512], comment[80];
	FILE *p = popen("nft list table inet seen", "r");
	bool found = false;

	assert_non_null(p);
	snprintf(comment, sizeof(comment), "comment \"%s\"", name);
	while (fgets(line, sizeof(line), p)) {
		const char *at = strstr(line, "packets ");

		if (at && strstr(line, comment))
			found = sscanf(at, "packets %lu bytes %lu", packets, bytes) == 2;
	}
	assert_int_equal(pclose(p), 0);
	if (!found)
		fail_msg("no counter %s", name);
}

static struct counts read_all(void)
{
	struct counts c;

	counter_read("arrived", &c.arrived, &c.arrived_bytes);
	counter_read("passed", &c.passed, &c.passed_bytes);
	return c;
}

void counts_zero(void)
{
	zero = read_all();
}

struct counts counts_read(void)
{
	struct counts c = read_all();

	return (struct counts){ c.arrived - zero.arrived, c.passed - zero.passed,
				c.arrived_bytes - zero.arrived_bytes,
				c.passed_bytes - zero.passed_bytes };
}

struct counts counts_wait(uint64_t arrived)
{
	struct counts c;

	for (int i = 0; i < 300; i++) {
		c = counts_read();
		if (c.arrived >= arrived)
			break;
		usleep(100000);
	}
	assert_int_equal(c.arrived, arrived);
	return c;
}
