# SPDX-License-Identifier: GPL-2.0
"""
What is compared with what, and what it must come to. A figure is the time that
one event, or call, takes; figure(name, size) gives it.
"""

import collections

# value: of a figure function; more: is a greater one better?; must and aim may be
# None; wall: does it mean anything in time on two processors?
Check = collections.namedtuple("Check", "part what value more must aim form wall",
                               defaults=(True,))


def _ratio(part, what, ours, peer, size, must=None, aim=None):
    """How many of ours are done in the time of one of the peer's."""
    return Check(part, what, lambda figure: figure(peer, size) / figure(ours, size), True,
                 must, aim, "{:.2f}x")


def _payloads(part, what, ours, peer, must=(None, None), aim=(None, None)):
    return [_ratio(part, f"{what}, {size} B", ours, peer, size, must[i], aim[i])
            for i, size in enumerate((64, 256))]


def _growth(part, what, row, few, many, must):
    """How much more one costs at many than at few."""
    return Check(part, what, lambda figure: figure(row, many) / figure(row, few), False,
                 must, None, "{:.2f}x", row.split("/")[0] != "fanout")


def _limit(part, what, row, size, must, aim):
    return Check(part, what, lambda figure: figure(row, size), False, must, aim, "{:.0f}",
                 False)


NETLINK = "stream/moeai-netlink"
MAPPED = "stream/moeai-mapped"
IN_PLACE = "stream/moeai-in-place"

CHECKS = [
    *_payloads("events", "in place, head : BPF ring buffer", IN_PLACE + "-head",
               "stream/bpf-ringbuf", (1.6, 1.9), (2.0, 2.0)),
    *_payloads("events", "in place, head : BPF, best", IN_PLACE + "-head", "stream/bpf-best",
               (0.8, 0.8), (1.0, 1.0)),
    *_payloads("events", "in place : BPF ring buffer", IN_PLACE, "stream/bpf-ringbuf",
               (1.1, 1.35), (1.5, 1.5)),
    *_payloads("events", "mapped, head : BPF ring buffer", MAPPED + "-head",
               "stream/bpf-ringbuf", (1.6, 1.9), (2.0, 2.0)),
    *_payloads("events", "mapped, head : BPF, best", MAPPED + "-head", "stream/bpf-best",
               (0.8, 0.8), (1.0, 1.0)),
    *_payloads("events", "mapped : BPF ring buffer", MAPPED, "stream/bpf-ringbuf",
               (1.1, 1.35), (1.5, 1.5)),
    *_payloads("events", "netlink : one per skb, recv", NETLINK, "stream/one-per-skb-recv",
               (8, 8), (10, 10)),
    *_payloads("events", "netlink : one per skb, libnl", NETLINK, "stream/one-per-skb-libnl"),
    *_payloads("events", "netlink : BPF ring buffer", NETLINK, "stream/bpf-ringbuf"),
    *_payloads("events", "netlink : BPF ring buffer, best", NETLINK, "stream/bpf-best"),
    *_payloads("events", "netlink : BPF perf buffer", NETLINK, "stream/bpf-perfbuf"),
    _limit("replay", "replay, instructions, 64 B", "replay", 64, 350, 300),
    _limit("replay", "replay, instructions, 256 B", "replay", 256, 450, 400),
    *_payloads("replay", "replay : procfs text", "replay", "replay/text"),
    _limit("events", "emit, nobody listening, instructions, 64 B", "emit/log", 64, None, None),
    _limit("events", "emit, nobody listening, instructions, 256 B", "emit/log", 256, None, None),
    _ratio("commands", "call : raw GETFAMILY", "command/moeai", "command/getfamily-raw", 0,
           1.0, 1.25),
    _ratio("commands", "call : GETFAMILY by libnl", "command/moeai",
           "command/getfamily-libnl", 0),
    _ratio("commands", "call : ioctl", "command/moeai", "command/ioctl", 0),
    _ratio("commands", "call, 32 in flight : raw GETFAMILY", "command/moeai-32-in-flight",
           "command/getfamily-raw", 0),
    _growth("fanout", "netlink, 64 subscribers : 1", "fanout/moeai-netlink", 1, 64, 8),
    _growth("fanout", "one per skb, 64 subscribers : 1", "fanout/one-per-skb", 1, 64, None),
    _ratio("moectl", "moectl monitor --json : libnl", "moectl/json", "moectl/libnl-json", 64,
           10),
    _growth("size", "emit, log of 64 MiB : 64 KiB", "size/emit", 64, 65536, 1.05),
    _growth("size", "find the newest, 64 MiB : 64 KiB", "size/find", 64, 65536, 1.05),
]

# Bars of the plot: a label and the row that it shows.
PLOT = [
    ("MoeAI, libmoeai, mapped", MAPPED),
    ("MoeAI, libmoeai over netlink", NETLINK),
    ("BPF ring buffer, libbpf", "stream/bpf-ringbuf"),
    ("BPF perf buffer, libbpf", "stream/bpf-perfbuf"),
    ("one netlink message each, recv", "stream/one-per-skb-recv"),
    ("one netlink message each, libnl", "stream/one-per-skb-libnl"),
]
