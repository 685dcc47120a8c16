//! Scenes: questions of life with an answer of their own. A scene has steps of advice, and may have slots that name what its
//! kit needs from the shelf.

use anyhow::{Context, bail};
use serde::Deserialize;

use super::{Preference, When, preference};
use crate::knowledge::{Bilingual, Files, WordList};
use crate::lexicon::Lexicon;
use crate::need::{Comparison, Persona};
use crate::taxonomy::{Category, Taxonomy};

/// A question of life and what to do about it.
#[derive(Debug, Clone)]
pub struct Scene {
    pub id: String,
    /// Who answers it.
    pub persona: Persona,
    /// What it is about, for people: "a hotpot at home".
    pub name: Bilingual,
    /// Phrases that ask it outright.
    pub asks: WordList,
    /// Phrases of its subject, which ask it together with a task word of its persona.
    pub about: WordList,
    /// Categories whose goods it concerns, by id: where to go on.
    pub related: Vec<String>,
    /// The people its kit is for when nobody says.
    pub serves: u32,
    /// The slots are ideas to choose one of, not parts of one kit.
    pub ideas: bool,
    /// What to know first.
    pub summary: Bilingual,
    pub steps: Vec<Step>,
    pub slots: Vec<Slot>,
}

/// One step, or one side of the matter.
#[derive(Debug, Clone)]
pub struct Step {
    pub id: String,
    pub name: Bilingual,
    /// The first is for everybody.
    pub pieces: Vec<StepPiece>,
}

/// What a step says, to everybody or to some.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StepPiece {
    pub id: String,
    #[serde(default)]
    pub when: When,
    /// It is said instead of what is for everybody, not after it.
    #[serde(default)]
    pub instead: bool,
    pub advice: Bilingual,
}

/// Something that the kit needs from the shelf.
#[derive(Debug, Clone)]
pub struct Slot {
    pub id: String,
    /// The step it belongs to.
    pub step: String,
    pub category: String,
    pub name: Bilingual,
    /// What it is there for.
    pub why: Bilingual,
    /// What a product must have: one of the values of each attribute, and every comparison.
    pub want: Vec<Want>,
    /// What ranks the products.
    pub prefer: Vec<Preference>,
    pub avoid: Vec<Preference>,
    pub quantity: Quantity,
    /// The kit also works without it.
    pub optional: bool,
    /// It is there only for these traits, or only without these.
    pub when: When,
    pub unless: When,
}

impl Scene {
    /// Everything it says, to everybody and to some.
    pub fn texts(&self) -> impl Iterator<Item = &Bilingual> {
        self.steps.iter().flat_map(|step| &step.pieces).map(|piece| &piece.advice).chain([&self.summary])
    }

    /// Whether it matters how many people there are.
    pub fn is_for_people(&self) -> bool {
        let counted = |slot: &Slot| !matches!(slot.quantity, Quantity::Pieces(_)) || slot.want.iter().any(|want| matches!(want, Want::People { .. }));
        self.slots.iter().any(counted)
    }
}

impl Slot {
    /// What its products have, or, where it asks for nothing, ought to have.
    pub fn held(&self) -> Vec<&Preference> {
        let fixed: Vec<&Preference> = self.want.iter().filter_map(|want| if let Want::Fixed(preference) = want { Some(preference) } else { None }).collect();
        if fixed.is_empty() { self.prefer.iter().collect() } else { fixed }
    }

    /// Whether the kit has this slot for somebody of whom this is true.
    pub fn is_for(&self, has: impl Fn(&str) -> bool) -> bool {
        (self.when.is_empty() || self.when.holding(&has).next().is_some()) && self.unless.holding(&has).next().is_none()
    }
}

/// What a product must have.
#[derive(Debug, Clone, PartialEq)]
pub enum Want {
    Fixed(Preference),
    /// A comparison with the number of people: a tent for all of them.
    People {
        attribute: String,
        comparison: Comparison,
    },
}

/// How many pieces of a product the kit takes.
#[derive(Debug, Clone, PartialEq)]
pub enum Quantity {
    Pieces(u32),
    /// So many pieces for each person; shared pieces are parts of one.
    PerPerson(f64),
    /// So much of a measured attribute for each person, in the attribute's unit; `base` is in the base unit.
    Amount {
        attribute: String,
        dimension: String,
        base: f64,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SceneFile {
    id: String,
    persona: Persona,
    name: Bilingual,
    #[serde(default)]
    asks: WordList,
    #[serde(default)]
    about: WordList,
    #[serde(default)]
    related: Vec<String>,
    #[serde(default = "one")]
    serves: u32,
    #[serde(default)]
    ideas: bool,
    summary: Bilingual,
    #[serde(default, rename = "step")]
    steps: Vec<StepFile>,
    #[serde(default, rename = "slot")]
    slots: Vec<SlotFile>,
}

fn one() -> u32 {
    1
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StepFile {
    id: String,
    name: Bilingual,
    advice: Bilingual,
    #[serde(default, rename = "piece")]
    pieces: Vec<StepPiece>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SlotFile {
    id: String,
    step: String,
    category: String,
    name: Bilingual,
    why: Bilingual,
    #[serde(default)]
    want: Vec<String>,
    #[serde(default)]
    prefer: Vec<String>,
    #[serde(default)]
    avoid: Vec<String>,
    count: Option<u32>,
    per_person: Option<f64>,
    /// The attribute that `per_person` is so much of; without it, pieces.
    of: Option<String>,
    #[serde(default)]
    optional: bool,
    #[serde(default)]
    when: When,
    #[serde(default)]
    unless: When,
}

/// Reads all scenes. Errors name the file and what is wrong in it.
pub(crate) fn load(files: &Files, taxonomy: &Taxonomy, lexicon: &Lexicon) -> anyhow::Result<Vec<Scene>> {
    let mut scenes: Vec<Scene> = Vec::new();
    for file in files.list("scenes")? {
        let scene = read_scene(file.parse()?, taxonomy, lexicon).with_context(|| format!("cannot use `{}`", file.path))?;
        if scene.id != file.stem {
            bail!("`{}` holds the scene `{}`, wanted `{}`", file.path, scene.id, file.stem);
        }
        if scenes.iter().any(|known| known.id == scene.id) {
            bail!("`{}`: two scenes are called `{}`", file.path, scene.id);
        }
        scenes.push(scene);
    }
    Ok(scenes)
}

fn read_scene(raw: SceneFile, taxonomy: &Taxonomy, lexicon: &Lexicon) -> anyhow::Result<Scene> {
    if raw.asks.each().chain(raw.about.each()).next().is_none() {
        bail!("no phrase asks for it, wanted `asks` or `about`");
    }
    let known_traits = |when: &When, place: &str| match when.traits().find(|id| lexicon.trait_by_id(id).is_none()) {
        Some(unknown) => bail!("{place} asks for the trait `{unknown}`, which is not in lexicon/traits/"),
        None => Ok(()),
    };
    let mut steps: Vec<Step> = Vec::new();
    for step in raw.steps {
        if steps.iter().any(|known| known.id == step.id) {
            bail!("two steps are called `{}`", step.id);
        }
        for piece in &step.pieces {
            if piece.when.is_empty() {
                bail!("`{}.{}` is for everybody, as the step itself is; wanted `when`", step.id, piece.id);
            }
            known_traits(&piece.when, &format!("`{}.{}`", step.id, piece.id))?;
        }
        let everybody = StepPiece { id: "general".to_owned(), when: When::default(), instead: false, advice: step.advice };
        steps.push(Step { id: step.id, name: step.name, pieces: std::iter::once(everybody).chain(step.pieces).collect() });
    }
    let mut slots: Vec<Slot> = Vec::new();
    for slot in raw.slots {
        let place = format!("the slot `{}`", slot.id);
        if slots.iter().any(|known| known.id == slot.id) {
            bail!("two slots are called `{}`", slot.id);
        }
        if !steps.iter().any(|step| step.id == slot.step) {
            bail!("{place} belongs to the step `{}`, which is not there", slot.step);
        }
        known_traits(&slot.when, &place)?;
        known_traits(&slot.unless, &place)?;
        let category = taxonomy.by_id(&slot.category).with_context(|| format!("{place} is of `{}`, which is not in categories/", slot.category))?;
        slots.push(read_slot(slot, category, lexicon).context(place)?);
    }
    if let Some(unknown) = raw.related.iter().find(|id| taxonomy.by_id(id).is_none()) {
        bail!("it is related to `{unknown}`, which is not in categories/");
    }
    let mut related = raw.related;
    for slot in &slots {
        if !related.contains(&slot.category) {
            related.push(slot.category.clone());
        }
    }
    if raw.serves == 0 {
        bail!("it serves nobody, wanted 1 or more people");
    }
    Ok(Scene {
        id: raw.id,
        persona: raw.persona,
        name: raw.name,
        asks: raw.asks,
        about: raw.about,
        related,
        serves: raw.serves,
        ideas: raw.ideas,
        summary: raw.summary,
        steps,
        slots,
    })
}

fn read_slot(raw: SlotFile, category: &Category, lexicon: &Lexicon) -> anyhow::Result<Slot> {
    let first = category.attributes.first().map_or("", |a| a.id.as_str());
    let read = |list: &[String]| list.iter().map(|item| preference(item, first, category, &lexicon.units)).collect::<anyhow::Result<Vec<_>>>();
    let mut want = Vec::new();
    for item in &raw.want {
        want.push(match people(item) {
            Some((attribute, comparison)) => {
                category.attribute(attribute).with_context(|| format!("`{item}` names the attribute `{attribute}`, which the category does not have"))?;
                Want::People { attribute: attribute.to_owned(), comparison }
            }
            None => Want::Fixed(preference(item, first, category, &lexicon.units)?),
        });
    }
    let positive = |figure: f64| figure.is_finite() && figure > 0.0;
    let quantity = match (raw.count, raw.per_person, raw.of) {
        (None, None, None) => Quantity::Pieces(1),
        (Some(count), None, None) if count > 0 => Quantity::Pieces(count),
        (None, Some(pieces), None) if positive(pieces) => Quantity::PerPerson(pieces),
        (None, Some(amount), Some(attribute)) if positive(amount) => {
            let unit = category.attribute(&attribute).and_then(|a| a.unit.as_deref()).and_then(|u| lexicon.units.find(u));
            let unit = unit.with_context(|| format!("`{attribute}` is no measured attribute of the category"))?;
            Quantity::Amount { attribute, dimension: unit.dimension.clone(), base: amount * unit.factor }
        }
        _ => bail!("its quantity is not clear, wanted `count`, or `per_person` with or without `of`, above zero"),
    };
    Ok(Slot {
        prefer: read(&raw.prefer)?,
        avoid: read(&raw.avoid)?,
        id: raw.id,
        step: raw.step,
        category: raw.category,
        name: raw.name,
        why: raw.why,
        want,
        quantity,
        optional: raw.optional,
        when: raw.when,
        unless: raw.unless,
    })
}

/// Reads "capacity>=people".
fn people(item: &str) -> Option<(&str, Comparison)> {
    let rest = item.trim().strip_suffix("people")?.trim_end();
    let attribute = rest.trim_end_matches(['<', '>', '=']);
    Some((attribute.trim(), Comparison::parse(&rest[attribute.len()..])?))
}
