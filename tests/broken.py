#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Damaged traces, tolerantly: broken.py testdata|shared

No command crashes or hangs; what Go's reader delivered before it gave up is delivered too; what is
no trace at all gets one clear line.
"""
import corpus
from corpus import golden, last_line, marey, parsed_events, traces

NO_TRACE = ("empty", "text", "header-cut")


class Broken(corpus.CorpusTest):
    def test_every_command_survives(self):
        def check(trace):
            bad = []
            for command in (["info"], ["events"], ["events", "--json"], ["events", "--count"],
                            ["report"], ["report", "--json"], ["-d=parsed"], ["-d=wire"],
                            ["-d=footprint"], ["-pprof=sched"]):
                got = marey(*command, trace.path)
                if got.code not in (0, 1):
                    bad.append(f"{command}: exit status {got.code}")
                if got.code == 1 and not got.err.strip():
                    bad.append(f"{command}: fails without a word")
            return bad

        self.each(traces(self.corpus, "broken"), check)

    def test_delivers_no_less_than_go(self):
        def check(trace):
            want = parsed_events(golden(trace, "parsed.txt") or b"")
            got = parsed_events(marey("-d=parsed", trace.path).out)
            return [] if got >= want else [f"{got} events, Go's {want}"]

        self.each(traces(self.corpus, "broken"), check)

    def test_what_is_no_trace(self):
        def check(trace):
            got = marey("report", trace.path)
            if got.code != 1 or got.out or len(got.err.strip().split("\n")) != 1:
                return [f"exit status {got.code}, says {got.err!r}"]
            if "not a Go execution trace" not in last_line(got.err):
                return [f"says {got.err!r}"]
            return []

        self.each([t for t in traces(self.corpus, "broken") if t.name in NO_TRACE], check)


if __name__ == "__main__":
    corpus.main()
