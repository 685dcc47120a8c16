//! What the assistant knows apart from the catalog: lexicon, categories, guides, scenes and phrases, read from data files.
//!
//! The files under `index/` are compiled in; a folder named by the setting `knowledge.dir` takes their place, so that a shop
//! can write its own guides without building anything.

mod prose;

use std::borrow::Cow;
use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use anyhow::{Context, bail};
use rust_embed::RustEmbed;
use serde::de::DeserializeOwned;

use crate::catalog::Lang;
use crate::guide::scene::{self, Scene};
use crate::guide::{Guide, Guides};
use crate::lexicon::{Lexicon, Trait};
use crate::need::CategoryMatch;
use crate::phrases::Phrases;
use crate::taxonomy::Taxonomy;
use crate::text;
pub use prose::Prose;

/// Largest data file that is read, in bytes.
const LARGEST_FILE: u64 = 8 << 20;

#[derive(RustEmbed)]
#[folder = "index/"]
#[include = "categories/*.toml"]
#[include = "guides/*.toml"]
#[include = "lexicon/**/*.toml"]
#[include = "phrases/*.toml"]
#[include = "scenes/**/*.toml"]
#[include = "suggestions/*.toml"]
#[include = "sample/*.toml"]
#[include = "shop.toml"]
struct Shipped;

/// Where data files come from.
#[derive(Debug, Clone)]
pub enum Files {
    /// Compiled into the program.
    Shipped,
    /// A folder laid out like the project's `index/`.
    Folder(PathBuf),
}

/// One data file: its name without folder and ending, its path for messages, and its text.
pub struct DataFile {
    pub stem: String,
    pub path: String,
    pub text: Cow<'static, str>,
}

impl Files {
    /// The TOML files of a folder and its subfolders, by path. A folder that does not exist has none.
    pub fn list(&self, folder: &str) -> anyhow::Result<Vec<DataFile>> {
        let mut files = match self {
            Self::Shipped => Shipped::iter()
                .filter(|path| path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/')))
                .filter_map(|path| Shipped::get(&path).map(|file| (path, file)))
                .map(|(path, file)| data_file(path.into_owned(), file.data.into_owned()))
                .collect::<anyhow::Result<Vec<_>>>()?,
            Self::Folder(root) => {
                let mut files = Vec::new();
                collect(&root.join(folder), 0, &mut files)?;
                files
            }
        };
        files.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(files)
    }

    /// One file, which must be there.
    pub fn one(&self, path: &str) -> anyhow::Result<DataFile> {
        match self {
            Self::Shipped => {
                let file = Shipped::get(path).with_context(|| format!("the program was built without `{path}`"))?;
                data_file(path.to_owned(), file.data.into_owned())
            }
            Self::Folder(root) => read(&root.join(path)),
        }
    }
}

fn collect(folder: &Path, depth: usize, files: &mut Vec<DataFile>) -> anyhow::Result<()> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error).with_context(|| format!("cannot list `{}`", folder.display())),
    };
    for entry in entries {
        let path = entry.with_context(|| format!("cannot list `{}`", folder.display()))?.path();
        if path.is_dir() && depth < 4 {
            collect(&path, depth + 1, files)?;
        } else if path.extension().is_some_and(|e| e == "toml") {
            files.push(read(&path)?);
        }
    }
    Ok(())
}

fn read(path: &Path) -> anyhow::Result<DataFile> {
    let size = std::fs::metadata(path).with_context(|| format!("cannot read `{}`", path.display()))?.len();
    if size > LARGEST_FILE {
        bail!("`{}` has {size} bytes, wanted at most {LARGEST_FILE}", path.display());
    }
    let bytes = std::fs::read(path).with_context(|| format!("cannot read `{}`", path.display()))?;
    data_file(path.display().to_string(), bytes)
}

fn data_file(path: String, bytes: Vec<u8>) -> anyhow::Result<DataFile> {
    let stem = Path::new(&path).file_stem().map(|s| s.to_string_lossy().into_owned()).unwrap_or_default();
    let text = String::from_utf8(bytes).with_context(|| format!("`{path}` is not UTF-8"))?;
    Ok(DataFile { stem, path, text: Cow::Owned(text) })
}

impl DataFile {
    /// Reads the file as TOML of a known shape.
    pub fn parse<T: DeserializeOwned>(&self) -> anyhow::Result<T> {
        toml::from_str(&self.text).with_context(|| format!("cannot understand `{}`", self.path))
    }
}

/// Everything that is known apart from the catalog.
pub struct Knowledge {
    pub lexicon: Lexicon,
    pub taxonomy: Taxonomy,
    pub guides: Guides,
    pub scenes: Vec<Scene>,
    pub phrases: Phrases,
    /// Made at the first use.
    prose: OnceLock<Prose>,
    spelled: OnceLock<HashSet<String>>,
}

impl Knowledge {
    /// Reads all data files. Errors name the file and what is wrong in it.
    pub fn load(files: &Files) -> anyhow::Result<Self> {
        let taxonomy = Taxonomy::load(files)?;
        let lexicon = Lexicon::load(files, &taxonomy)?;
        let guides = Guides::load(files, &taxonomy, &lexicon)?;
        let scenes = scene::load(files, &taxonomy, &lexicon)?;
        let phrases = Phrases::load(files)?;
        Ok(Self { lexicon, taxonomy, guides, scenes, phrases, prose: OnceLock::new(), spelled: OnceLock::new() })
    }
}

impl Knowledge {
    /// Whether a stem is one of the English words of guides, scenes and traits, and so no misspelling. They are gathered at the
    /// first doubt.
    pub fn spells(&self, stem: &str) -> bool {
        let spelled = self.spelled.get_or_init(|| {
            let advice = self.guides.each().flat_map(Guide::texts).chain(self.scenes.iter().flat_map(Scene::texts)).map(|text| text.en.as_str());
            let traits = self.lexicon.traits.iter().flat_map(|known| known.en.iter().map(String::as_str));
            let words = advice.chain(traits).flat_map(|text| text.split(|c: char| !c.is_ascii_alphabetic()));
            let plain: HashSet<String> = words.map(str::to_ascii_lowercase).collect();
            plain.iter().map(|word| text::stem(word)).collect()
        });
        spelled.contains(stem)
    }

    /// The words of our own prose.
    pub fn prose(&self) -> &Prose {
        self.prose.get_or_init(|| Prose::of(self))
    }

    /// What people call an attribute: as its category does, else as most feeds do.
    pub fn attribute_label(&self, category: Option<&str>, key: &str, lang: Lang) -> Option<&str> {
        self.taxonomy.attribute_label(category, key, lang).or_else(|| self.lexicon.attribute_names.label(key, lang))
    }

    /// The scene with this id.
    pub fn scene(&self, id: &str) -> Option<&Scene> {
        self.scenes.iter().find(|scene| scene.id == id)
    }

    /// Whether a trait means anything for these categories: one that a category brought along counts only where some guide
    /// of theirs speaks of it.
    pub fn concerns(&self, known: &Trait, categories: &[CategoryMatch]) -> bool {
        let mut guides = categories.iter().filter_map(|c| self.guides.of(c.id.as_deref()?)).peekable();
        known.home == "common" || categories.is_empty() || guides.any(|g| g.answers(&known.id))
    }
}

/// A text that a data file must give in both languages.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bilingual {
    pub zh: String,
    pub en: String,
}

impl Bilingual {
    pub fn get(&self, lang: Lang) -> &str {
        match lang {
            Lang::Zh => &self.zh,
            Lang::En => &self.en,
        }
    }
}

/// Words for one thing in both languages, as shoppers type them.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WordList {
    #[serde(default)]
    pub zh: Vec<String>,
    #[serde(default)]
    pub en: Vec<String>,
}

impl WordList {
    /// All words, Chinese first.
    pub fn each(&self) -> impl Iterator<Item = &str> {
        self.zh.iter().chain(&self.en).map(String::as_str)
    }
}
