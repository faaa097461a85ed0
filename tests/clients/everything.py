#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""
Say and hear all that the protocol has, each attribute once at least, for
somebody who listens. Module moeai_test must be loaded.

    everything.py SPEC
    everything.py SPEC --fields      the names that the dissector has for it all
    everything.py SPEC --hostile     requests that no policy allows
"""

import struct
import sys

import generic
import netlink
from consistency import DISSECTED


def names(spec):
    """moeai.SET.ATTRIBUTE of each attribute that a message can have."""
    for name in DISSECTED:
        for a in spec.sets[name].values():
            # On machines where the tests run, no u64 of a table needs a pad.
            if (name, a["name"]) != ("data", "pad"):
                yield f"moeai.{name}.{a['name']}".replace("-", "_")


def refused(client, operation, values):
    try:
        client.do(operation, values)
    except netlink.Refused:
        return
    sys.exit(f"{operation} {values} was not refused")


def names_and_answers(client):
    for table in "fields", "commands", "event_types":
        client.dump("fields" if table == "fields" else "data", {"table": table})
    client.do("status")
    client.do("command", {"id": 1, "args": {"field-1": b"hello\0".hex()}}, "response")
    client.do("command", {"name": "module.stop", "args": {"field-1": b"nothing\0".hex()}},
              "response")
    client.do("command", {"name": "test.echo", "args": {
        "field-1": "01", "field-2": struct.pack("I", 4000000000).hex(),
        "field-3": struct.pack("i", -7).hex(), "field-4": struct.pack("Q", 2 ** 63).hex(),
        "field-5": struct.pack("q", -2 ** 40).hex(), "field-6": b"a string\0".hex(),
        "field-7": "c0ffee", "field-8": "18c0000200", "field-9": struct.pack("I", 2).hex(),
        "field-10": struct.pack("I", 5).hex(), "field-12": struct.pack("Q", 4096).hex()}},
        "response")
    client.do("command", {"name": "test.echo", "args": {
        "field-8": "20" + "20010db8" + 24 * "0"}}, "response")
    client.do("command", {"name": "test.emit_all"}, "response")


def events(client):
    client.do("publish", {"priority": "notice", "data": {"text": "seen on the wire"}})
    said = client.dump("replay", {"filter": {
        "since": 1, "epoch": client.do("status")["epoch"], "type": [1, 3],
        "min-priority": "info", "source": "user"}})
    client.do("command", {"name": "log.clear"}, "response")
    said = client.dump("replay", {"filter": {"since": said[0]["first"]}})
    assert any("lost" in m for m in said), said


def change(client):
    def row(number, name):
        return {"field-1": struct.pack("I", number).hex(), "field-2": (name + b"\0").hex()}

    table = {"table": "test.rows"}
    client.do("data", {**table, "action": "flush"})
    client.do("data", {**table, "action": "add", "txn": 7, "more": True, "row": [row(1, b"one")]})
    client.do("data", {**table, "action": "add", "txn": 7, "confirm": 60, "rows": 2,
                       "row": [row(2, b"two")]})
    client.do("data", {**table, "action": "confirm"})
    client.do("data", {**table, "action": "add", "txn": 8, "more": True, "row": [row(3, b"x")]})
    client.do("data", {**table, "txn": 8, "abort": True})
    # Of a field, as the row's check says it, and of the row as a whole.
    refused(client, "data", {**table, "action": "replace", "row": [row(1, b"y" * 40)]})
    refused(client, "data", {**table, "action": "replace", "row": [row(1, b"forbidden")]})
    client.dump("data", table)


def hostile(client):
    family, version = client.family.id, client.family.version
    for command in range(0, 8):
        for payload in (b"\xff", netlink.attribute(1, b""), netlink.attribute(77, b"unheard of"),
                        netlink.attribute(3, b"?"), struct.pack("=HH", 40, 4),
                        netlink.attribute(7 | netlink.NESTED, struct.pack("=HH", 1, 1)),
                        netlink.attribute(4 | netlink.NESTED, netlink.attribute(900, b"x"))):
            try:
                client.socket.ask(family, command, version, payload)
            except netlink.Refused:
                pass


def main():
    client = generic.Client(sys.argv[1])
    if "--fields" in sys.argv:
        print(*names(client.spec), sep="\n")
    elif "--hostile" in sys.argv:
        hostile(client)
    else:
        for part in names_and_answers, events, change:
            part(client)


if __name__ == "__main__":
    main()
