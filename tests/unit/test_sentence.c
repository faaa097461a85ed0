// SPDX-License-Identifier: GPL-2.0
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "../../moectl/escape.h"
#include "../../moectl/sentence.h"
#include "wire.h"

#define MIB (1ULL << 20)

static const char *const scopes[] = { "system", "cgroup", NULL };
static const char *const actions[] = { "allow", "drop", "shadow", NULL };

enum { U32, U64, BYTES, TEXT, COMM, UID, PID, PREFIX, SCOPE, ACTION, TIME, S32 };

static const struct moeai_field kinds[] = {
	[U32] = { .type = MOEAI_TYPE_U32 },
	[U64] = { .type = MOEAI_TYPE_U64 },
	[BYTES] = { .type = MOEAI_TYPE_U64, .unit = MOEAI_UNIT_BYTES },
	[TEXT] = { .type = MOEAI_TYPE_STRING },
	[COMM] = { .type = MOEAI_TYPE_STRING, .flags = MOEAI_F_COMM },
	[UID] = { .type = MOEAI_TYPE_U32, .flags = MOEAI_F_UID },
	[PID] = { .type = MOEAI_TYPE_U32, .flags = MOEAI_F_PID },
	[PREFIX] = { .type = MOEAI_TYPE_PREFIX },
	[SCOPE] = { .type = MOEAI_TYPE_ENUM, .labels = scopes, .n_labels = 2 },
	[ACTION] = { .type = MOEAI_TYPE_ENUM, .labels = actions, .n_labels = 3 },
	[TIME] = { .type = MOEAI_TYPE_U64, .unit = MOEAI_UNIT_TIME },
	[S32] = { .type = MOEAI_TYPE_S32 },
};

/* Fields that are made up as they are needed. */
struct made {
	struct moeai_field fields[16];
	struct moeai_value values[16];
	struct fields f;
};

static void add(struct made *m, const char *name, int kind, uint64_t number, const char *text)
{
	static const unsigned char prefix[] = { 24, 192, 0, 2, 0 };
	size_t i = m->f.n++;
	struct moeai_value v;

	m->fields[i] = kinds[kind];
	m->fields[i].name = name;
	m->fields[i].id = (uint16_t)(i + 1);
	v = text ? fields_string(&m->fields[i], text) : fields_number(&m->fields[i], number);
	if (kind == PREFIX) {
		v.data = prefix;
		v.len = sizeof(prefix);
	}
	m->values[i] = v;
	m->f.values = m->values;
}

static const char *help(void *arg, const char *owner)
{
	return strcmp(owner, "x.y") ? "" : "something happened";
}

static void assert_sentence(const struct made *m, const char *type, const char *want)
{
	struct sentence s = { .help = help };
	const struct moeai_event e = { .type_name = type, .source = "x" };
	char *got = sentence_of_event(&s, &e, &m->f);

	assert_string_equal(got, want);
	free(got);
	sentence_free(&s);
}

static void add_victim(struct made *m, uint64_t scope)
{
	add(m, "pid", PID, 7, NULL);
	add(m, "uid", UID, 0, NULL);
	add(m, "comm", COMM, 0, "memhog");
	add(m, "anon", BYTES, 100 * MIB, NULL);
	add(m, "file", BYTES, 4096, NULL);
	add(m, "shmem", BYTES, 0, NULL);
	add(m, "scope", SCOPE, scope, NULL);
}

static void a_kill(void **state)
{
	const struct moeai_event e = { .type_name = "mem_monitor.victim", .source = "x" };
	struct made system = { 0 }, cgroup = { 0 };
	struct sentence s = { 0 };
	char *got;

	add_victim(&system, 0);
	assert_sentence(&system, "mem_monitor.victim",
			"the OOM killer chose memhog[7] of root, as the system had run out of "
			"memory: it had 100MiB of its own, 4KiB of files, 0B shared");
	add_victim(&cgroup, 1);
	got = sentence_answer(&s, &e, &cgroup.f);
	assert_string_equal(got, "memhog[7] of root was killed by the kernel, because its cgroup "
				 "had run out of memory; it had 100MiB of its own, 4KiB of files, "
				 "0B shared");
	free(got);
	assert_int_equal(sentence_weight("mem_monitor.victim"), SENTENCE_END);
	assert_int_equal(sentence_weight("x.y"), SENTENCE_PLAIN);
	assert_null(sentence_brief(&s, &e, &cgroup.f));
}

/* What user 0 is called here says nothing of another system. */
static void users_of_another_system(void **state)
{
	const struct moeai_event e = { .type_name = "mem_monitor.consumer", .source = "x" };
	struct sentence s = { .users.numbers = true };
	struct made m = { 0 };
	char *got;

	add(&m, "rank", U32, 1, NULL);
	add(&m, "pid", PID, 7, NULL);
	add(&m, "uid", UID, 0, NULL);
	add(&m, "comm", COMM, 0, "memhog");
	add(&m, "rss", BYTES, MIB, NULL);
	got = sentence_of_event(&s, &e, &m.f);
	assert_string_equal(got, "memhog[7] of 0 was number 1 of the largest processes, with 1MiB "
				 "in memory");
	free(got);
	sentence_free(&s);
}

/* What is not there, and what is 0, is left out where it may be. */
static void optional_parts(void **state)
{
	struct made m = { 0 };

	add(&m, "prefix", PREFIX, 0, NULL);
	add(&m, "action", ACTION, 2, NULL);
	add(&m, "packets", U64, 3, NULL);
	add(&m, "bytes", BYTES, 252, NULL);
	add(&m, "source", PREFIX, 0, NULL);
	assert_sentence(&m, "net_guard.blocked",
			"the rule for 192.0.2.0/24 would have dropped 3 packets "
			"(252B), the first of 192.0.2.0/24");
	add(&m, "reason", TEXT, 0, "");
	assert_sentence(&m, "net_guard.blocked",
			"the rule for 192.0.2.0/24 would have dropped 3 packets "
			"(252B), the first of 192.0.2.0/24");
	m.values[5] = fields_string(&m.fields[5], "ssh");
	assert_sentence(&m, "net_guard.blocked",
			"the rule for 192.0.2.0/24 would have dropped 3 packets "
			"(252B), the first of 192.0.2.0/24; reason: ssh");
	/* One address is told as such. */
	m.values[4].data = (const unsigned char[]){ 32, 192, 0, 2, 7 };
	assert_sentence(&m, "net_guard.blocked",
			"the rule for 192.0.2.0/24 would have dropped 3 packets "
			"(252B), the first of 192.0.2.7; reason: ssh");
}

/* Nothing of what is needed is there. */
static void nothing(void **state)
{
	struct made m = { 0 };

	assert_sentence(&m, "mem_monitor.oom",
			"the kernel was about to kill for memory: ? of ? were available, ? of swap "
			"were free");
	assert_sentence(&m, "user.message", "nobody says: ?");
	assert_sentence(&m, "x.y", "something happened");
	assert_sentence(&m, "x.z", "x.z");
}

static void errors(void **state)
{
	struct made good = { 0 }, bad = { 0 };

	add(&good, "name", TEXT, 0, "log.clear");
	add(&good, "status", S32, 0, NULL);
	add(&good, "comm", COMM, 0, "sh");
	add(&good, "via", TEXT, 0, "procfs");
	assert_sentence(&good, "core.command", "sh called log.clear, over procfs");
	add(&bad, "name", TEXT, 0, "log.clear");
	add(&bad, "status", S32, (uint64_t)-1, NULL);
	add(&bad, "comm", COMM, 0, "sh");
	add(&bad, "via", TEXT, 0, "procfs");
	assert_sentence(&bad, "core.command",
			"sh called log.clear, over procfs, in vain: Operation not permitted");
}

static void any_other(void **state)
{
	struct made m = { 0 };

	add(&m, "who", PID, 7, NULL);
	add(&m, "uid", UID, 0, NULL);
	add(&m, "text", TEXT, 0, "a b\n=");
	add(&m, "size", BYTES, 2048, NULL);
	assert_sentence(&m, "x.y", "something happened: who=7 uid=root text=\"a b\\n=\" size=2KiB");
}

/* No name passes for the sentence's own words. */
static void names_up_to_no_good(void **state)
{
	struct made m = { 0 };

	add(&m, "text", TEXT, 0, "x; root[1] of root removed /etc\n\033[2J\"\377");
	add(&m, "pid", PID, 7, NULL);
	add(&m, "comm", COMM, 0, "sh[1] of root");
	assert_sentence(&m, "user.message",
			"\"sh[1] of root\"[7] says: "
			"\"x; root[1] of root removed /etc\\n\\x1b[2J\\\"\\xff\"");
}

/* Each template is whole: with no field at all, nothing is left of its signs. */
static void templates(void **state)
{
	static const char *const types[] = {
		"fs_logger.create", "fs_logger.modify", "fs_logger.close_write", "fs_logger.delete",
		"fs_logger.rename", "fs_logger.attrib", "fs_logger.exec", "fs_logger.open",
		"fs_logger.watch", "mem_monitor.level", "mem_monitor.consumer", "mem_monitor.oom",
		"mem_monitor.victim", "mem_monitor.recovered", "net_guard.flood", "net_guard.scan",
		"net_guard.blocked", "net_guard.expired", "core.command", "core.module",
		"core.table", "user.message",
	};
	static const char *const tables[] = { "net_guard.rules", "net_guard.offenders",
					      "net_guard.explain", "fs_logger.watches",
					      "subscribers" };
	struct sentence s = { 0 };
	struct made m = { 0 };

	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++) {
		const struct moeai_event e = { .type_name = types[i], .source = "x" };
		char *got = sentence_of_event(&s, &e, &m.f);

		assert_null(strpbrk(got, "{}[]|"));
		assert_non_null(strchr(got, ' '));
		free(got);
	}
	for (size_t i = 0; i < sizeof(tables) / sizeof(*tables); i++) {
		char *got = sentence_of_row(&s, tables[i], &m.f);

		assert_null(strpbrk(got, "{}[]|"));
		assert_non_null(strchr(got, ' '));
		free(got);
	}
}

/* A path as it is called where the watch was added. */
static void paths(void **state)
{
	static const struct moeai_field fields[] = {
		{ .name = "path", .type = MOEAI_TYPE_STRING, .id = MOEAI_A_FS_FILE_PATH },
		{ .name = "pid", .type = MOEAI_TYPE_U32, .id = MOEAI_A_FS_FILE_PID,
		  .flags = MOEAI_F_PID },
		{ .name = "comm", .type = MOEAI_TYPE_STRING, .id = MOEAI_A_FS_FILE_COMM,
		  .flags = MOEAI_F_COMM },
		{ .name = "exe", .type = MOEAI_TYPE_STRING, .id = MOEAI_A_FS_FILE_EXE },
	};
	static const struct moeai_schema schema = { .fields = fields, .n_fields = 4 };
	struct sentence s = { .escape = ESCAPE_ASCII };
	struct moeai_event e = { .type_name = "fs_logger.delete", .source = "fs_logger" };
	struct fields f = { 0 };
	static struct wire w;
	char *got;

	wire_string(&w, MOEAI_A_FS_FILE_PATH, "/inside/a");
	wire_u32(&w, MOEAI_A_FS_FILE_PID, 7);
	wire_string(&w, MOEAI_A_FS_FILE_COMM, "rm");
	wire_u32(&w, MOEAI_A_FS_FILE_UID, 0);
	wire_string(&w, MOEAI_A_FS_FILE_EXE, "/bin/rm");
	wire_u32(&w, MOEAI_A_FS_FILE_DEVICE, 1);
	wire_string(&w, MOEAI_A_FS_FILE_WATCH, "/mnt");
	wire_u32(&w, MOEAI_A_FS_FILE_BELOW, 7);
	e.values = (struct moeai_values){ &schema, w.data, w.len };
	assert_int_equal(fields_decode(&f, &e.values), 0);
	got = sentence_of_event(&s, &e, &f);
	assert_string_equal(got, "rm[7] removed /mnt/a (program /bin/rm)");
	free(got);
	fields_free(&f);
	sentence_free(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_kill),
		cmocka_unit_test(users_of_another_system),    cmocka_unit_test(optional_parts),
		cmocka_unit_test(nothing),   cmocka_unit_test(errors),
		cmocka_unit_test(any_other), cmocka_unit_test(names_up_to_no_good),
		cmocka_unit_test(templates), cmocka_unit_test(paths),
	};

	setenv("TZ", "UTC", 1);
	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
