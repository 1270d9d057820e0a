#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""profile: every form tells the same; parts of a trace add up to it."""
import csv
import io
import json
import os
import unittest

import compare_pprof
import corpus
from corpus import marey

HTTP = os.path.join(corpus.ROOT, "examples/http.trace")

def folded(*flags):
    lines = marey("profile", *flags, "--format=folded").out.decode(errors="replace").splitlines()
    return {line.rpartition(" ")[0]: int(line.rpartition(" ")[2]) for line in lines}


class Profile(unittest.TestCase):
    def test_all_forms_have_the_same_time(self):
        for kind in ("sched", "wall", "offcpu"):
            with self.subTest(kind=kind):
                time = sum(folded(kind, HTTP).values())
                _, samples = compare_pprof.load(
                    marey("profile", kind, "--format=pprof", HTTP).out)
                self.assertEqual(sum(value[1] for value in samples.values()), time)
                top = csv.DictReader(io.StringIO(
                    marey("profile", kind, "--csv", HTTP).out.decode(), newline=""))
                self.assertEqual(sum(int(row["self"]) for row in top), time)
                tree = json.loads(marey("profile", kind, "--format=tree", "--json", HTTP).out)
                rows = tree["tables"][0]["rows"]
                roots = sum(row["total"] for row in rows if row["depth"] == 0)
                self.assertLessEqual(roots, time)
                self.assertGreater(roots, 0.9 * time)

    def test_parts_of_a_trace_add_up_to_it(self):
        """Whatever way it is divided: by time, by goroutine."""
        info = json.loads(marey("info", "--json", HTTP).out)
        middle = str((info["first_time"] + info["last_time"]) // 2)
        whole = folded("wall", HTTP)
        halves = [folded("wall", "--to", middle, HTTP), folded("wall", "--from", middle, HTTP)]
        self.assertEqual({stack: sum(half.get(stack, 0) for half in halves) for stack in whole},
                         whole)
        functions = {row["function"] for row in json.loads(
            marey("goroutines", "--json", HTTP).out)["tables"][0]["rows"]}
        total = 0
        for function in functions:
            pattern = "^" + "".join("\\" + c if not c.isalnum() else c for c in function) + "$"
            total += sum(folded("wall", "--func", pattern, HTTP).values())
        self.assertEqual(total, sum(whole.values()))

    def test_totals(self):
        for kind in ("sched", "wall"):
            with self.subTest(kind=kind):
                tables = json.loads(marey("profile", kind, "--json", HTTP).out)["tables"]
                count = sum(row["count"] for row in tables[0]["rows"])
                functions = sum(row["count"] > 0 and row["function"] != ""
                                for row in tables[0]["rows"])
                self.assertIn(f", {count:,} times, innermost in {functions} functions.",
                              tables[0]["help"])

    def test_flags_that_a_form_has_no_use_for(self):
        for flags, why in ((["--format=pprof", "--json"], "--format pprof is no table, which --json "
                                                          "is for; --format top and tree are"),
                           (["--format=folded", "--csv"], "which --csv is for"),
                           (["--format=folded", "--top=3"], "which --top is for"),
                           (["--format=pprof", "--sort=self"], "which --sort is for"),
                           (["--format=pprof", "--table=top"], "which --table is for"),
                           (["--format=tree", "--sort=self"], "a tree cannot be sorted"),
                           (["-o", "/dev/null"], "--output is for --format folded and pprof"),
                           (["--json", "--csv"], "--json and --csv are two forms")):
            got = marey("profile", "sched", *flags, HTTP)
            self.assertEqual((got.code, got.out), (2, b""), flags)
            self.assertIn(why, got.err)

    def test_nothing_is_no_error(self):
        got = marey("profile", "cpu", "--format=folded", HTTP)
        self.assertEqual((got.code, got.out), (0, b""))
        self.assertIn("there are no CPU profile samples", got.err)


if __name__ == "__main__":
    unittest.main()
