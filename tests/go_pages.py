# SPDX-License-Identifier: Apache-2.0
"""The pages of Go's trace viewer that are saved beside the traces: what they are and what is in
their tables."""
import collections
import html.parser
import io
import re
import tarfile
import urllib.parse

import corpus

UNITS = {"h": 3_600_000_000_000, "m": 60_000_000_000, "s": 1_000_000_000, "ms": 1_000_000,
         "µs": 1_000, "ns": 1}

# `path` and `query` ({name: value}) of the URL that it answers.
Page = collections.namedtuple("Page", "file path query content")


def pages(trace, path):
    """Go's pages of a trace whose URL's path is this one, those that answered with 200."""
    packed = corpus.golden(trace, "http.tar")
    if packed is None:
        return []
    files = {}
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        for member in archive:
            if member.name.endswith((".html", "/URLS.tsv")):
                files[member.name.split("/")[-1]] = archive.extractfile(member).read()
    found = []
    for line in files.get("URLS.tsv", b"").decode().splitlines():
        file, status, _, url = line.split("\t")
        split = urllib.parse.urlsplit(url)
        if split.path == path and status == "200" and file in files:
            query = dict(urllib.parse.parse_qsl(split.query, keep_blank_values=True))
            found.append(Page(file, path, query, files[file].decode("utf-8", "replace")))
    return found


def nanoseconds(text):
    """Go's time.Duration as text, "1.5ms" or "1m2.5s"."""
    parts = re.findall(r"([\d.]+)(h|ms|µs|ns|m|s)", text)
    if not parts or "".join(n + u for n, u in parts) != text.lstrip("-"):
        raise ValueError(f"no duration: {text!r}")
    total = sum(round(float(number) * UNITS[unit]) for number, unit in parts)
    return -total if text.startswith("-") else total


class Cells(html.parser.HTMLParser):
    """The tables of a page: [[cell text, ...] of each row] of each table. A table within a cell is
    text of that cell."""

    def __init__(self):
        super().__init__()
        self.tables, self.cell, self.depth = [], None, 0

    def handle_starttag(self, tag, attrs):
        if tag == "table":
            self.depth += 1
        if self.depth > 1:
            self.cell += " "
        elif tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag in ("td", "th"):
            self.cell = ""
        elif tag == "br" and self.cell is not None:
            self.cell += "\n"

    def handle_endtag(self, tag):
        if tag in ("td", "th") and self.cell is not None and self.depth == 1:
            self.tables[-1][-1].append(self.cell)
            self.cell = None
        if tag == "table":
            self.depth -= 1

    def handle_data(self, data):
        if self.cell is not None:
            self.cell += data


def exact_tables(page):
    """With all white space."""
    cells = Cells()
    cells.feed(page.content)
    return cells.tables


def tables(page):
    return [[[" ".join(cell.split()) for cell in row] for row in table]
            for table in exact_tables(page)]


# Marey's columns of what time is spent on, by Go's.
SPENT = {"Total": "total", "Execution time": "execution", "Sched wait time": "scheduler_wait",
         "Syscall execution time": "syscall", "Block time (syscall)": "syscall_block",
         "Unknown time": "unknown", "GC mark assist": "gc_assist",
         "GC incremental sweep": "gc_sweep"}
COLUMNS = ("execution", "scheduler_wait", "sync_block", "network_wait", "syscall", "syscall_block",
           "other_wait", "unknown", "gc_assist", "gc_sweep", "stop_the_world")


def column(title):
    """Marey's for a column of Go's."""
    if title in SPENT:
        return SPENT[title]
    if title.startswith("stop-the-world"):
        return "stop_the_world"
    reason = re.fullmatch(r"Block time \((.*)\)", title)[1]
    if reason == "network":
        return "network_wait"
    if any(word in reason for word in ("chan", "sync", "select")):
        return "sync_block"
    return "other_wait"
