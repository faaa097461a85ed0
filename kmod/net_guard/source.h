/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the detectors know of each source: a table of a size that no sender can
 * change. A source lives in one of the eight places of its set, which a secret
 * hash names. Who needs a place gets that of the source that has least to be
 * remembered: rate, and ports and addresses tried of late. So a flood of made-up
 * sources has them push each other out; those who flood or scan stay, and who sends
 * a little loses nothing by being forgotten.
 */
#ifndef GUARD_SOURCE_H
#define GUARD_SOURCE_H

#include "event.h"
#include "packet.h"

/* Allocate the table, as parameters say; process context. Again: does nothing. */
int guard_sources_start(void);

/* No packet is looked at any more. */
void guard_sources_stop(void);

/*
 * A packet of a source, as guard_source_of() has it, has come. Returns whether it is
 * over a limit of rate. If *@tell is set, so is @offence: it is the first one for an
 * interval; if it can't be told, say so by guard_source_untold(). If p->probe is still
 * set, nobody knows yet whether it is one: find out, and guard_source_try(). Under
 * RCU, BH off, as are all for packets.
 */
bool guard_source_look(struct guard_addr source, bool v6, struct guard_packet *p, u64 now_ns,
		       struct guard_offence *offence, bool *tell);

/* p->probe says whether it is one. Returns whether its source scans; *@tell as above. */
bool guard_source_try(struct guard_addr source, bool v6, const struct guard_packet *p, u64 now_ns,
		      struct guard_offence *offence, bool *tell);
void guard_source_untold(const struct guard_offence *offence);

/* What is known of one, for people. */
struct guard_known {
	bool tracked;
	bool limited; /* in the last ten seconds, by … */
	u8 limit; /* enum moeai_guard_kind */
	u32 rate; /* a second, about */
	u32 ports, hosts; /* about */
};

void guard_source_explain(struct guard_addr source, bool v6, struct guard_known *known);

u64 guard_sources_tracked(void);
u64 guard_sources_evicted(void);

/* About so many ports or addresses @offence, a scan, has tried. Takes a while. */
u32 guard_sketch_distinct(const struct guard_offence *offence);

/* How many of @bits bits are set, about, when @n things have each set one. */
u32 guard_sketch_bits(u32 bits, u32 n);

#endif
