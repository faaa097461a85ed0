// SPDX-License-Identifier: GPL-2.0
#include <linux/completion.h>
#include <linux/interrupt.h>
#include <linux/irq_work.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/smp.h>
#ifdef CONFIG_X86_LOCAL_APIC
#include <asm/apic.h>
#include <asm/nmi.h>
#endif
#include "test.h"

/* The longest DATA and one byte more. */
#define BLOB_MAX (MOEAI_DATA_LEN + 1)

enum { BLOB_BYTES = 1, BLOB_NUMBER };

static const struct moeai_field blob_fields[] = {
	[BLOB_BYTES]  = { "bytes", "as many as asked for", MOEAI_TYPE_BINARY },
	[BLOB_NUMBER] = { "number", "from 0 in each call", MOEAI_TYPE_U32 },
};

struct moeai_event_type test_events[N_EVENTS] = {
	[EV_BLOB] = { .name = "test.blob", .help = "bytes", .schema = MOEAI_SCHEMA(blob_fields) },
	[EV_ALL]  = { .name = "test.all", .help = "a field of each type" },
};

static const char *const contexts[] = { "process", "softirq", "hardirq", "nmi", NULL };
static const char *const priorities[] = { "debug", "info", "notice", "warning", "critical",
					  "unknown", NULL };

static const struct moeai_field emit_fields[] = {
	[EMIT_COUNT]	= { "count", "events", MOEAI_TYPE_U32 },
	[EMIT_SIZE]	= { "size", "of bytes", MOEAI_TYPE_U32, .max = BLOB_MAX },
	[EMIT_PRIORITY] = { "priority", "of the events", MOEAI_TYPE_ENUM, .labels = priorities },
	[EMIT_CONTEXT]	= { "context", "to emit in", MOEAI_TYPE_ENUM, .labels = contexts },
};

const struct moeai_schema test_emit_args = MOEAI_SCHEMA(emit_fields);

enum { EMITTED_COUNT = 1, EMITTED_ERROR };

static const struct moeai_field emitted_fields[] = {
	[EMITTED_COUNT] = { "emitted", "with success", MOEAI_TYPE_U32 },
	[EMITTED_ERROR] = { "error", "the last one, or 0", MOEAI_TYPE_S32 },
};

const struct moeai_schema test_emit_reply = MOEAI_SCHEMA(emitted_fields);

/* One run of test.emit. */
struct run {
	u32 count, size, priority;
	u32 emitted;
	int error;
	struct completion done;
	struct tasklet_struct tasklet;
	struct irq_work irq_work;
};

static u8 bytes[BLOB_MAX];

static void emit(struct run *r)
{
	u32 i;
	int ret;

	for (i = 0; i < r->count; i++) {
		ret = moeai_emit(&test_events[EV_BLOB], r->priority,
				 moeai_bytes(BLOB_BYTES, bytes, r->size),
				 moeai_u32(BLOB_NUMBER, i));
		if (ret)
			r->error = ret;
		else
			r->emitted++;
	}
}

static void in_process(struct run *r)
{
	u32 left = r->count;

	while (left) {
		r->count = min(left, 1000u);
		left -= r->count;
		emit(r);
		cond_resched();
	}
}

static void tasklet(unsigned long arg)
{
	struct run *r = (void *)arg;

	emit(r);
	complete(&r->done);
}

static void in_tasklet(struct run *r)
{
	tasklet_init(&r->tasklet, tasklet, (unsigned long)r);
	tasklet_schedule(&r->tasklet);
	wait_for_completion(&r->done);
	tasklet_kill(&r->tasklet);
}

static void irq_work(struct irq_work *w)
{
	struct run *r = container_of(w, struct run, irq_work);

	emit(r);
	complete(&r->done);
}

static void in_irq_work(struct run *r)
{
	init_irq_work(&r->irq_work, irq_work);
	irq_work_queue(&r->irq_work);
	wait_for_completion(&r->done);
	irq_work_sync(&r->irq_work);
}

#ifdef CONFIG_X86_LOCAL_APIC
static struct run *nmi_run;

static int nmi(unsigned int type, struct pt_regs *regs)
{
	struct run *r = xchg(&nmi_run, NULL);

	if (!r)
		return NMI_DONE;
	emit(r);
	return NMI_HANDLED;
}

static void in_nmi_handler(struct run *r)
{
	int cpu;

	if (register_nmi_handler(NMI_LOCAL, nmi, 0, "moeai_test"))
		return;
	WRITE_ONCE(nmi_run, r);
	cpu = get_cpu();
	apic->send_IPI_mask(cpumask_of(cpu), NMI_VECTOR);
	put_cpu();
	while (READ_ONCE(nmi_run))
		cpu_relax();
	unregister_nmi_handler(NMI_LOCAL, "moeai_test");
}
#else
static void in_nmi_handler(struct run *r)
{
}
#endif

int test_emit(struct moeai_call *call)
{
	static void (*const in[])(struct run *r) = { in_process, in_tasklet, in_irq_work,
						     in_nmi_handler };
	struct run r = {
		.count = moeai_arg_u32(call, EMIT_COUNT, 1),
		.size = moeai_arg_u32(call, EMIT_SIZE, 0),
		.priority = moeai_arg_u32(call, EMIT_PRIORITY, MOEAI_PRIO_INFO),
	};

	init_completion(&r.done);
	in[moeai_arg_u32(call, EMIT_CONTEXT, 0)](&r);
	return moeai_reply(call, moeai_u32(EMITTED_COUNT, r.emitted),
			   moeai_s32(EMITTED_ERROR, r.error));
}

int test_emit_all(struct moeai_call *call)
{
	static const u8 prefix[] = { 24, 192, 0, 2, 0 };

	return test_result(call, moeai_emit(&test_events[EV_ALL], MOEAI_PRIO_NOTICE,
					    moeai_bool(1, true), moeai_u32(2, U32_MAX),
					    moeai_s32(3, -1), moeai_u64(4, U64_MAX),
					    moeai_s64(5, S64_MIN), moeai_str(6, "a\"b\nc"),
					    moeai_bytes(7, "\x00\xff", 2),
					    moeai_bytes(8, prefix, sizeof(prefix)),
					    moeai_u32(9, 1), moeai_u32(10, 5)));
}
