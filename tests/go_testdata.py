#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The Go project's own parser tests: `marey -d=parsed --strict` succeeds and fails as they say.

They are not part of this repository. Wanted are the binary forms and `RESULTS.tsv` in
../shared/go-testdata; without them, an installed golang-*-src package still has the v1 traces and the
fuzz seeds; without either the test is skipped.
"""
import ast
import collections
import csv
import glob
import os
import re
import sys

import corpus
from corpus import GO_TESTDATA, last_line, marey, parsed_events

Case = collections.namedtuple("Case", "name path code events message")


def results():
    folder = os.path.join(GO_TESTDATA, "bin")
    with open(os.path.join(folder, "RESULTS.tsv"), newline="", encoding="utf-8") as lines:
        for name, _, code, events, message in csv.reader(lines, delimiter="\t",
                                                         quoting=csv.QUOTE_NONE):
            yield Case(name, os.path.join(folder, name), int(code), int(events), message)


class GoTestdata(corpus.CorpusTest):
    corpus = "go-testdata"

    def test_same_verdict(self):
        def check(case):
            got = marey("-d=parsed", "--strict", case.path)
            bad = []
            if got.code != case.code:
                bad.append(f"exit status {got.code}, Go's {case.code}: {last_line(got.err)}")
            if last_line(got.err) != case.message:
                bad.append(f"message {last_line(got.err)!r}, Go's {case.message!r}")
            if parsed_events(got.out) != case.events:
                bad.append(f"{parsed_events(got.out)} events, Go's {case.events}")
            return bad

        self.each(list(results()), check)

    def test_expectations_of_test_files(self):
        def check(path):
            with open(path, encoding="utf-8", errors="replace") as stream:
                expect = re.search(r"^-- expect --\n(.*)$", stream.read(), re.M)[1]
            stem = os.path.basename(path)[:-len(".test")]
            got = marey("-d=parsed", "--strict", os.path.join(GO_TESTDATA, "bin", stem + ".trace"))
            if expect == "SUCCESS":
                return [] if got.code == 0 else [f"fails: {last_line(got.err)}"]
            # A Go string literal is a Python one here: no test uses another escape than \" or \\.
            pattern = ast.literal_eval(expect[len("FAILURE "):])
            if got.code == 0:
                return [f"succeeds, but should fail with {pattern!r}"]
            if not re.search(pattern, last_line(got.err)):
                return [f"{last_line(got.err)!r} does not match {pattern!r}"]
            return []

        self.each(sorted(glob.glob(os.path.join(GO_TESTDATA, "tests", "*.test"))), check,
                  os.path.basename)

    def test_tolerant_never_crashes(self):
        def check(case):
            got = marey("events", "--count", case.path)
            return [] if got.code in (0, 1) else [f"exit status {got.code}"]

        self.each(list(results()), check)


def go_string(literal):
    """The bytes of a Go string literal in double quotes."""
    out = bytearray()
    escapes = {"a": 7, "b": 8, "f": 12, "n": 10, "r": 13, "t": 9, "v": 11, "\\": 92, '"': 34,
               "'": 39}
    for part in re.finditer(r'\\x(..)|\\([0-7]{3})|\\u(.{4})|\\U(.{8})|\\(.)|([^\\]+)', literal,
                            re.S):
        if part[1]:
            out.append(int(part[1], 16))
        elif part[2]:
            out.append(int(part[2], 8))
        elif part[3] or part[4]:
            out += chr(int(part[3] or part[4], 16)).encode()
        elif part[5]:
            out.append(escapes[part[5]])
        else:
            out += part[6].encode()
    return bytes(out)


class InstalledSource(corpus.CorpusTest):
    """The same data as a Debian package of Go's source has it, without verdicts."""
    corpus = "installed Go source"
    trees = sorted(glob.glob("/usr/share/go-1.*/src/internal/trace"))

    def test_v1_traces_are_read(self):
        paths = [p for tree in self.trees
                 for p in glob.glob(tree + "/**/testdata/*_good", recursive=True)]

        def check(path):
            got = marey("-d=parsed", "--strict", path)
            return [] if got.code == 0 else [f"fails: {last_line(got.err)}"]

        self.each(paths, check, os.path.basename)

    def test_fuzz_seeds_do_no_harm(self):
        paths = [p for tree in self.trees for p in glob.glob(tree + "/testdata/fuzz/*/*")]

        def check(path):
            with open(path, encoding="utf-8") as stream:
                literal = re.search(r'\[\]byte\("(.*)"\)', stream.read(), re.S)[1]
            bad = []
            for mode in ([], ["--strict"]):
                got = marey("-d=parsed", *mode, "-", stdin=go_string(literal))
                if got.code not in (0, 1):
                    bad.append(f"exit status {got.code}")
            return bad

        self.each(paths, check, os.path.basename)


if __name__ == "__main__":
    if os.path.isdir(GO_TESTDATA):
        del InstalledSource
    else:
        print("../shared/go-testdata is not here")
        del GoTestdata
        if not InstalledSource.trees:
            print("skipped: nor is a golang-*-src package installed (1.22 or newer)")
            sys.exit(corpus.SKIPPED)
        print("using " + ", ".join(InstalledSource.trees))
    corpus.unittest.main()
