#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`marey -d=parsed` against Go's, event by event: golden_parsed.py testdata|shared

Where Go reads a trace to its end, so does marey, with the same events; one thread and several give
the same bytes, and so do a pipe and compressed input.
"""
import gzip
import subprocess

import corpus
from compare_parsed import differences
from corpus import golden, marey, traces


class Parsed(corpus.CorpusTest):
    def test_agrees_with_go(self):
        def check(trace):
            got = marey("-d=parsed", trace.path)
            if got.code != 0:
                return [f"exit status {got.code}: {corpus.last_line(got.err)}"]
            return differences(golden(trace, "parsed.txt"), got.out)

        self.each([t for t in traces(self.corpus) if t.status["parsed.txt"].code == 0], check)

    def test_threads_change_nothing(self):
        def check(trace):
            one = marey("-d=parsed", "--threads", "1", trace.path)
            more = marey("-d=parsed", "--threads", "4", trace.path)
            return [] if one == more else ["--threads 1 and --threads 4 differ"]

        names = [t for t in traces(self.corpus) if "gens" in t.name or "1.27" in t.name]
        self.each(names + traces(self.corpus, "broken"), check)

    def test_forms_of_input(self):
        def check(trace):
            want = marey("-d=parsed", trace.path)
            with open(trace.path, "rb") as stream:
                raw = stream.read()
            zstd = subprocess.run(["zstd", "-qc"], input=raw, check=True,
                                  stdout=subprocess.PIPE).stdout
            bad = []
            for form, data in (("pipe", raw), ("gzip", gzip.compress(raw)), ("zstd", zstd)):
                got = marey("-d=parsed", "-", stdin=data)
                if (got.code, got.out) != (want.code, want.out):
                    bad.append(f"{form}: status {got.code}, {len(got.out)} bytes, {got.err[-200:]}")
            return bad

        wanted = ("http-gens-1.27", "http-1.21", "idle-1.23", "cpuprof-1.25")
        self.each([t for t in traces(self.corpus) if t.name in wanted], check)


if __name__ == "__main__":
    corpus.main()
