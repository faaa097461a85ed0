// SPDX-License-Identifier: LGPL-2.1-or-later
/* Publish the first argument as an event, user.message, for all who watch. */
#include <stdio.h>
#include <moeai/moeai.h>

int main(int argc, char **argv)
{
	const char *text = argc > 1 ? argv[1] : "hello from user space";
	struct moeai *moeai;
	int rc = moeai_open(&moeai);

	if (rc) {
		fprintf(stderr, "publish: %s\n", moeai_strerror(rc));
		return 1;
	}
	rc = moeai_publish(moeai, MOEAI_PRIO_NOTICE, text);
	if (rc)
		fprintf(stderr, "publish: %s\n", moeai_error(moeai));
	moeai_close(moeai);
	return rc ? 1 : 0;
}
