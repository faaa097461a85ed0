/* SPDX-License-Identifier: GPL-2.0 */
/* Who has something under way or open, and so keeps the core loaded. */
#ifndef MOEAI_HOLDERS_H
#define MOEAI_HOLDERS_H

#include <linux/moeai.h>

struct moeai_text;

/* Modules that use it, and how many of table subscribers. Under the modules' lock. */
void moeai_holders_count(struct moeai_text *t);

/* Table subscribers. */
#define MOEAI_SUBSCRIBERS_COLUMNS 6
extern const struct moeai_field moeai_subscribers_fields[MOEAI_SUBSCRIBERS_COLUMNS + 1];
void moeai_subscribers_fill(const struct moeai_table *table, struct moeai_rows *rows);

#endif
