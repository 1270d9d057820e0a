#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Memory stays in proportion to the input, whatever the trace is made of: memory.py [MEGABYTES]

Each trace here is made of the cheapest bytes that make a reader keep something: batches, threads,
generations, goroutines, strings, stacks. With a number, prints a table of the peaks in MiB for
traces of so many MiB.
"""
import itertools
import os
import struct
import subprocess
import sys
import tempfile
import unittest

import corpus

MB = 1 << 20
# What the command takes for the smallest trace, with its code and its threads' stacks.
BASE = 24 * MB
# Of that, what is mapped from the program's files.
CODE = 12 * MB
# Peak resident memory (the mapped file is part of it) for each byte of the trace.
MOST = 9
# A report keeps some 200 bytes of each goroutine that is alive, and the trace takes six of them to
# create one (and five to name a proc); some 50 of each task that is open, and the trace takes six.
MOST_IN_REPORT = {"goroutines": 30, "waiting goroutines": 10, "procs": 20, "tasks": 12}
COMMANDS = {
    "report": ["report", "--threads", "2"],
    "count": ["events", "--count", "--threads", "2"],
    "parsed": ["-d=parsed"],
}

FREQUENCY, PROC_START, PROC_STATUS, GO_STATUS = 8, 10, 13, 25
GO_CREATE, TASK_BEGIN, REGION_BEGIN, STRING, STACK = 14, 40, 42, 5, 3


def varint(value):
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def event(kind, *args):
    return bytes([kind]) + b"".join(map(varint, args))


def batch(content, generation=1, thread=0, time=1):
    return event(1, generation, thread, time, len(content)) + content


def batches(entries, begin=b"", thread=0):
    """Entries in as few batches as hold them, each beginning with `begin`."""
    content = bytearray(begin)
    for entry in entries:
        if len(content) + len(entry) > 65536:
            yield batch(bytes(content), thread=thread)
            content = bytearray(begin)
        content += entry
    yield batch(bytes(content), thread=thread)


NO_THREAD = 2 ** 64 - 1
CLOCK = batch(event(FREQUENCY, 15625000), thread=NO_THREAD)
RUNNING = event(PROC_STATUS, 1, 0, 1) + event(GO_STATUS, 1, 1, 0, 2)


def with_head(pieces, head=b"go 1.23 trace\0\0\0" + CLOCK):
    yield head
    yield from pieces


def of_thread_0(make):
    """Events on a thread that has a proc and a goroutine."""
    return with_head(itertools.chain([batch(RUNNING)],
                                     batches(make(i) for i in itertools.count(1000))))


def v1(pieces):
    yield b"go 1.21 trace\0\0\0"
    yield from pieces


def v1_record(kind, *args):
    if 1 <= len(args) <= 3:
        return bytes([kind | (len(args) - 1) << 6]) + b"".join(map(varint, args))
    content = b"".join(map(varint, args))
    return bytes([kind | 3 << 6]) + varint(len(content)) + content


V1_BEGIN = v1_record(1, 0, 1000)
COUNT = itertools.count
TRACES = {
    "threads": lambda: with_head(
        batch(event(PROC_STATUS, 1, i, 2), thread=i) for i in COUNT()),
    "threads without events": lambda: with_head(batch(b"\0", thread=i) for i in COUNT()),
    "batches of one thread": lambda: with_head(
        itertools.chain([batch(RUNNING)], (batch(event(37, 1, 5)) for _ in COUNT()))),
    "generations": lambda: with_head(
        (batch(event(FREQUENCY, 15625000), i, NO_THREAD) + batch(event(PROC_STATUS, 1, 0, 2), i)
         for i in COUNT(1)), b"go 1.23 trace\0\0\0"),
    "goroutines": lambda: of_thread_0(lambda i: event(GO_CREATE, 1, i, 0, 0)),
    "waiting goroutines": lambda: with_head(
        batches((event(GO_STATUS, 1, i, NO_THREAD, 4) for i in COUNT(1000)), thread=NO_THREAD)),
    "procs": lambda: with_head(
        batches((event(PROC_STATUS, 1, i, 2) for i in COUNT()), thread=NO_THREAD)),
    "tasks": lambda: of_thread_0(lambda i: event(TASK_BEGIN, 1, i, 0, 0, 0)),
    "regions": lambda: of_thread_0(lambda i: event(REGION_BEGIN, 1, 0, 0, 0)),
    "strings": lambda: with_head(
        batches((event(STRING, i, 1) + b"x" for i in COUNT(1)), b"\4", NO_THREAD)),
    "strings with odd ids": lambda: with_head(
        batches((event(STRING, i << 30, 1) + b"x" for i in COUNT(1)), b"\4", NO_THREAD)),
    "stacks": lambda: with_head(
        batches((event(STACK, i, 1, i, 0, 0, 0) for i in COUNT(1)), b"\2", NO_THREAD)),
    "empty stacks": lambda: with_head(
        batches((event(STACK, i, 0) for i in COUNT(1)), b"\2", NO_THREAD)),
    "samples": lambda: with_head(
        batches((event(7, i, 0, 0, 0, 0) for i in COUNT(1)), b"\6", NO_THREAD)),
    "bad ids": lambda: of_thread_0(lambda i: event(41, 1, i, i)),
    "v1 batches": lambda: v1(v1_record(1, 0, i) + v1_record(33, 1, 5) for i in COUNT(1000)),
    "v1 procs": lambda: v1(v1_record(1, i, 1000) + v1_record(33, 1, 5) for i in COUNT()),
    "v1 goroutines": lambda: v1(itertools.chain(
        [V1_BEGIN + v1_record(13, 1, 1, 0, 0) + v1_record(5, 1, 0) + v1_record(14, 1, 1, 1)],
        (v1_record(13, 1, i, 0, 0) for i in COUNT(2)))),
    "v1 strings": lambda: v1(itertools.chain(
        [V1_BEGIN], (bytes([37]) + varint(i) + b"\1x" for i in COUNT(1)))),
    "v1 stacks": lambda: v1(itertools.chain(
        [V1_BEGIN], (v1_record(3, i, 1, i, 0, 0, 0) for i in COUNT(1)))),
    "v1 logs": lambda: v1(itertools.chain(
        [V1_BEGIN], (v1_record(48, 1, 0, 0, 0) + b"\4" + struct.pack("<I", i) for i in COUNT(1)))),
    "v1 samples": lambda: v1(itertools.chain(
        [V1_BEGIN], (v1_record(49, 1, i, 0, 0, 0) for i in COUNT(1)))),
}


def write(path, name, size):
    with open(path, "wb") as out:
        for piece in TRACES[name]():
            if out.tell() >= size:
                break
            out.write(piece)
    return os.path.getsize(path)


def peak(command, path):
    """Exit status and peak resident memory, as the system counts it, in bytes."""
    process = subprocess.Popen([*corpus.MAREY, *command, path], stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return process.returncode, usage.ru_maxrss * 1024


class Memory(unittest.TestCase):
    def test_is_in_proportion_to_the_trace(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "trace")
            for name in TRACES:
                size = write(path, name, 4 * MB)
                for title, command in COMMANDS.items():
                    with self.subTest(f"{name}: {title}"):
                        code, used = peak(command, path)
                        self.assertIn(code, (0, 1))
                        most = MOST_IN_REPORT.get(name, MOST) if title == "report" else MOST
                        self.assertLess((used - BASE) / size, most)

    def test_a_limit_is_kept(self):
        limit = 40 * MB
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "trace")
            size = write(path, "goroutines", 6 * MB)
            for threads in "1", "8":
                with self.subTest(threads=threads):
                    code, used = peak(["report", "--threads", threads, "--memory", "40M"], path)
                    self.assertEqual(code, 1)
                    self.assertLess(used, limit + size + CODE)


def print_table(size):
    print("| trace | " + " | ".join(COMMANDS) + " |")
    print("|---|" + "--:|" * len(COMMANDS))
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "trace")
        for name in TRACES:
            write(path, name, size)
            peaks = [peak(command, path) for command in COMMANDS.values()]
            print(f"| {name} | " +
                  " | ".join(f"{most / MB:.0f}{'' if code == 0 else f' ({code})'}"
                             for code, most in peaks) + " |", flush=True)


if __name__ == "__main__":
    if len(sys.argv) > 1 and sys.argv[1].isdigit():
        print_table(int(sys.argv[1]) * MB)
    else:
        unittest.main()
