//! Where the fields of a vertical stand, by name and by type: rules ask for both all the time.

use super::FieldSpec;
use crate::fields::value::FieldType;

/// Indices of fields.
#[derive(Debug, Clone)]
pub(super) struct Index {
    /// By the length of their names, which few of them share.
    by_length: Vec<Vec<usize>>,
    /// By type.
    by_type: Vec<Vec<u8>>,
}

impl Index {
    /// The index of fields, of which there are no more than a byte can count.
    pub fn of(fields: &[FieldSpec]) -> Index {
        let mut index = Index {
            by_length: Vec::new(),
            by_type: Vec::new(),
        };
        for (at, field) in fields.iter().enumerate() {
            row(&mut index.by_length, field.name.len()).push(at);
            row(&mut index.by_type, field.ty as usize).push(at as u8);
        }
        index
    }

    /// Fields whose names are as long as this one.
    pub fn as_long_as(&self, name: &str) -> &[usize] {
        self.by_length.get(name.len()).map_or(&[], Vec::as_slice)
    }

    /// Fields of a type.
    pub fn of_type(&self, ty: FieldType) -> &[u8] {
        self.by_type.get(ty as usize).map_or(&[], Vec::as_slice)
    }
}

fn row<T: Clone>(rows: &mut Vec<Vec<T>>, at: usize) -> &mut Vec<T> {
    if rows.len() <= at {
        rows.resize(at + 1, Vec::new());
    }
    &mut rows[at]
}
