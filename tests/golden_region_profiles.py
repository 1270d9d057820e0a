#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""golden_region_profiles.py shared

`marey profile KIND --region NAME` against the profiles of Go's pages for a type of regions.

Go's pages are about the regions of a type that begin in one place; those that are compared have all
of the type. The regions without a name on these pages are not the program's: they stand for the
goroutines that were created while their creator was in a region, and Marey has no such thing.
"""
import io
import subprocess
import tarfile
import urllib.parse

import compare_pprof
import corpus
from corpus import marey, traces

KINDS = {"/regionio": "net", "/regionblock": "sync", "/regionsyscall": "syscall",
         "/regionsched": "sched"}


def profiles(trace):
    """(kind, region, bytes) of each page of a profile of regions that have a name."""
    packed = corpus.golden(trace, "http.tar")
    if not packed:
        return
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        content = {member.name.rpartition("/")[2]: archive.extractfile(member).read()
                   for member in archive if member.isfile()}
    for row in content["URLS.tsv"].decode().splitlines():
        name, status, _, url = row.split("\t")
        path, _, query = url.partition("?")
        region = urllib.parse.parse_qs(query).get("type", [""])[0]
        if path in KINDS and status == "200" and region:
            yield KINDS[path], region, content[name]


class RegionProfiles(corpus.CorpusTest):
    def test_agree_with_go(self):
        compared = []

        def check(trace):
            found = []
            for kind, region, want in profiles(trace):
                got = marey("profile", kind, f"--region={region}", "--format=pprof", trace.path)
                found += [f"{kind} {region}: {each}"
                          for each in compare_pprof.differences(want, got.out)]
                compared.append(trace.name)
            return found

        self.each([trace for trace in traces(self.corpus)
                   if trace.status["parsed.txt"].code == 0], check)
        self.assertTrue(compared)


if __name__ == "__main__":
    corpus.main()
