//! What the provider is told to do with a call: announce, stream both tracks, ring the agent.
//!
//! `<Start><Stream>` stands before `<Dial>`, so the call goes on if this server does not answer; it stands after the announcement, so
//! nothing is recorded before it has been heard. <https://www.twilio.com/docs/voice/twiml/stream>

use std::fmt::Write as _;

use thiserror::Error;

use super::Settings;
use super::signature::PublicUrl;

/// Twilio takes a `<Parameter>` whose name and value together are shorter than this.
pub const PARAMETER_CHARS: usize = 500;

/// Path of the media stream below the public address.
pub const MEDIA_PATH: &str = "/twilio/media";
/// Path of the call status webhook.
pub const STATUS_PATH: &str = "/twilio/status";
/// Path of the stream status webhook.
pub const STREAM_STATUS_PATH: &str = "/twilio/stream-status";

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

/// The answer to an incoming call.
///
/// `parameters` come back in the stream's first message: the token, and what else is to be known there.
///
/// # Errors
/// A parameter that the provider would not take.
pub fn answer(
    settings: &Settings,
    url: &PublicUrl,
    parameters: &[(&str, &str)],
) -> Result<String, TwimlError> {
    let mut xml = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?><Response>");
    say(&mut xml, settings, &settings.consent_text);
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
    connect(&mut xml, settings, url);
    xml.push_str("</Response>");
    Ok(xml)
}

/// The answer where we cannot listen: the call is connected all the same, and nobody is told that it is recorded.
pub fn without_stream(settings: &Settings, url: &PublicUrl) -> String {
    let mut xml = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?><Response>");
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

    #[test]
    fn an_agent_is_rung_beside_the_stream() {
        let settings = Settings {
            dial_number: Some("+15125550100".into()),
            ..Settings::default()
        };
        insta::assert_snapshot!(
            answer(
                &settings,
                &url(),
                &[("token", "t0ken"), ("from", "+15125550142")]
            )
            .unwrap()
            .replace('>', ">\n")
        );
    }

    #[test]
    fn without_an_agent_the_caller_leaves_a_message() {
        let settings = Settings {
            consent_text: String::new(),
            ..Settings::default()
        };
        let xml = answer(&settings, &url(), &[]).unwrap();
        assert!(
            xml.contains("</Start><Say")
                && xml.contains("<Pause length=\"180\"/>")
                && !xml.contains("<Dial"),
            "{xml}"
        );
    }

    #[test]
    fn other_targets_have_their_own_nouns() {
        for (target, noun) in [("sip:a@b.example", "<Sip "), ("client:desk", "<Client ")] {
            let settings = Settings {
                dial_number: Some(target.into()),
                ..Settings::default()
            };
            assert!(answer(&settings, &url(), &[]).unwrap().contains(noun));
        }
    }

    #[test]
    fn what_is_said_cannot_break_out() {
        let settings = Settings {
            consent_text: "<Hangup/> & \"x\" \u{1}'y'".into(),
            ..Settings::default()
        };
        let xml = answer(&settings, &url(), &[("a\"b", "<c>")]).unwrap();
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
        assert!(answer(&Settings::default(), &url(), &[("a", &"b".repeat(498))]).is_ok());
        assert_eq!(
            answer(&Settings::default(), &url(), &[("a", &"b".repeat(499))]),
            Err(TwimlError::ParameterTooLong { name: "a".into() })
        );
    }
}
