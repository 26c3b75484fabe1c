//! A span of time in words: for a page, and as one says it to the caller.

use jiff::civil::Date;

use super::value::Window;

impl Window {
    /// The span for a page.
    pub(super) fn display(&self) -> String {
        self.told("%a, %b %-d", ", ")
    }

    /// As one says it to the caller: "Monday, December 14 at 2:00 PM". An hour is how long a point in time is kept, so it is none here.
    pub fn spoken(&self) -> String {
        self.told("%A, %B %-d", " at ")
    }

    fn told(&self, form: &str, at: &str) -> String {
        let day = |t: &str| {
            t.get(..10)
                .and_then(|d| d.parse::<Date>().ok())
                .map(|d| d.strftime(form).to_string())
        };
        let minute = |t: &str| {
            let (hour, minute) = t.get(11..16)?.split_once(':')?;
            Some(hour.parse::<u16>().ok()? * 60 + minute.parse::<u16>().ok()?)
        };
        let spoken = at != ", ";
        match (&self.start, &self.end) {
            (Some(s), Some(e)) => match (day(s), minute(s), day(e), minute(e)) {
                (Some(d), Some(a), Some(d2), Some(b)) if d == d2 && spoken && b == a + 60 => {
                    format!("{d}{at}{}", twelve_hours(a))
                }
                (Some(d), Some(a), Some(d2), Some(b)) if d == d2 && spoken => {
                    format!("{d} between {} and {}", twelve_hours(a), twelve_hours(b))
                }
                (Some(d), Some(a), Some(d2), Some(b)) if d == d2 => {
                    format!("{d}{at}{}-{}", twelve_hours(a), twelve_hours(b))
                }
                (Some(d), Some(a), _, _) => format!("{d}, from {}", twelve_hours(a)),
                (Some(d), None, Some(_), None) => {
                    // The end is the first day that is none of them.
                    let last = e
                        .get(..10)
                        .and_then(|d| d.parse::<Date>().ok())
                        .and_then(|d| d.yesterday().ok())
                        .map(|d| d.strftime(form).to_string());
                    match last {
                        Some(last) if last != d => format!("{d} to {last}"),
                        _ => d,
                    }
                }
                _ => format!("{s} to {e}"),
            },
            (Some(s), None) => match (day(s), minute(s)) {
                (Some(d), Some(a)) => format!("{d}, from {}", twelve_hours(a)),
                (Some(d), None) => d,
                _ => s.clone(),
            },
            (None, Some(e)) => format!("before {e}"),
            (None, None) => String::new(),
        }
    }
}

/// "2:00 PM"
fn twelve_hours(minute: u16) -> String {
    let (hour, half) = match minute / 60 % 24 {
        0 => (12, "AM"),
        h @ 1..=11 => (h, "AM"),
        12 => (12, "PM"),
        h => (h - 12, "PM"),
    };
    format!("{hour}:{:02} {half}", minute % 60)
}
