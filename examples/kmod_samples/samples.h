/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * Region samples.ring, as the module writes it and programs read it: a ring that
 * overwrites the oldest.
 *
 *   the module                            a reader, of the sample with number i
 *   A  seq = 0                            E  load seq (acquire): i + 1, or it is
 *   B  write barrier                         not there (0: it is being written)
 *   C  store the sample                   F  copy the sample
 *   D  seq = i + 1 (release)              G  acquire fence
 *   then written = i + 1 (release)        H  load seq: as E had it, or throw F away
 *
 * D pairs with E: what E finds whole is whole. B pairs with G: if F saw a byte of the
 * next sample in that place, H sees A's 0 or what comes after.
 */
#ifndef SAMPLES_H
#define SAMPLES_H

#include <linux/types.h>

#define SAMPLES_REGION	"samples.ring"
#define SAMPLES_VERSION 1
#define SAMPLES_N	1024 /* a power of two */

struct sample {
	__u64 seq;  /* its number + 1 */
	__u64 time; /* ns since 1970 */
	__u64 free; /* bytes of free memory */
	__u32 cpu;  /* which took it */
	__u32 late; /* us after it was due */
};

struct samples {
	__u32 version;
	__u32 n;	/* samples in the ring */
	__u64 written;	/* so many have been */
	__u64 reserved[6];
	struct sample ring[SAMPLES_N]; /* that with number i is at i % n */
};

#endif
