//! A report's form: named columns with units, rows, and the same as CSV.

use serde_json::{Value, json};

use super::GroupBy;
use crate::call::rfc3339;

/// A column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: &'static str,
    /// `calls`, `ms`, `share` (0..=1), `text` ...
    pub unit: &'static str,
}

/// What stands in a place of a table.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// A name.
    Text(String),
    /// A count or a time.
    Count(u64),
    /// A share or a mean; nothing where there was nothing to divide by.
    Number(Option<f64>),
}

impl From<usize> for Cell {
    fn from(n: usize) -> Self {
        Cell::Count(n as u64)
    }
}

impl From<u64> for Cell {
    fn from(n: u64) -> Self {
        Cell::Count(n)
    }
}

impl From<Option<u64>> for Cell {
    fn from(n: Option<u64>) -> Self {
        n.map_or(Cell::Number(None), Cell::Count)
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Cell::Text(text)
    }
}

/// A share, where there is something to have a share of.
pub(super) fn share(part: usize, whole: usize) -> Cell {
    Cell::Number((whole > 0).then(|| ((part as f64 / whole as f64) * 10_000.0).round() / 10_000.0))
}

/// A report.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Table {
    /// The columns.
    pub columns: Vec<Column>,
    /// The rows, each as long as the columns.
    pub rows: Vec<Vec<Cell>>,
}

impl Cell {
    pub(super) fn json(&self) -> Value {
        match self {
            Cell::Text(text) => json!(text),
            Cell::Count(n) => json!(n),
            Cell::Number(n) => json!(n),
        }
    }

    /// As CSV takes it (RFC 4180). What a spreadsheet would take for a formula is made a text.
    fn csv(&self) -> String {
        let text = match self {
            Cell::Text(text) if text.starts_with(['=', '+', '-', '@', '\t', '\r']) => {
                format!("'{text}")
            }
            Cell::Text(text) => text.clone(),
            Cell::Count(n) => n.to_string(),
            Cell::Number(n) => n.map_or_else(String::new, |n| n.to_string()),
        };
        if text.contains(['"', ',', '\n', '\r']) {
            format!("\"{}\"", text.replace('"', "\"\""))
        } else {
            text
        }
    }
}

impl Table {
    /// As the API answers it.
    pub fn json(&self, name: &str, from_ms: i64, before_ms: i64, by: GroupBy) -> Value {
        let rows: Vec<Value> = self
            .rows
            .iter()
            .map(|row| {
                self.columns
                    .iter()
                    .zip(row)
                    .map(|(column, cell)| (column.name.to_owned(), cell.json()))
                    .collect::<serde_json::Map<_, _>>()
                    .into()
            })
            .collect();
        let by = match by {
            GroupBy::Nothing => None,
            GroupBy::Location => Some("location"),
            GroupBy::Department => Some("department"),
            GroupBy::Agent => Some("agent"),
            GroupBy::Hour => Some("hour"),
            GroupBy::Vertical => Some("vertical"),
            GroupBy::Day => Some("day"),
        };
        json!({
            "report": name, "from": rfc3339(from_ms * 1000), "to": rfc3339(before_ms * 1000), "group_by": by,
            "columns": self.columns.iter().map(|c| json!({ "name": c.name, "unit": c.unit })).collect::<Vec<_>>(), "rows": rows,
        })
    }

    /// As a spreadsheet takes it: a line of names, a line a row.
    pub fn csv(&self) -> String {
        let names: Vec<&str> = self.columns.iter().map(|c| c.name).collect();
        let mut out = names.join(",") + "\r\n";
        for row in &self.rows {
            let cells: Vec<String> = row.iter().map(Cell::csv).collect();
            out.push_str(&cells.join(","));
            out.push_str("\r\n");
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spreadsheet_is_given_texts_and_no_formulas() {
        let columns = vec![
            Column {
                name: "a",
                unit: "text",
            },
            Column {
                name: "b",
                unit: "share",
            },
        ];
        let rows = vec![
            vec![Cell::Text("=cmd()".to_owned()), Cell::Number(None)],
            vec![Cell::Text("Hart, \"Lowe\"".to_owned()), share(1, 3)],
        ];
        let table = Table { columns, rows };
        assert_eq!(
            table.csv(),
            "a,b\r\n'=cmd(),\r\n\"Hart, \"\"Lowe\"\"\",0.3333\r\n"
        );
    }
}
