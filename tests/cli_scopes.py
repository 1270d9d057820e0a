#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""--task and --region: what a part of a trace is that is about tasks or regions, and what is said
of those that the trace does not have."""
import json
import os
import unittest

import corpus
from corpus import marey

HTTP = os.path.join(corpus.ROOT, "examples/http.trace")
IDLE = os.path.join(corpus.ROOT, "testdata/traces/idle-1.27.trace")
# Those that answer a question about all goroutines, or some.
SCOPED = (["goroutines"], ["goroutines", "--each"], ["latency"], ["blocked"], ["unblocks"],
          ["profile", "wall"], ["profile", "sync", "--format=folded"], ["tasks"], ["regions"],
          ["logs"], ["stw"], ["gc"], ["counters"], ["procs"], ["threads"])


def tables(*command, trace=HTTP):
    found = json.loads(marey(*command, "--json", trace).out)
    return {table["id"]: table["rows"] for table in found["tables"]}


def totals(*flags):
    """{goroutine: ns} of what flags ask for."""
    return {row["goroutine"]: row["total"]
            for row in tables("goroutines", "--each", *flags)["each_goroutine"] if row["total"]}


class Scopes(unittest.TestCase):
    def test_every_question_takes_them(self):
        for command in SCOPED:
            for flag in ("--task=handleWork", "--task=107", "--region=roundTrip"):
                with self.subTest(command, flag=flag):
                    got = marey(*command, flag, HTTP)
                    self.assertEqual(got.code, 0)
                    if command == ["goroutines"]:
                        self.assertEqual(got.err, "")

    def test_a_task_is_its_goroutine_from_begin_to_end(self):
        task = next(row for row in tables("tasks")["slowest_tasks"] if row["task"] == 107)
        self.assertEqual(task["goroutine"], task["end_goroutine"])
        self.assertEqual(totals("--task=107")[task["goroutine"]], task["duration"])

    def test_a_type_is_all_its_tasks(self):
        rows = [row for row in tables("tasks")["slowest_tasks"] if row["type"] == "request"]
        self.assertGreater(len(rows), 100)
        self.assertEqual(sum(totals("--task=request").values()),
                         sum(row["duration"] for row in rows))
        self.assertEqual(tables("tasks", "--task=request")["slowest_tasks"], rows)

    def test_they_leave_what_all_flags_ask_for(self):
        of_task = totals("--task=request")
        goroutine = str(next(iter(of_task)))
        self.assertEqual(totals("--task=request", "--g", goroutine),
                         {int(goroutine): of_task[int(goroutine)]})
        info = json.loads(marey("info", "--json", HTTP).out)
        middle = str((info["first_time"] + info["last_time"]) // 2)
        halves = (totals("--task=request", "--to", middle), totals("--task=request", "--from", middle))
        self.assertTrue(all(halves))
        self.assertEqual({each: sum(half.get(each, 0) for half in halves) for each in of_task},
                         of_task)
        # Requests are regions and tasks at once; the regions lie in the tasks.
        both = totals("--task=request", "--region=roundTrip")
        self.assertEqual(both, totals("--region=roundTrip"))
        self.assertLess(sum(both.values()), sum(of_task.values()))
        self.assertEqual(totals("--region=roundTrip", "--func=no such function"), {})

    def test_messages_of_tasks(self):
        every = tables("logs")["logs"]
        types = {row["task"]: row["type"] for row in tables("tasks")["slowest_tasks"]}
        chosen = {types[row["task"]] for row in every if "task" in row and row["task"] in types}
        self.assertTrue(chosen)
        for name in chosen:
            want = [row for row in every if types.get(row.get("task")) == name]
            self.assertEqual(tables("logs", "--task", name)["logs"], want)
            self.assertEqual(tables("logs", "--task", str(want[0]["task"]))["logs"],
                             [row for row in want if row["task"] == want[0]["task"]])

    def test_the_page_of_a_task(self):
        for flag, ids in (("--task=107", ["slowest_tasks"]),
                          ("--task=request", ["tasks", "task_distributions", "task_histogram",
                                              "slowest_tasks"])):
            found = tables("tasks", flag)
            self.assertEqual(list(found), [*ids, "task_events", "subtasks", "each_goroutine",
                                           "task_gc"])
            at = [row["at"] for row in found["task_events"]]
            self.assertEqual(at, sorted(at))
            self.assertEqual([row["what"] for row in found["task_gc"]],
                             ["marking", "stop-the-world", "mark assists", "sweeping"])
            self.assertEqual(sum(row["gc_assist"] for row in found["each_goroutine"]),
                             found["task_gc"][2]["time"])
        events = tables("tasks", "--task=107")["task_events"]
        self.assertEqual((events[0]["what"], events[0]["offset"]), ("task begin", 0))
        self.assertEqual(events[-1]["what"], "task end")
        self.assertEqual(events[-1]["offset"], events[0]["duration"])

    def test_subtasks(self):
        slowest = tables("tasks")["slowest_tasks"]
        parent = next(row["parent"] for row in slowest if row["parent"] is not None)
        children = [row for row in slowest if row["parent"] == parent]
        found = tables("tasks", f"--task={parent}")
        self.assertEqual(found["subtasks"], children)
        begun = [row["subtask"] for row in found["task_events"] if row["what"] == "subtask begin"]
        self.assertEqual(sorted(begun), sorted(row["task"] for row in children))

    def test_the_part_of_a_life(self):
        """The goroutine's row of all that work for the task, and what makes it up."""
        for flag in ("--task=request", "--task=107", "--region=roundTrip"):
            each = tables("goroutines", "--each", flag)["each_goroutine"]
            for row in each[:3]:
                with self.subTest(flag=flag, goroutine=row["goroutine"]):
                    life = tables("goroutine", str(row["goroutine"]), flag)
                    self.assertEqual(life["each_goroutine"], [row])
                    self.assertEqual(sum(state["duration"] for state in life["states"]),
                                     row["total"])
                    whole = tables("goroutine", str(row["goroutine"]))
                    self.assertEqual(life["life"], whole["life"])
                    self.assertLessEqual({wake["at"] for wake in life["wakes"]},
                                         {wake["at"] for wake in whole["wakes"]})
            got = marey("goroutine", "99999", flag, HTTP)
            self.assertEqual(got.code, 0)
            self.assertIn("goroutine 99999 does nothing of what was asked for", got.err)

    def test_what_is_left_out_is_said(self):
        got = marey("tasks", "--task=request", "--top=3", HTTP)
        self.assertRegex(got.out.decode(), r"(?m)^… \d+ more rows$")

    def test_from_a_pipe(self):
        with open(HTTP, "rb") as stream:
            content = stream.read()
        for flag in ("--task=request", "--region=roundTrip"):
            self.assertEqual(marey("goroutines", flag, "--csv", "-", stdin=content),
                             marey("goroutines", flag, "--csv", HTTP))

    def test_what_the_trace_does_not_have(self):
        for flag, why in (("--task=100000", r"there is no task 100000 here; the closest is \d+"),
                          ("--task=requets", "no task here is of the type 'requets'; did you mean "
                                             "'request'\\?"),
                          ("--task=Qx", "no task here is of the type 'Qx'; there are client-0, "),
                          ("--region=roundtrip", "no region here has the name 'roundtrip'; did you "
                                                 "mean 'roundTrip'\\?"),
                          ("--region=Qx", "no region here has the name 'Qx'; there are ")):
            for command in SCOPED:
                if command[0] in ("gc", "counters"):
                    continue  # these have tables of what belongs to no goroutine
                with self.subTest(command, flag=flag):
                    got = marey(*command, flag, HTTP)
                    self.assertEqual(got.code, 0)
                    self.assertRegex(got.err, rf"^marey: {HTTP}: {why}")
                    self.assertEqual(got.err.count("\n"), 1)
        for rows in tables("tasks", "--task=100000").values():
            self.assertEqual(rows, [])
        got = marey("tasks", "--task=3", IDLE)
        self.assertEqual((got.code, got.err),
                         (0, f"marey: {IDLE}: there is no task 3 here; the trace has no tasks\n"))

    def test_goroutines_that_are_not_there(self):
        for flag, why in (("--g=1,99999", "there is no goroutine 99999 here"),
                          ("--g=1,99999,88888", "there are no goroutines 88888, 99999 here"),
                          ("--g=99999", "there is nothing to tell of goroutine 99999 here")):
            for command in (["goroutines"], ["goroutines", "--each"], ["latency"]):
                with self.subTest(command, flag=flag):
                    got = marey(*command, flag, HTTP)
                    self.assertEqual(got.code, 0)
                    self.assertRegex(got.err, rf"^marey: {HTTP}: {why}; 'marey goroutines")
        # Those that are there are not missing because they do nothing in this time.
        self.assertEqual(marey("goroutines", "--g=1,34", "--to=1us", HTTP).err, "")

    def test_assists_agree(self):
        """Whoever is asked for; those that the trace's ends cut are in no table of places."""
        trace = os.path.join(corpus.ROOT, "testdata/traces/gcstorm-1.25.trace")
        each = [f"--g={row['goroutine']}" for row in
                tables("goroutines", "--each", trace=trace)["each_goroutine"] if row["gc_assist"]]
        self.assertGreater(len(each), 1)
        for flags in ([], *([flag] for flag in each)):
            with self.subTest(flags=flags):
                found = tables("gc", *flags, trace=trace)
                for column, other in (("assists", "assists"), ("assist", "total")):
                    self.assertEqual(sum(row[column] or 0 for row in found["gc_cycles"]),
                                     sum(row[other] for row in found["mark_assists"]))

    def test_what_makes_no_sense(self):
        for command in ("mmu", "report", "info"):
            for flag in ("--task=1", "--region=x"):
                got = marey(command, flag, HTTP)
                self.assertEqual((got.code, got.out), (2, b""), (command, flag))
        self.assertEqual(marey("goroutine", "1", "--g=1", HTTP).code, 2)
        for flag in ("--task=", "--region=", "--task=-5"):
            got = marey("goroutines", flag, HTTP)
            self.assertEqual((got.code, got.out), (2, b""))
            self.assertIn("takes", got.err)
        self.assertIn("the number of a task, 1 or greater, or a type of tasks, not '-5'",
                      marey("tasks", "--task", "-5", HTTP).err)

    def test_threads_say_whose_time_is_whose(self):
        for flag in ("--task=handleWork", "--func=main", "--g=1"):
            self.assertIn("No goroutine is all else, also what the thread did for others;",
                          " ".join(marey("threads", flag, HTTP).out.decode().split()))
        self.assertNotIn("for others", marey("threads", HTTP).out.decode())

    def test_what_of_a_range_goes_beyond_it_is_said(self):
        sentence = "Of what goes beyond the time that was asked for, sums have the part within;"
        for command in (["report"], ["latency"], ["stw"], ["profile", "wall"]):
            self.assertIn(sentence, marey(*command, "--from=2ms", HTTP).out.decode())
            self.assertNotIn(sentence, marey(*command, HTTP).out.decode())
        self.assertNotIn(sentence, marey("latency", "--from=1h", HTTP).out.decode())


if __name__ == "__main__":
    unittest.main()
