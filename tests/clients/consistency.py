#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""
Hold the protocol's header, its netlink spec, the Wireshark dissector and the
running kernel against each other: names, numbers, types, ranges.

    consistency.py [--header FILE] [--spec FILE] [--dissector FILE] [--offline]

The kernel's side is the policies that nlctrl reports and table "fields".
Prints what differs; exit status 1 if anything does. Programs call check().
"""

import argparse
import functools
import os
import pathlib
import re
import sys

import generic
import netlink

TOP = pathlib.Path(__file__).resolve().parents[2]
HEADER = TOP / "include/uapi/linux/moeai.h"
SPEC = TOP / "docs/moeai.yaml"
DISSECTOR = TOP / "docs/wireshark/moeai.lua"
FEATURE = TOP / "include/uapi/linux/moeai_mem_monitor.h"

# A set of the spec, and whose schemas the kernel reports for it.
SCHEMAS = {
    "status": [("status", "status")],
    "fields": [("table", "fields")],
    "ping": [("args", "core.ping"), ("reply", "core.ping")],
    "module-arg": [("args", "module.start"), ("args", "module.stop")],
    "param-set": [("args", "param.set")],
    "param-arg": [("args", "param.confirm"), ("args", "param.rollback")],
    "param-event": [("event", "core.param")],
    "command-event": [("event", "core.command")],
    "module-event": [("event", "core.module")],
    "table-event": [("event", "core.table")],
    "message": [("event", "user.message")],
}
# What its text is checked for when it is published is not in a table.
UNREPORTED = {("message", "text")}
# Where header and kernel have different names for one column.
RENAMED = {"range-min": "min", "range-max": "max"}

# The sets that are more than one schema among others.
DISSECTED = ["event", "filter", "lost", "command", "response", "status", "data", "error", "fields"]

differences = []  # of the check that runs


def differ(where, *what):
    differences.append(f"{where}: {' '.join(str(w) for w in what)}")


def same(where, left, one, right, other):
    """Two mappings, of left and right."""
    for key in sorted(set(one) | set(other), key=str):
        if key not in one:
            differ(where, f"{right} has {key} = {other[key]},", left, "has not")
        elif key not in other:
            differ(where, f"{left} has {key} = {one[key]},", right, "has not")
        elif one[key] != other[key]:
            differ(where, f"{key} is {one[key]} in {left},", other[key], "in", right)


def dashed(name):
    return name.lower().replace("_", "-")


class Header:
    """enums {name: {number: (name, comment)}}, numbers and strings of #define."""

    def __init__(self, path):
        source = pathlib.Path(path).read_text(encoding="utf-8")
        self.enums = {}
        for name, body in re.findall(r"^enum (\w+) \{\n(.*?)^\};", source, re.S | re.M):
            entries = self.entries(body)
            entries.pop()  # __X_MAX
            prefix = self.prefix([e for e, _ in entries])
            self.enums[name] = {n: (dashed(e.removeprefix(prefix)), comment)
                                for n, (e, comment) in enumerate(entries)}
        # Those of the device have no place in a netlink spec.
        self.numbers = {dashed(n): int(v, 0) for n, v in
                        re.findall(r"^#define MOEAI_(\w+)\s+(0x\w+|\d+)\b", source, re.M)
                        if not re.match("(MAP|OPEN|READ|WAKE|IOC)_", n)}
        self.strings = dict(re.findall(r'^#define MOEAI_(\w+)\s+"(.*?)"', source, re.M))
        self.flags = {int(n): dashed(name) for name, n in
                      re.findall(r"^#define MOEAI_F_(\w+)\s+\(1 << (\d+)\)", source, re.M)}

    @staticmethod
    def entries(body):
        """(name, comment), which stands behind or above; one without shares the last."""
        result, above, last = [], None, ""
        for comment, name, behind in re.findall(
                r"^\t/\*(.*?)\*/$|^\t(\w+),?[ \t]*(?:/\*(.*?)\*/)?", body, re.S | re.M):
            if name:
                last = behind or above or last
                result.append((name, re.sub(r"\s+(\* )?", " ", last).strip()))
                above = None
            else:
                above = comment
        return result

    @staticmethod
    def prefix(names):
        """What the names of an enum have in common: MOEAI_PRIO_."""
        if names[0].endswith("_UNSPEC"):
            return names[0].removesuffix("UNSPEC")
        return re.match(".*_", os.path.commonprefix(names))[0]

    def named(self, enum):
        return {n: name for n, (name, _) in self.enums[enum].items() if name != "unspec"}


# mutants.py checks the same files often.
read_header = functools.lru_cache(Header)
read_spec = functools.lru_cache(generic.Spec)


def header_type(name, comment):
    """(type, enum or nested set or None) as a comment says."""
    enum = re.search(r"enum moeai_(\w+)", comment)
    if name == "pad":
        return "pad", None
    word = re.match(r"\w*", comment)[0]
    if word in ("enum", "flags"):
        return "u32", dashed(enum[1]) if enum else "f" if word == "flags" and "_F_" in comment \
            else None
    if word == "nest":
        nested = re.search(r"MOEAI_A_(\w+)_\*", comment)
        return "nest", dashed(nested[1]) if nested else None
    return word, dashed(enum[1]) if enum else None


def header_and_spec(header, spec):
    definitions = {d["name"]: d for d in spec.yaml["definitions"]}
    same("definitions", "header", header.numbers, "spec",
         {n: d["value"] for n, d in definitions.items() if d["type"] == "const"})

    enums = {dashed(e.removeprefix("moeai_")): e for e in header.enums
             if not re.match("moeai_(a_|netlink_)", e)}
    for name in sorted(set(enums) | set(spec.enums)):
        if name == "f":
            same("flags f", "header", header.flags, "spec", spec.enums[name].names)
        elif name not in enums or name not in spec.enums:
            differ(f"enum {name}", "only in", "spec" if name in spec.enums else "header")
        else:
            same(f"enum {name}", "header", header.named(enums[name]), "spec",
                 spec.enums[name].names)

    same("family", "header", {0: header.strings["NETLINK_FAMILY"]}, "spec", {0: spec.name})
    groups = header.named("moeai_netlink_groups")
    same("groups", "header", {n - 1: header.strings[f"GROUP_{name.upper()}_NAME"]
                              for n, name in groups.items() if name != "none"},
         "spec", dict(enumerate(g["name"] for g in spec.yaml["mcast-groups"]["list"])))
    messages = header.named("moeai_netlink_msg_types")
    same("messages", "header", messages, "spec",
         {o["value"]: messages.get(o["value"]) if messages.get(o["value"]) in spec.ops
          else o["name"] for o in spec.ops.values()})
    sets_of_header(header, spec)


def sets_of_header(header, spec):
    enums = {e: n for e, n in header.enums.items() if e.startswith("moeai_a_")}
    for s in spec.yaml["attribute-sets"]:
        name, attributes = s["name"], spec.sets[s["name"]]
        if name == "values":
            continue
        enum = s["enum-name"].replace("-", "_")
        if enum not in header.enums:
            differ(f"set {name}", "header has no enum", enum)
            continue
        whole = enum == "moeai_a_" + name.replace("-", "_")
        if whole:
            enums.pop(enum)
        for n in {n for n in header.named(enum) if whole} | set(attributes):
            one_of_header(f"set {name}", n, header.enums[enum].get(n), attributes.get(n), whole)
    for enum in enums:
        differ(f"enum {enum}", "no set of the spec has it whole")


def one_of_header(where, n, in_header, a, whole):
    if not in_header or not a:
        differ(where, f"attribute {n} is only in", "header" if in_header else "spec:",
               in_header or a["name"])
        return
    name, comment = in_header
    kind, of = header_type(name, comment)
    if name != a["name"]:
        differ(where, f"attribute {n} is {name} in header, {a['name']} in spec")
    if kind != a["type"]:
        differ(where, f"{name} is {kind} in header, {a['type']} in spec")
    named = a.get("enum", a.get("nested-attributes"))
    if of is None and kind == "nest":
        of = "values" if whole else named
    if of != named:
        differ(where, f"{name} is of {of} in header, of {named} in spec")


def dissector(path, spec):
    source = pathlib.Path(path).read_text(encoding="utf-8")
    block = re.search(r"^local sets = \{\n(.*?)^\}", source, re.S | re.M)[1]
    theirs = {}
    for name, body in re.findall(r"^\t\[?\"?([\w-]+)\"?\]? = \{(.*?)\},$", block, re.S | re.M):
        for n, said in enumerate(re.findall(r'"(.*?)"', body), 1):
            theirs[name, n] = tuple((said.split() + ["pad"])[:2])
    ours = {(name, n): (a["name"], "by" if a.get("nested-attributes") == "values" else
                        a.get("nested-attributes", a["type"]))
            for name in DISSECTED for n, a in spec.sets[name].items()}
    same("dissector", "spec", ours, "dissector", theirs)
    block = re.search(r"^local enums = \{\n(.*?)^\}", source, re.S | re.M)[1]
    for name, body in re.findall(r"^\t\[?\"?([\w-]+)\"?\]? = \{(.*?)\},$", block, re.S | re.M):
        names = {int(n): v for n, v in re.findall(r'\[(\d+)\] = "(.*?)"', body)}
        wanted = spec.enums[name].names if name in spec.enums else {
            o["value"]: o["name"] for o in spec.ops.values()
            if o["name"] in ("event", "command", "response", "status", "data")}
        same(f"dissector's enum {name}", "spec", wanted, "dissector", names)


# ---- the kernel ------------------------------------------------------------------------

TYPES = {"nul-string": "string", "nested": "nest"}
GREATEST = {"u8": 2 ** 8 - 1, "u16": 2 ** 16 - 1, "u32": 2 ** 32 - 1, "u64": 2 ** 64 - 1}
ADMIN, DO, DUMP = 1, 2, 4


def policy_attribute(spec, where, about, a, policies):
    checks = dict(a.get("checks", {}))
    kind = TYPES.get(about["type"], about["type"])
    if kind != a["type"]:
        differ(where, f"is {kind} in the kernel, {a['type']} in spec")
    elif kind in GREATEST:
        wanted = checks.get("min", 0), checks.get("max", GREATEST[kind])
        got = about.get("min", 0), about.get("max", GREATEST[kind])
        if wanted != got:
            differ(where, "ranges over", got, "in the kernel,", wanted, "in spec")
    elif kind == "string":
        if checks.get("max-len") != about.get("max-len"):
            differ(where, "is limited to", about.get("max-len"), "in the kernel,",
                   checks.get("max-len"), "in spec")
    if "policy" in about:
        nested = spec.sets[a["nested-attributes"]]
        policy(spec, where, policies.get(about["policy"], {}), nested, policies)
        if about["max-type"] != max(nested):
            differ(where, "ends at", about["max-type"], "in the kernel,", max(nested), "in spec")


def policy(spec, where, attributes, wanted, policies):
    same(where, "spec", {n: a["name"] for n, a in wanted.items()}, "kernel",
         {n: wanted[n]["name"] if n in wanted else "?" for n in attributes})
    for n in set(attributes) & set(wanted):
        policy_attribute(spec, f"{where} {wanted[n]['name']}", attributes[n], wanted[n], policies)


def requested(spec, value, mode):
    """The attributes that the spec's operations of a message may be sent with."""
    result = {}
    for op in spec.ops.values():
        names = op.get(mode, {}).get("request", {}).get("attributes", [])
        if op["value"] == value:
            for n, a in spec.sets.get(op["attribute-set"], {}).items():
                if a["name"] in names:
                    result.setdefault(n, a)
    return result


class Kernel:
    """All that it tells, asked once."""

    def __init__(self, spec_path):
        client = generic.Client(spec_path)
        family = client.family
        self.version, self.groups, self.op_flags = family.version, family.groups, family.ops
        self.ops, self.policies = family.policies()
        self.fields = {}
        for m in client.dump("fields", {"table": "fields"}):
            for r in m["row"]:
                self.fields.setdefault((r["kind"], r["owner"]), []).append(r)
        self.tables = {t: [row for m in client.dump("data", {"table": t}) for row in m["row"]]
                       for t in ("commands", "event_types")}


def kernel_policies(spec, kernel):
    ops, policies = kernel.ops, kernel.policies
    modes = {o["value"]: {m for p in spec.ops.values() if p["value"] == o["value"]
                          for m in ("do", "dump") if m in p} for o in spec.ops.values()}
    same("operations", "spec", {v: m for v, m in modes.items() if m}, "kernel",
         {v: {m for m, f in (("do", DO), ("dump", DUMP)) if flags & f}
          for v, flags in kernel.op_flags.items()})
    for value, flags in kernel.op_flags.items():
        says = any("admin-perm" in o.get("flags", []) for o in spec.ops.values()
                   if o["value"] == value)
        if says != bool(flags & ADMIN):
            differ(f"message {value}", "admin-perm is", bool(flags & ADMIN), "in the kernel")
    for value, which in ops.items():
        # One policy for do and dump: what one takes of it, the other refuses in words.
        by_index = {}
        for mode, index in which.items():
            by_index.setdefault(index, {}).update(requested(spec, value, mode))
        for index, wanted in by_index.items():
            policy(spec, f"policy of message {value}", policies.get(index, {}), wanted, policies)


def schema(spec, name, rows):
    where = f"set {name}, as table fields has it:"
    attributes = {n: a for n, a in spec.sets[name].items()}
    same(where, "spec", {n: RENAMED.get(a["name"], a["name"]) for n, a in attributes.items()},
         "kernel", {r["id"]: dashed(r["name"]) for r in rows})
    kinds = {"bool": "u8", "prefix": "binary", "enum": "u32", "flags": "u32"}
    for r in rows:
        a = attributes.get(r["id"])
        if not a:
            continue
        one = f"{where} {a['name']}"
        if kinds.get(r["type"], r["type"]) != a["type"]:
            differ(one, "is", r["type"], "in the kernel,", a["type"], "in spec")
        if "enum" in a:
            same(one, "spec", spec.enums[a["enum"]].names, "kernel",
                 {n: dashed(label) for n, label in enumerate(r["labels"].split("|"))
                  if label != "unspec"})
        checks = a.get("checks", {})
        wanted = (checks.get("min", checks.get("min-len", 0)),
                  checks.get("max", checks.get("max-len", 0)))
        got = r.get("range-min", 0), r.get("range-max", 0)
        if wanted != got and (name, a["name"]) not in UNREPORTED:
            differ(one, "ranges over", got, "in the kernel,", wanted, "in spec")


def kernel_schemas(spec, header, kernel):
    of = kernel.fields
    for name, owners in SCHEMAS.items():
        # An argument and a reply's field are one attribute: the argument has the range.
        merged = {}
        for owner in owners:
            for r in of.get(owner, []):
                merged.setdefault(r["id"], r)
        schema(spec, name, merged.values())
    known = {o for owners in SCHEMAS.values() for o in owners}
    for table, enum in ("commands", "command-id"), ("event_types", "event-id"):
        fixed = {}
        for row in kernel.tables[table]:
            n = netlink.number(bytes.fromhex(row["field-1"]))
            if n < header.numbers["id-dynamic"]:
                fixed[n] = netlink.text(bytes.fromhex(row["field-2"]))
        names = spec.enums[enum].names
        same(f"enum {enum}", "spec", names, "kernel",
             {n: names[n] if dashed(v).replace(".", "-").endswith(names.get(n, "?")) else v
              for n, v in fixed.items()})
        for owner in fixed.values():
            for kind in "event", "args", "reply":
                if (kind, owner) in of and (kind, owner) not in known:
                    differ(f"{kind} of {owner}", "no set of the spec describes it")


def feature(path, of):
    """A feature module's header: enum moeai_a_mem_level is event mem_monitor.level."""
    header, module = read_header(path), pathlib.Path(path).stem.removeprefix("moeai_")
    short = re.search(r"^enum moeai_a_([a-z]+)_", pathlib.Path(path).read_text("utf-8"), re.M)[1]
    for enum in header.enums:
        if not enum.startswith("moeai_a_"):
            continue
        owner = f"{module}.{enum.removeprefix(f'moeai_a_{short}_')}"
        rows = of.get(("event", owner)) or of.get(("reply", owner)) or []
        said = {n: (name, header_type(name, comment)[0])
                for n, (name, comment) in header.enums[enum].items() if name != "unspec"}
        kinds = {"bool": "u8", "prefix": "binary", "enum": "u32", "flags": "u32"}
        same(owner, "header", said, "kernel",
             {r["id"]: (dashed(r["name"]), kinds.get(r["type"], r["type"])) for r in rows})


def check(header_path=HEADER, spec_path=SPEC, dissector_path=DISSECTOR, feature_path=FEATURE,
          kernel=None):
    """What differs, as lines of text; without the kernel if that is None."""
    differences.clear()
    header, spec = read_header(header_path), read_spec(spec_path)
    header_and_spec(header, spec)
    dissector(dissector_path, spec)
    if kernel:
        kernel_policies(spec, kernel)
        if kernel.version != header.numbers["netlink-version"]:
            differ("family", "version", kernel.version, "in the kernel")
        same("groups", "spec", dict(enumerate(g["name"] for g in
                                              spec.yaml["mcast-groups"]["list"])),
             "kernel", dict(enumerate(kernel.groups)))
        kernel_schemas(spec, header, kernel)
        feature(feature_path, kernel.fields)
    return list(differences)


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--header", default=HEADER)
    parser.add_argument("--spec", default=SPEC)
    parser.add_argument("--dissector", default=DISSECTOR)
    parser.add_argument("--offline", action="store_true", help="leave the kernel out")
    args = parser.parse_args()
    found = check(args.header, args.spec, args.dissector,
                  kernel=None if args.offline else Kernel(args.spec))
    print(*found, sep="\n")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
