/* SPDX-License-Identifier: GPL-2.0 */
/* What tests of net_guard share: its rules, its events, and packets past it. */
#ifndef TESTS_GUARD_H
#define TESTS_GUARD_H

#include <linux/moeai_net_guard.h>
#include "ask.h"
#include "packet.h"
#include "reader.h"

extern struct moeai *guard;

/* For cmocka: the veth pair and the handle, and their end. */
int guard_setup(void **state);
int guard_teardown(void **state);

/* Before each test: no rules, default parameters, no detectors, a monitor of net_guard.* */
int guard_begin(void **state);
int guard_end(void **state);

/* moectl with these words; it must succeed, or fail. */
__attribute__((format(printf, 1, 2))) void moectl(const char *fmt, ...);

struct rule {
	uint64_t hits, bytes, expires, last;
	uint32_t action, source, uid;
	char comm[16], reason[128];
};

/* Whether there is one; as moectl writes its prefix, an address without a length. */
bool rule_find(const char *prefix, struct rule *r);
struct rule rule(const char *prefix); /* there must be */
struct rule await_rule(const char *prefix); /* a detector's, which is about to come */
size_t rules(void); /* how many */

/* A statistic or parameter. */
uint64_t guard_number(const char *name);

/* Send @n frames; how many came past. */
uint64_t passed(const struct frame *f, size_t n);

/* From there to here: UDP to the discard port; a TCP connection attempt. */
struct frame udp(const char *source);
struct frame syn(const char *source, uint16_t port);

/* The next event of that type, "blocked" …; others are skipped. Fails if none comes. */
struct moeai_event event_await(const char *type);
/* The same of one rule: those of cases before may be told only now. */
struct moeai_event event_about(const char *type, const char *prefix);
uint64_t event_number(const struct moeai_event *e, const char *field);
const char *event_text(const struct moeai_event *e, const char *field); /* until the next call */

/* All so far of one type and rule: how many, and the sum of a field. */
size_t events_sum(const char *type, const char *prefix, const char *field, uint64_t *sum);

#endif
