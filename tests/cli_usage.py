#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The command line itself: commands, flags and their spellings, help, completion, usage errors."""
import os
import re
import shlex
import shutil
import subprocess
import tempfile
import unittest

import corpus
from corpus import enough_memory, last_line, marey

COMMANDS = ("report", "goroutines", "goroutine", "latency", "blocked", "unblocks", "profile", "tasks",
            "regions", "logs", "stw", "gc", "mmu", "counters", "procs", "threads", "info", "events",
            "version", "help", "completion")
TRACE = os.path.join(corpus.ROOT, "testdata/traces/idle-1.27.trace")


def flags_of(command):
    """The long flags that a command's help shows."""
    return re.findall(r"^  (?:-h, )?(--?[\w-]+)", marey("help", command).out.decode(), re.M)


class Help(unittest.TestCase):
    def test_overview(self):
        want = marey("help").out.decode()
        for command in COMMANDS:
            self.assertRegex(want, rf"(?m)^  marey {command}\b")
        for mode in ("-d=parsed|wire|footprint", "-pprof=net|sync|syscall|sched",
                     "'marey help -d'"):
            self.assertIn(mode, want)
        for spelling in ("-h", "--help", "-help", "--h"):
            got = marey(spelling)
            self.assertEqual((got.code, got.out.decode(), got.err), (0, want, ""))

    def test_help_on_commands(self):
        for command in COMMANDS:
            want = marey("help", command)
            self.assertEqual((want.code, want.err), (0, ""))
            self.assertTrue(want.out.startswith(b"Usage: marey " + command.encode()))
            for spelling in ("-h", "--help"):
                self.assertEqual(marey(command, spelling), want)
                self.assertEqual(marey(command, spelling, "no/such/file"), want)

    def test_help_on_the_flags_of_go_tool_trace(self):
        want = marey("help", "-d")
        self.assertEqual((want.code, want.err), (0, ""))
        self.assertTrue(want.out.startswith(b"Usage: marey -d=parsed|wire|footprint "))
        for words in (["help", "-pprof"], ["help", "-d=parsed"], ["-d=parsed", "--help"],
                      ["-pprof=net", "-h", TRACE], ["help", "d"], ["help", "pprof"],
                      ["help", "--", "-d"], ["-pprof", "--help"], ["-d", "-h"]):
            self.assertEqual(marey(*words), want, words)
        for flag in ("-pprof=net|sync|syscall|sched", "--threads", "--memory"):
            self.assertIn(flag, want.out.decode())

    def test_only_flags_that_do_something_are_shown(self):
        for command in ("report", "info"):
            self.assertIn("--color", flags_of(command))
        for command in ("events", "-d", "version", "help", "completion"):
            self.assertNotIn("--color", flags_of(command))
        shown = " ".join(marey("help", "events").out.decode().split())
        self.assertIn("--threads N with --count of the whole trace, use N threads", shown)
        shown = " ".join(marey("help", "-d").out.decode().split())
        self.assertIn("--threads N with -pprof, use N threads", shown)

    def test_schemas_are_where_help_says(self):
        for command in ("report", "info", "events"):
            shown = " ".join(marey("help", command).out.decode().split())
            document = re.search(r"schemas?: Marey's document ([\w.-]+\.md)", shown)[1]
            with open(os.path.join(corpus.ROOT, "docs", document), encoding="utf-8") as text:
                self.assertIn(f"marey {command}" if command != "report" else "marey.report/1",
                              text.read())

    def test_nothing_at_all(self):
        got = marey()
        self.assertEqual((got.code, got.out), (2, b""))
        self.assertIn("Usage:", got.err)

    def test_version(self):
        got = marey("version")
        self.assertEqual((got.code, got.err), (0, ""))
        self.assertRegex(got.out, rb"^marey \d+\.\d+\.\d+\n$")
        for spelling in ("--version", "-version"):
            self.assertEqual(marey(spelling), got)


class Spellings(unittest.TestCase):
    def test_of_go_tool_trace(self):
        want = marey("-d=parsed", TRACE)
        self.assertEqual((want.code, want.err), (0, ""))
        self.assertTrue(want.out.startswith(b"M="))
        for words in (["-d", "parsed", TRACE], ["--d=parsed", TRACE], ["--d", "parsed", TRACE],
                      ["-d=parsed", "some.test", TRACE], ["-d=parsed", "--", TRACE],
                      ["-http=:6060", "-d=parsed", TRACE], ["--threads", "1", "-d=parsed", TRACE],
                      ["-d=parsed", TRACE, "--threads=1"],
                      [f"-memory={enough_memory()}", "-d=parsed", TRACE]):
            self.assertEqual(marey(*words), want, words)

    def test_of_commands(self):
        want = marey("events", "--json", TRACE)
        for words in (["-json", TRACE], [TRACE, "--json"], ["--json=true", TRACE],
                      ["--json", "--", TRACE], ["--threads", "2", "--json", TRACE]):
            self.assertEqual(marey("events", *words), want, words)
        self.assertEqual(marey("events", "--json=false", TRACE), marey("events", TRACE))

    def test_file_named_like_a_flag(self):
        got = marey("info", "--", "--no-such-file")
        self.assertEqual((got.code, got.out), (1, b""))
        self.assertEqual(got.err, "marey: --no-such-file: no such file; check the path\n")


class UsageErrors(unittest.TestCase):
    """Exit status 2, nothing on standard output, one line, and one that says where help is."""

    def check(self, words, line, help_command):
        got = marey(*words)
        self.assertEqual((got.code, got.out), (2, b""), words)
        self.assertEqual(got.err.splitlines(), ["marey: " + line, f"Run '{help_command}' for help."],
                         words)

    def test_messages(self):
        for words, line, help_command in (
                (["reprot", TRACE], "'reprot' is no command; did you mean 'marey report'?",
                 "marey help"),
                ([TRACE], f"'{TRACE}' is no command; did you mean 'marey report {TRACE}'?",
                 "marey help"),
                (["timeline"], "'timeline' is neither a command nor a file", "marey help"),
                (["help", "evnets"], "there is no command 'evnets'; did you mean 'events'?",
                 "marey help"),
                (["events", "--jsno", TRACE], "unknown flag '--jsno'; did you mean '--json'?",
                 "marey help events"),
                (["info", "--top=3", TRACE],
                 "'marey info' has no flag '--top'; 'marey report' has", "marey help info"),
                (["report", "-d=wire", TRACE],
                 "'marey report' has no flag '-d'; it stands alone: 'marey -d=wire FILE'",
                 "marey help report"),
                (["events"],
                 "'marey events' needs a trace: marey events FILE ('-' is standard input)",
                 "marey help events"),
                (["info", TRACE, TRACE],
                 f"'marey info' takes one trace, not '{TRACE}' too", "marey help info"),
                (["events", "--from=yesterday", TRACE],
                 "--from takes a time like 1.5s, 250ms or 0.016 (seconds) after the start, a time of "
                 "day like 14:23:42.1, or a whole number of nanoseconds on the trace's clock, not "
                 "'yesterday'",
                 "marey help events"),
                (["report", "--color=sometimes", TRACE],
                 "--color takes 'auto', 'always' or 'never', not 'sometimes'", "marey help report"),
                (["events", TRACE, "--threads"], "--threads needs a value: --threads=N",
                 "marey help events"),
                (["-d=parse", TRACE],
                 "-d takes 'parsed', 'wire' or 'footprint', not 'parse'; did you mean "
                 "'-d=parsed'?", "marey help -d"),
                (["-d=foo", TRACE], "-d takes 'parsed', 'wire' or 'footprint', not 'foo'",
                 "marey help -d"),
                (["-pprof=cpu", TRACE], "-pprof takes 'net', 'sync', 'syscall' or 'sched', not 'cpu'",
                 "marey help -d"),
                (["-dwire", TRACE], "unknown flag '-dwire'; did you mean '-d=wire'?",
                 "marey help -d"),
                (["-pprof=shced", TRACE],
                 "-pprof takes 'net', 'sync', 'syscall' or 'sched', not 'shced'; did you mean "
                 "'-pprof=sched'?", "marey help -d"),
                (["-d=parsed", "-pprof=net", TRACE],
                 "-d and -pprof exclude each other; give one of them", "marey help -d"),
                (["-d=parsed"],
                 "'marey -d=parsed' needs a trace: marey -d=parsed FILE ('-' is standard input)",
                 "marey help -d"),
                (["-pprof", "net"],
                 "'marey -pprof=net' needs a trace: marey -pprof=net FILE ('-' is standard input)",
                 "marey help -d"),
                (["--strict"], "one of -d=MODE and -pprof=TYPE is needed, or a command, and a "
                 "trace: 'marey report FILE'", "marey help"),
                (["-d=parsed", "--json", TRACE], "'-d' and '-pprof' have no flag '--json'; "
                 "'marey events --json FILE' prints JSON", "marey help -d"),
                (["events", "--top", "3", TRACE],
                 "'marey events' has no flag '--top'; 'marey report' has", "marey help events"),
                (["info", "-pprof", TRACE],
                 "'marey info' has no flag '-pprof'; it stands alone: 'marey -pprof=net FILE'",
                 "marey help info"),
                (["events", "--g=1,x", TRACE],
                 "--g takes the numbers of goroutines, 22 or G22,G23, not '1,x'",
                 "marey help events"),
                (["events", "--from=10ms", "--to=5ms", TRACE], "nothing lies between --from and "
                 "--to; --from must be the earlier time", "marey help events"),
                (["events", "--from=7", "--to=7", TRACE], "nothing lies between --from and "
                 "--to; --from must be the earlier time", "marey help events"),
                (["--strict", "report", TRACE],
                 "flags go behind the command: 'marey report [FLAGS] FILE'", "marey help report"),
                (["--json", "report", TRACE],
                 "flags go behind the command: 'marey report [FLAGS] FILE'", "marey help report"),
                (["--top", "3", "report", TRACE],
                 "flags go behind the command: 'marey report [FLAGS] FILE'", "marey help report"),
                (["--stacks", "--g=1", "events", TRACE],
                 "flags go behind the command: 'marey events [FLAGS] FILE'", "marey help events"),
                (["--json", TRACE],
                 "'marey' has no flag '--json'; 'marey report' has", "marey help"),
                (["--json", "-pprof=net", TRACE], "'-d' and '-pprof' have no flag '--json'; "
                 "'marey events --json FILE' prints JSON", "marey help -d"),
                (["--strict", TRACE],
                 f"one of -d=MODE and -pprof=TYPE is needed, or a command: 'marey report {TRACE}'",
                 "marey help"),
                (["events", "--kind=Log,statetransitoin", TRACE],
                 "--kind does not take 'statetransitoin'; did you mean 'StateTransition'?",
                 "marey help events"),
                (["events", "--kind=Bad", TRACE],
                 "--kind takes 'Sync', 'Metric', 'Label', 'StackSample', 'RangeBegin', "
                 "'RangeActive', 'RangeEnd', 'TaskBegin', 'TaskEnd', 'RegionBegin', 'RegionEnd', "
                 "'Log', 'StateTransition' or 'Experimental', not 'Bad'", "marey help events"),
                (["completion", "ksh"],
                 "'marey completion' takes 'bash', 'zsh' or 'fish', not 'ksh'",
                 "marey help completion"),
                (["completion", "bsh"],
                 "'marey completion' takes 'bash', 'zsh' or 'fish', not 'bsh'; did you mean "
                 "'bash'?", "marey help completion")):
            with self.subTest(words):
                self.check(words, line, help_command)

    def test_suggested_commands_are_for_a_shell(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "it's a trace.out")
            shutil.copy(TRACE, path)
            for words in ([path], ["-http=:6060", path], ["--strict", path]):
                got = marey(*words)
                self.assertEqual((got.code, got.out), (2, b""))
                command = re.search(r"`(marey report .*?)`", got.err)[1]
                self.assertEqual(shlex.split(command), ["marey", "report", path])

    def test_the_web_page(self):
        got = marey("-http=:6060", TRACE)
        self.assertEqual((got.code, got.out), (2, b""))
        self.assertIn("is not part of this version", got.err)
        self.assertIn(f"marey report {TRACE}", got.err)

    def test_control_characters_are_shown_harmlessly(self):
        got = marey("events", "--\x1b[31m\n", TRACE)
        self.assertEqual(got.code, 2)
        self.assertNotIn("\x1b", got.err)
        self.assertEqual(len(got.err.splitlines()), 2)


class Completion(unittest.TestCase):
    def script(self, shell):
        got = marey("completion", shell)
        self.assertEqual((got.code, got.err), (0, ""))
        for command in COMMANDS:
            for flag in flags_of(command):
                name = flag.lstrip("-")
                self.assertRegex(got.out.decode(), rf"(?<!\w){re.escape(name)}(?!\w)")
        return got.out.decode()

    def run_shell(self, shell, *args):
        if shutil.which(shell) is None:
            self.skipTest(f"{shell} is not installed")
        done = subprocess.run([shell, *args], capture_output=True, text=True, timeout=60,
                              cwd=os.path.join(corpus.ROOT, "testdata"), check=False,
                              stdin=subprocess.DEVNULL)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return done.stdout.split("\n")[:-1]

    def bash(self, *words):
        """What bash offers for the last of the words."""
        listed = " ".join(f"'{word}'" for word in words)
        return self.run_shell("bash", "-c", self.script("bash") + f"COMP_WORDS=({listed})\n"
                              f"COMP_CWORD={len(words) - 1}\n_marey\n"
                              "printf '%s\\n' \"${COMPREPLY[@]}\"\n")

    def test_bash(self):
        self.assertEqual(self.bash("marey", ""), list(COMMANDS))
        self.assertEqual(self.bash("marey", "rep"), ["report"])
        self.assertEqual(self.bash("marey", "events", "--js"), ["--json"])
        self.assertEqual(self.bash("marey", "events", "--th"), ["--threads="])
        self.assertEqual(self.bash("marey", "report", "--color", "=", "al"), ["always"])
        self.assertEqual(self.bash("marey", "report", "--color", "="), ["auto", "always", "never"])
        self.assertEqual(self.bash("marey", "-d", "=", "w"), ["wire"])
        self.assertEqual(self.bash("marey", "events", "--kind", "=", "Task"), ["TaskBegin", "TaskEnd"])
        self.assertEqual(self.bash("marey", "events", "--kind", "Log,Sy"), ["Log,Sync"])
        # Nothing can be offered for a number; files would be wrong.
        self.assertEqual(self.bash("marey", "report", "--top", "="), [""])
        self.assertEqual(self.bash("marey", "report", "--memory", ""), [""])
        self.assertEqual(self.bash("marey", "-pp"), ["-pprof="])
        self.assertEqual(self.bash("marey", "help", "in"), ["info"])
        self.assertEqual(self.bash("marey", "help", "-"), ["--help", "-h", "-d", "-pprof"])
        self.assertEqual(self.bash("marey", "events", "--co"), ["--count"])
        self.assertEqual(self.bash("marey", "completion", ""), ["bash", "zsh", "fish"])
        self.assertEqual(self.bash("marey", "info", "REA"), ["README.md"])

    def test_zsh(self):
        script = self.script("zsh")
        self.run_shell("zsh", "-f", "-n", "-c", script)
        of_help = re.search(r"(?ms)^    help\) _arguments.*?;;", script)[0]
        for flag in ("-d", "-pprof"):
            self.assertRegex(of_help, rf"(?m)^      '{flag}\[")
        self.run_shell("zsh", "-f", "-c", "autoload -Uz compinit && compinit -D -u\n" + script +
                       "\n[[ $_comps[marey] == _marey ]]")

    def fish(self, line):
        return [word.split("\t")[0] for word in self.run_shell(
            "fish", "--no-config", "-c",
            self.script("fish") + f"complete -C '{line}'")]

    def test_fish(self):
        self.script("fish")
        self.assertEqual(sorted(self.fish("marey ")), sorted(COMMANDS))
        self.assertEqual(self.fish("marey events --js"), ["--json"])
        self.assertEqual(self.fish("marey report --color al"), ["always"])
        self.assertEqual(self.fish("marey events --kind Task"), ["TaskBegin", "TaskEnd"])
        self.assertEqual(self.fish("marey events --kind Log,Sy"), ["Log,Sync"])
        self.assertEqual(self.fish("marey completion z"), ["zsh"])
        self.assertEqual(self.fish("marey help -p"), ["-pprof"])
        self.assertIn("-d", self.fish("marey help -"))
        self.assertIn("README.md", self.fish("marey info REA"))


if __name__ == "__main__":
    unittest.main()
