// SPDX-License-Identifier: GPL-2.0
#include <pwd.h>
#include <stdio.h>

#include "users.h"

const char *users_name(struct users *u, uint32_t uid)
{
	struct user *user = &u->known[uid % (sizeof(u->known) / sizeof(*u->known))];
	const struct passwd *entry;

	if (uid == UINT32_MAX)
		return "";
	if (user->uid == uid && *user->name)
		return user->name;
	entry = u->numbers ? NULL : getpwuid(uid);
	user->uid = uid;
	if (entry && *entry->pw_name)
		snprintf(user->name, sizeof(user->name), "%s", entry->pw_name);
	else
		snprintf(user->name, sizeof(user->name), "%u", uid);
	return user->name;
}
