// SPDX-License-Identifier: LGPL-2.1-or-later
/* Read the kernel's status, which needs no privilege. */
#include <inttypes.h>
#include <stdio.h>
#include <moeai/moeai.h>

int main(void)
{
	struct moeai_status status;
	struct moeai *moeai;
	int rc = moeai_open(&moeai);

	if (rc) {
		fprintf(stderr, "read_status: %s\n", moeai_strerror(rc));
		return 1;
	}
	rc = moeai_status_get(moeai, &status);
	if (rc)
		fprintf(stderr, "read_status: %s\n", moeai_error(moeai));
	else
		printf("moeai %s is %s: %" PRIu64
		       " events held, memory %u.%u %% in use\n",
		       status.version, moeai_state_name(status.state),
		       status.log_held, status.memory_permille / 10,
		       status.memory_permille % 10);
	moeai_close(moeai);
	return rc ? 1 : 0;
}
