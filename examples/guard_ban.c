// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * A small fail2ban: block each address that comes on standard input, one a line, for
 * ten minutes, and say what becomes of its packets. Of failed logins, for example:
 *
 *   journalctl -fu ssh | sed -un 's|.*Failed password.* from \([^ ]*\) .*|\1|p' | guard_ban ssh
 *
 * The first argument is the reason. Who is allowed (moectl guard allow) stays so.
 * Needs the module moeai_net_guard.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <moeai/moeai.h>

#define BAN_NS (600 * 1000000000ULL)

static int ban(struct moeai *moeai, const char *address, const char *reason)
{
	const struct moeai_guard_options options = { .timeout = BAN_NS, .reason = reason };
	struct moeai_guard_explanation now;
	int rc = moeai_guard_explain(moeai, address, &now);

	if (!rc && now.decision == MOEAI_GUARD_PASS_RULE) {
		printf("%s: allowed by the rule for %s\n", address, now.rule.prefix);
		return 0;
	}
	if (!rc)
		rc = moeai_guard_put(moeai, address, MOEAI_GUARD_DROP, &options);
	if (!rc)
		rc = moeai_guard_explain(moeai, address, &now);
	if (rc)
		fprintf(stderr, "guard_ban: %s: %s\n", address, moeai_error(moeai));
	else
		printf("%s: %s by the rule for %s (%s), %" PRIu64 " packets so far\n", address,
		       now.decision == MOEAI_GUARD_DROP_RULE ? "blocked" : "not blocked",
		       now.rule.prefix, now.rule.reason, now.rule.hits);
	return rc;
}

int main(int argc, char **argv)
{
	struct moeai *moeai;
	int failed = 0, rc = moeai_open(&moeai);
	char line[256];

	if (rc) {
		fprintf(stderr, "guard_ban: %s\n", moeai_strerror(rc));
		return 1;
	}
	setlinebuf(stdout);
	while (fgets(line, sizeof(line), stdin)) {
		line[strcspn(line, " \t\r\n")] = '\0';
		if (*line && ban(moeai, line, argc > 1 ? argv[1] : "guard_ban"))
			failed = 1;
	}
	moeai_close(moeai);
	return failed;
}
