#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Traces that end too early, the commonest damage: truncated.py testdata|shared

Wherever a trace is cut, what lies before the cut is delivered: no less than where bytes follow that are
part of no event, which leave the reader no doubt that everything there was to come has come; and the
later the cut, the more.
"""
import json
import re

import corpus
from corpus import marey, read_bytes, traces

FILLED = b"\xff" * 70_000  # longer than any batch, and no part of an event


def count(data):
    got = marey("events", "--count", "--json", "-", stdin=data)
    return json.loads(got.out)["events"] if got.out else 0


def is_v2(trace):
    header = re.match(rb"go 1\.(\d+) trace", read_bytes(trace.path)[:16])
    return header is not None and int(header[1]) >= 22


class Truncated(corpus.CorpusTest):
    def test_delivers_what_is_there(self):
        def check(trace):
            whole = read_bytes(trace.path)
            bad = []
            before = 0
            for share in (0.41, 0.67, 0.93):
                cut = whole[:max(16, int(len(whole) * share))]
                got, want = count(cut), count(cut + FILLED)
                if got < max(want, before):
                    bad.append(f"cut at {len(cut)}: {got} events, with others behind it {want}, cut earlier {before}")
                before = got
            return bad

        self.each([t for t in traces(self.corpus) if is_v2(t)], check)

    def test_health_says_so(self):
        def check(trace):
            whole = read_bytes(trace.path)
            got = marey("info", "--json", "-", stdin=whole[:len(whole) // 2])
            found = [defect["id"] for defect in json.loads(got.out)["health"]["defects"]]
            return [] if "truncated-file" in found else [f"defects: {found}"]

        self.each([t for t in traces(self.corpus) if is_v2(t)], check)


if __name__ == "__main__":
    corpus.main()
