//! Figures as people write them: 300, 1.5k, 两三百, 一千五, 一百多, "two hundred", "a couple hundred".

use crate::text::{Atom, AtomKind};

/// A figure or a span of figures, in millionths, so that prices stay exact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Figure {
    pub low: i64,
    pub high: i64,
    /// The words themselves say that it is not exact: 百来, 几百.
    pub vague: bool,
    /// Place of the first atom after it.
    pub end: usize,
}

/// One, in millionths.
pub const ONE: i64 = 1_000_000;
/// Largest figure that is understood: a million million.
const MOST: i128 = 1_000_000_000_000 * ONE as i128;

impl Figure {
    fn exact(value: i128, end: usize) -> Option<Self> {
        Self::span(value, value, false, end)
    }

    /// A whole figure that ends at a place.
    pub fn whole(value: u32, end: usize) -> Self {
        let value = i64::from(value) * ONE;
        Self { low: value, high: value, vague: false, end }
    }

    fn span(low: i128, high: i128, vague: bool, end: usize) -> Option<Self> {
        let fits = |value: i128| (value.abs() <= MOST).then_some(value as i64);
        Some(Self { low: fits(low)?, high: fits(high)?, vague, end })
    }

    /// The lower figure as a float, for measures.
    pub fn low_f64(self) -> f64 {
        self.low as f64 / ONE as f64
    }

    pub fn high_f64(self) -> f64 {
        self.high as f64 / ONE as f64
    }
}

/// Reads the figure that starts at a place, if one does.
pub fn figure_at(atoms: &[Atom], start: usize) -> Option<Figure> {
    match atoms.get(start)?.kind {
        AtomKind::Number => arabic(atoms, start),
        AtomKind::Han => chinese(atoms, start),
        AtomKind::Word => english(atoms, start),
        _ => None,
    }
}

/// Digits, and what may multiply them: 千, 万, 百, k, thousand, hundred; and 多, 来 behind.
fn arabic(atoms: &[Atom], start: usize) -> Option<Figure> {
    let mut value = decimal(&atoms[start].text)?;
    let mut end = start + 1;
    if let Some(next) = atoms.get(end) {
        let times: Option<i128> = match next.text.as_str() {
            "百" => Some(100),
            "千" => Some(1_000),
            "万" => Some(10_000),
            "k" if next.range.start == atoms[start].range.end => Some(1_000),
            "thousand" => Some(1_000),
            "hundr" | "hundred" => Some(100),
            _ => None,
        };
        if let Some(times) = times {
            value *= times;
            end += 1;
        }
    }
    let unit = magnitude(value);
    match atoms.get(end).map(|a| a.text.as_str()) {
        Some("多" | "几") => Figure::span(value, value + unit, false, end + 1),
        Some("来") => Figure::span(value, value, true, end + 1),
        _ => Figure::exact(value, end),
    }
}

fn decimal(text: &str) -> Option<i128> {
    let (sign, digits) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let whole: i128 = whole.get(..15.min(whole.len()))?.parse().ok().filter(|_| whole.len() <= 15)?;
    let fraction: i128 = format!("{:0<6}", fraction.get(..6.min(fraction.len()))?).parse().ok()?;
    Some(sign * (whole * i128::from(ONE) + fraction))
}

/// The value of the leading digit: 100 for 300, which "300多" adds at most.
fn magnitude(value: i128) -> i128 {
    let mut unit = i128::from(ONE);
    while unit * 10 <= value.abs() {
        unit *= 10;
    }
    unit
}

fn digit(text: &str) -> Option<i128> {
    Some(match text {
        "零" | "〇" => 0,
        "一" | "壹" => 1,
        "二" | "两" | "俩" | "贰" => 2,
        "三" | "叁" | "仨" => 3,
        "四" | "肆" => 4,
        "五" | "伍" => 5,
        "六" | "陆" => 6,
        "七" | "柒" => 7,
        "八" | "捌" => 8,
        "九" | "玖" => 9,
        _ => return None,
    })
}

fn power(text: &str) -> Option<i128> {
    Some(match text {
        "十" | "拾" => 10,
        "百" | "佰" => 100,
        "千" | "仟" => 1_000,
        "万" => 10_000,
        _ => return None,
    })
}

/// Chinese numerals, with neighboring digits as a span (两三百), 几 and 多 and 来 as vagueness, and a left-out last power
/// (一千五 is 1,500).
fn chinese(atoms: &[Atom], start: usize) -> Option<Figure> {
    let at = |place: usize| atoms.get(place).filter(|a| a.kind == AtomKind::Han).map(|a| a.text.as_str());
    let one = i128::from(ONE);
    if at(start) == Some("半") {
        return Figure::exact(one / 2, start + 1);
    }
    let mut place = start;
    let (mut total_low, mut total_high) = (0i128, 0i128);
    let (mut section_low, mut section_high) = (0i128, 0i128);
    let mut last_power = 0i128;
    let mut vague = false;
    let mut any = false;
    while let Some(text) = at(place) {
        let (low, high, after) = match (digit(text), at(place + 1).and_then(digit)) {
            // 两三百: two neighboring digits before a power, or before the end.
            (Some(low), Some(high)) if low > 0 && (high == low + 1 || (low == 3 && high == 5)) => (low, high, place + 2),
            (Some(low), _) => (low, low, place + 1),
            (None, _) if text == "几" => (1, 10, place + 1),
            (None, _) if power(text).is_some() && !any => (1, 1, place),
            (None, _) => break,
        };
        any = true;
        match at(after).and_then(power) {
            Some(10_000) => {
                total_low += (section_low + low) * 10_000;
                total_high += (section_high + high) * 10_000;
                (section_low, section_high, last_power, place) = (0, 0, 10_000, after + 1);
            }
            Some(power) => {
                section_low += low * power;
                section_high += high * power;
                (last_power, place) = (power, after + 1);
                if at(place) == Some("万") {
                    total_low += section_low * 10_000;
                    total_high += section_high * 10_000;
                    (section_low, section_high, last_power, place) = (0, 0, 10_000, place + 1);
                }
            }
            None => {
                // 一千五: the digit after a power counts tenths of it, unless 零 stands before.
                let times = if last_power >= 100 && at(place.wrapping_sub(1)) != Some("零") { last_power / 10 } else { 1 };
                section_low += low * times;
                section_high += high * times;
                place = after;
                if low == 0 && at(place).and_then(digit).is_some() {
                    continue;
                }
                break;
            }
        }
        // 一百多, 一千来: what follows the last power.
        match at(place) {
            Some("多" | "几") => {
                section_high += last_power;
                place += 1;
                break;
            }
            Some("来") => {
                vague = true;
                place += 1;
                break;
            }
            Some("零" | "〇") => place += 1,
            _ => {}
        }
    }
    let mut value = Figure::span((total_low + section_low) * one, (total_high + section_high) * one, vague, place)?;
    if !any || value.end == start {
        return None;
    }
    // 两斤半, 三个半 are measures; here only the figure itself may carry the half: 三点五.
    if at(value.end) == Some("点")
        && let Some(tenths) = at(value.end + 1).and_then(digit)
    {
        let tenths = i64::try_from(tenths * one / 10).ok()?;
        value = Figure { low: value.low + tenths, high: value.high + tenths, end: value.end + 2, ..value };
    }
    Some(value)
}

/// Number words up to the thousands: "fifty", "two hundred", "a hundred", "a couple hundred".
fn english(atoms: &[Atom], start: usize) -> Option<Figure> {
    let word = |place: usize| atoms.get(place).filter(|a| a.kind == AtomKind::Word).map(|a| a.text.as_str());
    let (mut total, mut section) = (0i128, 0i128);
    let (mut place, mut any, mut vague) = (start, false, false);
    while let Some(text) = word(place) {
        if let Some(value) = small_number(text) {
            section += value;
        } else if matches!(text, "hundr" | "hundred") && any {
            section = section.max(1) * 100;
        } else if text == "thousand" && any {
            total += section.max(1) * 1_000;
            section = 0;
        } else if text == "a" && !any && matches!(word(place + 1), Some("hundr" | "hundred" | "thousand" | "coupl")) {
            section = 1;
        } else if text == "coupl" && section <= 1 && total == 0 {
            (section, vague) = (2, true);
        } else if !(text == "and"
            && any
            && word(place + 1).is_some_and(|next| small_number(next).is_some())
            && word(place - 1).is_some_and(|before| before.starts_with("hundr")))
        {
            break;
        }
        any = true;
        place += 1;
    }
    if !any {
        return None;
    }
    let value = (total + section) * i128::from(ONE);
    Figure::span(value, value, vague, place)
}

fn small_number(word: &str) -> Option<i128> {
    // Snowball stems: "twenty" is "twenti".
    Some(match word {
        "one" => 1,
        "two" => 2,
        "three" => 3,
        "four" => 4,
        "five" => 5,
        "six" => 6,
        "seven" => 7,
        "eight" => 8,
        "nine" => 9,
        "ten" => 10,
        "eleven" => 11,
        "twelv" => 12,
        "thirteen" => 13,
        "fourteen" => 14,
        "fifteen" => 15,
        "sixteen" => 16,
        "seventeen" => 17,
        "eighteen" => 18,
        "nineteen" => 19,
        "twenti" => 20,
        "thirti" => 30,
        "forti" => 40,
        "fifti" => 50,
        "sixti" => 60,
        "seventi" => 70,
        "eighti" => 80,
        "nineti" => 90,
        _ => return None,
    })
}
