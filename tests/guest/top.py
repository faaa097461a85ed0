# SPDX-License-Identifier: GPL-2.0
"""moectl top at a pseudo terminal, with the screen that a person would see.

top.py CASE: runs one of the functions below; AssertionError says what is wrong.
"""
import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time

import pyte

PATIENCE = 20 * int(os.environ.get("PATIENCE") or 1)


class Top:
    """A running moectl top. screen: lines of text; raw: all bytes it wrote."""

    def __init__(self, *args, lines=24, columns=80, term="linux"):
        self.screen = pyte.Screen(columns, lines)
        self.stream = pyte.ByteStream(self.screen)
        self.raw = b""
        self.pid, self.fd = pty.fork()
        if not self.pid:
            # Its size is there before the program is.
            self.set_size(0, lines, columns)
            os.environ["TERM"] = term
            os.execvp("moectl", ["moectl", "top", "--delay", "0.2", *args])
        self.before = termios.tcgetattr(self.fd)

    @staticmethod
    def set_size(fd, lines, columns):
        fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))

    def resize(self, lines, columns):
        self.screen.resize(lines, columns)
        self.set_size(self.fd, lines, columns)
        os.kill(self.pid, signal.SIGWINCH)

    def read(self, seconds):
        """Returns False when it has closed the terminal."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if not select.select([self.fd], [], [], 0.05)[0]:
                continue
            try:
                data = os.read(self.fd, 65536)
            except OSError:
                return False
            if not data:
                return False
            self.raw += data
            self.stream.feed(data)
        return True

    def text(self):
        return "\n".join(line.rstrip() for line in self.screen.display)

    def wait(self, pattern):
        """Until the screen has it. Returns the match."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            self.read(0.1)
            match = re.search(pattern, self.text(), re.M)
            if match:
                return match
        raise AssertionError(f"no {pattern!r} in\n{self.text()}")

    def press(self, keys):
        os.write(self.fd, keys.encode())

    def end(self, status=0):
        while self.read(1):
            pass
        got = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        assert got == status, f"exit status {got}:\n{self.text()}"

    def quit(self):
        self.press("q")
        self.end()


def run(command):
    return subprocess.run(command, shell=True, check=True, capture_output=True, text=True).stdout


def gauges():
    top = Top()
    top.wait(r"^moectl top .* moeai \S+, loaded .* ago, ok")
    top.wait(r"^cpu +[\d.]+% +memory [\d.]+%")
    top.wait(r"^network .* in, .* out")
    top.wait(r"^events \d+/s +held \d+")
    top.wait(r"^q quit")
    top.quit()
    assert b"\x1b[?25h" in top.raw, "the cursor was not given back"


def events():
    top = Top()
    top.wait(r"^EVENTS OF")
    for i in range(30):
        run("moectl publish hello")
        top.read(0.02)
    rate, total = top.wait(r"^user +([\d.]+) +(30)$").groups()
    top.press("r")
    top.wait(r"\A(?!(.|\n)*^user )")  # what was counted is gone
    run("moectl publish hello")
    rates = []
    for _ in range(60):
        top.read(0.05)
        rates += re.findall(r"^user +([\d.]+) ", top.text(), re.M)
    assert rates and max(map(float, rates)) <= 10, f"of one event in 0.2 s: {rates}"
    top.quit()


def watching_is_no_event():
    """What it asks the kernel for adds nothing to what it shows."""
    run("modprobe -a moeai_mem_monitor moeai_net_guard moeai_fs_logger")
    top = Top()
    top.wait(r"^FILES|PATH$")
    top.press("r")
    top.read(3)
    top.press(" ")
    top.wait("PAUSED")
    assert not re.search(r"^core ", top.text(), re.M), top.text()
    top.quit()


def pause():
    """Nothing changes but its size; what came meanwhile is told afterwards."""
    top = Top()
    top.wait(r"^EVENTS OF")
    run("moectl publish hello")
    top.wait(r"^user +[\d.]+ +1$")
    top.press(" ")
    top.wait("PAUSED")
    before = top.text()
    for _ in range(10):
        run("moectl publish hello")
        top.read(0.2)
        assert top.text() == before, f"it was\n{before}\nand is\n{top.text()}"
    top.press("r??")
    top.read(1)
    assert top.text() == before, f"it was\n{before}\nand is\n{top.text()}"
    top.resize(30, 100)
    top.read(1)
    assert re.search(r"^user +[\d.]+ +1$", top.text(), re.M), top.text()
    top.press(" ")
    top.wait(r"^user +[\d.]+ +11$")
    top.quit()


def modules_missing():
    top = Top()
    top.wait(r"^MEMORY +mem_monitor is not loaded: modprobe moeai_mem_monitor$")
    top.wait(r"^OFFENDERS +net_guard is not loaded: modprobe moeai_net_guard$")
    run("modprobe moeai_mem_monitor")
    top.wait(r"pressure none, .* available")
    top.wait(r"^ +\d+ \S+ +\S+ +[\d.]+\wiB")
    run("rmmod moeai_mem_monitor")
    top.wait(r"^MEMORY +mem_monitor is not loaded")
    top.quit()


def consumers():
    """The largest process is who really is."""
    run("modprobe moeai_mem_monitor")
    hog = subprocess.Popen(["python3", "-c", "x = bytearray(120 << 20); input()"],
                           stdin=subprocess.PIPE)
    top = Top()
    top.wait(rf"MEMORY OF.*\n +{hog.pid} python3 +root +1\d\d[.\d]*MiB")
    hog.communicate(b"\n")
    top.wait(rf"\A(?!(.|\n)*^ +{hog.pid} )")
    top.quit()


def files():
    """Counted by file; a name that would steer the terminal does not."""
    run("modprobe moeai_fs_logger; mkdir -p /run/top; moectl watch add /run/top")
    top = Top()
    top.wait(r"PATH$")
    evil = b"/run/top/\x1b]0;evil\x07\x1b[2J\xff\xe2\x80\xae"
    for _ in range(5):
        with open(evil, "ab") as file:
            file.write(b"x")
        with open("/run/top/gr\u00fcn", "a", encoding="utf-8") as file:
            file.write("x")
        top.read(0.05)
    top.wait(r"^ +11 +10 +1 /run/top/gr\u00fcn$")
    top.wait(r"^ +11 +10 +1 /run/top/\\x1b]0;evil\\x07\\x1b\[2J\\xff\\xe2\\x80\\xae$")
    assert b"\x1b]0;evil" not in top.raw
    top.quit()
    run("moectl watch remove /run/top; rm -r /run/top")


def sizes():
    run("modprobe -a moeai_mem_monitor moeai_net_guard moeai_fs_logger")
    top = Top(lines=50, columns=200)
    top.wait(r"^q quit")
    top.wait(r"PATH$")
    for lines, columns in ((24, 80), (10, 40), (5, 20), (1, 8), (60, 132), (24, 80)):
        top.resize(lines, columns)
        top.read(1)
        last = top.screen.display[-1].rstrip()
        assert "q quit"[:columns - 1].startswith(last[:6]), f"{lines}x{columns}:\n{top.text()}"
    top.wait(r"^moectl top")
    top.wait(r"PATH$")
    top.quit()


def keys():
    top = Top()
    top.wait(r"^EVENTS OF")
    top.press("?")
    top.wait(r"^q +quit")
    top.wait(r"^Counting began at \d{4}-")
    top.press("?")
    top.wait(r"^EVENTS OF")
    top.press(" ")
    top.wait("PAUSED")
    top.press(" ")
    top.wait(r"^moectl top(?!.*PAUSED)")
    top.press("xyz\x1b[A")
    top.wait(r"^EVENTS OF")
    top.quit()


def reload():
    """The core goes and comes back under it."""
    top = Top()
    top.wait(r"^EVENTS OF")
    if subprocess.run("modprobe -r moeai", shell=True, check=False).returncode:
        # It has the log mapped, which keeps the module.
        top.wait(r"^EVENTS OF")
        top.quit()
        return
    top.wait(r"moeai is not loaded: modprobe moeai")
    run("modprobe moeai")
    top.wait(r"^EVENTS OF")
    top.quit()


def ends():
    """By a signal, or when its terminal goes, it gives the cursor back."""
    for sig in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
        top = Top()
        top.wait(r"^EVENTS OF")
        os.kill(top.pid, sig)
        top.end()
        assert b"\x1b[?25h" in top.raw
    top = Top()
    top.wait(r"^EVENTS OF")
    os.close(top.fd)
    end = time.monotonic() + PATIENCE
    while not os.waitpid(top.pid, os.WNOHANG)[0]:
        assert time.monotonic() < end, "it goes on without a terminal"
        time.sleep(0.1)
    top = Top("--count", "2")
    top.end()


def unprivileged():
    top = Top()
    top.quit()
    pid, fd = pty.fork()
    if not pid:
        Top.set_size(0, 24, 80)
        os.environ["TERM"] = "linux"
        os.execvp("setpriv", ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups",
                              "moectl", "top", "--delay", "0.2"])
    top.fd, top.pid, top.raw = fd, pid, b""
    top.screen.reset()
    top.wait(r"^cpu +[\d.]+%")
    top.wait(r"^EVENTS +reading events needs")
    top.wait(r"^MEMORY +.*needs CAP_SYS_ADMIN|^MEMORY +mem_monitor is not loaded")
    top.quit()


def unknown_terminal():
    top = Top(term="no-such-terminal")
    top.end(1)
    assert "set TERM" in top.text(), top.text()


if __name__ == "__main__":
    try:
        globals()[sys.argv[1]]()
    except AssertionError as error:
        sys.exit(str(error))
