//! How much of the call was received, heard and spoken, in milliseconds.

use serde_json::{Value, json};

use crate::call::Call;
use crate::fields::Speaker;
use crate::speech::SpeechState;

/// Audio received and missing. A track's share counts by itself: a hole on one track is a hole.
pub(super) fn coverage(call: &Call) -> Value {
    let tracks = call.audio();
    let audio_ms = tracks.iter().map(|t| t.audio_ms).max().unwrap_or(0);
    let lost_ms: u64 = call.gaps().iter().map(|(_, start, end)| end - start).sum();
    let transcribed_ms = if call.speech_state() == SpeechState::Stopped {
        call.transcript()
            .iter()
            .map(|s| s.end_ms)
            .max()
            .unwrap_or(0)
    } else {
        audio_ms
    };
    json!({
        "audio_ms": audio_ms,
        "transcribed_ms": transcribed_ms,
        "lost_ms": lost_ms,
        "gaps": call.gaps().iter().map(|(track, start, end)| json!({ "track": track, "start_ms": start, "end_ms": end })).collect::<Vec<_>>(),
        "tracks": { "inbound": tracks[0], "outbound": tracks[1] },
    })
}

/// Who spoke how long; where both spoke at once counts as overlap, where nobody did as silence.
pub(super) fn speech_times(call: &Call) -> Value {
    let spoken = |speaker: Speaker| -> Vec<(u64, u64)> {
        merged(
            call.transcript()
                .iter()
                .filter(|s| s.speaker == speaker)
                .map(|s| (s.start_ms, s.end_ms))
                .collect(),
        )
    };
    let caller = spoken(Speaker::Caller);
    let agent = spoken(Speaker::Agent);
    let total = |ranges: &[(u64, u64)]| ranges.iter().map(|(start, end)| end - start).sum::<u64>();
    let both = merged(caller.iter().chain(&agent).copied().collect());
    let overlap = total(&caller) + total(&agent) - total(&both);
    let audio_ms = call.audio().iter().map(|t| t.end_ms).max().unwrap_or(0);
    json!({
        "caller_speech_ms": total(&caller),
        "agent_speech_ms": total(&agent),
        "overlap_ms": overlap,
        "silence_ms": audio_ms.saturating_sub(total(&both)),
    })
}

/// The union of ranges as disjoint ranges in order.
fn merged(mut ranges: Vec<(u64, u64)>) -> Vec<(u64, u64)> {
    ranges.sort_unstable();
    let mut union: Vec<(u64, u64)> = Vec::with_capacity(ranges.len());
    for (start, end) in ranges {
        match union.last_mut() {
            Some(last) if start <= last.1 => last.1 = last.1.max(end),
            _ => union.push((start, end.max(start))),
        }
    }
    union
}

#[cfg(test)]
mod tests {
    use super::merged;

    #[test]
    fn ranges_that_touch_become_one() {
        assert_eq!(
            merged(vec![(5, 9), (0, 3), (3, 4), (8, 12)]),
            [(0, 4), (5, 12)]
        );
        assert_eq!(merged(vec![]), []);
    }
}
