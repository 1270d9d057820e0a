#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The report's goroutine figures against Go's saved pages: golden_goroutines.py testdata|shared

Go's page /goroutines lists every start function with its number of goroutines and their execution
time; its pages /goroutine?name=... of some functions break each goroutine's time down. The report's
table of goroutines by start function says the same in sums.

In one thing they differ. A goroutine in a system call is blocked once its proc has been taken away.
When a goroutine leaves its system call, Go's summary forgets who is in one on the proc that the
goroutine entered it with, also if that proc has long gone on to another goroutine, whose later
blocking then counts as execution. Marey does not do that. So where those two columns differ, both
must be what this program finds by Go's rule and by the right one.
"""
import collections
import html.parser
import io
import json
import re
import tarfile

import corpus
from corpus import marey, traces

UNITS = {"h": 3_600_000_000_000, "m": 60_000_000_000, "s": 1_000_000_000, "ms": 1_000_000,
         "µs": 1_000, "ns": 1}
# Ties in time are pushed apart by single nanoseconds, and a goroutine has many transitions.
TIES_NS = 2000


def nanoseconds(text):
    """Go's time.Duration as text, "1.5ms" or "1m2.5s"."""
    parts = re.findall(r"([\d.]+)(h|ms|µs|ns|m|s)", text)
    if not parts or "".join(n + u for n, u in parts) != text.lstrip("-"):
        raise ValueError(f"no duration: {text!r}")
    total = sum(round(float(number) * UNITS[unit]) for number, unit in parts)
    return -total if text.startswith("-") else total


class Cells(html.parser.HTMLParser):
    """The tables of a page: [[cell text, ...] of each row] of each table."""

    def __init__(self):
        super().__init__()
        self.tables, self.cell = [], None

    def handle_starttag(self, tag, attrs):
        if tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag in ("td", "th"):
            self.cell = ""

    def handle_endtag(self, tag):
        if tag in ("td", "th") and self.cell is not None:
            self.tables[-1][-1].append(" ".join(self.cell.split()))
            self.cell = None

    def handle_data(self, data):
        if self.cell is not None:
            self.cell += data


def tables(page):
    cells = Cells()
    cells.feed(page.decode("utf-8", "replace"))
    return cells.tables


# A group's sums in nanoseconds by the names of Go's columns; "Total" and GC ranges among them.
# `ids`: of its goroutines, as Go lists them; None in a report.
Group = collections.namedtuple("Group", "count sums ids")


def pages(trace):
    """Go's pages of a trace: {file: bytes}, those that answered with 200."""
    packed = corpus.golden(trace, "http.tar")
    if packed is None:
        return {}
    found = {}
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        for member in archive:
            name = member.name.split("/")[-1]
            if re.fullmatch(r"goroutines\.html|goroutine-\d+\.html|URLS\.tsv", name):
                found[name] = archive.extractfile(member).read()
    good = {line.split("\t")[0] for line in found.get("URLS.tsv", b"").decode().splitlines()
            if line.split("\t")[1] == "200"}
    return {name: page for name, page in found.items() if name in good}


def overview(page):
    """{start function: (number, execution ns)} of /goroutines."""
    rows = tables(page)[0][1:]
    found = {}
    for function, count, execution in rows:
        found[function] = (int(count), nanoseconds(execution))
    return found


def breakdown(page):
    """(start function, Group) of a /goroutine page."""
    summary, details, *ranges = tables(page)
    facts = dict((row[0], row[1]) for row in summary if len(row) == 2)
    sums = collections.Counter()
    head, *rows = details
    ids = [int(row[0]) for row in rows]
    # The column behind the total is a picture without a heading text.
    for row in rows:
        sums["Total"] += nanoseconds(row[1])
        for name, cell in zip(head[3:], row[3:]):
            sums[name] += nanoseconds(cell)
    for head, *rows in ranges:
        for row in rows:
            for name, cell in zip(head[2:], row[2:]):
                sums[name] += nanoseconds(cell)
    return facts["Goroutine start location:"], Group(int(facts["Count:"]), sums, ids)


# Go's names for what the report's columns hold.
COLUMNS = {"total": "Total", "execution": "Execution time", "scheduler_wait": "Sched wait time",
           "syscall": "Syscall execution time", "syscall_block": "Block time (syscall)",
           "unknown": "Unknown time", "gc_assist": "GC mark assist",
           "gc_sweep": "GC incremental sweep"}
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
        groups[row["function"] or NO_STACK] = Group(row["goroutines"], sums, None)
    for row in found["goroutine_waits"]:
        sums = groups[row["function"] or NO_STACK].sums
        name = f"Block time ({row['reason']})"
        sums[name] = sums.get(name, 0) + row["time"]
    return groups


def close(want, got, goroutines):
    return abs(want - got) <= TIES_NS * goroutines + abs(want) / 1e6


IN_SYSCALL, BLOCKED = "Syscall execution time", "Block time (syscall)"
GOROUTINE_CHANGE = re.compile(r"GoID=(-?\d+) (\w+)->(\w+)")
PROC_CHANGE = re.compile(r"ProcID=(-?\d+) \w+->(\w+)")
EVENT = re.compile(r"M=\S+ P=(-?\d+) G=\S+ (\w+) Time=(-?\d+) ?(.*)")


def syscall_times(trace, as_go):
    """{goroutine: Counter of ns in system calls, executing and blocked}, by Go's rule or the right
    one. A goroutine that is still in one when the trace ends has no part in either: Go's figures for
    it are no sums."""
    mode = [] if trace.status["parsed.txt"].code == 0 else ["--strict"]
    times, entered, lost = collections.defaultdict(collections.Counter), {}, {}
    on_proc, proc_of = {}, {}
    begin = None
    for line in marey("-d=parsed", *mode, trace.path).out.decode("utf-8", "replace").splitlines():
        event = EVENT.match(line)
        if event is None:
            continue
        proc, kind, time, rest = event[1], event[2], int(event[3]), event[4]
        if kind == "Sync" and begin is None:
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
            elif old == "Syscall" and goroutine in entered:
                left = lost.pop(goroutine, time)
                times[goroutine][IN_SYSCALL] += left - entered.pop(goroutine)
                times[goroutine][BLOCKED] += time - left
                held = proc_of.pop(goroutine)
                if as_go or on_proc.get(held) == goroutine:
                    on_proc.pop(held, None)
            if new == "Syscall":
                entered[goroutine], on_proc[proc], proc_of[goroutine] = time, goroutine, proc
    return times


def explained(trace, want, got):
    """Whether both are right, each by its rule, about system calls."""
    for sums, as_go in ((want.sums, True), (got.sums, False)):
        times = syscall_times(trace, as_go)
        for column in (IN_SYSCALL, BLOCKED):
            total = sum(times[goroutine][column] for goroutine in want.ids)
            if not close(total, sums.get(column, 0), want.count):
                return False
    return True


def compare_sums(trace, function, want, got):
    """Complaints about one group. Only what the report shows is compared: it has no columns for the
    ranges of stop-the-world pauses."""
    for name in sorted(set(want.sums) | set(got.sums)):
        if name.startswith("stop-the-world"):
            continue
        x, y = want.sums.get(name, 0), got.sums.get(name, 0)
        if close(x, y, want.count):
            continue
        if name not in (IN_SYSCALL, BLOCKED) or not explained(trace, want, got):
            yield f"{function}: {name}: {y} ns, Go's {x}"


class Goroutines(corpus.CorpusTest):
    def test_agree_with_go(self):
        def check(trace):
            saved = pages(trace)
            groups = report(trace)
            bad = []
            want = overview(saved["goroutines.html"])
            got = {function: (group.count, group.sums["Execution time"])
                   for function, group in groups.items()}
            for function in sorted(set(want) | set(got)):
                if function not in want or function not in got:
                    bad.append(f"{function}: {got.get(function)}, Go's {want.get(function)}")
                elif want[function][0] != got[function][0]:
                    bad.append(f"{function}: {got[function][0]} goroutines, Go's {want[function][0]}")
                elif not close(want[function][1], got[function][1], want[function][0]):
                    bad.append(f"{function}: runs {got[function][1]} ns, Go's {want[function][1]}")
            for name, page in sorted(saved.items()):
                if name.startswith("goroutine-"):
                    function, group = breakdown(page)
                    function = function or NO_STACK
                    if function in groups:
                        bad += compare_sums(trace, function, group, groups[function])
            return bad

        self.each([t for t in traces(self.corpus) if "goroutines.html" in pages(t)], check)


if __name__ == "__main__":
    corpus.main()
