# SPDX-License-Identifier: GPL-2.0
"""
What a workload did to files, as strace -f -y -xx -s 2 has it of all its processes:
a model of the names there are and the files that are open.
"""
import os
import re
import sys
from collections import Counter

HEX = re.compile(r"(?:\\x[0-9a-f]{2})*")
CALL = re.compile(r"(\d+) +(\w+)\((.*)\) += (-?\d+|\?)(?:<((?:\\x..)*)>)?")
NOT_RUN = re.compile(r"(\d+) +(\w+)\((.*?),? *<unfinished \.\.\.>$")
RESUMED = re.compile(r"(\d+) +<\.\.\. (\w+) resumed>(.*)$")
FD = re.compile(r"(AT_FDCWD|-?\d+)(?:<((?:\\x..)*)>)?")


def unhex(text):
    return bytes.fromhex(text.replace("\\x", "")).decode("utf-8", "surrogateescape")


def split(args):
    """At commas that no bracket encloses; strings are all in hex."""
    parts, depth, start = [], 0, 0
    for i, c in enumerate(args):
        if c in "([{":
            depth += 1
        elif c in ")]}":
            depth -= 1
        elif c == "," and not depth:
            parts.append(args[start:i].strip())
            start = i + 1
    return parts + [args[start:].strip()]


class Name:
    """What a name in a folder stands for: it lives on under another one."""

    def __init__(self, path):
        self.path = path


class Open:
    """An open file description: its last close tells."""

    def __init__(self, name, writes):
        self.name, self.writes, self.users = name, writes, 0


class Process:
    def __init__(self, pid, cwd, files):
        self.pid, self.cwd, self.files, self.threads = pid, cwd, files, {pid}


class Strace:
    """ops: of each (operation, path, old path, pid, tid) below @root how many."""

    def __init__(self, root, before):
        self.root = root
        self.ops = Counter()
        self.more = set()  # of these there may be more: the kernel loops inside one call
        self.names = {path: Name(path) for path in before}
        self.processes, self.known = {}, set()
        self.parents = {}
        self.unfinished = {}
        self.tid = 0

    def inside(self, path):
        return path == self.root or path.startswith(self.root + "/")

    def add(self, op, path, old=None):
        if self.inside(path) or (old and self.inside(old)):
            self.ops[op, path, old, self.process().pid, self.tid] += 1

    def process(self):
        return self.processes[self.tid]

    # Files that are open.

    def install(self, fd, opened, cloexec):
        self.close(fd)
        opened.users += 1
        self.process().files[fd] = opened, cloexec

    def close(self, fd):
        opened, _ = self.process().files.pop(fd, (None, None))
        if not opened:
            return
        opened.users -= 1
        if not opened.users and opened.writes:
            self.add("close_write", opened.name.path)

    def leave(self):
        process = self.processes.pop(self.tid)
        process.threads.discard(self.tid)
        if not process.threads:
            self.processes[self.tid] = process
            for fd in list(process.files):
                self.close(fd)
            del self.processes[self.tid]

    def born(self, parent, child, thread):
        if child in self.known:
            return
        self.known.add(child)
        if thread:
            self.processes[child] = self.processes[parent]
            self.processes[child].threads.add(child)
            return
        old = self.processes[parent]
        for opened, _ in old.files.values():
            opened.users += 1
        self.processes[child] = Process(child, old.cwd, dict(old.files))

    # Names.

    def name(self, path):
        return self.names.setdefault(path, Name(path))

    def move(self, old, new):
        below = [path for path in self.names if path == old or path.startswith(old + "/")]
        moving = {path: self.names.pop(path) for path in below}
        for path, name in moving.items():
            name.path = new + path[len(old):]
            self.names[name.path] = name

    def at(self, fd, path):
        path = unhex(path.strip('"'))
        if path.startswith("/proc/self/fd/"):
            return self.process().files[int(path.rsplit("/", 1)[1])][0].name.path
        folder = self.process().cwd
        if fd and not fd.startswith("AT_FDCWD"):
            folder = unhex(FD.match(fd)[2])
        return os.path.normpath(os.path.join(folder, path))

    # Calls, each with its arguments and what it returned.

    def opens(self, path, flags, fd):
        if not self.inside(path):
            return
        if "O_PATH" in flags:
            self.install(fd, Open(self.name(path), False), "O_CLOEXEC" in flags)
            return
        if path not in self.names:
            self.add("create", path)
        elif "O_TRUNC" in flags:
            self.add("modify", path)
        self.add("open", path)
        writes = "O_WRONLY" in flags or "O_RDWR" in flags
        self.install(fd, Open(self.name(path), writes), "O_CLOEXEC" in flags)

    def call(self, name, args, result, result_path):
        if name in ("clone", "clone3", "fork", "vfork"):
            self.born(self.tid, result, "CLONE_THREAD" in " ".join(args))
        elif name in ("open", "openat", "openat2", "creat"):
            at = name.startswith("openat")
            flags = "O_WRONLY|O_CREAT|O_TRUNC" if name == "creat" else args[1 + at]
            self.opens(unhex(result_path), flags, result)
        elif name in ("mkdir", "mknod", "symlink", "link", "unlink", "rmdir", "rename"):
            names = args[:2] if name in ("link", "rename") else args[-1:]
            if name in ("mkdir", "mknod"):
                names = args[:1]
            self.change(name, [self.at(None, n) for n in names])
        elif name in ("mkdirat", "mknodat", "unlinkat"):
            self.change(name, [self.at(args[0], args[1])])
        elif name == "symlinkat":
            self.change(name, [self.at(args[1], args[2])])
        elif name in ("linkat", "renameat", "renameat2"):
            assert "EXCHANGE" not in args[-1]
            self.change(name, [self.at(args[0], args[1]), self.at(args[2], args[3])])
        elif name in ("chmod", "chown", "lchown", "truncate", "setxattr", "lsetxattr",
                      "removexattr", "lremovexattr"):
            self.add("modify" if name == "truncate" else "attrib", self.at(None, args[0]))
        elif name in ("fchmodat", "fchownat", "utimensat", "fchmod", "fchown", "fsetxattr",
                      "ftruncate", "fallocate", "fremovexattr"):
            self.attributes(name, args)
        elif name in ("write", "pwrite64", "writev", "pwritev", "pwritev2"):
            self.written(args[0], result)
        elif name in ("copy_file_range", "sendfile", "splice"):
            self.written(args[0 if name == "sendfile" else 2], result, True)
        elif name == "close":
            self.close(int(FD.match(args[0])[1]))
        elif name in ("dup", "dup2", "dup3") or name == "fcntl" and "F_DUPFD" in args[1]:
            self.duplicate(int(FD.match(args[0])[1]), result, "CLOEXEC" in " ".join(args))
        elif name == "fcntl":
            fd = int(FD.match(args[0])[1])
            if args[1] == "F_SETFD" and fd in self.process().files:
                self.process().files[fd] = self.process().files[fd][0], "CLOEXEC" in args[2]
        elif name == "close_range":
            for fd in [fd for fd in self.process().files if fd >= int(FD.match(args[0])[1])]:
                self.close(fd)
        elif name == "chdir":
            self.process().cwd = self.at(None, args[0])
        elif name == "fchdir":
            self.process().cwd = unhex(FD.match(args[0])[2])
        elif name == "execve":
            self.execute(self.at(None, args[0]))
        else:
            sys.exit(f"strace: {name}({args}) is not known here")

    def duplicate(self, fd, to, cloexec):
        opened, _ = self.process().files.get(fd, (None, None))
        if fd == to:
            return
        if opened:
            self.install(to, opened, cloexec)
        else:
            self.close(to)

    def execute(self, path):
        self.add("open", path)
        self.add("exec", path)
        for fd, (_, cloexec) in list(self.process().files.items()):
            if cloexec:
                self.close(fd)

    def change(self, name, paths):
        path = paths[-1]
        if name.startswith("rename"):
            self.add("rename", path, paths[0])
            self.move(paths[0], path)
        elif name.startswith("unlink") or name == "rmdir":
            self.add("delete", path)
            self.names.pop(path, None)
        else:
            self.add("create", path)
            self.name(path)

    def attributes(self, name, args):
        if name.endswith("at") and args[1] != "NULL":
            path = self.at(args[0], args[1])
        else:
            path = unhex(FD.match(args[0])[2])
        if name == "utimensat" and "UTIME_OMIT" in args[2]:
            # One of two times: of the last access it is none that we tell.
            omitted = split(args[2][1:-1])
            if omitted[0].find("UTIME_OMIT") < 0:
                return
            self.add("modify", path)
        else:
            self.add("modify" if name in ("ftruncate", "fallocate") else "attrib", path)

    def written(self, fd, result, more=False):
        path = FD.match(fd)[2]
        if result <= 0 or not path or not self.inside(unhex(path)):
            return
        path = unhex(path)
        self.add("modify", path)
        if more:
            self.more.add((path, self.process().pid))

    # Lines.

    def appear(self, tid):
        self.tid = tid
        if tid in self.processes:
            return
        if not self.known:
            self.known.add(tid)
            self.processes[tid] = Process(tid, "/", {})
            return
        parent, thread = self.parents[tid]
        self.born(parent, tid, thread)

    def parse(self, lines):
        joined = []
        for line in lines:
            unfinished, resumed = NOT_RUN.match(line), RESUMED.match(line)
            if unfinished:
                self.unfinished[unfinished[1]] = line[: line.rindex("<unfinished")].rstrip()
                joined.append(f"{unfinished[1]} appears")
            elif resumed:
                joined.append(self.unfinished.pop(resumed[1]) + resumed[3])
            else:
                joined.append(line)
        calls = [(line, CALL.match(line)) for line in joined]
        for _, call in calls:
            if call and call[2] in ("clone", "clone3", "fork", "vfork") and call[4].isdigit():
                self.parents[int(call[4])] = int(call[1]), "CLONE_THREAD" in call[3]
        for line, call in calls:
            self.appear(int(line.split(" ", 1)[0]))
            if call and call[4] != "?" and int(call[4]) >= 0:
                self.call(call[2], split(call[3]), int(call[4]), call[5])
            elif "+++ exited" in line or "+++ killed" in line:
                self.leave()
