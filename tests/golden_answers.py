#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""golden_answers.py testdata|shared

What commands that answer a question say of every trace: each answers, sums add up, and profiles
have the numbers of -pprof.
"""
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


class Answers(CorpusTest):
    def test_every_question_is_answered(self):
        self.each(traces(self.corpus), check_answers)

    def test_sums_add_up(self):
        self.each(traces(self.corpus), check_sums)

    def test_profiles(self):
        self.each(traces(self.corpus), check_profiles)


if __name__ == "__main__":
    corpus.main()
