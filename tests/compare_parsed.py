#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compare two `-d=parsed` dumps of one trace: compare_parsed.py EXPECTED ACTUAL

Two readers may order events of different threads differently where their timestamps tie; nothing
else may differ. So the dumps agree when
  * every thread's events are the same, in the same order, with the same M, P, G, details and stacks
    (stack samples: one sequence a thread of their own, since they are merged in by time alone), and
  * each event's Time differs by at most --ns nanoseconds (default 1000; ties are pushed apart by
    single nanoseconds).
Files may be plain, .gz or .zst. Exit 0: they agree; 1: they differ, and the first differences are
printed; 2: unusable input.
"""
import argparse
import gzip
import re
import subprocess
import sys

HEAD = re.compile(r"^M=(-?\d+) P=(-?\d+) G=(-?\d+) (\w+) Time=(-?\d+)(.*)$", re.S)
TIES_NS = 1000


def read_bytes(path):
    """The content of a plain, .gz or .zst file."""
    if path.endswith(".zst"):
        return subprocess.run(["zstd", "-dcq", path], check=True, stdout=subprocess.PIPE).stdout
    with (gzip.open if path.endswith(".gz") else open)(path, "rb") as stream:
        return stream.read()


def load(text):
    """The sequences {(thread, kind): [[head, detail line, ...], ...]}, the times, the count."""
    sequences, times, last, count = {}, {}, None, 0
    for line in text.split("\n"):
        if line.startswith("M=") and (found := HEAD.match(line)):
            key = (found[1], "sample" if found[4] == "StackSample" else "event")
            last = [f"P={found[2]} G={found[3]} {found[4]}{found[6]}"]
            sequences.setdefault(key, []).append(last)
            times.setdefault(key, []).append(int(found[5]))
            count += 1
        elif line:
            if last is None:
                raise ValueError(f"does not start with an event: {line[:80]!r}")
            last.append(line)
    return sequences, times, count


def differences(expected, actual, ns=TIES_NS):
    """What keeps two dumps (bytes) from agreeing: a list of sentences, empty when they do."""
    if expected == actual:
        return []
    want, want_times, _ = load(expected.decode("utf-8", "replace"))
    got, got_times, _ = load(actual.decode("utf-8", "replace"))
    found = []
    for key in sorted(set(want) | set(got)):
        xs, ys = want.get(key, []), got.get(key, [])
        if len(xs) != len(ys):
            found.append(f"thread {key}: expected {len(xs)} events, got {len(ys)}")
        for i, (x, y) in enumerate(zip(xs, ys)):
            if x != y:
                found.append(f"thread {key} event {i}:\n  expected {' | '.join(x)[:300]}"
                             f"\n  got      {' | '.join(y)[:300]}")
                break
            apart = abs(want_times[key][i] - got_times[key][i])
            if apart > ns:
                found.append(f"thread {key} event {i}: time differs by {apart} ns: {x[0][:200]}")
                break
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("expected")
    parser.add_argument("actual")
    parser.add_argument("--ns", type=int, default=TIES_NS)
    args = parser.parse_args()
    try:
        found = differences(read_bytes(args.expected), read_bytes(args.actual), args.ns)
    except (OSError, ValueError, subprocess.CalledProcessError) as error:
        print(error, file=sys.stderr)
        return 2
    for line in found[:10]:
        print(line)
    print(f"differ: {len(found)} differences" if found else "agree")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
