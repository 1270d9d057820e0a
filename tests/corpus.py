# SPDX-License-Identifier: Apache-2.0
"""What the golden tests share: the built command, the traces, and what Go said of them.

A golden test is a program with one argument, the corpus it goes through: `testdata` (in the
repository) or `shared` (the larger collection that may lie beside the repository; without it the
program says so and exits with 77, which ctest counts as skipped).
"""
import collections
import concurrent.futures
import os
import re
import shlex
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from compare_parsed import read_bytes  # noqa: E402

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
SHARED = os.path.join(os.path.dirname(ROOT), "shared")
GO_TESTDATA = os.path.join(SHARED, "go-testdata")
# The command under test, with options for every call (a test under tsan adds --threads).
MAREY = shlex.split(os.environ.get("MAREY", os.path.join(ROOT, "build/dev/marey")))
TIMEOUT = 300
# Go's reader takes a compressed file for no trace; marey looks through the compression, so these are
# held to what Go says of the traces inside.
GZIPPED = {"gzipped-1.21.trace": "http-1.21", "gzipped-1.27.trace": "http-gens-1.27"}
SKIPPED = 77

Result = collections.namedtuple("Result", "code out err")
Trace = collections.namedtuple("Trace", "name path golden status")
Status = collections.namedtuple("Status", "code message")


def marey(*args, stdin=None):
    """Runs the command; a signal or a hang is an error of its own, never a result."""
    done = subprocess.run([*MAREY, *args], input=stdin, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, timeout=TIMEOUT,
                          stdin=subprocess.DEVNULL if stdin is None else None)
    err = done.stderr.decode("utf-8", "replace")
    if done.returncode < 0 or "Sanitizer" in err or "runtime error:" in err:
        raise AssertionError(f"marey {shlex.join(args)} crashed ({done.returncode}):\n{err[-3000:]}")
    return Result(done.returncode, done.stdout, err)


def is_sanitized():
    with open(MAREY[0], "rb") as binary:
        content = binary.read()
    return b"__asan_init" in content or b"__tsan_init" in content


def enough_memory():
    """For --memory, which counts the addresses of a sanitizer's shadow: 16 TiB and more."""
    return "200T" if is_sanitized() else "1G"


def last_line(text):
    lines = text.rstrip("\n").split("\n")
    return lines[-1]


def read_status(folder):
    """{output: Status} of a golden folder's status.txt."""
    status = {}
    with open(os.path.join(folder, "status.txt"), encoding="utf-8", errors="replace") as lines:
        for line in lines:
            name, code, message = line.rstrip("\n").split("\t", 2)
            status[name] = Status(int(code), message)
    return status


def traces(corpus, folder=""):
    """The traces of a corpus that have golden files; folder: "" or "broken"."""
    base = os.path.join(ROOT, "testdata") if corpus == "testdata" else SHARED
    place = os.path.join(base, "traces", folder)
    found = []
    for name in sorted(os.listdir(place)):
        golden = os.path.join(base, "golden", folder, name[:-len(".trace")])
        if name in GZIPPED:
            golden = os.path.join(base, "golden", GZIPPED[name])
        if name.endswith(".trace") and os.path.isdir(golden):
            found.append(Trace(name[:-len(".trace")], os.path.join(place, name), golden,
                               read_status(golden)))
    assert found, place
    return found


def golden(trace, name):
    """A golden file's bytes, None when there is none."""
    for path in (os.path.join(trace.golden, name), os.path.join(trace.golden, name + ".zst")):
        if os.path.exists(path):
            return read_bytes(path)
    return None


def parsed_events(out):
    """How many events a -d=parsed dump holds."""
    return len(re.findall(rb"^M=", out, re.M))


class CorpusTest(unittest.TestCase):
    """Goes through many traces; every one that fails is named."""

    corpus = "testdata"

    def each(self, items, check, name=lambda item: item.name):
        """Runs check(item), which returns a list of complaints, on all items, two at a time: the
        work is marey's, in processes of its own."""
        self.assertTrue(items)
        with concurrent.futures.ThreadPoolExecutor(max_workers=2) as pool:
            futures = [(item, pool.submit(check, item)) for item in items]
            for item, future in futures:
                with self.subTest(name(item)):
                    complaints = future.result()
                    if complaints:
                        self.fail("\n".join(complaints[:10]))
        print(f"{self.id()}: {len(items)} of {self.corpus}")


def main(needs=None):
    """Runs the tests of the calling program on the corpus named on its command line. `needs`: a
    folder of the shared collection without which there is nothing to do."""
    corpus = sys.argv[1] if len(sys.argv) > 1 else "testdata"
    if corpus == "shared" or needs:
        folder = os.path.join(SHARED, needs or "traces")
        if not os.path.isdir(folder):
            print(f"skipped: there is no {os.path.relpath(folder, ROOT)} (from the repository)")
            sys.exit(SKIPPED)
    CorpusTest.corpus = corpus
    unittest.main(argv=[sys.argv[0], *sys.argv[2:]])
