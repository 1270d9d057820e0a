#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Damaged traces, tolerantly: broken.py testdata|shared

No command crashes or hangs; what Go's reader delivered before it gave up is delivered too; a broken
generation costs its neighbours nothing; zeros do not make a trace longer; what is no trace at all
gets one clear line.
"""
import collections
import json
import os
import tempfile
from random import Random

import corpus
from corpus import golden, last_line, marey, parsed_events, traces

NO_TRACE = ("empty", "text", "header-cut")


Batch = collections.namedtuple("Batch", "start content end generation kind")
EVENT_BATCH, EXPERIMENTAL_BATCH, END_OF_GENERATION = 1, 49, 52


def read_varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return value, at


def read_batches(data):
    """The batches of a whole v2 trace, in file order; end marks are left out."""
    batches, at = [], 16
    while at < len(data):
        start, kind = at, data[at]
        at += 1
        if kind == END_OF_GENERATION:
            continue
        assert kind in (EVENT_BATCH, EXPERIMENTAL_BATCH), (kind, start)
        if kind == EXPERIMENTAL_BATCH:
            at += 1
        generation, at = read_varint(data, at)
        for _ in "thread", "time":
            _, at = read_varint(data, at)
        size, at = read_varint(data, at)
        batches.append(Batch(start, at, at + size, generation, kind))
        at += size
    return batches


def renumber(data, batches, number):
    """`data` with another generation number in the heads of these batches."""
    encoded = bytearray()
    while number >= 0x80:
        encoded.append(number & 0x7F | 0x80)
        number >>= 7
    encoded.append(number)
    for batch in reversed(batches):
        at = batch.start + (2 if batch.kind == EXPERIMENTAL_BATCH else 1)
        _, end = read_varint(data, at)
        data = data[:at] + bytes(encoded) + data[end:]
    return data


def damages(data, batches, own):
    """(what, damaged data) for one generation's batches `own`, in several ways."""
    first, last, middle = own[0], own[-1], own[len(own) // 2]
    highest = max(batch.generation for batch in batches)
    yield "zeros over the generation", \
        data[:first.start] + bytes(last.end - first.start) + data[last.end:]
    for name, batch in ("first", first), ("middle", middle), ("last", last):
        start = batch.start
        yield f"zeros over the {name} head", data[:start] + bytes(3) + data[start + 3:]
        yield f"text before the {name} batch", data[:start] + b"a line of text\n" + data[start:]
        if batch.end - batch.content > 200:
            yield f"bytes missing in the {name} batch", \
                data[:batch.content + 100] + data[batch.content + 140:]
            yield f"a head missing before the {name} batch", data[:start] + data[start + 12:]
        yield f"a wrong number in the {name} head", renumber(data, [batch], highest + 900)
    for number in highest + 1, 1000000, 2 ** 64 - 1:
        yield f"all numbers {number}", renumber(data, own, number)


def event_counts(out):
    """How many events of which kinds lie between the syncs, as a list in the trace's order."""
    generations = []
    for line in out.splitlines():
        event = json.loads(line)
        if event["kind"] == "Sync":
            generations.append(collections.Counter())
        else:
            generations[-1][event["kind"]] += 1
    return [generation for generation in generations if generation]


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

    def test_a_broken_generation_costs_its_neighbours_nothing(self):
        def check(trace):
            with open(trace.path, "rb") as file:
                data = file.read()
            batches = read_batches(data)
            numbers = sorted({batch.generation for batch in batches})
            want = event_counts(marey("events", "--json", trace.path).out)
            if len(want) != len(numbers):
                return [f"{len(want)} generations with events, {len(numbers)} in the file"]
            bad = []
            for number in {numbers[0], numbers[len(numbers) // 2], numbers[-1]}:
                own = [batch for batch in batches if batch.generation == number]
                others = [counts for other, counts in zip(numbers, want) if other != number]
                for what, damaged in damages(data, batches, own):
                    with tempfile.TemporaryDirectory() as folder:
                        path = os.path.join(folder, "damaged.trace")
                        with open(path, "wb") as file:
                            file.write(damaged)
                        got = marey("events", "--json", path)
                    left = event_counts(got.out)
                    for counts in others:
                        if counts in left:
                            left.remove(counts)
                        else:
                            bad.append(f"{what} in generation {number}: one of {counts.total()} "
                                       f"events is not whole; there are "
                                       f"{[c.total() for c in left]}: {got.err}")
            return bad

        # Each is read some fifty times: the small ones say as much.
        self.each([t for t in traces(self.corpus)
                   if "-gens-" in t.name and os.path.getsize(t.path) < 100000], check)

    def test_zeros_do_not_stretch_a_trace(self):
        def duration(path):
            got = marey("info", "--json", path)
            return json.loads(got.out)["duration"] if got.code == 0 else 0

        def check(trace):
            with open(trace.path, "rb") as file:
                data = file.read()
            most = 2 * duration(trace.path) + 500_000_000
            random = Random(trace.name)
            bad = []
            for _ in range(20):
                size = random.choice((64, 512, 4096))
                begin = random.randrange(16, max(17, len(data) - size))
                with tempfile.NamedTemporaryFile() as file:
                    file.write(data[:begin] + bytes(size) + data[begin + size:])
                    file.flush()
                    if (got := duration(file.name)) > most:
                        bad.append(f"{size} zeros at {begin}: lasts {got} ns")
            return bad

        self.each([t for t in traces(self.corpus) if os.path.getsize(t.path) < 100000], check)

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
