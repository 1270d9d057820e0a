#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""logs: the messages of runtime/trace.Log, all of them and some."""
import json
import os
import unittest

import corpus
from corpus import last_line, marey

HTTP = os.path.join(corpus.ROOT, "examples/http.trace")
IDLE = os.path.join(corpus.ROOT, "testdata/traces/idle-1.27.trace")


def messages(*flags):
    found = json.loads(marey("logs", "--json", *flags, HTTP).out)
    return [(row["at"], row["goroutine"], row["task"] or 0, row["category"], row["message"])
            for row in found["tables"][0]["rows"]]


def events(*flags):
    lines = marey("events", "--json", "--kind=Log", *flags, HTTP).out.splitlines()
    return [(event["time"], event["goroutine"], event.get("task", 0), event["category"],
             event["message"]) for event in map(json.loads, lines)]


class Logs(unittest.TestCase):
    def test_all(self):
        self.assertGreater(len(events()), 100)
        self.assertEqual(messages(), events())

    def test_some(self):
        everything = events()
        task = next(event[2] for event in everything if event[2])
        for flags, wanted in (
                ((f"--task={task}",), lambda event: event[2] == task),
                (("--category=fill",), lambda event: event[3] == "fill"),
                (("--category=Fill",), lambda event: False),
                (("--grep=^fill.*[0-9]+",), lambda event: event[4].startswith("fill")),
                (("--category=key", "--grep=9"),
                 lambda event: event[3] == "key" and "9" in event[4])):
            self.assertEqual(messages(*flags), list(filter(wanted, everything)), flags)
        self.assertEqual(messages("--from=5ms", "--to=8ms"), events("--from=5ms", "--to=8ms"))

    def test_none(self):
        got = marey("logs", IDLE)
        self.assertEqual((got.code, got.out), (0, b"Nothing to show: Messages\n"))
        self.assertIn("there is no such message here", last_line(got.err))
        got = marey("logs", "--grep=filled [", HTTP)
        self.assertEqual((got.code, got.out), (2, b""))
        self.assertIn("--grep takes a regular expression as Go has them, not 'filled ['", got.err)


if __name__ == "__main__":
    unittest.main()
