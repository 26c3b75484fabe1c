//! Digits said instead of other digits, aligned to what they replace; digits said after other digits, compared with them.

/// `new` replaces the part of `old` that it was said instead of. `prefix`: the first digits (an area code) are meant.
pub fn repair(old: &str, new: &str, prefix: bool) -> String {
    let (o, n) = (old.len(), new.len());
    if n == 0 {
        return old.to_owned();
    }
    // A group said with one digit too many or too few, and again: the second stands for the first.
    if o < 10 && n >= 3 && o.abs_diff(n) <= 1 && o != n && strsim::osa_distance(old, new) <= 2 {
        return new.to_owned();
    }
    if n >= 10 || n >= o && o < 10 && !(o + n == 10 && n < 7) {
        return new.to_owned();
    }
    if prefix {
        return format!("{new}{}", old.get(n..).unwrap_or(""));
    }
    // Said so far and the repair together make a whole number: keep the head that is not said again.
    if o < 10 && 10 - n <= o {
        return format!("{}{new}", &old[..10 - n]);
    }
    if o < 10 {
        return format!("{}{new}", &old[..o - n]);
    }
    // A whole number is held: the repair replaces the group it resembles most, the last digits when in doubt.
    if (6..=8).contains(&n) {
        // "0138, one three eight": the end once more.
        for k in [4, 3, 2] {
            if n > k + 2 && new[..n - k].ends_with(&new[n - k..]) {
                return repair(old, &new[..n - k], prefix);
            }
        }
    }
    if (5..=8).contains(&n) {
        // "two nine, oh one two nine": the end first, then the whole group; the group counts.
        let group = &new[n - 4..];
        let close = n <= 6
            && strsim::osa_distance(&old[o - 4..], group) + 1
                < strsim::osa_distance(&old[o - n..], new);
        if group.ends_with(&new[..n - 4]) || close {
            return format!("{}{group}", &old[..o - 4]);
        }
    }
    let tail = o - n;
    let mut places = vec![tail];
    for at in [0, 3, 6] {
        if at + n <= o
            && !places.contains(&at)
            && (n == 3 && at < 6 || n == 4 && at == 6 || n == 6 && at == 0 || n == 7 && at == 3)
        {
            places.push(at);
        }
    }
    let distance = |at: usize| strsim::osa_distance(&old[at..at + n], new);
    let at = places
        .into_iter()
        .min_by_key(|at| (distance(*at), *at != tail))
        .unwrap_or(tail);
    format!("{}{new}{}", &old[..at], &old[at + n..])
}

/// A telephone number that is said twice on end, the first time perhaps with a slip at its end: "... oh one four, oh one four nine, seven one
/// six ... oh one four nine".
pub fn said_twice(first: &str, rest: &str) -> Option<String> {
    let same =
        |number: &str, again: &str| number.len() == 10 && strsim::osa_distance(number, again) <= 1;
    // The first time with a slip and the mended end, or without.
    let mended =
        (3..=7).filter_map(|n| Some((repair(first, rest.get(..n)?, false), rest.get(n..)?)));
    let plain = rest
        .get(..10)
        .zip(rest.get(10..))
        .filter(|_| first.is_empty());
    mended
        .filter(|_| first.len() >= 5)
        .chain(plain.map(|(number, again)| (number.to_owned(), again)))
        .find(|(number, again)| same(number, again))
        .map(|(number, _)| number)
}

/// "No, sixty three. Zero one six three", "sorry, one nine zero, four six nine five five five oh one nine zero": of the end of a number and
/// then all of the part that it ends, or all of it, the latter.
pub fn end_then_whole(digits: &str) -> Option<&str> {
    [4, 10].into_iter().find_map(|part| {
        let at = digits.len().checked_sub(part)?;
        let (end, whole) = digits.split_at_checked(at)?;
        ((2..=4).contains(&at) && at < part && whole.ends_with(end)).then_some(whole)
    })
}

/// The whole of `len` characters in what was said with its end once more, behind it or before it: "6621, two one", "3119, 703119".
pub fn with_its_end(said: &str, len: usize) -> Option<&str> {
    let more = said
        .len()
        .checked_sub(len)
        .filter(|m| (1..=len).contains(m))?;
    let (whole, end) = said.split_at_checked(len)?;
    if whole.ends_with(end) {
        return Some(whole);
    }
    let (end, whole) = said.split_at_checked(more)?;
    whole.ends_with(end).then_some(whole)
}

/// More digits of a number begun: they follow, unless they begin with what was said last ("021 ... 0211").
pub fn append(held: &str, more: &str) -> String {
    let plain = format!("{held}{more}");
    if plain.len() <= 10 || plain.len() == 11 && plain.starts_with('1') {
        return plain;
    }
    let overlap = (1..=held.len().min(more.len()))
        .rev()
        .find(|k| held.ends_with(&more[..*k]) && held.len() + more.len() - k == 10);
    match overlap {
        Some(k) => format!("{held}{}", &more[k..]),
        None if held.len() < 10 && (3..10).contains(&more.len()) => repair(held, more, false),
        None => plain,
    }
}

/// Where digits that one side said stand in the number that the other gave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Echo {
    /// The first digit they stand for.
    pub at: usize,
    /// One past the last.
    pub end: usize,
    /// They are the same digits.
    pub exact: bool,
}

/// Aligns what was read back with the ten digits held. `next` is where the read-back had got to in its last breath.
pub fn align(held: &str, said: &str, next: usize) -> Option<Echo> {
    let said = match said.len() {
        11 => said.strip_prefix('1').unwrap_or(said),
        _ => said,
    };
    let (h, n) = (held.len(), said.len());
    if n == 0 || n > h {
        return None;
    }
    let place = |at: usize, exact: bool| Echo {
        at,
        end: at + n,
        exact,
    };
    let fits = |at: usize| at + n <= h && held.get(at..at + n) == Some(said);
    // One or two digits mean something only where the read-back has got to, or as the very end.
    let places: &[usize] = match n {
        1 => &[next],
        2 => &[next, h - n],
        _ => &[next, h - n, 0, 3],
    };
    if let Some(at) = places.iter().copied().find(|at| fits(*at)) {
        return Some(place(at, true));
    }
    // A mistake stands where its length belongs: a whole number, its last seven or four, a group in its turn.
    let (at, most) = match n {
        10 => (0, 3),
        7 => (3, 2),
        6 => (0, 2),
        4 => (6, 2),
        3 if matches!(next, 0 | 3) => (next, 1),
        2 if next > 0 && next + n <= h => (next, 1),
        _ => return None,
    };
    let there = held.get(at..at + n)?;
    (strsim::osa_distance(there, said) <= most).then(|| place(at, false))
}

/// What the number is after a few digits were said to correct it. `said` is the agent's version of it, `held` the caller's own where
/// there is one, `span` the part that the agent said last.
pub fn correct(said: &str, held: Option<&str>, span: Option<(usize, usize)>, new: &str) -> String {
    // "Seventeen, one seven": one group, said in two ways.
    let half = new.len() / 2;
    if half >= 2
        && new.get(..half) == new.get(half..)
        && held.is_none_or(|h| !h.contains(new) && h.contains(&new[half..]))
    {
        return correct(said, held, span, &new[half..]);
    }
    // The caller's own digits once more: the agent had them wrong.
    if let Some(held) = held.filter(|h| *h != said) {
        let again = [repair(said, new, false), splice(said, span, new)];
        if again.iter().any(|a| a == held) {
            return held.to_owned();
        }
        let n = new.len();
        let aligned = [
            held.len().checked_sub(n),
            Some(0),
            Some(3),
            span.map(|s| s.0),
        ];
        if n >= 2
            && aligned
                .into_iter()
                .flatten()
                .any(|at| held.get(at..at + n) == Some(new) && said.get(at..at + n) != Some(new))
        {
            return held.to_owned();
        }
    }
    match span {
        Some((from, to)) if to - from == new.len() && to - from < said.len() => {
            splice(said, span, new)
        }
        _ => repair(said, new, false),
    }
}

fn splice(old: &str, span: Option<(usize, usize)>, new: &str) -> String {
    match span {
        Some((from, to)) if to - from >= new.len() && to <= old.len() && new.len() >= 2 => {
            format!("{}{new}{}", &old[..to - new.len()], &old[to..])
        }
        _ => old.to_owned(),
    }
}

/// "zero one not one zero": `wrong` in `said` gives way to `right`, the last place where it stands first.
pub fn contrast(said: &str, right: &str, wrong: &str) -> Option<String> {
    let at = said.rfind(wrong)?;
    Some(format!(
        "{}{right}{}",
        &said[..at],
        &said[at + wrong.len()..]
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repairs_align() {
        assert_eq!(repair("5035550146", "0164", false), "5035550164");
        assert_eq!(repair("51255", "56", false), "51256");
        assert_eq!(repair("51255501", "0242", false), "5125550242");
        assert_eq!(repair("5125550142", "737", true), "7375550142");
        assert_eq!(repair("5035550146", "530", false), "5305550146");
        assert_eq!(repair("8135550150", "2266", false), "8135552266");
        assert_eq!(repair("9075550419", "149", false), "9075550149");
        assert_eq!(repair("512", "5125550142", false), "5125550142");
        let twice = Some("7165550149".to_owned());
        assert_eq!(said_twice("716555014", "014971655550149"), twice);
        assert_eq!(said_twice("", "71655501497165550149"), twice);
        assert_eq!(said_twice("", "71655501492125550111"), None);
    }

    #[test]
    fn digits_append_and_overlap() {
        assert_eq!(append("414555", "0211"), "4145550211");
        assert_eq!(append("414555021", "0211"), "4145550211");
        assert_eq!(append("414555020", "0211"), "4145550211");
    }

    #[test]
    fn a_read_back_aligns() {
        let at = |said: &str, next| align("5035550146", said, next).map(|e| (e.at, e.exact));
        assert_eq!(at("5035550146", 0), Some((0, true)));
        assert_eq!(at("15035550146", 0), Some((0, true)));
        assert_eq!(at("0146", 0), Some((6, true)));
        assert_eq!(at("555", 3), Some((3, true)));
        assert_eq!(at("5035550164", 0), Some((0, false)));
        assert_eq!(at("2125559999", 0), None);
        assert_eq!(at("46", 0), Some((8, true)));
        assert_eq!(at("14", 0), None);
    }

    #[test]
    fn corrections_of_a_read_back() {
        // The agent was wrong, the caller says the group again.
        assert_eq!(
            correct("6025550171", Some("6025550177"), Some((0, 10)), "77"),
            "6025550177"
        );
        assert_eq!(
            correct("7136229411", Some("7136629411"), Some((0, 10)), "662"),
            "7136629411"
        );
        // The agent was right, the caller changes it.
        assert_eq!(
            correct("6025550177", Some("6025550177"), Some((6, 10)), "0178"),
            "6025550178"
        );
        assert_eq!(
            contrast("3035551028", "01", "10").as_deref(),
            Some("3035550128")
        );
    }
}
