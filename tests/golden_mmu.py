#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""marey mmu against what Go's page MMU says: golden_mmu.py shared

Go's page asks its server for 100 points of the MMU curve, in four ways (by default; with sweeps and
percentiles; per proc; with nothing counted), and for the ten worst windows of 1 ms. Marey is asked
for the same windows.

Go 1.27 counts some things wrongly (see RULES), so that a proc can be taken for busy with garbage
collection until the trace ends. Where the two differ, this program goes through the events and
counts by Go's rules and by the right ones: the first must give Go's numbers, the second Marey's.

Go's percentiles are all the minimum itself: its accumulator returns before it has added anything to
the distribution, unless it also looks for worst windows, which it does not then (addMU in gc.go).
So Marey's are held to what this program computes.
"""
import bisect
import collections
import io
import json
import re
import tarfile
import threading

import corpus
from corpus import marey, traces

# Ties in time are pushed apart by single nanoseconds.
TIES_NS = 20
TOLERANCE = 1e-7
# What Go does otherwise than is right:
#   label   A background worker is labelled each time it begins to run. Go counts a worker that it
#           knows when it begins to run and with its label once more, but when it stops only once;
#           and counts it also when it runs as an idle one.
#   active  Of a mark assist that is under way when the trace begins, Go takes the goroutine that
#           happens to tell of it for the one that is in it.
#   early   What began before the first event that tells GOMAXPROCS (which comes late in traces
#           before Go 1.22) is not counted when it begins, but is when it ends.
RULES = frozenset({"label", "active", "early"})

EVENT = re.compile(r"M=\S+ P=(-?\d+) G=(-?\d+) (\w+) Time=(-?\d+) ?(.*)")
GOROUTINE = re.compile(r"GoID=(-?\d+) (\w+)->(\w+)")
RANGE = re.compile(r'Name="([^"]*)" Scope=\w+(?:\((-?\d+)\))?')
Event = collections.namedtuple("Event", "time proc goroutine kind what")


def events(trace, mode):
    """The events that matter, and the last one."""
    found, last = [], None
    text = marey("-d=parsed", *mode, trace.path).out.decode("utf-8", "replace")
    for line in text.splitlines():
        match = EVENT.match(line)
        if match is None:
            continue
        proc, goroutine, kind, time, rest = match.groups()
        last = Event(int(time), int(proc), int(goroutine), "", None)
        if kind == "Sync":
            what = int(re.match(r"N=(\d+)", rest)[1])
        elif kind == "Metric" and '"/sched/gomaxprocs:threads"' in rest:
            what = int(re.search(r"Uint64\((\d+)\)", rest)[1])
        elif kind.startswith("Range"):
            name, scope = RANGE.match(rest).groups()
            what = (name, int(scope or -1))
        elif kind == "StateTransition" and (change := GOROUTINE.match(rest)):
            what = (int(change[1]), change[2], change[3])
        elif kind == "Label":
            what = re.search(r'Label="([^"]*)"', rest)[1]
        else:
            continue
        found.append(last._replace(kind=kind, what=what))
    if last is not None:
        found.append(last)
    return found


class Counter:
    """Counts as Go's MutatorUtilizationV2 does, but for the rules in `right`. It ends in `curves`:
    lists of (time, utilization from then on), the last one of which is the end."""

    EXECUTING = ("Running", "Syscall")

    def __init__(self, events, flags, right):
        self.flags, self.right = flags, right
        self.per_proc = "perProc" in flags
        self.curves, self.of_proc, self.proc_counts = [], [], []
        self.busy = collections.Counter()  # by proc
        self.stops, self.syncs = 0, 0
        self.assisting, self.workers, self.states = set(), set(), {}
        for event in events:
            self.event(event)
        for curve in self.of_proc:
            self.add(curve, events[-1].time, 0.0)

    @staticmethod
    def add(curve, time, utilization):
        if curve and curve[-1][1] == utilization:
            return
        if curve and curve[-1][0] == time:
            curve[-1] = (time, min(utilization, curve[-1][1]))
            return
        curve.append((time, utilization))

    def event(self, event):
        if event.kind == "Sync":
            self.syncs = event.what
        if event.kind == "Metric":
            self.set_procs(event.time, event.what)
        if self.of_proc or "early" in self.right:
            if event.kind.startswith("Range"):
                self.range(event)
            elif event.kind == "StateTransition":
                self.transition(event)
            elif event.kind == "Label":
                self.label(event)
        procs = len(self.of_proc)
        if procs == 0:
            return
        busy = sum(self.busy[proc] > 0 for proc in range(procs))
        if not self.per_proc:
            left = 0 if self.stops > 0 else procs - busy
            self.add(self.curves[0], event.time, 1 - (procs - left) / procs)
            return
        for proc, curve in enumerate(self.of_proc):
            lost = self.stops > 0 or self.busy[proc] > 0
            self.add(curve, event.time, 0.0 if lost else 1.0)

    def set_procs(self, time, count):
        for proc in range(count, len(self.of_proc)):
            if self.per_proc:
                self.add(self.of_proc[proc], time, 0.0)
            self.busy.pop(proc, None)
        del self.of_proc[count:]
        while len(self.of_proc) < count:
            if self.per_proc or not self.curves:
                self.curves.append([(time, 1.0)])
            self.of_proc.append(self.curves[-1])
        if not self.proc_counts or self.proc_counts[-1][1] != count:
            self.proc_counts.append((time, count))

    def range(self, event):
        name, scope = event.what
        is_stop = "stw" in self.flags and name.startswith("stop-the-world") and "GC" in name
        is_assist = "assist" in self.flags and name == "GC mark assist"
        is_sweep = "sweep" in self.flags and name == "GC incremental sweep"
        if not (is_stop or is_assist or is_sweep) or (event.kind == "RangeActive" and
                                                      self.syncs > 1):
            return
        step = -1 if event.kind == "RangeEnd" else 1
        if event.kind == "RangeActive":
            runs = self.states.get(event.goroutine) in self.EXECUTING
            if is_assist and "active" in self.right:
                runs = runs and event.goroutine == scope
                if not runs:
                    self.assisting.add(scope)
                    return
            if is_sweep or runs:
                self.add_before()
        if is_stop:
            self.stops += step
            return
        self.busy[event.proc] += step
        if is_assist:
            (self.assisting.add if step > 0 else self.assisting.discard)(scope)

    def add_before(self):
        """A proc has been busy since the trace's begin."""
        if self.per_proc or not self.curves:
            return
        counts, curve = list(self.proc_counts), self.curves[0]
        for i, (time, utilization) in enumerate(curve):
            while len(counts) > 1 and counts[1][0] < time:
                counts.pop(0)
            curve[i] = (time, max(0, utilization - 1 / counts[0][1]))

    def transition(self, event):
        goroutine, old, new = event.what
        step = (new in self.EXECUTING) - (old in self.EXECUTING)
        if goroutine in self.assisting:
            self.busy[event.proc] += step
        elif goroutine in self.workers:
            if "label" not in self.right:
                self.busy[event.proc] += step
            elif step < 0:
                self.busy[event.proc] += step
                self.workers.discard(goroutine)
        self.states[goroutine] = new

    def label(self, event):
        counts = event.what.startswith("GC ") and event.what != "GC (idle)"
        if self.per_proc and event.what == "GC (dedicated)":
            counts = False
        if "label" in self.right and event.goroutine in self.workers:
            counts = False
        if counts and "background" in self.flags:
            self.workers.add(event.goroutine)
            self.busy[event.proc] += 1


class Curve:
    """Means of a utilization over windows."""

    def __init__(self, changes):
        self.changes, self.times, self.integrals = changes, [time for time, _ in changes], [0.0]
        for (time, utilization), (until, _) in zip(changes, changes[1:]):
            self.integrals.append(self.integrals[-1] + utilization * (until - time))

    def length(self):
        return self.times[-1] - self.times[0]

    def integral(self, time):
        i = bisect.bisect_right(self.times, time) - 1
        return self.integrals[i] + self.changes[i][1] * (time - self.times[i])

    def mean(self, start, window):
        return (self.integral(start + window) - self.integral(start)) / window

    def means(self, window):
        """[(start, mean)], linear in between."""
        first, last = self.times[0], self.times[-1] - window
        starts = {first, last}
        starts.update(time for time in self.times if first <= time <= last)
        starts.update(time - window for time in self.times if first <= time - window <= last)
        return [(start, self.mean(start, window)) for start in sorted(starts)]


def minimum(curves, window):
    return min(min(mean for _, mean in curve.means(min(window, curve.length())))
               for curve in curves)


def quantiles(curves, window, shares):
    """The utilizations that these shares of all windows do not exceed."""
    edges = collections.Counter()  # changes of the density
    points = collections.Counter()
    total = 0
    for curve in curves:
        if curve.length() < window:
            continue
        means = curve.means(window)
        for (start, u), (until, v) in zip(means, means[1:]):
            total += until - start
            if abs(u - v) < 1e-12:
                points[u] += until - start
            else:
                edges[min(u, v)] += (until - start) / abs(u - v)
                edges[max(u, v)] -= (until - start) / abs(u - v)
    found, at = [], 0
    for share in shares:
        rank, below, density, before, at = share * total, 0.0, 0.0, 0.0, None
        for value in sorted(set(edges) | set(points)):
            more = (value - before) * density
            if below + more >= rank and density > 0 and total > 0:
                at = before + (rank - below) / density
                break
            below += more + points[value]
            if below >= rank:
                at = value
                break
            before, density = value, density + edges[value]
        found.append(minimum(curves, window) if at is None or total == 0 else at)
    return found


Answer = collections.namedtuple("Answer", "file status flags window content")


def answers(trace):
    """What Go's server answered about MMU."""
    packed = corpus.golden(trace, "http.tar")
    files = {}
    if packed is None:
        return []
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        for member in archive:
            name = member.name.split("/")[-1]
            if re.fullmatch(r"mmu-.*\.json|URLS\.tsv", name):
                files[name] = archive.extractfile(member).read()
    found = []
    for line in files.get("URLS.tsv", b"").decode().splitlines():
        file, status, _, url = line.split("\t")
        match = re.fullmatch(r"/mmu\?mode=\w+&flags=([\w|]*)(?:&window=(\d+))?", url)
        if match:
            content = files[file] if status == "200" else b""
            found.append(Answer(file, status, frozenset(match[1].split("|")) - {""},
                                int(match[2] or 0), content))
    return found


def ask(trace, mode, flags, windows):
    """({window: [MMU, p99.9, p99, p95]}, [(start, utilization)] of the worst windows)"""
    counted = [flag for flag in ("stw", "background", "assist", "sweep") if flag in flags]
    got = marey("mmu", "--json", *mode, "--include", ",".join(counted),
                "--per", "proc" if "perProc" in flags else "system",
                "--window", ",".join(f"{window}ns" for window in windows), trace.path)
    found = {table["id"]: table["rows"] for table in json.loads(got.out)["tables"]}
    return ({row["window"]: [row[key] / 100 for key in ("mmu", "p999", "p99", "p95")]
             for row in found["mutator_utilization_distribution"]},
            [(row["at"], row["utilization"] / 100) for row in found["worst_windows"]])


class Rules:
    """The curves by Go's rules and by the right ones, when they are needed."""

    def __init__(self, trace, mode):
        self.trace, self.mode, self.events, self.curves = trace, mode, None, {}

    def of(self, flags, right):
        key = (flags - {"mut"}, right)
        if key not in self.curves:
            if self.events is None:
                self.events = events(self.trace, self.mode)
            counter = Counter(self.events, *key)
            self.curves[key] = [Curve(changes) for changes in counter.curves]
        return self.curves[key]


class Mmu(corpus.CorpusTest):
    def setUp(self):
        self.lock = threading.Lock()
        self.seen = collections.Counter()

    def count(self, what):
        with self.lock:
            self.seen[what] += 1

    def compare_plot(self, answer, trace, mode, rules):
        plot = json.loads(answer.content)
        # Of windows of 1 ns, Go also looks at some behind the trace's end, where nothing is left.
        rows = [row for row in plot["curve"] if row[0] > 1]
        for row in plot["curve"]:
            if row[0] == 1 and row[1] != 0:
                yield f"{answer.file}: Go has learned about windows of 1 ns"
        if not answer.flags - {"mut", "perProc"}:
            for row in rows:
                if row[1] != 1:
                    yield f"{answer.file}: Go counts something for {row[0]} ns"
            return
        got, _ = ask(trace, mode, answer.flags, [int(row[0]) for row in rows] or [2])
        shares = plot["quantiles"] or [0]
        for row in rows:
            window, want = int(row[0]), row[1:]
            found = got[window][:len(want)]
            tolerance = TIES_NS / window + TOLERANCE
            if len(set(want)) > 1:
                yield f"{answer.file}: Go has learned to compute percentiles"
            if all(abs(x - y) <= tolerance for x, y in zip(want, found)):
                self.count("agree")
                continue
            self.count("differ")
            for name, numbers, right in (("Go", want, frozenset()), ("marey", found, RULES)):
                curves = rules.of(answer.flags, right)
                expected = [minimum(curves, window)] * len(shares)
                if right:
                    expected[1:] = quantiles(curves, window, shares[1:])
                if any(abs(x - y) > tolerance for x, y in zip(expected, numbers)):
                    yield f"{answer.file}: {window} ns: {name} has {numbers}, not {expected}"

    def compare_details(self, answer, trace, mode, rules):
        """Go does not say which of many sets of disjoint windows it gives, so each set is checked
        by itself: the first is the minimum, all are what they claim to be, and ours also follow one
        another."""
        window = answer.window
        want = [(row["Time"], row["MutatorUtil"]) for row in json.loads(answer.content) or ()]
        by_go = rules.of(answer.flags, frozenset())
        got = []
        if by_go:
            found, got = ask(trace, mode, answer.flags, [window])
            if abs(found[window][0] - got[0][1]) > TOLERANCE:
                yield f"details: the worst window has {got[0]}, the MMU is {found[window][0]}"
        for name, windows, right in (("Go", want, frozenset()), ("marey", got, RULES)):
            if not windows:
                continue
            curve, = rules.of(answer.flags, right)
            fitting = min(window, curve.length())
            tolerance = TIES_NS / fitting + TOLERANCE
            if abs(min(windows, key=lambda w: w[1])[1] - minimum([curve], window)) > tolerance:
                yield f"details: {name}'s worst window is not the minimum"
            for start, utilization in windows:
                # Ties may have moved Go's window by a nanosecond over an end of the curve.
                start = min(max(start, curve.times[0]), curve.times[-1] - fitting)
                if abs(curve.mean(start, fitting) - utilization) > tolerance:
                    yield (f"details: {name} has {utilization} at {start}, "
                           f"not {curve.mean(start, fitting)}")
        if [u for _, u in got] != sorted(u for _, u in got):
            yield "details: marey's worst windows are not in order"
        starts = sorted(start for start, _ in got)
        if any(b - a < window for a, b in zip(starts, starts[1:])):
            yield "details: marey's worst windows overlap"
        if len(got) < min(len(want), 10):
            # Where windows are nearly as long as the trace, others than the worst may leave room
            # for more.
            self.count("fewer")

    def compare_panic(self, trace, mode):
        """Go's handler crashes where no event tells GOMAXPROCS, or the trace cannot be read up to
        its end."""
        if trace.status["parsed.txt"].code != 0:
            return
        got = marey("mmu", "--json", *mode, trace.path)
        if got.code != 0 or any(table["rows"] for table in json.loads(got.out)["tables"]):
            yield "marey has found something where Go found no procs"

    def test_agrees_with_go(self):
        def check(trace):
            mode = [] if trace.status["parsed.txt"].code == 0 else ["--strict"]
            rules = Rules(trace, mode)
            bad = []
            for answer in answers(trace):
                if answer.status != "200":
                    self.count("panics")
                    bad += self.compare_panic(trace, mode)
                elif answer.window:
                    bad += self.compare_details(answer, trace, mode, rules)
                else:
                    bad += self.compare_plot(answer, trace, mode, rules)
            return bad

        self.each([t for t in traces(self.corpus) if answers(t)], check)
        print(dict(self.seen))


if __name__ == "__main__":
    corpus.main()
