//! Calls written down beforehand, so that their pages look the same at every run: ids, times and words are given, and the engine makes of
//! them what it makes of any call. A call of the past is a journal that the server finds when it starts; a call that goes on is the same
//! core, put on the same feed.

use std::path::Path;
use std::sync::Arc;

use offhook::call::{
    Act, Action, Call, CallId, Caller, Event, Heard, Observation, Opening, PersonAct,
    ProviderEvent, Source, StreamEnd, TrackAudio,
};
use offhook::config::Config;
use offhook::fields::words_of_text;
use offhook::media::{Dialect, Track};
use offhook::server::{Edge, Mailbox};
use offhook::speech::{Partial, Segment, SpeechState};
use offhook::store::Store;
use offhook::store::journal::Media;
use serde_json::json;

use crate::until;

/// The moment at which the pictures are taken: Friday 16 January 2026, 17:30 UTC.
pub const NOW_MS: i64 = 1_768_584_600_000;

/// The call that takes what is done to pinned ones.
const STAND_IN: &str = "CA00000000000000000000000000000000";

/// What is said, and by whom.
#[derive(Clone, Copy)]
pub struct Line {
    track: Track,
    start_ms: u64,
    text: &'static str,
}

pub const fn caller(start_ms: u64, text: &'static str) -> Line {
    Line {
        track: Track::Inbound,
        start_ms,
        text,
    }
}

pub const fn agent(start_ms: u64, text: &'static str) -> Line {
    Line {
        track: Track::Outbound,
        start_ms,
        text,
    }
}

/// A call.
#[derive(Clone, Copy)]
pub struct Pinned {
    /// Tells its ids apart from those of other calls.
    pub number: u8,
    /// Who calls.
    pub from: &'static str,
    /// The location that is called, the number it has and the kind of business.
    pub place: (&'static str, &'static str, &'static str),
    /// How long before [`NOW_MS`] it began.
    pub ago_ms: i64,
    /// How long it lasts, or has lasted.
    pub length_ms: u64,
    pub lines: &'static [Line],
    /// A hole in the caller's audio.
    pub gap: Option<(u64, u64)>,
    /// When the agent flags it.
    pub flag: Option<u64>,
    /// The name and the plan of the contact that the business has loaded.
    pub known: Option<(&'static str, &'static str)>,
    /// What the caller is about to say.
    pub partial: Option<Line>,
}

/// A word in which the recogniser does not trust itself, in every seventh place.
fn words(line: &Line) -> Vec<offhook::speech::Word> {
    let mut words = words_of_text(line.text, line.start_ms, end_ms(line));
    for (at, word) in words.iter_mut().enumerate() {
        word.p = if at % 7 == 4 { 0.55 } else { 0.93 };
    }
    words
}

fn end_ms(line: &Line) -> u64 {
    line.start_ms + 330 * line.text.split(' ').count() as u64
}

impl Pinned {
    pub fn id(&self) -> CallId {
        CallId::new(self.start_ms() as u64, [self.number; 10])
    }

    fn start_ms(&self) -> i64 {
        NOW_MS - self.ago_ms
    }

    fn opening(&self) -> Opening {
        let (location, _, vertical) = self.place;
        Opening {
            call: self.id(),
            provider: "twilio".to_owned(),
            provider_call_id: format!("CA{:032x}", self.number),
            vertical: vertical.to_owned(),
            location: Some(location.to_owned()),
            config_version: "sha256:5b1f2c9e".to_owned(),
            parent: None,
        }
    }

    fn provider(&self, text: String) -> Event {
        Event::Provider(ProviderEvent {
            source: Source::Media,
            stream: Some(0),
            text,
        })
    }

    /// What happened up to the moment of the picture, each with its moment in the call, ms.
    fn events(&self) -> Vec<(u64, Event)> {
        let stream = format!("MZ{:032x}", self.number);
        let start = format!(
            r#"{{"event":"start","sequenceNumber":"1","start":{{"accountSid":"AC1","streamSid":"{stream}","callSid":"CA{:032x}","tracks":["inbound","outbound"],"mediaFormat":{{"encoding":"audio/x-mulaw","sampleRate":8000,"channels":1}},"customParameters":{{"from":"{}","to":"{}"}}}},"streamSid":"{stream}"}}"#,
            self.number, self.from, self.place.1
        );
        let mut events = vec![
            (0, self.provider(start)),
            (
                0,
                Event::Observed(Observation::StreamOrigin {
                    stream: 0,
                    timestamp_ms: 0,
                    offset_ms: 0,
                }),
            ),
            (
                0,
                Event::Heard(Heard::State {
                    stream: 0,
                    state: SpeechState::Listening,
                }),
            ),
        ];
        if let Some((name, plan)) = self.known {
            let caller = Caller {
                number: self.from.to_owned(),
                known: true,
                contact_name: Some(name.to_owned()),
                previous_calls: 1,
                contact_data: [("plan".to_owned(), json!(plan))].into_iter().collect(),
                ..Caller::default()
            };
            events.push((0, Event::Observed(Observation::Caller(Box::new(caller)))));
        }
        let mut utterances = [0; 2];
        for line in self.lines {
            let utterance = &mut utterances[line.track.index()];
            let heard = Segment {
                track: line.track,
                utterance: *utterance,
                start_ms: line.start_ms,
                end_ms: end_ms(line),
                text: line.text.to_owned(),
                words: words(line),
                suspect: false,
                model: "offhook-phone-en".into(),
            };
            *utterance += 1;
            events.push((end_ms(line) + 700, Event::Heard(Heard::Final(heard))));
        }
        if let Some((start_ms, end_ms)) = self.gap {
            let gap = Observation::Gap {
                track: Track::Inbound,
                start_ms,
                end_ms,
            };
            events.push((end_ms, Event::Observed(gap)));
        }
        if let Some(at_ms) = self.flag {
            let flag = PersonAct {
                who: "agent".to_owned(),
                act: Act::Flag {
                    note: String::new(),
                },
            };
            events.push((at_ms, Event::Person(flag)));
        }
        events.sort_by_key(|(at_ms, _)| *at_ms);
        events
    }

    fn at_us(&self, at_ms: u64) -> i64 {
        (self.start_ms() + at_ms as i64) * 1000
    }

    /// Puts the call, while it goes on, where the pages find it.
    fn goes_on(&self, edge: &Edge, mailbox: Mailbox) -> Going {
        let opening = self.opening();
        edge.registry
            .find_or_open("twilio", &opening.provider_call_id, || {
                Ok::<_, std::convert::Infallible>((self.id(), mailbox))
            })
            .unwrap();
        let (mut call, mut actions) =
            Call::open(&opening, edge.rules(&opening).unwrap(), self.at_us(0));
        for (at_ms, event) in self.events() {
            actions.extend(call.handle(&event, self.at_us(at_ms)));
        }
        if let Some(line) = &self.partial {
            let mut stable = words(line);
            let unstable = stable.split_off(stable.len() / 2);
            let partial = Partial {
                track: line.track,
                utterance: 99,
                revision: 1,
                stable,
                unstable,
                audio_end_ms: end_ms(line),
            };
            actions.extend(call.preview(partial, self.at_us(end_ms(line) + 400)));
        }
        let mut going = Going {
            heard: [self.lines.len() as u32; 2],
            now_ms: self.ago_ms as u64,
            start_ms: self.start_ms(),
            call,
        };
        going.publish(edge, actions);
        going
    }

    /// Writes the call down as an earlier run of the server would have, sound included.
    async fn write(&self, store: &Store) {
        let journal = store.journal.call(self.id());
        let put = |at_ms, event: &Event| {
            let (kind, body) = event.to_entry();
            journal.append(kind, self.at_us(at_ms), body).unwrap();
        };
        put(0, &Event::Opened(Box::new(self.opening())));
        let mut events = self.events().into_iter().peekable();
        let mut media = store.journal.media(self.id());
        let mut counts = [TrackAudio::default(); 2];
        for at_ms in (0..self.length_ms).step_by(20) {
            while let Some((_, event)) = events.next_if(|(at, _)| *at <= at_ms) {
                put(at_ms, &event);
            }
            for track in Track::BOTH {
                let lost = self.gap.is_some_and(|(from, to)| {
                    track == Track::Inbound && (from..to).contains(&at_ms)
                });
                let count = &mut counts[track.index()];
                if lost {
                    count.gap_ms += 20;
                    continue;
                }
                let payload = self.sound(track, at_ms);
                let frame = Media {
                    stream: 0,
                    track: track.index() as u8,
                    sequence: at_ms / 10 + track.index() as u64 + 2,
                    timestamp_ms: at_ms as i64,
                    payload: &payload,
                };
                media.push(self.at_us(at_ms), frame).unwrap();
                count.frames += 1;
                count.audio_ms += 20;
                count.end_ms = at_ms + 20;
            }
        }
        counts[0].gaps = u64::from(self.gap.is_some());
        let stop = format!(
            r#"{{"event":"stop","sequenceNumber":"999999","stop":{{"accountSid":"AC1","callSid":"CA{:032x}"}},"streamSid":"MZ{:032x}"}}"#,
            self.number, self.number
        );
        let closed = Observation::StreamClosed {
            stream: 0,
            reason: StreamEnd::Stop,
            audio: counts,
        };
        let done = |track| Event::Heard(Heard::Done { stream: 0, track });
        let end_ms = self.length_ms;
        put(end_ms, &self.provider(stop));
        put(end_ms + 20, &Event::Observed(closed));
        put(end_ms + 240, &done(Track::Inbound));
        put(end_ms + 260, &done(Track::Outbound));
    }

    /// Twenty milliseconds of somebody's voice, or of a quiet line.
    fn sound(&self, track: Track, at_ms: u64) -> Vec<u8> {
        let speaks = self
            .lines
            .iter()
            .any(|l| l.track == track && (l.start_ms..end_ms(l)).contains(&at_ms));
        // A syllable every 210 ms or so, none as loud as the one before.
        let syllable = (at_ms as f64 / 210.0 * std::f64::consts::PI).sin().abs();
        let stress = 0.5 + 0.5 * ((at_ms / 210 * 7919 + u64::from(self.number)) % 13) as f64 / 13.0;
        let loud = if speaks {
            9_000.0 * syllable * stress
        } else {
            30.0
        };
        let pitch = if track == Track::Inbound {
            190.0
        } else {
            120.0
        };
        (0..160u64)
            .map(|n| {
                let seconds = (at_ms * 8 + n) as f64 / 8_000.0;
                let sample = loud * (seconds * pitch * std::f64::consts::TAU).sin();
                offhook::audio::mulaw::encode(sample as i16)
            })
            .collect()
    }
}

/// Leaves calls of the past in a data folder in which no server runs yet.
pub async fn leave(config: &Config, calls: &[Pinned]) {
    assert!(
        !Path::new(&config.store.data_dir)
            .join("offhook.db")
            .exists()
    );
    let (store, _) = Store::open(&config.store).unwrap();
    for call in calls {
        call.write(&store).await;
    }
    store.journal.shut_down().await.unwrap();
}

/// A call that goes on and in which more can be said.
pub struct Going {
    pub call: Call,
    heard: [u32; 2],
    now_ms: u64,
    start_ms: i64,
}

impl Going {
    fn publish(&mut self, edge: &Edge, actions: Vec<Action>) -> usize {
        let events: Vec<_> = actions
            .into_iter()
            .filter_map(|action| match action {
                Action::Publish(event) => Some(event),
                _ => None,
            })
            .collect();
        let count = events.len();
        let mut live = self.call.live();
        // What a session measures at the edge; here there is none.
        let stage =
            |ms: f64| json!({ "count": 24, "last_ms": ms, "p50_ms": ms, "p95_ms": ms * 1.6 });
        live.latency = json!({
            "delay_ms": 395, "budget_broken": [],
            "stages": { "network": stage(120.0), "decode": stage(0.2), "stt_partial": stage(240.0), "stt_final": stage(610.0), "fields": stage(35.0) },
        });
        live.quality.now = json!({
            "window_ms": 1000, "verdict": "ok", "loss_pct": 0.0, "clipping_pct": 0.0, "gap_ms": 0, "level_dbfs": { "caller": -23, "agent": -27 },
        });
        edge.feed.publish(events, live);
        count
    }

    /// Lets somebody say something, and the pages hear of it; how many events that made.
    pub fn says(&mut self, edge: &Edge, track: Track, text: &str) -> usize {
        let start_ms = self.now_ms;
        let words = words_of_text(
            text,
            start_ms,
            start_ms + 330 * text.split(' ').count() as u64,
        );
        self.now_ms += 330 * words.len() as u64 + 700;
        let utterance = self.heard[track.index()];
        self.heard[track.index()] += 1;
        let heard = Event::Heard(Heard::Final(Segment {
            track,
            utterance,
            start_ms,
            end_ms: words.last().map_or(start_ms, |w| w.end_ms),
            text: text.to_owned(),
            words,
            suspect: false,
            model: "offhook-phone-en".into(),
        }));
        let now_us = (self.start_ms + self.now_ms as i64) * 1000;
        let actions = self.call.handle(&heard, now_us);
        self.publish(edge, actions)
    }
}

/// Lets calls go on. What is done to them goes to a stand-in, which nobody sees.
pub async fn go_on(edge: &Arc<Edge>, calls: &[Pinned]) -> Vec<Going> {
    let mailbox = edge
        .find_or_open(Dialect::Twilio, STAND_IN, None, None, None)
        .await
        .unwrap();
    let stand_in = edge.registry.by_provider_id(STAND_IN).unwrap();
    until("the stand-in to be seen", async || {
        edge.feed.state(stand_in)
    })
    .await;
    edge.feed.forget(stand_in);
    calls
        .iter()
        .map(|call| call.goes_on(edge, mailbox.clone()))
        .collect()
}
