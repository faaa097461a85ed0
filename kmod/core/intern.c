// SPDX-License-Identifier: GPL-2.0
#include <linux/hashtable.h>
#include <linux/jhash.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/string.h>
#include "intern.h"

#define TEXT_LEN  112
#define TEXTS_MAX 4096

struct text {
	struct hlist_node node;
	char s[];
};

static DEFINE_MUTEX(lock); /* guards texts, n_texts */
static DEFINE_HASHTABLE(texts, 8);
static unsigned int n_texts;

static const char *find_or_add(const char *s)
{
	size_t len = strlen(s);
	u32 hash = jhash(s, len, 0);
	struct text *t;

	hash_for_each_possible(texts, t, node, hash)
		if (!strcmp(t->s, s))
			return t->s;
	if (n_texts == TEXTS_MAX)
		return NULL;
	t = kmalloc(sizeof(*t) + len + 1, GFP_KERNEL);
	if (!t)
		return NULL;
	memcpy(t->s, s, len + 1);
	hash_add(texts, &t->node, hash);
	n_texts++;
	return t->s;
}

const char *moeai_intern(const char *fmt, ...)
{
	char buf[TEXT_LEN];
	const char *s;
	va_list args;

	va_start(args, fmt);
	vsnprintf(buf, sizeof(buf), fmt, args);
	va_end(args);
	mutex_lock(&lock);
	s = find_or_add(buf);
	mutex_unlock(&lock);
	return s ?: "a field is missing or does not fit its schema";
}

void moeai_intern_exit(void)
{
	struct hlist_node *next;
	struct text *t;
	int i;

	hash_for_each_safe(texts, i, next, t, node) {
		hash_del(&t->node);
		kfree(t);
	}
	n_texts = 0;
}
