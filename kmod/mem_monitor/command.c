// SPDX-License-Identifier: GPL-2.0
#include "command.h"
#include "event.h"
#include "field.h"
#include "monitor.h"

static int sample(struct moeai_call *call)
{
	struct mem_sample s;

	mem_monitor_sample(&s);
	return moeai_reply(call,
			   moeai_u32(MOEAI_A_MEM_SAMPLE_LEVEL, s.level),
			   moeai_u64(MOEAI_A_MEM_SAMPLE_AVAILABLE, s.gauge.available),
			   moeai_u64(MOEAI_A_MEM_SAMPLE_TOTAL, s.gauge.total),
			   moeai_u32(MOEAI_A_MEM_SAMPLE_PERMILLE, s.gauge.permille),
			   moeai_u64(MOEAI_A_MEM_SAMPLE_STALLS, s.gauge.stalls),
			   moeai_u64(MOEAI_A_MEM_SAMPLE_SINCE, s.since),
			   moeai_u64(MOEAI_A_MEM_SAMPLE_KILLS, s.kills),
			   moeai_u32(MOEAI_A_MEM_SAMPLE_PID, s.largest.pid),
			   moeai_str(MOEAI_A_MEM_SAMPLE_COMM, s.largest.comm),
			   moeai_u64(MOEAI_A_MEM_SAMPLE_RSS, s.largest.rss),
			   moeai_u32(MOEAI_A_MEM_SAMPLE_CAUSE, s.causes),
			   moeai_u64(MOEAI_A_MEM_SAMPLE_FREE, s.gauge.free),
			   moeai_u64(MOEAI_A_MEM_SAMPLE_SWAP_FREE, s.gauge.swap_free));
}

static const struct moeai_field sample_fields[] = {
	[MOEAI_A_MEM_SAMPLE_LEVEL] = ENUM_FIELD("level", mem_level_names, "the pressure level"),
	[MOEAI_A_MEM_SAMPLE_AVAILABLE] = U64_FIELD("available", BYTES, AVAILABLE_HELP),
	[MOEAI_A_MEM_SAMPLE_TOTAL] = U64_FIELD("total", BYTES, "all memory"),
	[MOEAI_A_MEM_SAMPLE_PERMILLE] = U32_FIELD("permille", PERMILLE, "available of total"),
	[MOEAI_A_MEM_SAMPLE_STALLS] = U64_FIELD("stalls", COUNT_S, STALLS_HELP),
	[MOEAI_A_MEM_SAMPLE_SINCE] = U64_FIELD("since", TIME, "when the level was entered"),
	[MOEAI_A_MEM_SAMPLE_KILLS] =
		U64_FIELD("kills", COUNT, "OOM kills since the module was loaded"),
	[MOEAI_A_MEM_SAMPLE_PID] = PID_FIELD("pid", "of the largest process, 0: none"),
	[MOEAI_A_MEM_SAMPLE_COMM] = COMM_FIELD("comm", "its name"),
	[MOEAI_A_MEM_SAMPLE_RSS] = U64_FIELD("rss", BYTES, "its memory"),
	[MOEAI_A_MEM_SAMPLE_CAUSE] = FLAGS_FIELD("cause", mem_cause_names, CAUSE_HELP),
	[MOEAI_A_MEM_SAMPLE_FREE] = U64_FIELD("free", BYTES, FREE_HELP),
	[MOEAI_A_MEM_SAMPLE_SWAP_FREE] = U64_FIELD("swap_free", BYTES, "free swap"),
};

struct moeai_command mem_commands[MEM_COMMANDS] = {
	{
		.name = "mem_monitor.sample",
		.help = "level, memory and the largest process, now",
		.reply = MOEAI_SCHEMA(sample_fields),
		.flags = MOEAI_COMMAND_READ,
		.handler = sample,
	},
};
