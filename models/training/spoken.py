"""Numbers, times, codes and spelled names, in every way people say them. Every function takes a random.Random."""

DIGIT = "zero one two three four five six seven eight nine".split()
TEEN = "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split()
TEN = "_ _ twenty thirty forty fifty sixty seventy eighty ninety".split()
ORDINAL = (
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth "
    "sixteenth seventeenth eighteenth nineteenth twentieth".split()
    + ["twenty " + o for o in "first second third fourth fifth sixth seventh eighth ninth".split()]
    + ["thirtieth", "thirty first"]
)
MONTH = "january february march april may june july august september october november december".split()
DAY = "monday tuesday wednesday thursday friday saturday sunday".split()
LETTER = "abcdefghijklmnopqrstuvwxyz"
NATO = (
    "alpha bravo charlie delta echo foxtrot golf hotel india juliet kilo lima mike november oscar papa quebec romeo "
    "sierra tango uniform victor whiskey x-ray yankee zulu".replace("x-ray", "xray").split()
)
FIRST_LETTERS = (
    "adam anna ben barbara bob charlie cindy carol david dan diane emily eric fred fiona grace gary helen harry irene ian james john karen "
    "kevin kate linda larry laura michael martin nora nick nathan olivia oliver paul pamela quentin rachel rose susan steve thomas tina "
    "ursula vincent vera walter wendy xavier yvonne zoe zachary".split()
)
AS_IN = "apple boy cat dog edward frank george henry ida john king larry mary nancy oscar peter queen robert sam tom uncle victor william xray young zebra".split()


def below_100(n):
    if n < 10:
        return DIGIT[n]
    if n < 20:
        return TEEN[n - 10]
    return TEN[n // 10] + (" " + DIGIT[n % 10] if n % 10 else "")


def number(n, rand):
    """Any number below a million, said as a quantity."""
    if n < 100:
        return below_100(n)
    if n < 1000:
        return DIGIT[n // 100] + " hundred" + (rand.choice([" ", " and "]) + below_100(n % 100) if n % 100 else "")
    return number(n // 1000, rand) + " thousand" + (" " + number(n % 1000, rand) if n % 1000 else "")


def random_digits(count, rand):
    return "".join(rand.choice("0123456789") for _ in range(count))


def one_by_one(digits, rand, zero=None, plain=False):
    """Digit by digit; now and then `double five` or `triple two` unless plain."""
    zero = zero or rand.choice(["oh", "oh", "zero"])
    said = [zero if d == "0" else DIGIT[int(d)] for d in digits]
    if plain:
        return " ".join(said)
    out, i = [], 0
    while i < len(said):
        if said[i : i + 3] == [said[i]] * 3 and rand.random() < 0.08:
            out += ["triple", said[i]]
            i += 3
        elif said[i : i + 2] == [said[i]] * 2 and rand.random() < 0.06:
            out += ["double", said[i]]
            i += 2
        else:
            out.append(said[i])
            i += 1
    return " ".join(out)


def pair(two, rand):
    """Two digits as one number: `oh seven`, `forty two`."""
    return one_by_one(two, rand) if two[0] == "0" else below_100(int(two))


def area_code(rand):
    common = "415 510 650 408 212 718 512 214 713 303 206 503 312 617 305 404 602 702 919 704 216 614 313 412".split()
    return rand.choice(common) if rand.random() < 0.5 else str(rand.randint(2, 9)) + random_digits(2, rand)


def last_four(rand):
    draw = rand.random()
    if draw < 0.62:
        return one_by_one(random_digits(4, rand), rand)
    if draw < 0.84:
        four = random_digits(4, rand)
        return pair(four[:2], rand) + " " + pair(four[2:], rand)
    if draw < 0.92:
        return DIGIT[rand.randint(1, 9)] + " thousand"
    return below_100(rand.randint(10, 99)) + " hundred"


def phone7(rand):
    exchange = "555" if rand.random() < 0.35 else str(rand.randint(2, 9)) + random_digits(2, rand)
    return one_by_one(exchange, rand) + " " + last_four(rand)


def phone(rand):
    draw = rand.random()
    if draw < 0.25:
        return phone7(rand)
    if draw < 0.33:
        return rand.choice(["eight hundred", "eight eight eight", "eight seven seven"]) + " " + phone7(rand)
    code = one_by_one(area_code(rand), rand)
    joint = rand.choice(["", "", "", "", "", " and then", " um", " then"])
    return rand.choice(["area code ", "", "", "", "", "one "]) + code + joint + " " + phone7(rand)


def code(rand):
    """A case, gate, policy or order number."""
    draw = rand.random()
    digits = random_digits(rand.choice([3, 4, 4, 5, 6, 7, 8]), rand)
    if draw < 0.6:
        return one_by_one(digits, rand)
    if draw < 0.75:
        return letters(rand) + " " + one_by_one(digits[:5], rand)
    if draw < 0.85 and len(digits) % 2 == 0:
        return " ".join(pair(digits[i : i + 2], rand) for i in range(0, len(digits), 2))
    return letters(rand) + " " + number(rand.randint(10, 9999), rand)


def zip_code(rand):
    digits = random_digits(5, rand)
    return one_by_one(digits, rand) if rand.random() < 0.85 else one_by_one(digits[:3], rand) + " " + pair(digits[3:], rand)


def house(rand):
    draw = rand.random()
    if draw < 0.28:
        return below_100(rand.randint(1, 9)) + " " + rand.choice([below_100(rand.randint(10, 99)), "oh " + DIGIT[rand.randint(1, 9)]])
    if draw < 0.52:
        return below_100(rand.randint(10, 99)) + " " + rand.choice([below_100(rand.randint(10, 99)), "oh " + DIGIT[rand.randint(1, 9)], "hundred"])
    if draw < 0.75:
        return one_by_one(str(rand.randint(100, 99999)), rand)
    if draw < 0.9:
        return below_100(rand.randint(1, 99))
    return number(rand.randint(100, 9999), rand)


def quantity(rand):
    return number(rand.choice([rand.randint(1, 20), rand.randint(1, 99), rand.randint(100, 9999)]), rand)


def small(rand):
    return below_100(rand.randint(2, 12))


def clock(rand):
    hour, draw = below_100(rand.randint(1, 12)), rand.random()
    if draw < 0.35:
        return hour + rand.choice(["", " o'clock", " p m", " a m", " p m"])
    if draw < 0.6:
        minute = rand.choice(["thirty", "fifteen", "forty five", "oh five", "twenty", "ten", "fifty"])
        return hour + " " + minute + rand.choice(["", " p m", " a m"])
    if draw < 0.7:
        return rand.choice(["half past ", "quarter past ", "quarter to ", "a quarter after "]) + hour
    if draw < 0.82:
        return hour + " in the " + rand.choice(["morning", "afternoon", "evening"])
    return rand.choice(["noon", "around noon", "midnight", "early morning", "late afternoon", "the end of the day", "lunch time"])


def date(rand):
    draw, month, day = rand.random(), rand.choice(MONTH), rand.choice(ORDINAL)
    if draw < 0.6:
        return month + " " + day
    if draw < 0.8:
        return "the " + day + rand.choice(["", " of " + month])
    return month + " " + below_100(rand.randint(1, 31))


def year(rand):
    draw = rand.random()
    if draw < 0.6:
        return "nineteen " + pair("%02d" % rand.randint(30, 99), rand)
    if draw < 0.8:
        return "two thousand" + rand.choice(["", " and"]) + " " + DIGIT[rand.randint(1, 9)]
    return "twenty " + below_100(rand.randint(10, 26))


def birthday(rand):
    draw = rand.random()
    if draw < 0.75:
        return date(rand) + " " + year(rand)
    return below_100(rand.randint(1, 12)) + " " + below_100(rand.randint(1, 31)) + " " + rand.choice([year(rand), below_100(rand.randint(40, 99))])


def money(rand):
    amount = rand.choice([rand.randint(5, 99), rand.randint(1, 20) * 50, rand.randint(1, 9) * 100, rand.randint(100, 3000)])
    return number(amount, rand) + " dollars" + rand.choice(["", "", "", " and " + below_100(rand.randint(5, 99)) + " cents"])


def digit(rand):
    return one_by_one(random_digits(1, rand), rand)


def one(rand):
    return digit(rand)


def two(rand):
    return one_by_one(random_digits(2, rand), rand, plain=True)


def three(rand):
    """A group of three digits, often an area code or the exchange kept for fiction."""
    draw = rand.random()
    digits = area_code(rand) if draw < 0.4 else "555" if draw < 0.55 else random_digits(3, rand)
    return one_by_one(digits, rand, plain=True)


def four(rand):
    """A group of four digits, as a number ends."""
    return one_by_one(rand.choice(["01", ""]) + random_digits(2, rand) if rand.random() < 0.3 else random_digits(4, rand), rand, plain=True)


def phone10(rand):
    """Ten digits, one by one."""
    exchange = "555" if rand.random() < 0.4 else random_digits(3, rand)
    line = "01" + random_digits(2, rand) if rand.random() < 0.25 else random_digits(4, rand)
    return one_by_one(area_code(rand) + exchange + line, rand, plain=rand.random() < 0.9)


def clock2(rand):
    """A time an appointment is at."""
    hour = below_100(rand.choice([8, 9, 10, 11, 12, 1, 2, 3, 4, 5, 6, 7]))
    minute = rand.choice(["", "", "", " thirty", " thirty", " fifteen", " forty five", " o'clock"])
    return hour + minute + rand.choice(["", "", "", " a m", " p m", " in the morning", " in the afternoon"])


def idcode(rand):
    """A member id: letters, then digits one by one."""
    head = " ".join(rand.choice(LETTER) for _ in range(rand.choice([0, 1, 2, 3, 3])))
    return (head + " " + one_by_one(random_digits(rand.choice([4, 6, 7, 8, 9]), rand), rand)).strip()


def letters1(rand):
    return rand.choice(LETTER)


def letters(rand):
    return " ".join(rand.choice(LETTER) for _ in range(rand.randint(1, 5)))


def spell(word, rand):
    """`s m i t h`, `s as in sam m i t h`, or the alphabet of pilots."""
    draw = rand.random()
    word = word.replace(" ", "").replace("'", "")
    if draw < 0.82:
        return " ".join(word)
    if draw < 0.87 and len(word) < 7:
        return " ".join(NATO[LETTER.index(c)] for c in word)
    if draw < 0.92 and any(a == b for a, b in zip(word, word[1:])):  # double l
        out = []
        for c in word:
            out = out[:-1] + ["double", c] if out and out[-1] == c else out + [c]
        return " ".join(out)
    out = []
    for c in word:
        out.append(c)
        if rand.random() < 0.3 and len(out) < 14:
            out += [rand.choice(["as in", "like", "for"]), rand.choice([AS_IN, NATO])[LETTER.index(c)]]
    return " ".join(out)


def spell_as_in(word, rand):
    """The first letter, or a few, with a name beside: `k as in karen e l l y`."""
    first = {}
    for name in AS_IN + NATO + FIRST_LETTERS:
        first.setdefault(name[0], []).append(name)
    letters_said = [c for c in word if c.isalpha()]
    out, whole = [], rand.random() < 0.25
    for i, c in enumerate(letters_said):
        named = whole or i == 0 or rand.random() < 0.12
        out += [c] + ([rand.choice(["as in", "as in", "as in", "for", "like"]), rand.choice(first[c])] if named else [])
        if whole and i == 3:
            break
    return " ".join(out)


def spell_part(word, rand):
    """What is said between two pauses of a spelling: a letter with a name, or some of the letters."""
    if rand.random() < 0.4:
        return spell_as_in(rand.choice(word), rand)
    start = rand.randrange(max(1, len(word) - 2))
    return " ".join(word[start : start + rand.randint(2, 5)])
