// SPDX-License-Identifier: GPL-2.0
/*
 * What a packet pays for a limit on each source: net_guard's detectors, and its
 * peers. A source is one more address in a table that is made at its first packet.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "guard.h"

#define COUNT  20000 /* packets */
#define PLACES 262144
#define NEVER  1000000 /* packets a second, of a source */
#define PORT   7 /* a socket has it */

/* ---- net_guard ----------------------------------------------------------------------- */

static int set_rates(struct bench *b, unsigned int rate)
{
	static const char *const classes[] = { "syn", "udp", "icmp" };
	static const char *const params[] = { "rate", "burst" };
	char name[64], value[16];
	int rc = 0;

	snprintf(value, sizeof(value), "%u", rate);
	for (size_t c = 0; !rc && c < ARRAY_SIZE(classes); c++)
		for (size_t p = 0; !rc && p < ARRAY_SIZE(params); p++) {
			snprintf(name, sizeof(name), "net_guard.%s_%s", classes[c], params[p]);
			rc = moeai_param_set(b->h, name, value);
		}
	return rc;
}

/* A detector makes no rule: what limits is the limit. */
static int set_moeai(struct bench *b, bool v6, unsigned int rate)
{
	char places[16];
	int rc;

	snprintf(places, sizeof(places), "%d", PLACES);
	rc = moeai_module_stop(b->h, "net_guard");
	if (!rc)
		rc = moeai_param_set(b->h, "net_guard.sources", places);
	if (!rc)
		rc = moeai_param_set(b->h, "net_guard.auto_rules", "0");
	if (!rc)
		rc = set_rates(b, rate);
	if (!rc)
		rc = moeai_guard_mode_set(b->h, MOEAI_GUARD_ENFORCE, 0);
	return rc ? rc : moeai_module_start(b->h, "net_guard");
}

static int clear_moeai(struct bench *b, bool v6)
{
	int rc = moeai_guard_mode_set(b->h, MOEAI_GUARD_OFF, 0);

	if (!rc)
		rc = moeai_module_stop(b->h, "net_guard"); /* the table goes */
	return rc ? rc : moeai_module_start(b->h, "net_guard");
}

/* ---- peers --------------------------------------------------------------------------- */

static int set_nft(const char *how, bool v6, unsigned int rate)
{
	const char *ip = v6 ? "ip6" : "ip";

	return shell("nft 'table %s bench { set s { type %s; size %d; flags dynamic, timeout; "
		     "timeout 60s; }; chain c { type filter hook prerouting priority raw; "
		     "%s @s { %s saddr limit rate over %u/second burst %u packets } drop; }; }'",
		     ip, v6 ? "ipv6_addr" : "ipv4_addr", PLACES, how, ip, rate, rate);
}

static int set_nft_add(struct bench *b, bool v6, unsigned int rate)
{
	return set_nft("add", v6, rate);
}

static int set_nft_update(struct bench *b, bool v6, unsigned int rate)
{
	return set_nft("update", v6, rate);
}

static int clear_nft(struct bench *b, bool v6)
{
	return shell("nft flush ruleset");
}

static int set_hashlimit(struct bench *b, bool v6, unsigned int rate)
{
	return shell("ip%stables-legacy -t raw -A PREROUTING -m hashlimit --hashlimit-above %u/sec "
		     "--hashlimit-burst %u --hashlimit-mode srcip --hashlimit-name bench "
		     "--hashlimit-htable-size %d --hashlimit-htable-max %d "
		     "--hashlimit-htable-expire 60000 -j DROP", v6 ? "6" : "", rate,
		     rate < 10000 ? rate : 10000, PLACES, PLACES);
}

static int clear_hashlimit(struct bench *b, bool v6)
{
	const char *six = v6 ? "6" : "";

	return shell("ip%stables-legacy -t raw -F && rmmod ip%stable_raw", six, six);
}

enum {
	UDP = BENCH_PACKETS_ARGS_PROTO_UDP,
	SYN = BENCH_PACKETS_ARGS_PROTO_SYN,
	PING = BENCH_PACKETS_ARGS_PROTO_PING,
};

/* ---- rows ---------------------------------------------------------------------------- */

static const struct limiter {
	const char *name;
	int (*set)(struct bench *b, bool v6, unsigned int rate);
	int (*clear)(struct bench *b, bool v6);
	uint32_t proto;
	unsigned int port;
} limiters[] = {
	{ "moeai-syn", set_moeai, clear_moeai, SYN, 80 },
	{ "moeai-ping", set_moeai, clear_moeai, PING, 0 },
	{ "moeai-udp", set_moeai, clear_moeai, UDP, PORT },
	{ "moeai-udp-no-socket", set_moeai, clear_moeai, UDP, 9 },
	{ "moeai-udp-ephemeral", set_moeai, clear_moeai, UDP, 40000 },
	{ "nft-add", set_nft_add, clear_nft, UDP, 9 },
	{ "nft-update", set_nft_update, clear_nft, UDP, 9 },
	{ "hashlimit", set_hashlimit, clear_hashlimit, UDP, 9 },
};

/* Each source's first packet, then more of them. */
static int rows(struct bench *b, const struct limiter *l, bool v6, unsigned int sources)
{
	struct bench_packets_args p =
		packets_from(&(struct rules){ BENCH_ADDRESSES, v6, sources }, sources);
	const char *family = v6 ? "v6" : "v4";
	unsigned int passed;
	char name[64];
	double ns;

	p.proto = l->proto;
	p.port = l->port;
	p.in_turn = true;
	if (send_packets(b, &p, &ns, &passed) || passed != sources)
		return -EIO;
	snprintf(name, sizeof(name), "first/%s/limit/%s", family, l->name);
	row(name, sources, ns);
	p.count = COUNT;
	p.in_turn = false;
	snprintf(name, sizeof(name), "%s/limit/%s", family, l->name);
	return packets_row(b, name, sources, &p, true);
}

static void limiter_rows(struct bench *b, const struct limiter *l, bool v6, unsigned int sources)
{
	int rc = l->set(b, v6, NEVER);

	if (!rc)
		rc = rows(b, l, v6, sources);
	if (rc || l->clear(b, v6))
		row_failed(l->name, sources, "%s", moeai_error(b->h));
}

/* Open at both families' port. */
static int open_socket(void)
{
	const struct sockaddr_in6 any = { .sin6_family = AF_INET6, .sin6_port = htons(PORT) };
	int fd = socket(AF_INET6, SOCK_DGRAM, 0);

	if (fd >= 0 && bind(fd, (const void *)&any, sizeof(any))) {
		close(fd);
		fd = -1;
	}
	return fd;
}

void guard_limits(struct bench *b)
{
	static const unsigned int sources[] = { 1000, 100000 };
	int fd = open_socket();

	if (fd < 0) {
		row_failed("limit", 0, "no socket: %s", strerror(errno));
		return;
	}
	for (int v6 = 0; v6 < 2; v6++)
		for (size_t l = 0; l < ARRAY_SIZE(limiters); l++)
			for (size_t n = 0; n < ARRAY_SIZE(sources); n++)
				limiter_rows(b, &limiters[l], v6, sources[n]);
	close(fd);
}
