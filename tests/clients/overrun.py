#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""
Overrun readers of group "events" and hold what they say against the drops of
their sockets in /proc/net/netlink.

    overrun.py SPEC N

publishes N texts for three readers: a plain socket that is not read and a
moectl monitor that is stopped meanwhile, which must overrun, and a moectl
monitor that reads. Of the plain socket, the datagrams that the kernel counts as
sent are those it got and the drops, exactly. The account of a monitor says that
its buffer overran if and only if there were drops; a datagram has one event at
least, so drops are at most what was returned by replay, or lost.
"""

import errno
import json
import os
import re
import signal
import subprocess
import sys
import time

import generic
import netlink


def drops(inode):
    with open("/proc/net/netlink", encoding="ascii") as file:
        columns = next(file).split()
        for line in file:
            row = dict(zip(columns, line.split()))
            if row["Inode"] == inode:
                return int(row["Drops"])
    raise LookupError(inode)


def inodes(pid):
    """Of a process's sockets."""
    for fd in os.listdir(f"/proc/{pid}/fd"):
        match = re.fullmatch(r"socket:\[(\d+)\]", os.readlink(f"/proc/{pid}/fd/{fd}"))
        if match:
            yield match[1]


def netlink_drops(pid):
    with open("/proc/net/netlink", encoding="ascii") as file:
        known = {line.split()[-1] for line in file}
    return sum(drops(i) for i in inodes(pid) if i in known)


def datagrams(client):
    """Column "datagrams" of table log."""
    fields = [r for m in client.dump("fields", {"table": "fields"}) for r in m["row"]
              if (r["kind"], r["owner"], r["name"]) == ("table", "log", "datagrams")]
    row = client.dump("data", {"table": "log"})[0]["row"][0]
    return netlink.number(bytes.fromhex(row[f"field-{fields[0]['id']}"]))


def stop(process):
    process.send_signal(signal.SIGSTOP)
    while "State:\tT" not in open(f"/proc/{process.pid}/status", encoding="ascii").read():
        time.sleep(0.05)


def received(reader):
    """How many datagrams wait in a socket."""
    n = 0
    while True:
        try:
            reader.socket.recv(1 << 18, 0x40)  # MSG_DONTWAIT
            n += 1
        except OSError as e:
            if e.errno == errno.EAGAIN:
                return n
            assert e.errno == errno.ENOBUFS, e


class Monitor:
    """moectl monitor, and what it says in the end."""

    def __init__(self, name):
        self.out = f"/run/overrun.{name}"
        with open(self.out, "wb") as out:
            self.process = subprocess.Popen(["moectl", "monitor", "--transport", "netlink",
                                             "--json"], stdout=out,
                                            stderr=subprocess.PIPE)
        self.wait("epoch")

    def wait(self, text):
        while text.encode() not in open(self.out, "rb").read():
            assert self.process.poll() is None
            time.sleep(0.1)

    def end(self):
        """What the kernel dropped, times of overrun, what came by replay or was lost."""
        dropped = netlink_drops(self.process.pid)
        self.process.send_signal(signal.SIGINT)
        account = self.process.communicate()[1].decode()
        said = re.search(r"seq (\d+) to (\d+) = (\d+) returned \((\d+) by replay\) \+ (\d+)"
                         r" filtered \+ (\d+) lost \+ (\d+) pending; overrun"
                         r" (\d+) times", account)
        if not said:  # all came at once
            return dropped, None, None
        first, last, returned, replayed, filtered, lost, pending, overruns = \
            map(int, said.groups())
        print(f"{self.out}: {account.strip()}; {dropped} datagrams dropped")
        assert last - first + 1 == returned + filtered + lost + pending
        assert bool(dropped) == bool(overruns) and dropped <= replayed + lost
        items = [json.loads(line) for line in open(self.out, "rb")]
        assert returned == sum(i["kind"] == "event" for i in items)
        assert lost == sum(i["to"] - i["from"] + 1 for i in items if i["kind"] == "lost")
        return dropped, overruns, replayed + lost


def main():
    client, n = generic.Client(sys.argv[1]), int(sys.argv[2])
    stopped, reading = Monitor("stopped"), Monitor("reading")
    stop(stopped.process)

    reader = netlink.Socket()
    reader.join(client.family.groups["events"])
    before = datagrams(client)
    for i in range(n):
        client.do("publish", {"priority": "warning",
                              "data": {"text": f"{i} ".ljust(4000, "x")}})
    time.sleep(0.5)
    sent = datagrams(client) - before
    got, dropped = received(reader), drops(str(os.fstat(reader.socket.fileno()).st_ino))
    print(f"socket: {sent} datagrams sent = {got} received + {dropped} dropped")
    assert dropped and sent == got + dropped

    stopped.process.send_signal(signal.SIGCONT)
    client.do("publish", {"data": {"text": "the end"}})
    stopped.wait("the end")
    reading.wait("the end")
    dropped, overruns, repaired = stopped.end()
    assert dropped and overruns and repaired <= n + 1
    dropped, overruns, _ = reading.end()
    assert overruns is not None or not dropped


if __name__ == "__main__":
    main()
