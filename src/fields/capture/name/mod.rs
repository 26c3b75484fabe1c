//! Names in the dialogue: what the caller says ([`caller`]), what is spelled ([`spelling`]), what the agent says ([`agent`]).

mod agent;
mod caller;
mod spelling;

pub(in crate::fields) use spelling::Letters;

use crate::fields::value::Value;

fn value_of(text: &str) -> Value {
    Value::Text(text.to_owned())
}
