/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Users of something registered, to be waited for when it goes. The registry
 * holds one use; it is found under the registry's lock or RCU.
 */
#ifndef MOEAI_USE_H
#define MOEAI_USE_H

#include <linux/completion.h>
#include <linux/refcount.h>

struct moeai_use {
	refcount_t n;
	struct completion idle; /* n reached 0 */
};

static inline void moeai_use_init(struct moeai_use *use)
{
	refcount_set(&use->n, 1);
	init_completion(&use->idle);
}

/* False: it is on its way out. */
static inline bool moeai_use_get(struct moeai_use *use)
{
	return refcount_inc_not_zero(&use->n);
}

static inline void moeai_use_put(struct moeai_use *use)
{
	if (refcount_dec_and_test(&use->n))
		complete(&use->idle);
}

/* Gives the registry's use up and waits for the others. Nobody finds it any more. */
static inline void moeai_use_drain(struct moeai_use *use)
{
	moeai_use_put(use);
	wait_for_completion(&use->idle);
}

#endif
