//! What the words around a name make of it: nobody's name, somebody else's, a part of the caller's said again, one that letters put right.

use crate::fields::cue::Cue;
use crate::fields::gazetteer::tables;
use crate::fields::name::span::{Level, name_at};
use crate::fields::name::{self, Lead, NameMention, Whose, word};
use crate::fields::spell::{self, Spelled};
use crate::fields::temporal;
use crate::fields::token::Stop;
use crate::fields::turn::Heard;
use crate::fields::value::{same_text, title_case};
use crate::fields::word_set::words;

/// "Bill it to me, Igor, I-G-O-R, Shevchuk": a given name that its own letters follow is told to be written down.
pub(super) fn given_spelled(heard: &Heard, spelled: &Spelled) -> Option<NameMention> {
    let at = spelled.start.checked_sub(1)?;
    let told = heard.word(at) == spelled.word
        && tables().is_given(&spelled.word)
        && !heard.is_taken(at, at + 1)
        && !heard.hits.has(Cue::Other);
    told.then(|| NameMention {
        start: at,
        end: at + 1,
        name: title_case(&spelled.word),
        lead: Lead::Weak,
        whose: Whose::Open,
        spelled: false,
    })
}

/// "B-A-U-E-R, like Jack Bauer", "thank you, mi amor", "it's April, no, March twenty sixth" of a birthday: nobody's name.
pub(super) fn is_no_name(heard: &Heard, mention: &NameMention, date_asked: bool) -> bool {
    let lower = mention.name.to_lowercase();
    let likened = heard.any(mention.start.wrapping_sub(1), words!["like"])
        && mention.name.contains(' ')
        && mention.start >= 3;
    likened || word::is_endearing(&lower) || date_asked && temporal::month(&lower).is_some()
}

/// "Yes, Chloe Nowak, my daughter."
pub(super) fn has_kin_behind(heard: &Heard, mention: &NameMention) -> bool {
    let end = mention.end;
    heard.any(end, words!["my", "our"])
        && word::is_kin(heard.word(end + 1))
        && heard
            .tokens
            .get(end + 1)
            .is_some_and(|t| t.stop > Stop::None)
        && heard.tokens[end - 1].stop == Stop::Comma
}

/// "Abdi Rahman, it's A-B-D-I-R-A-H-M-A-N, one word."
pub(super) fn in_one_word(heard: &Heard, mention: &mut NameMention, spelled: &[Spelled]) {
    let lower = mention.name.to_lowercase();
    let joined = lower.replace(' ', "");
    let one = |i: usize| heard.word(i) == "one" && heard.word(i + 1) == "word";
    if joined.len() < lower.len()
        && spelled.iter().any(|s| s.word == joined)
        && (0..heard.tokens.len()).any(one)
    {
        mention.name = title_case(&joined);
    }
}

/// "It's Swedish", "like the town", "mornings", "it's April", "it's Pflugerville": one everyday word, month or town, where a full name is
/// held that has no part like it, puts nothing right.
pub(super) fn is_passing(heard: &Heard, mention: &NameMention, held: &str) -> bool {
    let Some(token) = heard.tokens.get(mention.start) else {
        return false;
    };
    let lower = mention.name.to_lowercase();
    let like = |part: &str| strsim::jaro_winkler(&part.to_lowercase(), &lower) >= 0.75;
    let everyday = word::nameness(token) == word::Nameness::Word
        || temporal::month(&lower).is_some()
        || tables().city(&heard.tokens, mention.start).is_some() && !tables().is_surname(&lower);
    held.contains(' ')
        && !mention.spelled
        && mention.lead < Lead::Strong
        && token.text == lower
        && everyday
        && !held.split([' ', '-']).any(like)
}

/// "Hello, this is Marlene Stokes, sorry about that": who greets in the middle of a call has been handed the telephone.
pub(super) fn is_other_voice(heard: &Heard, mention: &NameMention) -> bool {
    heard.segment > 4
        && heard.any(0, words!["hello", "hi", "hey"])
        && heard.word(mention.start.wrapping_sub(1)) == "is"
        && heard.word(mention.start.wrapping_sub(2)) == "this"
        && mention.start <= 5
}

/// "Call the daughter with the time. Her name is Halina.": whom the agent is to call about the patient.
pub(super) fn to_be_called(heard: &Heard, mention: &NameMention) -> bool {
    let from = mention.start.saturating_sub(20);
    (from + 1..mention.start).any(|i| {
        heard.any(
            i - 1,
            words!["call", "reach", "text", "ring", "phone", "contact", "try"],
        ) && heard.any(i, words!["her", "him", "them", "the", "my", "his", "their"])
            // "We call her Bug but her name's Rosalind"
            && !heard.any(
                i.wrapping_sub(2),
                words!["we", "i", "they", "friends", "everybody", "everyone", "people"],
            )
    })
}

/// Whether the mention says again the beginning of the name held, with fewer words and with a word that says so.
pub(super) fn left_out(heard: &Heard, mention: &NameMention, held: &str) -> bool {
    let before = mention.start.checked_sub(1).map_or("", |at| heard.word(at));
    let mut rest = held.split(' ');
    // "Renee Carter is what's on everything"
    let settled =
        heard.word(mention.end) == "is" && heard.any(mention.end + 1, words!["what", "what's"]);
    (settled || matches!(before, "by" | "only" | "just" | "as" | "put"))
        && mention.name.contains(' ')
        && mention
            .name
            .split(' ')
            .all(|w| rest.any(|h| same_text(h, w)))
        && mention.name.split(' ').count() < held.split(' ').count()
}

/// Letters, or "with an e", right after a name.
pub(super) fn amended_beside(
    heard: &Heard,
    mention: &mut NameMention,
    spelled: &[Spelled],
    put: Option<&str>,
) {
    if let Some(s) = spelled
        .iter()
        .find(|s| s.start >= mention.end && s.start - mention.end <= 6)
    {
        let fixed = name::with_spelling(Some(&mention.name), s, true);
        if fixed != mention.name || mention.name.split(' ').any(|w| same_text(w, &s.word)) {
            mention.name = fixed;
            mention.spelled = true;
            // "Tomasz, T-O-M-A-S-Z, Wisniewski": the surname comes after the letters.
            if !mention.name.contains(' ')
                && heard
                    .tokens
                    .get(s.end)
                    .is_some_and(|t| word::nameness(t) >= word::Nameness::Unknown)
                && let Some(rest) = name_at(heard, s.end, Level::Named)
                && rest.words.len() <= 2
            {
                let surname_first = rest.words.len() == 1
                    && name::is_surname_first(&mention.name.to_lowercase(), &rest.words[0]);
                // "Pettway, P-E-T-T-W-A-Y, Lashonda"
                mention.name = match surname_first {
                    true => format!("{} {}", rest.name(), mention.name),
                    false => format!("{} {}", mention.name, rest.name()),
                };
            }
        }
    }
    if let Some((amended, _, end)) = spell::amend(&mention.name, heard, mention.end, None)
        .filter(|(_, at, _)| *at <= mention.end + 4)
        // "Helen Marsh?" "Ellen. Ellen Marsh, no H.": what the agent said, put right already.
        .filter(|(_, at, _)| {
            heard.word(*at) != "no"
                || put.is_none_or(|p| same_text(p, &mention.name) || !p.contains(' '))
        })
    {
        mention.name = amended;
        mention.spelled = true;
        mention.end = end;
    }
}
