//! Scenes: life questions with an answer of their own.

use anyhow::bail;
use serde::Deserialize;

use crate::knowledge::{Bilingual, Files};
use crate::need::Persona;
use crate::taxonomy::Taxonomy;

/// A life question and what to do about it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scene {
    pub id: String,
    /// Who answers it.
    pub persona: Persona,
    /// The category whose goods it concerns, by id: where to go on.
    pub about: String,
    pub zh: Vec<String>,
    pub en: Vec<String>,
    pub advice: Bilingual,
}

#[derive(Deserialize)]
struct File {
    scene: Vec<Scene>,
}

/// Reads all scenes.
pub(crate) fn load(files: &Files, taxonomy: &Taxonomy) -> anyhow::Result<Vec<Scene>> {
    let mut scenes: Vec<Scene> = Vec::new();
    for file in files.list("scenes")? {
        for scene in file.parse::<File>()?.scene {
            if scenes.iter().any(|known| known.id == scene.id) {
                bail!("`{}`: two scenes are called `{}`", file.path, scene.id);
            }
            if taxonomy.by_id(&scene.about).is_none() {
                bail!("`{}`: the scene `{}` is about `{}`, which is not in categories/", file.path, scene.id, scene.about);
            }
            scenes.push(scene);
        }
    }
    Ok(scenes)
}
