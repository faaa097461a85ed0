# SPDX-License-Identifier: GPL-2.0
"""
What is compared with what, and what it must come to. A figure is the time that
one event, or call, takes; figure(name, size) gives it.
"""

import collections

GUESTS = ("instructions", "wall")

# parts: which of them, any, measures it; value: of a figure function; more: is a
# greater one better?; must and aim may be None; guests: those where it means anything.
Check = collections.namedtuple("Check", "parts what value more must aim form guests",
                               defaults=(GUESTS,))


def _ratio(parts, what, ours, peer, size, must=None, aim=None, guests=GUESTS):
    """How many of ours are done in the time of one of the peer's."""
    return Check(parts, what, lambda figure: figure(peer, size) / figure(ours, size), True,
                 must, aim, "{:.2f}x", guests)


def _payloads(parts, what, ours, peer, must=(None, None), aim=(None, None), guests=GUESTS):
    return [_ratio(parts, f"{what}, {size} B", ours, peer, size, must[i], aim[i], guests)
            for i, size in enumerate((64, 256))]


def _growth(parts, what, row, few, many, must, guests=GUESTS):
    """How much more one costs at many than at few."""
    return Check(parts, what, lambda figure: figure(row, many) / figure(row, few), False,
                 must, None, "{:.2f}x", guests)


def _limit(parts, what, row, size, must, aim, form="{:.0f}"):
    return Check(parts, what, lambda figure: figure(row, size), False, must, aim, form,
                 ("instructions",))


def _rate(parts, what, row, size):
    """How many in a second, or in 1e9 instructions."""
    return Check(parts, what, lambda figure: 1e9 / figure(row, size), True, None, None, "{:.0f}")


def _cost(what, ours, peer, floor, must=None):
    """What ours adds to a packet's cost, in what the peer adds; rows are (name, size)."""
    return Check("guard", what, lambda figure: (figure(*ours) - figure(*floor)) /
                 (figure(*peer) - figure(*floor)), False, must, None, "{:.2f}x",
                 ("instructions",))


def _added(what, row, floor):
    return Check("guard", what, lambda figure: figure(*row) - figure(*floor), False, None, None,
                 "{:.0f}", ("instructions",))


def _packets(family):
    """What rules cost a packet that is dropped, or passed."""
    checks = []
    for verb, floor, hash_must, net_must in (("drop", "drop-hook", 0.5, 0.3),
                                             ("pass", "no-filter", 0.6, None)):
        none = (f"{family}/{floor}", 0)
        addresses, nets, one_len = (f"{family}/{kind}/{verb}/"
                                    for kind in ("addresses", "nets", "nets-24"))
        what = f"{family} {verb}, "
        checks += [
            *[_added(what + f"{of:,} addresses, instructions", (addresses + "moeai", of), none)
              for of in (10000, 1000000)],
            *[_cost(what + f"addresses, {of:,} : nft hash", (addresses + "moeai", of),
                    (addresses + "nft-hash", min(of, 100000)), none, hash_must)
              for of in (10000, 100000, 1000000)],
            _cost(what + "addresses : nft hash with counters", (addresses + "moeai", 10000),
                  (addresses + "nft-hash-counters", 10000), none),
            _cost(what + "addresses : ipset hash:ip", (addresses + "moeai", 10000),
                  (addresses + "ipset", 10000), none),
            *[_cost(what + f"nets, {of:,} : ipset hash:net", (nets + "moeai", of),
                    (nets + "ipset", min(of, 100000)), none, net_must)
              for of in (10000, 100000, 1000000)],
            _cost(what + "nets of one length : ipset hash:net", (one_len + "moeai", 10000),
                  (one_len + "ipset", 10000), none, net_must),
            _cost(what + "nets : nft interval set", (nets + "moeai", 10000),
                  (nets + "nft-interval", 10000), none),
            *[_cost(what + f"{kind}, 1,000,000 : 10,000", (row + "moeai", 1000000),
                    (row + "moeai", 10000), none, 1.05)
              for kind, row in (("addresses", addresses), ("nets", nets))],
        ]
    return checks


LIMITERS = ("nft-add", "nft-update", "hashlimit")


def _limits(family):
    """What a limit for each source costs a packet, in what the best peer's does."""
    none = f"{family}/no-filter"

    def ratio(ours, sources):
        def value(figure):
            return ((figure(f"{family}/limit/{ours}", sources) - figure(none, 0)) /
                    min(figure(f"{family}/limit/{peer}", sources) - figure(none, 0)
                        for peer in LIMITERS))
        return Check("guard", f"{family} limit, {ours}, {sources:,} : best peer", value, False,
                     0.5, None, "{:.2f}x", ("instructions",))

    return [ratio(ours, sources) for sources in (1000, 100000)
            for ours in ("moeai-syn", "moeai-ping", "moeai-udp", "moeai-udp-no-socket",
                         "moeai-udp-ephemeral")]


def _load(what, ours, peer, must=None):
    return Check("guard", what, lambda figure: figure(*ours) / figure(*peer), False, must, None,
                 "{:.2f}x", ("instructions",))


def _scaling(verb):
    def twice(filter_):
        return lambda figure: figure(f"cpus/{verb}/{filter_}", 1) / \
            figure(f"cpus/{verb}/{filter_}", 2)
    return [
        *[Check("guard", f"{verb}, packets of two CPUs : one, {filter_}", twice(filter_), True,
                None, None, "{:.2f}x", ("wall",)) for filter_ in ("moeai", "nft-hash")],
        Check("guard", f"{verb}, the same, net_guard : nftables",
              lambda figure: twice("moeai")(figure) / twice("nft-hash")(figure), True, 1.0, None,
              "{:.2f}x", ("wall",)),
    ]


def _files(what, ours, peer, must, guests=GUESTS):
    """What ours adds to a loop over files, in what the peer adds."""
    def added(figure, name, watches):
        nobody = "files/nobody/all" if name.endswith("/all") else "files/nobody"
        return figure(name, watches) - figure(nobody, 0)
    return Check("files", "files, " + what, lambda figure: added(figure, *ours) /
                 added(figure, *peer), False, must, None, "{:.2f}x", guests)


def _everyone(ours, peer):
    """Who works, who reads, and what the kernel does for them meanwhile."""
    return (f"files/{ours}/all", 1), (f"files/{peer}/all", 1)


def _memory(what, value, must, more=True, form="{:.2f}x"):
    return Check("memory", "memory, " + what, value, more, must, None, form, ("instructions",))


def _lead(rate, peer, must=None):
    """How much longer before the kill ours says it; who does not is as if it were 1 ms."""
    return _memory(f"lead at {rate} MB/s : {peer}", lambda figure:
                   figure("memory/kill/moeai", rate) /
                   max(figure(f"memory/kill/{peer}", rate), 1e6), must)


NETLINK = "stream/moeai-netlink-batch"
NEXT = "stream/moeai-netlink"
MAPPED = "stream/moeai-mapped"
IN_PLACE = "stream/moeai-in-place"

RING = "stream/bpf-ringbuf"
BEST = "stream/bpf-best"
RECV = "stream/one-per-skb-recv"
EVENTS = "events mapped"
FANOUT = "fanout mapped"
LATENCY = "latency mapped"

# What DESIGN asks for comes with a must; the rest is for comparison.
CHECKS = [
    *_payloads(EVENTS, "in place, head : BPF ring buffer", IN_PLACE + "-head", RING,
               (1.6, 1.9), (2.0, 2.0)),
    *_payloads(EVENTS, "in place, head : BPF, best", IN_PLACE + "-head", BEST,
               (0.8, 0.8), (1.0, 1.0)),
    *_payloads(EVENTS, "in place : BPF ring buffer", IN_PLACE, RING, (1.1, 1.35), (1.5, 1.5)),
    *_payloads(EVENTS, "mapped, head : BPF ring buffer", MAPPED + "-head", RING,
               (1.6, 1.9), (2.0, 2.0)),
    *_payloads(EVENTS, "mapped, head : BPF, best", MAPPED + "-head", BEST,
               (0.8, 0.8), (1.0, 1.0)),
    *_payloads(EVENTS, "mapped : BPF ring buffer", MAPPED, RING, (1.1, 1.35), (1.5, 1.5)),
    *_payloads(EVENTS, "mapped : BPF, spinning", MAPPED + "-spin", RING + "-spin",
               guests=("wall",)),
    *_payloads(EVENTS, "mapped : BPF, 2 producers", MAPPED + "/2", RING + "/2",
               guests=("wall",)),
    *_payloads("events", "mapped : procfs text", MAPPED, "stream/procfs-text"),
    *_payloads("events", "netlink : one per skb, recv", NETLINK, RECV, (8, 8), (10, 10)),
    *_payloads("events", "netlink, one by one : one per skb, recv", NEXT, RECV),
    *_payloads("events", "netlink : one per skb, recv, 2 producers", NETLINK + "/2", RECV + "/2",
               guests=("wall",)),
    *_payloads("events", "netlink : one per skb, libnl", NETLINK, "stream/one-per-skb-libnl"),
    *_payloads("events", "netlink : BPF ring buffer", NETLINK, RING),
    *_payloads("events", "netlink : BPF ring buffer, best", NETLINK, BEST),
    *_payloads("events", "netlink : BPF perf buffer", NETLINK, "stream/bpf-perfbuf"),
    _limit("events", "emit, nobody listening, instructions, 64 B", "emit/log", 64, None, None),
    _limit("events", "emit, nobody listening, instructions, 256 B", "emit/log", 256, None, None),
    _limit("events", "emit, nobody listening, allocations", "emit/allocations", 64, 0.01, None,
           "{:.2f}"),
    *[_limit(EVENTS, f"{what}, mallocs for each event", f"malloc/moeai-{row}", 64, 0.01, None,
             "{:.2f}") for what, row in (("in place", "in-place"), ("mapped", "mapped"))],
    _limit("events", "netlink, mallocs for each event", "malloc/moeai-netlink", 64, 0.01, None,
           "{:.2f}"),
    _limit("replay", "replay, instructions, 64 B", "replay", 64, 350, 300),
    _limit("replay", "replay, instructions, 256 B", "replay", 256, 450, 400),
    *_payloads("replay", "replay : procfs text", "replay", "replay/text"),
    _ratio("commands", "call : raw GETFAMILY", "command/moeai", "command/getfamily-raw", 0,
           1.0, 1.25),
    _ratio("commands", "call : GETFAMILY by libnl", "command/moeai",
           "command/getfamily-libnl", 0),
    _ratio("commands", "call : ioctl", "command/moeai", "command/ioctl", 0),
    _ratio("commands", "call, 32 in flight : raw GETFAMILY", "command/moeai-32-in-flight",
           "command/getfamily-raw", 0),
    _ratio("commands", "call, 32 queued : raw GETFAMILY", "command/moeai-32-queued",
           "command/getfamily-raw", 0),
    _limit("commands", "call, mallocs", "malloc/command/moeai-text", 0, 0.01, None, "{:.2f}"),
    _growth("fanout", "netlink, 64 subscribers : 1", "fanout/moeai-netlink", 1, 64, 8,
            ("instructions",)),
    _growth("fanout", "one per skb, 64 subscribers : 1", "fanout/one-per-skb", 1, 64, None,
            ("instructions",)),
    _growth(FANOUT, "mapped, producer, 64 readers : 1", "fanout/mapped-producer", 1, 64, 1.02),
    _growth(FANOUT, "mapped, producer, 64 readers : none", "fanout/mapped-producer", 0, 64, None),
    _growth(FANOUT, "mapped, an event for each of 8 : for 1", "fanout/mapped-everything", 1, 8,
            None),
    _ratio(LATENCY, "latency, median, mapped : BPF", "latency/moeai-mapped/warning",
           "latency/bpf-ringbuf/info", 50),
    _ratio(LATENCY, "latency, median, mapped : BPF, spinning", "latency/moeai-mapped-spin/warning",
           "latency/bpf-ringbuf-spin/info", 50, guests=("wall",)),
    _ratio("latency", "latency, median, netlink : one per skb", "latency/moeai-netlink/warning",
           "latency/one-per-skb-recv/info", 50),
    _ratio("moectl", "moectl monitor --json : libnl", "moectl/json", "moectl/libnl-json", 64,
           10),
    _rate("moectl", "moectl monitor --json, events/s", "moectl/json", 64),
    _limit("size", "memory besides log and keep ring, KiB", "memory/core", 0, 256, None),
    _growth("size", "emit, log of 64 MiB : 64 KiB", "size/emit", 64, 65536, 1.05),
    _growth("size", "find the newest, 64 MiB : 64 KiB", "size/find", 64, 65536, 1.05),
    *_packets("v4"),
    *_packets("v6"),
    *_limits("v4"),
    *_limits("v6"),
    *[_load(f"load 1,000,000 nets, {how} : ipset restore", (f"load/v4/nets/{ours}", 1000000),
            ("load/v4/nets/ipset", 1000000), 0.2)
      for how, ours in (("libmoeai", "moeai"), ("moectl guard load", "moectl"))],
    *[_load(f"load 100,000 addresses, {how} : nft -f", (f"load/v4/addresses/{ours}", 100000),
            ("load/v4/addresses/nft-hash", 100000))
      for how, ours in (("libmoeai", "moeai"), ("moectl guard load", "moectl"))],
    _load("memory for each of 1,000,000 nets : ipset hash:net",
          ("load-memory/v4/nets/moeai", 1000000), ("load-memory/v4/nets/ipset", 1000000), 1.0),
    _load("memory for each of 100,000 IPv6 nets : ipset hash:net",
          ("load-memory/v6/nets/moeai", 100000), ("load-memory/v6/nets/ipset", 100000), 1.0),
    *_scaling("drop"),
    *_scaling("pass"),
    *[_files(f"{what} : {peer}", (f"files/{ours}", 1), (f"files/{peer}", 1), must)
      for what, ours in (("nobody reads", "moeai"), ("mapped", "moeai-mapped"))
      for peer, must in (("inotify", 0.8), ("audit", 0.05), ("fanotify", None))],
    *[_files(f"{ours}, with reader : {peer}", *_everyone(f"moeai-{ours}", peer), must)
      for ours in ("mapped", "netlink")
      for peer, must in (("fanotify", 0.1), ("inotify", None), ("audit", None))],
    _files("outside : a mark that counts", ("files/outside/moeai", 1), ("files/outside/mark", 0),
           1.2, ("instructions",)),
    _files("1,000 watches : one", ("files/moeai", 1000), ("files/moeai", 1), 1.05,
           ("instructions",)),
    *[_lead(rate, "poll-100ms", must) for rate, must in ((50, 1.05), (200, 1.4), (500, 2.5))],
    *[_lead(rate, peer) for rate in (50, 200, 500) for peer in ("earlyoom", "poll-1s", "psi")],
    _memory("thrash, lead of medium : psi", lambda figure: figure("memory/thrash/moeai-medium", 50) /
            max(figure("memory/thrash/psi", 50), 1e6), 1.0),
    _memory("thrash, lead of critical : psi", lambda figure: figure("memory/thrash/moeai", 50) /
            max(figure("memory/thrash/psi", 50), 1e6), None),
    *[_memory(f"largest not named, {how} at {rate} MB/s",
              lambda figure, how=how, rate=rate: figure(f"memory/{how}/not-named", rate), 0,
              False, "{:.0f}") for how, rate in (("kill", 50), ("kill", 200), ("kill", 500),
                                                 ("thrash", 50))],
    _memory("cost at rest, permille of a processor", lambda figure:
            (figure("memory/rest/moeai", 0) - figure("memory/rest/nobody", 0)) / 1e6, 1, False,
            "{:.3f}"),
]

# Rows that count something other than time begin so.
MAY_BE_ZERO = ("emit/allocations", "malloc/", "memory/")

# These take long, and what is counted is always the same: they are measured once.
ONCE = ("load", "first/")

# Bars of the plot: whose, a label, and the row that it shows.
PLOT = [
    ("ours", "MoeAI, in place", IN_PLACE),
    ("ours", "MoeAI, mapped log", MAPPED),
    ("ours", "MoeAI, netlink", NETLINK),
    ("peer", "BPF ring buffer", RING),
    ("peer", "BPF perf buffer", "stream/bpf-perfbuf"),
    ("peer", "a message each, recv()", RECV),
    ("peer", "a message each, libnl", "stream/one-per-skb-libnl"),
]
