#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""report: its figures against those of other commands and of each other, and its documentation."""
import json
import os
import re
import tempfile
import unittest

import compare_pprof
import corpus
from corpus import marey, traces

HTTP = os.path.join(corpus.ROOT, "examples/http.trace")
PARTS = ("execution", "network_wait", "sync_block", "other_wait", "syscall", "syscall_block",
         "scheduler_wait", "unknown")


def report(path, *flags):
    return json.loads(marey("report", "--json", *flags, path).out)


def tables(found):
    return {table["id"]: table for table in found["tables"]}


class Report(unittest.TestCase):
    def test_begins_with_the_facts_of_info(self):
        for trace in traces("testdata"):
            with self.subTest(trace.name):
                info = json.loads(marey("info", "--json", trace.path).out)
                found = report(trace.path)
                self.assertEqual(found["schema"], "marey.report/1")
                self.assertEqual(found["trace"],
                                 {k: v for k, v in info.items() if k not in ("schema", "marey")})

    def test_parts_add_up_to_the_total(self):
        hidden = 0
        broken = os.path.join(corpus.ROOT, "testdata/traces/broken")
        for path in (*(trace.path for trace in traces("testdata")),
                     *(os.path.join(broken, name) for name in sorted(os.listdir(broken)))):
            got = marey("report", "--json", path).out
            if not got:
                continue
            found = json.loads(got)
            with self.subTest(os.path.basename(path)):
                for row in tables(found)["goroutines"]["rows"] if found["tables"] else ():
                    self.assertEqual(sum(row[part] for part in PARTS), row["total"], row)
                    if found["trace"]["health"]["whole"]:
                        self.assertEqual(row["unknown"], 0)
                    hidden += row["unknown"]
        self.assertGreater(hidden, 0)

    def test_profiles_hold_no_more_than_the_goroutines_table(self):
        """Both leave out what begins or ends with a guess; the table alone has what the trace's
        begin or end cuts off."""
        parts = {"sync": ("sync_block",), "net": ("network_wait",), "sched": ("scheduler_wait",),
                 "syscall": ("syscall", "syscall_block")}
        broken = os.path.join(corpus.ROOT, "testdata/traces/broken")
        held = 0
        for path in (*(trace.path for trace in traces("testdata") if "cgo" in trace.name),
                     *(os.path.join(broken, name) for name in sorted(os.listdir(broken)))):
            got = marey("report", "--json", path).out
            found = json.loads(got) if got else {"tables": []}
            for kind, columns in parts.items() if found["tables"] else ():
                with self.subTest(os.path.basename(path), kind=kind):
                    _, profile = compare_pprof.load(marey(f"-pprof={kind}", path).out)
                    time = sum(value[1] for value in profile.values())
                    rows = tables(found)["goroutines"]["rows"]
                    self.assertLessEqual(time, sum(row[key] for row in rows for key in columns))
                    held += time
        self.assertGreater(held, 0)

    def test_a_cut_trace_claims_nothing_that_the_whole_one_does_not(self):
        """Where the file ends, threads' batches are missing: what was put into order by force must
        not become a latency or a pause. Times may be wrong by what Ordering::is_late() lets pass."""
        tolerance = 25_000  # ns
        claims = 0
        for trace in traces("testdata"):
            if not re.search(r"-1\.2[2-9]$", trace.name):  # v2
                continue
            whole = tables(report(trace.path))
            with open(trace.path, "rb") as file:
                raw = file.read()
            for share in (0.25, 0.5, 0.75):
                with self.subTest(trace.name, share=share), tempfile.NamedTemporaryFile() as cut:
                    cut.write(raw[:int(len(raw) * share)])
                    cut.flush()
                    found = tables(report(cut.name))
                    for table, key in (("worst_latencies", "latency"), ("worst_pauses", "pause")):
                        true = [(row["goroutine"], row["at"], row[key])
                                for row in whole[table]["rows"]]
                        # The table has 1,000 rows at most.
                        least = true[-1][2] + tolerance if len(true) == 1000 else 0
                        for row in found[table]["rows"]:
                            if row[key] <= least:
                                continue
                            claims += 1
                            self.assertTrue(any(
                                goroutine == row["goroutine"] and abs(at - row["at"]) < tolerance
                                and abs(took - row[key]) < tolerance
                                for goroutine, at, took in true), row)
        self.assertGreater(claims, 1000)

    def test_same_with_any_number_of_threads(self):
        for trace in traces("testdata"):
            with self.subTest(trace.name):
                self.assertEqual(report(trace.path, "--threads=1"), report(trace.path, "--threads=3"))

    def test_counts(self):
        for trace in traces("testdata"):
            with self.subTest(trace.name):
                found = report(trace.path)
                kinds = found["trace"]["events_by_kind"]
                counts = found["counts"]
                for key, kind in (("tasks", "TaskBegin"), ("regions", "RegionBegin"),
                                  ("logs", "Log"), ("cpu_samples", "StackSample")):
                    self.assertEqual(counts[key], kinds.get(kind, 0), key)
                rows = tables(found)["goroutines"]["rows"]
                self.assertEqual(sum(row["goroutines"] for row in rows), counts["goroutines"])
                self.assertGreaterEqual(counts["goroutines"], counts["goroutines_most"] // 2)

    def test_evidence_leads_to_the_events(self):
        for row in tables(report(HTTP))["worst_latencies"]["rows"]:
            evidence = row["evidence"]
            self.assertEqual(evidence["end"] - evidence["begin"], row["latency"])
            got = marey("events", "--json", "--g", str(row["goroutine"]),
                        "--from", str(evidence["begin"]), "--to", str(evidence["end"] + 1), HTTP)
            states = [(event["time"], event["to"]) for event in
                      map(json.loads, got.out.splitlines())
                      if event["kind"] == "StateTransition" and
                      event["resource"] == {"kind": "Goroutine", "id": row["goroutine"]}]
            self.assertIn((evidence["begin"], "Runnable"), states)
            self.assertIn((evidence["end"], "Running"), states)

    def test_tables_of_commands_are_theirs(self):
        """Also where a range begins or ends within tasks; the report leaves some columns out."""
        seen = {"tasks": 0, "blocked_at_end": 0, "cpu": 0}
        for name in ("bursts-gens-1.27", "cpuprof-1.25", "http-1.19", "http-gens-1.27",
                     "flightrec-1.27", "broken/cut-third-1.27", "broken/patched-5-1.27"):
            path = os.path.join(corpus.ROOT, f"testdata/traces/{name}.trace")
            if not os.path.exists(path):
                continue
            facts = json.loads(marey("info", "--json", path).out)
            first, last = facts["first_time"], facts["last_time"]
            third = (last - first) // 3
            for flags in ((), ("--from", str(first + third), "--to", str(last - third)),
                          ("--to", str(first + third)), ("--from", str(last - third))):
                found = tables(report(path, *flags))
                for table, command in (("tasks", ("tasks", "--table=tasks")),
                                       ("blocked_at_end", ("blocked", "--table=blocked_at_end")),
                                       ("cpu", ("profile", "cpu"))):
                    if table == "tasks" and flags and "broken" in name:
                        continue  # which of those that are open at the end may have ended before
                    with self.subTest(name, table=table, flags=flags):
                        rows = json.loads(marey(*command, "--json", *flags, path).out)["tables"][0]
                        columns = [column["name"] for column in found[table]["columns"]]
                        picked = [{key: row[key] for key in (*columns, "evidence") if key in row}
                                  for row in rows["rows"]]
                        self.assertEqual(found[table]["rows"], picked)
                        seen[table] += len(picked)
        self.assertTrue(all(count > 10 for count in seen.values()), seen)

    def test_charts(self):
        for chart in report(HTTP)["charts"]:
            self.assertEqual(len(chart["values"]), 240)
            self.assertTrue(all(0 <= value < 100 for value in chart["values"]), chart["id"])
        procs = [c for c in report(HTTP)["charts"] if c["id"] == "procs_running"][0]
        self.assertLessEqual(max(procs["values"]), report(HTTP)["counts"]["gomaxprocs"])

    def test_a_range_of_time_has_its_part_of_everything(self):
        whole = report(HTTP)
        first, last = whole["trace"]["first_time"], whole["trace"]["last_time"]
        middle = (first + last) // 2
        parts = [report(HTTP, "--to", str(middle)), report(HTTP, "--from", str(middle))]
        self.assertIsNone(whole["range"])
        self.assertEqual([part["range"] for part in parts],
                         [{"begin": first, "end": middle}, {"begin": middle, "end": last}])
        for part in parts:
            self.assertEqual(part["trace"], whole["trace"])
            counts = part["counts"]
            self.assertEqual(counts["gomaxprocs"], whole["counts"]["gomaxprocs"])
            self.assertGreater(counts["goroutines_most"], 0)
            self.assertLessEqual(counts["goroutines_most"], whole["counts"]["goroutines_most"])
            self.assertLess(counts["goroutines"], whole["counts"]["goroutines"])
            rows = tables(part)["goroutines"]["rows"]
            self.assertEqual(sum(row["goroutines"] for row in rows), counts["goroutines"])
            for chart in part["charts"]:
                self.assertEqual((chart["begin"], chart["end"]), tuple(part["range"].values()))
        for key in ("goroutines_created", "tasks", "regions", "logs", "cpu_samples"):
            self.assertEqual(sum(part["counts"][key] for part in parts), whole["counts"][key], key)
        for part in PARTS:
            self.assertEqual(sum(row[part] for half in parts
                                 for row in tables(half)["goroutines"]["rows"]),
                             sum(row[part] for row in tables(whole)["goroutines"]["rows"]), part)

    def test_the_range_of_all_is_all(self):
        for trace in traces("testdata"):
            with self.subTest(trace.name):
                whole = report(trace.path)
                first, last = whole["trace"]["first_time"], whole["trace"]["last_time"]
                found = report(trace.path, "--from", str(first), "--to", str(last + 1))
                self.assertEqual(found.pop("range"), {"begin": first, "end": last})
                whole.pop("range")
                self.assertEqual(found["counts"], whole["counts"])

    def test_an_empty_range_is_said(self):
        got = marey("report", "--from", "1h", HTTP)
        self.assertEqual(got.code, 0)
        self.assertIn("before --from", got.err)
        self.assertRegex(got.out.decode(), r"(?m)^range +none of the trace$")
        self.assertEqual(marey("report", "--from", "2s", "--to", "1s", HTTP).code, 2)

    def test_says_how_to_read_each_table(self):
        shown = " ".join(marey("report", "--width", "80", HTTP).out.decode().split())
        for table in report(HTTP)["tables"]:
            self.assertRegex(table["reading"], r"^[A-Z][^.]*([.]\w[^.]*)*\.$")  # one sentence
            has_rows = any(value for row in table["rows"] for value in row.values())
            self.assertEqual(shown.count(table["reading"]), 1 if has_rows else 0, table["id"])

    def test_schema_is_documented(self):
        with open(os.path.join(corpus.ROOT, "docs/report-schema.md"), encoding="utf-8") as text:
            documented = text.read()
        found = report(HTTP)
        rows = dict(re.findall(r"(?m)^\| (`.*?) \| (`.*) \|$", documented))
        columns = {name: re.findall(r"`(\w+)`", cell) for names, cell in rows.items()
                   for name in re.findall(r"`(\w+)`", names)}
        for table in found["tables"]:
            self.assertEqual([column["name"] for column in table["columns"]], columns[table["id"]])
        for key in (*found, *found["counts"], *(chart["id"] for chart in found["charts"])):
            self.assertIn(f"`{key}`", documented)

    def test_text_fits_its_width(self):
        for width in (40, 60, 80, 100, 140):
            shown = marey("report", "--width", str(width), HTTP).out.decode()
            lines = shown.split("\n\n", 1)[1].splitlines()  # behind the facts
            self.assertLessEqual(max(map(len, lines)), width)

    def test_what_rows_are_about_and_the_first_number_always_have_room(self):
        shown = marey("report", "--width", "40", HTTP).out.decode()
        table = re.search(r"(?ms)^Waiting by start function and reason\n.*?\n\n", shown)[0]
        self.assertRegex(table, r"(?m)^Start function +Reason +Time$")
        self.assertNotIn("no room", table)

    def test_json_has_all_rows(self):
        found = report(HTTP)
        self.assertEqual(found, report(HTTP, "--top", "1000000"))
        self.assertEqual({table["omitted_rows"] for table in found["tables"]}, {0})
        self.assertGreater(len(tables(found)["goroutine_waits"]["rows"]), 10)
        # For people there are ten.
        shown = marey("report", HTTP).out.decode()
        more = len(tables(found)["goroutine_waits"]["rows"]) - 10
        self.assertRegex(shown, rf"(?m)^(…|\.\.\.) {more} more rows$")

    def test_tables_without_rows_are_named_at_the_end(self):
        path = os.path.join(corpus.ROOT, "testdata/traces/idle-1.27.trace")
        found = report(path)
        empty = [table["title"] for table in found["tables"]
                 if not any(value for row in table["rows"] for value in row.values())]
        self.assertIn("Garbage collection", empty)  # zeros
        self.assertIn("Waiting for the network", empty)  # no rows
        paragraphs = marey("report", path).out.decode().split("\n\n")
        self.assertIn("Nothing to show: " + "; ".join(empty), map(str.rstrip, paragraphs))
        titles = [paragraph.splitlines()[0] for paragraph in paragraphs]
        for table in found["tables"]:
            self.assertEqual(table["title"] in titles, table["title"] not in empty)

    def test_damage_may_have_taken_what_a_table_would_show(self):
        path = os.path.join(corpus.ROOT, "testdata/traces/broken/cut-third-1.21.trace")
        self.assertIn("\n\nNothing to show, in what damage has left: ",
                      marey("report", path).out.decode())

    def test_health_fits_its_width(self):
        path = os.path.join(corpus.ROOT, "testdata/traces/broken/cut-third-1.27.trace")

        def health(command, *flags):
            shown = marey(command, *flags, path).out.decode()
            return re.search(r"(?ms)^health.*?(?=^$|\Z)", shown)[0].splitlines()

        for command in ("report", "info"):
            whole = health(command)
            self.assertGreater(max(map(len, whole)), 150)
            for width in (40, 80, 100):
                with self.subTest(command, width=width):
                    lines = health(command, "--width", str(width))
                    self.assertLessEqual(max(map(len, lines)), width)
                    for line in lines[1:]:
                        self.assertRegex(line, "^  (damage: |  )[^ ]")
                    self.assertEqual(" ".join("\n".join(lines).split()),
                                     " ".join("\n".join(whole).split()))

    def test_guessed_events_are_counted_and_marked(self):
        folder = os.path.join(corpus.ROOT, "testdata/traces/broken")
        most = 0
        for name in sorted(os.listdir(folder)):
            path = os.path.join(folder, name)
            events = marey("events", "--json", path)
            if events.code != 0:
                continue
            with self.subTest(name):
                marked = [event for line in events.out.splitlines()
                          if (event := json.loads(line)).get("guessed")]
                health = json.loads(marey("info", "--json", path).out)["health"]
                self.assertEqual(health["guessed_events"], len(marked))
                self.assertEqual(health["first_guess"], marked[0]["time"] if marked else None)
                lines = marey("events", path).out.splitlines()
                self.assertEqual(sum(b"  (guessed) " in line for line in lines),
                                 len(marked))
                shown = marey("info", path).out
                self.assertEqual(b" events is a guess, from " in shown, bool(marked))
                most = max(most, len(marked))
        self.assertGreater(most, 10)

    def test_lost_ids_are_counted_once(self):
        path = os.path.join(corpus.ROOT, "testdata/traces/broken/cut-third-1.27.trace")
        defects = {defect["id"]: defect
                   for defect in json.loads(marey("info", "--json", path).out)["health"]["defects"]}
        stacks = {line.split("found invalid stack ID ")[1]
                  for line in (first["detail"] for first in defects["unknown-stack"]["first"])}
        self.assertEqual(len(stacks), len(defects["unknown-stack"]["first"]))
        self.assertLess(defects["unknown-stack"]["count"], 200)

    def test_top(self):
        found = json.loads(marey("report", "--json", "--top", "2", HTTP).out)
        whole = tables(report(HTTP))
        for table in found["tables"]:
            rows = whole[table["id"]]["rows"]
            is_summary = table["id"] in ("scheduler_latency", "stop_the_world")
            self.assertEqual(table["rows"], rows if is_summary else rows[:2])
            self.assertEqual(table["omitted_rows"],
                             len(rows) + whole[table["id"]]["omitted_rows"] - len(table["rows"]))

    def test_nothing_but_a_header(self):
        path = os.path.join(corpus.ROOT, "testdata/traces/broken")
        for name in sorted(os.listdir(path)):
            if not name.endswith(".trace"):
                continue
            with self.subTest(name):
                got = marey("report", "--json", os.path.join(path, name))
                self.assertIn(got.code, (0, 1))
                if got.out:
                    json.loads(got.out)


if __name__ == "__main__":
    unittest.main()
