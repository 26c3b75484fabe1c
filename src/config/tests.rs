use super::*;

fn problems(text: &str) -> String {
    Config::parse(text, "offhook.toml").unwrap_err().to_string()
}

#[test]
fn the_default_is_valid_and_has_the_four_verticals() {
    let config = Config::parse("", "offhook.toml").unwrap();
    let names: Vec<&str> = config.verticals().keys().map(String::as_str).collect();
    assert_eq!(names, ["clinic", "home_services", "law_office", "moving"]);
    assert_eq!(config.version, Config::default().version);
}

#[test]
fn a_typo_is_named_with_its_line_and_the_key_that_was_meant() {
    let message =
        problems("schema_version = 1\n\n[server]\nlisten = \"127.0.0.1:1\"\nmax_call = 3\n");
    assert!(message.starts_with("offhook.toml:5:"), "{message}");
    assert!(message.contains("did you mean \"max_calls\"?"), "{message}");
}

#[test]
fn mistakes_of_meaning_are_all_reported_at_once() {
    let message = problems(
        "[defaults]\nvertical = \"home_servics\"\ntimezone = \"America/Chikago\"\n\
         [[locations]]\nid = \"a\"\nnumbers = [\"+15125550100\"]\n\
         [[locations]]\nid = \"b\"\nclient = \"acme\"\nnumbers = [\"+15125550100\", \"5550100\"]\n",
    );
    for part in [
        "did you mean \"home_services\"?",
        "America/Chikago",
        "belongs to a already",
        "no such client",
        "is no E.164 number",
    ] {
        assert!(message.contains(part), "{part} in {message}");
    }
}

#[test]
fn a_dialled_number_gives_location_vertical_zone_and_area_code() {
    let config = Config::parse(
        "[[clients]]\nid = \"acme\"\n[[locations]]\nid = \"clinic\"\nclient = \"acme\"\nname = \"Lakeside Clinic\"\nvertical = \"clinic\"\n\
         timezone = \"America/New_York\"\ndepartments = [\"front\"]\nnumbers = [\"+12125550200\"]\n",
        "offhook.toml",
    )
    .unwrap();
    assert_eq!(
        config.assign(Some("+12125550200"), None),
        ("clinic".to_owned(), Some("clinic".to_owned()))
    );
    assert_eq!(
        config.assign(Some("+12125550999"), None),
        ("home_services".to_owned(), None)
    );
    assert_eq!(
        config.assign(None, Some("moving")),
        ("moving".to_owned(), None)
    );
    let opening = Opening {
        call: crate::call::CallId::new(0, [0; 10]),
        provider: "twilio".to_owned(),
        provider_call_id: "CA1".to_owned(),
        vertical: "clinic".to_owned(),
        location: Some("clinic".to_owned()),
        config_version: config.version.clone(),
        parent: None,
    };
    let rules = config.rules(&opening).unwrap();
    assert_eq!(rules.context.business.area_code.as_deref(), Some("212"));
    assert_eq!(rules.context.timezone.iana_name(), Some("America/New_York"));
    assert_eq!(rules.ownership.department_id.as_deref(), Some("front"));
    assert!(
        config
            .rules(&Opening {
                vertical: "vet".to_owned(),
                ..opening
            })
            .is_err()
    );
}
