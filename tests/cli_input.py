#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Where traces come from, and what is said of those that are missing, damaged or none at all."""
import gzip
import json
import os
import random
import re
import subprocess
import tempfile
import unittest

import corpus
from corpus import MAREY, last_line, marey

TRACES = os.path.join(corpus.ROOT, "testdata/traces")
BROKEN = os.path.join(TRACES, "broken")
TRACE = os.path.join(TRACES, "http-gens-1.27.trace")
EMPTY = "The trace has a header and no events: the program ended before the first flush, or nothing happened."
NO_EVENTS = "The trace has no events but Sync events: the program ended before the first flush, or nothing happened."

# Of each damaged trace: the exit status, and the defects or the sentence that standard error names.
# The hint to the report comes where something was lost.
VERDICTS = {
    "cut-40-1.21": (0, ["truncated-file", "no-frequency"]),
    "cut-40-1.27": (1, ["truncated-file", "empty-trace", EMPTY]),
    "cut-last-byte-1.21": (0, []),
    "cut-last-byte-1.27": (0, ["missing-end"]),
    "cut-third-1.21": (0, ["truncated-file"]),
    "cut-third-1.27": (0, ["truncated-file", "failed to read full batch: read 8420 but wanted 17302"]),
    "cut-two-thirds-1.21": (0, ["truncated-file"]),
    "cut-two-thirds-1.27": (0, ["truncated-file"]),
    "empty": (1, ["not a Go execution trace: the file is empty"]),
    "gzipped-1.21": (0, []),
    "gzipped-1.27": (0, []),
    "head-missing-1.21": (0, ["foreign-bytes"]),
    "head-missing-1.27": (0, ["foreign-bytes"]),
    "header-cut": (1, ["not a Go execution trace: its header is cut off after 11 bytes, ", "first bytes 67 6f 20 31"]),
    "header-only-1.21": (1, ["empty-trace", EMPTY]),
    "header-only-1.26": (1, ["empty-trace", EMPTY]),
    "killed-1.21": (1, ["empty-trace", EMPTY]),
    "killed-1.27": (1, ["missing-end", NO_EVENTS]),
    "killed-late-1.21": (1, ["empty-trace", EMPTY]),
    "killed-late-1.27": (0, ["missing-end"]),
    "patched-1-1.21": (0, ["bad-batch"]),
    "patched-1-1.27": (0, ["bad-table"]),
    "patched-2-1.21": (0, ["bad-batch"]),
    "patched-2-1.27": (0, ["bad-batch"]),
    "patched-3-1.21": (0, ["bad-batch"]),
    "patched-3-1.27": (0, ["bad-batch"]),
    "patched-4-1.21": (0, ["bad-batch"]),
    "patched-4-1.27": (0, ["time-leaps"]),
    "patched-5-1.21": (0, []),
    "patched-5-1.27": (0, ["bad-table"]),
    "tail-zeros-1.21": (0, ["foreign-bytes"]),
    "tail-zeros-1.27": (0, ["foreign-bytes"]),
    "text": (1, ["not a Go execution trace: text that begins with 'this is "]),
    "twice-1.21": (0, ["second-trace"]),
    "twice-1.27": (0, ["second-trace"]),
    "version-1.5": (1, ["unknown or unsupported trace version go 1.5"]),
    "version-1.99": (1, ["newer-version", "empty-trace", EMPTY]),
    "zeroed-1.21": (0, ["bad-batch"]),
    "zeroed-1.27": (0, ["bad-batch"]),
}
COMMANDS = (["info"], ["info", "--json"], ["events"], ["events", "--json"], ["events", "--count"],
            ["report"], ["-d=parsed"], ["-pprof=sched"])


class Broken(unittest.TestCase):
    def test_all_are_judged(self):
        self.assertEqual(sorted(VERDICTS),
                         sorted(name[:-len(".trace")] for name in os.listdir(BROKEN)))

    def test_messages(self):
        for name, (code, words) in VERDICTS.items():
            path = os.path.join(BROKEN, name + ".trace")
            with self.subTest(name):
                got = marey("-d=parsed", path)
                self.assertEqual(got.code, code, got.err)
                for word in words:
                    self.assertIn(word, got.err)
                for line in got.err.splitlines():
                    self.assertRegex(line, "^marey: ")
                if "no" in (w[:2] for w in words) and code == 1:
                    self.assertEqual(got.err.count("\n"), 1)
                hint = (f"marey: what is whole was read; 'marey info --json {path}' lists the "
                        "defects\n")
                self.assertEqual(hint in got.err, code == 0 and ": damage: " in got.err)

    def test_every_command_gives_the_same_status(self):
        for name, (code, _) in VERDICTS.items():
            path = os.path.join(BROKEN, name + ".trace")
            for command in COMMANDS:
                with self.subTest(name, command=command):
                    got = marey(*command, path)
                    self.assertEqual(got.code, code, got.err)
                    if code == 1:
                        self.assertTrue(got.err.startswith("marey: "))

    def test_info_of_a_trace_without_events_agrees_with_the_message(self):
        got = marey("info", os.path.join(BROKEN, "killed-1.27.trace"))
        self.assertEqual(got.code, 1)
        self.assertIn(f"health       {NO_EVENTS}\n", got.out.decode())
        self.assertIn(NO_EVENTS, got.err)
        self.assertNotIn("whole", got.out.decode())
        self.assertNotIn("duration", got.out.decode())

    def test_strict_has_the_last_word(self):
        path = os.path.join(BROKEN, "cut-third-1.27.trace")
        want = "failed to read full batch: read 8420 but wanted 17302"
        for command in (["-d=parsed"], ["events"], ["events", "--count"], ["info"], ["report"]):
            with self.subTest(command):
                got = marey(*command, "--strict", path)
                self.assertEqual((got.code, last_line(got.err)), (1, want))

    def test_raw_dumps_end_where_gos_end(self):
        path = os.path.join(BROKEN, "cut-40-1.27.trace")
        for mode in ("wire", "footprint"):
            got = marey(f"-d={mode}", path)
            self.assertEqual(got.code, 1)
            self.assertEqual(got.err, f"marey: {path}: the raw events end here: unexpected EOF; "
                             "-d=parsed reads on\n")
            strict = marey(f"-d={mode}", "--strict", path)
            self.assertEqual((strict.code, strict.out, strict.err), (1, got.out, "unexpected EOF\n"))

    def test_raw_dumps_say_what_else_it_is(self):
        for data, words in ((b"404 page not found\n", "text that begins with '404 page not found'"),
                            (b"PK\x03\x04\x14\0\0\0", "a zip archive"),
                            (gzip.compress(gzip.compress(b"x")), "it is compressed twice"),
                            (gzip.compress(b"\x0a\x04\x08\x01\x10\x02" * 9), "a pprof profile"),
                            (b"\x7fELF\x02\x01\x01" + bytes(99), "(ELF)")):
            for mode in ("wire", "footprint"):
                with self.subTest(words, mode=mode):
                    got = marey(f"-d={mode}", "-", stdin=data)
                    self.assertEqual((got.code, got.out), (1, b""))
                    self.assertTrue(got.err.startswith(
                        "marey: standard input: not a Go execution trace: "), got.err)
                    self.assertIn(words, got.err)
                    self.assertEqual(got.err.count("\n"), 1)

    def test_raw_dump_of_an_old_trace(self):
        path = os.path.join(TRACES, "http-1.21.trace")
        got = marey("-d=wire", path)
        self.assertEqual((got.code, got.out), (1, b""))
        self.assertIn("(go 1.21) cannot be shown, only those of Go 1.22 and later", got.err)


class Missing(unittest.TestCase):
    def check(self, path, message):
        for command in COMMANDS + (["-d=wire"], ["-d=footprint"], ["events", "--strict"]):
            with self.subTest(command):
                got = marey(*command, path)
                self.assertEqual((got.code, got.out, got.err), (1, b"", f"marey: {message}\n"))

    def test_no_such_file(self):
        self.check("no/such/trace.out", "no/such/trace.out: no such file; check the path")

    def test_directory(self):
        self.check(TRACES, f"{TRACES}: is a directory; name a file in it")

    def test_no_file_at_all(self):
        self.check("", "the name of the file is empty; give the path of a trace")

    @unittest.skipIf(os.geteuid() == 0, "root may read everything")
    def test_forbidden(self):
        with tempfile.NamedTemporaryFile() as file:
            os.chmod(file.name, 0)
            self.check(file.name, f"{file.name}: permission denied; the file must be readable and "
                       "its directories searchable")


class Forms(unittest.TestCase):
    """Standard input and compression change nothing but the name."""

    @classmethod
    def setUpClass(cls):
        with open(TRACE, "rb") as stream:
            cls.raw = stream.read()
        cls.zstd = subprocess.run(["zstd", "-qc"], input=cls.raw, check=True,
                                  stdout=subprocess.PIPE).stdout

    def test_standard_input(self):
        for command in (["events", "--json"], ["events", "--count"], ["-d=wire"], ["-d=footprint"],
                        ["-pprof=sched"]):
            want = marey(*command, TRACE)
            self.assertEqual(want.code, 0)
            for data in (self.raw, gzip.compress(self.raw), self.zstd):
                with self.subTest(command, size=len(data)):
                    got = marey(*command, "-", stdin=data)
                    self.assertEqual((got.code, got.out, got.err), want)
            with self.subTest(command, redirected=True), open(TRACE, "rb") as stream:
                got = subprocess.run([*MAREY, *command, "-"], stdin=stream, capture_output=True,
                                     check=True)
                self.assertEqual(got.stdout, want.out)

    def test_noise_behind_a_header_is_an_empty_trace(self):
        noise = b"go 1.21 trace\0\0\0" + random.Random(1).randbytes(1 << 20)
        for command in (["info"], ["report"], ["events"], ["events", "--count"], ["-d=parsed"]):
            with self.subTest(command):
                got = marey(*command, "-", stdin=noise)
                self.assertEqual(got.code, 1)
                self.assertIn("empty-trace", got.err)
        self.assertNotIn(b"duration", marey("info", "-", stdin=noise).out)

    def test_a_trace_of_the_other_format_behind_a_trace(self):
        def events(path):
            return marey("-d=parsed", path).out

        with tempfile.TemporaryDirectory() as folder:
            both, second = os.path.join(folder, "both"), os.path.join(folder, "second.trace")
            traces = [os.path.join(corpus.ROOT, "testdata/traces", name + ".trace")
                      for name in ("http-1.21", "http-1.27")]
            for first, other in (traces, traces[::-1]):
                with self.subTest(first):
                    with open(both, "wb") as out:
                        for path in first, other:
                            with open(path, "rb") as data:
                                out.write(data.read())
                    got = marey("-d=parsed", both)
                    self.assertEqual((got.code, got.out), (0, events(first)))
                    lost = json.loads(marey("info", "--json", both).out)["health"]
                    self.assertEqual(lost["bytes_lost"], os.path.getsize(other))
                    # What the message advises.
                    start = re.search(r"unread-trace; .*'tail -c \+(\d+) FILE > second.trace'",
                                      got.err)
                    with open(both, "rb") as data, open(second, "wb") as out:
                        data.seek(int(start[1]) - 1)
                        out.write(data.read())
                    self.assertEqual(events(second), events(other))

    def test_compressed_files(self):
        want = marey("-d=parsed", TRACE)
        with tempfile.TemporaryDirectory() as folder:
            for name, data in (("a.gz", gzip.compress(self.raw)), ("b.zst", self.zstd),
                               ("named-like-nothing", self.zstd)):
                path = os.path.join(folder, name)
                with open(path, "wb") as stream:
                    stream.write(data)
                with self.subTest(name):
                    self.assertEqual(marey("-d=parsed", path), want)

    def test_messages_about_standard_input(self):
        got = marey("info", "-", stdin=b"no trace")
        self.assertEqual((got.code, got.err), (
            1, "marey: standard input: not a Go execution trace: text that begins with 'no trace', "
            "first bytes 6e 6f 20 74 72 61 63 65\n"))
        got = marey("info", "-", stdin=b"go 2.0 trace\0\0\0\0")
        self.assertEqual((got.code, got.err), (
            1, "marey: standard input: the trace is of a newer version (go 2.0) than this program "
            "knows; take a newer marey\n"))
        got = marey("-d=parsed", "-", stdin=self.raw[:-1])
        self.assertEqual(got.code, 0)
        self.assertRegex(got.err, "^marey: standard input: note: .*missing-end")

    def test_damaged_compressed_data(self):
        data = bytearray(gzip.compress(self.raw))
        data[-8] ^= 1  # the checksum
        got = marey("events", "--count", "-", stdin=bytes(data))
        self.assertEqual((got.code, got.out), marey("events", "--count", TRACE)[:2])
        self.assertIn("the checksum of the gzip data is wrong: all bytes are there", got.err)
        got = marey("-d=footprint", "-", stdin=gzip.compress(self.raw) + b"garbage")
        self.assertEqual((got.code, got.out), marey("-d=footprint", TRACE)[:2])
        self.assertRegex(got.err, "^marey: standard input: the bytes after the end of the gzip data, "
                         r"from byte \d+ on, are ignored\n$")

    def test_cut_compressed_data(self):
        data = gzip.compress(self.raw)
        got = marey("events", "--count", "-", stdin=data[:len(data) * 3 // 4])
        self.assertEqual(got.code, 0, got.err)
        self.assertIn("truncated-file", got.err)
        # The name stands at the line's beginning, and not in the detail again.
        self.assertNotRegex(got.err, r"truncated-file[^\n]*standard input")
        self.assertIn("gzip data ends early after", got.err)
        self.assertIn("\nmarey: what is whole was read; save the trace to a file, and 'marey info "
                      "--json FILE' lists the defects\n", got.err)
        events = int(re.match(rb"events +([\d,]+)", got.out)[1].replace(b",", b""))
        self.assertGreater(events, 1000)


if __name__ == "__main__":
    unittest.main()
