#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""info and events: what they print, and that their ways of saying it agree with each other."""
import collections
import decimal
import json
import os
import re
import unittest

import corpus
from corpus import marey, parsed_events, traces

TRACES = os.path.join(corpus.ROOT, "testdata/traces")
GENS = os.path.join(TRACES, "http-gens-1.27.trace")
SAMPLE = ("http-gens-1.27", "http-1.21", "cpuprof-1.25", "allocfree-1.26", "idle-empty-1.19",
          "gcstorm-gens-1.24", "names-1.26", "flightrec-1.27")


def path_of(name):
    return os.path.join(TRACES, name + ".trace")


def run(test, *args):
    got = marey(*args)
    test.assertEqual((got.code, got.err), (0, ""), args)
    return got.out.decode("utf-8")  # strictly: what is printed is valid UTF-8


def events(test, *args):
    return [json.loads(line) for line in run(test, "events", "--json", *args).splitlines()]


class Info(unittest.TestCase):
    def test_json_and_text_and_count_agree(self):
        for trace in traces("testdata"):
            with self.subTest(trace.name):
                got = marey("info", "--json", trace.path)
                self.assertEqual(got.code, 0)
                info = json.loads(got.out)
                self.assertEqual(info["schema"], "marey.info/1")
                self.assertEqual(info["file"], trace.path)
                self.assertEqual(info["bytes"], os.path.getsize(trace.path))
                self.assertEqual(info["duration"], info["last_time"] - info["first_time"])
                self.assertEqual(sum(info["events_by_kind"].values()), info["events"])
                with open(trace.path, "rb") as stream:
                    header = stream.read(16).split(b" trace")[0].decode()
                self.assertEqual(info["format"]["header"], header)
                writer = re.search(r"-(1\.\d+)", trace.name)[1]
                self.assertIn(writer, " ".join(info["format"]["written_by"]).replace(
                    "1.11 to 1.18", ""))
                self.assertEqual(info["format"]["generation"],
                                 "v1" if float(header[5:]) < 22 else "v2")
                if trace.status["parsed.txt"].code == 0:
                    self.assertEqual(info["events"],
                                     parsed_events(corpus.golden(trace, "parsed.txt")))
                    # What the program does wrong with its regions is no damage.
                    self.assertEqual([defect for defect in info["health"]["defects"]
                                      if defect["severity"] != "misuse"], [])

                text = marey("info", trace.path).out.decode()
                self.assertRegex(text, rf"(?m)^events +{info['events']:,}$")
                self.assertRegex(text, rf"(?m)^format +{re.escape(header)} \(")
                count = json.loads(marey("events", "--count", "--json", trace.path).out)
                for key in ("events", "generations", "bytes", "events_by_kind"):
                    self.assertEqual(count[key], info[key])

    def test_duration_in_full(self):
        for trace in traces("testdata"):
            with self.subTest(trace.name):
                duration = json.loads(marey("info", "--json", trace.path).out)["duration"]
                for command in ("info", "report"):
                    shown = re.search(r"(?m)^duration +(\S+)(?: \(([\d.]+)s\))?$",
                                      marey(command, trace.path).out.decode())
                    unit = re.sub(r"[\d.]", "", shown[1])
                    exact = shown[2] or re.sub("[^\\d.]", "", shown[1])
                    factor = {"s": 10**9, "ms": 10**6, "µs": 10**3, "ns": 1}[
                        "s" if shown[2] else unit]
                    self.assertEqual(round(decimal.Decimal(exact) * factor), duration)

    def test_wall_clock(self):
        info = json.loads(run(self, "info", "--json", GENS))
        self.assertRegex(info["wall_start"], r"^2026-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$")
        self.assertRegex(run(self, "info", GENS), r"(?m)^started +2026-")
        self.assertIsNone(json.loads(run(self, "info", "--json", path_of("http-1.21")))["wall_start"])

    def test_generations(self):
        info = json.loads(run(self, "info", "--json", GENS))
        syncs = [e for e in events(self, GENS) if e["kind"] == "Sync"]
        self.assertEqual(info["generations"], len(syncs) - 1)

    def test_health(self):
        path = os.path.join(TRACES, "broken", "cut-third-1.27.trace")
        info = json.loads(run(self, "info", "--json", path))
        self.assertFalse(info["health"]["whole"])
        defect = info["health"]["defects"][0]
        self.assertEqual((defect["id"], defect["severity"], defect["count"]),
                         ("truncated-file", "damage", 1))
        self.assertEqual(defect["first"][0]["detail"],
                         "failed to read full batch: read 8420 but wanted 17302")
        self.assertEqual(info["health"]["bytes_lost"],
                         sum(defect["bytes_lost"] for defect in info["health"]["defects"]))
        text = run(self, "info", path)
        self.assertIn("  damage: " + defect["sentence"], text)
        total = sum(defect["count"] for defect in info["health"]["defects"])
        self.assertRegex(text, rf"(?m)^health +{total:,} defects$")
        self.assertRegex(run(self, "info", os.path.join(TRACES, "broken", "tail-zeros-1.27.trace")),
                         r"(?m)^health +1 defect$")
        self.assertRegex(run(self, "info", GENS), r"(?m)^health +whole$")


class Profiles(unittest.TestCase):
    def test_an_empty_one_is_remarked_on(self):
        path = path_of("idle-1.27")
        tables = {table["id"]: table["rows"]
                  for table in json.loads(marey("report", "--json", path).out)["tables"]}
        for kind, what in (("net", "waits for the network"), ("syscall", "system calls"),
                           ("sync", "waits for channels, locks or select"),
                           ("sched", "waits to run")):
            got = marey(f"-pprof={kind}", path)
            self.assertEqual((got.code, got.out[:2]), (0, b"\x1f\x8b"))
            want = (f"marey: {path}: the profile is empty: the trace has no finished {what}\n"
                    if not tables[kind] else "")
            self.assertEqual(got.err, want)
        self.assertEqual(tables["net"], [])


class Events(unittest.TestCase):
    def test_json_text_and_parsed_have_the_same_events(self):
        for name in SAMPLE:
            with self.subTest(name):
                path = path_of(name)
                listed = events(self, path)
                kinds = collections.Counter(event["kind"] for event in listed)
                self.assertEqual(kinds, json.loads(marey(
                    "events", "--count", "--json", path).out)["events_by_kind"])
                text = run(self, "events", path).splitlines()
                self.assertEqual(len(text), len(listed))
                for line, event in zip(text, listed):
                    self.assertEqual(line.split()[1], event["kind"])
                    seconds = (event["time"] - listed[0]["time"]) / 1e9
                    self.assertAlmostEqual(float(line.split()[0]), seconds, places=8)
                parsed = re.findall(rb"^M=(-?\d+) P=(-?\d+) G=(-?\d+) (\w+) Time=(-?\d+)",
                                    marey("-d=parsed", path).out, re.M)
                self.assertEqual(
                    [tuple(int(x) for x in (m, p, g, t)) for m, p, g, _, t in parsed],
                    [(e.get("thread", -1), e.get("proc", -1), e.get("goroutine", -1), e["time"])
                     for e in listed])

    def test_stacks(self):
        plain = run(self, "events", GENS)
        stacks = run(self, "events", "--stacks", GENS)
        self.assertGreater(len(stacks), 2 * len(plain))
        self.assertEqual([line for line in stacks.splitlines() if re.match(r" +\d+\.\d{9}  ", line)],
                         plain.splitlines())
        self.assertIn("net/http.(*conn).serve", stacks)

    def test_time_range(self):
        listed = events(self, GENS)
        start = listed[0]["time"]
        for begin, end in ((0, 5_000_000), (5_000_000, 7_500_000), (0, 1)):
            want = [e for e in listed if begin <= e["time"] - start < end]
            self.assertEqual(events(self, f"--from={begin}ns", f"--to={end}ns", GENS), want)
            self.assertEqual(events(self, f"--from={start + begin}", f"--to={start + end}", GENS),
                             want)
        self.assertEqual(events(self, "--from=5ms", "--to", "7.5ms", GENS),
                         events(self, "--from=5000us", "--to", "7500000ns", GENS))
        # Ranges side by side are the whole.
        self.assertEqual(events(self, "--to=6ms", GENS) + events(self, "--from=6ms", GENS), listed)

    def test_times_as_printed_can_be_given_back(self):
        lines = run(self, "events", GENS).splitlines()
        for number in (1, len(lines) // 2, len(lines) - 1):
            time = lines[number].split()[0]
            self.assertEqual(run(self, "events", "--from", time, GENS).splitlines(), lines[number:])
            self.assertEqual(run(self, "events", "--to", time, GENS).splitlines(), lines[:number])

    def test_selections_without_events_are_explained(self):
        info = json.loads(run(self, "info", "--json", GENS))
        start, end = info["first_time"], info["last_time"]

        def taken_for(number):
            return (f"is taken for {number} ns on the trace's clock, where the trace begins at "
                    f"{start}; for seconds write {number}s")

        for flags, why in ((["--from=1h"], rf"no events: the trace ends at \d+ms \({end} ns on its "
                            "clock\\), before --from"),
                           (["--to=0"], "no events: --to is no later than the trace's first event"),
                           (["--to=5"], f"no events: --to 5 {taken_for(5)}"),
                           (["--from=2", "--to=3"], f"no events: --to 3 {taken_for(3)}"),
                           (["--from=1h", "--to=5"], f"no events: --to 5 {taken_for(5)}"),
                           (["--from=1h", f"--to={start + 9000}"],
                            "no events between --from and --to"),
                           (["--from=1ns", "--to=2ns"], "no events between --from and --to"),
                           (["--g=99999"], "no events of goroutine 99999"),
                           (["--kind=experimental,rangeACTIVE"], "no RangeActive or Experimental events"),
                           (["--kind=log", "--g=99999", "--to=5ms"],
                            "no Log events of goroutine 99999 in this time"),
                           (["--g=99999", "--to=5ms"], "no events of goroutine 99999 in this time")):
            for form in ([], ["--json"]):
                with self.subTest(flags, form=form):
                    got = marey("events", *form, *flags, GENS)
                    self.assertEqual((got.code, got.out), (0, b""))
                    self.assertRegex(got.err, rf"^marey: {re.escape(GENS)}: {why}\n$")

    def test_a_whole_number_before_the_trace_is_remarked_on(self):
        start = json.loads(run(self, "info", "--json", GENS))["first_time"]
        for form in (["--json"], ["--stacks"], ["--count"]):
            want = marey("events", *form, "--from=0", GENS)
            self.assertEqual((want.code, want.err), (0, ""))
            got = marey("events", *form, "--from", "2", GENS)
            self.assertEqual((got.code, got.out), (0, want.out))
            self.assertEqual(got.err, f"marey: {GENS}: --from 2 is taken for 2 ns on the trace's "
                             f"clock, where the trace begins at {start}; for seconds write 2s\n")
        # Nobody means so many seconds.
        got = marey("events", f"--from={start - 1}", GENS)
        self.assertRegex(got.err, rf"^marey: .* where the trace begins at {start}\n$")

    def test_what_lines_say(self):
        for name in SAMPLE:
            lines = run(self, "events", path_of(name)).splitlines()
            for line, event in zip(lines, events(self, path_of(name))):
                frames = event.get("transition_stack", [])
                if event["kind"] == "StackSample" and event.get("stack"):
                    self.assertEqual(line.split()[-1], event["stack"][0]["function"])
                if event.get("from") == "NotExist" and frames:
                    self.assertTrue(line.endswith(f"-> {event['to']}, {frames[-1]['function']}"))

    def test_what_happened_stands_in_one_column(self):
        lines = run(self, "events", GENS).splitlines()
        for line, event in zip(lines, events(self, GENS)):
            words = ([f"G{event['goroutine']}"] if "goroutine" in event else [],
                     [f"P{event['proc']}"] if "proc" in event else [],
                     [f"M{event['thread']}"] if "thread" in event else [])
            self.assertEqual((line[33:40].split(), line[40:45].split(), line[45:54].split()), words)
            self.assertEqual(line[54:56].strip(), "")
            self.assertNotEqual(line[56:57], " ")

    def test_goroutine(self):
        listed = events(self, GENS)

        def concerns(event, goroutine):
            resource = event.get("resource", {})
            return (event.get("goroutine") == goroutine
                    or (event["kind"] != "Experimental" and resource.get("kind") == "Goroutine"
                        and resource["id"] == goroutine))

        for goroutine in (1, 34):
            want = [e for e in listed if concerns(e, goroutine)]
            for spelling in (f"--g={goroutine}", f"--g=G{goroutine}", f"--g=g{goroutine}"):
                self.assertEqual(events(self, spelling, GENS), want)
        want = [e for e in listed if concerns(e, 1) and e["time"] - listed[0]["time"] < 3_000_000]
        self.assertEqual(events(self, "--g", "1", "--to", "3ms", GENS), want)

    def test_kind(self):
        for path in (GENS, path_of("names-1.26")):
            listed = events(self, path)
            lines = run(self, "events", path).splitlines()
            stacks = run(self, "events", "--stacks", path)
            for spelling, kinds in (("Log", ["Log"]), ("statetransition", ["StateTransition"]),
                                    ("TaskBegin,LOG,TaskEnd", ["TaskBegin", "Log", "TaskEnd"]),
                                    ("Sync,Metric", ["Sync", "Metric"])):
                with self.subTest(path, spelling=spelling):
                    flag = f"--kind={spelling}"
                    want = [event for event in listed if event["kind"] in kinds]
                    if not want:
                        continue
                    self.assertEqual(events(self, flag, path), want)
                    self.assertEqual(run(self, "events", flag, path).splitlines(),
                                     [line for line in lines if line.split()[1] in kinds])
                    # An event with its stacks begins at a time.
                    blocks = re.split(r"(?m)^(?= *-?\d+\.\d{9}  )", stacks)
                    self.assertEqual(run(self, "events", "--stacks", flag, path), "".join(
                        block for block in blocks if block and block.split()[1] in kinds))
                    count = json.loads(run(self, "events", "--count", "--json", flag, path))
                    self.assertEqual((count["events"], count["events_by_kind"]),
                                     (len(want), collections.Counter(e["kind"] for e in want)))

    def test_kinds_beside_other_selections(self):
        want = [event for event in events(self, "--g=1", "--to=5ms", GENS)
                if event["kind"] in ("StateTransition", "Label")]
        self.assertTrue(want)
        self.assertEqual(events(self, "--g=1", "--to=5ms", "--kind=StateTransition,Label", GENS), want)
        self.assertEqual(events(self, "--g=1", "--to=5ms", "--kind=StateTransition", "--kind=Label",
                                GENS), want)

    def test_every_kind_can_be_asked_for(self):
        for name in SAMPLE:
            counts = json.loads(run(self, "info", "--json", path_of(name)))["events_by_kind"]
            for kind, number in counts.items():
                self.assertEqual(len(events(self, "--kind", kind, path_of(name))), number, kind)

    def test_count_of_a_selection(self):
        chosen = events(self, "--from=5ms", "--g=1", GENS)
        count = json.loads(run(self, "events", "--count", "--json", "--from=5ms", "--g=1", GENS))
        self.assertEqual(count["events"], len(chosen))
        self.assertEqual(count["events_by_kind"],
                         collections.Counter(event["kind"] for event in chosen))

    def test_threads_change_nothing(self):
        for name in SAMPLE:
            want = marey("events", "--count", "--threads=1", path_of(name))
            for threads in ("2", "5"):
                got = marey("events", "--count", f"--threads={threads}", path_of(name))
                self.assertEqual(got, want, name)

    def test_strings_of_every_kind(self):
        # Quotes, control bytes, invalid UTF-8: one event stays one line, and JSON stays JSON.
        for name in ("names-1.19", "names-1.22", "names-1.26"):
            text = run(self, "events", path_of(name))
            self.assertFalse(re.search(r"[\x00-\x09\x0b-\x1f\x7f]", text))
            self.assertEqual(len(text.splitlines()), len(events(self, path_of(name))))


if __name__ == "__main__":
    unittest.main()
