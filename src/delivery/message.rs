//! The texts of mail and SMS: a user's template, or ours.

use std::collections::{BTreeMap, BTreeSet};

use minijinja::Value;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use super::event::Event;
use super::rules::Texts;
use super::template::{COMMON, Rendered, Template, TemplateError, field_value, json_value};
use super::view::View;

/// Longest summary in a text message of ours, characters: with the rest it stays within two segments most of the time.
const SMS_SUMMARY_CHARS: usize = 160;
/// Longest text message that Twilio takes, characters.
const SMS_CHARS: usize = 1_600;

/// A mail, before it has a sender.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mail {
    /// To whom.
    pub to: String,
    /// Its subject, one line.
    pub subject: String,
    /// The plain text.
    pub text: String,
    /// The same as HTML.
    pub html: String,
}

/// A text message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sms {
    /// To whom, E.164.
    pub to: String,
    /// The text.
    pub text: String,
}

/// What a message is made of.
#[derive(Debug, Clone, Copy)]
pub struct Scene<'a> {
    /// What happened.
    pub event: &'a Event,
    /// What of it the destination sees.
    pub view: &'a View,
    /// The location's name, or the business's.
    pub place: Option<&'a str>,
    /// Put before the paths of links.
    pub base_url: Option<&'a str>,
    /// Most characters of the summary that `text` stands for.
    pub summary_chars: usize,
}

/// A message with the names of the fields whose values are in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made<T> {
    /// The message.
    pub message: T,
    /// Names of the fields whose values are in it.
    pub fields_sent: Vec<String>,
    /// Whether a field that it prints has no value.
    pub has_holes: bool,
}

/// A mail to `to`; the texts of the action come before those of the destination, and those before ours.
///
/// # Errors
/// When a template fails on these values.
pub fn mail(scene: Scene<'_>, to: &str, texts: [&Texts; 2]) -> Result<Made<Mail>, TemplateError> {
    let mut cast = Cast::of(scene);
    let subject = cast.render(
        own(texts, |t| &t.subject),
        include_str!("templates/subject.txt"),
        false,
    )?;
    let own_text = own(texts, |t| &t.text);
    let own_html = own(texts, |t| &t.html);
    let text = cast.render(own_text, include_str!("templates/mail.txt"), false)?;
    let html = match (own_text, own_html) {
        // Only the text is the user's: the HTML part says the same.
        (Some(_), None) => paragraphs(&text),
        _ => cast.render(own_html, include_str!("templates/mail.html"), true)?,
    };
    Ok(cast.made(Mail {
        to: to.to_owned(),
        subject: one_line(&subject),
        text,
        html,
    }))
}

/// A text message to `to`.
///
/// # Errors
/// When a template fails on these values.
pub fn sms(scene: Scene<'_>, to: &str, texts: [&Texts; 2]) -> Result<Made<Sms>, TemplateError> {
    let mut cast = Cast::of(Scene {
        summary_chars: SMS_SUMMARY_CHARS,
        ..scene
    });
    let text = cast.render(
        own(texts, |t| &t.text),
        include_str!("templates/sms.txt"),
        false,
    )?;
    Ok(cast.made(Sms {
        to: to.to_owned(),
        text: shortened(text.trim(), SMS_CHARS),
    }))
}

fn own<'a>(
    texts: [&'a Texts; 2],
    which: impl Fn(&'a Texts) -> &'a Option<Template>,
) -> Option<&'a Template> {
    texts.into_iter().find_map(|t| which(t).as_ref())
}

/// The texts of one message and what they used.
struct Cast<'a> {
    scene: Scene<'a>,
    used: BTreeSet<String>,
    has_holes: bool,
}

impl<'a> Cast<'a> {
    fn of(scene: Scene<'a>) -> Self {
        Cast {
            scene,
            used: BTreeSet::new(),
            has_holes: false,
        }
    }

    fn render(
        &mut self,
        own: Option<&Template>,
        ours: &str,
        html: bool,
    ) -> Result<String, TemplateError> {
        let parsed;
        let template = match own {
            Some(template) => template,
            None => {
                parsed = Template::parse(ours, html)?;
                &parsed
            }
        };
        let names = template.names();
        let Rendered { text, has_holes } = template.render(&self.scene.context(&names))?;
        self.used.extend(names);
        self.has_holes |= has_holes;
        Ok(text)
    }

    fn made<T>(self, message: T) -> Made<T> {
        let whole = ["fields", "summary", "text", "tasks"]
            .iter()
            .any(|n| self.used.contains(*n));
        let sent = self.scene.view.fields_sent.iter();
        Made {
            message,
            fields_sent: sent
                .filter(|f| whole || self.used.contains(*f))
                .cloned()
                .collect(),
            has_holes: self.has_holes,
        }
    }
}

impl Scene<'_> {
    /// What a template sees, as far as it names it.
    fn context(&self, names: &BTreeSet<String>) -> BTreeMap<String, Value> {
        let data = &self.view.data;
        names
            .iter()
            .map(|name| {
                let value = if COMMON.contains(&name.as_str()) {
                    self.common(name, data)
                } else {
                    field_value(data["fields"].get(name.as_str()))
                };
                (name.clone(), value)
            })
            .collect()
    }

    fn common(&self, name: &str, data: &Json) -> Value {
        let json = match name {
            "business" => json!(self.place),
            "location" => json!({ "id": data["ownership"]["location_id"], "name": self.place }),
            "contact" => {
                let mut contact = data["caller"]["contact_data"].clone();
                if !contact.is_object() {
                    contact = json!({});
                }
                contact["name"] = data["caller"]["contact_name"].clone();
                contact
            }
            "summary" => data["summary"]["text"].clone(),
            "text" => {
                let text = data["summary"]["text"].as_str().unwrap_or_default();
                json!(shortened(text, self.summary_chars))
            }
            "event" => json!(self.event.kind),
            "fields" => json!(shown_fields(data)),
            "link" => json!(self.link(data)),
            other => data[other].clone(),
        };
        json_value(&json)
    }

    fn link(&self, data: &Json) -> Option<String> {
        let path = data["links"]["ui"].as_str()?;
        Some(format!("{}{path}", self.base_url?.trim_end_matches('/')))
    }
}

/// The fields with a value, in the order of their names, as a table shows them.
fn shown_fields(data: &Json) -> Vec<Json> {
    let shown = |(name, field): (&String, &Json)| {
        let text = field["display"].as_str().or(field["value"].as_str())?;
        (!text.is_empty()).then(|| {
            let label = field["label"].as_str().unwrap_or(name);
            json!({ "name": name, "label": label, "display": text, "status": field["status"] })
        })
    };
    let fields = data["fields"].as_object();
    fields.into_iter().flatten().filter_map(shown).collect()
}

/// The first `most` characters, with an ellipsis where something is left out.
fn shortened(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        None => text.to_owned(),
        Some(_) => {
            let kept: String = text.chars().take(most.saturating_sub(1)).collect();
            format!("{}\u{2026}", kept.trim_end())
        }
    }
}

/// A header is one line: what a caller said must not begin another.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Plain text as HTML.
fn paragraphs(text: &str) -> String {
    let escaped = text
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;");
    let paragraphs: Vec<String> = escaped
        .split("\n\n")
        .map(|p| format!("<p>{}</p>", p.trim().replace('\n', "<br>\n")))
        .collect();
    format!(
        "<!doctype html>\n<html lang=\"en\"><body>\n{}\n</body></html>\n",
        paragraphs.join("\n")
    )
}

#[cfg(test)]
mod tests;
