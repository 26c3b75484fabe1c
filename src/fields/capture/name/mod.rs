//! Names in the dialogue: what the caller says ([`caller`]), perhaps ([`likely`]), and what that does to the name held ([`update`]), what is spelled
//! ([`spelling`]), the patient spoken of ([`patient`]), what the agent says ([`agent`]) and says back in the caller's own words ([`echo`]), the names the agent puts to
//! the caller ([`known`]), and what all words of the call together make the likeliest ([`tagged`]).

mod agent;
mod caller;
mod echo;
mod known;
mod likely;
mod patient;
mod spelling;
mod tagged;
mod update;

pub(in crate::fields) use spelling::Letters;
pub(in crate::fields) use tagged::Naming;

use crate::fields::value::Value;

/// A name as the record has it: the particles inside a surname are written small, "Maribel de la Cruz".
fn value_of(text: &str) -> Value {
    let mut out = String::with_capacity(text.len());
    for word in text.split(' ') {
        if out.is_empty() {
            out.push_str(word);
            continue;
        }
        out.push(' ');
        match word {
            "De" | "Del" | "La" | "Las" | "Los" | "Y" => out.push_str(&word.to_lowercase()),
            _ => out.push_str(word),
        }
    }
    Value::Text(out)
}
