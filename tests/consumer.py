#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What is installed serves others: consumer.py BUILD CMAKE COMPILER

Installs BUILD into a fresh prefix; looks at the command, its completion scripts and its documents;
configures tests/consumer against the library and nothing else, builds it and lets it count a trace's
events.
"""
import os
import re
import subprocess
import sys
import tempfile

from corpus import ROOT, golden, parsed_events, traces


def run(*command):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode != 0:
        print(done.stdout)
        sys.exit(f"failed: {' '.join(command)}")
    return done.stdout


def check_command(prefix):
    """The command is there, and what it completes its command lines with, where shells look."""
    command = os.path.join(prefix, "bin", "marey")
    for shell, place in (("bash", "bash-completion/completions/marey"),
                         ("zsh", "zsh/site-functions/_marey"),
                         ("fish", "fish/vendor_completions.d/marey.fish")):
        want = run(command, "completion", shell)
        with open(os.path.join(prefix, "share", place), encoding="utf-8") as script:
            if not want or script.read() != want:
                sys.exit(f"share/{place} is not what 'marey completion {shell}' prints")


def check_documents(prefix):
    """What help names is there, and its links lead somewhere."""
    command = os.path.join(prefix, "bin", "marey")
    folder = os.path.join(prefix, "share", "doc", "marey")
    if "share/doc/marey/" not in run(command, "help").replace("\n", " "):
        sys.exit("'marey help' does not say where documents are installed")
    for page in ("report", "info", "events"):
        for name in re.findall(r"[\w-]+\.md", run(command, "help", page)):
            if not os.path.exists(os.path.join(folder, name)):
                sys.exit(f"'marey help {page}' names {name}, which is not installed")
    for name in os.listdir(folder):
        with open(os.path.join(folder, name), encoding="utf-8") as document:
            for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", document.read()):
                if not os.path.exists(os.path.join(folder, link)):
                    sys.exit(f"the installed {name} links to {link}, which is not there")


def main():
    build, cmake, compiler = sys.argv[1:]
    with tempfile.TemporaryDirectory() as scratch:
        prefix, work = os.path.join(scratch, "prefix"), os.path.join(scratch, "build")
        for component in ("library", "command", "documents"):
            run(cmake, "--install", build, "--prefix", prefix, "--component", component)
        check_command(prefix)
        check_documents(prefix)
        run(cmake, "-S", os.path.join(ROOT, "tests", "consumer"), "-B", work,
            f"-DCMAKE_PREFIX_PATH={prefix}", f"-DCMAKE_CXX_COMPILER={compiler}",
            "-DCMAKE_FIND_PACKAGE_NO_PACKAGE_REGISTRY=ON")
        run(cmake, "--build", work)
        for trace in traces("testdata"):
            if trace.name in ("http-gens-1.27", "http-1.21"):
                want = f"{parsed_events(golden(trace, 'parsed.txt'))} events"
                said = run(os.path.join(work, "consumer"), trace.path).strip()
                print(f"{trace.name}: {said}")
                if not said.endswith(": " + want):
                    sys.exit(f"expected {want}")


if __name__ == "__main__":
    main()
