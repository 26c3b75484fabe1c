//! Recordings to segments.
