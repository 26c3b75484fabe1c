//! The calls that pictures and other tests are of.

use crate::pinned::{Pinned, agent, caller};

pub const AUSTIN: (&str, &str, &str) = ("acme_austin", "+15125550100", "home_services");
pub const CLINIC: (&str, &str, &str) = ("lakeside_clinic", "+15125550200", "clinic");

/// A second location, somewhere to send to, and sound that is kept for longer than this test will be run.
pub const MORE: &str = "[[locations]]\nid = \"lakeside_clinic\"\nname = \"Lakeside Family Clinic\"\nnumbers = [\"+15125550200\"]\ndepartments = [\"front_desk\", \"nurse_line\"]\nvertical = \"clinic\"\n\
    [[destinations]]\nid = \"crm\"\nkind = \"webhook\"\nurl = \"http://127.0.0.1:9/hook\"\nsecret = \"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\"\nallow_private = true\nevents = [\"record.approved\"]\nallow_fields = [\"*\"]\n\
    [[destinations]]\nid = \"dispatch_board\"\nkind = \"webhook\"\nurl = \"http://127.0.0.1:9/board\"\nsecret = \"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\"\nallow_private = true\nevents = [\"record.approved\"]\nallow_fields = [\"caller_name\", \"callback_number\", \"urgency\"]\n\
    [privacy]\nrecording_retention_months = 1200\ntranscript_retention_months = 1200\njournal_retention_months = 1200\n";

/// Over, and to be looked at: two values that need a person, a gap, a flag.
pub const LEAK: Pinned = Pinned {
    number: 1,
    from: "+15125550142",
    place: AUSTIN,
    ago_ms: 12 * 60_000,
    length_ms: 92_000,
    lines: &[
        agent(0, "thank you for calling acme plumbing how can i help you"),
        caller(4_600, "hi there's a leak under the kitchen sink"),
        agent(8_300, "how long has this been going on"),
        caller(11_400, "it's been like that since last night"),
        agent(15_000, "can i get your full name"),
        caller(17_900, "my name is maria gonzalez"),
        agent(20_900, "thank you and what's your phone number"),
        caller(
            24_600,
            "it's five one two five five five oh one eight seven",
        ),
        agent(
            29_400,
            "so that's five one two five five five oh one eight seven is that right",
        ),
        caller(35_900, "yes that's right"),
        agent(38_300, "what's the address there"),
        caller(41_000, "four twelve oak street"),
        agent(48_600, "what day works best for you"),
        caller(
            52_300,
            "can you send someone tomorrow morning but not before nine",
        ),
        agent(58_900, "i have an opening tomorrow at nine a m"),
        caller(
            63_600,
            "that works for me the gate is locked so call me when you're outside",
        ),
        agent(
            70_600,
            "i will call you when we are outside you're all set for tomorrow at nine a m",
        ),
        caller(78_400, "thank you bye"),
        agent(80_600, "thank you for calling have a great day"),
    ],
    gap: Some((43_000, 46_100)),
    flag: Some(66_000),
    known: None,
    partial: None,
};

/// Over too soon: nearly nothing is known.
pub const CUT_OFF: Pinned = Pinned {
    number: 2,
    from: "+15125550163",
    place: AUSTIN,
    ago_ms: 47 * 60_000,
    length_ms: 16_000,
    lines: &[
        agent(0, "thank you for calling acme plumbing how can i help you"),
        caller(4_600, "yeah my water heater is making a noise"),
    ],
    gap: None,
    flag: None,
    known: None,
    partial: None,
};

/// Approved, and then reopened.
pub const VISIT: Pinned = Pinned {
    number: 3,
    from: "+15125550171",
    place: CLINIC,
    ago_ms: 3 * 3_600_000,
    length_ms: 58_000,
    lines: &[
        agent(0, "lakeside family clinic how may i help you"),
        caller(3_600, "hi i need to make an appointment it's my first time"),
        agent(8_000, "what's going on"),
        caller(10_100, "my knee is swollen"),
        agent(12_400, "can i get your full name"),
        caller(15_300, "my name is thomas kelly"),
        agent(18_000, "what is your date of birth"),
        caller(21_100, "march fourth nineteen eighty two"),
        agent(24_200, "and the best number to call you back"),
        caller(27_900, "five one two five five five oh one seven one"),
        agent(
            32_800,
            "so that's five one two five five five oh one seven one is that right",
        ),
        caller(38_900, "yes that's correct"),
        agent(41_200, "you're all set for thursday at two thirty"),
        caller(45_400, "perfect thank you"),
    ],
    gap: None,
    flag: None,
    known: None,
    partial: None,
};

/// Going on: something is missing, something is not confirmed, and the caller speaks.
pub const TALKING: Pinned = Pinned {
    number: 4,
    from: "+15125550142",
    place: AUSTIN,
    ago_ms: 41_000,
    length_ms: 0,
    lines: &[
        agent(0, "thank you for calling acme plumbing how can i help you"),
        caller(4_600, "hi there's a leak under the kitchen sink"),
        agent(8_300, "can i get your full name"),
        caller(11_200, "my name is maria gonzalez"),
        agent(14_100, "what's your phone number"),
        caller(17_000, "five one two five five five oh one eight seven"),
        agent(
            22_300,
            "so that's five one two five five five oh one eight nine is that right",
        ),
        caller(28_900, "no it's oh one eight seven"),
    ],
    gap: None,
    flag: None,
    known: Some(("Maria Gonzalez", "Gold, until June")),
    partial: Some(caller(
        33_500,
        "and somebody should come out today if you can",
    )),
};

/// Going on, and nothing is left to ask.
pub const SAFE: Pinned = Pinned {
    number: 5,
    from: "+15125550118",
    place: AUSTIN,
    ago_ms: 96_000,
    length_ms: 0,
    lines: &[
        agent(0, "thank you for calling acme plumbing how can i help you"),
        caller(
            4_600,
            "there's a leak under the kitchen sink it's not an emergency",
        ),
        agent(9_900, "can i get your full name"),
        caller(12_800, "my name is linda parker"),
        agent(15_500, "so that's linda parker is that right"),
        caller(18_700, "yes that's right"),
        agent(20_700, "what's your phone number"),
        caller(23_500, "five one two five five five oh one four two"),
        agent(
            28_600,
            "so that's five one two five five five oh one four two is that right",
        ),
        caller(34_900, "yes that's right"),
        agent(37_100, "what's the address there"),
        caller(40_000, "thirty two fifty river road"),
        agent(
            43_300,
            "so you're at thirty two fifty river road is that right",
        ),
        caller(48_200, "yes that's correct"),
        agent(50_300, "what day works best for you"),
        caller(53_300, "can you send someone tomorrow morning"),
        agent(57_300, "i have an opening tomorrow at nine a m"),
        caller(61_400, "that works for me"),
        agent(
            63_700,
            "you're all set for tomorrow at nine a m is there anything else",
        ),
    ],
    gap: None,
    flag: None,
    known: None,
    partial: None,
};

/// Going on, and dangerous.
pub const GAS: Pinned = Pinned {
    number: 6,
    from: "+15125550129",
    place: AUSTIN,
    ago_ms: 15_000,
    length_ms: 0,
    lines: &[
        agent(0, "thank you for calling acme plumbing how can i help you"),
        caller(4_600, "i smell gas in my basement it's really strong"),
    ],
    gap: None,
    flag: None,
    known: None,
    partial: None,
};
