//! The utterance machine of one track: voice frames in, decoding orders out; decoded words in, partials and finals out.
//!
//! Pure: positions are samples on the track's 16 kHz clock, and time passes only by frames or by an explicit [`Utterances::idle`]. It sees
//! no audio: orders name ranges, and [`Utterances::keep_from`] says from where the owner must still hold samples.
//!
//! # The contract
//! A partial may be replaced by a later one with the same number. A final comes exactly once per utterance, in order, and is never taken
//! back. Numbers run from 0 without holes: a number is spent by a final only, and only the oldest unfinished utterance is shown, so
//! an utterance in which nothing was said gives its number back (after an empty partial, if something had been shown).

mod terms;

use std::collections::VecDeque;

use super::Word;
use super::agreement::Agreement;
use super::numerals;
use super::vad::{ONSET_FRAMES, VAD_FRAME, VadFrame};
pub use terms::{Expectation, Heard, Job, Order, Purpose, Said, Tuning};

/// The utterance being spoken.
#[derive(Debug)]
struct Open {
    key: u64,
    start: u64,
    voiced: Vec<(u64, u64)>,
    /// Frames of the last `cut_window`.
    recent: VecDeque<VadFrame>,
    /// End of the range that the last partial was asked for.
    asked_end: u64,
    speculative: Option<Speculative>,
    in_number: bool,
    /// Its first words may repeat the last ones of the utterance before.
    overlaps: bool,
}

impl Open {
    fn voice_end(&self) -> u64 {
        self.voiced.last().map_or(self.start, |(_, end)| *end)
    }

    fn voiced_len(&self) -> u64 {
        self.voiced.iter().map(|(from, to)| to - from).sum()
    }

    fn add_voice(&mut self, from: u64, to: u64) {
        match self.voiced.last_mut() {
            Some((_, end)) if *end >= from => *end = to.max(*end),
            _ => self.voiced.push((from, to)),
        }
    }
}

#[derive(Debug)]
struct Speculative {
    ticket: u64,
    heard: Option<Heard>,
}

/// An utterance that has ended and waits for its text.
#[derive(Debug)]
struct Closed {
    key: u64,
    ticket: u64,
    voice_start: u64,
    voice_end: u64,
    overlaps: bool,
    heard: Option<Heard>,
}

/// The machine of one track.
#[derive(Debug)]
pub struct Utterances {
    tuning: Tuning,
    cadence: Option<u64>,
    expectation: Expectation,
    /// Sample after the last frame.
    position: u64,
    /// The position, or beyond it while no audio comes.
    now: u64,
    /// Audio before this belongs to an earlier utterance or to a hole.
    free_from: u64,
    open: Option<Open>,
    closed: VecDeque<Closed>,
    ended: bool,
    next_key: u64,
    next_ticket: u64,
    /// Finals so far: the number of the utterance that is shown next.
    published: u32,
    revision: u32,
    agreement: Agreement,
    shown: Vec<Word>,
    shown_stable: usize,
    shown_end: u64,
    /// Plain last words of the last final, for overlaps.
    last_words: Vec<String>,
    orders: VecDeque<Order>,
    said: VecDeque<Said>,
}

impl Utterances {
    /// A track on which nothing was said yet.
    pub fn new(tuning: Tuning) -> Self {
        Self {
            tuning,
            cadence: None,
            expectation: Expectation::None,
            position: 0,
            now: 0,
            free_from: 0,
            open: None,
            closed: VecDeque::new(),
            ended: false,
            next_key: 0,
            next_ticket: 0,
            published: 0,
            revision: 0,
            agreement: Agreement::default(),
            shown: Vec::new(),
            shown_stable: 0,
            shown_end: 0,
            last_words: Vec::new(),
            orders: VecDeque::new(),
            said: VecDeque::new(),
        }
    }

    /// Speech between two partials, samples; `None` stops asking for partials.
    pub fn set_cadence(&mut self, cadence: Option<u64>) {
        self.cadence = cadence;
    }

    /// What the call expects to hear.
    pub fn expect(&mut self, expectation: Expectation) {
        self.expectation = expectation;
    }

    /// The next thing to do.
    pub fn poll_order(&mut self) -> Option<Order> {
        self.orders.pop_front()
    }

    /// The next thing to tell the call.
    pub fn poll_said(&mut self) -> Option<Said> {
        self.said.pop_front()
    }

    /// The first sample that a coming order may name.
    pub fn keep_from(&self) -> u64 {
        match &self.open {
            Some(open) => open.start,
            None => self
                .position
                .saturating_sub(self.tuning.pre_roll + (ONSET_FRAMES * VAD_FRAME) as u64)
                .max(self.free_from),
        }
    }

    /// Where the voice of the oldest utterance that has no final yet ends so far.
    pub fn pending_end(&self) -> Option<u64> {
        let open = self.open.as_ref();
        let spoken = open.filter(|open| open.voiced_len() >= self.tuning.min_voiced);
        let closed = self.closed.front().map(|closed| closed.voice_end);
        closed.or_else(|| spoken.map(Open::voice_end))
    }

    /// The audio has ended and everything spoken was published.
    pub fn is_done(&self) -> bool {
        self.ended && self.open.is_none() && self.closed.is_empty()
    }

    /// Takes the next frame. Frames come in order; behind a hole [`Self::gap`] comes first.
    pub fn frame(&mut self, frame: VadFrame) {
        self.position = frame.end();
        // Frames that come late after a stall are the truth: what was taken for silence was none.
        self.now = self.position;
        if self.open.is_none() {
            if frame.voiced {
                self.start(frame);
            }
            return;
        }
        self.go_on(frame);
        self.look_at_silence();
        self.ask_for_partial();
        self.cut_if_longest();
    }

    /// No audio has come up to `now`: silence passes all the same.
    pub fn idle(&mut self, now: u64) {
        self.now = self.now.max(now);
        self.look_at_silence();
    }

    /// The audio from the last frame up to `until` is missing: what was being said is over.
    pub fn gap(&mut self, until: u64) {
        if let Some(open) = self.open.take() {
            self.close(open);
        }
        self.position = until;
        self.now = until;
        self.free_from = until;
    }

    /// The audio has ended.
    pub fn end(&mut self) {
        if let Some(open) = self.open.take() {
            self.close(open);
        }
        self.ended = true;
    }

    /// Takes the result of a job. Results may come in any order; unknown and outdated ones do no harm.
    pub fn decoded(&mut self, job: &Job, heard: Heard) {
        if let Some(index) = self
            .closed
            .iter()
            .position(|closed| closed.key == job.utterance)
        {
            let Some(closed) = self.closed.get_mut(index) else {
                return;
            };
            if closed.ticket == job.ticket {
                closed.heard = Some(heard);
                self.publish();
            } else if index == 0 && closed.heard.is_none() {
                let overlaps = closed.overlaps;
                self.show(job, heard, overlaps);
            }
            return;
        }
        let Some(open) = self.open.as_mut().filter(|open| open.key == job.utterance) else {
            return;
        };
        if let Heard::Words { words, .. } = &heard {
            open.in_number =
                numerals::inside_number(&numerals::units(words.iter().map(|w| w.w.as_str())));
        }
        if let Some(speculative) = open.speculative.as_mut().filter(|s| s.ticket == job.ticket) {
            speculative.heard = Some(heard.clone());
        }
        let overlaps = open.overlaps;
        if self.closed.is_empty() {
            self.show(job, heard, overlaps);
        }
    }

    /// The job for the text of the ended utterance behind the one that `job` is for, if both still wait: its utterance and ticket.
    pub fn following(&self, job: &Job) -> Option<(u64, u64)> {
        let waits = |closed: &&Closed| closed.heard.is_none();
        let index = self
            .closed
            .iter()
            .position(|closed| closed.ticket == job.ticket && closed.heard.is_none())?;
        let next = self
            .closed
            .get(index + 1)
            .filter(waits)
            .filter(|next| !next.overlaps)?;
        Some((next.key, next.ticket))
    }

    /// One decode covers two ended utterances: `second` joins `first`, which it must follow. False if they cannot be joined.
    pub fn join(&mut self, first: u64, second: u64) -> bool {
        let Some(index) = self.closed.iter().position(|closed| closed.key == first) else {
            return false;
        };
        if self
            .closed
            .get(index + 1)
            .is_none_or(|next| next.key != second)
        {
            return false;
        }
        let end = self.closed.remove(index + 1).map(|second| second.voice_end);
        if let (Some(end), Some(first)) = (end, self.closed.get_mut(index)) {
            first.voice_end = end;
        }
        true
    }

    fn start(&mut self, frame: VadFrame) {
        // The start rule needs several frames: the voice began up to that much earlier.
        let onset = frame
            .end()
            .saturating_sub((ONSET_FRAMES * VAD_FRAME) as u64)
            .max(self.free_from);
        let start = onset
            .saturating_sub(self.tuning.pre_roll)
            .max(self.free_from);
        self.open = Some(Open {
            key: self.take_key(),
            start,
            voiced: vec![(onset, frame.end())],
            recent: VecDeque::from([frame]),
            asked_end: onset,
            speculative: None,
            in_number: false,
            overlaps: false,
        });
    }

    fn go_on(&mut self, frame: VadFrame) {
        let Some(open) = self.open.as_mut() else {
            return;
        };
        open.recent.push_back(frame);
        while open
            .recent
            .front()
            .is_some_and(|first| first.start + self.tuning.cut_window < frame.end())
        {
            open.recent.pop_front();
        }
        if frame.voiced {
            open.add_voice(frame.start, frame.end());
            if let Some(Speculative {
                ticket,
                heard: None,
            }) = open.speculative.take()
            {
                self.orders.push_back(Order::Demote { ticket });
            }
        }
    }

    fn look_at_silence(&mut self) {
        let Some(open) = self.open.as_ref() else {
            return;
        };
        let silence = self.now.saturating_sub(open.voice_end());
        let in_number = open.in_number || self.expectation != Expectation::None;
        let endpoint = if self.position - open.start >= self.tuning.cut_after {
            self.tuning.dip
        } else if in_number {
            self.tuning.number_endpoint
        } else {
            self.tuning.endpoint
        };
        if silence >= endpoint {
            if let Some(open) = self.open.take() {
                self.close(open);
            }
        } else if silence >= self.tuning.tail
            && open.speculative.is_none()
            && open.voiced_len() >= self.tuning.min_voiced
        {
            let job = self.job(Purpose::Speculative);
            if let (Some(job), Some(open)) = (job, self.open.as_mut()) {
                open.speculative = Some(Speculative {
                    ticket: job.ticket,
                    heard: None,
                });
                self.orders.push_back(Order::Decode(job));
            }
        }
    }

    fn ask_for_partial(&mut self) {
        let (Some(open), Some(cadence)) = (self.open.as_mut(), self.cadence) else {
            return;
        };
        let first = self.tuning.first_partial.min(cadence);
        if open.speculative.is_some()
            || open.voice_end() <= open.asked_end
            || open.voiced_len() < first
            || self.position - open.asked_end < cadence
        {
            return;
        }
        open.asked_end = self.position;
        if let Some(job) = self.job(Purpose::Partial) {
            self.orders.push_back(Order::Decode(job));
        }
    }

    /// The range that a decode of the open utterance takes now.
    fn job(&mut self, purpose: Purpose) -> Option<Job> {
        let ticket = self.next_ticket;
        let open = self.open.as_ref()?;
        let end = match purpose {
            Purpose::Partial => self.position,
            Purpose::Speculative | Purpose::Final => {
                self.position.min(open.voice_end() + self.tuning.tail)
            }
        };
        self.next_ticket += 1;
        Some(Job {
            ticket,
            utterance: open.key,
            purpose,
            start: open.start,
            end,
            voiced: open.voiced.clone(),
        })
    }

    fn close(&mut self, open: Open) {
        let (Some((voice_start, _)), voice_end) = (open.voiced.first().copied(), open.voice_end())
        else {
            return;
        };
        let end = self.position.min(voice_end + self.tuning.tail);
        self.free_from = end;
        if open.voiced_len() < self.tuning.min_voiced {
            return;
        }
        let (ticket, heard) = match open.speculative {
            // A lost speculative job is worth a second try.
            Some(Speculative { ticket, heard }) if heard != Some(Heard::Lost) => (ticket, heard),
            _ => {
                let ticket = self.next_ticket;
                self.next_ticket += 1;
                let purpose = Purpose::Final;
                let job = Job {
                    ticket,
                    utterance: open.key,
                    purpose,
                    start: open.start,
                    end,
                    voiced: open.voiced,
                };
                self.orders.push_back(Order::Decode(job));
                (ticket, None)
            }
        };
        self.closed.push_back(Closed {
            key: open.key,
            ticket,
            voice_start,
            voice_end,
            overlaps: open.overlaps,
            heard,
        });
        self.publish();
    }

    /// Endless speech: ends the utterance where voice was least probable of late and goes on from there.
    fn cut_if_longest(&mut self) {
        let position = self.position;
        let Some(open) = self
            .open
            .take_if(|open| position - open.start + VAD_FRAME as u64 > self.tuning.longest)
        else {
            return;
        };
        // Later of equals: the first piece has then more context.
        let lowest = open
            .recent
            .iter()
            .rev()
            .min_by(|a, b| a.p.total_cmp(&b.p))
            .copied();
        let Some(lowest) = lowest else {
            return self.close(open);
        };
        let cut = lowest.start + VAD_FRAME as u64 / 2;
        let shared = if lowest.voiced {
            self.tuning.overlap / 2
        } else {
            0
        };
        let (until, from) = (
            (cut + shared).min(position),
            cut.saturating_sub(shared).max(open.start),
        );
        let clip = |low: u64, high: u64| -> Vec<(u64, u64)> {
            let clipped = open
                .voiced
                .iter()
                .map(|(start, end)| ((*start).max(low), (*end).min(high)));
            clipped.filter(|(start, end)| start < end).collect()
        };
        let rest = clip(from, position);
        let head = Open {
            key: open.key,
            start: open.start,
            voiced: clip(open.start, until),
            recent: VecDeque::new(),
            asked_end: open.asked_end,
            speculative: None,
            in_number: open.in_number,
            overlaps: open.overlaps,
        };
        // `close` takes `tail` behind the voice, but not beyond the cut: what follows there is the next utterance's.
        self.position = until;
        self.close(head);
        self.position = position;
        self.free_from = from;
        if rest.is_empty() {
            return;
        }
        self.open = Some(Open {
            key: self.take_key(),
            start: from,
            voiced: rest,
            recent: open
                .recent
                .into_iter()
                .filter(|frame| frame.start >= from)
                .collect(),
            asked_end: from,
            speculative: None,
            in_number: open.in_number,
            overlaps: lowest.voiced,
        });
    }

    fn take_key(&mut self) -> u64 {
        self.next_key += 1;
        self.next_key - 1
    }

    /// Publishes what has its text, oldest first, and stops at the first that waits.
    fn publish(&mut self) {
        while let Some(Closed { heard: Some(_), .. }) = self.closed.front() {
            let Some(Closed {
                heard: Some(heard),
                voice_start,
                voice_end,
                overlaps,
                ..
            }) = self.closed.pop_front()
            else {
                return;
            };
            let (words, suspect) = match heard {
                Heard::Words { words, suspect } => (self.without_overlap(words, overlaps), suspect),
                Heard::Nothing | Heard::Lost => (Vec::new(), false),
            };
            let was_shown = !self.shown.is_empty();
            self.agreement = Agreement::default();
            self.shown.clear();
            self.shown_stable = 0;
            self.last_words = words
                .iter()
                .rev()
                .take(5)
                .rev()
                .map(|w| plain(&w.w))
                .collect();
            if words.is_empty() {
                if was_shown {
                    self.say_partial(Vec::new(), Vec::new(), voice_end);
                }
                continue;
            }
            self.said.push_back(Said::Final {
                utterance: self.published,
                start: voice_start,
                end: voice_end,
                words,
                suspect,
            });
            self.published += 1;
            self.revision = 0;
        }
    }

    fn show(&mut self, job: &Job, heard: Heard, overlaps: bool) {
        let Heard::Words {
            words,
            suspect: false,
        } = heard
        else {
            return;
        };
        if job.end < self.shown_end {
            return;
        }
        self.shown_end = job.end;
        let words = self.without_overlap(words, overlaps);
        let split = self.agreement.update(words);
        let shown: Vec<Word> = split
            .stable
            .iter()
            .chain(&split.unstable)
            .cloned()
            .collect();
        let same = shown.len() == self.shown.len()
            && shown.iter().zip(&self.shown).all(|(a, b)| a.w == b.w);
        if shown.is_empty() || (same && split.stable.len() == self.shown_stable) {
            return;
        }
        self.shown_stable = split.stable.len();
        self.shown = shown;
        self.say_partial(split.stable, split.unstable, job.end);
    }

    fn say_partial(&mut self, stable: Vec<Word>, unstable: Vec<Word>, audio_end: u64) {
        self.said.push_back(Said::Partial {
            utterance: self.published,
            revision: self.revision,
            stable,
            unstable,
            audio_end,
        });
        self.revision += 1;
    }

    /// Takes away first words that only repeat the last words of the final before: both were cut from the same voice.
    fn without_overlap(&self, mut words: Vec<Word>, overlaps: bool) -> Vec<Word> {
        if overlaps {
            let first: Vec<String> = words.iter().take(5).map(|w| plain(&w.w)).collect();
            let most = first.len().min(self.last_words.len());
            let repeated = (1..=most).rev().find(|n| {
                self.last_words
                    .iter()
                    .rev()
                    .take(*n)
                    .rev()
                    .eq(first.iter().take(*n))
            });
            words.drain(..repeated.unwrap_or(0));
        }
        words
    }
}

fn plain(word: &str) -> String {
    word.chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

#[cfg(test)]
mod tests;
