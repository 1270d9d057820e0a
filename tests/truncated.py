#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Traces that end too early, the commonest damage: truncated.py testdata|shared

What lies in batches before the end is delivered: no less than where zeros follow it, which leave the reader no
doubt that everything there was to come has come.
"""
import json
import re

import corpus
from corpus import marey, read_bytes, traces

ZEROS = bytes(70_000)  # more than a batch can have
EXPERIMENTAL_BATCH, END_OF_GENERATION = 49, 52


def count(data):
    got = marey("events", "--count", "--json", "-", stdin=data)
    return json.loads(got.out)["events"] if got.out else 0


def is_v2(trace):
    header = re.match(rb"go 1\.(\d+) trace", read_bytes(trace.path)[:16])
    return header is not None and int(header[1]) >= 22


def uvarint(data, at):
    value = shift = 0
    while True:
        value |= (data[at] & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if data[at - 1] < 0x80:
            return value, at


def batch_ends(data):
    """Where batches end, by their length fields: type (and experiment), generation, thread, time,
    length; the one-byte event that ends a generation since Go 1.26 has only a type."""
    ends, at = [16], 16
    while at < len(data):
        kind, at = data[at], at + 1
        if kind == END_OF_GENERATION:
            continue
        if kind == EXPERIMENTAL_BATCH:
            at += 1
        for _ in range(3):
            _, at = uvarint(data, at)
        size, at = uvarint(data, at)
        at += size
        ends.append(at)
    return ends


class Truncated(corpus.CorpusTest):
    def test_delivers_what_is_there(self):
        def check(trace):
            whole = read_bytes(trace.path)
            bad = []
            ends = batch_ends(whole)
            for share in (0.4, 0.6, 0.8):
                cut = whole[:max(end for end in ends if end <= max(16, len(whole) * share))]
                got, want = count(cut), count(cut + ZEROS)
                if got < want:
                    bad.append(f"cut at {len(cut)}: {got} events, with zeros behind it {want}")
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
