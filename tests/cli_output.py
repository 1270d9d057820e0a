#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Where output goes: pipes that close, full disks, terminals (colour, progress), bounded memory."""
import os
import pty
import re
import select
import subprocess
import tempfile
import time
import unittest

import corpus
from corpus import MAREY, enough_memory, is_sanitized, marey

TRACE = os.path.join(corpus.ROOT, "testdata/traces/http-gens-1.27.trace")
OLD_TRACE = os.path.join(corpus.ROOT, "testdata/traces/http-1.21.trace")  # v1: to be converted
EXAMPLE = os.path.join(corpus.ROOT, "examples/http.trace")
ESCAPE = b"\x1b["


def read_all(descriptor, deadline=60):
    """What a terminal has been sent, up to its end."""
    out = b""
    end = time.monotonic() + deadline
    while time.monotonic() < end:
        if not select.select([descriptor], [], [], 1)[0]:
            continue
        try:
            piece = os.read(descriptor, 65536)
        except OSError:  # the other side is gone
            return out
        if not piece:
            return out
        out += piece
    raise AssertionError("no end of the output")


def on_terminal(args, out=True, err=True, stdin=subprocess.DEVNULL, feed=None, env=None):
    """Runs marey with standard output or error on a terminal: (status, what it showed, the rest)."""
    primary, secondary = pty.openpty()
    variables = {**os.environ, "TERM": "xterm", "COLUMNS": "", **(env or {})}
    variables.pop("NO_COLOR", None) if "NO_COLOR" not in (env or {}) else None
    process = subprocess.Popen([*MAREY, *args], stdin=subprocess.PIPE if feed else stdin,
                               stdout=secondary if out else subprocess.PIPE,
                               stderr=secondary if err else subprocess.PIPE, env=variables)
    os.close(secondary)
    if feed:
        feed(process.stdin)
        process.stdin.close()
    rest = b""
    for stream in (process.stdout, process.stderr):
        if stream is not None:
            rest += stream.read()
            stream.close()
    shown = read_all(primary)
    os.close(primary)
    return process.wait(), shown, rest


class Pipes(unittest.TestCase):
    def test_reader_that_goes_away(self):
        for command in (["events"], ["events", "--json"], ["-d=parsed"], ["-d=wire"],
                        ["-d=footprint"], ["events", "--count"], ["info"], ["report"], ["help"]):
            with self.subTest(command):
                words = command if command == ["help"] else [*command, TRACE]
                process = subprocess.Popen([*MAREY, *words], stdout=subprocess.PIPE,
                                           stderr=subprocess.PIPE, stdin=subprocess.DEVNULL)
                process.stdout.close()
                err = process.stderr.read()
                process.stderr.close()
                self.assertEqual((process.wait(), err), (0, b""))

    def test_reader_that_takes_a_few_lines(self):
        done = subprocess.run(["bash", "-c", '"$@" | head -n 2; echo "${PIPESTATUS[0]}"', "-",
                               *MAREY, "events", TRACE], capture_output=True, text=True, check=True)
        self.assertEqual(len(done.stdout.splitlines()), 3)
        self.assertEqual((done.stdout.splitlines()[-1], done.stderr), ("0", ""))

    def test_closed_descriptors(self):
        # What cannot be written must not be taken for done: a closed output is as a full disk.
        closed_output = b"marey: cannot write standard output: Bad file descriptor\n"
        for command in ("events", "info", "report"):
            for closed, status, said in (("<&-", 0, b""), ("2>&-", 0, b""),
                                         (">&-", 1, closed_output), ("<&- >&-", 1, closed_output),
                                         ("<&- >&- 2>&-", 1, b"")):
                with self.subTest(command, closed=closed):
                    done = subprocess.run(["bash", "-c", f'"$@" {closed}', "-", *MAREY, command,
                                           TRACE], capture_output=True, check=False)
                    self.assertEqual((done.returncode, done.stderr), (status, said))

    def test_full_disk(self):
        for command in (["events"], ["-d=parsed"], ["-d=wire"], ["-d=footprint"], ["info"],
                        ["report"], ["-pprof=sched"]):
            with self.subTest(command), open("/dev/full", "wb") as full:
                done = subprocess.run([*MAREY, *command, TRACE], stdout=full, check=False,
                                      stderr=subprocess.PIPE, stdin=subprocess.DEVNULL)
                self.assertEqual(done.returncode, 1)
                self.assertEqual(done.stderr, b"marey: cannot write standard output: No space left "
                                              b"on device\n")


class Colour(unittest.TestCase):
    def test_only_on_terminals(self):
        for command in ("info", "report"):
            with self.subTest(command):
                self.assertNotIn(ESCAPE, marey(command, TRACE).out)
                self.assertIn(ESCAPE, on_terminal([command, TRACE])[1])
                self.assertNotIn(ESCAPE, on_terminal([command, TRACE], out=False)[2])

    def test_what_the_environment_wants(self):
        for variable in ({"NO_COLOR": "1"}, {"TERM": "dumb"}, {"TERM": ""}):
            with self.subTest(variable):
                self.assertNotIn(ESCAPE, on_terminal(["info", TRACE], env=variable)[1])
        self.assertIn(ESCAPE, on_terminal(["info", TRACE], env={"NO_COLOR": ""})[1])

    def test_what_the_flag_wants(self):
        self.assertIn(ESCAPE, marey("info", "--color=always", TRACE).out)
        self.assertNotIn(ESCAPE, on_terminal(["info", "--color=never", TRACE])[1])
        shown = on_terminal(["info", "--color=always", TRACE], env={"NO_COLOR": "1"})[1]
        self.assertIn(ESCAPE, shown)

    def test_plain_text_is_the_same(self):
        colored = marey("info", "--color=always", TRACE).out
        self.assertEqual(re.sub(rb"\x1b\[\d*m", b"", colored), marey("info", TRACE).out)

    def test_flag_is_taken_by_every_command(self):
        for command in (["events", TRACE], ["-d=parsed", TRACE], ["version"], ["help"],
                        ["completion", "bash"]):
            with self.subTest(command):
                self.assertEqual(marey(*command, "--color", "never"), marey(*command))
                self.assertEqual(marey(*command, "--color=always"), marey(*command))

    def test_json_has_none(self):
        self.assertNotIn(ESCAPE, marey("info", "--json", "--color=always", TRACE).out)


    def test_damage_stands_out(self):
        path = os.path.join(corpus.ROOT, "testdata/traces/broken/cut-third-1.27.trace")
        for command in ("info", "report"):
            shown = marey(command, "--color=always", path).out
            self.assertRegex(shown, rb"\x1b\[31m[\d,]+ defects\x1b\[0m\n")
            self.assertIn(b"\n  \x1b[31mdamage:\x1b[0m ", shown)
            self.assertNotIn(b"\x1b[31m", marey(command, "--color=always", TRACE).out)


class Width(unittest.TestCase):
    LAST_AXIS = r"(?m)^ *0\.000000s .*s$"

    def widths(self, flags, env):
        """Of the charts and of the longest other line."""
        environment = {name: value for name, value in os.environ.items() if name != "COLUMNS"}
        done = subprocess.run([*MAREY, "report", *flags, TRACE], capture_output=True, check=True,
                              env={**environment, **env}, stdin=subprocess.DEVNULL)
        lines = done.stdout.decode().splitlines()
        axes = {len(line) for line in lines if re.match(self.LAST_AXIS, line)}
        self.assertEqual(len(axes), 1)
        return axes.pop(), max(map(len, lines))

    def test_of_charts_in_a_pipe(self):
        usual, longest = self.widths([], {})
        self.assertEqual(usual, 100)
        self.assertGreater(longest, 100)
        self.assertEqual(self.widths([], {"COLUMNS": "170"})[0], 170)
        self.assertEqual(self.widths(["--width=120"], {"COLUMNS": "170"})[0], 120)
        for nothing in ("", "0", "wide"):
            self.assertEqual(self.widths([], {"COLUMNS": nothing})[0], 100)
        # Of tables and sentences nothing is lost there.
        self.assertEqual(self.widths([], {"COLUMNS": "60"}), (60, longest))

    def test_the_way_to_what_is_left_out_is_told_once(self):
        def ways(*flags):
            lines = marey("report", *flags, EXAMPLE).out.decode().splitlines()
            return lines[-1] if "--" in lines[-1] else "", sum("--" in line for line in lines)

        self.assertEqual(ways(), ("'--top N' shows more rows.", 1))
        self.assertEqual(ways("--top=2000", "--width=200"), ("", 0))
        self.assertEqual(ways("--top=2000", "--width=60"), (
            "a greater '--width' shows all columns.", 1))
        self.assertEqual(ways("--width=70"), (
            "'--top N' shows more rows; a greater '--width' all columns.", 1))
        terminal = on_terminal(["report", EXAMPLE], env={"COLUMNS": "90", "NO_COLOR": "1"})[1].decode()
        self.assertTrue(terminal.endswith(
            "\r\n\r\n'--top N' shows more rows; '--width N', or a pipe, all columns.\r\n"),
            terminal[-200:])

    def test_on_a_terminal_that_does_not_tell(self):
        shown = on_terminal(["report", TRACE], env={"COLUMNS": "120", "TERM": "dumb"})[1]
        axes = {len(line) for line in shown.decode().split("\r\n") if re.match(self.LAST_AXIS, line)}
        self.assertEqual(axes, {120})


class Ascii(unittest.TestCase):
    def test_locale(self):
        for locale, ascii_only in (("C", True), ("POSIX", True), ("en_US.ISO-8859-1", True),
                                   ("C.UTF-8", False), ("en_US.utf8", False)):
            with self.subTest(locale):
                done = subprocess.run([*MAREY, "report", TRACE], capture_output=True, check=True,
                                      env={**os.environ, "LC_ALL": locale})
                self.assertEqual(done.stdout.isascii(), ascii_only)


class Terminal(unittest.TestCase):
    def test_no_profile_on_a_terminal(self):
        status, shown, _ = on_terminal(["-pprof=sched", TRACE])
        self.assertEqual(status, 2)
        self.assertIn(b"a profile is binary and not for a terminal", shown)
        self.assertIn(b"> sched.pprof", shown)

    def test_no_trace_on_a_terminal(self):
        primary, secondary = pty.openpty()
        status, shown, _ = on_terminal(["info", "-"], stdin=secondary)
        os.close(primary)
        os.close(secondary)
        self.assertEqual(status, 2)
        self.assertIn(b"standard input is a terminal", shown)


def slowly(stream):
    """The trace, its first generation long before the others."""
    with open(TRACE, "rb") as trace:
        raw = trace.read()
    stream.write(raw[:60000])
    stream.flush()
    time.sleep(0.8)  # work that takes longer than half a second
    stream.write(raw[60000:])


class Progress(unittest.TestCase):
    LINE = rb"\r[\d.]+ [KM]?i?B  [\d.]+ [KM]?i?B/s\x1b\[K"

    def test_shown_and_wiped_away(self):
        for command in (["events", "--count"], ["info"], ["events"], ["-d=parsed"], ["-d=wire"],
                        ["-d=footprint"], ["-pprof=sched"]):
            with self.subTest(command):
                want = marey(*command, TRACE).out
                status, shown, out = on_terminal([*command, "-"], out=False, feed=slowly)
                self.assertEqual(status, 0)
                self.assertEqual(out.replace(b"standard input", TRACE.encode()), want)
                self.assertRegex(shown, self.LINE)
                self.assertTrue(shown.endswith(b"\r\x1b[K"), shown[-50:])

    def test_shown_while_a_pass_has_nothing_to_tell(self):
        def cut(stream):
            with open(TRACE, "rb") as trace:
                raw = trace.read()
            stream.write(raw[:1000])  # not a whole generation
            stream.flush()
            time.sleep(0.8)
            stream.write(raw[1000:])

        for command in (["info"], ["report"], ["events", "--count"]):
            with self.subTest(command):
                status, shown, _ = on_terminal([*command, "-"], out=False, feed=cut)
                self.assertEqual(status, 0)
                self.assertRegex(shown, rb"\rat work for \d+s\x1b\[K")
                self.assertTrue(shown.endswith(b"\r\x1b[K"), shown[-50:])

    def test_shown_while_nothing_has_come(self):
        with open(TRACE, "rb") as trace:
            raw = trace.read()

        def late(stream):
            time.sleep(1.5)
            stream.write(raw)

        for command in (["info"], ["events"], ["-d=wire"], ["-d=footprint"], ["-pprof=sched"]):
            with self.subTest(command):
                want = marey(*command, "-", stdin=raw).out
                status, shown, out = on_terminal([*command, "-"], out=False, feed=late)
                self.assertEqual((status, out), (0, want))
                self.assertIn(b"\rwaiting for standard input\x1b[K", shown)
                self.assertTrue(shown.endswith(b"\r\x1b[K"), shown[-50:])

    def test_not_between_the_lines_of_the_output(self):
        status, shown, _ = on_terminal(["events", "-"], feed=slowly)
        self.assertEqual(status, 0)
        self.assertNotIn(ESCAPE, shown)

    def test_only_on_terminals_that_can(self):
        _, shown, _ = on_terminal(["info", "-"], out=False, feed=slowly, env={"TERM": "dumb"})
        self.assertEqual(shown, b"")
        with tempfile.TemporaryFile() as err:
            process = subprocess.Popen([*MAREY, "info", "-"], stdin=subprocess.PIPE, stderr=err,
                                       stdout=subprocess.DEVNULL)
            slowly(process.stdin)
            process.stdin.close()
            self.assertEqual(process.wait(), 0)
            self.assertEqual(err.tell(), 0)

    def test_not_for_quick_work(self):
        for command in (["info"], ["events", "--count"], ["-d=wire"]):
            self.assertEqual(on_terminal([*command, TRACE], out=False)[1], b"")


REFUSED = (r"^marey: [^ ]+: this takes more than the 64 KiB of memory that --memory allows; allow more"
           r"(, or use fewer --threads)?\n$")


class Memory(unittest.TestCase):
    def test_enough(self):
        for command in (["events", "--count"], ["-d=parsed"], ["-pprof=sched"], ["info"]):
            with self.subTest(command):
                got = marey(*command, f"--memory={enough_memory()}", TRACE)
                self.assertEqual(got, marey(*command, TRACE))

    @unittest.skipIf(is_sanitized(), "the sanitizers' own memory counts, too")
    def test_too_little_is_refused_with_a_sentence(self):
        for command in (["events", "--count", "--threads=1"], ["-d=parsed"], ["-pprof=sched"],
                        ["info"]):
            with self.subTest(command):
                got = marey(*command, "--memory=64K", TRACE)
                self.assertEqual((got.code, got.out), (1, b""))
                self.assertEqual(len(got.err.splitlines()), 1)
                self.assertRegex(got.err, "^marey: .*memory")

    @unittest.skipIf(is_sanitized(), "the sanitizers' own memory counts, too")
    def test_too_little_for_a_thread(self):
        """A thread that is not to be had is done without, and never aborts the program."""
        for command in (["report"], ["report", "--threads", "1"], ["report", "--threads", "2"]):
            with self.subTest(command):
                got = marey(*command, "--memory", "64K", OLD_TRACE)
                self.assertEqual((got.code, got.out), (1, b""))
                self.assertRegex(got.err, REFUSED)
        for threads in ("1", "2", "8"):
            # What was set aside for the stacks of threads that could not be started may be enough.
            with self.subTest(threads=threads):
                command = ["-pprof=sched", "--threads", threads]
                got = marey(*command, "--memory", "64K", OLD_TRACE)
                if got.code == 0:
                    self.assertEqual(got, marey(*command, OLD_TRACE))
                else:
                    self.assertEqual((got.code, got.out), (1, b""))
                    self.assertRegex(got.err, REFUSED)

    @unittest.skipIf(is_sanitized(), "the sanitizers' own memory counts, too")
    def test_too_little_for_a_pipe(self):
        with open(TRACE, "rb") as stream:
            raw = stream.read()
        for command in (["events"], ["events", "--json"], ["-d=parsed"]):
            for size, text in (("64K", "64 KiB"), ("300K", "300 KiB")):
                with self.subTest(command, size=size):
                    got = marey(*command, "--memory", size, "-", stdin=raw)
                    self.assertEqual(got.code, 1)
                    self.assertRegex(got.err, rf"^marey: [^\n]* more than the {text} of memory that "
                                     "--memory allows; allow more, or name an uncompressed file in "
                                     "place of '-', which takes none\n$")


if __name__ == "__main__":
    unittest.main()
