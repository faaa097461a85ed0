/* SPDX-License-Identifier: GPL-2.0 */
/* Parameters and statistics. */
#ifndef GUARD_PARAM_H
#define GUARD_PARAM_H

#include <linux/moeai.h>
#include <uapi/linux/moeai_net_guard.h>
#include "packet.h"

struct guard_limit {
	u32 rate; /* packets a second; 0: no limit */
	u32 burst; /* packets */
	u64 step; /* ns, one second by rate; 0: no limit */
};

/* Read with READ_ONCE(): they change at any time. */
struct guard_params {
	u32 mode; /* enum moeai_guard_mode */
	bool all_namespaces;
	u64 interval; /* ns, between events of the same */
	struct guard_limit limits[GUARD_CLASSES];
	u32 scan_ports, scan_hosts; /* distinct ones, in … */
	u64 scan_window; /* ns */
	bool scan_forwarded; /* to others, too */
	u32 port_bits, host_bits; /* what those numbers make in a sketch */
	u64 block_time, block_max; /* ns */
	u32 auto_rules; /* at most */
	u32 sources; /* places; when the detectors start */
};

extern struct guard_params guard_params;

void guard_params_init(void);

#define GUARD_PARAMS 25
extern const struct moeai_param guard_param_table[GUARD_PARAMS];

#endif /* GUARD_PARAM_H */
