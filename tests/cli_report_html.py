#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""report --html: well-formed, self-contained, below 2 MB, and with the numbers of report --json."""
import base64
import hashlib
import html.parser
import json
import os
import re
import stat
import subprocess
import tempfile
import unittest

import corpus
from corpus import marey

HTTP = os.path.join(corpus.ROOT, "examples/http.trace")
MOST_BYTES = 2_000_000
MOST_ROWS = 500
MOST_TEXT = 400
VOID = ("meta", "input", "wbr")


class Page(html.parser.HTMLParser):
    """A page's tables and charts; complains about tags that do not match."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.open = []
        self.ids = []
        self.references = []
        self.attributes = set()
        self.tables = {}  # {id: {"columns": [name], "rows": [[(text, title)]], "omitted": N}}
        self.charts = {}  # {id: values}
        self.lines = []  # data-values of charts
        self.texts = {}  # {tag: [text]}
        self.policy = ""
        self.faults = []
        self.table = None
        self.cell = None
        self.feed(text)
        self.close()
        if self.open:
            self.faults.append(f"not closed: {self.open}")

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if len(given) != len(attrs):
            self.faults.append(f"an attribute twice: {tag} {attrs}")
        self.attributes.update(given)
        if tag not in VOID:
            self.open.append(tag)
        if "id" in given:
            self.ids.append(given["id"])
        for key in ("for", "aria-labelledby"):
            if key in given:
                self.references.append(given[key])
        if "href" in given:
            if not given["href"].startswith("#"):
                self.faults.append(f"leads elsewhere: {given['href']}")
            self.references.append(given["href"][1:])
        if given.get("http-equiv") == "Content-Security-Policy":
            self.policy = given["content"]
        if tag == "section" and given.get("class") == "table":
            self.table = self.tables[given["id"]] = {"columns": [], "rows": [], "omitted": 0}
        elif tag == "figure":
            self.charts[given["id"]] = None
        elif given.get("class") == "plot":
            self.charts[list(self.charts)[-1]] = given["data-values"].split("|")
        elif tag == "tr" and "thead" not in self.open:
            self.table["rows"].append([])
        elif tag == "th" and given.get("scope") == "col":
            if "data-name" in given:
                self.table["columns"].append(given["data-name"])
        elif tag in ("td", "th") and given.get("class") != "evidence":
            self.cell = ["", given.get("title")]
            self.table["rows"][-1].append(self.cell)

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"</{tag}> at {self.getpos()} closes nothing")
        if tag in ("td", "th"):
            self.cell = None

    def handle_startendtag(self, tag, attrs):
        if tag != "path":
            self.faults.append(f"<{tag}/> at {self.getpos()}")

    def handle_data(self, data):
        tag = self.open[-1] if self.open else ""
        self.texts.setdefault(tag, []).append(data)
        if self.cell is not None:
            self.cell[0] += data
        found = re.match(r"([\d,]+) more rows? (is|are) left out\.$", data)
        if found and self.table is not None:
            self.table["omitted"] = int(found[1].replace(",", ""))


def write_page(path, *flags):
    got = marey("report", "--html", "-", *flags, path)
    return got.code, got.out.decode("utf-8")  # strict: it is valid UTF-8


def exact(cell):
    """The value of a number's cell, as in JSON."""
    text, title = cell
    text = title.split()[0] if title else text
    return None if text == "-" else json.loads(text)


def complaints(path, *flags):
    """What is wrong with the page of a trace."""
    code, text = write_page(path, *flags)
    data = marey("report", "--json", *flags, path)
    if code != data.code:
        return [f"exit status {code}, with --json {data.code}"]
    if not data.out:
        return [] if not text else ["a page and no JSON"]
    wrong = []
    if len(text.encode()) >= MOST_BYTES:
        wrong.append(f"{len(text.encode())} bytes")
    for part in ("http://", "https://", "src=", "url(", "@import"):
        if part in text:
            wrong.append(f"has '{part}'")
    page = Page(text)
    wrong += page.faults
    wrong += [f"the id {name} twice" for name in set(page.ids) if page.ids.count(name) > 1]
    wrong += [f"no id {name}" for name in page.references if name not in page.ids]
    wrong += [f"an event handler: {name}" for name in page.attributes if name.startswith("on")]
    return wrong + compare(page, json.loads(data.out))


def compare(page, found):
    if found["trace"]["events"] == found["trace"]["events_by_kind"].get("Sync", 0):
        return [] if not page.tables else ["tables of no events"]
    wrong = []
    blank = [table for table in found["tables"]
             if not any(value for row in table["rows"] for value in row.values())]
    shown = [table for table in found["tables"] if table not in blank]
    if [table["id"] for table in shown] != list(page.tables):
        wrong.append(f"tables are {list(page.tables)}")
    nothing = [text for text in page.texts.get("p", []) if text.startswith("Nothing to show")]
    if [table["title"] for table in blank] != re.findall(
            r"(?<=[:;] )[^;]+?(?=;|\.$)", nothing[0] if nothing else ""):
        wrong.append(f"nothing to show: {nothing}")
    for table in shown:
        wrong += compare_table(page.tables.get(table["id"]), table)
    for chart in found["charts"]:
        values = page.charts.get(chart["id"])
        if values is None or len(values) != max(len(chart["values"]), 1):
            wrong.append(f"chart {chart['id']}: {values}")
    return wrong


def compare_table(drawn, table):
    if drawn is None:
        return [f"{table['id']}: missing"]
    wrong = []
    types = {column["name"]: column["type"] for column in table["columns"]}
    for name in types:
        if name not in drawn["columns"] and any(row[name] for row in table["rows"]):
            wrong.append(f"{table['id']}: no column {name}")
    rows = table["rows"]
    if len(drawn["rows"]) != min(len(rows), MOST_ROWS):
        wrong.append(f"{table['id']}: {len(drawn['rows'])} of {len(rows)} rows")
    if len(drawn["rows"]) + drawn["omitted"] != len(rows) + table["omitted_rows"]:
        wrong.append(f"{table['id']}: {drawn['omitted']} left out")
    for cells, row in zip(drawn["rows"], rows):
        for cell, name in zip(cells, drawn["columns"], strict=True):
            value = row[name]
            if types[name] != "text":
                if exact(cell) != value:
                    wrong.append(f"{table['id']}.{name}: {cell} is not {value}")
            elif len(value.encode()) <= MOST_TEXT and value.isprintable():
                shown, path = cell  # of a path, its end
                if (path or shown) != (value or "-") or not (value or "-").endswith(shown):
                    wrong.append(f"{table['id']}.{name}: {cell} is not {value}")
    return wrong


class Pages(corpus.CorpusTest):
    def check_all(self, folder):
        paths = []
        for place in ("traces", "traces/broken"):
            names = sorted(os.listdir(os.path.join(folder, place)))
            paths += [os.path.join(folder, place, name) for name in names if ".trace" in name]
        self.each(paths, complaints, os.path.basename)

    def test_of_all_traces_of_the_repository(self):
        self.check_all(os.path.join(corpus.ROOT, "testdata"))

    def test_of_all_shared_traces(self):
        if not os.path.isdir(os.path.join(corpus.SHARED, "traces")):
            print("skipped: there is no shared collection beside the repository")
            self.skipTest("no shared traces")
        self.corpus = "shared"
        self.check_all(corpus.SHARED)


class Html(unittest.TestCase):
    def test_has_tables_charts_and_how_to_read_them(self):
        found = json.loads(marey("report", "--json", HTTP).out)
        _, text = write_page(HTTP)
        page = Page(text)
        self.assertGreater(len(page.tables), 5)
        self.assertEqual(list(page.charts), [chart["id"] for chart in found["charts"]])
        plain = re.sub(r"</?code>", "'", text)
        for table in found["tables"]:
            if table["id"] in page.tables:
                self.assertIn(table["reading"].split(";")[0], plain)
        self.assertIn("The trace is whole", text)

    def test_only_its_own_script_may_run_and_nothing_is_loaded(self):
        _, text = write_page(HTTP)
        policy = Page(text).policy
        script = re.search(r"<script>(.*?)</script>", text, re.S)[1]
        digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        self.assertIn("default-src 'none'", policy)
        self.assertIn(f"script-src 'sha256-{digest}'", policy,
                      "kPageScriptSha256 in src/table/page_assets.cc is that of another script")

    def test_commands_in_it_work(self):
        _, text = write_page(HTTP)
        commands = set(re.findall(r"<details><summary>\w+</summary><code>marey ([^<]*)</code>", text))
        self.assertGreater(len(commands), 100)
        for command in sorted(commands)[:10]:
            with self.subTest(command):
                got = marey(*command.split())
                self.assertEqual((got.code, got.err), (0, ""))
                self.assertGreater(len(got.out), 100)

    def test_top_limits_rows(self):
        page = Page(write_page(HTTP, "--top", "3")[1])
        self.assertEqual(len(page.tables["worst_latencies"]["rows"]), 3)
        self.assertEqual(complaints(HTTP, "--top", "3"), [])

    def test_a_range_of_time(self):
        flags = ("--from", "5ms", "--to", "0.010")
        self.assertEqual(complaints(HTTP, *flags), [])
        text = write_page(HTTP, *flags)[1]
        self.assertRegex(text, r'<p class="lead">Go [^<]* · range: 0.005000s to 0.010000s \(5ms\)</p>')
        self.assertIn("<dd>0.005000s to 0.010000s (5ms)</dd>", text)
        self.assertIn("sums have the part within", text)
        self.assertNotIn("to 0.010000s", write_page(HTTP)[1])

    def test_what_a_trace_names_is_escaped(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "<b>&\"'\xe9.trace")
            with open(HTTP, "rb") as source, open(path, "wb") as target:
                target.write(source.read())
            text = write_page(path)[1]
            self.assertNotIn("<b>", text)
            self.assertIn("<h1>&lt;b&gt;&amp;&quot;&#39;é.trace</h1>", text)
            self.assertEqual(Page(text).faults, [])


class File(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.path = os.path.join(self.folder, "page.html")

    def test_is_the_same_as_standard_output(self):
        got = marey("report", "--html", self.path, HTTP)
        self.assertEqual((got.code, got.out, got.err), (0, b"", ""))
        with open(self.path, encoding="utf-8", newline="") as page:
            self.assertEqual(page.read(), write_page(HTTP)[1])
        self.assertEqual(os.listdir(self.folder), ["page.html"])

    def test_takes_the_place_of_another_and_keeps_its_rights(self):
        with open(self.path, "w", encoding="utf-8") as page:
            page.write("old")
        os.chmod(self.path, 0o640)
        link = os.path.join(self.folder, "link.html")
        os.symlink("page.html", link)
        self.assertEqual(marey("report", "--html", link, HTTP).code, 0)
        self.assertTrue(os.path.islink(link))
        self.assertEqual(stat.S_IMODE(os.stat(self.path).st_mode), 0o640)
        self.assertGreater(os.path.getsize(self.path), 10_000)
        self.assertEqual(sorted(os.listdir(self.folder)), ["link.html", "page.html"])

    def test_never_the_trace_itself(self):
        trace = os.path.join(self.folder, "http.trace")
        with open(HTTP, "rb") as source, open(trace, "wb") as target:
            target.write(source.read())
        size = os.path.getsize(trace)
        for command in (("report", "--html"), ("profile", "sched", "--format=pprof", "-o")):
            got = marey(*command, os.path.join(self.folder, ".", "http.trace"), trace)
            self.assertEqual(got.code, 2)
            self.assertIn("is the trace itself; give another file", got.err)
            self.assertEqual(os.path.getsize(trace), size)
        with open(trace, "rb") as file:
            got = subprocess.run([*corpus.MAREY, "report", "--html", trace, "-"], stdin=file,
                                 capture_output=True, check=False)
        self.assertEqual(got.returncode, 2)
        self.assertEqual(os.path.getsize(trace), size)

    def test_where_none_can_be(self):
        for path, why in ((os.path.join(self.folder, "none", "page.html"), "No such file"),
                          (self.folder, "Is a directory"),
                          (os.path.join(HTTP, "page.html"), "Not a directory")):
            with self.subTest(path):
                got = marey("report", "--html", path, HTTP)
                self.assertEqual(got.code, 1)
                self.assertIn(f"cannot write {path}: {why}", got.err)
        if os.path.exists("/dev/full"):
            got = marey("report", "--html", "/dev/full", HTTP)
            self.assertEqual(got.code, 1)
            self.assertIn("No space left", got.err)

    def test_a_trace_that_is_none_leaves_the_file_alone(self):
        broken = os.path.join(corpus.ROOT, "testdata/traces/broken/text.trace")
        if not os.path.exists(broken):
            broken = os.path.join(corpus.ROOT, "README.md")
        with open(self.path, "w", encoding="utf-8") as page:
            page.write("old")
        self.assertEqual(marey("report", "--html", self.path, broken).code, 1)
        with open(self.path, encoding="utf-8") as page:
            self.assertEqual(page.read(), "old")

    def test_one_form_at_a_time(self):
        got = marey("report", "--html", self.path, "--json", HTTP)
        self.assertEqual(got.code, 2)
        self.assertIn("--html and --json", got.err)
        self.assertEqual(os.listdir(self.folder), [])


if __name__ == "__main__":
    unittest.main()
