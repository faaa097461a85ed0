// SPDX-License-Identifier: GPL-2.0
/*
 * The flight recorder over a log, a clock and files that are this test's, see its LDFLAGS in
 * the Makefile. A log is a row of steps, which come when the monotonic clock is there.
 */
#include <poll.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>
#include "wire.h"
#include "capture.h"
#include "../../moectl/recorder.h"
#include "../../moectl/signals.h"

#define ANY   MOEAI_PRIO_INFO
#define ALARM MOEAI_PRIO_CRITICAL
#define HOUR  3600000
#define SHARE 100 /* bytes of a file after its trigger */
#define MS    1000000ULL
#define DAY   (1769904000000 * MS) /* the wall clock, when the monotonic one is 0 */

struct step {
	int64_t at;	 /* ms of the monotonic clock */
	uint64_t seq;	 /* 0: a signal comes */
	unsigned int priority;
	int64_t stepped; /* ms that the wall clock is off */
	uint64_t bytes;
};

static struct {
	const struct step *log;
	size_t next;
	uint64_t epoch;
	bool tell_epoch;
	int64_t clock;
	int opened;
	int (*on_replay)(void); /* when a monitor is opened for the first trigger */
} kernel;

/* Files, one after the other: seqs, "!" at a trigger's, and "|" and why at the end. */
static struct {
	char told[512];
	uint64_t size, undescribed;
	int error;
} files;

static void tell(const char *format, uint64_t seq, const char *text)
{
	const size_t len = strlen(files.told);

	snprintf(files.told + len, sizeof(files.told) - len, format, seq, text);
}

/* ---- what moectl/ finds in place of the library and the system ------------------------- */

#define WRAPPED(function) __typeof__(function) __wrap_##function

WRAPPED(moeai_open);
WRAPPED(moeai_status_get);
WRAPPED(moeai_monitor_open);
WRAPPED(moeai_monitor_close);
WRAPPED(moeai_monitor_fd);
WRAPPED(moeai_monitor_error);
WRAPPED(moeai_monitor_next);
WRAPPED(moeai_incident_begin);
WRAPPED(moeai_incident_add);
WRAPPED(moeai_incident_size);
WRAPPED(moeai_incident_end);
WRAPPED(moeai_incident_abandon);
WRAPPED(clock_gettime);
WRAPPED(ppoll);
WRAPPED(signals_catch);
WRAPPED(signals_came);

int __wrap_moeai_open(struct moeai **out)
{
	*out = NULL;
	return 0;
}

int __wrap_moeai_status_get(struct moeai *h, struct moeai_status *out)
{
	*out = (struct moeai_status){ .log_size = SHARE };
	return 0;
}

static bool has_come(void)
{
	return kernel.log[kernel.next].seq && kernel.log[kernel.next].at <= kernel.clock;
}

int __wrap_moeai_monitor_open(struct moeai_monitor **out, const struct moeai_monitor_options *o)
{
	int rc = kernel.opened++ == 1 && kernel.on_replay ? kernel.on_replay() : 0;

	if (!rc && o->epoch && o->epoch != kernel.epoch)
		rc = -ESTALE;
	if (rc)
		return rc;
	kernel.next = 0;
	while (has_come() && (o->since == MOEAI_SINCE_NOW || kernel.log[kernel.next].seq < o->since))
		kernel.next++;
	kernel.tell_epoch = true;
	*out = (struct moeai_monitor *)&kernel;
	return 0;
}

void __wrap_moeai_monitor_close(struct moeai_monitor *m)
{
}

int __wrap_moeai_monitor_fd(struct moeai_monitor *m)
{
	return -1;
}

const char *__wrap_moeai_monitor_error(const struct moeai_monitor *m)
{
	return "the reason";
}

int __wrap_moeai_monitor_next(struct moeai_monitor *m, struct moeai_item *out, int timeout)
{
	const struct step *s = &kernel.log[kernel.next];

	if (kernel.tell_epoch) {
		kernel.tell_epoch = false;
		*out = (struct moeai_item){ .kind = MOEAI_EPOCH, .epoch = kernel.epoch };
		return 0;
	}
	if (!has_come())
		return -ETIMEDOUT;
	kernel.next++;
	*out = (struct moeai_item){ .kind = MOEAI_EVENT, .event = {
		.seq = s->seq, .priority = s->priority, .type_name = "unit.event",
		.time = DAY + (uint64_t)(s->at + s->stepped) * MS } };
	return 0;
}

int __wrap_moeai_incident_begin(struct moeai_incident **out, struct moeai_monitor *m, int fd,
				uint64_t time)
{
	files.size = 0;
	*out = (struct moeai_incident *)&files;
	return 0;
}

int __wrap_moeai_incident_add(struct moeai_incident *f, const struct moeai_item *item,
			      const char *comment)
{
	if (item->event.seq == files.undescribed)
		return -ENODEV;
	files.size += kernel.log[kernel.next - 1].bytes;
	tell("%lu%s ", item->event.seq, comment ? "!" : "");
	return 0;
}

uint64_t __wrap_moeai_incident_size(const struct moeai_incident *f)
{
	return files.size;
}

int __wrap_moeai_incident_end(struct moeai_incident *f, const char *comment)
{
	tell("%.0lu|%s ", 0, comment ? comment : "");
	return files.error;
}

void __wrap_moeai_incident_abandon(struct moeai_incident *f)
{
}

int __wrap_clock_gettime(clockid_t id, struct timespec *t)
{
	*t = (struct timespec){ kernel.clock / 1000, kernel.clock % 1000 * 1000000 };
	return 0;
}

int __wrap_ppoll(struct pollfd *fds, nfds_t n, const struct timespec *t, const sigset_t *set)
{
	const int64_t next = kernel.log[kernel.next].at;
	const int64_t then = t ? kernel.clock + t->tv_sec * 1000 + t->tv_nsec / 1000000 : next;

	if (kernel.clock < next)
		kernel.clock = then < next ? then : next;
	return 0;
}

void __wrap_signals_catch(sigset_t *unblocked)
{
}

bool __wrap_signals_came(void)
{
	return !kernel.log[kernel.next].seq && kernel.log[kernel.next].at <= kernel.clock;
}

/* ---- running it ------------------------------------------------------------------------ */

static int setup(void **state)
{
	memset(&kernel, 0, sizeof(kernel));
	memset(&files, 0, sizeof(files));
	kernel.epoch = 7;
	return 0;
}

/* An alarm is a trigger, of which a second is recorded. Returns how many files it told of. */
static size_t record(const struct step *log)
{
	const struct recorder_options o = { .priority = ALARM, .before = 60000, .after = 1000 };
	char folder[] = "/tmp/recorder.XXXXXX", command[64], *text;
	struct incidents d = { .path = folder, .max_files = 10,
			       .max_size = SHARE * RECORDER_LOG_SHARE };
	struct capture c;
	size_t n = 0;

	assert_non_null(mkdtemp(folder));
	assert_int_equal(incidents_open(&d), 0);
	capture_begin(&c, FORM_TAB);
	kernel.log = log;
	assert_int_equal(recorder_run(&o, &d, &c.out), 0);
	text = capture_end(&c);
	for (const char *at = text; (at = strstr(at, "incident\t")); at++)
		n++;
	free(text);
	incidents_close(&d);
	snprintf(command, sizeof(command), "rm -r %s", folder);
	assert_int_equal(system(command), 0);
	return n;
}

/* ---- when it ends ----------------------------------------------------------------------- */

static void test_window(void **state)
{
	static const struct step log[] = {
		{ 10, 1, ANY }, { 20, 2, ALARM }, { 500, 3, ALARM }, { 1400, 4, ANY },
		{ 1600, 5, ANY }, { 9000, 0 },
	};

	assert_int_equal(record(log), 1);
	assert_string_equal(files.told, "1 2! 3! 4 | ");
}

static void test_row(void **state)
{
	struct step log[20] = { 0 };

	for (size_t i = 0; i < 15; i++)
		log[i] = (struct step){ 10 + (int64_t)i * 800, i + 1, ALARM };
	log[15].at = 20000;
	assert_int_equal(record(log), 2);
	/* Ten seconds of it; the second file has what is before as well. */
	assert_string_equal(files.told, "1! 2! 3! 4! 5! 6! 7! 8! 9! 10! 11! 12! 13! | "
			    "1 2 3 4 5 6 7 8 9 10 11 12 13 14! 15! | ");
}

static void test_clock_forward(void **state)
{
	static const struct step log[] = {
		{ 10, 1, ALARM }, { 500, 2, ANY, HOUR }, { 900, 3, ANY, HOUR },
		{ 1500, 4, ANY, HOUR }, { 9000, 0 },
	};

	assert_int_equal(record(log), 1);
	assert_string_equal(files.told, "1! 2 3 | ");
}

static void test_clock_back(void **state)
{
	static const struct step log[] = {
		{ 10, 1, ALARM }, { 800, 2, ALARM, -HOUR }, { 1500, 3, ANY, -HOUR },
		{ 2500, 4, ANY, -HOUR }, { 9000, 0 },
	};

	assert_int_equal(record(log), 1);
	assert_string_equal(files.told, "1! 2! 3 | ");
}

static int is_slow(void)
{
	kernel.clock += 5000;
	return 0;
}

/* The log takes long to be replayed: what came later than it would have ended is left out. */
static void test_late(void **state)
{
	static const struct step log[] = {
		{ 10, 1, ALARM }, { 500, 2, ANY }, { 1500, 3, ANY }, { 9000, 0 },
	};

	kernel.on_replay = is_slow;
	assert_int_equal(record(log), 1);
	assert_string_equal(files.told, "1! 2 | ");
}

/* Then nothing is known of when those came that have an hour more, and that is told. */
static void test_late_and_set(void **state)
{
	static const struct step log[] = {
		{ 10, 1, ALARM }, { 500, 2, ANY, HOUR }, { 600, 3, ANY, HOUR }, { 9000, 0 },
	};

	kernel.on_replay = is_slow;
	assert_int_equal(record(log), 1);
	assert_string_equal(files.told, "1! |the clock was set ");
}

/* What was before the trigger is not counted. */
static void test_size(void **state)
{
	static const struct step log[] = {
		{ 10, 1, ANY, .bytes = 90 }, { 10, 2, ANY, .bytes = 90 },
		{ 20, 3, ALARM, .bytes = 10 }, { 20, 4, ANY, .bytes = 50 },
		{ 30, 5, ANY, .bytes = 50 }, { 40, 6, ANY, .bytes = 50 }, { 9000, 0 },
	};

	assert_int_equal(record(log), 1);
	assert_string_equal(files.told, "1 2 3! 4 5 |--max-size ");
}

/* ---- what can't be replayed, described or written ---------------------------------------- */

static int no_files(void)
{
	return -EMFILE;
}

/* The first is given up, and is no trigger again; the one that came meanwhile is one. */
static void test_not_replayed(void **state)
{
	static const struct step log[] = {
		{ 10, 1, ALARM }, { 10, 2, ALARM }, { 20, 3, ANY }, { 9000, 0 },
	};

	kernel.on_replay = no_files;
	assert_int_equal(record(log), 1);
	assert_string_equal(files.told, "1 2! 3 | ");
}

static int loads_anew(void)
{
	static const struct step log[] = { { 10, 1, ALARM }, { 20, 2, ANY }, { 9000, 0 } };

	kernel.log = log;
	kernel.epoch++;
	return -ESTALE;
}

static void test_loaded_anew(void **state)
{
	static const struct step log[] = { { 10, 5, ALARM }, { 9000, 0 } };

	kernel.on_replay = loads_anew;
	assert_int_equal(record(log), 1);
	assert_string_equal(files.told, "1! 2 | ");
}

static const struct step three[] = {
	{ 10, 1, ALARM }, { 20, 2, ANY }, { 30, 3, ANY }, { 9000, 0 },
};

static void test_not_described(void **state)
{
	files.undescribed = 3;
	assert_int_equal(record(three), 1);
	assert_string_equal(files.told, "1! 2 |what describes the events can't be read: the reason ");
}

static void test_not_written(void **state)
{
	files.undescribed = 3;
	files.error = -ENOSPC;
	assert_int_equal(record(three), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_window, setup),
		cmocka_unit_test_setup(test_row, setup),
		cmocka_unit_test_setup(test_clock_forward, setup),
		cmocka_unit_test_setup(test_clock_back, setup),
		cmocka_unit_test_setup(test_late, setup),
		cmocka_unit_test_setup(test_late_and_set, setup),
		cmocka_unit_test_setup(test_size, setup),
		cmocka_unit_test_setup(test_not_replayed, setup),
		cmocka_unit_test_setup(test_loaded_anew, setup),
		cmocka_unit_test_setup(test_not_described, setup),
		cmocka_unit_test_setup(test_not_written, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
