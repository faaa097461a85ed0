#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""
Overrun two readers of group "events" and hold what they say against the drops
of their sockets in /proc/net/netlink.

    overrun.py SPEC N

publishes N texts while two readers do not read: moectl monitor, which is
stopped, and a plain socket. Of the plain one, the datagrams that the kernel
counts as sent are those it got and the drops, exactly. moectl's account says
that its buffer overran, and of the events that did not arrive, which are as
many as the dropped datagrams at least, each is replayed or lost.
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


def main():
    client, n = generic.Client(sys.argv[1]), int(sys.argv[2])
    out = open("/run/overrun.out", "w+b")
    moectl = subprocess.Popen(["moectl", "monitor", "--json"], stdout=out,
                              stderr=subprocess.PIPE)
    while not out.tell() and b"epoch" not in open(out.name, "rb").read():
        time.sleep(0.05)
    stop(moectl)

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

    dropped = netlink_drops(moectl.pid)
    moectl.send_signal(signal.SIGCONT)
    client.do("publish", {"data": {"text": "the end"}})
    while b"the end" not in open(out.name, "rb").read():
        assert moectl.poll() is None
        time.sleep(0.1)
    dropped = max(dropped, netlink_drops(moectl.pid))
    moectl.send_signal(signal.SIGINT)
    account = moectl.communicate()[1].decode()
    said = re.search(r"seq (\d+) to (\d+) = (\d+) returned \((\d+) by replay\) \+ (\d+) filtered"
                     r" \+ (\d+) lost \+ (\d+) pending; the receive buffer overran (\d+) times",
                     account)
    assert said, account
    first, last, returned, replayed, filtered, lost, pending, overruns = map(int, said.groups())
    print(f"monitor: {account.strip()}; {dropped} datagrams dropped")
    assert last - first + 1 == returned + filtered + lost + pending
    assert dropped and overruns and dropped <= replayed + lost <= n + 1

    items = [json.loads(line) for line in open(out.name, "rb")]
    assert returned == sum(i["kind"] == "event" for i in items)
    assert lost == sum(i["to"] - i["from"] + 1 for i in items if i["kind"] == "lost")


if __name__ == "__main__":
    main()
