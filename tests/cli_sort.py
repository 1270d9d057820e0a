#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""--sort: by names and by titles, numbers as numbers, and what is said of the order."""
import json
import os
import unittest

import corpus
from corpus import marey

HTTP = os.path.join(corpus.ROOT, "examples/http.trace")


def first_table(*command):
    return json.loads(marey(*command, "--json", HTTP).out)["tables"][0]


class Sort(unittest.TestCase):
    def test_titles_are_as_good_as_names(self):
        for command, name, title in ((["goroutines"], "scheduler_wait", "Sched wait"),
                                     (["goroutines", "--each", "--top=3"], "gc_assist", "GC assist"),
                                     (["unblocks"], "blocked_time", "Blocked"),
                                     (["latency"], "mean", "Mean"),
                                     (["profile", "sched"], "self_share", "Self %")):
            for sign in ("", "-"):
                with self.subTest(command, sign=sign):
                    want = marey(*command, f"--sort={sign}{name}", HTTP)
                    self.assertEqual(want.code, 0)
                    for word in (title, title.lower(), title.upper()):
                        self.assertEqual(marey(*command, f"--sort={sign}{word}", HTTP), want)

    def test_a_number_comes_before_a_text_of_the_same_name(self):
        rows = first_table("unblocks", "--sort=blocked")["rows"]
        times = [row["blocked_time"] for row in rows]
        self.assertEqual(times, sorted(times, reverse=True))
        self.assertGreater(times[0], times[-1])
        texts = [row["blocked"] for row in first_table("unblocks", "--sort=blocked in")["rows"]]
        self.assertEqual(texts, sorted(text for text in texts if text) + [""] * texts.count(""))

    def test_the_order_is_said(self):
        for flag, order in (("--sort=total", "in the order of Total instead, the greatest first."),
                            ("--sort=-total", "in the order of Total instead, the least first."),
                            ("--sort=function", "in the order of Start function instead, from A to Z."),
                            ("--sort=-function", "in the order of Start function instead, from Z to A.")):
            self.assertTrue(first_table("goroutines", flag)["help"].endswith(order), flag)
        for column, order in (("at", "the earliest first."), ("goroutine", "the lowest first.")):
            found = json.loads(marey("latency", f"--sort={column}", "--json", HTTP).out)["tables"]
            worst = next(table for table in found if table["id"] == "worst_latencies")
            self.assertTrue(worst["help"].endswith(order), worst["help"])
        self.assertNotIn("--sort", first_table("goroutines")["help"])

    def test_the_column_is_shown_where_there_is_little_room(self):
        for width in (60, 80, 100):
            shown = marey("unblocks", "--sort=blocked", f"--width={width}", HTTP).out.decode()
            self.assertRegex(shown, "(?m)^Waker .* Blocked( |$)")
            self.assertNotRegex(shown, "no room for .* Blocked[,\n]")

    def test_columns_that_no_table_has(self):
        for word, why in (("Sched wiat", "no table here has a column 'Sched wiat'; did you mean "
                                         "'Sched wait'?"),
                          ("execuiton", "no table here has a column 'execuiton'; did you mean "
                                        "'execution'?")):
            got = marey("goroutines", "--sort", word, HTTP)
            self.assertEqual((got.code, got.out), (2, b""))
            self.assertIn(why, got.err)


if __name__ == "__main__":
    unittest.main()
