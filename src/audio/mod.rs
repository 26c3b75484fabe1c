//! Samples: mu-law, the track's sample clock, resampling, the ring to the recogniser, the recording.
//!
//! Owns everything between a decoded payload and the recogniser's input. The frame path takes no lock and allocates nothing per frame.
//! It may not touch sockets, disks or clocks.
//!
//! - [`FramePath`] is what a socket session drives: base64, [`mulaw`], [`timeline`], [`resample`], [`ring`], and [`dtmf`] on request.
//! - [`level`] says how loud it is and whether it is cut off.
//! - [`wav`] and [`recording`] are for afterwards: exact samples, and the two-channel Ogg-Opus file.

pub mod dtmf;
mod frame_path;
pub mod level;
pub mod mulaw;
pub mod recording;
pub mod resample;
pub mod ring;
pub mod timeline;
pub mod wav;

pub use frame_path::{Accepted, FrameError, FramePath, TrackReport};
pub use timeline::{Counts, Gap, Placed, Placement, Timeline};

/// Telephone sample rate of every track, Hz.
pub const LINE_RATE_HZ: u32 = 8_000;
/// Sample rate the recogniser takes, Hz.
pub const SPEECH_RATE_HZ: u32 = 16_000;
/// Samples of [`AudioFrame`]: 20 ms at [`SPEECH_RATE_HZ`].
pub const FRAME_SAMPLES: usize = 320;

/// At most 20 ms of one track at 16 kHz, mono, placed on the track's sample clock; what travels through the ring to the speech side.
#[derive(Debug, Clone, Copy)]
pub struct AudioFrame {
    /// Position of the first sample on the track's 16 kHz clock; 0 is the call's first media sample. A jump means a gap.
    pub start_sample: u64,
    /// How many of `samples` are filled.
    pub len: u16,
    /// Mono samples in -1.0..=1.0.
    pub samples: [f32; FRAME_SAMPLES],
}

impl AudioFrame {
    /// The filled part of `samples`.
    pub fn filled(&self) -> &[f32] {
        &self.samples[..usize::from(self.len).min(FRAME_SAMPLES)]
    }
}
