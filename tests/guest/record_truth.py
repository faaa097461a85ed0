#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""
record_truth.py FILE

The events of an incident file, by a reader that knows nothing of ours, against those
that /dev/moeai has: the same bytes for each number. Prints how many there are.
"""

import os
import struct
import sys

PACKET, SECTION, INTERFACE = 6, 0x0A0D0D0A, 1
EVENT, SEQ = 1, 2


def blocks(data):
    at = 0
    while at < len(data):
        kind, size = struct.unpack_from("=II", data, at)
        assert size % 4 == 0 and struct.unpack_from("=I", data, at + size - 4)[0] == size
        yield kind, data[at + 8:at + size - 4]
        at += size


def messages(data):
    at = 0
    while at < len(data):
        size = struct.unpack_from("=I", data, at)[0]
        yield data[at:at + size]
        at += (size + 3) & ~3


def attributes(data):
    at = 0
    while at < len(data):
        size, kind = struct.unpack_from("=HH", data, at)
        yield kind & 0x3FFF, data[at + 4:at + size]
        at += (size + 3) & ~3


def events(all_messages, family):
    found = {}
    for message in all_messages:
        if struct.unpack_from("=H", message, 4)[0] != family or message[16] != EVENT:
            continue
        seq = dict(attributes(message[20:])).get(SEQ)
        if seq:
            found[struct.unpack("=Q", seq)[0]] = message
    return found


def of_file(path):
    """Its events, and the number of their family."""
    found, family, resolution = [], None, None
    with open(path, "rb") as file:
        for n, (kind, body) in enumerate(blocks(file.read())):
            assert (kind == SECTION) == (n == 0)
            if kind == INTERFACE:
                assert struct.unpack_from("=H", body)[0] == 253
                resolution = b"\x09\0\x01\0\x09" in body
            if kind != PACKET:
                continue
            high, low, size, whole = struct.unpack_from("=IIII", body, 4)
            assert size == whole and resolution
            cooked, packet = body[20:36], body[36:20 + size]
            assert struct.unpack(">HH", cooked[:4]) == (6, 824) and cooked[14:] == b"\0\x10"
            for message in messages(packet):
                found.append(message)
                if struct.unpack_from("=H", message, 4)[0] == 16:
                    family = struct.unpack("=H", dict(attributes(message[20:]))[1])[0]
                    continue
                said = dict(attributes(message[20:]))
                if message[16] == EVENT and 3 in said:
                    assert said[3] == struct.pack("=Q", high << 32 | low), "another time"
    return events(found, family), family


def of_device(family):
    fd = os.open("/dev/moeai", os.O_RDONLY | os.O_NONBLOCK)
    found = []
    try:
        while True:
            found += messages(os.read(fd, 65536))
    except BlockingIOError:
        return events(found, family)
    finally:
        os.close(fd)


def main():
    recorded, family = of_file(sys.argv[1])
    there = of_device(family)
    for seq, message in recorded.items():
        assert there[seq] == message, f"event {seq}: {message.hex()} is {there[seq].hex()}"
    assert list(recorded) == sorted(recorded) and recorded
    print(len(recorded))


main()
