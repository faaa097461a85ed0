// SPDX-License-Identifier: GPL-2.0
#include "ask.h"
#include "log.h"

void log_reload(struct wire *w, const char *args)
{
	wire_close(w);
	assert_int_equal(sh("rmmod moeai_test 2>/dev/null; rmmod moeai_mem_monitor 2>/dev/null;"
			    "rmmod moeai && modprobe moeai %s && modprobe moeai_test", args),
			 0);
	wire_open(w);
}

uint64_t log_next(struct wire *w)
{
	return status_number(w, MOEAI_A_STATUS_LOG_NEXT);
}

void log_emit(unsigned int count, unsigned int size, const char *priority)
{
	assert_int_equal(control("test.emit count=%u size=%u priority=%s", count, size, priority),
			 0);
}

void log_tell(struct wire *w, uint64_t since, struct tale *t)
{
	*t = (struct tale){};
	assert_int_equal(replay(w, &(struct filter){ .since = since }, tell, t), 0);
	assert_true(t->epoch != 0 && t->first <= t->next);
}
