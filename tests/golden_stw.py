#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""golden_stw.py testdata|shared

How long it takes to stop the world, and how long it stands still, as `marey stw` tells it and as
the events of procs do: it has stopped when all other procs are given up, and runs again when one is
taken.
"""
import json

import corpus
from corpus import CorpusTest, marey, traces


def pauses_of(trace):
    """(begin, goroutine) of each pause that begins and ends in the trace, to (stopping, stopped)."""
    held, found, pause = set(), {}, None
    lines = marey("events", "--json", "--kind=RangeBegin,RangeEnd,StateTransition",
                  trace.path).out.splitlines()
    for event in map(json.loads, lines):
        time = event["time"]
        if event["kind"] != "StateTransition":
            if not event["name"].startswith("stop-the-world"):
                continue
            if event["kind"] == "RangeBegin":
                others = held - {event["proc"]}
                pause = {"begin": time, "goroutine": event["goroutine"], "proc": event["proc"],
                         "others": others, "stopped": None if others else time, "again": None}
            elif pause is not None:
                if pause["stopped"] is not None:
                    again = time if pause["again"] is None else pause["again"]
                    found[pause["begin"], pause["goroutine"]] = (pause["stopped"] - pause["begin"],
                                                                 again - pause["stopped"])
                pause = None
            continue
        proc = event["resource"]["id"]
        if event["resource"]["kind"] != "Proc" or event["from"] == event["to"]:
            continue
        if event["to"] == "Running":
            held.add(proc)
        else:
            held.discard(proc)
        if pause is None or proc == pause["proc"]:
            continue
        if event["from"] == "Undetermined":
            pause = None  # before Go 1.22: nothing tells whether the proc has been held until now
            continue
        if pause["stopped"] is None:
            (pause["others"].add if event["to"] == "Running" else pause["others"].discard)(proc)
            if not pause["others"]:
                pause["stopped"] = time
        elif pause["again"] is None and event["to"] == "Running":
            pause["again"] = time
    return found


def check_pauses(trace):
    found = json.loads(marey("stw", "--json", trace.path).out)["tables"]
    rows = next(table["rows"] for table in found if table["id"] == "worst_pauses")
    told = {(row["at"], row["goroutine"]): (row["stopping"], row["stopped"]) for row in rows}
    complaints = []
    for pause, times in pauses_of(trace).items():
        if told.get(pause) != times:
            complaints.append(f"the pause at {pause[0]}: (stopping, stopped) are {told.get(pause)}, "
                              f"by the events {times}")
    return complaints


class StopTheWorld(CorpusTest):
    def test_pauses(self):
        sound = [each for each in traces(self.corpus) if each.status["parsed.txt"].code == 0]
        self.each(sound, check_pauses)


if __name__ == "__main__":
    corpus.main()
