# SPDX-License-Identifier: GPL-2.0
"""A generic netlink client that knows of a family what its netlink spec says."""

import struct

import yaml

import netlink

SCALARS = {"u8": "=B", "u16": "=H", "u32": "=I", "u64": "=Q", "s8": "=b", "s16": "=h",
           "s32": "=i", "s64": "=q"}


def numbered(entries, first):
    """Entries of a spec's list, each a name or a mapping, with the value each has."""
    for entry in entries:
        entry = entry if isinstance(entry, dict) else {"name": entry}
        first = entry.get("value", first)
        yield first, entry
        first += 1


class Enum:
    def __init__(self, spec):
        self.flags = spec["type"] == "flags"
        self.names = {n: e["name"] for n, e in numbered(spec["entries"],
                                                        spec.get("value-start", 0))}
        self.numbers = {name: n for n, name in self.names.items()}

    def decode(self, value):
        if self.flags:
            return [name for n, name in self.names.items() if value >> n & 1]
        return self.names.get(value, value)

    def encode(self, value):
        if isinstance(value, list):
            return sum(1 << self.numbers[name] for name in value)
        return self.numbers[value] if isinstance(value, str) else value


class Spec:
    def __init__(self, path):
        with open(path, encoding="utf-8") as file:
            self.yaml = yaml.load(file, getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        self.name = self.yaml["name"]
        self.enums = {d["name"]: Enum(d) for d in self.yaml.get("definitions", [])
                      if d["type"] in ("enum", "flags")}
        self.sets = {s["name"]: dict(numbered(s["attributes"], 1))
                     for s in self.yaml["attribute-sets"]}
        self.ops = {}
        for value, op in numbered(self.yaml["operations"]["list"], 1):
            self.ops[op["name"]] = {**op, "value": value}
        for op in self.ops.values():
            if "notify" in op:
                op["attribute-set"] = self.ops[op["notify"]]["attribute-set"]

    def decode_one(self, a, data):
        kind = a["type"]
        if kind == "nest":
            return self.decode(a["nested-attributes"], data)
        if kind == "string":
            return netlink.text(data)
        if kind == "flag":
            return True
        if kind not in SCALARS:
            return data.hex()
        value, = struct.unpack(SCALARS[kind], data)
        return self.enums[a["enum"]].decode(value) if "enum" in a else value

    def decode(self, name, data):
        """Attributes as a dict. What the spec does not know, and pads, are skipped."""
        result, known = {}, self.sets[name]
        for number, payload in netlink.attributes(data):
            a = known.get(number)
            if not a or a["type"] in ("pad", "unused"):
                continue
            value = self.decode_one(a, payload)
            if a.get("multi-attr"):
                result.setdefault(a["name"], []).append(value)
            else:
                result[a["name"]] = value
        return result

    def encode_one(self, number, a, value):
        kind = a["type"]
        if kind == "nest":
            return netlink.attribute(number | netlink.NESTED,
                                     self.encode(a["nested-attributes"], value))
        if kind == "string":
            payload = value.encode("utf-8", "surrogateescape") + b"\0"
        elif kind == "flag":
            payload = b""
        elif kind in SCALARS:
            payload = struct.pack(SCALARS[kind],
                                  self.enums[a["enum"]].encode(value) if "enum" in a else value)
        else:
            payload = bytes.fromhex(value)
        return netlink.attribute(number, payload)

    def encode(self, name, values):
        numbers = {a["name"]: (n, a) for n, a in self.sets[name].items()}
        result = b""
        for key, value in values.items():
            if key not in numbers:
                raise KeyError(f"{key} is not in set {name}")
            number, a = numbers[key]
            for one in value if a.get("multi-attr") else [value]:
                if a["type"] != "flag" or one:
                    result += self.encode_one(number, a, one)
        return result


class Client:
    """A spec's family in the running kernel."""

    def __init__(self, path):
        self.spec = Spec(path)
        self.family = netlink.Family(self.spec.name)
        self.socket = netlink.Socket()

    def _ask(self, op, values, flags):
        payload = self.spec.encode(op["attribute-set"], values) if values else b""
        return self.socket.ask(self.family.id, op["value"], self.family.version, payload, flags)

    def _decode(self, op, messages):
        return [self.spec.decode(op["attribute-set"], m.attributes) for m in messages
                if m.command == op["value"]]

    def do(self, name, values=None, answer=None):
        """The reply or, if that is asked for, the answer that comes by itself."""
        op = self.spec.ops[name]
        messages = self._ask(op, values, netlink.ACK)
        if answer:
            op = self.spec.ops[answer]
            while not any(m.command == op["value"] for m in messages):
                messages = [m for m in self.socket.receive() if m.seq == self.socket.seq]
        replies = self._decode(op, messages)
        return replies[0] if replies else None

    def dump(self, name, values=None):
        op = self.spec.ops[name]
        return self._decode(op, self._ask(op, values, netlink.DUMP))
