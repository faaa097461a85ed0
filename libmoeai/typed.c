// SPDX-License-Identifier: LGPL-2.1-or-later
#include "typed.h"

int typed_event(const struct moeai_event *event, const struct typed_event *kinds, size_t n,
		void *out)
{
	const struct attr_run run = { event->values.data, event->values.len };
	size_t i = 0;

	while (i < n && strcmp(kinds[i].name, event->type_name) != 0)
		i++;
	if (i == n)
		return -ENOENT;
	return attrs_decode(run, kinds[i].rules, kinds[i].n, out, NULL) ?: (int)i;
}
