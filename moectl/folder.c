// SPDX-License-Identifier: GPL-2.0
#include <stddef.h>
#include <string.h>

#include "folder.h"

const char *folder_behind(const char *folder, const char *path)
{
	size_t len = strcmp(folder, "/") ? strlen(folder) : 0;

	if (strncmp(path, folder, len) != 0 || (path[len] && path[len] != '/'))
		return NULL;
	return path + len;
}
