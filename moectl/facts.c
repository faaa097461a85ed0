// SPDX-License-Identifier: GPL-2.0
#include <dirent.h>
#include <errno.h>
#include <grp.h>
#include <inttypes.h>
#include <libkmod.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>
#include <linux/netlink.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>

#include "command.h"
#include "facts.h"
#include "listing.h"

#define COPY(to, from) snprintf(to, sizeof(to), "%s", from)
#define READ(path, to) read_line(path, to, sizeof(to))
#define CORE "/sys/module/moeai"

/* The first line of a file; empty if there is none. */
static bool read_line(const char *path, char *line, int size)
{
	FILE *file = fopen(path, "re");

	*line = '\0';
	if (!file)
		return false;
	if (!fgets(line, size, file))
		*line = '\0';
	fclose(file);
	line[strcspn(line, "\n")] = '\0';
	return true;
}

/* ---- the module's file ---------------------------------------------------------- */

static void gather_kernel(struct facts *f)
{
	struct utsname name;
	char path[128];

	if (uname(&name))
		return;
	COPY(f->release, name.release);
	snprintf(path, sizeof(path), "/lib/modules/%s/build/Makefile", f->release);
	f->headers = !access(path, R_OK);
}

static void be_silent(void *data, int priority, const char *file, int line, const char *fn,
		      const char *format, va_list args)
{
}

static void take_info(struct facts *f, const char *key, const char *value)
{
	if (!strcmp(key, "version"))
		COPY(f->file_version, value);
	else if (!strcmp(key, "srcversion"))
		COPY(f->file_build, value);
	else if (!strcmp(key, "signer"))
		COPY(f->signer, value);
}

static void gather_file(struct facts *f)
{
	struct kmod_ctx *kmod = kmod_new(NULL, NULL);
	struct kmod_list *info = NULL, *item;
	struct kmod_module *module;

	if (!kmod)
		return;
	kmod_set_log_fn(kmod, be_silent, NULL);
	if (!kmod_module_new_from_name(kmod, "moeai", &module)) {
		const char *path = kmod_module_get_path(module);

		f->installed = path && !access(path, F_OK);
		if (f->installed) {
			COPY(f->path, path);
			kmod_module_get_info(module, &info);
		}
		for (item = info; item; item = kmod_list_next(info, item))
			take_info(f, kmod_module_info_get_key(item),
				  kmod_module_info_get_value(item));
		kmod_module_info_free_list(info);
		kmod_module_unref(module);
	}
	kmod_unref(kmod);
}

/* ---- trust ------------------------------------------------------------------------- */

void facts_parse_lockdown(const char *line, char *mode, int size)
{
	const char *from = strchr(line, '[');
	int len = from ? (int)strcspn(from + 1, "]") : 0;

	snprintf(mode, (size_t)size, "%.*s", len, from ? from + 1 : "");
	if (!strcmp(mode, "none"))
		*mode = '\0';
}

static bool secure_boot(void)
{
	FILE *file = fopen("/sys/firmware/efi/efivars/"
			   "SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c", "re");
	unsigned char var[5] = { 0 }; /* attributes, then the value */

	if (!file)
		return false;
	if (fread(var, 1, sizeof(var), file) != sizeof(var))
		var[4] = 0;
	fclose(file);
	return var[4] == 1;
}

/* The kernel lists its keys by their certificates' names. */
static bool key_known(const char *signer)
{
	FILE *file = fopen("/proc/keys", "re");
	char line[512];
	bool found = false;

	if (!file)
		return false;
	while (!found && fgets(line, sizeof(line), file))
		found = strstr(line, " asymm") && strstr(line, signer);
	fclose(file);
	return found;
}

static void gather_trust(struct facts *f)
{
	char line[128];

	f->secure_boot = secure_boot();
	READ("/sys/module/module/parameters/sig_enforce", line);
	f->sig_enforce = *line == 'Y';
	READ("/sys/kernel/security/lockdown", line);
	facts_parse_lockdown(line, f->lockdown, sizeof(f->lockdown));
	f->key_known = *f->signer && key_known(f->signer);
}

/* ---- the loaded module ---------------------------------------------------------- */

static unsigned int refcnt(const char *module)
{
	char path[320], line[32];

	snprintf(path, sizeof(path), "/sys/module/%s/refcnt", module);
	READ(path, line);
	return (unsigned int)strtoul(line, NULL, 10);
}

/* Before anything is asked of it, which would hold it too. */
static void gather_loaded(struct facts *f)
{
	unsigned int features = 0;
	struct dirent *entry;
	size_t len = 0;
	DIR *dir;

	f->loaded = READ(CORE "/version", f->version);
	READ(CORE "/srcversion", f->build);
	f->held = refcnt("moeai");
	dir = opendir(CORE "/holders");
	while (dir && (entry = readdir(dir))) {
		if (*entry->d_name == '.')
			continue;
		features++;
		f->held += refcnt(entry->d_name);
		if (len < sizeof(f->features))
			len += (size_t)snprintf(f->features + len, sizeof(f->features) - len,
						"%s%s", len ? " " : "", entry->d_name);
	}
	if (dir)
		closedir(dir);
	f->held -= features < f->held ? features : f->held;
}

static int add_holder(void *arg, const struct fields *row)
{
	struct facts *f = arg;
	const char *kind = fields_text(row, "kind"), *comm = fields_text(row, "comm");
	const char *what = fields_text(row, "what");
	uint64_t pid = fields_u64(row, "pid", 0);

	/* This is our own question. */
	if (pid != (uint64_t)getpid() && !*f->holder)
		snprintf(f->holder, sizeof(f->holder), "%s of %s by %s, pid %" PRIu64,
			 kind ? kind : "use", what ? what : "?", comm ? comm : "?", pid);
	return 0;
}

/* ---- the caller ---------------------------------------------------------------- */

static void gather_group(struct facts *f)
{
	const struct group *group = getgrnam("moeai");
	gid_t groups[256];
	int n = getgroups(256, groups);

	f->group = group;
	for (int i = 0; group && i < n; i++)
		f->member |= groups[i] == group->gr_gid;
}

static void gather_caller(struct facts *f)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = { { 0 } };
	unsigned int inside = 1, outside = 1, count = 0;
	char line[128];

	if (!syscall(SYS_capget, &header, data)) {
		f->net_admin = data[0].effective & 1u << CAP_NET_ADMIN;
		f->sys_admin = data[0].effective & 1u << CAP_SYS_ADMIN;
	}
	READ("/proc/self/uid_map", line);
	f->initial_user_ns = sscanf(line, "%u %u %u", &inside, &outside, &count) == 3 &&
			     !inside && !outside && count == UINT32_MAX;
}

/* As the library opens its sockets. */
static void gather_buffer(struct facts *f)
{
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC);
	int size = FACTS_BUFFER;
	socklen_t len = sizeof(size);

	if (fd >= 0) {
		if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, len))
			setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, len);
		/* The kernel doubles what it is told. */
		if (!getsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, &len))
			f->buffer = size / 2;
		close(fd);
	}
}

/* ---- losses --------------------------------------------------------------------- */

static int add_reasons(void *arg, const struct fields *row)
{
	static const char prefix[] = "refused_";
	struct facts *f = arg;
	size_t len = 0;

	for (size_t i = 0; i < row->n; i++) {
		const struct moeai_value *v = &row->values[i];
		size_t skip = sizeof(prefix) - 1;

		if (!v->field || strncmp(v->field->name, prefix, skip) != 0 || !v->u64 ||
		    len >= sizeof(f->reasons))
			continue;
		len += (size_t)snprintf(f->reasons + len, sizeof(f->reasons) - len,
					"%s%s %" PRIu64, len ? ", " : "", v->field->name + skip,
					v->u64);
	}
	return 0;
}

static void gather_log(struct facts *f, struct moeai *h)
{
	struct moeai_status status;

	if (moeai_status_get(h, &status))
		return;
	f->log_known = true;
	f->logged = status.log_logged;
	f->refused = status.log_refused;
	f->overwritten = status.log_overwritten;
	/* For who may: without it there are no reasons. */
	listing_walk(h, "log", NULL, add_reasons, f);
}

bool facts_parse_socket(const char *line, int group, struct facts_socket *out)
{
	unsigned int protocol, groups;

	return sscanf(line, "%*x %u %" SCNu32 " %x %*d %*d %*d %*d %" SCNu64, &protocol,
		      &out->port, &groups, &out->drops) == 4 &&
	       protocol == NETLINK_GENERIC && group >= 1 && group <= 32 &&
	       groups & 1u << (group - 1);
}

static int events_group(void)
{
	struct nl_sock *sock = nl_socket_alloc();
	int group = -1;

	if (sock && !genl_connect(sock))
		group = genl_ctrl_resolve_grp(sock, MOEAI_NETLINK_FAMILY, MOEAI_GROUP_EVENTS_NAME);
	nl_socket_free(sock);
	return group;
}

static void gather_readers(struct facts *f)
{
	FILE *file = fopen("/proc/net/netlink", "re");
	struct facts_socket one;
	uint64_t most = 0;
	int group = events_group();
	char line[256];

	f->readers_known = file && group >= 1 && group <= 32;
	while (file && fgets(line, sizeof(line), file)) {
		if (!facts_parse_socket(line, group, &one))
			continue;
		f->readers++;
		f->drops += one.drops;
		if (one.drops > most) {
			most = one.drops;
			f->worst = one.port;
		}
	}
	if (file)
		fclose(file);
}

void facts_gather(struct facts *f)
{
	struct moeai *h;

	*f = (struct facts){ .moectl = MOEAI_VERSION_STRING, .library = moeai_version() };
	gather_kernel(f);
	gather_file(f);
	gather_trust(f);
	gather_loaded(f);
	gather_group(f);
	gather_caller(f);
	gather_buffer(f);
	f->connection = moeai_open(&h);
	if (f->connection) {
		COPY(f->why, moeai_strerror(f->connection));
		return;
	}
	gather_log(f, h);
	if (f->held)
		listing_walk(h, "subscribers", NULL, add_holder, f);
	gather_readers(f);
	moeai_close(h);
}
