#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs Google Benchmark programs and prints one Markdown table: bench-parts.py PROGRAM..."""
import json
import os
import subprocess
import sys

REPETITIONS = 5


def scaled(value, units):
    for unit, size in units:
        if value >= size:
            return f"{value / size:.3g} {unit}"
    return f"{value / units[-1][1]:.3g} {units[-1][0]}"


def main():
    print("## The parts\n")
    print("| benchmark | median time | spread (cv) | rate |")
    print("|---|---|---|---|")
    for program in sys.argv[1:]:
        if not os.access(program, os.X_OK):
            continue
        done = subprocess.run([program, "--benchmark_format=json",
                               f"--benchmark_repetitions={REPETITIONS}",
                               "--benchmark_report_aggregates_only=true"],
                              check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        rows = {}
        for row in json.loads(done.stdout)["benchmarks"]:
            rows.setdefault(row["run_name"], {})[row["aggregate_name"]] = row
        for name, by in rows.items():
            median = by["median"]
            nanoseconds = median["cpu_time"] * {"ns": 1, "us": 1e3, "ms": 1e6, "s": 1e9}[
                median["time_unit"]]
            rate = ""
            if "bytes_per_second" in median:
                rate = scaled(median["bytes_per_second"],
                              [("GB/s", 1e9), ("MB/s", 1e6), ("kB/s", 1e3)])
            if "items_per_second" in median:
                items = scaled(median["items_per_second"], [("G/s", 1e9), ("M/s", 1e6), ("k/s", 1e3)])
                rate = f"{rate}, {items}" if rate else items
            time = scaled(nanoseconds, [("s", 1e9), ("ms", 1e6), ("µs", 1e3), ("ns", 1)])
            spread = by["cv"]["cpu_time"] if "cv" in by else 0
            print(f"| `{name}` | {time} | {spread * 100:.1f} % | {rate} |", flush=True)
    print()


if __name__ == "__main__":
    main()
