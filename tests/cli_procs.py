#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""procs and threads: their times add up, agree with each other and with those of goroutines."""
import json
import os
import unittest

import corpus
from corpus import marey

PARTS = ("busy", "syscall", "without_goroutine", "idle", "unknown")
THREAD_PARTS = ("running", "syscall", "c_calls", "without_goroutine")
HTTP = os.path.join(corpus.ROOT, "examples/http.trace")


def folders():
    """The folders of sound traces."""
    yield os.path.join(corpus.ROOT, "testdata/traces")
    shared = os.path.join(corpus.SHARED, "traces")
    if os.path.isdir(shared):
        yield shared
    else:
        print(f"skipped: there is no {os.path.relpath(shared, corpus.ROOT)}")


def all_traces():
    for folder in folders():
        for name in sorted(os.listdir(folder)):
            if name.endswith(".trace"):
                yield os.path.join(folder, name)


def answer(command, path, *flags):
    return json.loads(marey(command, "--json", *flags, path).out)


def tables(found):
    return {table["id"]: table["rows"] for table in found["tables"]}


def is_v1(found):
    return found["trace"]["format"]["generation"] == "v1"


def duration(found):
    span = found["range"] or {"begin": found["trace"]["first_time"],
                              "end": found["trace"]["last_time"]}
    return span["end"] - span["begin"]


def total(rows, column):
    return sum(row[column] or 0 for row in rows)


class Procs(unittest.TestCase):
    def check_parts(self, found):
        for row in tables(found)["procs"]:
            self.assertEqual(sum(row[part] or 0 for part in PARTS), duration(found), row)
            if is_v1(found):
                self.assertIsNone(row["syscall"])

    def test_parts_add_up_to_the_time(self):
        rows = 0
        for path in all_traces():
            with self.subTest(os.path.basename(path)):
                found = answer("procs", path)
                self.check_parts(found)
                rows += len(tables(found)["procs"])
        self.assertGreater(rows, 200)

    def test_parts_add_up_to_the_time_of_a_range(self):
        for path in all_traces():
            with self.subTest(os.path.basename(path)):
                self.check_parts(answer("procs", path, "--from", "2ms", "--to", "5ms"))

    def test_nothing_is_unknown_of_a_sound_trace(self):
        """But in the time of generations that a flight recorder has only the end of, and of procs
        beyond GOMAXPROCS."""
        for path in all_traces():
            found = answer("procs", path)
            if is_v1(found) or not found["trace"]["health"]["whole"]:
                continue
            with self.subTest(os.path.basename(path)):
                changes = tables(found)["gomaxprocs"]
                if len({row["procs"] for row in changes}) == 1:
                    self.assertEqual(total(tables(found)["procs"], "unknown"), 0)

    def test_procs_are_busy_as_long_as_goroutines_run(self):
        """Each goroutine that runs has a proc. `goroutines` counts of calls from C only the last
        one on each id, as Go does."""
        compared = 0
        for path in all_traces():
            found = answer("procs", path)
            if not found["trace"]["health"]["whole"] or "cgo" in path:
                continue
            with self.subTest(os.path.basename(path)):
                execution = total(tables(answer("goroutines", path))["goroutines"], "execution")
                self.assertEqual(total(tables(found)["procs"], "busy"), execution)
                running = total(tables(answer("threads", path))["threads"], "running")
                # Before Go 1.22 the thread of a proc that was running already is not in the trace.
                (self.assertLessEqual if is_v1(found) else self.assertEqual)(running, execution)
                compared += execution > 0
        self.assertGreater(compared, 50)

    def test_counts_are_those_of_the_events(self):
        for path in all_traces():
            found = answer("procs", path)
            if not found["trace"]["health"]["whole"]:
                continue
            with self.subTest(os.path.basename(path)):
                events = found["trace"]["events_by_type"]
                procs = tables(found)["procs"]
                self.assertEqual(total(procs, "stolen"), events.get("ProcSteal", 0))
                self.assertEqual(total(procs, "goroutine_switches"), events.get("GoStart", 0))

    def test_idle_while_runnable(self):
        """The longest ones are the longest of all, apart, and lie where procs were idle."""
        found_any = 0
        for path in all_traces():
            found = answer("procs", path)
            with self.subTest(os.path.basename(path)):
                summary, = tables(found)["idle_while_runnable"]
                longest = tables(found)["longest_idle_while_runnable"]
                self.assertEqual(len(longest), min(summary["times"], 1000))
                self.assertLessEqual(summary["total"], duration(found))
                self.assertLessEqual(summary["total"], total(tables(found)["procs"], "idle"))
                if len(longest) < 1000:
                    self.assertEqual(total(longest, "duration"), summary["total"])
                spans = sorted((row["at"], row["at"] + row["duration"]) for row in longest)
                for (_, end), (begin, _) in zip(spans, spans[1:]):
                    self.assertLess(end, begin)
                found_any += summary["times"]
        self.assertGreater(found_any, 1000)

    def test_longest_system_calls_are_those_of_the_events(self):
        rows = tables(answer("procs", HTTP, "--from", "1ms"))["proc_syscalls"]
        self.assertEqual([row["kept"] for row in rows],
                         sorted((row["kept"] for row in rows), reverse=True))
        begins = set()
        for line in marey("events", "--json", HTTP).out.splitlines():
            event = json.loads(line)
            if event.get("from") == "Running" and event.get("to") == "Syscall":
                begins.add((event["time"], event["goroutine"], event["proc"]))
        self.assertTrue(rows)
        for row in rows:
            self.assertLessEqual(row["kept"], row["duration"])
            if not row["seen"]:
                self.assertIn((row["at"], row["goroutine"], row["proc"]), begins)

    def test_stuck(self):
        self.assertEqual(tables(answer("procs", HTTP))["stuck_procs"], [])
        rows = tables(answer("procs", HTTP, "--stuck", "20us"))["stuck_procs"]
        self.assertEqual({row["by"] for row in rows}, {"running", "system call"})
        self.assertGreaterEqual(min(row["kept"] for row in rows), 20_000)
        for wrong in ("0s", "100", "-1ms", "soon"):
            self.assertEqual(marey("procs", f"--stuck={wrong}", HTTP).code, 2, wrong)
        self.assertEqual(marey("latency", "--stuck=1ms", HTTP).code, 2)

    def test_one_goroutine(self):
        """What a proc did without it is not told; what it was busy with is."""
        whole = tables(answer("procs", HTTP))["procs"]
        rows = tables(answer("procs", HTTP, "--g", "1"))["procs"]
        self.assertLess(0, total(rows, "busy"))
        self.assertLess(total(rows, "busy"), total(whole, "busy"))
        self.assertEqual({row[key] for row in rows
                          for key in ("without_goroutine", "unknown", "stolen")}, {None})
        self.assertEqual([row["idle"] for row in rows], [row["idle"] for row in whole])

    def test_preemptions_are_those_of_the_events(self):
        for path in all_traces():
            found = answer("procs", path)
            if not found["trace"]["health"]["whole"]:
                continue
            with self.subTest(os.path.basename(path)):
                events = marey("events", "--json", "--kind", "StateTransition", path).out
                # One that the garbage collector stops to scan its stack is Waiting then.
                preempted = sum(event.get("reason") == "preempted" and event["to"] == "Runnable"
                                for event in map(json.loads, events.splitlines()))
                self.assertEqual(total(tables(found)["preemptions"], "preempted"), preempted)

    def test_broken_traces(self):
        folder = os.path.join(corpus.ROOT, "testdata/traces/broken")
        for name in sorted(os.listdir(folder)):
            for command in ("procs", "threads"):
                with self.subTest(name, command=command):
                    got = marey(command, "--json", os.path.join(folder, name))
                    self.assertIn(got.code, (0, 1))
                    for table in json.loads(got.out)["tables"] if got.out else ():
                        for row in table["rows"]:
                            for column in table["columns"]:
                                if column["type"] in ("duration", "count"):
                                    self.assertGreaterEqual(row[column["name"]] or 0, 0)


class Threads(unittest.TestCase):
    def test_parts_add_up_to_the_lifetime(self):
        rows = 0
        for path in all_traces():
            found = answer("threads", path)
            if is_v1(found) or not found["trace"]["health"]["whole"]:
                continue
            with self.subTest(os.path.basename(path)):
                for row in tables(found)["threads"]:
                    self.assertEqual(sum(row[part] for part in THREAD_PARTS), row["lifetime"], row)
                    self.assertEqual(row["last"] - row["first"], row["lifetime"])
                    self.assertLessEqual(row["without_proc"], row["lifetime"])
                    rows += 1
        self.assertGreater(rows, 500)

    def test_threads_are_those_of_the_report(self):
        for path in all_traces():
            found = answer("threads", path)
            if is_v1(found):
                continue
            with self.subTest(os.path.basename(path)):
                counts = json.loads(marey("report", "--json", path).out)["counts"]
                self.assertEqual(len(tables(found)["threads"]), counts["threads"])

    def test_old_traces_say_nothing_of_system_calls(self):
        path = os.path.join(corpus.ROOT, "testdata/traces/cgocall-1.21.trace")
        found = tables(answer("threads", path))
        self.assertTrue(found["threads"])
        for row in found["threads"]:
            self.assertEqual({row["syscall"], row["c_calls"], row["without_proc"]}, {None})
        self.assertEqual(found["c_calls"], [])

    def test_calls_to_c(self):
        path = os.path.join(corpus.ROOT, "testdata/traces/cgocall-1.27.trace")
        found = tables(answer("threads", path))
        calls = {(row["call"], row["caller"]): row for row in found["c_calls"]}
        self.assertEqual(set(calls), {("main._Cfunc_c_then_go", "main.body.func2"),
                                      ("main._Cfunc_quick", "main.body.func2"),
                                      ("main._Cfunc_threads", "main.body")})
        # Threads are in C in these calls, and on the way to and from calls from C.
        in_calls = total(found["c_calls"], "total")
        in_threads = total(found["threads"], "c_calls")
        self.assertLess(in_calls, in_threads)
        self.assertGreater(in_calls, 0)
        http = tables(answer("threads", HTTP))
        self.assertEqual(http["c_calls"], [])
        self.assertEqual(total(http["threads"], "c_calls"), 0)

    def test_same_with_any_number_of_threads(self):
        for name in ("cgocall-1.27", "http-gens-1.27"):
            path = os.path.join(corpus.ROOT, "testdata/traces", name + ".trace")
            for command in ("procs", "threads"):
                with self.subTest(name, command=command):
                    self.assertEqual(answer(command, path, "--threads=1"),
                                     answer(command, path, "--threads=3"))


if __name__ == "__main__":
    unittest.main()
