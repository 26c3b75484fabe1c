//! Numbers and names: the hard cases as a specification.

use super::*;

fn phone(lines: &[&str]) -> (Option<String>, Status) {
    let f = play("home_services", None, lines)
        .field("callback_number")
        .unwrap();
    (f.value.and_then(|v| v.text().map(str::to_owned)), f.status)
}

fn name(lines: &[&str]) -> (Option<String>, Status) {
    let f = play("home_services", None, lines)
        .field("caller_name")
        .unwrap();
    (f.value.and_then(|v| v.text().map(str::to_owned)), f.status)
}

#[test]
fn spoken_numbers_become_the_callback_number() {
    let ask = "A what's the best number to reach you";
    assert_eq!(
        phone(&[ask, "C five oh three five five five oh one four six"]),
        (some("+15035550146"), Status::Heard)
    );
    assert_eq!(
        phone(&[ask, "C five oh three triple five double one eighty three"]),
        (some("+15035551183"), Status::Heard)
    );
    assert_eq!(
        phone(&[ask, "C it's 630 555 oh 132"]),
        (some("+16305550132"), Status::Heard)
    );
    assert_eq!(
        phone(&[ask, "C eight hundred five five five oh one nine nine"]),
        (some("+18005550199"), Status::Heard)
    );
    assert_eq!(
        phone(&[ask, "C oh it leaks all over the floor"]),
        (None, Status::Missing)
    );
    // Seven digits are completed and say so.
    assert_eq!(
        phone(&[ask, "C five five five oh one nine four"]),
        (some("+15035550194"), Status::Inferred)
    );
}

#[test]
fn a_number_in_breaths_counts_once_it_is_whole() {
    let breaths = [
        "A and your phone number",
        "C five oh three",
        "A mm-hm",
        "C five five five",
        "A five five five",
        "C oh one four six",
    ];
    for n in 2..6 {
        assert_eq!(phone(&breaths[..n]).0, None, "{n}");
    }
    assert_eq!(phone(&breaths), (some("+15035550146"), Status::Heard));
    let f = play("home_services", None, &breaths)
        .field("callback_number")
        .unwrap();
    assert_eq!(
        f.evidence.iter().map(|e| e.turn).collect::<Vec<_>>(),
        [1, 3, 5]
    );
}

#[test]
fn read_back_and_yes_confirm_and_nothing_else_does() {
    let ask = [
        "A what is a good number",
        "C five oh three five five five oh one four six",
    ];
    let with = |more: &[&str]| phone(&[&ask, more].concat());
    assert_eq!(
        with(&[
            "A five zero three five five five zero one four six",
            "C uh-huh"
        ])
        .1,
        Status::Confirmed
    );
    assert_eq!(
        with(&["A 503-555-0146?", "C That's it."]).1,
        Status::Confirmed
    );
    assert_eq!(
        with(&["A ending in oh one four six", "C yep"]).1,
        Status::Confirmed
    );
    assert_eq!(with(&["A got it and the address"]).1, Status::Heard);
    // A wrong read-back repaired by the caller and repeated by the agent.
    assert_eq!(
        with(&[
            "A five oh three five five five oh one six four",
            "C no one four six",
            "A one four six got it"
        ]),
        (some("+15035550146"), Status::Confirmed)
    );
    // A wrong read-back that is waved through settles nothing.
    assert_eq!(
        with(&["A five oh three five five five oh one six four", "C yes"]).1,
        Status::Conflicting
    );
    assert_eq!(
        with(&[
            "A five oh three five five five oh one six four",
            "C and can you come today"
        ]),
        (some("+15035550146"), Status::Heard)
    );
}

#[test]
fn corrections_replace_what_they_align_with() {
    let ask = "A a number for you";
    assert_eq!(
        phone(&[
            ask,
            "C five oh three five five five oh one four six no wait sorry oh one six four"
        ])
        .0,
        some("+15035550164")
    );
    assert_eq!(
        phone(&[
            ask,
            "C five oh three five five no sorry five six five oh one four six"
        ])
        .0,
        some("+15035650146")
    );
    assert_eq!(
        phone(&[
            "A is it still 503-555-0146?",
            "C hang on i changed phones the last four are 2266 now"
        ])
        .0,
        some("+15035552266")
    );
}

#[test]
fn other_numbers_are_not_the_callback_number() {
    assert_eq!(
        phone(&["C my account number is five oh three five five five oh one four six"]).0,
        None
    );
    assert_eq!(
        phone(&[
            "A the gas company is eight hundred five five five oh one nine nine",
            "C eight hundred five five five oh one nine nine okay"
        ])
        .0,
        None
    );
    assert_eq!(
        phone(&["C my landlord's number is five oh three five five five oh one four six"]).0,
        None
    );
    assert_eq!(
        phone(&["A hang up and call nine one one", "C okay nine one one"]).0,
        None
    );
    let f = play(
        "home_services",
        None,
        &[
            "A best number",
            "C well home is five oh three five five five oh one one one but use my cell five oh three five five five oh two two two",
        ],
    );
    assert_eq!(
        f.field("callback_number").unwrap().value.unwrap().text(),
        Some("+15035550222")
    );
    assert_eq!(
        f.field("alternate_number").unwrap().value.unwrap().text(),
        Some("+15035550111")
    );
}

#[test]
fn caller_id_is_inferred_until_it_is_spoken_of() {
    let id = Some("+15125550142");
    let status = |lines: &[&str]| {
        play("home_services", id, lines)
            .field("callback_number")
            .unwrap()
            .status
    };
    assert_eq!(status(&["C hi my sink leaks"]), Status::Inferred);
    assert_eq!(
        status(&[
            "A what number can we call you back on",
            "C the number i'm calling from"
        ]),
        Status::Confirmed
    );
    assert_eq!(
        status(&["A and is the number you're calling from good", "C yeah"]),
        Status::Confirmed
    );
    assert_eq!(
        phone(&[
            "A what number can we call you back on",
            "C this number's fine"
        ]),
        (None, Status::Missing)
    );
}

#[test]
fn names_bare_spelled_amended_and_repaired() {
    let ask = "A may i have your name";
    assert_eq!(name(&[ask, "C irene"]).0, some("Irene"));
    assert_eq!(
        name(&["C hi i'm so sorry i'm at work and i'm upset"]).0,
        None
    );
    assert_eq!(
        name(&[
            ask,
            "C bevan brody",
            "A is that b r a d y",
            "C no it's b as in boy r o d as in dog y"
        ])
        .0,
        some("Bevan Brody")
    );
    assert_eq!(
        name(&[ask, "C nils smith s m y t h e"]).0,
        some("Nils Smythe")
    );
    assert_eq!(
        name(&[ask, "C petra clark with an e on the end"]).0,
        some("Petra Clarke")
    );
    assert_eq!(
        name(&[ask, "C it's under pam well pamela begay"]).0,
        some("Pamela Begay")
    );
    assert_eq!(
        name(&[
            "C hello this is ifeoma i need a plumber",
            "A and what's the last name",
            "C adeyemi"
        ])
        .0,
        some("Ifeoma Adeyemi")
    );
    assert_eq!(
        name(&["A this is marcus", "C hey marcus my sink is clogged"]).0,
        None
    );
}
