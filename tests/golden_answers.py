#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""golden_answers.py testdata|shared

What commands that answer a question say of every trace: each answers, sums add up, and profiles
have the numbers of -pprof.
"""
import collections
import json

import compare_pprof
import corpus
from corpus import CorpusTest, marey, traces

QUESTIONS = ("goroutines", "latency", "blocked", "unblocks", "tasks", "regions", "logs", "stw",
             "gc", "counters")
EXCLUSIVE = ("execution", "network_wait", "sync_block", "other_wait", "syscall", "syscall_block",
             "scheduler_wait", "unknown")
SAMPLE = 10_000_000  # ns that a CPU profile's sample stands for


def rows(table, *command):
    found = json.loads(marey(*command, "--json").out)
    return next(each["rows"] for each in found["tables"] if each["id"] == table)


def folded(*command):
    lines = marey("profile", "--format=folded", *command).out.splitlines()
    return sum(int(line.rpartition(b" ")[2]) for line in lines)


def check_answers(trace):
    complaints = []
    for question in QUESTIONS:
        got = marey(question, "--json", trace.path)
        usable = marey("info", trace.path).code == 0
        if got.code != (0 if usable else 1):
            complaints.append(f"{question}: status {got.code}: {got.err}")
        elif got.out and json.loads(got.out)["question"] != question:
            complaints.append(f"{question}: answers another question")
    return complaints


def check_sums(trace):
    """What goroutines, tasks and regions spend their time on adds up to their lifetimes."""
    complaints = []
    for table, total, command in (("goroutines", "total", ("goroutines",)),
                                  ("each_goroutine", "total", ("goroutines", "--each")),
                                  ("tasks", "total", ("tasks",)),
                                  ("slowest_tasks", "duration", ("tasks",)),
                                  ("regions", "total", ("regions",)),
                                  ("longest_regions", "duration", ("regions",))):
        for row in rows(table, *command, trace.path):
            if sum(row[part] for part in EXCLUSIVE) != row[total]:
                complaints.append(f"{table}: parts do not add up: {row}")
            evidence = row.get("evidence", {})
            if total == "duration" and evidence["end"] - evidence["begin"] != row[total]:
                complaints.append(f"{table}: evidence is not of this row: {row}")
    return complaints


def check_profiles(trace):
    complaints = []
    for kind in ("net", "sync", "syscall", "sched"):
        own = marey("profile", kind, "--format=pprof", trace.path)
        if compare_pprof.load(own.out) != compare_pprof.load(marey(f"-pprof={kind}", trace.path).out):
            complaints.append(f"profile {kind} is not -pprof={kind}")
    samples = json.loads(marey("info", "--json", trace.path).out)["events_by_kind"].get(
        "StackSample", 0)
    if folded("cpu", trace.path) != samples * SAMPLE:
        complaints.append("profile cpu has not as many samples as the trace")
    if "cgo" in trace.name:
        return complaints  # tables know only the last call from C of each id, as Go's do
    sums = {part: 0 for part in EXCLUSIVE}
    for row in rows("goroutines", "goroutines", trace.path):
        for part in EXCLUSIVE:
            sums[part] += row[part]
    known = sum(sums.values()) - sums["unknown"]
    if folded("wall", trace.path) != known:
        complaints.append("profile wall is not all time of goroutines")
    if folded("offcpu", trace.path) != known - sums["execution"]:
        complaints.append("profile offcpu is not all time of goroutines that do not run")
    return complaints


def covered(spans):
    """How much time spans cover, of each goroutine: {goroutine: ns}. `spans`: those of each."""
    found = {}
    for goroutine, own in spans.items():
        until = time = 0
        for begin, end in sorted(own):
            time += max(end - max(begin, until), 0)
            until = max(until, end)
        if time:
            found[goroutine] = time
    return found


def time_of_goroutines(trace, *flags):
    """({goroutine: ns}, complaints) of the part of a trace that flags ask for."""
    found, complaints = {}, []
    for row in rows("each_goroutine", "goroutines", "--each", *flags, trace.path):
        if sum(row[part] for part in EXCLUSIVE) != row["total"]:
            complaints.append(f"{flags}: parts do not add up: {row}")
        if row["total"]:
            found[row["goroutine"]] = row["total"]
    return found, complaints


def is_typable(name):
    return name and name.isprintable() and "\ufffd" not in name


def check_region_scopes(trace):
    """Of a region's name the time counts that its regions cover, each moment once."""
    complaints = []
    longest = rows("longest_regions", "regions", trace.path)
    for row in rows("regions", "regions", trace.path)[:2]:
        name = row["name"]
        if not is_typable(name) or row["regions"] >= 1000:
            continue
        spans = collections.defaultdict(list)
        for region in longest:
            if region["name"] == name:
                evidence = region["evidence"]
                spans[region["goroutine"]].append((evidence["begin"], evidence["end"]))
        found, more = time_of_goroutines(trace, f"--region={name}")
        complaints += more
        if sum(map(len, spans.values())) == row["regions"] and found != covered(spans):
            complaints.append(f"--region={name}: {found} is not {covered(spans)}")
    return complaints


def marked(events):
    """The time in which goroutines work for tasks, from what happened in these."""
    spans = collections.defaultdict(list)
    marks = collections.defaultdict(list)
    for row in events:
        if row["what"] == "region begin":
            spans[row["goroutine"]].append((row["at"], row["at"] + row["duration"]))
        elif row["what"] in ("task begin", "log", "task end"):
            marks[row["task"], row["goroutine"]].append(row["at"])
    for (_, goroutine), times in marks.items():
        spans[goroutine].append((min(times), max(times)))
    return covered(spans)


def check_task_scopes(trace):
    """Of a task, and of a type, the time counts that regions and other marks cover."""
    complaints = []
    slowest = rows("slowest_tasks", "tasks", trace.path)
    wanted = [(str(row["task"]), [row]) for row in slowest[:1] + slowest[-1:]]
    for name in dict.fromkeys(row["type"] for row in slowest[:20]):
        wanted.append((name, [row for row in slowest if row["type"] == name]))
    for task, of_task in wanted[:5]:
        if not is_typable(task) or len(slowest) >= 1000:
            continue
        flag = f"--task={task}"
        found, more = time_of_goroutines(trace, flag)
        complaints += more
        if rows("slowest_tasks", "tasks", flag, trace.path) != of_task:
            complaints.append(f"{flag}: is about other tasks")
        if {row["goroutine"]: row["total"] for row in rows(
                "each_goroutine", "tasks", flag, trace.path) if row["total"]} != found:
            complaints.append(f"{flag}: tasks and goroutines differ")
        events = rows("task_events", "tasks", flag, trace.path)
        whats = collections.Counter(row["what"] for row in events)
        is_whole = (whats["task begin"] == whats["task end"] == len(of_task)
                    and whats["region begin"] == whats["region end"])
        if is_whole and len(events) < 100_000 and found != marked(events):
            complaints.append(f"{flag}: {found} is not {marked(events)}")
        logs = [row["at"] for row in rows("logs", "logs", flag, trace.path)]
        if logs != [row["at"] for row in events if row["what"] == "log"]:
            complaints.append(f"{flag}: the messages differ from those of logs")
    return complaints


class Answers(CorpusTest):
    def test_every_question_is_answered(self):
        self.each(traces(self.corpus), check_answers)

    def test_sums_add_up(self):
        self.each(traces(self.corpus), check_sums)

    def test_scopes_of_regions(self):
        self.each([trace for trace in traces(self.corpus) if "cgo" not in trace.name],
                  check_region_scopes)

    def test_scopes_of_tasks(self):
        self.each([trace for trace in traces(self.corpus) if "cgo" not in trace.name],
                  check_task_scopes)

    def test_profiles(self):
        self.each(traces(self.corpus), check_profiles)


if __name__ == "__main__":
    corpus.main()
