//! Names in the dialogue: what the caller says ([`caller`]), perhaps ([`likely`]), what the words around make of it ([`mention`]) and what it does to the name held ([`update`]), what is spelled
//! ([`spelling`]), who the patient is ([`in_care`]), the patient spoken of ([`patient`]), what the agent says ([`agent`]) and says back in the caller's own words ([`echo`]), the names the agent puts to
//! the caller ([`known`]), and what all words of the call together make the likeliest ([`tagged`]).

mod agent;
mod caller;
mod echo;
mod in_care;
mod known;
mod likely;
mod mention;
mod patient;
mod spelling;
mod tagged;
mod update;

pub(in crate::fields) use in_care::Patient;
pub(in crate::fields) use spelling::Letters;
pub(in crate::fields) use tagged::Naming;

use crate::fields::value::Value;

/// A name as the record has it: the particles inside a surname are written small, "Maribel de la Cruz"; a "De" alone is the surname's
/// own beginning, "Cosimo De Luca".
pub(super) fn value_of(text: &str) -> Value {
    let mut out = String::with_capacity(text.len());
    let mut words = text.split(' ').peekable();
    while let Some(word) = words.next() {
        if out.is_empty() {
            out.push_str(word);
            continue;
        }
        out.push(' ');
        match word {
            "De" if !words.peek().is_some_and(|w| is_article(w)) => out.push_str(word),
            "De" | "Del" | "La" | "Las" | "Los" | "Y" => out.push_str(&word.to_lowercase()),
            _ => out.push_str(word),
        }
    }
    Value::Text(out)
}

/// Whether the word stands between "de" and a surname.
fn is_article(word: &str) -> bool {
    ["la", "las", "los"]
        .iter()
        .any(|a| word.eq_ignore_ascii_case(a))
}
