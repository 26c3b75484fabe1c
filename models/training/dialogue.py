#!/usr/bin/env python3
"""Picks free dialogue lines for training: short enough, made of words that occur often, without digits.

usage: dialogue.py DIALOGUE.txt OUT.txt [--lines 12000] [--seed 1] [--splice TEXT.txt N]
--splice writes N lines of pieces instead, each two to four pieces of one to five words from the dialogue and from TEXT:
word orders nobody says, so that the decoder has to listen. Rarer words come in here too.
DIALOGUE.txt (Schema-Guided Dialogue, CC BY-SA 4.0, one lower-case line each) is training text only and stays out of
the repository.
"""
import argparse
import collections
import random
import re


def piece(words, rand):
    """One to five words in a row."""
    at = rand.randrange(len(words))
    return " ".join(words[at : at + rand.randint(1, 5)])


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("dialogue")
    ap.add_argument("out")
    ap.add_argument("--lines", type=int, default=12000)
    ap.add_argument("--seed", type=int, default=1)
    ap.add_argument("--splice", nargs=2, metavar=("TEXT", "N"))
    a = ap.parse_args()
    lines = list(dict.fromkeys(open(a.dialogue).read().split("\n")))
    count = collections.Counter(w for line in lines for w in set(line.split()))
    if a.splice:
        rand = random.Random(a.seed)
        words = [s for s in lines if re.fullmatch(r"[a-z' ]+", s) and all(count[w] >= 2 for w in s.split())]
        # a rare word is drawn about as often as a common one
        rare = [s for s in words if min(count[w] for w in s.split()) < 40]
        sources = [words, rare, rare, open(a.splice[0]).read().splitlines()]
        with open(a.out, "w") as f:
            for _ in range(int(a.splice[1])):
                f.write(" ".join(piece(rand.choice(rand.choice(sources)).split(), rand) for _ in range(rand.randint(2, 4))) + "\n")
        return
    usable = [s for s in lines if 2 <= len(s.split()) <= 22 and re.fullmatch(r"[a-z' ]+", s) and all(count[w] >= 12 for w in s.split())]
    random.Random(a.seed).shuffle(usable)
    with open(a.out, "w") as f:
        f.writelines(s + "\n" for s in usable[: a.lines])
    print(len(lines), "lines,", len(usable), "usable,", min(len(usable), a.lines), "taken")


if __name__ == "__main__":
    main()
