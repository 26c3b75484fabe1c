#!/usr/bin/env python3
"""Prints the lines of call scripts as the model would write them, to keep them out of training.

usage: demo_lines.py CALL.toml ... > keep-out.txt
Stock phrases of up to three words (`yes that's right`) are left out: no call goes without them.
"""
import sys
import tomllib

from text import plain


def main(*paths):
    said = set()
    for path in paths:
        with open(path, "rb") as f:
            for line in tomllib.load(f).get("lines", []):
                said |= {plain(line[who]) for who in ("caller", "agent") if isinstance(line.get(who), str)}
    print("\n".join(sorted(s for s in said if len(s.split()) > 3)))


if __name__ == "__main__":
    if len(sys.argv) < 2:
        raise SystemExit(__doc__)
    main(*sys.argv[1:])
