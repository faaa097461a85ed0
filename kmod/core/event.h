/* SPDX-License-Identifier: GPL-2.0 */
/* Event types: their ids and schemas, and the way into the log. */
#ifndef MOEAI_EVENT_H
#define MOEAI_EVENT_H

#include <linux/moeai.h>

/* The core's own types. */
extern struct moeai_event_type *const moeai_ev_command;
extern struct moeai_event_type *const moeai_ev_module;
extern struct moeai_event_type *const moeai_ev_message;
extern struct moeai_event_type *const moeai_ev_table;
extern struct moeai_event_type *const moeai_ev_param;

/*
 * Give @type an id (its own if below MOEAI_ID_DYNAMIC and not 0) and a head.
 * Process context, under the modules' lock.
 * Returns 0, -ENOMEM, or -EBUSY: no id left.
 */
int moeai_event_type_add(struct moeai_event_type *type);
/* The caller then waits for a grace period: see moeai_event_type_find(). */
void moeai_event_type_remove(struct moeai_event_type *type);

/* Call @fn for each type, in order of ids, until it returns non-zero. */
int moeai_event_types_walk(int (*fn)(const struct moeai_event_type *type, void *arg), void *arg);

/*
 * In kernels made for debugging: the name of the type of @record, as it is in the log, if
 * its attributes do not fit the type's schema; else NULL. Any context.
 */
#ifdef DEBUG
const char *moeai_event_wrong(const void *record);
#else
static inline const char *moeai_event_wrong(const void *record)
{
	return NULL;
}
#endif

/* The type with that id, or NULL; under rcu_read_lock(). */
const struct moeai_event_type *moeai_event_type_find(u32 id);

#endif
