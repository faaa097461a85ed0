// SPDX-License-Identifier: GPL-2.0
/* The folder of incident files: names, limits, what others left there. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "wire.h"
#include "../../moectl/incidents.h"
#include "../../moectl/units.h"

#define SECOND 1000000000ULL
#define TIME   (1769903999 * SECOND) /* 2026-01-31T23:59:59 */

static char folder[] = "/tmp/incidents.XXXXXX";
static struct incidents d;

/* Another recorder, which looks for what nobody writes between a file's creation and its lock. */
static enum { NOBODY, HAS_IT_LOCKED, HAS_REMOVED_IT } rival;

int flock(int fd, int operation)
{
	const int was = rival;
	char path[32];
	int own, rc;

	rival = NOBODY;
	if (was == HAS_REMOVED_IT)
		incidents_prune(&d, NULL);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	own = was == HAS_IT_LOCKED ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	if (own >= 0)
		syscall(SYS_flock, own, LOCK_EX);
	rc = (int)syscall(SYS_flock, fd, operation);
	if (own >= 0)
		close(own);
	return rc;
}

static int setup(void **state)
{
	strcpy(strrchr(folder, '.'), ".XXXXXX");
	assert_non_null(mkdtemp(folder));
	d = (struct incidents){ .path = folder, .max_files = 3, .max_size = 1000, .fd = -1 };
	assert_int_equal(incidents_open(&d), 0);
	return 0;
}

static int teardown(void **state)
{
	char command[64];

	incidents_close(&d);
	snprintf(command, sizeof(command), "rm -rf %s", folder);
	return system(command);
}

static void publish(uint64_t time, size_t size, char name[INCIDENT_NAME])
{
	struct incident_temp t;

	assert_int_equal(incidents_create(&d, &t), 0);
	assert_int_equal(ftruncate(t.fd, (off_t)size), 0);
	assert_true(incidents_size(&t) == size);
	assert_int_equal(incidents_publish(&d, &t, time, name), 0);
	assert_int_equal(t.fd, -1);
}

/* How many there are, and the oldest of them. */
static size_t list(struct incident_file *oldest)
{
	struct incident_file *files;
	size_t n;

	assert_int_equal(incidents_list(&d, &files, &n), 0);
	if (n && oldest)
		*oldest = files[0];
	for (size_t i = 1; i < n; i++)
		assert_true(files[i - 1].time < files[i].time);
	free(files);
	return n;
}

static bool there(const char *name)
{
	return !faccessat(d.fd, name, F_OK, AT_SYMLINK_NOFOLLOW);
}

static void test_names(void **state)
{
	struct incident_file oldest;
	char name[INCIDENT_NAME];
	struct stat st;

	publish(TIME + 7 * SECOND / 1000, 10, name);
	assert_string_equal(name, "incident-20260131T235959.007Z.pcapng");
	assert_int_equal(fstatat(d.fd, name, &st, 0), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(list(&oldest), 1);
	assert_true(oldest.time == TIME + 7000000 && oldest.size == 10);
	assert_string_equal(oldest.name, name);
	/* Another of the same moment takes the next name, and replaces nothing. */
	publish(TIME + 7 * SECOND / 1000, 20, name);
	assert_string_equal(name, "incident-20260131T235959.008Z.pcapng");
	assert_int_equal(list(&oldest), 2);
	assert_true(oldest.size == 10);
}

/* What is not called so, or is no file, is not ours. */
static void test_others(void **state)
{
	static const char *const names[] = {
		"incident-20260131T235959.000Z.pcapng.gz", "incident-20260132T235959.000Z.pcapng",
		"incident-2026.pcapng", "incident-20260131T235959.0Z.pcapng", "notes",
		"incident-+0260131T235959.000Z.pcapng", "xincident-20260131T235959.000Z.pcapng",
		".incident-notes", ".incident-0123456789abcde", ".incident-0123456789abcdef0",
		".incident-0123456789ABCDEF", ".incident-0123456789abcdef.gz", ".incident-",
	};
	char name[INCIDENT_NAME];
	struct stat st;
	int fd;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		fd = openat(d.fd, names[i], O_CREAT | O_WRONLY, 0644);
		assert_true(fd >= 0);
		close(fd);
	}
	assert_int_equal(symlinkat("/etc/passwd", d.fd, "incident-20200101T000000.000Z.pcapng"), 0);
	assert_int_equal(mkdirat(d.fd, "incident-20200101T000001.000Z.pcapng", 0700), 0);
	assert_int_equal(symlinkat("/etc/passwd", d.fd, ".incident-0000000000000000"), 0);
	assert_int_equal(list(NULL), 0);
	d.max_files = 1;
	for (uint64_t i = 0; i < 3; i++)
		publish(TIME + i * SECOND, 1, name);
	incidents_prune(&d, NULL);
	assert_int_equal(list(NULL), 1);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		assert_true(there(names[i]));
	assert_true(there("incident-20200101T000000.000Z.pcapng"));
	assert_true(there("incident-20200101T000001.000Z.pcapng"));
	assert_true(there(".incident-0000000000000000"));
	assert_int_equal(stat("/etc/passwd", &st), 0);
	assert_int_equal(incidents_read(&d, "incident-20200101T000000.000Z.pcapng"), -ELOOP);
	/* Nor is it written through: the name is taken, and the next one is free. */
	publish(1577836800 * SECOND, 1, name);
	assert_string_equal(name, "incident-20200101T000000.001Z.pcapng");
}

static void test_limits(void **state)
{
	struct incident_file oldest;
	char name[INCIDENT_NAME];

	for (uint64_t i = 0; i < 6; i++)
		publish(TIME + i * SECOND, 100, name);
	incidents_prune(&d, NULL);
	assert_int_equal(list(&oldest), 3);
	assert_true(oldest.time == TIME + 3 * SECOND);
	publish(TIME + 9 * SECOND, 850, name);
	incidents_prune(&d, NULL);
	assert_int_equal(list(&oldest), 2); /* 950 bytes */
	assert_true(oldest.time == TIME + 5 * SECOND);
	/* The newest stays, whatever it has. */
	publish(TIME + 10 * SECOND, 5000, name);
	incidents_prune(&d, NULL);
	assert_int_equal(list(&oldest), 1);
	assert_true(oldest.size == 5000);
}

/* What was just written stays, though others have a later name, and they go for it. */
static void test_clock_set_back(void **state)
{
	struct incident_file oldest;
	char name[INCIDENT_NAME];

	for (uint64_t i = 0; i < 3; i++)
		publish(TIME + i * SECOND, 100, name);
	publish(SECOND, 850, name);
	incidents_prune(&d, name);
	assert_true(there(name));
	assert_int_equal(list(&oldest), 2); /* 950 bytes */
	assert_true(oldest.time == SECOND);
	d.max_files = 1;
	incidents_prune(&d, name);
	assert_true(there(name));
	assert_int_equal(list(NULL), 1);
	d.max_size = 1;
	incidents_prune(&d, name);
	assert_true(there(name));
}

/* Who was killed leaves it behind; who still writes has it locked. */
static void test_unfinished(void **state)
{
	struct incident_temp left, written;
	char name[INCIDENT_NAME];

	assert_int_equal(incidents_create(&d, &left), 0);
	assert_int_equal(incidents_create(&d, &written), 0);
	close(left.fd);
	incidents_prune(&d, NULL);
	assert_false(there(left.name));
	assert_true(there(written.name));
	assert_int_equal(list(NULL), 0);
	assert_int_equal(incidents_publish(&d, &written, TIME, name), 0);
	assert_false(there(written.name));
	assert_true(there(name));
	assert_int_equal(incidents_create(&d, &written), 0);
	incidents_drop(&d, &written);
	assert_false(there(written.name));
	incidents_drop(&d, &written);
}

static void test_rival(void **state)
{
	struct incident_temp t;
	char name[INCIDENT_NAME];

	for (int i = HAS_IT_LOCKED; i <= HAS_REMOVED_IT; i++) {
		rival = i;
		assert_int_equal(incidents_create(&d, &t), 0);
		assert_int_equal(rival, NOBODY);
		assert_true(there(t.name));
		assert_int_equal(incidents_publish(&d, &t, TIME + (uint64_t)i * SECOND, name), 0);
		assert_int_equal(list(NULL), i);
	}
}

/* An error leaves nothing. */
static void test_publish_fails(void **state)
{
	struct incident_temp t;
	char name[INCIDENT_NAME];

	assert_int_equal(incidents_create(&d, &t), 0);
	assert_int_equal(unlinkat(d.fd, t.name, 0), 0);
	assert_int_equal(incidents_publish(&d, &t, TIME, name), -ENOENT);
	assert_int_equal(t.fd, -1);
	assert_int_equal(list(NULL), 0);
}

static void test_folders(void **state)
{
	struct incidents other = { .fd = -1 };
	char path[128], link[128];
	struct stat st;

	snprintf(path, sizeof(path), "%s/new//", folder);
	other.path = path;
	assert_int_equal(incidents_open(&other), 0);
	assert_int_equal(fstat(other.fd, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	incidents_close(&other);
	snprintf(path, sizeof(path), "%s/above/below", folder);
	assert_int_equal(incidents_look(&other), 1); /* which makes none */
	assert_int_equal(incidents_open(&other), 0);
	assert_int_equal(fstat(other.fd, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	incidents_close(&other);
	assert_int_equal(chmod(path, 0770), 0);
	assert_int_equal(incidents_open(&other), 1);
	assert_int_equal(chmod(path, 0702), 0);
	assert_int_equal(incidents_open(&other), 1);
	assert_int_equal(chmod(path, 0755), 0);
	assert_int_equal(incidents_open(&other), 0);
	incidents_close(&other);
	snprintf(link, sizeof(link), "%s/link", folder);
	assert_int_equal(symlink(path, link), 0);
	other.path = link;
	assert_int_equal(incidents_open(&other), 1);
	strcat(link, "//");
	assert_int_equal(incidents_open(&other), 1);
	assert_int_equal(incidents_look(&other), 1);
	other.path = "/etc/passwd";
	assert_int_equal(incidents_open(&other), 1);
	if (!geteuid()) {
		assert_int_equal(chown(path, 12345, 0), 0);
		other.path = path;
		assert_int_equal(incidents_open(&other), 1);
	}
}

static void test_bytes(void **state)
{
	uint64_t n;

	assert_int_equal(units_parse_bytes("4096", &n), 0);
	assert_true(n == 4096);
	assert_int_equal(units_parse_bytes("64K", &n), 0);
	assert_true(n == 65536);
	assert_int_equal(units_parse_bytes("16M", &n), 0);
	assert_true(n == 16 << 20);
	assert_int_equal(units_parse_bytes("3G", &n), 0);
	assert_true(n == 3ULL << 30);
	assert_int_equal(units_parse_bytes("", &n), -EINVAL);
	assert_int_equal(units_parse_bytes("M", &n), -EINVAL);
	assert_int_equal(units_parse_bytes("1.5M", &n), -EINVAL);
	assert_int_equal(units_parse_bytes("-1", &n), -EINVAL);
	assert_int_equal(units_parse_bytes("99999999999999G", &n), -EINVAL);
	assert_int_equal(units_parse_bytes("9999999999999999999999999999M", &n), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_names, setup, teardown),
		cmocka_unit_test_setup_teardown(test_others, setup, teardown),
		cmocka_unit_test_setup_teardown(test_limits, setup, teardown),
		cmocka_unit_test_setup_teardown(test_clock_set_back, setup, teardown),
		cmocka_unit_test_setup_teardown(test_unfinished, setup, teardown),
		cmocka_unit_test_setup_teardown(test_rival, setup, teardown),
		cmocka_unit_test_setup_teardown(test_publish_fails, setup, teardown),
		cmocka_unit_test_setup_teardown(test_folders, setup, teardown),
		cmocka_unit_test(test_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
