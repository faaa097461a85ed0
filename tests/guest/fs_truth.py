#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""
fs_truth.py FOLDER: compare what fs_logger told of a workload on a mount with what
others saw of it. FOLDER has, from each, what it wrote: moeai (JSON lines), strace,
inotify, fatrace, audit; and 'before', the paths that were there before. Its 'root'
names the mount. Prints what differs; exit status 1 if anything does.
"""
import json
import os
import re
import sys
from collections import Counter

from fs_strace import Strace

FOLDER = sys.argv[1]
differences = 0


def read(name):
    with open(os.path.join(FOLDER, name), encoding="utf-8", errors="surrogateescape") as f:
        return f.read()


ROOT = read("root").strip()


def differ(text):
    global differences
    differences += 1
    if differences <= 40:
        print(text)


def base(path):
    return path.rsplit("/", 1)[1]


def inside(path):
    return path == ROOT or path.startswith(ROOT + "/")


# ---- fs_logger -----------------------------------------------------------------------


class Told:
    def __init__(self, line):
        fields = line["fields"]
        self.op = line["type"].split(".")[1]
        self.path = self.whole(fields["path"])
        self.old = self.whole(fields["old_path"]) if "old_path" in fields else None
        self.pid, self.tid = fields["pid"], fields["tid"]
        self.inode = fields["inode"]
        self.comm, self.exe = fields["comm"], fields.get("exe")
        assert fields.get("count", 1) == 1 and not fields.get("kthread"), line

    @staticmethod
    def whole(path):
        return ROOT + (path if path != "/" else "")


def read_told():
    lines = [json.loads(line) for line in read("moeai").splitlines()]
    for line in lines:
        if line["kind"] != "event":
            sys.exit(f"fs_logger's events are not all there: {line}")
    return [Told(line) for line in lines if line["type"] != "fs_logger.watch"]


# ---- strace --------------------------------------------------------------------------


def compare_strace(told):
    truth = Strace(ROOT, read("before").splitlines())
    truth.parse(read("strace").splitlines())
    theirs = truth.ops
    pids = {key[3] for key in theirs}
    ours = Counter()
    for t in told:
        if t.pid in pids:
            ours[t.op, t.path, t.old, t.pid, t.tid] += 1
        elif t.op != "open" or t.comm not in ("inotifywait", "fatrace"):
            differ(f"invented: {t.op} {t.path} by {t.comm}[{t.pid}]")
    for key in theirs.keys() | ours.keys():
        op, path, old, pid, _ = key
        enough = ours[key] > theirs[key] > 0 and op == "modify" and (path, pid) in truth.more
        if ours[key] != theirs[key] and not enough:
            differ(f"strace {theirs[key]}, fs_logger {ours[key]}: {op} {old or ''} {path} [{pid}]")
    return Counter(key[0] for key in theirs.elements())


# ---- inotify -------------------------------------------------------------------------

INOTIFY = {"CREATE": "create", "DELETE": "delete", "MODIFY": "modify", "ATTRIB": "attrib",
           "CLOSE_WRITE": "close_write", "MOVED_FROM": "from", "MOVED_TO": "to"}


def compare_inotify(told):
    """
    It has no pid. A folder that is new is watched a while later, so what was done in it
    meanwhile is missing; of what was done twice in a row it may tell once; what is done
    to a folder is told a second time by the folder's own watch, without a name.
    """
    theirs, ours = Counter(), Counter()
    for line in read("inotify").splitlines():
        names, path = line.split("\t", 1)
        if not path.endswith("/"):
            theirs[INOTIFY[names.split(",")[0]], path] += 1
    for t in told:
        if t.op == "rename":
            ours["from", t.old] += 1
            ours["to", t.path] += 1
        elif t.op in INOTIFY.values():
            ours[t.op, t.path] += 1
    before = set(read("before").splitlines())
    for key in theirs.keys() | ours.keys():
        op, path = key
        watched = path.rsplit("/", 1)[0] in before and op in ("create", "delete", "from", "to")
        if theirs[key] > ours[key] or (watched and theirs[key] != ours[key]):
            differ(f"inotify {theirs[key]}, fs_logger {ours[key]}: {op} {path}")
    return Counter(key[0] for key in theirs.elements())


# ---- fatrace -------------------------------------------------------------------------


def compare_fatrace(told):
    """
    It merges what one process does to one file, looks the file's path up later, when it
    may be called something else or nothing, and tells creation, deletion and renaming of
    the folder alone. So: of each letter that it shows of a process and a file, whatever
    that was called, there must be an event.
    """
    names, ours = {}, set()
    renames = [(t.old, t.path) for t in told if t.op == "rename"]

    def add(letter, pid, path):
        ours.add((letter, pid, path))
        for old, new in renames:
            if path == old or path.startswith(old + "/"):
                path = new + path[len(old):]
                ours.add((letter, pid, path))

    for t in told:
        names.setdefault(t.inode, set()).update(filter(None, (t.path, t.old)))
    for t in told:
        if t.op in ("open", "exec", "modify", "close_write"):
            for path in names[t.inode]:
                add("O" if t.op in ("open", "exec") else "W", t.pid, path)
        if t.op in ("create", "delete"):
            add("+" if t.op == "create" else "D", t.pid, os.path.dirname(t.path))
        if t.op == "rename":
            add("<", t.pid, os.path.dirname(t.old))
            add(">", t.pid, os.path.dirname(t.path))
    seen = Counter()
    for line in read("fatrace").splitlines():
        found = re.match(r".*\((\d+)\): (\S+) +(/.*)$", line)
        if not found or not inside(found[3]):
            continue  # nameless by now
        path = found[3].replace(" (deleted)", "")
        for letter in found[2]:
            if letter in "OW+D<>":
                seen[letter] += 1
                if (letter, int(found[1]), path) not in ours:
                    differ(f"fatrace alone: {line}")
    return seen


# ---- audit ---------------------------------------------------------------------------

RENAMES = (82, 264, 316)
OPENS = {2: "a1", 257: "a2", 85: None}
ATTRIBUTES = (90, 91, 92, 93, 94, 188, 189, 190, 260, 268, 280, 452)


def audit_value(text):
    if text.startswith('"'):
        return text[1:-1]
    if text == "(null)":
        return None
    return bytes.fromhex(text).decode("utf-8", "surrogateescape")


def audit_records():
    events = {}
    for line in read("audit").splitlines():
        found = re.match(r"type=(SYSCALL|PATH) msg=audit\(([^)]*)\): (.*)", line)
        if not found:
            continue
        fields = dict(field.split("=", 1) for field in found[3].split("\x1d")[0].split())
        event = events.setdefault(found[2], {"paths": []})
        if found[1] == "SYSCALL":
            event.update(fields)
        else:
            event["paths"].append(fields)
    return [e for e in events.values() if e.get("success") == "yes"]


def audit_ops(event):
    """As (op, inode, name, old name): of *at() calls it doesn't tell the folder."""
    call = int(event["syscall"])
    paths = [(p["nametype"], int(p["inode"]), base("/" + (audit_value(p["name"]) or "")))
             for p in event["paths"] if p["nametype"] != "PARENT" and "inode" in p]
    if call in RENAMES:
        new = [p for p in paths if p[0] == "CREATE"][-1]
        old = [p for p in paths if p[0] == "DELETE" and p[1] == new[1]][0]
        yield "rename", new[1], new[2], old[2]
        return
    for kind, inode, name in paths:
        # Some calls have a second record of what they have named already, without a name.
        if kind in ("CREATE", "DELETE") and name:
            yield kind.lower(), inode, name, None
        if kind == "NORMAL" and call in ATTRIBUTES:
            yield "attrib", inode, None, None
        if kind in ("CREATE", "NORMAL") and call in OPENS:
            flags = OPENS[call]
            if not flags or int(event[flags], 16) & 3:
                yield "close_write", inode, None, None


def compare_audit(told):
    ours, theirs = Counter(), Counter()
    for t in told:
        named = t.op in ("create", "delete", "rename")
        ours[t.op, t.inode, base(t.path) if named else None,
             base(t.old) if t.old else None, t.pid, t.comm] += 1
    exes = {(t.pid, t.comm, t.exe) for t in told}
    for event in audit_records():
        pid, comm, exe = int(event["pid"]), audit_value(event["comm"]), audit_value(event["exe"])
        for op in audit_ops(event):
            theirs[op + (pid, comm)] += 1
        # A program in the mount itself is told as from that file system's root.
        exe = exe[len(ROOT):] if inside(exe) else exe
        if event["paths"] and (pid, comm, exe) not in exes:
            differ(f"audit: {exe} {comm}[{pid}] is told by no event")
    for key in theirs:
        if theirs[key] > ours[key]:
            differ(f"audit {theirs[key]}, fs_logger {ours[key]}: {key}")
        if key[0] in ("create", "delete", "rename") and theirs[key] != ours[key]:
            differ(f"audit {theirs[key]}, fs_logger {ours[key]}: {key}")
    return Counter(key[0] for key in theirs.elements())


def main():
    told = read_told()
    print(f"fs_logger {len(told)}: {dict(Counter(t.op for t in told))}")
    for name, compare, least in (("strace", compare_strace, 60), ("inotify", compare_inotify, 10),
                                 ("fatrace", compare_fatrace, 30), ("audit", compare_audit, 60)):
        seen = compare(told)
        print(f"{name} {sum(seen.values())}: {dict(seen)}")
        if sum(seen.values()) < least:
            differ(f"{name} has seen too little for a comparison")
    print(f"{differences} differences")
    sys.exit(differences > 0)


main()
