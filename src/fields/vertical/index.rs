//! Where the fields of a vertical stand, by name and by type: rules ask for both all the time.

use super::FieldSpec;
use crate::fields::value::FieldType;

/// Indices of fields.
#[derive(Debug, Clone)]
pub(super) struct Index {
    /// By the length and the ends of their names, which few of them share.
    by_shape: [Vec<u8>; 64],
    /// By type.
    by_type: Vec<Vec<u8>>,
}

impl Index {
    /// The index of fields, of which there are no more than a byte can count.
    pub fn of(fields: &[FieldSpec]) -> Index {
        let mut index = Index {
            by_shape: std::array::from_fn(|_| Vec::new()),
            by_type: Vec::new(),
        };
        for (at, field) in fields.iter().enumerate() {
            index.by_shape[shape(&field.name)].push(at as u8);
            let ty = field.ty as usize;
            if index.by_type.len() <= ty {
                index.by_type.resize(ty + 1, Vec::new());
            }
            index.by_type[ty].push(at as u8);
        }
        index
    }

    /// The few fields among which one of this name is.
    pub fn like(&self, name: &str) -> &[u8] {
        &self.by_shape[shape(name)]
    }

    /// Fields of a type.
    pub fn of_type(&self, ty: FieldType) -> &[u8] {
        self.by_type.get(ty as usize).map_or(&[], Vec::as_slice)
    }
}

/// A number below 64 for the length of a name and its first and last letters.
fn shape(name: &str) -> usize {
    let end = |b: Option<&u8>| usize::from(b.copied().unwrap_or_default());
    let bytes = name.as_bytes();
    (end(bytes.first()) + 5 * end(bytes.last()) + 11 * bytes.len()) % 64
}
