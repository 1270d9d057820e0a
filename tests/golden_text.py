#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`marey -d=wire` and `-d=footprint`, byte for byte where Go's succeed: golden_text.py CORPUS"""
import corpus
from corpus import golden, marey, traces


def first_difference(want, got):
    wants, gots = want.split(b"\n"), got.split(b"\n")
    for number, (x, y) in enumerate(zip(wants, gots), 1):
        if x != y:
            return [f"line {number}: expected {x[:200]!r}, got {y[:200]!r}"]
    return [f"expected {len(wants)} lines, got {len(gots)}"]


class Text(corpus.CorpusTest):
    def mode(self, name):
        def check(trace):
            got = marey(f"-d={name}", trace.path)
            want = golden(trace, f"{name}.txt")
            if got.code != 0:
                return [f"exit status {got.code}: {corpus.last_line(got.err)}"]
            return [] if got.out == want else first_difference(want, got.out)

        self.each([t for t in traces(self.corpus)
                   if t.status.get(f"{name}.txt", corpus.Status(1, "")).code == 0], check)

    def test_wire(self):
        self.mode("wire")

    def test_footprint(self):
        self.mode("footprint")


if __name__ == "__main__":
    corpus.main()
