# SPDX-License-Identifier: GPL-2.0
"""Generic netlink, as far as the clients here need it, over plain sockets."""

import errno
import os
import socket
import struct

NETLINK_GENERIC, SOL_NETLINK = 16, 270
ADD_MEMBERSHIP, CAP_ACK, EXT_ACK, GET_STRICT_CHK = 1, 10, 11, 12
NLMSG_ERROR, NLMSG_DONE = 2, 3
REQUEST, ACK, DUMP = 0x1, 0x4, 0x300
CAPPED, ACK_TLVS = 0x100, 0x200
ERROR_TEXT, ERROR_OFFSET = 1, 2
NESTED = 0x8000

NLCTRL, GETFAMILY, GETPOLICY = 16, 3, 10


def pad(data):
    return data + bytes(-len(data) % 4)


def attribute(number, payload):
    return pad(struct.pack("=HH", 4 + len(payload), number) + payload)


def attributes(data):
    """The attributes of a run: number without flags, payload."""
    while len(data) >= 4:
        length, number = struct.unpack_from("=HH", data)
        if not 4 <= length <= len(data):
            raise ValueError(f"attribute {number & 0x3fff} has length {length} of {len(data)}")
        yield number & 0x3fff, data[4:length]
        data = data[(length + 3) & ~3:]


def u32(data):
    return struct.unpack("=I", data)[0]


def number(data):
    return int.from_bytes(data, "little" if struct.pack("=H", 1)[0] else "big")


def text(data):
    return data.split(b"\0")[0].decode("utf-8", "surrogateescape")


class Refused(OSError):
    """What the kernel said no with; .text is its extended ACK's."""

    def __init__(self, error, message, offset, replies):
        super().__init__(error, os.strerror(error))
        self.text, self.offset, self.replies = message, offset, replies

    def __str__(self):
        name = errno.errorcode.get(self.errno, str(self.errno))
        at = f" (byte {self.offset} of the request)" if self.offset else ""
        return f"-{name}: {self.text or self.strerror}{at}"


class Message:
    def __init__(self, kind, flags, seq, payload):
        self.kind, self.flags, self.seq = kind, flags, seq
        self.payload = payload
        self.command = payload[0] if kind >= NLCTRL else None
        self.attributes = payload[4:]

    def end(self):
        """(error, text, offset) if this ends a request, else None."""
        if self.kind not in (NLMSG_ERROR, NLMSG_DONE):
            return None
        error = struct.unpack_from("=i", self.payload)[0] if len(self.payload) >= 4 else 0
        rest = 4
        if self.kind == NLMSG_ERROR:
            rest += 16 if self.flags & CAPPED or not error else u32(self.payload[4:8])
        said = dict(attributes(self.payload[rest:])) if self.flags & ACK_TLVS else {}
        offset = u32(said[ERROR_OFFSET]) if ERROR_OFFSET in said else 0
        return -error, text(said.get(ERROR_TEXT, b"")), offset


class Socket:
    def __init__(self):
        self.socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_GENERIC)
        for option in CAP_ACK, EXT_ACK, GET_STRICT_CHK:
            self.socket.setsockopt(SOL_NETLINK, option, 1)
        self.socket.bind((0, 0))
        self.seq = 0

    def join(self, group):
        self.socket.setsockopt(SOL_NETLINK, ADD_MEMBERSHIP, group)

    def send(self, family, command, version, payload=b"", flags=0):
        self.seq += 1
        self.socket.send(struct.pack("=IHHIIBBH", 20 + len(payload), family, REQUEST | flags,
                                     self.seq, 0, command, version, 0) + payload)
        return self.seq

    def receive(self):
        """The messages of one datagram."""
        data = self.socket.recv(1 << 18)
        while data:
            length, kind, flags, seq, _ = struct.unpack_from("=IHHII", data)
            yield Message(kind, flags, seq, data[16:length])
            data = data[(length + 3) & ~3:]

    def ask(self, family, command, version, payload=b"", flags=ACK):
        """Send and return the replies."""
        seq = self.send(family, command, version, payload, flags)
        replies = []
        while True:
            end = None
            for m in self.receive():
                if m.seq != seq:
                    continue
                if m.end() is None:
                    replies.append(m)
                else:
                    end = m.end()
            if end:
                break
        if end[0]:
            raise Refused(*end, replies)
        return replies


class Family:
    """What nlctrl says of a family: id, groups {name: number}, ops {number: flags}."""

    def __init__(self, name, control=None):
        self.control = control or Socket()
        reply, = self.control.ask(NLCTRL, GETFAMILY, 2, attribute(2, name.encode() + b"\0"))
        said = dict(attributes(reply.attributes))
        self.id = number(said[1])
        self.version = u32(said[3])
        self.groups, self.ops = {}, {}
        for _, group in attributes(said.get(7, b"")):
            group = dict(attributes(group))
            self.groups[text(group[1])] = u32(group[2])
        for _, op in attributes(said.get(6, b"")):
            op = dict(attributes(op))
            self.ops[u32(op[1])] = u32(op[2])

    def policies(self):
        """ops {command: {"do": index, "dump": index}}, policies {index: {attribute: {…}}}"""
        kinds = ["invalid", "flag", "u8", "u16", "u32", "u64", "s8", "s16", "s32", "s64",
                 "binary", "string", "nul-string", "nested", "nested-array", "bitfield32"]
        names = [None, "type", "min", "max", "min", "max", "min-len", "max-len", "policy",
                 "max-type"]
        ops, policies = {}, {}
        for m in self.control.ask(NLCTRL, GETPOLICY, 1,
                                  attribute(1, struct.pack("=H", self.id)), DUMP):
            said = dict(attributes(m.attributes))
            for command, which in attributes(said.get(9, b"")):
                ops[command] = {["do", "dump"][n - 1]: u32(v) for n, v in attributes(which)}
            for index, policy in attributes(said.get(8, b"")):
                for a, about in attributes(policy):
                    about = {names[n]: number(v) for n, v in attributes(about) if n < len(names)}
                    about["type"] = kinds[about["type"]]
                    policies.setdefault(index, {})[a] = about
        return ops, policies
