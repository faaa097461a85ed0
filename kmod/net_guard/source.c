// SPDX-License-Identifier: GPL-2.0
#include "pure.h"
#include "param.h"
#include "rule.h"
#include "source.h"

#define WAYS	  8
#define PORT_BITS 128
#define HOST_BITS 64
#define LIMITED_S 10 /* how long somebody is said to be limited */

/* Things seen in the present half of the window, and in the one before. */
struct sketch {
	u64 ports[2][PORT_BITS / 64];
	u64 hosts[2];
};

struct source {
	struct guard_addr addr; /* as guard_source_of() has it */
	u64 due[GUARD_CLASSES]; /* ns: when what it sent is worked off at the limit's rate */
	struct sketch sketch;
	u32 half; /* number of the half window that sketch's first ones are of */
	u32 harmless; /* in it: what it sends where somebody waits for it; 0: nothing */
	u32 score; /* packets, halved each second … */
	u32 credit; /* … as is what the one was worth whose place this was */
	u32 scored; /* … last in this one */
	u32 limited; /* second: last over a limit, 0: not yet; and … */
	u32 over[__MOEAI_GUARD_KIND_MAX]; /* packets untold */
	u32 told[__MOEAI_GUARD_KIND_MAX]; /* tick; 0: not yet */
	u8 limit; /* … which one */
	bool used;
	bool v6;
};

struct set {
	spinlock_t lock;
	struct source ways[WAYS];
};

static DEFINE_MUTEX(coming); /* held by who makes the table or has it go, or is no packet */
static struct set *sets; /* while started; what follows is set before */
static u32 n_sets; /* a power of two */
static u64 set_secret, port_secret, host_secret; /* odd, all but the first */

static DEFINE_PER_CPU(u64, evicted);

/* ---- sketches ------------------------------------------------------------------------ */

/* bits * (1 - (1 - 1/bits)^n), in 16 fractional bits. */
u32 guard_sketch_bits(u32 bits, u32 n)
{
	u64 clear = (u64)bits << 16;

	while (n--)
		clear -= clear / bits;
	return bits - ((clear + (1 << 15)) >> 16);
}

/* The inverse. */
static u32 sketch_count(u32 bits, u32 set)
{
	u64 clear = (u64)bits << 16;
	u32 n;

	for (n = 0; n < 4 * bits && bits - ((clear + (1 << 15)) >> 16) < set; n++)
		clear -= clear / bits;
	return n;
}

u32 guard_sketch_distinct(const struct guard_offence *o)
{
	return sketch_count(o->kind == MOEAI_GUARD_PORT_SCAN ? PORT_BITS : HOST_BITS, o->bits);
}

static u32 ports_set(const struct sketch *s)
{
	return hweight64(s->ports[0][0] | s->ports[1][0]) +
	       hweight64(s->ports[0][1] | s->ports[1][1]);
}

static u32 hosts_set(const struct sketch *s)
{
	return hweight64(s->hosts[0] | s->hosts[1]);
}

static u32 half_window(u64 now_ns)
{
	return div64_u64(now_ns, READ_ONCE(guard_params.scan_window) / 2);
}

/*
 * Times are taken before the lock, so one may come that is a little behind the last.
 * Far behind it is only when the window has been made longer: a new count.
 */
static void turn_window(struct source *s, u32 half)
{
	if (half == s->half || half + 1 == s->half)
		return;
	if (half - s->half > 1)
		memset(&s->sketch, 0, sizeof(s->sketch));
	memcpy(s->sketch.ports[1], s->sketch.ports[0], sizeof(s->sketch.ports[0]));
	memset(s->sketch.ports[0], 0, sizeof(s->sketch.ports[0]));
	s->sketch.hosts[1] = s->sketch.hosts[0];
	s->sketch.hosts[0] = 0;
	s->harmless = 0;
	s->half = half;
}

/* Where a packet is to. Which bits that sets is not for the sender to choose. */
struct target {
	u64 host, port; /* the latter in one half of ports */
	u32 half;
	u32 key; /* of both */
};

static struct target target_of(const struct guard_packet *p)
{
	u64 host = (p->dest.hi ^ p->dest.lo * host_secret) * port_secret;
	u64 port = (p->port ^ host_secret) * port_secret;

	host = (host ^ host >> 32) * host_secret;
	return (struct target){ .host = 1ULL << (host >> 58),
				.port = p->has_port ? 1ULL << (port >> 57) % 64 : 0,
				.half = port >> 63, .key = (host + port) >> 32 | 1 };
}

static void note(struct sketch *s, const struct target *t)
{
	s->hosts[0] |= t->host;
	s->ports[0][t->half] |= t->port;
}

static bool is_noted(const struct sketch *s, const struct target *t)
{
	return s->hosts[0] & t->host && (s->ports[0][t->half] & t->port) == t->port;
}

/* What scan it is, or -1. */
static int scan_kind(const struct sketch *s)
{
	if (ports_set(s) >= READ_ONCE(guard_params.port_bits))
		return MOEAI_GUARD_PORT_SCAN;
	if (hosts_set(s) >= READ_ONCE(guard_params.host_bits))
		return MOEAI_GUARD_HOST_SCAN;
	return -1;
}

/* ---- places ---------------------------------------------------------------------------- */

static void decay(struct source *s, u32 second)
{
	s32 passed = second - s->scored;

	if (passed <= 0)
		return;
	s->score = passed < 32 ? s->score >> passed : 0;
	s->credit = passed < 32 ? s->credit >> passed : 0;
	s->scored = second;
}

static u32 worth(struct source *s, u32 second, u32 half)
{
	decay(s, second);
	turn_window(s, half);
	return s->score + s->credit + 2 * ports_set(&s->sketch) + hosts_set(&s->sketch);
}

static struct source *find(struct set *set, struct guard_addr addr, bool v6)
{
	int i;

	lockdep_assert_held(&set->lock);
	for (i = 0; i < WAYS; i++)
		if (guard_equal(set->ways[i].addr, addr) && set->ways[i].used &&
		    set->ways[i].v6 == v6)
			return &set->ways[i];
	return NULL;
}

/*
 * Who comes anew may be somebody that was here before, and is worth as much as he
 * whom he pushes out: so whoever sends most comes to stay. Source: Metwally and
 * others, Efficient Computation of Frequent and Top-k Elements in Data Streams, 2005.
 */
static struct source *take_place(struct set *set, struct guard_addr addr, bool v6, u64 now_ns)
{
	u32 second = now_ns >> 30, half = half_window(now_ns);
	struct source *victim = set->ways;
	u32 least = U32_MAX;
	int i;

	lockdep_assert_held(&set->lock);
	for (i = 0; i < WAYS && least; i++) {
		u32 w = set->ways[i].used ? worth(&set->ways[i], second, half) : 0;

		if (w < least) {
			victim = &set->ways[i];
			least = w;
		}
	}
	if (victim->used)
		this_cpu_inc(evicted);
	*victim = (struct source){ .addr = addr, .v6 = v6, .used = true, .scored = second,
				    .half = half, .credit = least };
	return victim;
}

/* For packets in no time. Who does not know the secrets can't choose whom he meets there. */
static struct set *set_of(struct guard_addr addr)
{
	u64 h = (addr.hi ^ addr.lo ^ set_secret) * port_secret;

	h = (h ^ h >> 32) * host_secret;
	return &sets[(h >> 32) & (n_sets - 1)];
}

/* ---- limits ------------------------------------------------------------------------------ */

/* Virtual scheduling: due is when all that came is worked off at the rate. */
static bool over_rate(u64 *due, u64 now, const struct guard_limit *limit, u32 n)
{
	u64 step = READ_ONCE(limit->step);

	if (!step)
		return false;
	*due = max(*due, now);
	if (*due - now >= step * READ_ONCE(limit->burst))
		return true;
	*due += step * n;
	return false;
}

static u32 interval_ticks(void)
{
	return READ_ONCE(guard_params.interval) >> GUARD_TICK_SHIFT;
}

static bool news(u32 told, u32 now)
{
	return !told || (s32)(now - told) >= (s32)interval_ticks();
}

static void begin_offence(struct source *s, int kind, u32 now, struct guard_offence *o)
{
	*o = (struct guard_offence){ .source = s->addr, .v6 = s->v6, .kind = kind,
				     .packets = s->over[kind] };
	if (kind == MOEAI_GUARD_PORT_SCAN)
		o->bits = ports_set(&s->sketch);
	else if (kind == MOEAI_GUARD_HOST_SCAN)
		o->bits = hosts_set(&s->sketch);
	s->told[kind] = now;
	s->over[kind] = 0;
}

/* @s is over a limit by @p; *@tell: what there is to tell of it is in @o. */
static void offend(struct source *s, int kind, const struct guard_packet *p, u64 now_ns,
		   struct guard_offence *o, bool *tell)
{
	u32 now = max(guard_tick(now_ns), 1U);

	s->limited = max((u32)(now_ns >> 30), 1U);
	s->limit = kind;
	s->over[kind] += p->n;
	*tell = news(s->told[kind], now);
	if (*tell)
		begin_offence(s, kind, now, o);
}

/* Is there nothing to be learned from it, as the same has been before? */
static bool is_known(struct source *s, const struct guard_packet *p, u64 now_ns)
{
	struct target t = target_of(p);

	turn_window(s, half_window(now_ns));
	return s->harmless == t.key || (is_noted(&s->sketch, &t) && scan_kind(&s->sketch) < 0);
}

bool guard_source_look(struct guard_addr source, bool v6, struct guard_packet *p, u64 now_ns,
		       struct guard_offence *offence, bool *tell)
{
	bool over = false;
	struct source *s;
	struct set *set;

	*tell = false;
	if (!smp_load_acquire(&sets)) { /* pairs with guard_sources_start() */
		p->probe = false;
		return false;
	}
	set = set_of(source);
	spin_lock(&set->lock);
	s = find(set, source, v6);
	if (s)
		decay(s, now_ns >> 30);
	else
		s = take_place(set, source, v6, now_ns);
	s->score += p->n;
	if (p->probe && is_known(s, p, now_ns))
		p->probe = false;
	if (p->class < GUARD_CLASSES)
		over = over_rate(&s->due[p->class], now_ns, &guard_params.limits[p->class], p->n);
	if (over)
		offend(s, MOEAI_GUARD_SYN_FLOOD + p->class, p, now_ns, offence, tell);
	spin_unlock(&set->lock);
	return over;
}

bool guard_source_try(struct guard_addr source, bool v6, const struct guard_packet *p, u64 now_ns,
		      struct guard_offence *offence, bool *tell)
{
	struct target t = target_of(p);
	struct set *set = set_of(source);
	struct source *s;
	int kind = -1;

	spin_lock(&set->lock);
	s = find(set, source, v6);
	if (s && !p->probe) {
		s->harmless = t.key;
	} else if (s) { /* else it was pushed out meanwhile */
		note(&s->sketch, &t);
		kind = scan_kind(&s->sketch);
		if (kind >= 0)
			offend(s, kind, p, now_ns, offence, tell);
	}
	spin_unlock(&set->lock);
	return kind >= 0;
}

void guard_source_untold(const struct guard_offence *o)
{
	struct set *set = set_of(o->source);
	struct source *s;

	spin_lock_bh(&set->lock);
	s = find(set, o->source, o->v6);
	if (s) {
		s->told[o->kind] -= interval_ticks() - 1; /* not before the next tick */
		s->over[o->kind] += o->packets;
	}
	spin_unlock_bh(&set->lock);
}

/* ---- for people --------------------------------------------------------------------------- */

static void explain(struct set *set, struct guard_addr source, bool v6,
		    struct guard_known *known)
{
	u64 now = ktime_get_boottime_ns();
	struct source *s;

	spin_lock_bh(&set->lock);
	s = find(set, source, v6);
	if (s) {
		decay(s, now >> 30);
		turn_window(s, half_window(now));
		known->tracked = true;
		known->limited = s->limited && (s32)((u32)(now >> 30) - s->limited) < LIMITED_S;
		known->limit = s->limit;
		known->rate = s->score / 2;
		known->ports = sketch_count(PORT_BITS, ports_set(&s->sketch));
		known->hosts = sketch_count(HOST_BITS, hosts_set(&s->sketch));
	}
	spin_unlock_bh(&set->lock);
}

void guard_source_explain(struct guard_addr source, bool v6, struct guard_known *known)
{
	source = guard_source_of(source, v6);
	*known = (struct guard_known){};
	mutex_lock(&coming);
	if (sets)
		explain(set_of(source), source, v6, known);
	mutex_unlock(&coming);
}

u64 guard_sources_tracked(void)
{
	u64 n = 0;
	u32 i;

	mutex_lock(&coming);
	for (i = 0; sets && i < n_sets * WAYS; i++)
		n += READ_ONCE(sets[i / WAYS].ways[i % WAYS].used);
	mutex_unlock(&coming);
	return n;
}

u64 guard_sources_evicted(void)
{
	u64 n = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		n += READ_ONCE(per_cpu(evicted, cpu));
	return n;
}

/* ---- coming and going ----------------------------------------------------------------------- */

static struct set *make_sets(u32 n)
{
	struct set *s = kvcalloc(n, sizeof(*s), GFP_KERNEL);
	u32 i;

	for (i = 0; s && i < n; i++)
		spin_lock_init(&s[i].lock);
	return s;
}

int guard_sources_start(void)
{
	u32 n = max_t(u32, rounddown_pow_of_two(READ_ONCE(guard_params.sources)) / WAYS, 1);
	int ret = 0;

	mutex_lock(&coming);
	if (!sets) {
		struct set *s = make_sets(n);

		set_secret = get_random_u64();
		port_secret = get_random_u64() | 1;
		host_secret = get_random_u64() | 1;
		n_sets = n;
		smp_store_release(&sets, s); /* pairs with guard_source_look() */
		ret = s ? 0 : -ENOMEM;
	}
	mutex_unlock(&coming);
	return ret;
}

void guard_sources_stop(void)
{
	mutex_lock(&coming);
	kvfree(sets);
	sets = NULL;
	mutex_unlock(&coming);
}
