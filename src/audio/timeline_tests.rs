use proptest::prelude::*;

use super::*;

const FRAME: usize = 160;

/// Places frames of 20 ms on the inbound track; no sequence numbers.
fn place(timeline: &mut Timeline, timestamp_ms: i64) -> Placed {
    timeline.place(Track::Inbound, timestamp_ms, None, FRAME)
}

fn counts(timeline: &Timeline) -> Counts {
    timeline.counts(Track::Inbound)
}

#[test]
fn the_first_timestamp_is_the_origin_of_both_tracks() {
    let mut timeline = Timeline::new(0);
    assert_eq!(place(&mut timeline, 102).start_sample, 0);
    let outbound = timeline.place(Track::Outbound, 162, None, FRAME);
    assert_eq!(
        (outbound.start_sample, outbound.placement, outbound.gap),
        (480, Placement::AfterGap, None)
    );
    assert_eq!(timeline.counts(Track::Outbound).lead_in_samples, 480);
}

#[test]
fn one_lost_frame_is_a_gap_of_exactly_one_frame() {
    let mut timeline = Timeline::new(0);
    for ms in [0, 20, 60, 80] {
        place(&mut timeline, ms);
    }
    let counts = counts(&timeline);
    assert_eq!(
        (
            counts.frames,
            counts.samples,
            counts.gaps,
            counts.gap_samples
        ),
        (4, 640, 1, 160)
    );
    assert_eq!(timeline.end_sample(Track::Inbound), 800);
}

/// The shape of a published Twilio log: the first chunk at 102 ms, the hundred-and-first at 2088, not 2102.
#[test]
fn a_first_frame_stamped_late_costs_no_audio_and_hides_no_loss() {
    let mut timeline = Timeline::new(0);
    place(&mut timeline, 102);
    for n in 1..100 {
        assert_eq!(
            place(&mut timeline, 88 + 20 * n).placement,
            Placement::Contiguous
        );
    }
    assert_eq!(counts(&timeline).samples, 16_000);
    let placed = place(&mut timeline, 88 + 20 * 101);
    let gap = placed.gap.unwrap();
    assert!(
        (gap.end_sample - gap.start_sample).abs_diff(160) <= 8,
        "{gap:?}"
    );
}

#[test]
fn a_clock_that_drifts_is_put_right_every_20_ms() {
    for (step_us, frames) in [(20_040, 3_000), (19_960, 3_000)] {
        let mut timeline = Timeline::new(0);
        for n in 0..frames {
            place(&mut timeline, n * step_us / 1_000);
        }
        let truth = frames * step_us * 8 / 1_000;
        let end = timeline.end_sample(Track::Inbound) as i64;
        assert!(
            (end - truth).abs() <= 2 * 160,
            "{step_us}: {end} for {truth}"
        );
        assert_eq!(counts(&timeline).implausible, 0);
    }
}

#[test]
fn a_repeated_message_counts_once() {
    let mut timeline = Timeline::new(0);
    for (n, ms) in [(1, 0), (2, 20), (2, 20), (3, 40), (1, 0), (4, 60)] {
        timeline.place(Track::Inbound, ms, Some(n), FRAME);
    }
    let counts = counts(&timeline);
    assert_eq!(
        (
            counts.frames,
            counts.samples,
            counts.duplicates,
            counts.gap_samples
        ),
        (4, 640, 2, 0)
    );
}

#[test]
fn a_repeated_frame_with_a_new_number_counts_once_as_well() {
    let mut timeline = Timeline::new(0);
    for (n, ms) in [(1, 0), (2, 20), (3, 20), (4, 40)] {
        timeline.place(Track::Inbound, ms, Some(n), FRAME);
    }
    assert_eq!(
        (
            counts(&timeline).duplicates,
            timeline.end_sample(Track::Inbound)
        ),
        (1, 480)
    );
}

#[test]
fn a_late_frame_fills_its_gap_exactly() {
    let mut timeline = Timeline::new(0);
    for ms in [0, 20, 80] {
        place(&mut timeline, ms);
    }
    let placed = place(&mut timeline, 60);
    assert_eq!(
        (placed.placement, placed.start_sample, placed.len),
        (Placement::Reordered, 480, 160)
    );
    let placed = place(&mut timeline, 40);
    assert_eq!(
        (placed.placement, placed.start_sample, placed.len),
        (Placement::Reordered, 320, 160)
    );
    let counts = counts(&timeline);
    assert_eq!(
        (
            counts.frames,
            counts.samples,
            counts.gap_samples,
            counts.gaps,
            counts.reordered
        ),
        (5, 800, 0, 1, 2)
    );
    assert_eq!(place(&mut timeline, 100).placement, Placement::Contiguous);
}

#[test]
fn an_overlapping_frame_gives_its_new_tail() {
    let mut timeline = Timeline::new(0);
    timeline.place(Track::Inbound, 0, None, 800);
    let placed = timeline.place(Track::Inbound, 60, None, 800);
    assert_eq!(
        (
            placed.placement,
            placed.start_sample,
            placed.skip,
            placed.len
        ),
        (Placement::Overlap, 800, 320, 480)
    );
    assert_eq!(placed.of(&[0u8; 800]).len(), 480);
    assert_eq!(
        (
            counts(&timeline).overlap_samples,
            timeline.end_sample(Track::Inbound)
        ),
        (320, 1_280)
    );
}

#[test]
fn one_wild_timestamp_changes_nothing_else() {
    for wild in [i64::MIN, -1, 0, 5_000_000, i64::MAX] {
        let mut timeline = Timeline::new(0);
        for n in 0..200 {
            if n == 150 {
                assert!(!place(&mut timeline, wild).placement.is_placed(), "{wild}");
            }
            assert_eq!(
                place(&mut timeline, 1_000 + 20 * n).start_sample,
                160 * n as u64
            );
        }
        let counts = counts(&timeline);
        assert_eq!(
            (counts.frames, counts.gap_samples, counts.implausible),
            (200, 0, 1),
            "{wild}"
        );
    }
}

#[test]
fn a_sender_that_sets_its_clock_anew_is_followed() {
    let mut timeline = Timeline::new(0);
    for n in 0..100 {
        place(&mut timeline, 500 + 20 * n);
    }
    for n in 0..100 {
        place(&mut timeline, 20 * n);
    }
    let counts = counts(&timeline);
    // The two frames that were doubted are a gap; all others are there.
    assert_eq!(
        (
            counts.frames,
            counts.implausible,
            counts.clock_restarts,
            counts.gap_samples
        ),
        (198, 2, 1, 320)
    );
    assert_eq!(timeline.end_sample(Track::Inbound), 200 * 160);
}

#[test]
fn a_long_hold_is_a_gap_once_it_is_certain() {
    let mut timeline = Timeline::new(0);
    place(&mut timeline, 0);
    for n in 0..10 {
        place(&mut timeline, 120_000 + 20 * n);
    }
    let counts = counts(&timeline);
    assert_eq!(
        (counts.frames, counts.gaps, counts.clock_restarts),
        (9, 1, 0)
    );
    assert_eq!(timeline.end_sample(Track::Inbound), (120_000 + 200) * 8);
}

#[test]
fn a_second_stream_goes_on_along_the_call_s_clock() {
    let mut timeline = Timeline::new(0);
    for n in 0..50 {
        place(&mut timeline, 102 + 20 * n);
    }
    timeline.begin_stream(1_500);
    let placed = place(&mut timeline, 95);
    assert_eq!(placed.start_sample, 12_000);
    assert_eq!(
        placed.gap,
        Some(Gap {
            track: Track::Inbound,
            start_sample: 8_000,
            end_sample: 12_000
        })
    );
    // Numbers begin anew with a stream: this is no repetition.
    assert_eq!(place(&mut timeline, 115).placement, Placement::Contiguous);
}

#[test]
fn a_timeline_may_begin_late_in_a_call() {
    let mut timeline = Timeline::new(60_000);
    assert_eq!(place(&mut timeline, 7).start_sample, 480_000);
    assert_eq!(counts(&timeline).lead_in_samples, 0);
}

#[test]
fn negative_timestamps_are_counted_and_used_when_they_make_sense() {
    let mut timeline = Timeline::new(0);
    for n in 0..10 {
        place(&mut timeline, -100 + 20 * n);
    }
    assert_eq!(
        (counts(&timeline).negative, counts(&timeline).frames),
        (5, 10)
    );
}

/// What a sender does, frame by frame.
#[derive(Debug, Clone, Copy)]
enum Step {
    Send(i64),
    Lose(i64),
    Repeat,
    Wild(i64),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        12 => (-4i64..=4).prop_map(Step::Send),
        2 => (1i64..200).prop_map(Step::Lose),
        1 => Just(Step::Repeat),
        1 => any::<i64>().prop_map(Step::Wild),
    ];
    proptest::collection::vec(step, 1..300)
}

proptest! {
    #[test]
    fn every_sample_is_accounted_for(steps in steps(), offset_ms in 0u64..100_000, first_ms in -1_000i64..1_000_000) {
        let mut timeline = Timeline::new(offset_ms);
        let mut at_ms = first_ms;
        let mut last_live_end = 0;
        for step in steps {
            let timestamp_ms = match step {
                Step::Send(wobble_ms) => { at_ms += 20; at_ms - 20 + wobble_ms }
                Step::Lose(frames) => { at_ms += 20 * frames; continue }
                Step::Repeat => at_ms - 20,
                Step::Wild(ms) => ms,
            };
            let placed = place(&mut timeline, timestamp_ms);
            prop_assert_eq!(placed.len > 0, placed.placement.is_placed());
            prop_assert!(placed.skip + placed.len <= FRAME);
            if placed.placement.is_live() {
                // Live audio only ever moves on.
                prop_assert!(placed.start_sample >= last_live_end);
                last_live_end = placed.start_sample + placed.len as u64;
                prop_assert_eq!(last_live_end, timeline.end_sample(Track::Inbound));
            }
            if let Some(gap) = placed.gap {
                prop_assert!(gap.start_sample < gap.end_sample && gap.end_sample == placed.start_sample);
            }
            let counts = counts(&timeline);
            if counts.frames > 0 {
                prop_assert_eq!(counts.samples + counts.gap_samples + counts.lead_in_samples, timeline.end_sample(Track::Inbound) - offset_ms * 8);
            }
        }
    }

    #[test]
    fn wobble_alone_loses_nothing(wobble in proptest::collection::vec(-4i64..=4, 2..500)) {
        let mut timeline = Timeline::new(0);
        for (n, wobble_ms) in wobble.iter().enumerate() {
            prop_assert_eq!(place(&mut timeline, 20 * n as i64 + wobble_ms).len, FRAME);
        }
        prop_assert_eq!((counts(&timeline).gaps, timeline.end_sample(Track::Inbound)), (0, 160 * wobble.len() as u64));
    }

    #[test]
    fn loss_repetition_and_reordering_are_counted_to_the_frame(fate in proptest::collection::vec(0u8..12, 60)) {
        // The first and the last frame arrive; of the others some are lost, some come twice, some change places with their successor.
        let mut order: Vec<i64> = Vec::new();
        let (mut lost, mut repeated) = (0, 0);
        for (n, fate) in fate.iter().enumerate() {
            let n = n as i64 + 1;
            match fate {
                0 => lost += 1,
                1 => { order.extend([n, n]); repeated += 1 }
                _ => order.push(n),
            }
        }
        for at in (3..order.len().saturating_sub(1)).step_by(7) {
            if order[at] != order[at + 1] && order[at - 1] != order[at] { order.swap(at, at + 1); }
        }
        let mut timeline = Timeline::new(0);
        for n in std::iter::once(0).chain(order).chain(std::iter::once(61)) {
            timeline.place(Track::Inbound, 20 * n, Some(n as u64), FRAME);
        }
        let counts = counts(&timeline);
        prop_assert_eq!((counts.frames, counts.gap_samples, counts.duplicates), (62 - lost, 160 * lost, repeated));
        prop_assert_eq!(timeline.end_sample(Track::Inbound), 62 * 160);
    }
}
