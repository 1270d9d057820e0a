#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""marey against a live `go tool trace`: conformance.py TOOL TRACE...

The comparisons of the golden tests, with Go's answers of today instead of saved ones. Called by
scripts/conformance.sh; MAREY is the command under test.
"""
import concurrent.futures
import os
import subprocess
import sys

import compare_parsed
import compare_pprof
from corpus import TIMEOUT, last_line, marey, parsed_events


def compare(tool, trace):
    """Complaints about one trace, and how many comparisons there were."""
    def go(*args):
        done = subprocess.run([tool, *args, trace], capture_output=True, timeout=TIMEOUT,
                              stdin=subprocess.DEVNULL)
        return done.returncode, done.stdout, done.stderr.decode("utf-8", "replace")

    bad = []
    count = 0
    code, out, err = go("-d=parsed")
    strict = marey("-d=parsed", "--strict", trace)
    if (strict.code, last_line(strict.err)) != (code, last_line(err)):
        bad.append(f"--strict: {strict.code} {last_line(strict.err)!r}, Go {code} {last_line(err)!r}")
    if parsed_events(strict.out) != parsed_events(out):
        bad.append(f"--strict: {parsed_events(strict.out)} events, Go {parsed_events(out)}")
    else:
        bad += [f"--strict: {x}" for x in compare_parsed.differences(out, strict.out)] if out else []
    count += 1
    if code == 0:
        got = marey("-d=parsed", trace)
        bad += [f"-d=parsed: {x}" for x in compare_parsed.differences(out, got.out)]
        count += 1
    for mode in ("wire", "footprint"):
        mode_code, mode_out, _ = go(f"-d={mode}")
        if mode_code == 0:
            if marey(f"-d={mode}", trace).out != mode_out:
                bad.append(f"-d={mode} differs")
            count += 1
    for kind in ("net", "sync", "syscall", "sched"):
        kind_code, kind_out, _ = go(f"-pprof={kind}")
        if kind_code == 0:
            got = marey(*([] if code == 0 else ["--strict"]), f"-pprof={kind}", trace)
            if got.code != 0:
                bad.append(f"-pprof={kind}: fails: {last_line(got.err)}")
            else:
                bad += [f"-pprof={kind}: {x}"
                        for x in compare_pprof.differences(kind_out, got.out)]
            count += 1
    return bad, count


def main():
    tool, paths = sys.argv[1], sys.argv[2:]
    failed = total = 0
    with concurrent.futures.ThreadPoolExecutor(max_workers=2) as pool:
        for path, (bad, count) in zip(paths, pool.map(lambda p: compare(tool, p), paths)):
            total += count
            failed += bool(bad)
            size = os.path.getsize(path)
            print(f"{'differs' if bad else 'agrees':8} {os.path.basename(path):32}"
                  f" {size:9} bytes, {count} comparisons", flush=True)
            for line in bad[:10]:
                print("   " + line)
    print(f"{len(paths)} traces, {total} comparisons, {failed} traces differ")
    return 1 if failed or not paths else 0


if __name__ == "__main__":
    sys.exit(main())
