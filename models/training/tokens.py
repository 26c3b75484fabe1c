"""A subset of GPT-2's vocabulary: the frequent words whole, the rest in pieces; lower case only."""
import collections


class Tokens:
    def __init__(self, ids, vocabulary):
        self.ids = list(ids)
        self.text = {i: vocabulary[i].decode() for i in self.ids}
        self.by_text = {s: i for i, s in self.text.items()}
        self.longest = max(map(len, self.by_text))
        self.row = {t: k for k, t in enumerate(self.ids)}  # token id -> row of the trained matrix
        self._cache = {}

    def encode(self, text):
        """Token ids of a sentence: the fewest pieces a word."""
        return [t for word in text.split() for t in self.word(" " + word)]

    def word(self, word):
        if word not in self._cache:
            best = {0: (0, [])}
            for end in range(1, len(word) + 1):
                ways = [
                    (best[start][0] + 1, best[start][1] + [self.by_text[word[start:end]]])
                    for start in range(max(0, end - self.longest), end)
                    if start in best and word[start:end] in self.by_text
                ]
                if ways:
                    best[end] = min(ways, key=lambda w: w[0])
            self._cache[word] = best[len(word)][1]
        return self._cache[word]


def _usable(vocabulary):
    """text -> id of all pieces made of lower-case letters and apostrophes."""
    table = {}
    for i, raw in enumerate(vocabulary[:50256]):
        try:
            text = raw.decode()
        except UnicodeDecodeError:
            continue
        core = text.removeprefix(" ")
        if core and all(c in "abcdefghijklmnopqrstuvwxyz'" for c in core):
            table[text] = i
    return table


def choose(lines, vocabulary, words=1500, pieces=450, base=()):
    """Token ids for a text: letters, endings, frequent words, and pieces that write the other words; `base` is kept."""
    table = _usable(vocabulary)
    count = collections.Counter(" " + w for line in lines for w in line.split())
    keep = {s for s in table if len(s.strip()) == 1} | {"'s", "'re", "'ll", "'d", "'m", "'t", "'ve"} & set(table)
    keep |= {w for w, _ in count.most_common(words) if w in table}
    gain = collections.Counter()
    for word, n in count.items():
        if word in keep:
            continue
        for a in range(len(word)):
            for b in range(a + 2, len(word) + 1):
                if word[a:b] in table:
                    gain[word[a:b]] += n * (b - a - 1)
    if not base:
        keep |= {p for p, _ in gain.most_common(pieces)}
    return list(base) + sorted({table[s] for s in keep} - set(base))
