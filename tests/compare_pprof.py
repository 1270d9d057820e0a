#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compare two pprof profiles by what they say: compare_pprof.py EXPECTED ACTUAL

A profile is read as a map from call stack (function, file, line of every frame, leaf first) to its
summed values, one per sample type. The profiles agree when they have the same sample types and
units and the same stacks, and each value differs by at most --ns (default 2000: ordering ties move
single nanoseconds) plus one millionth. Plain or gzipped. Exit 0: they agree; 1: they differ.
"""
import argparse
import gzip
import sys

TIES_NS = 2000


def varint(data, i):
    value = shift = 0
    while True:
        byte = data[i]
        i += 1
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            return value, i


def fields(data):
    """The fields (number, wire type, value) of a protobuf message."""
    i = 0
    while i < len(data):
        key, i = varint(data, i)
        number, wire = key >> 3, key & 7
        if wire == 0:
            value, i = varint(data, i)
        elif wire == 2:
            size, i = varint(data, i)
            value = data[i:i + size]
            i += size
        elif wire in (1, 5):
            size = 8 if wire == 1 else 4
            value = data[i:i + size]
            i += size
        else:
            raise ValueError(f"wire type {wire}")
        yield number, wire, value


def packed(wire, value):
    if wire == 0:
        return [value]
    out, i = [], 0
    while i < len(value):
        x, i = varint(value, i)
        out.append(x)
    return out


def signed(x):
    return x - (1 << 64) if x >> 63 else x


def load(raw):
    """The sample types [(type, unit), ...] and {stack: [value, ...]} of a profile (bytes)."""
    if raw[:2] == b"\x1f\x8b":
        raw = gzip.decompress(raw)
    strings, types, samples, locations, functions = [], [], [], {}, {}
    for number, _, value in fields(raw):
        if number == 1:
            record = {a: c for a, _, c in fields(value)}
            types.append((record.get(1, 0), record.get(2, 0)))
        elif number == 2:
            ids, values = [], []
            for a, wire, c in fields(value):
                if a == 1:
                    ids += packed(wire, c)
                elif a == 2:
                    values += packed(wire, c)
            samples.append((ids, [signed(x) for x in values]))
        elif number == 4:
            location, lines = 0, []
            for a, _, c in fields(value):
                if a == 1:
                    location = c
                elif a == 4:
                    line = {p: q for p, _, q in fields(c)}
                    lines.append((line.get(1, 0), line.get(2, 0)))
            locations[location] = lines
        elif number == 5:
            record = {a: c for a, _, c in fields(value)}
            functions[record.get(1, 0)] = (record.get(2, 0), record.get(4, 0))
        elif number == 6:
            strings.append(value.decode("utf-8", "replace"))

    stacks = {}
    for ids, values in samples:
        key = tuple((strings[functions[function][0]], strings[functions[function][1]], line)
                    for location in ids for function, line in locations[location])
        old = stacks.setdefault(key, [0] * len(values))
        for i, x in enumerate(values):
            old[i] += x
    return [(strings[a], strings[b]) for a, b in types], stacks


def differences(expected, actual, ns=TIES_NS):
    """What keeps two profiles (bytes) from agreeing: a list of sentences, empty when they do."""
    want_types, want = load(expected)
    got_types, got = load(actual)
    found = []
    if want_types != got_types:
        found.append(f"sample types: expected {want_types}, got {got_types}")
    for key in set(want) | set(got):
        xs, ys = want.get(key), got.get(key)
        leaf = f"{key[0][0] if key else '(no frames)'} ({len(key)} frames)"
        if xs is None or ys is None:
            if any(xs or ys):
                found.append(f"{leaf}: expected {xs}, got {ys}")
        elif len(xs) != len(ys) or any(abs(x - y) > ns + abs(x) / 1e6 for x, y in zip(xs, ys)):
            found.append(f"{leaf}: expected {xs}, got {ys}")
    return sorted(found)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("expected")
    parser.add_argument("actual")
    parser.add_argument("--ns", type=int, default=TIES_NS)
    args = parser.parse_args()
    with open(args.expected, "rb") as expected, open(args.actual, "rb") as actual:
        found = differences(expected.read(), actual.read(), args.ns)
    for line in found[:10]:
        print(line)
    print(f"differ: {len(found)} differences" if found else "agree")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
