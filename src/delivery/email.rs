//! Mail on the wire: a text and an HTML part to the user's mail server.

use std::time::Duration;

use lettre::message::{Mailbox, MultiPart, header};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};

use super::message::Mail;
use super::outbox::{Attempt, Verdict};
use super::settings::{Smtp, SmtpTls};
use super::webhook::{SenderError, printable};

/// Longest the mail server may take for one step.
const TIMEOUT: Duration = Duration::from_secs(15);

/// Sends by one mail server.
#[derive(Clone)]
pub struct Mailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

impl Mailer {
    /// A sender by this server.
    ///
    /// # Errors
    /// When the certificates or the sender's address cannot be used.
    pub fn new(smtp: &Smtp) -> Result<Mailer, SenderError> {
        let library = |problem: String| SenderError::Library {
            place: "delivery.smtp".to_owned(),
            problem,
        };
        let tls = || -> Result<TlsParameters, SenderError> {
            let mut parameters = TlsParameters::builder(smtp.host.clone());
            if let Some(file) = &smtp.ca_file {
                let wrong = |problem: String| SenderError::Certificates {
                    place: "delivery.smtp.ca_file".to_owned(),
                    file: file.display().to_string(),
                    problem,
                };
                let pem = std::fs::read(file).map_err(|e| wrong(e.to_string()))?;
                let certificate = Certificate::from_pem(&pem).map_err(|e| wrong(e.to_string()))?;
                parameters = parameters.add_root_certificate(certificate);
            }
            parameters
                .build_rustls()
                .map_err(|e| library(e.to_string()))
        };
        let tls = match smtp.tls {
            SmtpTls::Starttls => Tls::Required(tls()?),
            SmtpTls::Implicit => Tls::Wrapper(tls()?),
            SmtpTls::None => Tls::None,
        };
        let mut builder =
            AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(smtp.host.clone())
                .port(smtp.port())
                .tls(tls)
                .timeout(Some(TIMEOUT));
        if let (Some(user), Some(password)) = (&smtp.username, &smtp.password) {
            builder =
                builder.credentials(Credentials::new(user.clone(), password.expose().to_owned()));
        }
        Ok(Mailer {
            transport: builder.build(),
            from: smtp
                .from
                .parse()
                .map_err(|_| library("from is no mail address".to_owned()))?,
        })
    }

    /// Sends, and says how it went. `delivery_id` becomes the Message-ID, so that a mail sent twice after a crash is one to whoever looks.
    pub async fn send(&self, delivery_id: &str, mail: &Mail) -> Attempt {
        let message = match self.message(delivery_id, mail) {
            Ok(message) => message,
            Err(why) => return Attempt::failed(Verdict::Final, None, why),
        };
        match self.transport.send(message).await {
            Ok(response) => {
                let words: Vec<&str> = response.message().collect();
                Attempt::taken(
                    Some(u16::from(response.code())),
                    printable(&words.join(" ")),
                )
            }
            Err(error) => judge(&error),
        }
    }

    fn message(&self, delivery_id: &str, mail: &Mail) -> Result<Message, String> {
        let to: Mailbox = mail
            .to
            .parse()
            .map_err(|_| "the recipient is no mail address".to_owned())?;
        Message::builder()
            .from(self.from.clone())
            .to(to)
            .subject(mail.subject.clone())
            .message_id(Some(format!(
                "<{delivery_id}@{}>",
                self.from.email.domain()
            )))
            .header(AutoSubmitted)
            .multipart(MultiPart::alternative_plain_html(
                mail.text.clone(),
                mail.html.clone(),
            ))
            .map_err(|error| error.to_string())
    }
}

/// Says that no person wrote this, so that no robot answers (RFC 3834).
#[derive(Debug, Clone, Copy)]
struct AutoSubmitted;

impl header::Header for AutoSubmitted {
    fn name() -> header::HeaderName {
        header::HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(AutoSubmitted)
    }

    fn display(&self) -> header::HeaderValue {
        header::HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}

fn judge(error: &lettre::transport::smtp::Error) -> Attempt {
    let status = error.status().map(u16::from);
    let verdict = match status {
        // The mailbox is not there or does not want it (RFC 5321, section 4.2.3). Signing in that fails (53x) is for us to mend.
        Some(550..=559) => Verdict::Final,
        Some(421) => Verdict::Throttled,
        _ => Verdict::Temporary,
    };
    let what = if error.is_timeout() {
        format!(
            "the mail server did not answer within {} s",
            TIMEOUT.as_secs()
        )
    } else {
        match status {
            // The server's words may repeat the recipient's address, so they are not taken along.
            Some(code) => format!("the mail server answered {code}"),
            None => error.to_string(),
        }
    };
    Attempt::failed(verdict, status, what)
}
