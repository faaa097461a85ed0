/* SPDX-License-Identifier: GPL-2.0 */
/* What is measured by tests/bench: a producer of events, and its peers' ends. */
#ifndef MOEAI_BENCH_H
#define MOEAI_BENCH_H

#include <linux/moeai.h>
#include "uapi.h"

/* emit.c: command bench.emit */
extern struct moeai_event_type bench_event;
extern const struct moeai_schema bench_emit_args;
extern const struct moeai_schema bench_emit_reply;
int bench_emit(struct moeai_call *call);

/* producers.c: @n threads, one a CPU, or none: the caller's own; args is an array. */
#define BENCH_PRODUCERS_MAX 8
int bench_produce(u32 n, void (*work)(void *arg), void *args, size_t size, u64 *ns);

/* packets.c: command bench.packets */
extern const struct moeai_schema bench_packets_args;
extern const struct moeai_schema bench_packets_reply;
int bench_packets(struct moeai_call *call);

/* mark.c: command bench.mark */
extern const struct moeai_schema bench_mark_args;
extern const struct moeai_schema bench_mark_reply;
int bench_mark(struct moeai_call *call);
void bench_mark_exit(void);

/* peer.c: the genl family and the device */
int bench_peer_init(void);
void bench_peer_exit(void);

/* One message with all of an event. Returns 0, also when nobody listens, or -errno. */
int bench_peer_send(const struct bench_fields *fields, enum moeai_priority priority);

#endif
