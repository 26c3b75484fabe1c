//! What the provider is told to do with a call: announce, stream both tracks, ring the agent.
//!
//! `<Start><Stream>` stands before `<Dial>`, so the call goes on if this server does not answer. It stands after the announcement, so
//! nothing is recorded before that has been heard: the provider takes one verb after the other, and a stream that starts shows that the
//! announcement came to its end. Where the recording may begin earlier, the stream comes first, and the end of the announcement shows by
//! what comes after it: the agent's telephone is rung, or the provider asks for the rest ([`CONSENT_PATH`]). A caller who is to press 1 is
//! always answered in two steps: which key was pressed must be known here.
//! <https://www.twilio.com/docs/voice/twiml/stream> <https://www.twilio.com/docs/voice/twiml/gather>

use std::fmt::Write as _;

use thiserror::Error;

use super::signature::PublicUrl;
use super::{ConsentMode, ConsentSettings, Settings};

/// Twilio takes a `<Parameter>` whose name and value together are shorter than this.
pub const PARAMETER_CHARS: usize = 500;

/// Path of the media stream below the public address.
pub const MEDIA_PATH: &str = "/twilio/media";
/// Path of the call status webhook.
pub const STATUS_PATH: &str = "/twilio/status";
/// Path of the webhook that gets the caller's key, or that the announcement is over.
pub const CONSENT_PATH: &str = "/twilio/consent";
/// Path of the stream status webhook.
pub const STREAM_STATUS_PATH: &str = "/twilio/stream-status";

/// How every answer begins.
const HEAD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Response>";

/// Why an answer cannot be written.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum TwimlError {
    /// A parameter is too long for the provider.
    #[error(
        "the stream parameter '{name}' is too long: name and value together must be shorter than {PARAMETER_CHARS} characters"
    )]
    ParameterTooLong {
        /// Its name.
        name: String,
    },
}

/// Whether the answer to an incoming call already has the stream in it: else it comes after the caller's key.
pub fn streams_at_once(consent: &ConsentSettings) -> bool {
    consent.mode != ConsentMode::Press1 || consent.record_before_consent
}

/// The answer to an incoming call.
///
/// `parameters` come back in the stream's first message: the token, and what else is to be known there. They are not used where the
/// stream comes later ([`streams_at_once`]).
///
/// # Errors
/// A parameter that the provider would not take.
pub fn answer(
    settings: &Settings,
    consent: &ConsentSettings,
    url: &PublicUrl,
    parameters: &[(&str, &str)],
) -> Result<String, TwimlError> {
    let mut xml = String::from(HEAD);
    match (consent.mode, consent.record_before_consent) {
        (ConsentMode::Off, _) => {
            stream(&mut xml, url, parameters)?;
            connect(&mut xml, settings, url);
        }
        (ConsentMode::Announce, false) => {
            say(&mut xml, settings, &consent.text);
            stream(&mut xml, url, parameters)?;
            connect(&mut xml, settings, url);
        }
        (ConsentMode::Announce, true) => {
            stream(&mut xml, url, parameters)?;
            say(&mut xml, settings, &consent.text);
            match settings.dial_number.as_deref() {
                // That the agent's telephone rings tells us that the announcement is over.
                Some(target) => dial(&mut xml, settings, url, target),
                None => {
                    let next = escape(&url.http(CONSENT_PATH));
                    let _ = write!(xml, "<Redirect method=\"POST\">{next}</Redirect>");
                }
            }
        }
        (ConsentMode::Press1, before) => {
            if before {
                stream(&mut xml, url, parameters)?;
            }
            let next = escape(&url.http(CONSENT_PATH));
            let _ = write!(
                xml,
                "<Gather input=\"dtmf\" numDigits=\"1\" timeout=\"{}\" actionOnEmptyResult=\"true\" action=\"{next}\" method=\"POST\">",
                consent.press_1_timeout_s,
            );
            say(&mut xml, settings, &consent.text);
            say(&mut xml, settings, &consent.press_1_text);
            xml.push_str("</Gather>");
        }
    }
    xml.push_str("</Response>");
    Ok(xml)
}

/// What comes after the caller's key, or after an announcement that was to be heard to its end: the stream, unless it runs already, and
/// the agent.
///
/// # Errors
/// A parameter that the provider would not take.
pub fn after_consent(
    settings: &Settings,
    consent: &ConsentSettings,
    url: &PublicUrl,
    parameters: &[(&str, &str)],
) -> Result<String, TwimlError> {
    let mut xml = String::from(HEAD);
    if !streams_at_once(consent) {
        stream(&mut xml, url, parameters)?;
    }
    connect(&mut xml, settings, url);
    xml.push_str("</Response>");
    Ok(xml)
}

/// Starts the stream of both tracks.
fn stream(
    xml: &mut String,
    url: &PublicUrl,
    parameters: &[(&str, &str)],
) -> Result<(), TwimlError> {
    let _ = write!(
        xml,
        "<Start><Stream url=\"{}\" track=\"both_tracks\" statusCallback=\"{}\" statusCallbackMethod=\"POST\">",
        escape(&url.ws(MEDIA_PATH)),
        escape(&url.http(STREAM_STATUS_PATH)),
    );
    for (name, value) in parameters {
        if name.chars().count() + value.chars().count() >= PARAMETER_CHARS {
            return Err(TwimlError::ParameterTooLong {
                name: (*name).to_owned(),
            });
        }
        let _ = write!(
            xml,
            "<Parameter name=\"{}\" value=\"{}\"/>",
            escape(name),
            escape(value)
        );
    }
    xml.push_str("</Stream></Start>");
    Ok(())
}

/// The answer where we cannot listen: the call is connected all the same, and nobody is told that it is recorded.
pub fn without_stream(settings: &Settings, url: &PublicUrl) -> String {
    let mut xml = String::from(HEAD);
    match settings.dial_number.as_deref() {
        Some(target) => dial(&mut xml, settings, url, target),
        // Nobody to ring and nobody listening: let the provider try its fallback.
        None => xml.push_str("<Reject reason=\"busy\"/>"),
    }
    xml.push_str("</Response>");
    xml
}

/// Rings the agent, or asks for a message where there is none.
fn connect(xml: &mut String, settings: &Settings, url: &PublicUrl) {
    match settings.dial_number.as_deref() {
        Some(target) => dial(xml, settings, url, target),
        None => {
            say(xml, settings, &settings.message_text);
            // The stream lives as long as the call does, and the call as long as there is something left to do.
            let _ = write!(xml, "<Pause length=\"{}\"/>", settings.message_length_s);
        }
    }
}

/// The answer that changes nothing: for a `<Dial action>` after which the call may end.
pub fn empty() -> &'static str {
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Response/>"
}

/// Rings the agent. `action` and the status callbacks of the agent's leg are where ring and talk time come from.
fn dial(xml: &mut String, settings: &Settings, url: &PublicUrl, target: &str) {
    let status = escape(&url.http(STATUS_PATH));
    let (noun, address) = match target.split_once(':') {
        Some(("client", name)) => ("Client", name),
        Some(("sip", _)) => ("Sip", target),
        _ => ("Number", target),
    };
    let _ = write!(
        xml,
        "<Dial answerOnBridge=\"true\" timeout=\"{}\" action=\"{status}\" method=\"POST\"><{noun} statusCallback=\"{status}\" \
         statusCallbackMethod=\"POST\" statusCallbackEvent=\"initiated ringing answered completed\">{}</{noun}></Dial>",
        settings.dial_timeout_s,
        escape(address),
    );
}

fn say(xml: &mut String, settings: &Settings, text: &str) {
    if !text.trim().is_empty() {
        let _ = write!(
            xml,
            "<Say language=\"{}\">{}</Say>",
            escape(&settings.say_language),
            escape(text.trim())
        );
    }
}

/// Text for an attribute or an element; characters that XML 1.0 cannot hold are left out.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&apos;"),
            '\t' | '\n' | '\r' => escaped.push(' '),
            c if c < ' ' || c == '\u{fffe}' || c == '\u{ffff}' => {}
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url() -> PublicUrl {
        PublicUrl::parse("https://h.example").unwrap()
    }

    fn with_agent() -> Settings {
        Settings {
            dial_number: Some("+15125550100".into()),
            ..Settings::default()
        }
    }

    fn consent(mode: ConsentMode, record_before_consent: bool) -> ConsentSettings {
        ConsentSettings {
            mode,
            record_before_consent,
            ..ConsentSettings::default()
        }
    }

    /// The verbs of an answer in order.
    fn verbs(xml: &str) -> Vec<&str> {
        let tags = xml
            .split('<')
            .filter_map(|tag| tag.split([' ', '>', '/']).next());
        tags.filter(|tag| {
            [
                "Say", "Gather", "Start", "Dial", "Pause", "Redirect", "Reject",
            ]
            .contains(tag)
        })
        .collect()
    }

    #[test]
    fn an_agent_is_rung_beside_the_stream() {
        insta::assert_snapshot!(
            answer(
                &with_agent(),
                &ConsentSettings::default(),
                &url(),
                &[("token", "t0ken"), ("from", "+15125550142")]
            )
            .unwrap()
            .replace('>', ">\n")
        );
    }

    #[test]
    fn a_caller_who_is_to_press_1_is_answered_in_two_steps() {
        let consent = consent(ConsentMode::Press1, false);
        let first = answer(&with_agent(), &consent, &url(), &[]).unwrap();
        let second = after_consent(&with_agent(), &consent, &url(), &[("token", "t")]).unwrap();
        insta::assert_snapshot!(format!("{first}\n{second}").replace('>', ">\n"));
    }

    #[test]
    fn nothing_streams_before_consent_unless_it_may() {
        use ConsentMode::{Announce, Off, Press1};
        let (agent, alone) = (with_agent(), Settings::default());
        let first = |settings, mode, before| {
            let xml = answer(settings, &consent(mode, before), &url(), &[]).unwrap();
            verbs(&xml).join(" ")
        };
        assert_eq!(first(&agent, Off, false), "Start Dial");
        assert_eq!(first(&agent, Announce, false), "Say Start Dial");
        assert_eq!(first(&agent, Announce, true), "Start Say Dial");
        assert_eq!(first(&agent, Press1, false), "Gather Say Say");
        assert_eq!(first(&agent, Press1, true), "Start Gather Say Say");
        assert_eq!(first(&alone, Off, true), "Start Say Pause");
        assert_eq!(first(&alone, Announce, false), "Say Start Say Pause");
        assert_eq!(first(&alone, Announce, true), "Start Say Redirect");
        let second = |settings, mode, before| {
            let xml = after_consent(settings, &consent(mode, before), &url(), &[]).unwrap();
            verbs(&xml).join(" ")
        };
        assert_eq!(second(&agent, Press1, false), "Start Dial");
        assert_eq!(second(&agent, Press1, true), "Dial");
        assert_eq!(second(&alone, Announce, true), "Say Pause");
    }

    #[test]
    fn other_targets_have_their_own_nouns() {
        for (target, noun) in [("sip:a@b.example", "<Sip "), ("client:desk", "<Client ")] {
            let settings = Settings {
                dial_number: Some(target.into()),
                ..Settings::default()
            };
            let xml = answer(&settings, &ConsentSettings::default(), &url(), &[]).unwrap();
            assert!(xml.contains(noun));
        }
    }

    #[test]
    fn what_is_said_cannot_break_out() {
        let consent = ConsentSettings {
            text: "<Hangup/> & \"x\" \u{1}'y'".into(),
            ..ConsentSettings::default()
        };
        let xml = answer(&Settings::default(), &consent, &url(), &[("a\"b", "<c>")]).unwrap();
        assert!(
            xml.contains("&lt;Hangup/&gt; &amp; &quot;x&quot; &apos;y&apos;"),
            "{xml}"
        );
        assert!(
            xml.contains("name=\"a&quot;b\" value=\"&lt;c&gt;\""),
            "{xml}"
        );
    }

    #[test]
    fn a_parameter_too_long_is_refused() {
        let with = |value: &str| {
            answer(
                &Settings::default(),
                &ConsentSettings::default(),
                &url(),
                &[("a", value)],
            )
        };
        assert!(with(&"b".repeat(498)).is_ok());
        assert_eq!(
            with(&"b".repeat(499)),
            Err(TwimlError::ParameterTooLong { name: "a".into() })
        );
    }
}
