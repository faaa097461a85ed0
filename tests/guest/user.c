// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "user.h"
#include "wire.h"

const char *const who_names[N_WHO] = {
	"root", "bare root", "nobody", "CAP_NET_ADMIN", "CAP_SYS_ADMIN", "root of a user namespace",
	"root of a user and network namespace", "root of another network namespace",
};

/* A child can't fail its parent's test by an assertion. */
static void must(int failed, const char *what)
{
	if (!failed)
		return;
	perror(what);
	_exit(120);
}

static void keep_caps(uint64_t caps)
{
	struct __user_cap_header_struct head = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct data[2] = {
		{ caps, caps, 0 },
		{ caps >> 32, caps >> 32, 0 },
	};

	must(syscall(SYS_capset, &head, data), "capset");
}

static void become_uid(uint32_t uid, uint64_t caps)
{
	must(prctl(PR_SET_KEEPCAPS, 1), "prctl");
	must(setgroups(0, NULL), "setgroups");
	must(setresgid(uid, uid, uid), "setresgid");
	must(setresuid(uid, uid, uid), "setresuid");
	keep_caps(caps);
}

static void write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);

	must(fd < 0 || write(fd, text, strlen(text)) < 0, path);
	close(fd);
}

/* As unshare -U -r does, and from uid 65534, as an attacker would. */
static void become_userns_root(int more)
{
	become_uid(65534, 0);
	must(prctl(PR_SET_DUMPABLE, 1), "prctl"); /* our /proc/self is ours */
	must(unshare(CLONE_NEWUSER | more), "unshare");
	write_file("/proc/self/setgroups", "deny");
	write_file("/proc/self/uid_map", "0 65534 1");
	write_file("/proc/self/gid_map", "0 65534 1");
	must(setresuid(0, 0, 0), "setresuid");
}

#define CAP(n) (1ULL << (n))

void become(enum who who)
{
	switch (who) {
	case BARE_ROOT:
		keep_caps(0);
		break;
	case NOBODY:
		become_uid(65534, 0);
		break;
	case NET_ADMIN:
		become_uid(65534, CAP(CAP_NET_ADMIN));
		break;
	case SYS_ADMIN:
		become_uid(65534, CAP(CAP_SYS_ADMIN));
		break;
	case USERNS_ROOT:
		become_userns_root(0);
		break;
	case USERNS_NET_ROOT:
		become_userns_root(CLONE_NEWNET);
		break;
	case OTHER_NET:
		must(unshare(CLONE_NEWNET), "unshare");
		break;
	default:
		break;
	}
}

static int in_child(void (*change)(uint32_t what), uint32_t what, int (*fn)(void *arg), void *arg)
{
	int p[2], ret, status;
	pid_t pid;

	assert_int_equal(pipe(p), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (!pid) {
		change(what);
		ret = fn(arg);
		_exit(write(p[1], &ret, sizeof(ret)) == sizeof(ret) ? 0 : 121);
	}
	close(p[1]);
	if (read(p[0], &ret, sizeof(ret)) != sizeof(ret))
		ret = INT32_MIN;
	close(p[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	return ret;
}

static void change_who(uint32_t who)
{
	become(who);
}

static void change_uid(uint32_t uid)
{
	become_uid(uid, CAP(CAP_NET_ADMIN) | CAP(CAP_SYS_ADMIN));
}

int as(enum who who, int (*fn)(void *arg), void *arg)
{
	return in_child(change_who, who, fn, arg);
}

int as_uid(uint32_t uid, int (*fn)(void *arg), void *arg)
{
	return in_child(change_uid, uid, fn, arg);
}
