/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * mem_monitor: field ids of its events and commands. Types and commands are
 * found by name, e.g. "mem_monitor.level"; their ids differ between epochs.
 */
#ifndef _UAPI_LINUX_MOEAI_MEM_MONITOR_H
#define _UAPI_LINUX_MOEAI_MEM_MONITOR_H

enum moeai_mem_level {
	MOEAI_MEM_NONE,
	MOEAI_MEM_LOW,
	MOEAI_MEM_MEDIUM,
	MOEAI_MEM_CRITICAL,
	__MOEAI_MEM_LEVEL_MAX
};

/* What a level comes from: bits of CAUSE, 1 << n. */
enum moeai_mem_cause {
	MOEAI_MEM_CAUSE_AVAILABLE, /* little memory is available */
	MOEAI_MEM_CAUSE_RECLAIM,   /* memory is reclaimed in vain, or wanted back at once */
	MOEAI_MEM_CAUSE_OOM,	   /* the OOM killer was called within the last second */
	MOEAI_MEM_CAUSE_FALLING,   /* little memory will be available in a moment */
	__MOEAI_MEM_CAUSE_MAX
};

/* What had run out of memory when the OOM killer came. */
enum moeai_mem_scope {
	MOEAI_MEM_SCOPE_SYSTEM,
	MOEAI_MEM_SCOPE_CGROUP,	   /* a cgroup's limit */
	MOEAI_MEM_SCOPE_CPUSET,	   /* the nodes of a cpuset */
	MOEAI_MEM_SCOPE_MEMPOLICY, /* the nodes of a memory policy */
	MOEAI_MEM_SCOPE_SYSRQ,	   /* nothing: somebody asked for it, by SysRq */
	__MOEAI_MEM_SCOPE_MAX
};

/* mem_monitor.level: the pressure level changed */
enum moeai_a_mem_level {
	MOEAI_A_MEM_LEVEL_UNSPEC,
	MOEAI_A_MEM_LEVEL_LEVEL,     /* enum moeai_mem_level */
	MOEAI_A_MEM_LEVEL_PREVIOUS,  /* enum moeai_mem_level */
	MOEAI_A_MEM_LEVEL_AVAILABLE, /* u64, bytes available without swapping */
	MOEAI_A_MEM_LEVEL_TOTAL,     /* u64, bytes */
	MOEAI_A_MEM_LEVEL_PERMILLE,  /* u32, AVAILABLE of TOTAL */
	MOEAI_A_MEM_LEVEL_STALLS,    /* u64, direct-reclaim stalls per second */
	MOEAI_A_MEM_LEVEL_CAUSE,     /* flags, bit n: enum moeai_mem_cause */
	MOEAI_A_MEM_LEVEL_HELD,	     /* u64, ns spent at PREVIOUS */
	__MOEAI_A_MEM_LEVEL_MAX
};

/*
 * mem_monitor.consumer: follows a level event, one for each rank; and a row of table
 * mem_monitor.consumers, whose key is PID. GROWTH, PERIOD and RATE are absent as long
 * as there is nothing to compare with. Of a process that was too small to be
 * remembered, among very many, GROWTH is the least that it can be.
 */
enum moeai_a_mem_consumer {
	MOEAI_A_MEM_CONSUMER_UNSPEC,
	MOEAI_A_MEM_CONSUMER_RANK, /* u32, 1 is the largest */
	MOEAI_A_MEM_CONSUMER_PID,  /* u32, thread group id */
	MOEAI_A_MEM_CONSUMER_UID,  /* u32 */
	MOEAI_A_MEM_CONSUMER_COMM, /* string */
	MOEAI_A_MEM_CONSUMER_RSS,  /* u64, bytes resident */
	MOEAI_A_MEM_CONSUMER_SWAP, /* u64, bytes swapped out */
	MOEAI_A_MEM_CONSUMER_STARTED, /* u64, ns after boot: with PID it names one process */
	MOEAI_A_MEM_CONSUMER_GROWTH,  /* s64, bytes of RSS and SWAP more than PERIOD ago */
	MOEAI_A_MEM_CONSUMER_PERIOD,  /* u64, ns */
	MOEAI_A_MEM_CONSUMER_RATE,    /* s64, bytes a second: GROWTH in PERIOD */
	__MOEAI_A_MEM_CONSUMER_MAX
};

/*
 * mem_monitor.oom: the kernel is about to choose a victim, system-wide; at most
 * one event a second, however often it tries
 */
enum moeai_a_mem_oom {
	MOEAI_A_MEM_OOM_UNSPEC,
	MOEAI_A_MEM_OOM_AVAILABLE, /* u64, bytes */
	MOEAI_A_MEM_OOM_TOTAL,	   /* u64, bytes */
	MOEAI_A_MEM_OOM_SWAP_FREE, /* u64, bytes */
	__MOEAI_A_MEM_OOM_MAX
};

/*
 * mem_monitor.victim: the OOM killer chose a process; critical, or a warning if a
 * cgroup's limit is the reason. What the kernel did not say is absent: see
 * moeai_mem_monitor(4).
 */
enum moeai_a_mem_victim {
	MOEAI_A_MEM_VICTIM_UNSPEC,
	MOEAI_A_MEM_VICTIM_PID,	  /* u32, thread group id; 0: unknown */
	MOEAI_A_MEM_VICTIM_UID,	  /* u32 */
	MOEAI_A_MEM_VICTIM_COMM,  /* string */
	MOEAI_A_MEM_VICTIM_ANON,  /* u64, bytes */
	MOEAI_A_MEM_VICTIM_FILE,  /* u64, bytes */
	MOEAI_A_MEM_VICTIM_SHMEM, /* u64, bytes */
	MOEAI_A_MEM_VICTIM_SCOPE, /* enum moeai_mem_scope */
	MOEAI_A_MEM_VICTIM_SWAP,  /* u64, bytes swapped out */
	MOEAI_A_MEM_VICTIM_PAGE_TABLES, /* u64, bytes */
	MOEAI_A_MEM_VICTIM_SCORE_ADJ,	/* s32, /proc/PID/oom_score_adj */
	MOEAI_A_MEM_VICTIM_STARTED,	/* u64, ns after boot: with PID it names one process */
	MOEAI_A_MEM_VICTIM_AVAILABLE,	/* u64, bytes, of the whole system */
	MOEAI_A_MEM_VICTIM_FREE,	/* u64, bytes, of the whole system */
	MOEAI_A_MEM_VICTIM_TOTAL,	/* u64, bytes, of the whole system */
	MOEAI_A_MEM_VICTIM_SWAP_FREE,	/* u64, bytes, of the whole system */
	MOEAI_A_MEM_VICTIM_INVOKER_PID,	/* u32, thread group id of who wanted memory */
	MOEAI_A_MEM_VICTIM_INVOKER_COMM, /* string */
	MOEAI_A_MEM_VICTIM_ORDER,	/* u32, it wanted 2^ORDER pages in one */
	MOEAI_A_MEM_VICTIM_GFP,		/* string, how: GFP_HIGHUSER_MOVABLE|__GFP_ZERO */
	MOEAI_A_MEM_VICTIM_CGROUP,	/* string, the victim's memory cgroup */
	MOEAI_A_MEM_VICTIM_LIMIT_CGROUP, /* string, the cgroup whose limit was reached */
	MOEAI_A_MEM_VICTIM_LIMIT,	/* u64, bytes: its memory limit */
	MOEAI_A_MEM_VICTIM_UNTOLD,	/* u64, victims of cgroups before it without an event */
	__MOEAI_A_MEM_VICTIM_MAX
};

/* mem_monitor.recovered: the level is none again */
enum moeai_a_mem_recovered {
	MOEAI_A_MEM_RECOVERED_UNSPEC,
	MOEAI_A_MEM_RECOVERED_DURATION,	 /* u64, ns since the level left none */
	MOEAI_A_MEM_RECOVERED_WORST,	 /* enum moeai_mem_level */
	MOEAI_A_MEM_RECOVERED_LOWEST,	 /* u64, bytes: least available seen */
	MOEAI_A_MEM_RECOVERED_AVAILABLE, /* u64, bytes now */
	MOEAI_A_MEM_RECOVERED_KILLS,	 /* u64, OOM kills meanwhile */
	__MOEAI_A_MEM_RECOVERED_MAX
};

/* mem_monitor.sample: the command's reply, taken when it is called */
enum moeai_a_mem_sample {
	MOEAI_A_MEM_SAMPLE_UNSPEC,
	MOEAI_A_MEM_SAMPLE_LEVEL,     /* enum moeai_mem_level */
	MOEAI_A_MEM_SAMPLE_AVAILABLE, /* u64, bytes */
	MOEAI_A_MEM_SAMPLE_TOTAL,     /* u64, bytes */
	MOEAI_A_MEM_SAMPLE_PERMILLE,  /* u32 */
	MOEAI_A_MEM_SAMPLE_STALLS,    /* u64, per second */
	MOEAI_A_MEM_SAMPLE_SINCE,     /* u64, ns since 1970: when the level was entered */
	MOEAI_A_MEM_SAMPLE_KILLS,     /* u64, OOM kills since the module was loaded */
	MOEAI_A_MEM_SAMPLE_PID,	      /* u32, the largest consumer's, 0: none */
	MOEAI_A_MEM_SAMPLE_COMM,      /* string, the largest consumer's */
	MOEAI_A_MEM_SAMPLE_RSS,	      /* u64, bytes, the largest consumer's */
	MOEAI_A_MEM_SAMPLE_CAUSE,     /* flags, bit n: enum moeai_mem_cause */
	MOEAI_A_MEM_SAMPLE_FREE,      /* u64, bytes */
	MOEAI_A_MEM_SAMPLE_SWAP_FREE, /* u64, bytes */
	__MOEAI_A_MEM_SAMPLE_MAX
};

#endif /* _UAPI_LINUX_MOEAI_MEM_MONITOR_H */
