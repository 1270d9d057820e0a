#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Prints src/table/rune_widths.inc: {first, last, columns} for all runes that do not take one
column of a terminal: two for East Asian wide and fullwidth ones, none for combining marks.

    python3 src/table/testdata/rune_widths.py > src/table/rune_widths.inc
"""
import sys
import unicodedata


def columns(rune):
    c = chr(rune)
    category = unicodedata.category(c)
    if category in ('Mn', 'Me'):
        return 0
    if category in ('Cn', 'Cs'):  # for what is not assigned, unicodedata's widths mean nothing
        return 1
    return 2 if unicodedata.east_asian_width(c) in 'WF' else 1


def main():
    print('// SPDX-License-Identifier: Apache-2.0')
    print(f'// Generated from Unicode {unicodedata.unidata_version} by '
          'src/table/testdata/rune_widths.py; do not edit.')
    line, first = '', 0
    for rune in range(1, sys.maxunicode + 2):
        if rune <= sys.maxunicode and columns(rune) == columns(first):
            continue
        if columns(first) != 1:
            item = f'{{{first:#x}, {rune - 1:#x}, {columns(first)}}},'
            if len(line) + 1 + len(item) > 100:
                print(line)
                line = ''
            line += (' ' if line else '') + item
        first = rune
    print(line)


main()
