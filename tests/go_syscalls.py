# SPDX-License-Identifier: Apache-2.0
"""What Go's summary of goroutines counts otherwise than Marey: some system calls.

A goroutine in a system call is blocked once its proc has been taken away. When a goroutine leaves
its system call, Go's summary forgets who is in one on the proc that the goroutine entered it with,
also if that proc has long gone on to another goroutine, whose later blocking then counts as
execution. And of a goroutine that is blocked in one when the trace ends, Go counts that twice, as
system call and as scheduler wait. Marey does neither.
"""
import collections
import math
import re

from corpus import marey

IN_SYSCALL, BLOCKED, WAIT = "Syscall execution time", "Block time (syscall)", "Sched wait time"
GOROUTINE_CHANGE = re.compile(r"GoID=(-?\d+) (\w+)->(\w+)")
PROC_CHANGE = re.compile(r"ProcID=(-?\d+) \w+->(\w+)")
EVENT = re.compile(r"M=\S+ P=(-?\d+) G=\S+ (\w+) Time=(-?\d+) ?(.*)")


def syscall_times(events, as_go):
    """{goroutine: [(time, column, ns)]}: what its system calls add to the columns when they end, by
    Go's rules or the right ones."""
    times, entered, lost = collections.defaultdict(list), {}, {}
    on_proc, proc_of = {}, {}
    begin = time = None
    for proc, kind, time, rest in events:
        if begin is None:
            begin = time
        if kind != "StateTransition":
            continue
        if change := PROC_CHANGE.match(rest):
            if change[2] == "Idle" and change[1] in on_proc:
                lost[on_proc.pop(change[1])] = time
        elif change := GOROUTINE_CHANGE.match(rest):
            goroutine, old, new = int(change[1]), change[2], change[3]
            if old == "NotExist":
                times.pop(goroutine, None)
            elif old == "Undetermined" and new == "Syscall":
                column = BLOCKED if proc == "-1" else IN_SYSCALL
                times[goroutine].append((time, column, time - begin))
            elif old == "Syscall" and new != "Syscall" and goroutine in entered:
                left = lost.pop(goroutine, time)
                times[goroutine] += [(time, IN_SYSCALL, left - entered.pop(goroutine)),
                                     (time, BLOCKED, time - left)]
                held = proc_of.pop(goroutine)
                if as_go or on_proc.get(held) == goroutine:
                    on_proc.pop(held, None)
            if new == "Syscall" and old != "Syscall":
                entered[goroutine], on_proc[proc], proc_of[goroutine] = time, goroutine, proc
    for goroutine, since in entered.items():
        left = lost.get(goroutine, time)
        times[goroutine] += [(time, IN_SYSCALL, (time if as_go else left) - since),
                             (time, WAIT if as_go else BLOCKED, time - left)]
    return times


class Syscalls:
    """What system calls take, by both rules, when it is needed."""

    COLUMNS = (IN_SYSCALL, BLOCKED, WAIT)

    def __init__(self, trace):
        self.trace, self.times = trace, None

    def of(self, goroutines, column, since=-math.inf, until=math.inf):
        """(Go's ns, the right ns) of these goroutines' system calls that end in that time."""
        if self.times is None:
            mode = [] if self.trace.status["parsed.txt"].code == 0 else ["--strict"]
            text = marey("-d=parsed", *mode, self.trace.path).out.decode("utf-8", "replace")
            events = [(match[1], match[2], int(match[3]), match[4])
                      for match in map(EVENT.match, text.splitlines()) if match]
            self.times = [syscall_times(events, as_go) for as_go in (True, False)]
        return [sum(ns for goroutine in goroutines for time, title, ns in times[goroutine]
                    if title == column and since <= time <= until) for times in self.times]
