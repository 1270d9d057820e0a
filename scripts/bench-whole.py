#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Whole commands on whole traces, marey's and Go's: bench-whole.py [options] TRACE...

For each trace and command: the median wall time of several runs and their spread (slowest minus
fastest, as a share of the median), and the peak of anonymous memory (RssAnon of /proc/PID/status,
looked at every few milliseconds in a run of its own, so that looking does not cost the timed runs;
of Go's commands, every quarter of a second in the timed run). What Go fails at is not tried on larger
traces of the same kind, and what takes Go more than a minute is run once. The commands take turns,
so that a machine that grows slower does not favour one. Prints Markdown.
"""
import argparse
import json
import os
import select
import statistics
import subprocess
import sys
import time

MB = 1e6
LONG = 60  # seconds
ANSWERS = ("goroutines", "goroutines --each", "goroutine 1", "latency", "blocked", "unblocks",
           "profile sched", "profile net", "profile sync", "profile syscall", "profile cpu",
           "profile wall", "profile offcpu", "tasks", "regions", "logs", "stw", "gc", "mmu",
           "counters", "procs", "threads", "report")


class Command:
    def __init__(self, label, argv, runs, rival=None, ours=True):
        self.label, self.argv, self.runs, self.rival, self.ours = label, argv, runs, rival, ours
        self.times, self.anon, self.failure = [], 0, None

    def median(self):
        return statistics.median(self.times) if self.times and not self.failure else None


def anonymous(pid):
    """RssAnon of a process in bytes, 0 when it is gone."""
    try:
        with open(f"/proc/{pid}/status", encoding="ascii", errors="replace") as lines:
            for line in lines:
                if line.startswith("RssAnon:"):
                    return int(line.split()[1]) * 1024
    except OSError:
        pass
    return 0


def total_memory():
    with open("/proc/meminfo", encoding="ascii") as lines:
        return int(lines.readline().split()[1]) * 1024


def run(command, trace, watch, limit, timeout):
    """One run; watched every 2 ms for its memory, or every 250 ms for the limit only."""
    start = time.perf_counter()
    process = subprocess.Popen(command.argv + [trace], stdin=subprocess.DEVNULL,
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    peak = 0
    descriptor = os.pidfd_open(process.pid)
    ended = select.poll()
    ended.register(descriptor, select.POLLIN)
    try:
        while not ended.poll(2 if watch else 250):  # milliseconds; returns at once at the end
            peak = max(peak, anonymous(process.pid))
            if peak > limit or time.perf_counter() - start > timeout:
                process.kill()
                process.wait()
                command.failure = (f"more than {limit / 1e9:.0f} GB of memory" if peak > limit
                                   else f"more than {timeout} s")
                return
    finally:
        os.close(descriptor)
    seconds = time.perf_counter() - start
    code = process.wait()
    command.anon = max(command.anon, peak)
    if code != 0:
        command.failure = f"exit status {code}"
    elif not watch:
        command.times.append(seconds)


def measure(commands, trace, options, limit):
    for command in commands:
        if command.ours:
            run(command, trace, True, limit, options.timeout)  # also warms the page cache
    for turn in range(max(c.runs for c in commands)):
        for command in commands:
            is_long = not command.ours and command.times and command.times[0] > LONG
            if turn < command.runs and not command.failure and not is_long:
                run(command, trace, False, limit, options.timeout)


def commands_for(options):
    runs, go_runs = options.runs, options.go_runs
    marey = [os.path.abspath(options.marey)]
    reader = None
    if options.go_reader:
        reader = Command("Go's reader alone", [options.go_reader], go_runs, ours=False)
    sched = parsed = None
    if options.go_trace:
        sched = Command("`go tool trace -pprof=sched`", [options.go_trace, "-pprof=sched"], go_runs,
                        ours=False)
        parsed = Command("`go tool trace -d=parsed`", [options.go_trace, "-d=parsed"], go_runs,
                         ours=False)
    ours = [
        Command("`marey events --count --threads 1`",
                marey + ["events", "--count", "--threads", "1"], runs, reader),
        Command("`marey events --count --threads 2`",
                marey + ["events", "--count", "--threads", "2"], runs, reader),
        Command("`marey -pprof=sched`", marey + ["-pprof=sched"], runs, sched),
        Command("`marey -d=parsed`", marey + ["-d=parsed"], runs, parsed),
        Command("`marey report`", marey + ["report"], runs),
        Command("`marey info`", marey + ["info"], 1),
        Command("`marey events --json`", marey + ["events", "--json"], 1),
        Command("`marey -d=wire`", marey + ["-d=wire"], 1),
        Command("`marey -d=footprint`", marey + ["-d=footprint"], 1),
    ]
    return ours, [c for c in (reader, sched, parsed) if c]


def answers_for(options):
    """What only reads the trace in order, on one thread and on all, and every question."""
    marey, runs = os.path.abspath(options.marey), options.runs
    return [Command(f"`marey {words}`", [marey, *words.split()], runs)
            for words in ("events --count --threads 1", "events --count", *ANSWERS)]


def print_answers(commands, marey, trace):
    known = subprocess.run([marey, "info", "--json", trace], stdout=subprocess.PIPE, check=True)
    events = json.loads(known.stdout)["events"]
    ordered, counted = commands[0].median(), commands[1].median()
    print("| command | median | million events a second | anonymous memory | "
          "against ordering on one thread | against ordering on all |")
    print("|---|---|---|---|---|---|")
    for command in commands:
        if command.failure:
            print(f"| {command.label} | {command.failure} | | | | |")
            continue
        median = command.median()
        print(f"| {command.label} | {median:.3f} s | {events / 1e6 / median:.0f} | "
              f"{command.anon / MB:.0f} MB | {median / ordered:.2f} × | {median / counted:.2f} × |")
    print(flush=True)


def row(command, size):
    anon = f"{command.anon / MB:.0f} MB ({command.anon / size:.2f} ×)"
    if command.failure:
        return f"| {command.label} | {command.failure} | | | {anon} | |"
    median = command.median()
    spread = (max(command.times) - min(command.times)) / median * 100
    ratio = ""
    if command.rival:
        rival = command.rival.median()
        ratio = f"{rival / median:.1f} ×" if rival else f"(Go: {command.rival.failure})"
    return (f"| {command.label} | {median:.3f} s | {spread:.0f} % | {size / MB / median:.0f} MB/s |"
            f" {anon} | {ratio} |")


def machine():
    model = "?"
    with open("/proc/cpuinfo", encoding="utf-8", errors="replace") as lines:
        for line in lines:
            if line.startswith("model name"):
                model = line.split(":", 1)[1].strip()
                break
    return f"{os.cpu_count()} × {model}, {total_memory() / 1e9:.0f} GB"


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("traces", nargs="+", metavar="TRACE")
    parser.add_argument("--marey", default="build/release/marey")
    parser.add_argument("--go-trace", help="a built `go tool trace`")
    parser.add_argument("--go-reader", help="scripts/reader.go, built")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--go-runs", type=int, default=3)
    parser.add_argument("--go-mb", type=int, default=700,
                        help="megabytes of the largest trace that Go's commands are run on")
    parser.add_argument("--answers-mb", type=int, default=200,
                        help="megabytes of the largest trace that every question is put to")
    parser.add_argument("--timeout", type=int, default=900, help="seconds a run may take")
    options = parser.parse_args()
    limit = 0.85 * total_memory()

    print("## The whole\n")
    print(f"{machine()}. Median of {options.runs} runs (Go's: {options.go_runs}); spread: slowest "
          "minus fastest, as a share of the median; memory: peak anonymous (RssAnon), and as a "
          "multiple of the file's length; ratio: against Go's in the line with the same work, in "
          "the same run, on the same file.\n")
    growth = []
    failures = {}  # of Go's commands, by kind of trace and label
    failed = 0
    for trace in options.traces:
        size = os.path.getsize(trace)
        ours, gos = commands_for(options)
        kind = os.path.basename(trace).split("-")[0]
        for command in gos:
            command.failure = failures.get((kind, command.label))
            if size > options.go_mb * MB:
                command.failure = "not run on this one"
        measure(ours + gos, trace, options, limit)
        print(f"### {os.path.basename(trace)}: {size / MB:.1f} MB\n")
        print("| command | median | spread | rate | anonymous memory | Go's time / ours |")
        print("|---|---|---|---|---|---|")
        for command in ours + gos:
            print(row(command, size))
        print(flush=True)
        if size <= options.answers_mb * MB:
            answers = answers_for(options)
            measure(answers, trace, options, limit)
            print(f"Every question, on {os.path.basename(trace)}:\n")
            print_answers(answers, options.marey, trace)
            failed += sum(1 for c in answers if c.failure)
        failures.update({(kind, c.label): c.failure for c in gos if c.failure})
        failed += sum(1 for c in ours if c.failure)
        growth.append((size, os.path.basename(trace), ours))

    print("### Growth\n")
    print("Nanoseconds for each byte of the trace: constant where growth is linear.\n")
    print("| trace | MB | " + " | ".join(c.label for c in growth[0][2]) + " |")
    print("|---|---|" + "---|" * len(growth[0][2]))
    for size, name, ours in sorted(growth, key=lambda g: (g[1].split("-")[0], g[0])):
        cells = [f"{c.median() * 1e9 / size:.2f}" if c.median() else c.failure for c in ours]
        print(f"| {name} | {size / MB:.1f} | " + " | ".join(cells) + " |")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
