/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A monitor whose every item is checked: nothing twice, nothing missing untold. */
#ifndef TESTS_READER_H
#define TESTS_READER_H

#include <errno.h>
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <moeai/moeai.h>

#define PATIENCE 20000 /* ms */

struct reader {
	struct moeai_monitor *m;
	uint64_t epoch;
	uint64_t due; /* 0: any seq */
	uint64_t events, lost;
	bool filtered; /* seqs may be left out */
};

/* What readers use that do not say; at first MOEAI_TRANSPORT_AUTO. */
extern enum moeai_transport reader_transport;

/* Opens, and takes the first item, which is MOEAI_EPOCH. */
void reader_open(struct reader *r, const struct moeai_monitor_options *options);
void reader_close(struct reader *r);

/* moeai_monitor_next(), checked. Fails the test on errors but -ETIMEDOUT, -ENODATA, -EINTR. */
int reader_next(struct reader *r, struct moeai_item *item, int timeout);

/* The next item must be of that kind. */
void reader_expect(struct reader *r, enum moeai_item_kind kind, struct moeai_item *item);

/* Read until nothing has come for a while. */
void reader_drain(struct reader *r);

/* The text of a user.message. */
const char *message_text(const struct moeai_event *event);

/* A handle; the core's publish rate is not limited any more. */
struct moeai *open_unlimited(void);

/* Publish n messages "0", "1", … */
void flood(struct moeai *h, unsigned int n);

/* The seq that the next event will get. */
uint64_t next_seq(struct moeai *h);

#endif /* TESTS_READER_H */
