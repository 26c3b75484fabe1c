//! One way to speak to the database, whichever it is: SQL written once, in what SQLite and PostgreSQL both understand.
//!
//! How to write it: parameters are `?1`, `?2`, ...; columns are `INTEGER` (64 bits, also for truth values: 0 and 1), `REAL`, `TEXT` and
//! `BLOB`; name the columns of an `INSERT`; in `ON CONFLICT DO UPDATE` qualify the stored column with its table (`calls.version`); write
//! `IS DISTINCT FROM`, `CASE WHEN`, `CAST(sum(x) AS BIGINT)`; no JSON functions, no dates. `INSERT ... RETURNING` is a query.

use super::error::DatabaseError;

/// Which database answers. Only what the two do in wholly different ways (full-text search) may ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// SQLite, in this process.
    Sqlite,
    /// PostgreSQL, a server.
    Postgres,
}

/// A transaction, or a consistent view for reading. Functions that take one compose: what they do is done together or not at all.
pub trait Sql {
    /// Which database this is.
    fn dialect(&self) -> Dialect;

    /// Runs a statement that answers no rows; how many rows it has changed.
    ///
    /// # Errors
    /// When the database refuses.
    fn execute(&mut self, sql: &str, params: &[Param<'_>]) -> Result<u64, DatabaseError>;

    /// Runs a statement that answers rows.
    ///
    /// # Errors
    /// When the database refuses.
    fn query(&mut self, sql: &str, params: &[Param<'_>]) -> Result<Vec<Row>, DatabaseError>;

    /// Runs several statements that take no parameters: a migration.
    ///
    /// # Errors
    /// When the database refuses one.
    fn execute_script(&mut self, sql: &str) -> Result<(), DatabaseError>;

    /// The first row of an answer.
    ///
    /// # Errors
    /// When the database refuses.
    fn query_first(
        &mut self,
        sql: &str,
        params: &[Param<'_>],
    ) -> Result<Option<Row>, DatabaseError> {
        Ok(self.query(sql, params)?.into_iter().next())
    }
}

/// A value given to a statement. Its type is known even where the value is null: PostgreSQL asks for it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Param<'a> {
    /// An integer, also a truth value.
    Int(Option<i64>),
    /// A floating-point number.
    Real(Option<f64>),
    /// A text.
    Text(Option<&'a str>),
    /// Bytes.
    Bytes(Option<&'a [u8]>),
}

macro_rules! param_from {
    ($($type:ty => |$value:ident| $param:expr;)*) => {
        $(impl<'a> From<$type> for Param<'a> {
            fn from($value: $type) -> Self {
                $param
            }
        })*
    };
}

param_from! {
    i64 => |value| Param::Int(Some(value));
    &i64 => |value| Param::Int(Some(*value));
    u32 => |value| Param::Int(Some(value.into()));
    bool => |value| Param::Int(Some(value.into()));
    Option<i64> => |value| Param::Int(value);
    Option<bool> => |value| Param::Int(value.map(i64::from));
    f64 => |value| Param::Real(Some(value));
    Option<f64> => |value| Param::Real(value);
    &'a str => |value| Param::Text(Some(value));
    &'a String => |value| Param::Text(Some(value));
    Option<&'a str> => |value| Param::Text(value);
    &'a Option<String> => |value| Param::Text(value.as_deref());
    &'a [u8] => |value| Param::Bytes(Some(value));
    &'a Vec<u8> => |value| Param::Bytes(Some(value));
    Option<&'a [u8]> => |value| Param::Bytes(value);
}

/// A slice of [`Param`]s, of values that become one.
macro_rules! params {
    ($($value:expr),* $(,)?) => {
        &[$($crate::store::database::sql::Param::from($value)),*][..]
    };
}
pub(crate) use params;

/// A value of an answer.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// Nothing.
    Null,
    /// An integer, also a truth value.
    Int(i64),
    /// A floating-point number.
    Real(f64),
    /// A text.
    Text(String),
    /// Bytes.
    Bytes(Vec<u8>),
}

/// A row of an answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Row(pub(super) Vec<Cell>);

impl Row {
    /// The value of the column with this number, counted from 0.
    ///
    /// # Errors
    /// When there is no such column or it holds something else: a mistake in the statement.
    pub fn get<T: FromCell>(&self, column: usize) -> Result<T, DatabaseError> {
        let unfit = || DatabaseError::Unfit {
            column,
            wanted: std::any::type_name::<T>(),
        };
        let cell = self.0.get(column).ok_or_else(unfit)?;
        T::from_cell(cell.clone()).ok_or_else(unfit)
    }
}

/// What a [`Cell`] can be read as.
pub trait FromCell: Sized {
    /// The value; `None` when the cell holds something else.
    fn from_cell(cell: Cell) -> Option<Self>;
}

impl FromCell for i64 {
    fn from_cell(cell: Cell) -> Option<Self> {
        match cell {
            Cell::Int(value) => Some(value),
            _ => None,
        }
    }
}

impl FromCell for u64 {
    fn from_cell(cell: Cell) -> Option<Self> {
        i64::from_cell(cell)?.try_into().ok()
    }
}

impl FromCell for bool {
    fn from_cell(cell: Cell) -> Option<Self> {
        Some(i64::from_cell(cell)? != 0)
    }
}

impl FromCell for f64 {
    fn from_cell(cell: Cell) -> Option<Self> {
        match cell {
            Cell::Real(value) => Some(value),
            _ => None,
        }
    }
}

impl FromCell for String {
    fn from_cell(cell: Cell) -> Option<Self> {
        match cell {
            Cell::Text(value) => Some(value),
            _ => None,
        }
    }
}

impl FromCell for Vec<u8> {
    fn from_cell(cell: Cell) -> Option<Self> {
        match cell {
            Cell::Bytes(value) => Some(value),
            _ => None,
        }
    }
}

impl<T: FromCell> FromCell for Option<T> {
    fn from_cell(cell: Cell) -> Option<Self> {
        match cell {
            Cell::Null => Some(None),
            other => T::from_cell(other).map(Some),
        }
    }
}

/// The conditions of a list, joined by AND. Only those that are wanted are in the statement, so that each finds its index.
#[derive(Debug, Default)]
pub struct Conditions<'a> {
    text: String,
    params: Vec<Param<'a>>,
}

impl<'a> Conditions<'a> {
    /// Adds a condition; each `?` in it stands for `value`.
    pub fn add(&mut self, condition: &str, value: impl Into<Param<'a>>) -> &mut Self {
        let number = self.param(value);
        self.add_numbered(&condition.replace('?', &number))
    }

    /// Adds a condition whose parameters, if any, are numbered by [`Self::param`].
    pub fn add_numbered(&mut self, condition: &str) -> &mut Self {
        self.text.push_str(if self.text.is_empty() {
            " WHERE "
        } else {
            " AND "
        });
        self.text.push_str(condition);
        self
    }

    /// Adds a condition if there is a value for it.
    pub fn add_if<V: Into<Param<'a>>>(&mut self, condition: &str, value: Option<V>) -> &mut Self {
        if let Some(value) = value {
            self.add(condition, value);
        }
        self
    }

    /// Adds the condition that a column holds one of these texts; of none, no row does.
    pub fn add_among(&mut self, column: &str, texts: impl Iterator<Item = &'a str>) -> &mut Self {
        let numbers: Vec<String> = texts.map(|text| self.param(text)).collect();
        self.text.push_str(if self.text.is_empty() {
            " WHERE "
        } else {
            " AND "
        });
        if numbers.is_empty() {
            self.text.push_str("1 = 0");
        } else {
            self.text
                .push_str(&format!("{column} IN ({})", numbers.join(", ")));
        }
        self
    }

    /// Adds a parameter without a condition; returns how to write it (`?3`).
    pub fn param(&mut self, value: impl Into<Param<'a>>) -> String {
        self.params.push(value.into());
        format!("?{}", self.params.len())
    }

    /// ` WHERE ... AND ...`, or nothing.
    pub fn sql(&self) -> &str {
        &self.text
    }

    /// The parameters, in order.
    pub fn params(&self) -> &[Param<'a>] {
        &self.params
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_number_their_parameters() {
        let mut conditions = Conditions::default();
        assert_eq!(conditions.sql(), "");
        conditions
            .add_if("a = ?", Some("x"))
            .add_if("b = ?", None::<&str>)
            .add("(c < ? OR d < ?)", 7_i64);
        let rows = conditions.param(9_i64);
        assert_eq!(
            (conditions.sql(), rows.as_str()),
            (" WHERE a = ?1 AND (c < ?2 OR d < ?2)", "?3")
        );
        assert_eq!(
            conditions.params(),
            params!["x", Param::Int(Some(7)), 9_i64]
        );
    }

    #[test]
    fn a_cell_is_read_as_what_it_is_and_nothing_else() {
        let row = Row(vec![Cell::Int(1), Cell::Null, Cell::Text("x".into())]);
        assert_eq!(row.get::<i64>(0).unwrap(), 1);
        assert!(row.get::<bool>(0).unwrap());
        assert_eq!(row.get::<Option<String>>(1).unwrap(), None);
        assert_eq!(row.get::<Option<String>>(2).unwrap(), Some("x".into()));
        assert!(row.get::<String>(1).is_err() && row.get::<i64>(9).is_err());
    }
}
