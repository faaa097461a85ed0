// SPDX-License-Identifier: LGPL-2.1-or-later
/* Call a command, core.ping, and print whatever fields its answer has. */
#include <stdio.h>
#include <moeai/moeai.h>

static void print_fields(const struct moeai_values *values)
{
	struct moeai_value value;
	char text[256];
	size_t pos = 0;

	while (moeai_values_next(values, &pos, &value) > 0) {
		moeai_value_text(&value, text, sizeof(text));
		printf("%s=%s\n", value.field ? value.field->name : "?", text);
	}
}

int main(void)
{
	const struct moeai_arg args[] = {
		MOEAI_TEXT("text", "hello"),
		MOEAI_TEXT("delay",
			   "10ms"), /* or MOEAI_NUMBER("delay", 10000000) */
	};
	struct moeai_reply *reply;
	struct moeai_values values;
	struct moeai *moeai;
	int rc = moeai_open(&moeai);

	if (rc) {
		fprintf(stderr, "call_command: %s\n", moeai_strerror(rc));
		return 1;
	}
	rc = moeai_call(moeai, "core.ping", args, 2, 5000, &reply);
	if (rc) {
		fprintf(stderr, "call_command: %s\n", moeai_error(moeai));
	} else {
		values = moeai_reply_values(reply);
		print_fields(&values);
		moeai_reply_free(reply);
	}
	moeai_close(moeai);
	return rc ? 1 : 0;
}
