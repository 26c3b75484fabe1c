//! Names in the dialogue: what the caller says ([`caller`]) and what that does to the name held ([`update`]), what is spelled
//! ([`spelling`]), what the agent says ([`agent`]), and the names the agent puts to the caller ([`known`]).

mod agent;
mod caller;
mod known;
mod spelling;
mod update;

pub(in crate::fields) use spelling::Letters;

use crate::fields::value::Value;

fn value_of(text: &str) -> Value {
    Value::Text(text.to_owned())
}
