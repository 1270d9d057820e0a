#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The installed library serves a project of somebody else's: consumer.py BUILD CMAKE COMPILER

Installs BUILD's library into a fresh prefix, configures tests/consumer against nothing but that,
builds it and lets it count a trace's events.
"""
import os
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


def main():
    build, cmake, compiler = sys.argv[1:]
    with tempfile.TemporaryDirectory() as scratch:
        prefix, work = os.path.join(scratch, "prefix"), os.path.join(scratch, "build")
        run(cmake, "--install", build, "--prefix", prefix, "--component", "library")
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
