// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "../../moectl/findings.h"

/* A machine on which all is well. */
static const struct facts healthy = {
	.release = "6.1.0",
	.headers = true,
	.installed = true,
	.path = "/lib/modules/6.1.0/moeai.ko",
	.file_version = "1.2.3",
	.file_build = "ABC",
	.signer = "somebody",
	.loaded = true,
	.version = "1.2.3",
	.build = "ABC",
	.features = "moeai_a moeai_b",
	.moectl = "1.2.3",
	.library = "1.2.3",
	.group = true,
	.net_admin = true,
	.sys_admin = true,
	.initial_user_ns = true,
	.buffer = FACTS_BUFFER,
	.log_known = true,
	.logged = 17,
	.readers_known = true,
};

/* The one finding of that name; all others are well unless others is set. */
static const struct finding *judge(const struct facts *f, const char *check, int others)
{
	static struct finding all[N_FINDINGS];
	const struct finding *found = NULL;
	int wrong = 0;

	findings_judge(f, all);
	for (int i = 0; i < N_FINDINGS; i++) {
		assert_string_not_equal(all[i].text, "");
		if (!strcmp(all[i].check, check))
			found = &all[i];
		else
			wrong += all[i].verdict != VERDICT_OK;
	}
	assert_non_null(found);
	assert_int_equal(wrong, others);
	return found;
}

static void expect(const struct finding *f, enum verdict wanted, const char *text, const char *fix)
{
	assert_int_equal(f->verdict, wanted);
	if (!strstr(f->text, text))
		fail_msg("no '%s' in '%s'", text, f->text);
	assert_string_equal(f->fix, fix);
}

static void all_well(void **state)
{
	expect(judge(&healthy, "module", 0), VERDICT_OK, "1.2.3 is loaded, with moeai_a moeai_b",
	       "");
	expect(judge(&healthy, "signature", 0), VERDICT_OK, "not required", "");
	expect(judge(&healthy, "losses", 0), VERDICT_OK, "all 17 events", "");
}

static void nothing_there(void **state)
{
	struct facts f = { .release = "6.1.0", .moectl = "1.2.3", .library = "1.2.3",
			   .group = true, .net_admin = true, .sys_admin = true,
			   .initial_user_ns = true, .buffer = FACTS_BUFFER,
			   .connection = -ENODEV, .why = "load it" };

	expect(judge(&f, "kernel", 6), VERDICT_PROBLEM, "without its headers",
	       "apt-get install linux-headers-6.1.0");
	expect(judge(&f, "file", 6), VERDICT_PROBLEM, "no moeai.ko",
	       "apt-get install --reinstall moeai-dkms");
	expect(judge(&f, "module", 6), VERDICT_PROBLEM, "not loaded", "");
	expect(judge(&f, "access", 6), VERDICT_PROBLEM, "load it", "");
	expect(judge(&f, "losses", 6), VERDICT_NOTE, "cannot be asked", "");
	expect(judge(&f, "readers", 6), VERDICT_NOTE, "cannot be asked", "");
	expect(judge(&f, "signature", 6), VERDICT_NOTE, "not required", "");

	f.installed = true;
	expect(judge(&f, "module", 4), VERDICT_PROBLEM, "not loaded", "modprobe moeai");
	/* What is installed works without them. */
	expect(judge(&f, "kernel", 4), VERDICT_NOTE, "without its headers",
	       "apt-get install linux-headers-6.1.0");
}

static void another_build(void **state)
{
	struct facts f = healthy;

	strcpy(f.file_build, "DEF");
	expect(judge(&f, "module", 0), VERDICT_PROBLEM, "another one, 1.2.3, is installed",
	       "modprobe -r moeai_a moeai_b moeai && modprobe -a moeai_a moeai_b");
	*f.features = '\0';
	expect(judge(&f, "module", 0), VERDICT_PROBLEM, "another one",
	       "modprobe -r moeai && modprobe moeai");
	/* Loaded by hand. */
	f.installed = false;
	expect(judge(&f, "file", 1), VERDICT_NOTE, "from elsewhere",
	       "apt-get install --reinstall moeai-dkms");
}

static void versions(void **state)
{
	struct facts f = healthy;

	f.moectl = "1.2.4";
	expect(judge(&f, "versions", 0), VERDICT_PROBLEM,
	       "moectl 1.2.4, libmoeai 1.2.3, module 1.2.3",
	       "apt-get install moeai-dkms moeai-tools libmoeai1");
	f = healthy;
	strcpy(f.version, "1.2.2");
	expect(judge(&f, "versions", 0), VERDICT_PROBLEM, "module 1.2.2",
	       "modprobe -r moeai_a moeai_b moeai && modprobe -a moeai_a moeai_b");
	strcpy(f.file_version, "1.2.2");
	expect(judge(&f, "versions", 0), VERDICT_PROBLEM, "module 1.2.2",
	       "apt-get install moeai-dkms moeai-tools libmoeai1");
	/* What is not loaded is judged by its file. */
	f.loaded = false;
	expect(judge(&f, "versions", 1), VERDICT_PROBLEM, "module 1.2.2",
	       "apt-get install moeai-dkms moeai-tools libmoeai1");
}

static void network_namespace(void **state)
{
	struct facts f = healthy;

	f.connection = -ENODEV;
	expect(judge(&f, "access", 0), VERDICT_PROBLEM, "network namespace",
	       "nsenter --net=/proc/1/ns/net moectl doctor");
}

static void signatures(void **state)
{
	struct facts f = healthy;

	f.sig_enforce = true;
	expect(judge(&f, "signature", 0), VERDICT_OK,
	       "module.sig_enforce requires signed modules, and this one is signed by 'somebody'",
	       "");
	f.loaded = false;
	expect(judge(&f, "signature", 1), VERDICT_PROBLEM, "'somebody' is not one",
	       "mokutil --import /var/lib/dkms/mok.pub");
	f.key_known = true;
	expect(judge(&f, "signature", 1), VERDICT_OK, "signed by 'somebody'", "");
	*f.signer = '\0';
	expect(judge(&f, "signature", 1), VERDICT_PROBLEM, "not signed",
	       "apt-get install --reinstall openssl moeai-dkms");
	f.sig_enforce = false;
	expect(judge(&f, "signature", 1), VERDICT_OK, "this one is not", "");
	strcpy(f.lockdown, "integrity");
	f.secure_boot = true;
	expect(judge(&f, "signature", 1), VERDICT_PROBLEM, "Secure Boot, lockdown requires",
	       "apt-get install --reinstall openssl moeai-dkms");
}

static void callers(void **state)
{
	struct facts f = healthy;

	f.net_admin = false;
	expect(judge(&f, "caller", 0), VERDICT_NOTE, ", read events; for commands (CAP_NET_ADMIN)",
	       "sudo moectl doctor");
	f.sys_admin = false;
	expect(judge(&f, "caller", 0), VERDICT_NOTE,
	       "for events (CAP_SYS_ADMIN) and commands (CAP_NET_ADMIN) it has no capability",
	       "sudo moectl doctor");
	f = healthy;
	f.initial_user_ns = false;
	expect(judge(&f, "caller", 0), VERDICT_NOTE, "user namespace", "");
	f = healthy;
	f.group = false;
	expect(judge(&f, "group", 0), VERDICT_NOTE, "no group moeai", "groupadd --system moeai");
}

static void buffers(void **state)
{
	struct facts f = healthy;

	f.buffer = 212992;
	expect(judge(&f, "buffer", 0), VERDICT_PROBLEM, "208 KiB, not 4096",
	       "sysctl -w net.core.rmem_max=4194304");
	f.sys_admin = false;
	expect(judge(&f, "buffer", 1), VERDICT_NOTE, "208 KiB",
	       "sysctl -w net.core.rmem_max=4194304");
}

static void losses(void **state)
{
	struct facts f = healthy;

	f.overwritten = 5;
	expect(judge(&f, "losses", 0), VERDICT_NOTE, "5 of 17",
	       "echo options moeai log_size=16777216 >/etc/modprobe.d/moeai.conf");
	f.refused = 3;
	strcpy(f.reasons, "rate 3");
	expect(judge(&f, "losses", 0), VERDICT_PROBLEM,
	       "3 events were refused, and are in no log: rate 3",
	       "moectl table log --pretty");
	f = healthy;
	f.held = 2;
	strcpy(f.holder, "dump of fields");
	expect(judge(&f, "holders", 0), VERDICT_NOTE, "used 2 times, as by a dump of fields",
	       "moectl table subscribers");
	f = healthy;
	f.drops = 9;
	f.worst = 4711;
	expect(judge(&f, "readers", 0), VERDICT_PROBLEM, "9 messages were dropped",
	       "sysctl -w net.core.rmem_max=16777216");
}

static void sockets(void **state)
{
	static const char ours[] = "00000000abcdef12 16  4711       00000200 0        0        0"
				   "     2        123        4567    \n";
	struct facts_socket s;

	assert_true(facts_parse_socket(ours, 10, &s));
	assert_int_equal(s.port, 4711);
	assert_int_equal(s.drops, 123);
	/* Another group, no group, another protocol, the heading. */
	assert_false(facts_parse_socket(ours, 9, &s));
	assert_false(facts_parse_socket(ours, 0, &s));
	assert_false(facts_parse_socket(ours, 42, &s));
	assert_false(facts_parse_socket("0 15 4711 00000200 0 0 0 2 0 1\n", 10, &s));
	assert_false(facts_parse_socket("sk               Eth Pid        Groups   Rmem\n", 10, &s));
	assert_false(facts_parse_socket("", 10, &s));
}

static void lockdown(void **state)
{
	char mode[16];

	facts_parse_lockdown("[none] integrity confidentiality", mode, sizeof(mode));
	assert_string_equal(mode, "");
	facts_parse_lockdown("none [integrity] confidentiality", mode, sizeof(mode));
	assert_string_equal(mode, "integrity");
	facts_parse_lockdown("none integrity [confidentiality]", mode, 8);
	assert_string_equal(mode, "confide");
	facts_parse_lockdown("", mode, sizeof(mode));
	assert_string_equal(mode, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_well),
		cmocka_unit_test(nothing_there),
		cmocka_unit_test(another_build),
		cmocka_unit_test(versions),
		cmocka_unit_test(network_namespace),
		cmocka_unit_test(signatures),
		cmocka_unit_test(callers),
		cmocka_unit_test(buffers),
		cmocka_unit_test(losses),
		cmocka_unit_test(sockets),
		cmocka_unit_test(lockdown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
