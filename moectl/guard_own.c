// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "guard_own.h"
#include "own.h"
#include "units.h"

#define MARGIN_NS (GUARD_MARGIN_S * 1000000000ULL)

int guard_failed(struct moectl *ctl, int err)
{
	if (err == -ENOENT)
		return complain("net_guard is not loaded: modprobe moeai_net_guard");
	return complain_call(ctl->h, err);
}

static int refuse(const char *address, const char *why)
{
	return complain("%s, from where a session of yours comes, %s: --even-me does it all the same",
			address, why);
}

/* What now becomes of an own address. Returns 0, or 1 after complaining. */
static int ask(struct moectl *ctl, const char *address, struct moeai_guard_explanation *now)
{
	int err = command_open(ctl) ? 1 : moeai_guard_explain(ctl->h, address, now);

	return err < 0 ? guard_failed(ctl, err) : err;
}

/* Is there an allow, other than of the prefix whose rule goes, and as long as it is needed? */
static bool is_safe(const struct moeai_guard_explanation *now, const char *prefix,
		    const char *timeout)
{
	struct timespec t;
	int ms;

	if (now->decision != MOEAI_GUARD_PASS_RULE ||
	    (prefix && own_same(now->rule.prefix, prefix)))
		return false;
	if (!now->rule.expires)
		return true;
	clock_gettime(CLOCK_REALTIME, &t);
	return timeout && !units_parse_seconds(timeout, &ms) &&
	       now->rule.expires >= (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec +
				    (uint64_t)ms * 1000000 + MARGIN_NS;
}

static int add(struct guard_allows *a, const char *address)
{
	char **words = a->words[a->n];

	a->row[a->n] = (struct change){ .table = GUARD_RULES, .action = MOEAI_ACTION_REPLACE,
					.words = words, .n = 3,
					.with = a->n ? &a->row[a->n - 1] : NULL };
	a->n++;
	words[1] = strdup("action=allow");
	words[2] = strdup("reason=ssh session of who blocked more");
	if (asprintf(&words[0], "prefix=%s", address) < 0)
		words[0] = NULL;
	if (!words[0] || !words[1] || !words[2])
		return complain("out of memory");
	complain("%s, from where a session of yours comes, is allowed as well: see --even-me",
		 address);
	return 0;
}

void guard_allows_free(struct guard_allows *a)
{
	while (a->n--)
		for (size_t i = 0; i < 3; i++)
			free(a->words[a->n][i]);
}

int guard_allows_find(struct moectl *ctl, struct guard_allows *a, const char *prefix,
		       const char *timeout)
{
	struct moeai_guard_explanation now;
	struct own own;

	own_find(&own);
	for (size_t i = 0; i < own.n; i++) {
		const char *address = own.address[i];

		if (prefix && !own_contains(prefix, address))
			continue;
		if (prefix && own_same(prefix, address))
			return refuse(address, "is what would be blocked");
		if (ask(ctl, address, &now))
			return 1;
		if (!prefix && now.decision == MOEAI_GUARD_DROP_RULE)
			continue; /* somebody wants that, and it is so already */
		if (!is_safe(&now, prefix, timeout) && add(a, address))
			return 1;
	}
	return 0;
}

int guard_keep(struct moectl *ctl, const char *prefix)
{
	struct moeai_guard_explanation now;
	struct own own;

	own_find(&own);
	for (size_t i = 0; i < own.n; i++) {
		if (!own_contains(prefix, own.address[i]))
			continue;
		if (ask(ctl, own.address[i], &now))
			return 1;
		if (now.decision == MOEAI_GUARD_PASS_RULE && own_same(now.rule.prefix, prefix))
			return refuse(own.address[i], "is allowed by the rule that would go");
	}
	return 0;
}
