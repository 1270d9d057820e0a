#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""An example runs and prints what it should: example.py PROGRAM TRACE EXPECTED"""
import difflib
import os
import subprocess
import sys


def main():
    program, trace, expected = sys.argv[1:]
    done = subprocess.run([program, trace], stdout=subprocess.PIPE, text=True, timeout=100)
    print(done.stdout, end="")
    if done.returncode != 0 or not done.stdout.strip():
        sys.exit(f"exit status {done.returncode}, {len(done.stdout)} characters")
    if os.path.exists(expected):
        with open(expected, encoding="utf-8") as stream:
            want = stream.read()
        if done.stdout != want:
            sys.exit("".join(difflib.unified_diff(want.splitlines(True),
                                                  done.stdout.splitlines(True),
                                                  "expected", "printed")))


if __name__ == "__main__":
    main()
