//! What the two sides of a call say, ready for the wire: frames of 20 ms, mu-law, base64.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::DialError;
use crate::audio::wav::{self, Audio};
use crate::audio::{LINE_RATE_HZ, mulaw};
use crate::media::Track;

/// Bytes of a frame: 20 ms.
const FRAME_BYTES: usize = 160;

/// The audio of a call. One or two tracks; the shorter one ends in silence, as it does on a telephone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallAudio {
    inbound: Vec<String>,
    outbound: Option<Vec<String>>,
}

impl CallAudio {
    /// From mu-law at 8 kHz. Without `outbound` the call streams one track.
    pub fn from_mulaw(inbound: &[u8], outbound: Option<&[u8]>) -> CallAudio {
        let frames = inbound
            .len()
            .max(outbound.map_or(0, <[u8]>::len))
            .div_ceil(FRAME_BYTES);
        CallAudio {
            inbound: encode(inbound, frames),
            outbound: outbound.map(|bytes| encode(bytes, frames)),
        }
    }

    /// From recordings of any rate: the caller is the first channel of `caller`; the agent is the first of `agent`, else the second of
    /// `caller`, else nobody.
    ///
    /// # Errors
    /// When the rate cannot be converted.
    pub fn from_audio(caller: Audio, agent: Option<Audio>) -> Result<CallAudio, wav::WavError> {
        let caller = caller.at_rate(LINE_RATE_HZ)?;
        let agent = agent.map(|agent| agent.at_rate(LINE_RATE_HZ)).transpose()?;
        let to_mulaw = |channel: &Vec<i16>| {
            channel
                .iter()
                .map(|&sample| mulaw::encode(sample))
                .collect::<Vec<u8>>()
        };
        let inbound = caller.channels.first().map(to_mulaw).unwrap_or_default();
        let outbound = match &agent {
            Some(agent) => agent.channels.first().map(to_mulaw),
            None => caller.channels.get(1).map(to_mulaw),
        };
        Ok(CallAudio::from_mulaw(&inbound, outbound.as_deref()))
    }

    /// From WAV files.
    ///
    /// # Errors
    /// Names the file and what is wrong with it.
    pub fn from_files(caller: &Path, agent: Option<&Path>) -> Result<CallAudio, DialError> {
        let read = |path: &Path| {
            let name = || path.display().to_string();
            let bytes = std::fs::read(path).map_err(|source| DialError::File {
                path: name(),
                source,
            })?;
            let audio = wav::read(&bytes).map_err(|source| DialError::Audio {
                path: name(),
                source,
            })?;
            if audio.is_empty() {
                Err(DialError::Silent { path: name() })
            } else {
                Ok(audio)
            }
        };
        let (caller_audio, agent) = (read(caller)?, agent.map(read).transpose()?);
        CallAudio::from_audio(caller_audio, agent).map_err(|source| DialError::Audio {
            path: caller.display().to_string(),
            source,
        })
    }

    /// Frames of 20 ms a track has.
    pub fn frames(&self) -> usize {
        self.inbound.len()
    }

    /// Length of the call, ms.
    pub fn duration_ms(&self) -> u64 {
        self.frames() as u64 * 20
    }

    /// The tracks that are streamed.
    pub fn tracks(&self) -> &'static [Track] {
        if self.outbound.is_some() {
            &Track::BOTH
        } else {
            &[Track::Inbound]
        }
    }

    /// A frame's payload, base64. Past the end the recording begins anew.
    pub(super) fn payload(&self, track: Track, frame: usize) -> Option<&str> {
        let frames = match track {
            Track::Inbound => &self.inbound,
            Track::Outbound => self.outbound.as_ref()?,
        };
        frames.get(frame % frames.len().max(1)).map(String::as_str)
    }
}

fn encode(bytes: &[u8], frames: usize) -> Vec<String> {
    let silence = || STANDARD.encode([mulaw::SILENCE; FRAME_BYTES]);
    let mut encoded: Vec<String> = bytes
        .chunks(FRAME_BYTES)
        .map(|chunk| {
            let mut frame = [mulaw::SILENCE; FRAME_BYTES];
            frame[..chunk.len()].copy_from_slice(chunk);
            STANDARD.encode(frame)
        })
        .collect();
    encoded.resize_with(frames, silence);
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shorter_side_ends_in_silence() {
        let audio = CallAudio::from_mulaw(&[1; 161], Some(&[2; 10]));
        assert_eq!(
            (audio.frames(), audio.duration_ms(), audio.tracks()),
            (2, 40, &Track::BOTH[..])
        );
        let decoded = STANDARD
            .decode(audio.payload(Track::Outbound, 0).unwrap())
            .unwrap();
        assert_eq!((decoded[9], decoded[10], decoded.len()), (2, 0xff, 160));
        assert_eq!(audio.payload(Track::Outbound, 1).map(str::len), Some(216));
        assert_eq!(
            audio.payload(Track::Inbound, 2),
            audio.payload(Track::Inbound, 0)
        );
    }

    #[test]
    fn a_stereo_file_is_two_tracks_and_an_agent_s_file_goes_before_it() {
        let stereo = Audio {
            rate_hz: 8_000,
            channels: vec![vec![0; 160], vec![8_000; 160]],
        };
        let mono = Audio {
            rate_hz: 16_000,
            channels: vec![vec![0; 320]],
        };
        assert_eq!(
            CallAudio::from_audio(mono.clone(), None).unwrap().tracks(),
            [Track::Inbound]
        );
        let both = CallAudio::from_audio(stereo.clone(), None).unwrap();
        assert_ne!(
            both.payload(Track::Outbound, 0),
            both.payload(Track::Inbound, 0)
        );
        let replaced = CallAudio::from_audio(stereo, Some(mono)).unwrap();
        assert_eq!(
            replaced.payload(Track::Outbound, 0),
            replaced.payload(Track::Inbound, 0)
        );
    }
}
