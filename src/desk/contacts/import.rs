//! Contacts out of a table: CSV with a line of headings.
//!
//! Headings that mean something: `name`, `first_name`, `last_name`, `phone`, `email`, `address`, `tags`, `client_id`, `external_id`,
//! `external_id.SYSTEM`, `consent.sms`, `consent.email`; `phone2` and the like are more of the same. Every other column is loaded as it is,
//! as contact data under its heading. Several values in one cell are separated by `;`.

use serde_json::{Value, json};

use crate::store::contacts::Content;

/// Most rows of one import.
const MAX_ROWS: usize = 100_000;
/// Most mistakes that are told at once.
const MAX_MISTAKES: usize = 50;

/// A row that cannot be loaded.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Mistake {
    /// The line of the file, from 1.
    pub line: u64,
    /// The column, where it is one column's fault.
    pub column: Option<String>,
    /// What is wrong and what would be right.
    pub reason: String,
}

/// What a file holds.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Table {
    /// The rows that can be loaded.
    pub rows: Vec<Content>,
    /// The line each of them stands on.
    pub lines: Vec<u64>,
    /// The rows that cannot.
    pub mistakes: Vec<Mistake>,
}

/// Reads a CSV file. Numbers without a country are read as ones of `country` (ISO 3166-1 alpha-2).
pub fn read(bytes: &[u8], country: &str, client_id: Option<&str>) -> Table {
    let mut table = Table::default();
    // Spreadsheets put a mark in front that is no part of the first heading.
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    // The reader counts a line that ends in two characters as begun one too early.
    let mut plain = bytes.to_vec();
    plain.retain(|byte| *byte != b'\r');
    let mut reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .from_reader(plain.as_slice());
    let headings = match reader.headers() {
        Ok(headings) => headings.clone(),
        Err(error) => {
            table.mistake(
                1,
                None,
                format!("the line of headings cannot be read: {}", said(&error)),
            );
            return table;
        }
    };
    for row in reader.into_records() {
        if table.mistakes.len() >= MAX_MISTAKES {
            break;
        }
        match row {
            Ok(row) => {
                let line = row.position().map_or(0, csv::Position::line);
                if table.rows.len() >= MAX_ROWS {
                    table.mistake(
                        line,
                        None,
                        format!("more than {MAX_ROWS} rows; split the file"),
                    );
                    break;
                }
                let pairs = headings.iter().zip(row.iter());
                match content(pairs, country, client_id) {
                    Ok(content) => {
                        table.rows.push(content);
                        table.lines.push(line);
                    }
                    Err((column, reason)) => table.mistake(line, column, reason),
                }
            }
            Err(error) => {
                let line = error.position().map_or(0, csv::Position::line);
                table.mistake(line, None, said(&error));
            }
        }
    }
    table
}

impl Table {
    fn mistake(&mut self, line: u64, column: Option<String>, reason: String) {
        self.mistakes.push(Mistake {
            line,
            column,
            reason,
        });
    }
}

/// What is wrong with a row's form, without its values.
fn said(error: &csv::Error) -> String {
    match error.kind() {
        csv::ErrorKind::UnequalLengths {
            expected_len, len, ..
        } => format!("it has {len} cells, the headings are {expected_len}"),
        csv::ErrorKind::Utf8 { .. } => "it is not UTF-8; save the file as UTF-8".to_owned(),
        _ => "it is no CSV".to_owned(),
    }
}

type Wrong = (Option<String>, String);

fn content<'r>(
    cells: impl Iterator<Item = (&'r str, &'r str)>,
    country: &str,
    client_id: Option<&str>,
) -> Result<Content, Wrong> {
    let mut contact = Content {
        client_id: client_id.map(str::to_owned),
        ..Content::default()
    };
    let (mut first, mut last) = (None, None);
    for (heading, cell) in cells.filter(|(_, cell)| !cell.is_empty()) {
        let wrong = |reason: String| (Some(heading.to_owned()), reason);
        let name = heading.to_lowercase().replace([' ', '-'], "_");
        let values = || cell.split(';').map(str::trim).filter(|v| !v.is_empty());
        let many = name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '_');
        match many {
            "name" | "full_name" => contact.name = Some(cell.to_owned()),
            "first_name" => first = Some(cell),
            "last_name" => last = Some(cell),
            "phone" | "phones" | "phone_number" | "mobile" => {
                for value in values() {
                    let number = e164(value, country).ok_or_else(|| {
                        wrong("it is no telephone number; write it like +15125550142".to_owned())
                    })?;
                    contact.phones.push(number);
                }
            }
            "email" | "emails" => {
                for value in values() {
                    if !is_address(value) {
                        return Err(wrong("it is no mail address".to_owned()));
                    }
                    contact.emails.push(value.to_owned());
                }
            }
            "address" | "addresses" => contact.addresses.extend(values().map(|v| json!(v))),
            "tags" | "tag" => contact.tags.extend(values().map(str::to_owned)),
            "client_id" => contact.client_id = Some(cell.to_owned()),
            "external_id" => {
                contact
                    .external_ids
                    .insert("external".to_owned(), cell.to_owned());
            }
            _ => match name.split_once('.') {
                Some(("external_id", system)) => {
                    contact
                        .external_ids
                        .insert(system.to_owned(), cell.to_owned());
                }
                Some(("consent", what)) => {
                    let agreed = yes(cell).ok_or_else(|| wrong("write yes or no".to_owned()))?;
                    contact.consent.insert(what.to_owned(), Value::Bool(agreed));
                }
                _ => {
                    contact.contact_data.insert(heading.to_owned(), json!(cell));
                }
            },
        }
    }
    if contact.name.is_none() && (first.is_some() || last.is_some()) {
        let parts: Vec<&str> = [first, last].into_iter().flatten().collect();
        contact.name = Some(parts.join(" "));
    }
    check(&contact).map_err(|reason| (None, reason))?;
    Ok(contact)
}

/// Whether a contact can be found again by anything.
pub fn check(contact: &Content) -> Result<(), String> {
    if contact.phones.is_empty() && contact.emails.is_empty() && contact.external_ids.is_empty() {
        return Err(
            "it has neither phone nor email nor external_id: nobody could find it again".to_owned(),
        );
    }
    Ok(())
}

fn yes(cell: &str) -> Option<bool> {
    match cell.to_lowercase().as_str() {
        "yes" | "y" | "true" | "1" => Some(true),
        "no" | "n" | "false" | "0" => Some(false),
        _ => None,
    }
}

/// A number as it is kept, if it is one.
pub fn e164(text: &str, country: &str) -> Option<String> {
    let country = country.parse::<phonenumber::country::Id>().ok();
    let number = phonenumber::parse(country, text).ok()?;
    number
        .is_valid()
        .then(|| number.format().mode(phonenumber::Mode::E164).to_string())
}

/// Whether a text looks like a mail address.
pub fn is_address(text: &str) -> bool {
    text.split_once('@').is_some_and(|(local, domain)| {
        !local.is_empty()
            && domain.contains('.')
            && !domain.starts_with('.')
            && !domain.ends_with('.')
            && !text.contains(char::is_whitespace)
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_table_is_read() {
        let text = "\u{FEFF}First Name,Last Name,Phone,email,external_id.crm,Tags,consent.sms,Plan\r\n\
            Maria,Alvarez,(512) 555-0142; +44 20 7946 0018,maria@example.com,0035,vip;new,yes,\"Gold, yearly\"\r\n\
            ,,,,0036,,,\r\n";
        let table = read(text.as_bytes(), "US", Some("acme"));
        assert_eq!(table.mistakes, []);
        assert_eq!(table.lines, [2, 3]);
        let maria = &table.rows[0];
        assert_eq!(maria.name.as_deref(), Some("Maria Alvarez"));
        assert_eq!(maria.phones, ["+15125550142", "+442079460018"]);
        assert_eq!(maria.external_ids["crm"], "0035");
        assert_eq!(maria.tags, ["vip", "new"]);
        assert_eq!(maria.consent["sms"], true);
        assert_eq!(maria.contact_data["Plan"], "Gold, yearly");
        assert_eq!(maria.client_id.as_deref(), Some("acme"));
    }

    #[test]
    fn mistakes_are_told_by_line_and_column() {
        let text = "name,phone,email\nA,12,\nB,+15125550142\nC,,c@example\nD,,\nE,+15125550143,e@example.com\n";
        let table = read(text.as_bytes(), "US", None);
        let told: Vec<_> = table
            .mistakes
            .iter()
            .map(|m| (m.line, m.column.as_deref()))
            .collect();
        assert_eq!(
            told,
            [(2, Some("phone")), (3, None), (4, Some("email")), (5, None)]
        );
        assert_eq!(table.lines, [6]);
        let latin = read(b"name,phone\nJos\xE9,+15125550142\n", "US", None);
        assert!(latin.mistakes[0].reason.contains("UTF-8"));
    }

    proptest! {
        #[test]
        fn any_bytes_are_read(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            let table = read(&bytes, "US", None);
            prop_assert_eq!(table.rows.len(), table.lines.len());
        }
    }
}
