#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Traces that do not begin with their header: lost_header.py testdata|shared

A header that was overwritten or is missing, or one behind other bytes, costs not one event.
"""
import json
import random

import corpus
from corpus import marey, read_bytes, traces

HEADER = 16
RESPONSE = b"HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\n\r\n"


def read(data):
    """The trace's events, and the ids of its defects."""
    got = marey("info", "--json", "-", stdin=data)
    if not got.out:
        return got.err, []
    answer = json.loads(got.out)
    return answer["events"], [defect["id"] for defect in answer["health"]["defects"]]


def is_whole(trace):
    return b"trace" in read_bytes(trace.path)[:HEADER] and "/broken/" not in trace.path


class LostHeader(corpus.CorpusTest):
    def test_costs_no_event(self):
        def check(trace):
            whole = read_bytes(trace.path)
            rest = whole[HEADER:]
            noise = random.Random(trace.name).randbytes(HEADER)
            want, _ = read(whole)
            bad = []
            for what, data, defect in (("zeros", bytes(HEADER) + rest, "damaged-header"),
                                       ("noise", noise + rest, "damaged-header"),
                                       ("missing", rest, "damaged-header"),
                                       ("behind a response's head", RESPONSE + whole, "foreign-bytes")):
                events, defects = read(data)
                if events != want or defect not in defects:
                    bad.append(f"{what}: {events} events, not {want}; defects {defects}")
            return bad

        self.each([trace for trace in traces(self.corpus) if is_whole(trace)], check)


class NoTrace(corpus.CorpusTest):
    def test_noise_is_no_trace(self):
        noise = random.Random(1)
        for size in [*range(0, 100, 9), 5_000, 200_000, 1_500_000]:
            got = marey("info", "-", stdin=noise.randbytes(size))
            self.assertEqual(got.code, 1)
            self.assertRegex(got.err, "^marey: standard input: not a Go execution trace: (the file is empty|.*first bytes)")


if __name__ == "__main__":
    corpus.main()
