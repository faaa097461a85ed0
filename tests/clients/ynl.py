#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""
MoeAI by ynl, the kernel's own client for netlink specs, as it is: all that it
knows is the spec, which it checks with the kernel's schema.

    ynl.py YNL SPEC ASPECT      YNL: what tests/vm/ynl provides

Strings in a nest that the kernel describes are bytes here, as the spec says.
"""

import errno
import pathlib
import struct
import subprocess
import sys
import time

YNL, SPEC, ASPECT = sys.argv[1:]
sys.path.insert(0, f"{YNL}/tools/net/ynl")
from lib import NlError, YnlFamily  # noqa: E402

# This version of ynl takes pads for unknown attributes.
ynl = YnlFamily(SPEC, f"{YNL}/Documentation/netlink/genetlink.yaml", process_unknown=True)


def equal(got, wanted):
    assert got == wanted, f"{got!r}, not {wanted!r}"


def text(value):
    return value.encode() + b"\0"


def wait(name, wanted=lambda m: True):
    """The next message that comes by itself of a name."""
    end = time.monotonic() + 30
    while time.monotonic() < end:
        ynl.check_ntf()
        for one in ynl.async_msg_queue:
            if one["name"] == name and wanted(one["msg"]):
                ynl.async_msg_queue.remove(one)
                return one["msg"]
        time.sleep(0.02)
    sys.exit(f"no {name} came: {ynl.async_msg_queue}")


def refused(error, says, operation, values, dump=False):
    try:
        got = ynl.dump(operation, values) if dump else ynl.do(operation, values)
    except NlError as e:
        equal(e.error, error)
        assert says in e.nl_msg.extack["msg"], e
    else:
        sys.exit(f"{operation} {values} was not refused: {got}")


def fields(kind, owner):
    """Of a schema: name -> the attribute's name in the spec's set of any values."""
    return {r["name"]: f"field-{r['id']}"
            for m in ynl.dump("fields", {"table": "fields"}) for r in m["row"]
            if (r["kind"], r["owner"]) == (kind, owner)}


def rows(table):
    """The rows of a table, their columns named, and its generation."""
    names = {attribute: name for name, attribute in fields("table", table).items()}
    messages = ynl.dump("data", {"table": table})
    assert all(m["table"] == table for m in messages), messages
    generations = {m["generation"] for m in messages}
    assert len(generations) <= 1, generations
    return [{names[a]: value for a, value in r.items()}
            for m in messages for r in m.get("row", [])], generations


# ---- aspects ---------------------------------------------------------------------------


def status():
    ynl.ntf_subscribe("status")
    now = ynl.do("status", {})
    assert now["state"] in ("starting", "ok", "degraded"), now
    equal(now["log-attempted"], now["log-logged"] + now["log-refused"])
    wait("status-ntf", lambda m: m["uptime"] > now["uptime"])


def command():
    args = fields("args", "core.ping")
    reply = fields("reply", "core.ping")
    ynl.do("command", {"name": "core.ping", "args": {args["text"]: text("hello")}})
    answer = wait("response")
    equal((answer["status"], answer["data"][reply["text"]]), (0, text("hello")))

    # An answer long after the acknowledgement.
    ynl.do("command", {"id": 1, "args": {args["delay"]: struct.pack("Q", 300000000)}})
    equal(len(ynl.async_msg_queue), 0)
    equal(wait("response")["id"], 1)

    name = fields("args", "module.stop")["name"]
    ynl.do("command", {"name": "module.stop", "args": {name: text("nothing")}})
    answer = wait("response")
    equal(answer["status"], -errno.ENOENT)
    assert "no such module" in answer["message"], answer
    refused(errno.ENOENT, "no such command", "command", {"name": "core.pong"})


def tables():
    names = [r["name"][:-1].decode() for r in rows("tables")[0]]
    assert {"modules", "params", "commands", "event_types", "fields", "log"} <= set(names), names
    for table in names:
        got, generations = rows(table)
        same = subprocess.run(["moectl", "table", table, "--tab"], stdout=subprocess.PIPE,
                              check=True).stdout
        # Each dump of subscribers is a row of it, and who asks is a process.
        if table not in ("subscribers", "log", "mem_monitor.consumers"):
            equal(len(got), same.count(b"\n"))
        equal(len(generations), 1 if got else 0)
    refused(errno.ENOENT, "no such table", "data", {"table": "nothing"}, dump=True)
    refused(errno.EPERM, "can't be changed", "data", {"table": "modules", "action": "flush"})


def events():
    ynl.ntf_subscribe("events")
    ynl.do("publish", {"priority": "notice", "data": {"text": "by ynl"}})
    event = wait("event", lambda m: m["type"] == 3)
    equal(event["data"]["field-1"], text("by ynl"))
    equal(event["priority"], "notice")

    said, *replayed = ynl.dump("replay", {"filter": {"type": [3, 4], "min-priority": "notice",
                                                     "since": event["seq"]}})
    assert said["first"] <= event["seq"] < said["next"], said
    equal([m["seq"] for m in replayed if m["type"] == 3], [event["seq"]])
    equal(replayed[0]["data"], event["data"])
    refused(errno.ESTALE, "epoch", "replay", {"filter": {"since": 1, "epoch": 1}}, dump=True)


def change():
    table = "test.rows"
    columns = fields("table", table)

    def row(number, name):
        return {columns["id"]: struct.pack("I", number), columns["name"]: text(name)}

    def ask(action, **more):
        return ynl.do("data", {"table": table, "action": action, **more})

    def content():
        return {struct.unpack("I", r["id"])[0]: r["name"][:-1].decode() for r in rows(table)[0]}

    ask("flush")
    equal(ask("add", row=[row(1, "one"), row(2, "two")])["changed"], 2)
    equal(content(), {1: "one", 2: "two"})
    ask("replace", row=[row(2, "zwei")])
    ask("delete", row=[{columns["id"]: struct.pack("I", 1)}])
    equal(content(), {2: "zwei"})
    refused(errno.EEXIST, "", "data", {"table": table, "action": "add", "row": [row(2, "two")]})
    refused(errno.EACCES, "this name is forbidden", "data",
            {"table": table, "action": "add", "row": [row(3, "forbidden")]})

    # A transaction: nothing is seen before its end.
    equal(ask("add", row=[row(5, "five")], txn=9, more=True), None)
    equal(content(), {2: "zwei"})
    done = ask("add", row=[row(6, "six")], txn=9)
    equal((done["txn"], done["changed"]), (9, 2))
    ask("add", row=[row(7, "seven")], txn=9, more=True)
    ynl.do("data", {"table": table, "txn": 9, "abort": True})
    equal(content(), {2: "zwei", 5: "five", 6: "six"})

    ask("flush", confirm=60)
    equal(content(), {})
    ask("rollback")
    equal(sorted(content()), [2, 5, 6])
    ask("flush", confirm=60)
    ask("confirm")
    equal(content(), {})


if __name__ == "__main__":
    ASPECTS = {f.__name__: f for f in (status, command, tables, events, change)}
    ASPECTS[ASPECT]()
