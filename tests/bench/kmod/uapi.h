/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the bench's module shares with its program and its BPF programs: the six
 * fields that every event carries, whichever way it goes.
 */
#ifndef MOEAI_BENCH_UAPI_H
#define MOEAI_BENCH_UAPI_H

#ifdef __bpf__
typedef unsigned int __u32;
typedef unsigned long long __u64;
#else
#include <linux/ioctl.h>
#include <linux/types.h>
#endif

/* The longest name and its NUL. */
#define BENCH_NAME_MAX 236
#define BENCH_SOURCE   "bench"

/*
 * A name of so many bytes makes DATA of 64 or 256: three u32 and two u64 take 48,
 * the name's attribute a head of 4 and a NUL.
 */
#define BENCH_NAME_LEN(size) ((size) - 48 - 4 - 1)

/* As a tracepoint hands them on; name is NUL-terminated. */
struct bench_fields {
	__u64 bytes;
	__u64 stamp; /* ns since 1970 when events come at intervals, else a number */
	__u32 pid;
	__u32 uid;
	__u32 flags;
	__u32 name_len; /* without its NUL */
	char name[BENCH_NAME_MAX];
};

#define BENCH_FIELDS_LEN(size) (2 * 8 + 4 * 4 + BENCH_NAME_LEN(size) + 1)

/* Event type bench.event: ids of its fields. */
enum { BENCH_PID = 1, BENCH_UID, BENCH_FLAGS, BENCH_BYTES, BENCH_STAMP, BENCH_NAME };

/* Command bench.emit: where events go. */
enum bench_path {
	BENCH_EMPTY,   /* nowhere: the cost of the loop */
	BENCH_LOG,     /* MoeAI */
	BENCH_TRACE,   /* raw tracepoint moeai_bench */
	BENCH_NETLINK, /* a message each, to the group of BENCH_FAMILY */
};

/* Command bench.packets: the device they come in by, and whom they are for. */
#define BENCH_NETDEV  "bench0"
#define BENCH_DEST_V4 0x0a090001 /* 10.9.0.1 */
#define BENCH_DEST_V6 { { { 0x20, 1, 0xd, 0xb8, 0, 9, [15] = 1 } } } /* 2001:db8:9::1 */

/* The bench's own genl family: one message per event, and an echo. */
#define BENCH_FAMILY "moeai_bench"
#define BENCH_GROUP  "events"

enum { BENCH_CMD_UNSPEC, BENCH_CMD_EVENT, BENCH_CMD_ECHO };

enum {
	BENCH_A_UNSPEC,
	BENCH_A_PAD,
	BENCH_A_SEQ,	  /* u64 */
	BENCH_A_TIME,	  /* u64 */
	BENCH_A_TYPE,	  /* u32 */
	BENCH_A_PRIORITY, /* u32 */
	BENCH_A_SOURCE,	  /* string */
	BENCH_A_PID,	  /* u32 */
	BENCH_A_UID,	  /* u32 */
	BENCH_A_FLAGS,	  /* u32 */
	BENCH_A_BYTES,	  /* u64 */
	BENCH_A_STAMP,	  /* u64 */
	BENCH_A_NAME,	  /* string */
	BENCH_A_NUMBER,	  /* u32, of an echo */
	__BENCH_A_MAX
};

#define BENCH_A_MAX (__BENCH_A_MAX - 1)

/* /dev/moeai_bench: gives back the number plus 1. */
#define BENCH_DEVICE   "/dev/moeai_bench"
#define BENCH_IOC_ECHO _IOWR('b', 1, __u32)

#endif
