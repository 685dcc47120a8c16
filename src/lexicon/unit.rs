//! Units of measure and what they have in common.

use std::collections::{BTreeMap, HashMap};

use anyhow::bail;
use serde::Deserialize;

use crate::catalog::Lang;
use crate::catalog::attribute::show_figure;
use crate::text;

/// What a figure without a bounding word asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlainFigure {
    /// Within a tenth: lengths, weights, volumes.
    #[default]
    About,
    /// Just this: sizes.
    Exact,
    /// This or more: people in a tent, SPF, load.
    AtLeast,
}

/// A unit. A measure in it is `value × factor` in its dimension's base unit.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Unit {
    pub id: String,
    pub dimension: String,
    pub factor: f64,
    pub zh: Vec<String>,
    pub en: Vec<String>,
    /// What a figure without a bounding word asks for.
    #[serde(default)]
    pub plain: PlainFigure,
    /// How many times the figure still fits well, where it asks for that or more.
    #[serde(default)]
    pub fits_up_to: Option<f64>,
    /// Words that people also write before the figure: "SPF 50".
    #[serde(default)]
    pub alone: Vec<String>,
    /// Words that are a figure and the unit at once: "双人".
    #[serde(default)]
    pub whole: BTreeMap<String, u32>,
    /// What is said with it may be a trait at the same time: "两个人".
    #[serde(default)]
    pub traits_too: bool,
}

impl Unit {
    /// How the unit is printed.
    pub fn label(&self, lang: Lang) -> &str {
        let words = if lang == Lang::Zh { &self.zh } else { &self.en };
        words.first().map_or(self.id.as_str(), String::as_str)
    }

    /// A figure with this unit, for people: "85 厘米", "SPF 50", "4 people".
    pub fn show(&self, value: f64, lang: Lang) -> String {
        let (figure, label) = (show_figure(value), self.label(lang));
        match self.id.as_str() {
            "spf" => format!("SPF {figure}"),
            "eu" if lang == Lang::En => format!("EU {figure}"),
            "people" if lang == Lang::En && value == 1.0 => "1 person".to_owned(),
            "percent" | "in" | "eu" | "celsius" | "people" if lang == Lang::Zh => format!("{figure}{label}"),
            "percent" | "celsius" => format!("{figure}{label}"),
            _ => format!("{figure} {label}"),
        }
    }
}

/// A figure in its dimension's base unit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Measure<'a> {
    pub dimension: &'a str,
    pub base: f64,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct File {
    unit: Vec<Unit>,
}

/// All units, found by id and by any word for them.
#[derive(Debug, Clone)]
pub struct Units {
    units: Vec<Unit>,
    by_word: HashMap<String, usize>,
}

impl Units {
    pub(super) fn new(file: File) -> anyhow::Result<Self> {
        super::unique("units", file.unit.iter().map(|u| u.id.as_str()))?;
        if let Some(bad) = file.unit.iter().find(|u| !(u.factor.is_finite() && u.factor > 0.0)) {
            bail!("unit `{}` has the factor {}, wanted a number above zero", bad.id, bad.factor);
        }
        let mut by_word = HashMap::new();
        for (index, unit) in file.unit.iter().enumerate() {
            for word in std::iter::once(&unit.id).chain(&unit.zh).chain(&unit.en) {
                by_word.entry(unit_key(word)).or_insert(index);
            }
        }
        Ok(Self { units: file.unit, by_word })
    }

    pub fn each(&self) -> impl Iterator<Item = &Unit> {
        self.units.iter()
    }

    /// The unit with this id, or that is written like this.
    pub fn find(&self, word: &str) -> Option<&Unit> {
        self.by_word.get(&unit_key(word)).and_then(|index| self.units.get(*index))
    }

    /// A figure with its unit in the base unit. Without a unit the figure stands for itself.
    pub fn measure<'a>(&'a self, value: f64, unit: Option<&str>) -> Option<Measure<'a>> {
        match unit {
            None => Some(Measure { dimension: "", base: value }),
            Some(word) => self.find(word).map(|unit| Measure { dimension: &unit.dimension, base: value * unit.factor }),
        }
    }
}

fn unit_key(word: &str) -> String {
    let folded = text::fold(word);
    let folded = folded.trim().trim_start_matches('-');
    if folded.chars().all(char::is_alphabetic) && folded.is_ascii() { text::stem(folded) } else { folded.to_owned() }
}
