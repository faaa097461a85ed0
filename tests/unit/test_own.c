// SPDX-License-Identifier: GPL-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "../../moectl/own.h"

#define CLIENT(text) own_session(text, sizeof(text), &s)
#define address s.address

static void client(void **state)
{
	struct own_session s;

	assert_true(CLIENT("A=b\0SSH_CONNECTION=192.0.2.7 5555 10.0.0.1 22\0C=d"));
	assert_string_equal(address, "192.0.2.7");
	assert_true(CLIENT("SSH_CONNECTION=2001:db8::7 1 2 3"));
	assert_string_equal(address, "2001:db8::7");
	assert_true(CLIENT("SSH_CONNECTION=fe80::1%eth0 1 2 3"));
	assert_string_equal(address, "fe80::1");
	assert_true(CLIENT("SSH_CONNECTION=::ffff:192.0.2.8 1 2 3"));
	assert_string_equal(address, "192.0.2.8");
	assert_true(CLIENT("A=\xff\0\xff=\xff\0SSH_CONNECTION=192.0.2.9 5555 10.0.0.1 2222"));
	assert_string_equal(address, "192.0.2.9");
	assert_int_equal(s.port, 5555);
	assert_int_equal(s.local, 2222);
	assert_false(CLIENT(""));
	assert_false(CLIENT("SSH_CONNECTION="));
	assert_false(CLIENT("SSH_CONNECTION= 1 2 3"));
	assert_false(CLIENT("XSSH_CONNECTION=192.0.2.7 1"));
	assert_false(CLIENT("SSH_CONNECTIO=192.0.2.7 1"));
	assert_false(CLIENT("SSH_CONNECTION=0000000000000000000000000000000000000000000000000 1"));
}

static void contains(void **state)
{
	assert_true(own_contains("192.0.2.0/24", "192.0.2.7"));
	assert_true(own_contains("0.0.0.0/0", "192.0.2.7"));
	assert_true(own_contains("192.0.2.7", "192.0.2.7"));
	assert_true(own_contains("192.0.2.4/30", "192.0.2.7"));
	assert_false(own_contains("192.0.2.0/30", "192.0.2.7"));
	assert_false(own_contains("192.0.2.8", "192.0.2.7"));
	assert_false(own_contains("::/0", "192.0.2.7"));
	assert_true(own_contains("::/0", "2001:db8::7"));
	assert_true(own_contains("2001:db8::/33", "2001:db8:7fff::7"));
	assert_false(own_contains("2001:db8::/33", "2001:db8:8000::7"));
	assert_false(own_contains("nonsense", "192.0.2.7"));
}

static void same(void **state)
{
	assert_true(own_same("192.0.2.7", "192.0.2.7/32"));
	assert_true(own_same("2001:db8::/64", "2001:0db8:0::/64"));
	assert_false(own_same("192.0.2.0/24", "192.0.2.0/25"));
	assert_false(own_same("::/0", "0.0.0.0/0"));
	assert_false(own_same("nonsense", "nonsense"));
}

/* Lines as Linux writes them, on machines whose words begin with the low byte. */
static void connected(void **state)
{
	const struct own_session four = { "192.0.2.7", 40000, 22 },
				 six = { "2001:db8::7", 40000, 22 };

	assert_true(own_connected("   1: 0100000A:0016 070200C0:9C40 01 00000000:00000000 02:0 0 1",
				  &four));
	assert_false(own_connected("   1: 0100000A:0016 070200C0:9C40 06 00000000:00000000", &four));
	assert_false(own_connected("   1: 0100000A:0017 070200C0:9C40 01 00000000:00000000", &four));
	assert_false(own_connected("   1: 0100000A:0016 070200C0:9C41 01 00000000:00000000", &four));
	assert_true(own_connected("   0: 0000000000000000FFFF00000100000A:0016"
				  " 0000000000000000FFFF0000070200C0:9C40 01 0:0", &four));
	assert_true(own_connected("   0: B80D0120000000000000000001000000:0016"
				  " B80D0120000000000000000007000000:9C40 01 0:0", &six));
	assert_false(own_connected("  sl  local_address rem_address   st tx_queue", &four));
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(client), cmocka_unit_test(contains),
					    cmocka_unit_test(same), cmocka_unit_test(connected) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
