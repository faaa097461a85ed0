// SPDX-License-Identifier: GPL-2.0
/* Rules for net_guard and its peers, each as its own program loads many. */
#include <arpa/inet.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "guard.h"

#define RULES_TABLE "net_guard.rules"

int shell(const char *command, ...)
{
	char text[1024] = "exec >&2; ";
	size_t n = strlen(text);
	va_list args;

	va_start(args, command);
	vsnprintf(text + n, sizeof(text) - n, command, args);
	va_end(args);
	return system(text) ? -EIO : 0;
}

static void put_be(unsigned char *to, uint64_t value)
{
	for (int i = 0; i < 8; i++)
		to[i] = value >> (56 - 8 * i);
}

const char *rule_text(const struct rules *r, unsigned int i, char to[64])
{
	const struct bench_prefix p = bench_rule(r->sources, r->v6, i);
	unsigned char address[16];

	put_be(address, p.hi);
	put_be(address + 8, p.lo);
	inet_ntop(r->v6 ? AF_INET6 : AF_INET, address, to, 64);
	if (r->sources != BENCH_ADDRESSES)
		sprintf(to + strlen(to), "/%u", p.len);
	return to;
}

/* ---- net_guard ---------------------------------------------------------------------- */

static int add(struct bench *b, const struct rules *r, unsigned int from, unsigned int to)
{
	unsigned char prefix[17];
	const struct moeai_arg args[] = {
		{ .name = "prefix", .kind = MOEAI_ARG_BYTES, .bytes = prefix,
		  .len = r->v6 ? 17 : 5 },
		MOEAI_NUMBER("action", MOEAI_GUARD_DROP),
	};
	struct moeai_txn *t;
	int rc = moeai_txn_open(b->h, RULES_TABLE, &t);

	if (rc)
		return rc;
	for (unsigned int i = from; !rc && i < to; i++) {
		const struct bench_prefix p = bench_rule(r->sources, r->v6, i);

		prefix[0] = p.len;
		put_be(prefix + 1, p.hi);
		if (r->v6)
			put_be(prefix + 9, p.lo);
		rc = moeai_txn_row(t, MOEAI_ACTION_ADD, args, ARRAY_SIZE(args));
	}
	if (!rc)
		rc = moeai_txn_commit(t, 0, NULL);
	moeai_txn_close(t);
	return rc;
}

static int load_moeai(struct bench *b, const struct rules *r)
{
	return add(b, r, 0, r->n);
}

/* Most at once, then one more at a time. */
static int load_delta(struct bench *b, const struct rules *r)
{
	unsigned int i = r->n - r->n / 50;
	int rc = add(b, r, 0, i);

	for (; !rc && i < r->n; i++)
		rc = add(b, r, i, i + 1);
	return rc;
}

static int clear_moeai(struct bench *b, const struct rules *r)
{
	struct moeai_txn *t;
	int rc = moeai_txn_open(b->h, RULES_TABLE, &t);

	if (rc)
		return rc;
	rc = moeai_txn_flush(t);
	if (!rc)
		rc = moeai_txn_commit(t, 0, NULL);
	moeai_txn_close(t);
	return rc;
}

const struct filter filter_moeai = { "moeai", NULL, load_moeai, NULL, clear_moeai };

const struct filter filter_moeai_delta = { "moeai-delta", NULL, load_delta, NULL, clear_moeai };

static void write_moectl(FILE *file, const struct rules *r)
{
	char text[64];

	for (unsigned int i = 0; i < r->n; i++)
		fprintf(file, "%s\n", rule_text(r, i, text));
}

static int load_moectl(struct bench *b, const struct rules *r)
{
	return shell("%s/../../bin/moectl guard load --even-me " RULES_FILE " >/dev/null",
		     b->programs);
}

const struct filter filter_moectl = { "moectl", write_moectl, load_moectl, NULL, clear_moeai };

/* ---- nftables ------------------------------------------------------------------------ */

static void write_nft(FILE *file, const struct rules *r, const char *flags)
{
	char text[64];

	fprintf(file, "table %s bench {\n set s { type %s; size %u; %s elements = {\n",
		r->v6 ? "ip6" : "ip", r->v6 ? "ipv6_addr" : "ipv4_addr", r->n, flags);
	for (unsigned int i = 0; i < r->n; i++)
		fprintf(file, "%s,\n", rule_text(r, i, text));
	fputs("} }\n chain c { type filter hook prerouting priority raw; }\n}\n", file);
}

static void write_hash(FILE *file, const struct rules *r)
{
	write_nft(file, r, "");
}

static void write_counters(FILE *file, const struct rules *r)
{
	write_nft(file, r, "counter;");
}

static void write_interval(FILE *file, const struct rules *r)
{
	write_nft(file, r, "flags interval;");
}

static int load_nft(struct bench *b, const struct rules *r)
{
	return shell("nft -f " RULES_FILE);
}

static int hook_nft(const struct rules *r)
{
	const char *family = r->v6 ? "ip6" : "ip";

	return shell("nft add rule %s bench c %s saddr @s counter drop", family, family);
}

static int clear_nft(struct bench *b, const struct rules *r)
{
	return shell("nft flush ruleset");
}

const struct filter filter_nft = { "nft-hash", write_hash, load_nft, hook_nft, clear_nft };
const struct filter filter_nft_counters = { "nft-hash-counters", write_counters, load_nft,
					    hook_nft, clear_nft };
const struct filter filter_nft_interval = { "nft-interval", write_interval, load_nft, hook_nft,
					    clear_nft };

/* ---- ipset ------------------------------------------------------------------------------ */

static void write_ipset(FILE *file, const struct rules *r, const char *options)
{
	char text[64];

	fprintf(file, "create s hash:%s family %s maxelem %u %s\n",
		r->sources == BENCH_ADDRESSES ? "ip" : "net", r->v6 ? "inet6" : "inet", r->n,
		options);
	for (unsigned int i = 0; i < r->n; i++)
		fprintf(file, "add s %s\n", rule_text(r, i, text));
}

static void write_set(FILE *file, const struct rules *r)
{
	write_ipset(file, r, "");
}

static void write_set_counters(FILE *file, const struct rules *r)
{
	write_ipset(file, r, "counters");
}

static int load_ipset(struct bench *b, const struct rules *r)
{
	return shell("ipset restore -f " RULES_FILE);
}

static int hook_ipset(const struct rules *r)
{
	return shell("ip%stables-legacy -t raw -A PREROUTING -m set --match-set s src -j DROP",
		     r->v6 ? "6" : "");
}

/* A table without rules has hooks as long as its module is there. */
static int clear_ipset(struct bench *b, const struct rules *r)
{
	const char *six = r->v6 ? "6" : "";

	return shell("ip%stables-legacy -t raw -F && rmmod ip%stable_raw && ipset destroy", six,
		     six);
}

const struct filter filter_ipset = { "ipset", write_set, load_ipset, hook_ipset, clear_ipset };
const struct filter filter_ipset_counters = { "ipset-counters", write_set_counters, load_ipset,
					      hook_ipset, clear_ipset };
