#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""golden_output.py testdata

What commands that answer a question print of some traces, as text, against what they printed when
somebody last looked at it: testdata/output/TRACE.txt, and the outputs that docs/playbook.md shows.
`make rebaseline` writes both anew; look at the difference before you commit it.
"""
import difflib
import os
import re
import shlex

import corpus
from corpus import CorpusTest, marey

# Times of day, and what the terminal shows.
os.environ.update(TZ="UTC", LC_ALL="C.UTF-8")
os.environ.pop("COLUMNS", None)

REWRITE = os.environ.get("MAREY_REBASELINE") == "1"
OUTPUT = os.path.join(corpus.ROOT, "testdata/output")
PLAYBOOK = os.path.join(corpus.ROOT, "docs/playbook.md")
TRACES = ("http-1.27", "http-1.19", "http-misnest-1.25", "gcstorm-1.25", "cgocall-1.27",
          "cpuprof-1.25", "oversub-1.27", "idle-empty-1.27", "broken/cut-third-1.27",
          "broken/patched-5-1.27")
COMMANDS = ("report", "goroutines", "goroutines --each", "goroutine 1", "latency", "blocked",
            "unblocks", "profile sched", "profile cpu", "profile wall", "profile offcpu --format=tree",
            "tasks", "regions", "logs", "stw", "gc", "mmu", "counters", "procs", "threads",
            "latency --from=1ms --to=3ms", "goroutines --func=main",
            "tasks --task=request", "tasks --task=9 --table=task_events",
            "goroutines --region=write")
FLAGS = ("--top=4", "--width=120")


def shown(command, path):
    """A command as a reader would type it, and what it prints; first what it complains about."""
    got = marey(*shlex.split(command), *FLAGS, path)
    name = os.path.relpath(path, corpus.ROOT)
    err = got.err.replace(path, name)
    return f"$ marey {command} {name}\n{err}{got.out.decode().replace(path, name)}"


def differences(found, path):
    if REWRITE:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as out:
            out.write(found)
    expected = ""
    if os.path.exists(path):
        with open(path, encoding="utf-8") as file:
            expected = file.read()
    return list(difflib.unified_diff(expected.splitlines(), found.splitlines(),
                                     os.path.relpath(path, corpus.ROOT), "found", lineterm="", n=1))


def check_trace(name):
    path = os.path.join(corpus.ROOT, "testdata/traces", name + ".trace")
    found = "\n".join(shown(command, path) for command in COMMANDS)
    return differences(found, os.path.join(OUTPUT, name.replace("/", "-") + ".txt"))


def check_playbook(path):
    """Blocks that begin with "    $ marey ..." show what that prints, if need be only its first
    lines ("    ..." is the last one then)."""
    with open(path, encoding="utf-8") as file:
        text = file.read()

    def run(match):
        command = match.group(1)
        got = marey(*shlex.split(command), "--color=never").out.decode()
        lines = [f"    {line}".rstrip() for line in got.rstrip("\n").split("\n")]
        old = match.group(2).rstrip("\n").split("\n")
        if old[-1].strip() == "...":
            lines = lines[:len(old) - 1] + ["    ..."]
        return f"    $ marey {command}\n" + "\n".join(lines) + "\n"

    found = re.sub(r"^    \$ marey (.*)\n((?:(?:    .*)?\n)*?)(?=\n\S|\Z)", run, text, flags=re.M)
    return differences(found, path)


class Output(CorpusTest):
    def test_traces(self):
        self.each(TRACES, check_trace, name=str)

    def test_playbook(self):
        os.chdir(corpus.ROOT)
        self.each([PLAYBOOK], check_playbook, name=os.path.basename)


if __name__ == "__main__":
    corpus.main()
