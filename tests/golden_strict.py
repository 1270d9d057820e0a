#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`marey -d=parsed --strict` gives Go's verdict: golden_strict.py testdata|shared

The same exit status, the same events before the end or the failure, the same last line of standard
error.
"""
import corpus
from compare_parsed import differences
from corpus import golden, last_line, marey, parsed_events, traces


class Strict(corpus.CorpusTest):
    def test_same_verdict(self):
        def check(trace):
            want = trace.status["parsed.txt"]
            got = marey("-d=parsed", "--strict", trace.path)
            bad = []
            if got.code != want.code:
                bad.append(f"exit status {got.code}, Go's {want.code}")
            if last_line(got.err) != want.message:
                bad.append(f"message {last_line(got.err)!r}, Go's {want.message!r}")
            text = golden(trace, "parsed.txt") or b""
            if parsed_events(got.out) != parsed_events(text):
                bad.append(f"{parsed_events(got.out)} events, Go's {parsed_events(text)}")
            elif text or got.out:
                bad += differences(text, got.out)
            return bad

        self.each(traces(self.corpus) + traces(self.corpus, "broken"), check)


if __name__ == "__main__":
    corpus.main()
