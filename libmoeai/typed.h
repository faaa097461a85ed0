/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The events of a feature module, each by the rules of its kind. */
#ifndef MOEAI_TYPED_H
#define MOEAI_TYPED_H

#include <moeai/moeai.h>

#include "attr.h"

struct typed_event {
	const char *name;
	const struct attr_rule *rules;
	size_t n;
};

#define TYPED_EVENT(_name, _rules) { .name = (_name), .rules = (_rules), .n = ARRAY_SIZE(_rules) }

/*
 * Take an event apart into out, which keeps what the event does not have. Returns the
 * index of its kind, -ENOENT: it is of none of them, or -EPROTO as attrs_decode().
 */
int typed_event(const struct moeai_event *event, const struct typed_event *kinds, size_t n,
		void *out);

#endif /* MOEAI_TYPED_H */
