//! The part a word can play in a spoken number.

/// The part a token can play in a spoken number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Num {
    /// None.
    None,
    /// zero to nine, said as such.
    Digit(u8),
    /// ten to nineteen.
    Teen(u8),
    /// twenty, thirty ... ninety, as 2..=9.
    Tens(u8),
    /// "hundred".
    Hundred,
    /// "thousand".
    Thousand,
    /// "double", "triple", "quadruple": the next digit that many times.
    Repeat(u8),
    /// "oh" or "o": a zero beside digits, a sigh elsewhere.
    Oh,
    /// A word that sounds like a digit: for, to, too, won, ate.
    Homophone(u8),
    /// Written digits.
    Literal,
    /// first ... ninety-ninth, 1st ...: as a number.
    Ordinal(u16),
}

/// The part a lower-case word can play in a number.
pub fn classify(text: &str) -> Num {
    let Some(first) = text.bytes().next() else {
        return Num::None;
    };
    if first.is_ascii_digit() {
        if text.bytes().all(|b| b.is_ascii_digit()) {
            return Num::Literal;
        }
        if let Some(digits) = ["st", "nd", "rd", "th"]
            .iter()
            .find_map(|s| text.strip_suffix(s))
            && let Ok(n) = digits.parse::<u16>()
        {
            return Num::Ordinal(n);
        }
        return Num::None;
    }
    match text {
        "zero" => Num::Digit(0),
        "one" => Num::Digit(1),
        "two" => Num::Digit(2),
        "three" => Num::Digit(3),
        "four" => Num::Digit(4),
        "five" | "fife" => Num::Digit(5),
        "six" => Num::Digit(6),
        "seven" => Num::Digit(7),
        "eight" => Num::Digit(8),
        "nine" | "niner" => Num::Digit(9),
        "oh" | "o" => Num::Oh,
        "for" | "fore" => Num::Homophone(4),
        "to" | "too" => Num::Homophone(2),
        "won" => Num::Homophone(1),
        "ate" => Num::Homophone(8),
        "tree" | "free" => Num::Homophone(3),
        "sex" | "sicks" => Num::Homophone(6),
        "ten" => Num::Teen(10),
        "eleven" => Num::Teen(11),
        "twelve" => Num::Teen(12),
        "thirteen" => Num::Teen(13),
        "fourteen" => Num::Teen(14),
        "fifteen" => Num::Teen(15),
        "sixteen" => Num::Teen(16),
        "seventeen" => Num::Teen(17),
        "eighteen" => Num::Teen(18),
        "nineteen" => Num::Teen(19),
        "twenty" => Num::Tens(2),
        "thirty" => Num::Tens(3),
        "forty" | "fourty" => Num::Tens(4),
        "fifty" => Num::Tens(5),
        "sixty" => Num::Tens(6),
        "seventy" => Num::Tens(7),
        "eighty" => Num::Tens(8),
        "ninety" => Num::Tens(9),
        "hundred" => Num::Hundred,
        "thousand" => Num::Thousand,
        "double" => Num::Repeat(2),
        "triple" | "treble" => Num::Repeat(3),
        "quadruple" => Num::Repeat(4),
        "first" => Num::Ordinal(1),
        "second" => Num::Ordinal(2),
        "third" => Num::Ordinal(3),
        "fourth" | "forth" => Num::Ordinal(4),
        "fifth" => Num::Ordinal(5),
        "sixth" => Num::Ordinal(6),
        "seventh" => Num::Ordinal(7),
        "eighth" => Num::Ordinal(8),
        "ninth" => Num::Ordinal(9),
        "tenth" => Num::Ordinal(10),
        "eleventh" => Num::Ordinal(11),
        "twelfth" => Num::Ordinal(12),
        "thirteenth" => Num::Ordinal(13),
        "fourteenth" => Num::Ordinal(14),
        "fifteenth" => Num::Ordinal(15),
        "sixteenth" => Num::Ordinal(16),
        "seventeenth" => Num::Ordinal(17),
        "eighteenth" => Num::Ordinal(18),
        "nineteenth" => Num::Ordinal(19),
        "twentieth" | "twentyith" | "twentyth" => Num::Ordinal(20),
        "thirtieth" | "thirtyith" | "thirtyth" => Num::Ordinal(30),
        "fortieth" => Num::Ordinal(40),
        "fiftieth" => Num::Ordinal(50),
        "sixtieth" => Num::Ordinal(60),
        "seventieth" => Num::Ordinal(70),
        "eightieth" => Num::Ordinal(80),
        "ninetieth" => Num::Ordinal(90),
        _ => Num::None,
    }
}
