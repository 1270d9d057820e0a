#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks the house rules that a compiler does not: check-includes.py [ROOT]

  * a room includes only itself, include/marey/ and the rooms before it in ROOMS; public headers
    include no room at all; quoted includes are written from the repository's root;
  * every file of ours that can carry a comment carries the licence's SPDX line in its first lines;
  * no file names an absolute path of the machine that it was written on;
  * headers start with #pragma once.

Looks at the files that git knows or would add; without git, at all outside build/. Exit 0: clean.
"""
import os
import re
import subprocess
import sys

# The order in which data flows; src/CMakeLists.txt links the rooms in the same order.
ROOMS = ["base", "table", "source", "wire", "order", "simulation", "trace", "index", "analysis",
         "export", "capture", "serve", "cli"]
# The rooms that only tests, benchmarks and fuzzers may use.
TEST_ROOMS = ["simulation"]
TEST = re.compile(r"(_test|_bench|_fuzz)\.cc$|^tests/")

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')
SPDX = "SPDX-License-Identifier: Apache-2.0"
# Without comments, or not written here.
NO_SPDX = re.compile(r"(\.(json|trace|pb|zst|tsv|txt|gz|html|mod|sum|svg|png|expected)$|^LICENSE$)"
                     r"|^testdata/(fuzz|golden|traces)/|^examples/[^/]*\.trace$")
# Prose needs no licence line of its own: the repository's LICENSE covers it.
PROSE = re.compile(r"\.md$")
# A home, a checkout or a scratch folder; /tmp and system folders are the same on every machine.
MACHINE = re.compile(r"(?<![\w./$}~-])/(root|work|home|Users|mnt|workspace|builds)/[\w.-]+")
# Data: names in it come from the machine that the traced program was built on.
DATA = re.compile(r"^testdata/(traces|golden|fuzz)/|^examples/[^/]*\.trace$")


def files(root):
    try:
        out = subprocess.run(["git", "-C", root, "ls-files", "-z", "-co", "--exclude-standard"],
                             check=True, capture_output=True).stdout
        return sorted(set(os.fsdecode(name) for name in out.split(b"\0") if name))
    except (OSError, subprocess.CalledProcessError):
        found = []
        for folder, folders, names in os.walk(root):
            folders[:] = [f for f in folders if f not in ("build", ".git", "__pycache__")]
            found += [os.path.relpath(os.path.join(folder, name), root) for name in names]
        return sorted(found)


def room_of(path):
    parts = path.split("/")
    return parts[1] if len(parts) > 2 and parts[0] == "src" else None


def check_code(root, path, text):
    room = room_of(path)
    if room is not None and room not in ROOMS:
        yield 1, f"src/{room} is not a room; the rooms are {', '.join(ROOMS)}"
    if path.endswith(".h") and "#pragma once" not in text:
        yield 1, "a header without #pragma once"
    for number, line in enumerate(text.splitlines(), 1):
        found = INCLUDE.match(line)
        # <marey/...> is how users write it; whether it is there, their compiler says.
        if not found or found[1] == "<":
            continue
        name = found[2]
        if name.startswith("marey/"):
            if not os.path.exists(os.path.join(root, "include", name)):
                yield number, f'"{name}" is not in include/'
            continue
        target = room_of(name)
        if target is None:
            yield number, f'"{name}": write "marey/..." or "src/ROOM/..."'
        elif path.startswith("include/"):
            yield number, f'a public header includes "{name}"'
        elif path.startswith("examples/"):
            yield number, f'an example includes "{name}"; examples use include/marey/ only'
        elif target not in ROOMS:
            yield number, f'"{name}": {target} is not a room'
        elif target in TEST_ROOMS and room != target and not TEST.search(path):
            yield number, f'"{name}": only tests, benchmarks and fuzzers may use {target}'
        elif room in ROOMS and ROOMS.index(target) > ROOMS.index(room):
            yield number, f'{room} includes "{name}", but {target} comes after {room}'
        elif not os.path.exists(os.path.join(root, name)):
            yield number, f'"{name}" is not there'


def check(root, path):
    full = os.path.join(root, path)
    if os.path.islink(full) or not os.path.isfile(full):
        return
    with open(full, "rb") as stream:
        raw = stream.read(1 << 20)
    if b"\0" in raw:
        return
    text = raw.decode("utf-8", "replace")
    if not NO_SPDX.search(path) and not PROSE.search(path):
        if SPDX not in "\n".join(text.splitlines()[:3]):
            yield 1, f"no line '{SPDX}' among the first three"
    if not DATA.search(path):
        for number, line in enumerate(text.splitlines(), 1):
            found = MACHINE.search(line)
            if found:
                yield number, f"an absolute path of one machine: {found[0]}"
    if re.search(r"\.(h|cc)$", path) and path.split("/")[0] in ("src", "include", "examples",
                                                                "tests"):
        yield from check_code(root, path, text)


def main():
    here = os.path.dirname(os.path.abspath(__file__))
    root = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else os.path.join(here, ".."))
    names = files(root)
    bad = 0
    for path in names:
        for number, text in check(root, path):
            print(f"{path}:{number}: {text}")
            bad += 1
    print(f"{len(names)} files, {bad} faults")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
