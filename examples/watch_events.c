// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Print events as they happen, the last ones first if any are still held. Ends
 * after as many as the first argument says, or never.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <moeai/moeai.h>

static void print_event(const struct moeai_event *event)
{
	struct moeai_value value;
	char text[256];
	size_t pos = 0;

	printf("%" PRIu64 " %s %s", event->seq,
	       moeai_priority_name(event->priority), event->type_name);
	while (moeai_values_next(&event->values, &pos, &value) > 0) {
		moeai_value_text(&value, text, sizeof(text));
		printf(" %s=%s", value.field ? value.field->name : "?", text);
	}
	printf("\n");
}

static void print_item(const struct moeai_item *item)
{
	switch (item->kind) {
	case MOEAI_EVENT:
		print_event(&item->event);
		break;
	case MOEAI_LOST:
		printf("lost: %" PRIu64 " to %" PRIu64 "\n", item->lost.from,
		       item->lost.to);
		break;
	case MOEAI_EPOCH:
		printf("epoch %016" PRIx64 "\n", item->epoch);
		break;
	case MOEAI_GONE:
		printf("the module is gone: waiting for it\n");
		break;
	}
}

int main(int argc, char **argv)
{
	const struct moeai_monitor_options options = {
		.since = MOEAI_SINCE_OLDEST
	};
	unsigned long left = argc > 1 ? strtoul(argv[1], NULL, 10) : -1UL;
	struct moeai_monitor *monitor;
	struct moeai_item item;
	int rc = moeai_monitor_open(&monitor, &options);

	if (rc) {
		fprintf(stderr, "watch_events: %s\n", moeai_strerror(rc));
		return 1;
	}
	while (left && !(rc = moeai_monitor_next(monitor, &item, -1))) {
		print_item(&item);
		left -= item.kind == MOEAI_EVENT;
	}
	if (rc)
		fprintf(stderr, "watch_events: %s\n",
			moeai_monitor_error(monitor));
	moeai_monitor_close(monitor);
	return rc ? 1 : 0;
}
