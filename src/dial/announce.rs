//! What Twilio does around the stream: the voice webhook before it, whose TwiML carries the stream's parameters, and the status after it.

use std::time::Duration;

use hyper::Request;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::http::Uri;

use super::{Call, DialError};
use crate::media::{signature, twiml};

/// Path of the voice webhook.
const VOICE_PATH: &str = "/twilio/voice";
/// Longest answer read.
const MAX_ANSWER_BYTES: usize = 65_536;

/// How a call is announced at the server's webhooks.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Announcement {
    /// `From`; empty for a hidden number.
    pub from: String,
    /// `To`.
    pub to: String,
}

impl Announcement {
    /// Announces the call and returns the parameters that the answer gives the stream.
    pub(super) async fn voice(&self, call: &Call) -> Result<Vec<(String, String)>, DialError> {
        let form = self.form(
            call,
            &[
                ("CallStatus", "ringing".to_owned()),
                ("Direction", "inbound".to_owned()),
            ],
        );
        let (url, answer) = post(call, VOICE_PATH, &form).await?;
        stream_parameters(&answer).ok_or(DialError::NoStream { url })
    }

    /// Reports that the call is over.
    pub(super) async fn completed(&self, call: &Call, lasted: Duration) -> Result<(), DialError> {
        let seconds = lasted.as_secs_f64().ceil();
        let last = [
            ("CallStatus", "completed".to_owned()),
            ("Direction", "inbound".to_owned()),
            ("CallbackSource", "call-progress-events".to_owned()),
            ("SequenceNumber", "0".to_owned()),
            ("CallDuration", format!("{seconds}")),
            ("Duration", format!("{}", (seconds / 60.0).ceil())),
            ("SipResponseCode", "200".to_owned()),
        ];
        post(call, twiml::STATUS_PATH, &self.form(call, &last))
            .await
            .map(|_| ())
    }

    fn form(&self, call: &Call, more: &[(&str, String)]) -> Vec<(String, String)> {
        let common = [
            ("CallSid", call.call_sid.as_str()),
            ("AccountSid", &call.account_sid),
            ("From", &self.from),
            ("Caller", &self.from),
            ("To", &self.to),
            ("Called", &self.to),
            ("ApiVersion", "2010-04-01"),
        ];
        let common = common
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value.to_owned()));
        common
            .chain(
                more.iter()
                    .map(|(name, value)| ((*name).to_owned(), value.clone())),
            )
            .collect()
    }
}

/// Posts a form to the server the stream goes to; returns the URL and the answer.
async fn post(
    call: &Call,
    path: &str,
    form: &[(String, String)],
) -> Result<(String, String), DialError> {
    let address = |problem: &str| DialError::Address {
        url: call.to.clone(),
        problem: problem.to_owned(),
    };
    let uri: Uri = call
        .to
        .parse()
        .map_err(|_| address("is not an address; write ws://HOST:PORT/twilio/media"))?;
    let authority = uri
        .authority()
        .ok_or_else(|| address("has no host"))?
        .as_str();
    let url = format!("http://{authority}{path}");
    let host = uri.host().unwrap_or_default().trim_matches(['[', ']']);
    let failed = |source| DialError::Connect {
        url: url.clone(),
        source,
    };
    let broken = |error: hyper::Error| failed(std::io::Error::other(error));

    let stream = TcpStream::connect((host, uri.port_u16().unwrap_or(80)))
        .await
        .map_err(failed)?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream))
        .await
        .map_err(broken)?;
    tokio::spawn(connection);
    let body = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(form)
        .finish();
    let mut request = Request::post(path)
        .header("host", authority)
        .header("content-type", "application/x-www-form-urlencoded");
    if let Some(token) = &call.auth_token {
        let signed = call
            .public_url
            .as_ref()
            .map_or_else(|| url.clone(), |public| public.http(path));
        request = request.header(signature::HEADER, signature::sign(token, &signed, form));
    }
    let request = request
        .body(body)
        .map_err(|_| address("cannot be written into a request"))?;
    let response = sender.send_request(request).await.map_err(broken)?;
    let status = response.status();
    let answer = axum::body::to_bytes(
        axum::body::Body::new(response.into_body()),
        MAX_ANSWER_BYTES,
    )
    .await;
    let answer = answer.map_err(|error| failed(std::io::Error::other(error)))?;
    let answer = String::from_utf8_lossy(&answer).into_owned();
    if !status.is_success() {
        let body = answer
            .lines()
            .next()
            .unwrap_or_default()
            .chars()
            .take(200)
            .collect();
        return Err(DialError::Refused {
            url,
            status: status.as_u16(),
            body,
        });
    }
    Ok((url, answer))
}

/// The parameters of the `<Stream>` in a TwiML document, or none if it has no stream.
fn stream_parameters(xml: &str) -> Option<Vec<(String, String)>> {
    let stream = xml.split("<Stream ").nth(1)?.split("</Stream>").next()?;
    let attribute = |tag: &str, name: &str| {
        let value = tag.split(&format!("{name}=\"")).nth(1)?.split('"').next()?;
        Some(
            value
                .replace("&lt;", "<")
                .replace("&gt;", ">")
                .replace("&quot;", "\"")
                .replace("&apos;", "'")
                .replace("&amp;", "&"),
        )
    };
    let tags = stream
        .split("<Parameter ")
        .skip(1)
        .filter_map(|tag| tag.split('>').next());
    Some(
        tags.filter_map(|tag| Some((attribute(tag, "name")?, attribute(tag, "value")?)))
            .collect(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::signature::PublicUrl;
    use crate::media::{ConsentSettings, Settings};

    #[test]
    fn the_answer_s_parameters_are_read_back() {
        let url = PublicUrl::parse("https://h.example").unwrap();
        let xml = twiml::answer(
            &Settings::default(),
            &ConsentSettings::default(),
            &url,
            &[("token", "t"), ("odd", "a<b>&\"c\"'")],
        )
        .unwrap();
        let read = stream_parameters(&xml).unwrap();
        assert_eq!(
            read,
            [
                ("token".to_owned(), "t".to_owned()),
                ("odd".to_owned(), "a<b>&\"c\"'".to_owned())
            ]
        );
        assert_eq!(stream_parameters(twiml::empty()), None);
        assert_eq!(
            stream_parameters("<Response><Start><Stream url=\"x\"/></Start></Response>"),
            Some(Vec::new())
        );
    }
}
