#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""MoeAI by pyroute2, as a program of anybody would: status, call, dump, an event."""

from pyroute2.netlink import NLM_F_ACK, NLM_F_DUMP, NLM_F_REQUEST, genlmsg, nla
from pyroute2.netlink.generic import GenericNetlinkSocket

EVENT, COMMAND, RESPONSE, STATUS, DATA = range(1, 6)


class Event(genlmsg):
    prefix = "MOEAI_A_EVENT_"
    nla_map = (("MOEAI_A_EVENT_UNSPEC", "none"), ("MOEAI_A_EVENT_PAD", "hex"),
               ("MOEAI_A_EVENT_SEQ", "uint64"), ("MOEAI_A_EVENT_TIME", "uint64"),
               ("MOEAI_A_EVENT_TYPE", "uint32"), ("MOEAI_A_EVENT_PRIORITY", "uint32"),
               ("MOEAI_A_EVENT_SOURCE", "asciiz"), ("MOEAI_A_EVENT_DATA", "message"))

    class message(nla):
        nla_map = (("MESSAGE_UNSPEC", "none"), ("MESSAGE_TEXT", "asciiz"),
                   ("MESSAGE_PID", "uint32"), ("MESSAGE_UID", "uint32"),
                   ("MESSAGE_COMM", "asciiz"))


class Status(genlmsg):
    prefix = "MOEAI_A_STATUS_"
    nla_map = (("MOEAI_A_STATUS_UNSPEC", "none"), ("MOEAI_A_STATUS_STATE", "uint32"),
               ("MOEAI_A_STATUS_EPOCH", "uint64"), ("MOEAI_A_STATUS_UPTIME", "uint64"))


class Command(genlmsg):
    prefix = "MOEAI_A_COMMAND_"
    nla_map = (("MOEAI_A_COMMAND_UNSPEC", "none"), ("MOEAI_A_COMMAND_ID", "uint32"),
               ("MOEAI_A_COMMAND_NAME", "asciiz"))


class Data(genlmsg):
    prefix = "MOEAI_A_DATA_"
    nla_map = (("MOEAI_A_DATA_UNSPEC", "none"), ("MOEAI_A_DATA_PAD", "hex"),
               ("MOEAI_A_DATA_TABLE", "asciiz"), ("MOEAI_A_DATA_GENERATION", "uint64"),
               ("MOEAI_A_DATA_ROW", "row"))

    class row(nla):
        nla_map = (("ROW_UNSPEC", "none"), ("ROW_ID", "uint32"), ("ROW_NAME", "asciiz"))


def message(kind, command, **attributes):
    m = kind()
    m["cmd"], m["version"] = command, 1
    m["attrs"] = [(kind.prefix + name, value) for name, value in attributes.items()]
    return m


def request(kind, command, flags=NLM_F_REQUEST | NLM_F_ACK, **attributes):
    with GenericNetlinkSocket() as s:
        s.bind("MOEAI", kind)
        return s.nlm_request(message(kind, command, **attributes), msg_type=s.prid,
                             msg_flags=flags)


status = [m for m in request(Status, STATUS) if m["cmd"] == STATUS][0]
assert status.get_attr("MOEAI_A_STATUS_UPTIME") > 0, status

rows = [row for m in request(Data, DATA, NLM_F_REQUEST | NLM_F_DUMP, TABLE="commands")
        for row in m.get_attrs("MOEAI_A_DATA_ROW")]
assert "core.ping" in [row.get_attr("ROW_NAME") for row in rows], rows

answer = [m for m in request(Command, COMMAND, NAME="core.ping") if m["cmd"] == RESPONSE][0]
assert answer["header"]["error"] is None, answer

with GenericNetlinkSocket() as s:
    s.bind("MOEAI", Event)
    assert set(s.mcast_groups) == {"events", "status"}, s.mcast_groups
    s.add_membership("events")
    m = message(Event, EVENT, PRIORITY=1, DATA={"attrs": [("MESSAGE_TEXT", "by pyroute2")]})
    # Strict validation wants the nest's flag.
    m["attrs"] = [m["attrs"][0], ("MOEAI_A_EVENT_DATA",
                                  {"attrs": [("MESSAGE_TEXT", "by pyroute2")]}, 0x8000)]
    s.put(m, s.prid, msg_flags=NLM_F_REQUEST)
    texts = [m.get_attr("MOEAI_A_EVENT_DATA").get_attr("MESSAGE_TEXT") for m in s.get()]
    assert "by pyroute2" in texts, texts
print("pyroute2: status, table, call, publishing and events")
