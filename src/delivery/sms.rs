//! SMS by Twilio's Messages resource (<https://www.twilio.com/docs/messaging/api/message-resource>).

use std::time::Duration;

use reqwest::Client;
use reqwest::header::{CONTENT_TYPE, RETRY_AFTER};
use serde::Deserialize;

use super::message::Sms;
use super::outbox::{Attempt, Verdict};
use super::schedule::retry_after_ms;
use super::settings::Twilio;
use super::webhook::{self, SenderError};

/// Longest Twilio may take.
const TIMEOUT: Duration = Duration::from_secs(15);
/// Most of an answer that is read, bytes.
const MAX_ANSWER_BYTES: usize = 64 * 1024;
/// Error codes that say that this message will never arrive: the number is none, cannot get SMS, is not served, or does not want any
/// (<https://www.twilio.com/docs/api/errors>).
const FINAL: [i64; 11] = [
    21211, 21214, 21217, 21219, 21265, 21408, 21602, 21604, 21610, 21612, 21614,
];

/// Sends by one account.
#[derive(Debug, Clone)]
pub struct Texter {
    client: Client,
    url: String,
    account: Twilio,
}

#[derive(Debug, Default, Deserialize)]
struct Answer {
    sid: Option<String>,
    code: Option<i64>,
}

impl Texter {
    /// A sender by this account.
    ///
    /// # Errors
    /// When the HTTP library refuses.
    pub fn new(account: &Twilio) -> Result<Texter, SenderError> {
        Ok(Texter {
            client: webhook::client("delivery.twilio", None, false, TIMEOUT)?,
            url: format!(
                "{}/2010-04-01/Accounts/{}/Messages.json",
                account.base_url.trim_end_matches('/'),
                account.account_sid
            ),
            account: account.clone(),
        })
    }

    fn form(&self, sms: &Sms) -> String {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("To", &sms.to)
            .append_pair("Body", &sms.text);
        match (&self.account.messaging_service_sid, &self.account.from) {
            (Some(service), _) => form.append_pair("MessagingServiceSid", service),
            (None, from) => form.append_pair("From", from.as_deref().unwrap_or_default()),
        };
        form.finish()
    }

    /// Sends, and says how it went. `now_ms` is for a `Retry-After` that names a date.
    pub async fn send(&self, sms: &Sms, now_ms: i64) -> Attempt {
        let form = self.form(sms);
        let request = self
            .client
            .post(&self.url)
            .basic_auth(
                &self.account.account_sid,
                Some(self.account.auth_token.expose()),
            )
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(form)
            .send();
        let mut response = match request.await {
            Ok(response) => response,
            Err(error) => return webhook::failure(&error, TIMEOUT),
        };
        let status = response.status().as_u16();
        let retry_after = response
            .headers()
            .get(RETRY_AFTER)
            .and_then(|v| v.to_str().ok())
            .and_then(|v| retry_after_ms(v, now_ms));
        let mut body = Vec::new();
        while let Ok(Some(chunk)) = response.chunk().await {
            body.extend_from_slice(&chunk);
            if body.len() > MAX_ANSWER_BYTES {
                break;
            }
        }
        let answer: Answer = serde_json::from_slice(&body).unwrap_or_default();
        Attempt {
            retry_after_ms: retry_after,
            ..judge(status, answer)
        }
    }
}

fn judge(status: u16, answer: Answer) -> Attempt {
    if (200..300).contains(&status) {
        return Attempt::taken(Some(status), answer.sid);
    }
    // Twilio's words may repeat the number, so only the code is taken along.
    let what = match answer.code {
        Some(code) => format!(
            "Twilio answered {status}, error {code}: https://www.twilio.com/docs/api/errors/{code}"
        ),
        None => format!("Twilio answered {status}"),
    };
    let verdict = match (status, answer.code) {
        (_, Some(code)) if FINAL.contains(&code) => Verdict::Final,
        (429, _) => Verdict::Throttled,
        _ => Verdict::Temporary,
    };
    Attempt::failed(verdict, Some(status), what)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_code_says_whether_it_is_worth_another_try() {
        let of = |status, body: &str| judge(status, serde_json::from_str(body).unwrap()).verdict;
        assert_eq!(of(201, r#"{"sid":"SM1"}"#), Verdict::Taken);
        assert_eq!(of(400, r#"{"code":21211}"#), Verdict::Final);
        assert_eq!(of(400, r#"{"code":21610}"#), Verdict::Final);
        assert_eq!(of(401, r#"{"code":20003}"#), Verdict::Temporary);
        assert_eq!(of(429, r#"{"code":20429}"#), Verdict::Throttled);
        assert_eq!(of(500, "{}"), Verdict::Temporary);
    }
}
