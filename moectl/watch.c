// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <string.h>

#include "complain.h"
#include "listing.h"
#include "watch.h"

int watch_unknown_type(struct moeai *h, const struct selection *selection)
{
	struct names names = { 0 };
	int status = 0, err = listing_names(h, "event_types", "name", &names);

	for (size_t i = 0; i < selection->n_types && !status && !err; i++) {
		const char *type = selection->types[i];
		bool prefix = !*type || strchr("*.", type[strlen(type) - 1]);

		if (!prefix && !names_have(&names, type))
			status = listing_complain("event type", type, &names,
						  "'moectl table event_types' lists them");
	}
	names_free(&names);
	return status;
}

/* The same, while there is no handle. */
static int unknown_type(const struct selection *selection)
{
	struct moeai *h = NULL;
	int status = !moeai_open(&h) && watch_unknown_type(h, selection);

	moeai_close(h);
	return status;
}

static int complain_open(int error)
{
	if (error == -EPERM)
		return complain("reading events needs CAP_SYS_ADMIN: run as root or with that "
				"capability");
	if (error == -ESTALE)
		return complain("the module was loaded anew meanwhile: try again");
	return complain_call(NULL, error);
}

int watch_open(struct moeai_monitor **out, const struct moeai_monitor_options *o,
	       const struct selection *selection)
{
	int err = moeai_monitor_open(out, o);

	if (!err)
		return 0;
	if (err == -ENOENT && unknown_type(selection))
		return 1;
	return complain_open(err);
}

int watch_open_log(struct moeai_monitor **out, struct moeai *h, uint64_t epoch,
		   struct moeai_monitor_options o)
{
	struct moeai_status status;
	int err = epoch ? 0 : moeai_status_get(h, &status);

	if (err)
		return complain_call(h, err);
	o.since = MOEAI_SINCE_OLDEST;
	o.history = o.no_wait = true;
	o.epoch = epoch ? epoch : status.epoch;
	err = moeai_monitor_open(out, &o);
	return !err || err == -ENOENT ? err : complain_open(err);
}

int watch_complain(const struct moeai_monitor *m, int error)
{
	const char *text = moeai_monitor_error(m);

	return complain("%s", text && *text ? text : moeai_strerror(error));
}
