//! Typed values, their contract form in JSON, their form on a page, and how two values of one field relate.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// What kind of value a field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldType {
    /// E.164.
    Phone,
    /// Given name and surname.
    PersonName,
    /// A US postal address in parts.
    Address,
    /// A mail address.
    Email,
    /// A calendar day.
    Date,
    /// A time of day.
    Time,
    /// A span in which something is wanted or agreed.
    TimeWindow,
    /// One of the declared choices.
    Choice,
    /// Several of the declared choices.
    MultiChoice,
    /// Yes or no.
    Boolean,
    /// A whole number.
    Integer,
    /// A number with a fraction.
    Decimal,
    /// An amount in minor units.
    Money,
    /// Letters and digits with an optional pattern: account and member numbers.
    Code,
    /// The caller's words.
    Text,
    /// The caller's conditions.
    QuoteList,
    /// Things.
    ItemList,
    /// Things somebody promised to do.
    TaskList,
}

/// A US address as people say it; a part nobody said is null.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Address {
    /// House number.
    pub number: Option<String>,
    /// Street with its type written out; an intersection is "Elm and Third".
    pub street: Option<String>,
    /// Apartment, suite, lot.
    pub unit: Option<String>,
    /// City.
    pub city: Option<String>,
    /// Two-letter state.
    pub state: Option<String>,
    /// Five-digit ZIP.
    pub postal_code: Option<String>,
}

impl Address {
    /// The parts in order, for comparing and merging.
    pub fn parts(&self) -> [&Option<String>; 6] {
        [
            &self.number,
            &self.street,
            &self.unit,
            &self.city,
            &self.state,
            &self.postal_code,
        ]
    }

    /// The parts in order.
    pub fn parts_mut(&mut self) -> [&mut Option<String>; 6] {
        [
            &mut self.number,
            &mut self.street,
            &mut self.unit,
            &mut self.city,
            &mut self.state,
            &mut self.postal_code,
        ]
    }

    /// Whether no part is known.
    pub fn is_empty(&self) -> bool {
        self.parts().iter().all(|p| p.is_none())
    }

    /// Number and street.
    pub fn line1(&self) -> String {
        [&self.number, &self.street]
            .into_iter()
            .flatten()
            .cloned()
            .collect::<Vec<_>>()
            .join(" ")
    }

    /// Whether every part both name is the same.
    pub fn agrees(&self, other: &Address) -> bool {
        self.parts()
            .iter()
            .zip(other.parts())
            .all(|(a, b)| match (a, b) {
                // "Turn Again Street" is Turnagain Street, 45205 is 45-205.
                (Some(a), Some(b)) => {
                    same_text(a, b)
                        || same_text(&a.replace([' ', '-'], ""), &b.replace([' ', '-'], ""))
                }
                _ => true,
            })
    }

    /// The parts of `newer`, the rest from `self`.
    pub fn updated(&self, newer: &Address) -> Address {
        let mut out = self.clone();
        for (mine, theirs) in out.parts_mut().into_iter().zip(newer.parts()) {
            // "147-21" said again as "one four seven two one" keeps its dash.
            let again = (mine.as_ref().zip(theirs.as_ref()))
                .is_some_and(|(m, t)| m.contains('-') && m.replace('-', "") == *t);
            if theirs.is_some() && !again {
                mine.clone_from(theirs);
            }
        }
        out
    }

    fn display(&self) -> String {
        let mut out = self.line1();
        if let Some(unit) = &self.unit {
            out.push_str(", unit ");
            out.push_str(unit);
        }
        for part in [&self.city, &self.state].into_iter().flatten() {
            if !out.is_empty() {
                out.push_str(", ");
            }
            out.push_str(part);
        }
        if let Some(zip) = &self.postal_code {
            out.push(' ');
            out.push_str(zip);
        }
        out
    }
}

/// Case and spacing do not make two words different.
pub fn same_text(a: &str, b: &str) -> bool {
    a.eq_ignore_ascii_case(b) || a.to_lowercase() == b.to_lowercase()
}

/// A span in local time: RFC 3339 with offset, or a day alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// First instant or day.
    pub start: Option<String>,
    /// First instant or day past the end.
    pub end: Option<String>,
    /// IANA zone.
    pub timezone: String,
}

/// What a condition is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConstraintKind {
    /// Not earlier than.
    NotBefore,
    /// Not later than.
    NotAfter,
    /// Not on that day.
    NotOn,
    /// Not in that span.
    NotBetween,
    /// How to get in.
    GateCode,
    /// At most that amount.
    BudgetMax,
    /// To be done by.
    Deadline,
    /// Anything else worth knowing.
    Note,
}

/// A condition of the caller's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Constraint {
    /// Kind.
    #[serde(rename = "type")]
    pub kind: ConstraintKind,
    /// Clock time, span, day, amount, code or words.
    pub value: String,
}

/// Who has promised to do something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Owner {
    /// The business.
    Agent,
    /// The caller.
    Caller,
}

/// Something somebody promised.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Promise {
    /// Who.
    pub owner: Owner,
    /// What, in the words used.
    pub text: String,
}

/// A field's value in its contract form.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Value {
    /// Address.
    Address(Address),
    /// Span of time.
    Window(Window),
    /// Promises.
    Tasks(Vec<Promise>),
    /// Conditions.
    Constraints(Vec<Constraint>),
    /// Yes or no.
    Bool(bool),
    /// Whole number, amount in minor units.
    Integer(i64),
    /// Number.
    Decimal(f64),
    /// Things.
    Items(Vec<String>),
    /// Phone, name, mail address, day, choice, code, words.
    Text(String),
}

/// How a newer value stands to an older one.
#[derive(Debug, Clone, PartialEq)]
pub enum Relation {
    /// The same.
    Same,
    /// The same person or place, known better: the value to hold now.
    Refines(Value),
    /// Another value.
    Differs,
}

impl Value {
    /// The text of a plain value.
    pub fn text(&self) -> Option<&str> {
        match self {
            Value::Text(t) => Some(t),
            _ => None,
        }
    }

    /// The address.
    pub fn address(&self) -> Option<&Address> {
        match self {
            Value::Address(a) => Some(a),
            _ => None,
        }
    }

    /// The value for a page.
    pub fn display(&self, ty: FieldType) -> String {
        match self {
            Value::Text(t) if ty == FieldType::Phone => grouped_phone(t),
            Value::Text(t) if ty == FieldType::Date => t
                .parse::<Date>()
                .map_or_else(|_| t.clone(), |d| d.strftime("%b %-d, %Y").to_string()),
            Value::Text(t) if ty == FieldType::Choice => sentence_case(&t.replace('_', " ")),
            Value::Text(t) => t.clone(),
            Value::Address(a) => a.display(),
            Value::Window(w) => w.display(),
            Value::Tasks(t) => t
                .iter()
                .map(|p| p.text.as_str())
                .collect::<Vec<_>>()
                .join("; "),
            Value::Constraints(c) => c
                .iter()
                .map(Constraint::display)
                .collect::<Vec<_>>()
                .join("; "),
            Value::Bool(b) => if *b { "yes" } else { "no" }.to_owned(),
            Value::Integer(n) if ty == FieldType::Money => {
                format!("${}.{:02}", n / 100, (n % 100).abs())
            }
            Value::Integer(n) => n.to_string(),
            Value::Decimal(n) => n.to_string(),
            Value::Items(i) => i.join(", "),
        }
    }

    /// How `newer` stands to `self` in a field of type `ty`.
    pub fn relate(&self, newer: &Value, ty: FieldType) -> Relation {
        match (self, newer) {
            (Value::Address(old), Value::Address(new)) => {
                if old == new {
                    Relation::Same
                } else if old.agrees(new) {
                    let merged = old.updated(new);
                    if merged == *old {
                        Relation::Same
                    } else {
                        Relation::Refines(Value::Address(merged))
                    }
                } else {
                    Relation::Differs
                }
            }
            (Value::Text(old), Value::Text(new)) => {
                if same_text(old, new) {
                    return Relation::Same;
                }
                if ty == FieldType::PersonName {
                    name_relation(old, new)
                } else {
                    Relation::Differs
                }
            }
            _ if self == newer => Relation::Same,
            _ => Relation::Differs,
        }
    }

    /// A value a person typed, checked against the field's type.
    ///
    /// # Errors
    /// Says what form the type wants.
    pub fn from_person(json: &serde_json::Value, ty: FieldType) -> Result<Value, &'static str> {
        let text = || json.as_str().map(str::trim).filter(|t| !t.is_empty());
        match ty {
            FieldType::Phone => text()
                .and_then(e164)
                .map(Value::Text)
                .ok_or("wants a phone number with area code"),
            FieldType::Address => serde_json::from_value(json.clone())
                .map(Value::Address)
                .map_err(|_| "wants an object with number, street, unit, city, state, postal_code"),
            FieldType::Date => text()
                .filter(|t| t.parse::<Date>().is_ok())
                .map(|t| Value::Text(t.to_owned()))
                .ok_or("wants a day as 2026-03-28"),
            FieldType::TimeWindow => serde_json::from_value(json.clone())
                .map(Value::Window)
                .map_err(|_| "wants an object with start, end, timezone"),
            FieldType::Integer | FieldType::Money => json
                .as_i64()
                .map(Value::Integer)
                .ok_or("wants a whole number"),
            FieldType::Decimal => json.as_f64().map(Value::Decimal).ok_or("wants a number"),
            FieldType::Boolean => json.as_bool().map(Value::Bool).ok_or("wants true or false"),
            FieldType::TaskList => serde_json::from_value(json.clone())
                .map(Value::Tasks)
                .map_err(|_| "wants a list of {owner, text}"),
            FieldType::QuoteList => serde_json::from_value(json.clone())
                .map(Value::Constraints)
                .map_err(|_| "wants a list of {type, value}"),
            FieldType::ItemList | FieldType::MultiChoice => serde_json::from_value(json.clone())
                .map(Value::Items)
                .map_err(|_| "wants a list of texts"),
            FieldType::Email => text()
                .filter(|t| t.contains('@') && !t.contains(' '))
                .map(|t| Value::Text(t.to_owned()))
                .ok_or("wants a mail address"),
            FieldType::PersonName
            | FieldType::Choice
            | FieldType::Code
            | FieldType::Text
            | FieldType::Time => text()
                .map(|t| Value::Text(t.to_owned()))
                .ok_or("wants a text that is not empty"),
        }
    }
}

impl Constraint {
    fn display(&self) -> String {
        let name = match self.kind {
            ConstraintKind::NotBefore => "not before ",
            ConstraintKind::NotAfter => "not after ",
            ConstraintKind::NotOn => "not on ",
            ConstraintKind::NotBetween => "not between ",
            ConstraintKind::GateCode => "gate code ",
            ConstraintKind::BudgetMax => "at most $",
            // The value says itself whether it is "by" or "before".
            ConstraintKind::Deadline => {
                let led = self.value.starts_with("by ") || self.value.starts_with("before ");
                if led { "" } else { "by " }
            }
            ConstraintKind::Note => "",
        };
        format!("{name}{}", self.value)
    }
}

fn name_relation(old: &str, new: &str) -> Relation {
    let o: Vec<&str> = old.split(' ').collect();
    let n: Vec<&str> = new.split(' ').collect();
    if n.iter().all(|w| o.iter().any(|x| same_text(x, w))) {
        return Relation::Same;
    }
    if o.iter().all(|w| n.iter().any(|x| same_text(x, w))) {
        return Relation::Refines(Value::Text(new.to_owned()));
    }
    Relation::Differs
}

/// "(512) 555-0187".
pub fn grouped_phone(e164: &str) -> String {
    match e164.strip_prefix("+1") {
        Some(d) if d.len() == 10 && d.is_ascii() => {
            format!("({}) {}-{}", &d[..3], &d[3..6], &d[6..])
        }
        _ => e164.to_owned(),
    }
}

/// A North American number from its ten digits, if it is one by the numbering plan: area code and exchange start with 2 to 9, and
/// neither is one of the service codes (N11).
pub fn nanp(digits: &str) -> Option<String> {
    let digits = if digits.len() == 11 {
        digits.strip_prefix('1')?
    } else {
        digits
    };
    let b = digits.as_bytes();
    if b.len() != 10 || !b.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let service = |at: usize| b[at + 1] == b'1' && b[at + 2] == b'1';
    let good = b[0] >= b'2' && b[3] >= b'2' && !service(0) && !service(3);
    good.then(|| format!("+1{digits}"))
}

/// A typed number to E.164; US where no country code is given.
pub fn e164(text: &str) -> Option<String> {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    if !text.trim_start().starts_with('+') {
        return nanp(&digits);
    }
    let number = phonenumber::parse(None, text).ok()?;
    Some(number.format().mode(phonenumber::Mode::E164).to_string())
}

/// "kitchen sink" to "Kitchen sink".
pub fn sentence_case(text: &str) -> String {
    let mut chars = text.chars();
    chars
        .next()
        .map_or_else(String::new, |c| c.to_uppercase().chain(chars).collect())
}

/// "barton springs" to "Barton Springs"; "mcgarrity" and "o'brien" as people write them.
pub fn title_case(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for (at, word) in text.split(' ').enumerate() {
        if at > 0 {
            out.push(' ');
        }
        out.push_str(&title_word(word));
    }
    out
}

/// One word of it.
pub fn title_word(word: &str) -> String {
    if word.contains('-') {
        return word
            .split('-')
            .map(title_word)
            .collect::<Vec<_>>()
            .join("-");
    }
    if let Some(rest) = word.strip_prefix("mc")
        && rest.chars().count() >= 3
    {
        return format!("Mc{}", sentence_case(rest));
    }
    if let Some((head, tail)) = word.split_once('\'')
        && matches!(head, "o" | "d" | "l")
        && !tail.is_empty()
    {
        return format!("{}'{}", sentence_case(head), sentence_case(tail));
    }
    sentence_case(word)
}
