#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`marey -pprof=KIND` against Go's profiles, by what they say: golden_pprof.py testdata|shared

Of a trace that Go reads only in part, its profile covers that part; --strict gives the same.
"""
import corpus
from compare_pprof import differences
from corpus import golden, marey, traces

KINDS = ("net", "sync", "syscall", "sched")


class Pprof(corpus.CorpusTest):
    def test_agrees_with_go(self):
        def check(item):
            trace, kind = item
            mode = [] if trace.status["parsed.txt"].code == 0 else ["--strict"]
            got = marey(*mode, f"-pprof={kind}", trace.path)
            want = golden(trace, f"pprof-{kind}.pb")
            if got.code != 0:
                return [f"exit status {got.code}: {corpus.last_line(got.err)}"]
            if got.out[:2] != b"\x1f\x8b":
                return ["not gzipped"]
            return differences(want, got.out)

        self.each([(t, k) for t in traces(self.corpus) for k in KINDS
                   if t.status[f"pprof-{k}.pb"].code == 0 and golden(t, f"pprof-{k}.pb")],
                  check, lambda item: f"{item[0].name} {item[1]}")

    def test_strict_fails_where_go_fails(self):
        def check(item):
            trace, kind = item
            want = trace.status[f"pprof-{kind}.pb"].code
            got = marey("--strict", f"-pprof={kind}", trace.path)
            return [] if got.code == want else [f"exit status {got.code}, Go's {want}"]

        self.each([(t, k) for t in traces(self.corpus) + traces(self.corpus, "broken")
                   for k in KINDS], check, lambda item: f"{item[0].name} {item[1]}")


if __name__ == "__main__":
    corpus.main()
