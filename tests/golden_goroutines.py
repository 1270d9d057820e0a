#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""marey report and marey goroutines against Go's saved pages: golden_goroutines.py testdata|shared

Go's page /goroutines lists every start function with its number of goroutines and their execution
time; its pages /goroutine?name=... of some functions break each goroutine's time down. The report's
table of goroutines by start function says the same in sums, and marey goroutines --each of each of
them, the reasons for waiting by their kinds.

They differ about some system calls (see go_syscalls.py).
"""
import collections
import json

import corpus
import go_pages
from corpus import marey, traces
from go_pages import nanoseconds, tables
from go_syscalls import WAIT, Syscalls

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


def compare(name, want, got, goroutines, syscalls):
    """Complaints about the sums of these goroutines; system calls may differ as this program finds
    out."""
    for column in sorted(set(want) | set(got)):
        x, y = want.get(column, 0), got.get(column, 0)
        if x == y:
            continue
        if column in Syscalls.COLUMNS:
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
