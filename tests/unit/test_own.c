// SPDX-License-Identifier: GPL-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "../../moectl/own.h"

#define CLIENT(text) own_client(text, sizeof(text), address)

static void client(void **state)
{
	char address[INET6_ADDRSTRLEN];

	assert_true(CLIENT("A=b\0SSH_CONNECTION=192.0.2.7 5555 10.0.0.1 22\0C=d"));
	assert_string_equal(address, "192.0.2.7");
	assert_true(CLIENT("SSH_CONNECTION=2001:db8::7 1 2 3"));
	assert_string_equal(address, "2001:db8::7");
	assert_true(CLIENT("SSH_CONNECTION=fe80::1%eth0 1 2 3"));
	assert_string_equal(address, "fe80::1");
	assert_true(CLIENT("SSH_CONNECTION=::ffff:192.0.2.8 1 2 3"));
	assert_string_equal(address, "192.0.2.8");
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

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(client), cmocka_unit_test(contains) };

	if (getenv("MOEAI_TEST_FILTER"))
		cmocka_set_test_filter(getenv("MOEAI_TEST_FILTER"));
	return cmocka_run_group_tests(tests, NULL, NULL);
}
