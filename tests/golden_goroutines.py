#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""marey report and marey goroutines against Go's saved pages: golden_goroutines.py testdata|shared

Go's page /goroutines lists every start function with its number of goroutines and their execution
time; its pages /goroutine?name=... of some functions break each goroutine's time down. The report's
table of goroutines by start function says the same in sums, and marey goroutines --each of each of
them, the reasons for waiting by their kinds.

In one thing they differ. A goroutine in a system call is blocked once its proc has been taken away.
When a goroutine leaves its system call, Go's summary forgets who is in one on the proc that the
goroutine entered it with, also if that proc has long gone on to another goroutine, whose later
blocking then counts as execution. And of a goroutine that is blocked in one when the trace ends, Go
counts that twice, as system call and as scheduler wait. Marey does neither. So where those columns
differ, both must be what this program finds by Go's rules and by the right ones.
"""
import collections
import json
import re

import corpus
import go_pages
from corpus import marey, traces
from go_pages import nanoseconds, tables

# A group's sums in nanoseconds by the names of Go's columns; "Total" and GC ranges among them. What
# it stopped the world for is one sum.
Group = collections.namedtuple("Group", "count sums")
STOP = "stop-the-world"


def overview(page):
    """{start function: (number, execution ns)} of /goroutines."""
    rows = tables(page)[0][1:]
    found = {}
    for function, count, execution in rows:
        found[function] = (int(count), nanoseconds(execution))
    return found


def breakdown(page):
    """(start function, number of goroutines, {goroutine: its sums}) of a /goroutine page."""
    summary, details, *ranges = tables(page)
    facts = dict((row[0], row[1]) for row in summary if len(row) == 2)
    each = {int(row[0]): collections.Counter({"Total": nanoseconds(row[1])})
            for row in details[1:]}
    # The first table has a picture behind the total.
    for (head, *rows), first in ((details, 3), *((table, 2) for table in ranges)):
        for row in rows:
            for name, cell in zip(head[first:], row[first:]):
                each[int(row[0])][STOP if name.startswith(STOP) else name] += nanoseconds(cell)
    return facts["Goroutine start location:"], int(facts["Count:"]), each


# Go's names for what the report's columns hold.
COLUMNS = {"total": "Total", "execution": "Execution time", "scheduler_wait": "Sched wait time",
           "syscall": "Syscall execution time", "syscall_block": "Block time (syscall)",
           "unknown": "Unknown time", "gc_assist": "GC mark assist",
           "gc_sweep": "GC incremental sweep", "stop_the_world": STOP}
# What Go's page writes for a goroutine of which no stack was recorded.
NO_STACK = "(Inactive, no stack trace sampled)"


def report(trace):
    """{start function: Group} of marey's report; the sums by Go's names."""
    mode = [] if trace.status["parsed.txt"].code == 0 else ["--strict"]
    got = marey("report", "--json", "--top", "1000000", *mode, trace.path)
    found = {table["id"]: table["rows"] for table in json.loads(got.out)["tables"]}
    groups = {}
    for row in found["goroutines"]:
        sums = {name: row[column] for column, name in COLUMNS.items()}
        groups[row["function"] or NO_STACK] = Group(row["goroutines"], sums)
    for row in found["goroutine_waits"]:
        sums = groups[row["function"] or NO_STACK].sums
        name = f"Block time ({row['reason']})"
        sums[name] = sums.get(name, 0) + row["time"]
    return groups


def each_goroutine(trace):
    """{goroutine: (start function, its sums by Marey's columns)} of marey goroutines --each."""
    mode = [] if trace.status["parsed.txt"].code == 0 else ["--strict"]
    got = marey("goroutines", "--each", "--json", *mode, trace.path)
    rows, = (table["rows"] for table in json.loads(got.out)["tables"]
             if table["id"] == "each_goroutine")
    return {row["goroutine"]: (row["function"] or NO_STACK,
                               {name: row[name] for name in (*go_pages.COLUMNS, "total")})
            for row in rows}


IN_SYSCALL, BLOCKED, WAIT = "Syscall execution time", "Block time (syscall)", "Sched wait time"
GOROUTINE_CHANGE = re.compile(r"GoID=(-?\d+) (\w+)->(\w+)")
PROC_CHANGE = re.compile(r"ProcID=(-?\d+) \w+->(\w+)")
EVENT = re.compile(r"M=\S+ P=(-?\d+) G=\S+ (\w+) Time=(-?\d+) ?(.*)")


def syscall_times(events, as_go):
    """{goroutine: Counter of ns that its system calls add to the columns}, by Go's rules or the right
    ones."""
    times, entered, lost = collections.defaultdict(collections.Counter), {}, {}
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
                times[goroutine][BLOCKED if proc == "-1" else IN_SYSCALL] += time - begin
            elif old == "Syscall" and new != "Syscall" and goroutine in entered:
                left = lost.pop(goroutine, time)
                times[goroutine][IN_SYSCALL] += left - entered.pop(goroutine)
                times[goroutine][BLOCKED] += time - left
                held = proc_of.pop(goroutine)
                if as_go or on_proc.get(held) == goroutine:
                    on_proc.pop(held, None)
            if new == "Syscall" and old != "Syscall":
                entered[goroutine], on_proc[proc], proc_of[goroutine] = time, goroutine, proc
    for goroutine, since in entered.items():
        left = lost.get(goroutine, time)
        times[goroutine][IN_SYSCALL] += (time if as_go else left) - since
        times[goroutine][WAIT if as_go else BLOCKED] += time - left
    return times


class Syscalls:
    """What system calls take, by both rules, when it is needed."""

    def __init__(self, trace):
        self.trace, self.times = trace, None

    def of(self, goroutines, column):
        """(Go's ns, the right ns)"""
        if self.times is None:
            mode = [] if self.trace.status["parsed.txt"].code == 0 else ["--strict"]
            text = marey("-d=parsed", *mode, self.trace.path).out.decode("utf-8", "replace")
            events = [(match[1], match[2], int(match[3]), match[4])
                      for match in map(EVENT.match, text.splitlines()) if match]
            self.times = [syscall_times(events, as_go) for as_go in (True, False)]
        return [sum(times[goroutine][column] for goroutine in goroutines) for times in self.times]


def compare(name, want, got, goroutines, syscalls):
    """Complaints about the sums of these goroutines; system calls may differ as this program finds
    out."""
    for column in sorted(set(want) | set(got)):
        x, y = want.get(column, 0), got.get(column, 0)
        if x == y:
            continue
        if column in (IN_SYSCALL, BLOCKED, WAIT):
            by_go, right = syscalls.of(goroutines, column)
            if x - by_go == y - right and (column == WAIT or x == by_go):
                continue
        yield f"{name}: {column}: {y} ns, Go's {x}"


def by_kind(sums):
    """By Go's titles, the reasons for waiting by their kinds."""
    found = collections.Counter()
    for title, time in sums.items():
        column = go_pages.column(title)
        found[COLUMNS.get(column, column)] += time
    return found


def complaints(trace):
    groups, each = report(trace), each_goroutine(trace)
    syscalls = Syscalls(trace)
    page, = go_pages.pages(trace, "/goroutines")
    want = overview(page)
    got = {function: (group.count, group.sums["Execution time"])
           for function, group in groups.items()}
    for function in sorted(set(want) | set(got)):
        if want.get(function) != got.get(function):
            yield f"{function}: {got.get(function)}, Go's {want.get(function)}"
    for page in go_pages.pages(trace, "/goroutine"):
        function, count, wanted = breakdown(page)
        function = function or NO_STACK
        if function not in groups:
            continue
        if len(wanted) != count:
            yield f"{function}: {len(wanted)} goroutines of {count}"
        total = sum(wanted.values(), collections.Counter())
        yield from compare(function, total, groups[function].sums, wanted, syscalls)
        for goroutine, sums in wanted.items():
            if goroutine not in each:
                yield f"{function}: {goroutine} is not there"
                continue
            started, times = each[goroutine]
            if started != function:
                yield f"{goroutine}: {started}, Go's {function}"
            got = {COLUMNS.get(name, name): time for name, time in times.items()}
            yield from compare(f"{goroutine}", by_kind(sums), got, [goroutine], syscalls)


class Goroutines(corpus.CorpusTest):
    def test_agree_with_go(self):
        self.each([t for t in traces(self.corpus) if go_pages.pages(t, "/goroutines")],
                  lambda trace: list(complaints(trace)))


if __name__ == "__main__":
    corpus.main()
