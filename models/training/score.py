"""Word error rate and numbers exact."""

NUMBER_WORDS = set(
    "zero oh one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen "
    "nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand double triple".split()
)


def edits(hypothesis, reference):
    """Levenshtein distance between two word lists."""
    row = list(range(len(reference) + 1))
    for i, x in enumerate(hypothesis, 1):
        before, row[0] = row[0], i
        for j, y in enumerate(reference, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (x != y))
    return row[-1]


def number_runs(words):
    """Every maximal run of number words, as one string each."""
    runs, run = [], []
    for word in [*words, ""]:
        if word in NUMBER_WORDS:
            run.append(word)
        elif run:
            runs.append(" ".join(run))
            run = []
    return runs


class Score:
    """Adds up utterances: WER, lines exact, long numbers (>= 4 words) and telephone numbers (7 to 11 digits, each said alone)."""

    def __init__(self):
        self.errors = self.words = self.exact = self.lines = 0
        self.numbers = [0, 0]
        self.phones = [0, 0]

    def add(self, reference, hypothesis):
        ref, hyp = reference.split(), hypothesis.split()
        wrong = edits(hyp, ref)
        self.errors += wrong
        self.words += len(ref)
        self.exact += wrong == 0
        self.lines += 1
        heard = number_runs(hyp)
        for run in number_runs(ref):
            length = len(run.split())
            if length >= 4:
                self.numbers[0] += run in heard
                self.numbers[1] += 1
            if 7 <= length <= 11 and all(w in NUMBER_WORDS_SINGLE for w in run.split()):
                self.phones[0] += run in heard
                self.phones[1] += 1

    @property
    def wer(self):
        return 100 * self.errors / max(1, self.words)

    def __str__(self):
        return "WER %5.1f %%  lines exact %3d of %3d  numbers %2d of %2d  telephone numbers %2d of %2d" % (
            self.wer, self.exact, self.lines, *self.numbers, *self.phones,
        )


NUMBER_WORDS_SINGLE = set("zero oh one two three four five six seven eight nine".split())
