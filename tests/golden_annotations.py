#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""marey tasks and marey regions against Go's saved pages: golden_annotations.py testdata|shared

Go's pages /usertasks and /userregions list the kinds of tasks and regions with their number and a
histogram; its pages /usertask?... and /userregion?... list them one by one, with what happened in a
task and what the goroutine spent the time of a region on.

Go 1.27 counts some things otherwise (see RULES, and go_syscalls.py). So this program goes through
the events and counts by Go's rules and by Marey's: the first must give Go's pages, the second
Marey's answer. What only Go's summary tells, the breakdown of a region, is compared region by
region.
"""
import collections
import dataclasses
import json
import math
import re
import threading

import corpus
import go_pages
from corpus import marey, traces
from go_syscalls import Syscalls

# What Go counts otherwise:
#   inherited  A goroutine that is created while its creator is in a region gets a region without a
#              name, of the same task, that lasts as long as it lives, unless it is one of the
#              runtime's. It is shown under the place that created it. If the goroutine ends a
#              region of another one, it is that one. Marey has no such regions: the goroutine is in
#              none.
#   mentioned  A task of which the trace has neither begin nor end, but a region, a log message or a
#              child, is an incomplete one without a name; so is the background task, number 0, to
#              which runtime/trace gives what belongs to none. Marey counts tasks that begin or end.
#   twice      A task that is ended again ends then, and loses its name. For Marey it ends once.
#   runtime    The regions that a goroutine of the runtime's (it runs finalizers, or calls from C)
#              does not end do not count.
#   callback   Of the goroutines that share an id, as those of calls from C do, only the regions of
#              the last one count.
#   strange    A region that a goroutine ends which neither began it nor is older than the trace
#              began with the trace, or, on the page that lists regions one by one, with the
#              goroutine. Marey counts it as one without a begin, and gives it no time.
#   end        What is open at the end of a trace that cannot be read to its end lasts, on the pages
#              of kinds and of tasks, until the last generation that can be read ends.
RULES = frozenset({"inherited", "mentioned", "twice", "runtime", "callback", "strange", "end"})

BACKGROUND_TASK, NO_TASK = 0, 2**64 - 1
# Marey shows so many one by one.
ONE_BY_ONE = 1000

QUOTED = r'"(?:[^"\\]|\\.)*"'
HEAD = re.compile(r"M=\S+ P=\S+ G=(-?\d+) (\w+) Time=(-?\d+) ?(.*)")
GOROUTINE = re.compile(rf'GoID=(-?\d+) (\w+)->(\w+) Reason=({QUOTED})')
TASK = re.compile(rf"ID=(\d+) Parent=(\d+) Type=({QUOTED})")
REGION = re.compile(rf"Task=(\d+) Type=({QUOTED})")
LOG = re.compile(rf"Task=(\d+) Category=({QUOTED}) Message=({QUOTED})")
FRAME = re.compile(r"\t((?!\t).*) @ (0x[0-9a-f]+)")

# `what`: the rest of the line. `root` and `started`: the last frame of the event's stack and of the
# goroutine that it changes, as [function, address, place].
Event = collections.namedtuple("Event", "time goroutine kind what root started")
NO_FRAME = ("", "0x0", ":0")


def events(trace, mode):
    """The events that matter, and the last one."""
    found, frames, stack = [], {}, None
    text = marey("-d=parsed", *mode, trace.path).out.decode("utf-8", "replace")
    head, last = None, 0
    for line in text.split("\n") + ["M="]:
        if line.startswith("M="):
            if head is not None:
                found.append(Event(int(head[3]), int(head[1]), head[2], head[4],
                                   frames.get("Stack=", NO_FRAME),
                                   frames.get("TransitionStack=", NO_FRAME)))
            match, head, frames, stack = HEAD.match(line), None, {}, None
            if match is None:
                continue
            last = int(match[3])
            if match[2] in ("RegionBegin", "RegionEnd", "TaskBegin", "TaskEnd", "Log", "Sync") or (
                    match[2] == "StateTransition" and match[4].startswith("GoID=")):
                head = match
        elif line in ("Stack=", "TransitionStack="):
            stack = line
        elif head is not None and stack is not None:
            if match := FRAME.match(line):
                frames[stack] = (match[1], match[2], "")
            elif line.startswith("\t\t"):
                frames[stack] = (*frames[stack][:2], line.strip())
    found.append(Event(last, -1, "End", "", NO_FRAME, NO_FRAME))
    return found


@dataclasses.dataclass(eq=False)
class Region:
    goroutine: int
    task: int
    name: str  # quoted
    start: int | None = None
    end: int | None = None
    root: tuple = NO_FRAME
    is_inherited: bool = False
    is_strange: bool = False
    is_open: bool = False  # when the trace ends, or its goroutine does
    over_by: str = ""  # what the goroutine did in the end, if the region was open then

    @property
    def kind(self):
        """As Go's page names it."""
        return f"{self.name}\n{self.root[0]} @ {self.root[1]}\n{self.root[2]}"


@dataclasses.dataclass(eq=False)
class Task:
    id: int
    parent: int = NO_TASK
    name: str = '""'
    start: int | None = None
    end: int | None = None
    begun_by: int | None = None
    ended_by: int | None = None
    begin: str = ""  # what Go's page says of it
    logs: list = dataclasses.field(default_factory=list)  # (time, goroutine, what Go's page says)
    regions: list = dataclasses.field(default_factory=list)

    def is_complete(self):
        return self.start is not None and self.end is not None

    def was_seen(self):
        return self.start is not None or self.end is not None


@dataclasses.dataclass(eq=False)
class Goroutine:
    created: int | None = None
    function: str = ""
    open: list = dataclasses.field(default_factory=list)
    ended: list = dataclasses.field(default_factory=list)

    def is_of_runtime(self):
        return self.function == "" or (self.function != "runtime.main" and
                                       self.function.startswith("runtime."))


class Annotations:
    """Tasks and regions by Go's rules, but for those in `right`."""

    def __init__(self, events, is_whole, right):
        self.right = right
        self.begin = events[0].time
        self.last = events[-1].time
        syncs = [event.time for event in events if event.kind == "Sync"]
        self.end = self.last if is_whole or "end" in right else syncs[-1]
        self.goroutines, self.tasks, self.regions = {}, {}, []
        for event in events:
            handle = getattr(self, "on_" + event.kind, None)
            if handle is not None:
                handle(event)
        for id in list(self.goroutines):
            self.finish(id)
            self.regions += self.goroutines[id].ended
        if "mentioned" in right:
            self.tasks = {id: task for id, task in self.tasks.items() if task.was_seen()}

    def task(self, id):
        return self.tasks.setdefault(id, Task(id))

    def start(self, id, created):
        before = self.goroutines.get(id)
        if before is not None and "callback" in self.right:
            self.regions += before.ended
        self.goroutines[id] = Goroutine(created)
        return self.goroutines[id]

    def finish(self, id, time=None, change=""):
        goroutine = self.goroutines[id]
        for region in goroutine.open:
            region.is_open = True
            if not goroutine.is_of_runtime() or "runtime" in self.right:
                region.end, region.over_by = time, change
                goroutine.ended.append(region)
        goroutine.open = []

    def on_StateTransition(self, event):
        match = GOROUTINE.match(event.what)
        id, old, new = int(match[1]), match[2], match[3]
        if old == new:
            return
        if old == "Undetermined":
            self.start(id, None)
        elif old == "NotExist":
            goroutine = self.start(id, event.time)
            creator = self.goroutines.get(event.goroutine)
            if creator is not None and creator.open and "inherited" not in self.right:
                goroutine.open.append(Region(id, creator.open[-1].task, '""', event.time,
                                             root=event.root, is_inherited=True))
        goroutine = self.goroutines[id]
        goroutine.function = goroutine.function or event.started[0]
        if new == "NotExist" or (new == "Waiting" and match[4] == '"forever"'):
            self.finish(id, event.time, f"{old} -> {new}")

    def on_RegionBegin(self, event):
        match = REGION.match(event.what)
        region = Region(event.goroutine, int(match[1]), match[2], event.time, root=event.root)
        self.goroutines[event.goroutine].open.append(region)
        self.task(region.task).regions.append(region)

    def on_RegionEnd(self, event):
        match = REGION.match(event.what)
        goroutine = self.goroutines[event.goroutine]
        if goroutine.open:
            region = goroutine.open.pop()
        else:
            region = Region(event.goroutine, int(match[1]), match[2],
                            is_strange=goroutine.created is not None)
            self.task(region.task).regions.append(region)
        region.end = event.time
        goroutine.ended.append(region)

    def on_TaskBegin(self, event):
        match = TASK.match(event.what)
        task = self.task(int(match[1]))
        if task.end is not None and "twice" in self.right:
            return
        task.name, task.parent = match[3], int(match[2])
        if task.parent != NO_TASK:
            self.task(task.parent)
        if event.kind == "TaskBegin":
            task.start, task.begun_by = event.time, event.goroutine
            task.begin = f"task {task.name} (ID {task.id}, parent {task.parent}) begin"
        else:
            task.end, task.ended_by = event.time, event.goroutine

    on_TaskEnd = on_TaskBegin

    def on_Log(self, event):
        match = LOG.match(event.what)
        category = unquoted(match[2])
        what = f"log (category: {category}): {match[3]}" if category else f"log {match[3]}"
        self.task(int(match[1])).logs.append((event.time, event.goroutine, what))

    def span(self, thing):
        """(start, end) of a task or region, as far as the trace goes."""
        return (self.begin if thing.start is None else thing.start,
                self.end if thing.end is None else thing.end)

    def duration(self, thing):
        start, end = self.span(thing)
        return end - start


ESCAPES = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}


def unquoted(text):
    """What Go's %q made of a string; what is no UTF-8 in it is replaced."""
    def plain(match):
        code = match[1]
        if code[0] == "x":
            return bytes([int(code[1:], 16)])
        if code[0] in "uU":
            return chr(int(code[1:], 16)).encode()
        return ESCAPES.get(code, code).encode()

    quoted = text[1:-1].encode("utf-8", "surrogateescape")
    escape = re.compile(rb"\\(x..|u....|U........|.)")
    return escape.sub(lambda match: plain([None, match[1].decode()]),
                      quoted).decode("utf-8", "replace")


def of_page(name):
    """A name as html/template writes it."""
    return name.replace("\0", "\ufffd")


LOG_STEP = math.log(10 ** (1 / 5))


def histogram(durations):
    """As Go's page draws it: [lower edge, count] of each step, and the upper edge of the last."""
    steps = collections.Counter(int(math.log(d) / LOG_STEP) if d > 0 else 0 for d in durations)
    if not steps:
        return []
    shown = [(int(math.exp(i * LOG_STEP)), steps[i]) for i in range(min(steps), max(steps) + 1)]
    return shown + [(int(math.exp((max(steps) + 1) * LOG_STEP)), None)]


def drawn(cell):
    """A histogram of Go's page."""
    words = cell.split()
    edges = [go_pages.nanoseconds(word) for word in words[::2]]
    return list(zip(edges, [int(word) for word in words[1::2]] + [None])) if words else []


def answer(question, mode, trace):
    """{table: rows} of a question."""
    got = marey(question, "--json", *mode, trace.path)
    return {table["id"]: table["rows"] for table in json.loads(got.out)["tables"]}


def spent(row, region, syscalls):
    """What the time of a region is spent on, as Go counts it."""
    times = collections.Counter({name: row[name] for name in go_pages.COLUMNS})
    since = -math.inf if region.start is None else region.start
    until = math.inf if region.end is None else region.end
    for title in Syscalls.COLUMNS:
        by_go, right = syscalls.of([region.goroutine], title, since, until)
        times[go_pages.column(title)] += by_go - right
    return {name: time for name, time in times.items() if time}


def listed(page):
    """Go's rows of a page of regions: Counters of (goroutine, task, total, what else)."""
    times, ranges = go_pages.tables(page)[-2:]
    found = []
    for (head, *rows), first in ((times, 4), (ranges, 3)):
        counted = collections.Counter()
        for row in rows:
            sums = collections.Counter()
            for title, cell in zip(head[first:], row[first:]):
                sums[go_pages.column(title)] += go_pages.nanoseconds(cell)
            key = (int(row[0]), int(row[1] or 0), go_pages.nanoseconds(row[2]))
            counted[(*key, tuple(sorted((name, time) for name, time in sums.items() if time)))] += 1
        found.append(counted)
    return found


def split(goroutine, task, total, times):
    """A row of Marey's as Go lists it: times that exclude each other, and ranges within them."""
    within = ("gc_assist", "gc_sweep", "stop_the_world")
    key = (goroutine, 0 if task is None else task, total)
    return ((*key, tuple(sorted((k, t) for k, t in times.items() if k not in within))),
            (*key, tuple(sorted((k, t) for k, t in times.items() if k in within))))


def differences(name, want, got):
    """Complaints about two Counters."""
    for row in sorted((want - got).elements(), key=str)[:3]:
        yield f"{name}: only Go's has {row}"
    for row in sorted((got - want).elements(), key=str)[:3]:
        yield f"{name}: Go's does not have {row}"


class Comparison:
    """Of one trace. `seen`: how much there was of what."""

    def __init__(self, trace):
        self.trace, self.seen = trace, collections.Counter()
        self.syscalls = Syscalls(trace)
        is_whole = trace.status["parsed.txt"].code == 0
        mode = [] if is_whole else ["--strict"]
        happened = events(trace, mode)
        self.by_go = Annotations(happened, is_whole, frozenset())
        self.right = Annotations(happened, is_whole, RULES)
        self.tasks = answer("tasks", mode, trace)
        self.regions = answer("regions", mode, trace)
        self.each = {row["goroutine"]: row
                     for row in answer("goroutines", [*mode, "--each"], trace)["each_goroutine"]}

    def complaints(self):
        self.seen["tasks"] = len(self.right.tasks)
        self.seen["mentioned"] = len(self.by_go.tasks) - len(self.right.tasks)
        self.seen["regions"] = len(self.right.regions)
        yield from self.marey_tasks()
        yield from self.marey_regions()
        for path, compare in (("/usertasks", self.task_kinds), ("/usertask", self.task_page),
                              ("/userregions", self.region_kinds),
                              ("/userregion", self.region_page)):
            for page in go_pages.pages(self.trace, path):
                yield from compare(page)

    def marey_tasks(self):
        want, complete = collections.Counter(), collections.Counter()
        for task in self.right.tasks.values():
            name = unquoted(task.name)
            want[name, "complete" if task.is_complete() else "incomplete"] += 1
            if task.is_complete():
                complete[name] += self.right.duration(task)
        got = collections.Counter()
        for row in self.tasks["tasks"]:
            for state in ("complete", "incomplete"):
                got[row["type"], state] += row[state]
            if row["total"] != complete[row["type"]]:
                yield f"tasks: {row['type']!r}: {row['total']} ns, not {complete[row['type']]}"
        yield from differences("tasks", want, got)
        want = sorted(((self.right.duration(task), task.id, unquoted(task.name),
                        self.right.span(task)[0], task.begun_by, task.ended_by,
                        None if task.parent in (BACKGROUND_TASK, NO_TASK) else task.parent)
                       for task in self.right.tasks.values()), key=lambda task: -task[0])
        got = [(row["duration"], row["task"], row["type"], row["at"], row["goroutine"],
                row["end_goroutine"], row["parent"]) for row in self.tasks["slowest_tasks"]]
        if len(got) != min(len(want), ONE_BY_ONE):
            yield f"tasks: {len(got)} one by one, not {len(want)}"
        # Which of those that are as long as the last one are shown is not the question.
        least = min((task[0] for task in got), default=0) if len(want) > len(got) else -1
        yield from differences("tasks", collections.Counter(t for t in want if t[0] > least),
                               collections.Counter(t for t in got if t[0] > least))

    def marey_regions(self):
        want = collections.Counter()
        for region in self.right.regions:
            name = unquoted(region.name)
            if region.is_strange:
                want[name, "unbegun"] += 1
                continue
            want[name, "regions"] += 1
            want[name, "total"] += self.right.duration(region)
            want[name, "unbegun"] += region.start is None
            want[name, "unended"] += region.is_open
        got = collections.Counter()
        for row in self.regions["regions"]:
            for what in ("regions", "total", "unbegun", "unended"):
                got[row["name"], what] += row[what]
        for key in sorted(set(want) | set(got)):
            if want[key] != got[key]:
                yield f"regions: {key}: {got[key]}, not {want[key]}"
        sums = collections.Counter()
        for row in self.regions["longest_regions"]:
            for what in go_pages.COLUMNS:
                sums[row["name"], what] += row[what]
        for row in self.regions["regions"]:
            for what in go_pages.COLUMNS:
                if len(self.right.regions) <= ONE_BY_ONE and sums[row["name"], what] != row[what]:
                    yield f"regions: {row['name']!r}: {what} is not the sum"

    def task_kinds(self, page):
        want = {name: (int(count), drawn(cell))
                for name, count, cell in go_pages.exact_tables(page)[0][1:]}
        tasks = collections.defaultdict(list)
        for task in self.by_go.tasks.values():
            tasks[of_page(unquoted(task.name))].append(task)
        for name in sorted(set(want) | set(tasks)):
            durations = [self.by_go.duration(t) for t in tasks[name] if t.is_complete()]
            expected = len(tasks[name]), histogram(durations)
            if want.get(name) != expected:
                yield f"{page.file}: {name!r}: Go has {want.get(name)}, not {expected}"

    def region_kinds(self, page):
        want = {kind: (int(count), drawn(cell))
                for kind, count, cell in go_pages.exact_tables(page)[0][1:]}
        durations = collections.defaultdict(list)
        for region in self.by_go.regions:
            durations[region.kind].append(self.by_go.duration(region))
        for kind in sorted(set(want) | set(durations)):
            expected = len(durations[kind]), histogram(durations[kind])
            if want.get(kind) != expected:
                yield f"{page.file}: {kind!r}: Go has {want.get(kind)}, not {expected}"

    def task_page(self, page):
        want = []
        for row in go_pages.exact_tables(page)[0][1:]:
            when, elapsed, goroutine, what = row
            time = self.by_go.begin + round(float(when.rstrip("s")) * 1e9)
            if elapsed.strip().endswith("s"):
                id, state = re.search(r"Task (\d+)\s.*\((\w+)\)\s*$", what, re.S).groups()
                want.append((int(id), state, time, go_pages.nanoseconds(elapsed), []))
            else:
                want[-1][-1].append((time, int(goroutine), what))
        expected = []
        for task in self.by_go.tasks.values():
            duration = self.by_go.duration(task)
            if unquoted(task.name) != page.query["type"]:
                continue
            if page.query.get("complete") == "1" and not task.is_complete():
                continue
            if "latmin" in page.query and (not task.is_complete() or
                    duration < go_pages.nanoseconds(page.query["latmin"].replace("us", "µs"))):
                continue
            happened = list(task.logs)
            if task.start is not None:
                happened.append((task.start, task.begun_by, task.begin))
            if task.end is not None:
                happened.append((task.end, task.ended_by, "task end"))
            for region in task.regions:
                for time, what in ((region.start, f"region {region.name} begin"),
                                   (region.end, region.over_by or f"region {region.name} end")):
                    if time is not None:
                        happened.append((time, region.goroutine, what))
            happened = [(time, goroutine, of_page(what)) for time, goroutine, what in happened]
            expected.append((task.id, "complete" if task.is_complete() else "incomplete",
                             self.by_go.span(task)[0], duration, happened))
        for x, y in zip(sorted(want), sorted(expected)):
            if x[:-1] != y[:-1]:
                yield f"{page.file}: Go has {x[:-1]}, not {y[:-1]}"
            yield from differences(f"{page.file}: task {x[0]}", collections.Counter(x[-1]),
                                   collections.Counter(y[-1]))
        if len(want) != len(expected):
            yield f"{page.file}: Go has {len(want)} tasks, not {len(expected)}"

    def region_page(self, page):
        marey = {(row["name"], row["goroutine"], row["at"], row["duration"]): row
                 for row in self.regions["longest_regions"]}
        want, got = listed(page), [collections.Counter(), collections.Counter()]
        for region in self.by_go.regions:
            if (unquoted(region.name) != page.query["type"] or
                    int(region.root[1], 16) != int(page.query["pc"], 16)):
                continue
            if "latmin" in page.query and (self.by_go.duration(region) < go_pages.nanoseconds(
                    page.query["latmin"].replace("us", "µs"))):
                continue
            if region.is_strange or (region.is_inherited and not region.is_open):
                total = region.end - self.by_go.goroutines[region.goroutine].created
                key = (region.goroutine, region.task, total)
                rows = [[row for row in counted if row[:3] == key] for counted in want]
                if len(rows[0]) != 1:
                    yield f"{page.file}: Go does not have {region}"
                for counted, found in zip(want, rows):
                    for row in found:
                        del counted[row]
                self.seen["strange"] += 1
                continue
            self.seen["inherited" if region.is_inherited else "broken down"] += 1
            if region.is_inherited:
                row = self.each[region.goroutine]
                halves = split(region.goroutine, region.task, row["total"],
                               spent(row, region, self.syscalls))
            else:
                key = (unquoted(region.name), region.goroutine, self.right.span(region)[0],
                       self.right.duration(region))
                if key not in marey:
                    yield f"{page.file}: Marey does not have {key}"
                    continue
                row = marey[key]
                halves = split(region.goroutine, region.task, row["duration"],
                               spent(row, region, self.syscalls))
                if row["task"] != (None if region.task == BACKGROUND_TASK else region.task):
                    yield f"{page.file}: {key}: of task {row['task']}"
            got[0][halves[0]] += 1
            got[1][halves[1]] += 1
        for row in [row for row in got[1] if not row[3]]:
            del got[1][row]
        yield from differences(page.file, want[0], got[0])
        yield from differences(page.file + ", ranges", want[1], got[1])


class Annotated(corpus.CorpusTest):
    def test_agrees_with_go(self):
        seen, lock = collections.Counter(), threading.Lock()

        def check(trace):
            comparison = Comparison(trace)
            bad = list(comparison.complaints())
            with lock:
                seen.update(comparison.seen)
            return bad

        self.each([t for t in traces(self.corpus) if go_pages.pages(t, "/usertasks")], check)
        print(dict(seen))


if __name__ == "__main__":
    corpus.main()
