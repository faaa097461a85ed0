/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A monitor of a file: see pcapng.h for its blocks, incident.c for what stands in them. */
#ifndef MOEAI_FILE_H
#define MOEAI_FILE_H

#include "monitor.h"
#include "pcapng.h"
#include "stored.h"

#define COMMENT_LEN 256
#define LEARNED_MAX (64 << 20) /* bytes of tables, counted as often as they are made sense of */

struct file {
	struct pcapng_reader reader;
	struct inbox in; /* the messages of a packet */
	uint64_t at;	 /* where the packet begins */
	struct stored stored;
	struct error late; /* what is told at the end, as all else can be read */
	int late_code;	   /* 0: nothing */
	unsigned int interfaces;
	bool described; /* tables have come that are not in the catalog yet */
	size_t learned; /* see LEARNED_MAX */
	bool checked;	/* the filter's names */
	bool ended;	/* its last block has come */
	uint64_t events, lost; /* as messages tell them */
	uint16_t family; /* 0: not announced yet */
	char comment[COMMENT_LEN]; /* of the packet or of the end */
	bool said;		   /* it is of the item returned last */
};

/* A monitor of a stream, which it closes, also when that fails. */
int file_open(struct moeai_monitor **out, FILE *from,
	      const struct moeai_monitor_options *options);
void file_close(struct file *f); /* NULL: there is none */

/* A step of PHASE_FILE. */
int file_step(struct moeai_monitor *m, struct moeai_item *out);

#endif /* MOEAI_FILE_H */
