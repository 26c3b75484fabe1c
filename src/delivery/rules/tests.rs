use super::*;

/// A whole configuration's problems about delivery.
pub fn compile(text: &str) -> Result<Rules, Vec<String>> {
    #[derive(serde::Deserialize)]
    struct File {
        #[serde(default)]
        delivery: Settings,
        #[serde(default)]
        destinations: Vec<Destination>,
        #[serde(default)]
        verticals: BTreeMap<String, toml::Value>,
    }
    let file: File = toml::from_str(text).map_err(|e| vec![e.to_string()])?;
    let mut verticals: BTreeMap<String, Arc<Vertical>> = Vertical::builtin_names()
        .filter_map(|name| Vertical::builtin(name).map(|v| (name.to_owned(), v)))
        .collect();
    verticals.extend(Vertical::all_from_toml(text).unwrap());
    let own = file.verticals.keys().cloned().collect();
    let locations = BTreeMap::from([("austin".to_owned(), "Austin".to_owned())]);
    let around = Surroundings {
        verticals: &verticals,
        own_verticals: &own,
        locations: &locations,
        business: None,
        base_url: None,
    };
    Rules::compile(&file.delivery, &file.destinations, around)
}

pub const GOOD: &str = r#"
[delivery.smtp]
host = "mail.example.com"
from = "Acme <calls@example.com>"
[delivery.twilio]
account_sid = "AC1"
auth_token = "t"
from = "+15125550100"

[[destinations]]
id = "crm"
kind = "webhook"
url = "https://crm.example.com/hook"
secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
events = ["record.approved", "field.synced"]
allow_fields = ["*"]

[[destinations]]
id = "on_call_sms"
kind = "sms"
to = ["+15125550999"]
allow_fields = ["caller_name", "callback_number", "urgency"]

[[destinations]]
id = "caller_sms"
kind = "sms"
to = ["{callback_number}"]
allow_fields = ["caller_name", "service_address"]

[[destinations]]
id = "mail"
kind = "email"
to = ["Front Desk <desk@example.com>"]
allow_fields = ["*"]
events = ["delivery.dead"]

[verticals.plumber]
fields = [
  { name = "caller_name", type = "person_name" },
  { name = "callback_number", type = "phone" },
  { name = "service_address", type = "address" },
  { name = "urgency", type = "choice" },
  { name = "gate_code", type = "code", sensitive = true },
]
escalations = [{ id = "gas", when = { any_phrase = ["gas smell"] }, severity = "critical", notify = ["on_call_sms"] }]
[[verticals.plumber.actions]]
id = "crm_record"
kind = "webhook"
destination = "crm"
on = "record.approved"
[[verticals.plumber.actions]]
id = "confirm"
kind = "sms"
destination = "caller_sms"
on = "record.approved"
when = { field = "callback_number", status = "confirmed" }
template = "Hi {caller_name:first}, {{ location.name }} has you down at {service_address:line1}."
"#;

#[test]
fn a_good_configuration_passes() {
    let rules = compile(GOOD).unwrap();
    assert_eq!(rules.receivers().count(), 4);
    assert_eq!(rules.deeds("plumber").len(), 2);
    assert_eq!(rules.told_of("plumber", "gas"), ["on_call_sms"]);
    assert!(rules.is_sensitive("plumber", "gate_code"));
    // What ships names destinations that this user does not have; that is no mistake.
    assert_eq!(
        rules.told_of("home_services", "life_safety"),
        ["on_call_sms"]
    );
    let plumber = Vertical::all_from_toml(GOOD).unwrap()["plumber"].clone();
    let synced: Vec<String> = rules.synced_to(&plumber, None).into_keys().collect();
    assert!(
        synced.contains(&"caller_name".to_owned()) && !synced.contains(&"gate_code".to_owned())
    );
}

/// Each change makes one mistake; the message must say where it is and what to do.
#[test]
fn every_mistake_is_found_at_load() {
    for (from, to, place, what) in [
        (
            "https://crm.example.com/hook",
            "https://10.0.0.8/hook",
            "destinations.crm.url",
            "allow_private",
        ),
        (
            "https://crm.example.com/hook",
            "http://crm.example.com/",
            "destinations.crm.url",
            "https",
        ),
        (
            "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            "hunter2",
            "destinations.crm.secret",
            "openssl rand",
        ),
        (
            "\"+15125550999\"",
            "\"5550999\"",
            "destinations.on_call_sms.to",
            "E.164",
        ),
        (
            "{callback_number}\"",
            "{callback_numbr}\"",
            "destinations.caller_sms.to",
            "declares",
        ),
        (
            "Front Desk <desk@example.com>",
            "desk",
            "destinations.mail.to",
            "mail address",
        ),
        (
            "[delivery.smtp]",
            "[delivery.mail]",
            "unknown field",
            "mail",
        ),
        (
            "\"callback_number\", \"urgency\"]",
            "\"callback_numbr\"]",
            "destinations.on_call_sms.allow_fields",
            "did you mean",
        ),
        (
            "destination = \"crm\"",
            "destination = \"crn\"",
            "verticals.plumber.actions.crm_record.destination",
            "did you mean \"crm\"",
        ),
        (
            "kind = \"webhook\"\ndestination",
            "kind = \"sms\"\ndestination",
            "actions.crm_record.kind",
            "webhook",
        ),
        (
            "{caller_name:first}",
            "{gate_code}",
            "actions.confirm.template",
            "may not see \"gate_code\"",
        ),
        (
            "{caller_name:first}",
            "{caller_nam:first}",
            "actions.confirm.template",
            "did you mean \"caller_name\"",
        ),
        (
            "{caller_name:first}",
            "{{ caller_name",
            "actions.confirm.template",
            "line 1",
        ),
        (
            "notify = [\"on_call_sms\"]",
            "notify = [\"on_call\"]",
            "escalations.gas.notify",
            "on_call_sms",
        ),
        (
            "from = \"+15125550100\"",
            "",
            "delivery.twilio",
            "messaging_service_sid",
        ),
        (
            "on = \"record.approved\"\nwhen",
            "on = \"record.aproved\"\nwhen",
            "actions.confirm",
            "record.approved",
        ),
        (
            "events = [\"delivery.dead\"]",
            "template = \"{gate_code}\"",
            "destinations.mail.template",
            "may not see",
        ),
    ] {
        let text = GOOD.replacen(from, to, 1);
        assert_ne!(text, GOOD, "{from}");
        let problems = compile(&text).err().unwrap_or_default().join("\n");
        assert!(
            problems.contains(place) && problems.contains(what),
            "{from} -> {to}: {problems}"
        );
        assert!(!problems.contains("hunter2"));
    }
}

#[test]
fn one_call_sets_off_ten_actions_at_most() {
    let mut text = GOOD.to_owned();
    for n in 0..9 {
        text.push_str(&format!("[[verticals.plumber.actions]]\nid = \"a{n}\"\nkind = \"sms\"\ndestination = \"on_call_sms\"\non = \"call.missed\"\n"));
    }
    let problems = compile(&text).unwrap_err();
    assert_eq!(
        problems,
        ["verticals.plumber.actions: 11 actions; one call may set off 10 at most"]
    );
}

#[test]
fn an_action_may_be_added_to_a_vertical_that_ships() {
    let text = GOOD.to_owned()
        + "[[verticals.clinic.actions]]\nid = \"desk\"\nkind = \"email\"\ndestination = \"mail\"\non = \"record.approved\"\n";
    let rules = compile(&text).unwrap();
    assert_eq!(rules.deeds("clinic").len(), 1);
    let clinic = Vertical::all_from_toml(&text).unwrap()["clinic"].clone();
    assert_eq!(clinic.fields, Vertical::builtin("clinic").unwrap().fields);
    let unknown = Vertical::all_from_toml("[verticals.clinik]\ntitle = \"x\"").unwrap_err();
    assert!(
        unknown[0].to_string().contains("did you mean \"clinic\""),
        "{}",
        unknown[0]
    );
}
