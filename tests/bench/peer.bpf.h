/* SPDX-License-Identifier: GPL-2.0 */
/* A record as the BPF programs of peer.bpf.c hand it to their reader. */
#ifndef MOEAI_PEER_BPF_H
#define MOEAI_PEER_BPF_H

#include "kmod/uapi.h"

struct bench_record {
	__u64 seq;
	__u64 time; /* ns since boot: BPF has no other clock */
	__u32 type;
	__u32 priority;
	char source[8];
	struct bench_fields fields;
};

#define BENCH_RECORD_LEN(size) (32 + BENCH_FIELDS_LEN(size))

#endif
