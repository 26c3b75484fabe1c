#!/usr/bin/env python3
"""Writes training and test sentences: one a line, lower case, numbers as words.

usage: text.py OUTDIR [--lines 14000] [--test 160] [--seed 1]
OUTDIR/train.txt comes from the templates, OUTDIR/test_lines.txt from the same templates but holds no training line,
OUTDIR/test_numbers.txt are telephone numbers of seven or ten digits said one by one, with a few words in front.
Neither holds a sentence of test_sentences.txt or of the files named with --keep-out.
"""
import argparse
import collections
import os
import random
import re

import spoken
from grammar import HERE, Grammar, read_lines

SHARES = {"calls": 60, "details": 34, "manners": 16, "agent": 17, "stories": 10, "caller_home": 7, "caller_clinic": 6, "caller_law": 5, "caller_moving": 5}
LONGEST_WORDS = 26


def templates():
    """[(template, weight)]: a file's share of the lines is SHARES, inside a file the leading numbers weigh."""
    out = []
    for name, share in SHARES.items():
        rows = [line.split(" ", 1) for line in read_lines(HERE / (name + ".txt"))]
        total = sum(float(w) for w, _ in rows)
        out += [(text, share * float(weight) / total) for weight, text in rows]
    return out


def telephone_numbers(rand, count=60):
    """Telephone numbers said digit by digit."""
    front = ["", "it's ", "my number is ", "you can reach me at ", "call me back at ", "the number is "]
    return [rand.choice(front) + spoken.one_by_one(spoken.random_digits(rand.choice([7, 7, 10]), rand), rand, plain=True) for _ in range(count)]


def plain(line):
    """A sentence as the model would write it, for comparing."""
    return " ".join(re.sub(r"[^a-z' ]", " ", line.lower()).split())


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("out")
    ap.add_argument("--lines", type=int, default=14000)
    ap.add_argument("--test", type=int, default=160)
    ap.add_argument("--seed", type=int, default=1)
    ap.add_argument("--keep-out", nargs="*", default=[])
    a = ap.parse_args()
    os.makedirs(a.out, exist_ok=True)
    rand = random.Random(a.seed)
    grammar = Grammar(rand)
    kept_out = {plain(s) for path in [HERE / ".." / "test_sentences.txt", *a.keep_out] for s in read_lines(path)}
    choices, weights = zip(*templates())
    seen, lines = collections.Counter(), []
    while len(lines) < a.lines + a.test:
        line = grammar.expand(rand.choices(choices, weights)[0])
        if rand.random() < 0.1:
            line += " " + grammar.expand(rand.choices(choices, weights)[0])
        words = len(line.split())
        assert re.fullmatch(r"[a-z' ]*", line), line
        if 1 <= words <= LONGEST_WORDS and line not in kept_out and seen[line] < (4 if words <= 3 else 1):
            seen[line] += 1
            lines.append(line)
    rand.shuffle(lines)
    test = [s for s in lines if seen[s] == 1 and len(s.split()) > 1][: a.test]
    train = [s for s in lines if s not in set(test)]
    numbers = telephone_numbers(rand)
    for name, rows in (("train", train), ("test_lines", test), ("test_numbers", numbers)):
        with open(os.path.join(a.out, name + ".txt"), "w") as f:
            f.writelines(s + "\n" for s in rows)
    vocabulary = {w for s in train for w in s.split()}
    missing = sorted({w for s in kept_out for w in s.split()} - vocabulary)
    print(len(choices), "templates,", len(train), "lines,", len(vocabulary), "words; test sentence words never trained:", *missing)


if __name__ == "__main__":
    main()
