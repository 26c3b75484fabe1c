//! Texts that a user writes: minijinja, checked when the configuration is loaded.
//!
//! A template may name fields that are declared *and* that its destination may see, and a few things about the call. A field prints as people
//! read it; `{{ caller_name.first }}` is a form of it. `{caller_name:first}` is short for that, as in the prompts of a vertical.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use minijinja::value::{Object, ObjectRepr, Serde, Value};
use minijinja::{AutoEscape, Environment, UndefinedBehavior};
use serde_json::Value as Json;

use crate::fields::prompt::form_of;
use crate::fields::{FieldType, Value as FieldValue};

/// What templates may name beside fields; the same for every event, empty where it does not apply.
pub const COMMON: [&str; 14] = [
    "business",
    "location",
    "call",
    "contact",
    "summary",
    "outcome",
    "next_action",
    "tasks",
    "escalation",
    "delivery",
    "event",
    "fields",
    "link",
    "text",
];
/// The forms of a field, beside its plain one.
const FORMS: [&str; 12] = [
    "first",
    "grouped",
    "digits",
    "spelled",
    "line1",
    "locality",
    "month_day_year",
    "label",
    "local",
    "value",
    "raw",
    "status",
];
/// Steps a template may take (minijinja's fuel): a loop that never ends must not hold a delivery up.
const FUEL: u64 = 100_000;
/// Stands in a rendered text where a field has no value. No keyboard types it.
const HOLE: char = '\u{FFFC}';
const NAME: &str = "text";

/// A checked template.
#[derive(Clone)]
pub struct Template(Arc<Environment<'static>>);

impl fmt::Debug for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Template")
    }
}

/// Why a template cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct TemplateError(String);

/// A text made of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// The text; a dash stands where a field has no value.
    pub text: String,
    /// Whether a field that it prints has no value.
    pub has_holes: bool,
}

impl Template {
    /// Reads a template; `html` escapes what is put in.
    ///
    /// # Errors
    /// When it is no template.
    pub fn parse(source: &str, html: bool) -> Result<Template, TemplateError> {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Chainable);
        environment.set_fuel(Some(FUEL));
        environment.set_auto_escape_callback(move |_| {
            if html {
                AutoEscape::Html
            } else {
                AutoEscape::None
            }
        });
        environment
            .add_template_owned(NAME, long_form(source))
            .map_err(|error| TemplateError(plain(&error)))?;
        Ok(Template(Arc::new(environment)))
    }

    /// The names it looks up: fields and [`COMMON`] things.
    pub fn names(&self) -> BTreeSet<String> {
        self.lookups(false)
    }

    fn lookups(&self, nested: bool) -> BTreeSet<String> {
        self.0
            .get_template(NAME)
            .map(|t| t.undeclared_variables(nested).into_iter().collect())
            .unwrap_or_default()
    }

    /// Looks for names that cannot be, or forms that a field does not have. `refused` says why a field may not be used, if so.
    pub fn check(&self, refused: impl Fn(&str) -> Option<String>) -> Vec<String> {
        let mut problems = Vec::new();
        let globals: BTreeSet<String> = self.0.globals().map(|(n, _)| n.to_owned()).collect();
        for path in self.lookups(true) {
            let (name, rest) = path
                .split_once('.')
                .map_or((path.as_str(), None), |(n, r)| (n, Some(r)));
            if COMMON.contains(&name) || globals.contains(name) {
                continue;
            }
            if let Some(why) = refused(name) {
                problems.push(why);
            } else if let Some(form) = rest.filter(|form| !FORMS.contains(form)) {
                problems.push(format!(
                    "\"{name}\" has no form \"{form}\"; there are {}",
                    FORMS.join(", ")
                ));
            }
        }
        problems.dedup();
        problems
    }

    /// The text for what `context` holds.
    ///
    /// # Errors
    /// When it runs into something that only shows with real values. No value is in the message.
    pub fn render(&self, context: &BTreeMap<String, Value>) -> Result<Rendered, TemplateError> {
        let text = self
            .0
            .get_template(NAME)
            .and_then(|template| template.render(Value::from_pairs(context.clone())))
            .map_err(|error| TemplateError(plain(&error)))?;
        let has_holes = text.contains(HOLE);
        Ok(Rendered {
            text: if has_holes {
                text.replace(HOLE, "\u{2013}")
            } else {
                text
            },
            has_holes,
        })
    }
}

/// What is wrong, without the template's or the record's words around it.
fn plain(error: &minijinja::Error) -> String {
    match (error.detail(), error.line()) {
        (Some(detail), Some(line)) => format!("line {line}: {}: {detail}", error.kind()),
        (Some(detail), None) => format!("{}: {detail}", error.kind()),
        (None, Some(line)) => format!("line {line}: {}", error.kind()),
        (None, None) => error.kind().to_string(),
    }
}

/// Writes `{name}` and `{name:form}` out as `{{ name }}` and `{{ name.form }}`. What stands in `{{`, `{%` and `{#` stays.
fn long_form(source: &str) -> String {
    let mut out = String::with_capacity(source.len() + 16);
    let mut rest = source;
    while let Some(open) = rest.find('{') {
        let (before, at) = rest.split_at(open);
        out.push_str(before);
        let tag_end = match at.as_bytes().get(1) {
            Some(b'{') => Some("}}"),
            Some(b'%') => Some("%}"),
            Some(b'#') => Some("#}"),
            _ => None,
        };
        let taken = if let Some(end) = tag_end {
            let length = at.find(end).map_or(at.len(), |i| i + end.len());
            out.push_str(&at[..length]);
            length
        } else if let Some((short, name, form)) = short_form(at) {
            out.push_str("{{ ");
            out.push_str(name);
            if let Some(form) = form {
                out.push('.');
                out.push_str(form);
            }
            out.push_str(" }}");
            short
        } else {
            out.push('{');
            1
        };
        rest = &at[taken..];
    }
    out.push_str(rest);
    out
}

/// A `{name}`, `{a.b}` or `{name:form}` at the start of `text`: its length, name and form.
fn short_form(text: &str) -> Option<(usize, &str, Option<&str>)> {
    let close = text.find('}')?;
    let inside = &text[1..close];
    let (name, form) = inside
        .split_once(':')
        .map_or((inside, None), |(n, f)| (n, Some(f)));
    let word = |w: &str| {
        !w.is_empty()
            && w.bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
    };
    (name.split('.').all(word) && form.is_none_or(word)).then_some((close + 1, name, form))
}

/// A field as templates see it.
#[derive(Debug)]
struct FieldText {
    /// The value for people; `None` prints as a hole.
    display: Option<String>,
    value: Option<FieldValue>,
    ty: Option<FieldType>,
    json: Json,
}

impl Object for FieldText {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn is_true(self: &Arc<Self>) -> bool {
        self.display.is_some()
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let form = key.as_str()?;
        if form == "status" {
            return Some(Value::from(Serde(&self.json["status"])));
        }
        let Some(display) = &self.display else {
            return Some(Value::from(HOLE.to_string()));
        };
        Some(match (form, &self.value, self.ty) {
            ("value", ..) => Value::from(Serde(&self.json["value"])),
            ("raw", ..) => Value::from(self.json["raw"].as_str().unwrap_or(display)),
            (_, Some(value), Some(ty)) => Value::from(form_of(value, ty, form, 1)),
            _ => Value::from(display.as_str()),
        })
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.display {
            Some(display) => f.write_str(display),
            None => write!(f, "{HOLE}"),
        }
    }
}

/// Any JSON as templates see it.
pub fn json_value(json: &Json) -> Value {
    Value::from(Serde(json))
}

/// A field of a record as templates see it; `None` for a field that this call does not have.
pub fn field_value(field: Option<&Json>) -> Value {
    let json = field.cloned().unwrap_or(Json::Null);
    let value = Some(&json["value"]).filter(|v| !v.is_null());
    let display = value.map(|v| {
        let own = json["display"].as_str().or(v.as_str());
        own.map_or_else(|| v.to_string(), str::to_owned)
    });
    Value::from_object(FieldText {
        display: display.filter(|d| !d.is_empty()),
        value: value.and_then(|v| serde_json::from_value(v.clone()).ok()),
        ty: serde_json::from_value(json["type"].clone()).ok(),
        json,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn render(source: &str, html: bool) -> Rendered {
        let name = json!({ "value": "Maria <b>", "display": "Maria <b>", "type": "person_name", "status": "heard" });
        let phone =
            json!({ "value": "+15125550187", "display": "(512) 555-0187", "type": "phone" });
        let context = BTreeMap::from([
            ("caller_name".to_owned(), field_value(Some(&name))),
            ("callback_number".to_owned(), field_value(Some(&phone))),
            ("email".to_owned(), field_value(None)),
            (
                "location".to_owned(),
                json_value(&json!({ "name": "Acme" })),
            ),
        ]);
        Template::parse(source, html)
            .unwrap()
            .render(&context)
            .unwrap()
    }

    #[test]
    fn fields_print_as_people_read_them_and_in_their_forms() {
        let text = |source| render(source, false).text;
        assert_eq!(
            text("{{ caller_name }}: {{ callback_number }}"),
            "Maria <b>: (512) 555-0187"
        );
        assert_eq!(
            text("Hi {caller_name:first}, {location.name}"),
            "Hi Maria, Acme"
        );
        assert_eq!(text("{callback_number:grouped}"), "512, 555, 0187");
        assert_eq!(
            text("{{ caller_name | upper }} {caller_name:status}"),
            "MARIA <B> heard"
        );
        assert_eq!(
            text("{% if email %}{{ email }}{% else %}none{% endif %}"),
            "none"
        );
        assert_eq!(text("{\"json\": {caller_name:first}}"), "{\"json\": Maria}");
    }

    #[test]
    fn html_is_escaped() {
        assert_eq!(
            render("<p>{{ caller_name }}</p>", true).text,
            "<p>Maria &lt;b&gt;</p>"
        );
        assert_eq!(
            render("{{ caller_name.raw }}", true).text,
            "Maria &lt;b&gt;"
        );
    }

    #[test]
    fn a_hole_is_seen() {
        let with = render("Mail {{ email }}", false);
        assert_eq!(
            (with.text.as_str(), with.has_holes),
            ("Mail \u{2013}", true)
        );
        assert!(!render("{% if email %}{{ email }}{% endif %}", false).has_holes);
        assert!(render("{email:first}", false).has_holes);
    }

    #[test]
    fn only_names_that_may_be_used_pass() {
        let refused = |name: &str| (name != "caller_name").then(|| format!("no {name}"));
        let check = |source| Template::parse(source, false).unwrap().check(refused);
        assert_eq!(
            check("{caller_name:first} {{ call.from }} {% for f in fields %}{{ f }}{% endfor %}"),
            [""; 0]
        );
        assert_eq!(check("{access_notes}"), ["no access_notes"]);
        assert_eq!(
            check("{% if access_notes.raw %}x{% endif %}"),
            ["no access_notes"]
        );
        assert!(check("{caller_name:fist}")[0].contains("no form \"fist\""));
        assert!(Template::parse("{{ caller_name", false).is_err());
    }

    #[test]
    fn a_template_without_end_stops() {
        let endless =
            "{% for a in range(9999) %}{% for b in range(9999) %}x{% endfor %}{% endfor %}";
        let error = Template::parse(endless, false)
            .unwrap()
            .render(&BTreeMap::new())
            .unwrap_err();
        assert!(error.to_string().contains("fuel"), "{error}");
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(source in "[{}%#a-z:. ]{0,40}") {
            let _ = Template::parse(&source, true).map(|t| t.render(&BTreeMap::new()));
        }
    }
}
