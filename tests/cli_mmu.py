#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""mmu: what it says of parts of a trace, of damaged ones, and its flags."""
import json
import os
import unittest

import corpus
from corpus import marey, traces

HTTP = os.path.join(corpus.ROOT, "examples/http.trace")
BROKEN = os.path.join(corpus.ROOT, "testdata/traces/broken")


def tables(*arguments):
    found = json.loads(marey("mmu", "--json", *arguments).out)
    return {table["id"]: table["rows"] for table in found["tables"]}


def curve(*arguments):
    return {row["window"]: row["mmu"] for row in tables(*arguments)["minimum_mutator_utilization"]}


class Mmu(unittest.TestCase):
    def check(self, found):
        """What is true of every trace."""
        rows = found["minimum_mutator_utilization"]
        for row in rows:
            self.assertTrue(0 <= row["mmu"] <= 100, row)
            self.assertEqual(row["evidence"]["begin"], row["at"])
            self.assertEqual(row["evidence"]["end"] - row["at"], row["window"])
        # Windows twice as long have as much at least.
        mmu = {row["window"]: row["mmu"] for row in rows}
        for window, value in mmu.items():
            self.assertGreaterEqual(mmu.get(2 * window, 100), value - 1e-6)
        for row in found["mutator_utilization_distribution"]:
            values = [row[key] for key in ("mmu", "p999", "p99", "p95", "p50")]
            for lower, higher in zip(values, values[1:]):
                self.assertLessEqual(lower, higher + 1e-6, row)

    def test_all_traces(self):
        for trace in traces("testdata"):
            for flags in ((), ("--per=proc", "--include=stw,background,assist,sweep")):
                with self.subTest(trace.name, flags=flags):
                    self.check(tables(*flags, trace.path))

    def test_broken_traces(self):
        for name in sorted(os.listdir(BROKEN)):
            with self.subTest(name):
                got = marey("mmu", "--json", os.path.join(BROKEN, name))
                self.assertIn(got.code, (0, 1))
                if got.out:
                    self.check(tables(os.path.join(BROKEN, name)))

    def test_same_with_any_number_of_threads(self):
        for trace in traces("testdata"):
            with self.subTest(trace.name):
                self.assertEqual(tables("--threads=1", trace.path),
                                 tables("--threads=3", trace.path))

    def test_less_is_lost_where_less_counts(self):
        everything = curve("--include=stw,background,assist,sweep", HTTP)
        for what in ("stw", "background", "assist", "sweep", "stw,assist"):
            some = curve("--include", what, HTTP)
            self.assertEqual(some.keys(), everything.keys())
            for window, value in some.items():
                self.assertGreaterEqual(value, everything[window] - 1e-6, what)
        self.assertEqual(curve(HTTP), curve("--include=Background,STW,assist", HTTP))

    def test_a_window_leads_to_its_place(self):
        worst = tables("--window=1ms", HTTP)["worst_windows"]
        self.assertEqual(len(worst), 10)
        for row in worst:
            part = tables("--window=1ms", "--from", str(row["evidence"]["begin"]),
                          "--to", str(row["evidence"]["end"]), HTTP)
            found = part["mutator_utilization_distribution"][0]["mmu"]
            self.assertAlmostEqual(found, row["utilization"], places=6)

    def test_parts(self):
        whole = curve(HTTP)
        for part in (("--to=8ms",), ("--from=3ms", "--to=9ms"), ("--from=9ms",)):
            for window, value in curve(*part, HTTP).items():
                self.assertGreaterEqual(value, whole.get(window, 0) - 1e-6)

    def test_says_why_there_is_nothing(self):
        # No event tells GOMAXPROCS.
        path = os.path.join(corpus.ROOT, "testdata/traces")
        found = 0
        for name in sorted(os.listdir(path)):
            if not name.endswith(("-1.19.trace", "-1.21.trace")):
                continue
            got = marey("mmu", os.path.join(path, name))
            self.assertEqual(got.code, 0)
            if got.out.startswith(b"Nothing to show: "):
                self.assertIn("GOMAXPROCS", got.err)
                found += 1
        self.assertGreater(found, 0)

    def test_bad_flags(self):
        for flags, word in ((("--include=stw,swep",), "'sweep'"), (("--window=5",), "1ms"),
                            (("--window=0s",), "1ms"), (("--per=goroutine",), "'proc'"),
                            (("--func=main",), "--func"), (("--g=1",), "--g")):
            got = marey("mmu", *flags, HTTP)
            self.assertEqual((got.code, got.out), (2, b""), flags)
            self.assertIn(word, got.err)


if __name__ == "__main__":
    unittest.main()
