// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include "ask.h"
#include "parts.h"

/* ---- messages as tables -------------------------------------------------- */

static const uint8_t zeros[1 << 16];

static void write_attr(struct msg *m, const struct part *p, size_t *nests, size_t *depth)
{
	size_t at;

	if (p->kind == P_RAW) {
		msg_raw(m, p->data, p->len);
	} else if (p->kind == P_CLOSE) {
		msg_nest_end(m, nests[--*depth]);
	} else {
		at = msg_put(m, p->type, p->data ?: zeros, p->len);
		if (p->kind == P_NEST)
			nests[(*depth)++] = at;
		if (p->kind == P_BARE)
			m->len = at + NLA_HDRLEN + p->len;
		if (p->kind == P_LIE)
			((struct nlattr *)(m->b + at))->nla_len = p->lie;
	}
}

/* Does genl hand a dump's start the means to point at an attribute? On 6.1 it does not. */
static bool dumps_point(void)
{
	struct utsname u;

	uname(&u);
	return strncmp(u.release, "6.1.", 4);
}

int write_parts(struct msg *m, const struct part *p)
{
	size_t nests[64], depth = 0, times = 1;
	int fault = -1;

	for (; p->kind != P_END; p++) {
		if (p->kind == P_FAULT || p->kind == P_OURS) {
			if (p->kind == P_FAULT || dumps_point())
				fault = m->len;
		} else if (p->kind == P_TIMES) {
			times = p->len;
		} else {
			while (times--)
				write_attr(m, p, nests, &depth);
			times = 1;
		}
	}
	return fault;
}

/* ---- how they are refused ------------------------------------------------ */

int verdict_is(const struct refusal *r, const struct verdict *v, int fault)
{
	if (v->error == r->error && !!v->text[0] == !!r->text &&
	    (!r->text || strstr(v->text, r->text)) && v->offset == fault)
		return 0;
	print_error("%s: %d \"%s\" at %d instead of %d \"%s\" at %d\n", r->what, v->error, v->text,
		    v->offset, r->error, r->text ?: "", fault);
	return 1;
}

void refused(struct wire *w, uint8_t cmd, uint16_t flags, const struct refusal *r, size_t n)
{
	size_t i, wrong = 0;

	for (i = 0; i < n; i++) {
		struct verdict v;
		struct msg m;
		int fault;

		msg_begin(&m, cmd, flags);
		fault = write_parts(&m, r[i].parts);
		wire_ask(w, &m, &v);
		wrong += verdict_is(&r[i], &v, fault);
	}
	assert_int_equal(wrong, 0);
}

/* ---- without effect ------------------------------------------------------ */

static uint64_t seq_before;
static char *core_before;

static char *snapshot(void)
{
	return strdup(slurp("/proc/moeai/modules/core"));
}

void effects_begin(struct wire *w)
{
	seq_before = status_number(w, MOEAI_A_STATUS_LOG_NEXT);
	core_before = snapshot();
}

void assert_no_effect(struct wire *w)
{
	char *after = snapshot();

	assert_int_equal(status_number(w, MOEAI_A_STATUS_LOG_NEXT), seq_before);
	assert_string_equal(after, core_before);
	assert_int_equal(log_counter(w, "unanswered"), 0);
	log_balanced(w);
	free(after);
}
