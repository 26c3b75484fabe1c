"""Expands sentence templates: `(a|b|)` is a choice, `{name}` a slot. text/slots.txt holds the slots' choices,
which are templates themselves; what needs arithmetic or spelling is a function of spoken.py.
"""
import re
from pathlib import Path

import spoken

HERE = Path(__file__).parent / "text"
SPOKEN = {
    name: getattr(spoken, name)
    for name in (
        "phone phone7 phone10 code idcode zip_code house quantity small clock clock2 date year birthday money letters letters1 "
        "last_four digit one two three four"
    ).split()
}
CHOICE = re.compile(r"\(([^()]*)\)")
SLOT = re.compile(r"\{(\w+)(?::(\w+))?\}")


def read_lines(path):
    return [line for line in (raw.split("#")[0].strip() for raw in open(path)) if line]


def slots(path=HERE / "slots.txt"):
    """`name: choice / choice`, a name may come several times; `name: words ...` with `~` splits at blanks."""
    table = {}
    for line in read_lines(path):
        name, rest = line.split(":", 1)
        words = rest[1:].split() if rest.startswith("~") else [c.strip() for c in rest.split(" / ")]
        table.setdefault(name.strip(), []).extend(words)
    return table


class Grammar:
    def __init__(self, rand):
        self.rand = rand
        self.slots = slots()

    def expand(self, template):
        """One random sentence of a template."""
        text = template
        while True:
            text, choices = CHOICE.subn(lambda m: self.rand.choice(m[1].split("|")), text)
            text, names = SLOT.subn(self._slot, text)
            if not choices and not names:
                return " ".join(text.split())

    def _slot(self, match):
        name, argument = match[1], match[2]
        if name == "spell":  # {spell:last} spells a random last name, {spelled:last} says it and spells it
            return spoken.spell(self.word(argument), self.rand)
        if name == "spelled":
            word = self.word(argument)
            return word + self.rand.choice([" ", " ", " that's ", " spelled "]) + spoken.spell(word, self.rand)
        if name == "spellas":
            return spoken.spell_as_in(self.word(argument), self.rand)
        if name == "spellpart":
            return spoken.spell_part(self.word(argument), self.rand)
        if name == "day":
            return self._day()
        if name in SPOKEN:
            return SPOKEN[name](self.rand)
        return self.rand.choice(self.slots[name])

    def word(self, slot):
        words = [w for w in self.slots[slot] if len(w) <= 10 and "{" not in w]
        return self.rand.choice(words)

    def _day(self):
        draw = self.rand.random()
        if draw < 0.4:
            return self.rand.choice(spoken.DAY)
        if draw < 0.55:
            return self.rand.choice(["this ", "next ", "on "]) + self.rand.choice(spoken.DAY)
        if draw < 0.8:
            return self.rand.choice(self.slots["soon"])
        return spoken.date(self.rand)
