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
    // As bytes, which are told apart one by one; strings would be compared in a row.
    match text.as_bytes() {
        b"zero" => Num::Digit(0),
        b"one" => Num::Digit(1),
        b"two" => Num::Digit(2),
        b"three" => Num::Digit(3),
        b"four" => Num::Digit(4),
        b"five" | b"fife" => Num::Digit(5),
        b"six" => Num::Digit(6),
        b"seven" => Num::Digit(7),
        b"eight" => Num::Digit(8),
        b"nine" | b"niner" => Num::Digit(9),
        b"oh" | b"o" => Num::Oh,
        b"for" | b"fore" => Num::Homophone(4),
        b"to" | b"too" => Num::Homophone(2),
        b"won" => Num::Homophone(1),
        b"ate" => Num::Homophone(8),
        b"tree" | b"free" => Num::Homophone(3),
        b"sex" | b"sicks" => Num::Homophone(6),
        b"ten" => Num::Teen(10),
        b"eleven" => Num::Teen(11),
        b"twelve" => Num::Teen(12),
        b"thirteen" => Num::Teen(13),
        b"fourteen" => Num::Teen(14),
        b"fifteen" => Num::Teen(15),
        b"sixteen" => Num::Teen(16),
        b"seventeen" => Num::Teen(17),
        b"eighteen" => Num::Teen(18),
        b"nineteen" => Num::Teen(19),
        b"twenty" => Num::Tens(2),
        b"thirty" => Num::Tens(3),
        b"forty" | b"fourty" => Num::Tens(4),
        b"fifty" => Num::Tens(5),
        b"sixty" => Num::Tens(6),
        b"seventy" => Num::Tens(7),
        b"eighty" => Num::Tens(8),
        b"ninety" => Num::Tens(9),
        b"hundred" => Num::Hundred,
        b"thousand" => Num::Thousand,
        b"double" => Num::Repeat(2),
        b"triple" | b"treble" => Num::Repeat(3),
        b"quadruple" => Num::Repeat(4),
        b"first" => Num::Ordinal(1),
        b"second" => Num::Ordinal(2),
        b"third" => Num::Ordinal(3),
        b"fourth" | b"forth" => Num::Ordinal(4),
        b"fifth" => Num::Ordinal(5),
        b"sixth" => Num::Ordinal(6),
        b"seventh" => Num::Ordinal(7),
        b"eighth" => Num::Ordinal(8),
        b"ninth" => Num::Ordinal(9),
        b"tenth" => Num::Ordinal(10),
        b"eleventh" => Num::Ordinal(11),
        b"twelfth" => Num::Ordinal(12),
        b"thirteenth" => Num::Ordinal(13),
        b"fourteenth" => Num::Ordinal(14),
        b"fifteenth" => Num::Ordinal(15),
        b"sixteenth" => Num::Ordinal(16),
        b"seventeenth" => Num::Ordinal(17),
        b"eighteenth" => Num::Ordinal(18),
        b"nineteenth" => Num::Ordinal(19),
        b"twentieth" | b"twentyith" | b"twentyth" => Num::Ordinal(20),
        b"thirtieth" | b"thirtyith" | b"thirtyth" => Num::Ordinal(30),
        b"fortieth" => Num::Ordinal(40),
        b"fiftieth" => Num::Ordinal(50),
        b"sixtieth" => Num::Ordinal(60),
        b"seventieth" => Num::Ordinal(70),
        b"eightieth" => Num::Ordinal(80),
        b"ninetieth" => Num::Ordinal(90),
        _ => Num::None,
    }
}
