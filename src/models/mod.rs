//! Speech model files: which are here, which can be had, and how they come here.
//!
//! Owns `offhook models` and the only way by which a model arrives from elsewhere. It decodes nothing: what a model file is, judges
//! [`crate::speech::model`]; which ones the hub holds, says [`crate::speech::catalogue`].
//!
//! - [`shelf`]: the folders in which models lie, and a model's name to its file.
//! - [`pull`]: a file from the hub, a mirror or a path: resumed, compared with its SHA-256, put in place at once or not at all.
//! - [`partial`]: the file while it is incomplete.
//! - [`command`]: arguments and what is printed.

pub mod command;
pub mod partial;
pub mod pull;
pub mod shelf;
