//! Prompts: files with declared variables, a system part and a user part. A variable that is missing, or not declared, is an
//! error, so that no model is ever sent a hole.

use anyhow::{Context, bail};
use minijinja::{AutoEscape, Environment, UndefinedBehavior};

/// A prompt as its file has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prompt {
    variables: Vec<String>,
    system: String,
    user: String,
}

impl Prompt {
    /// Reads a prompt: a line `variables: a, b`, the system part, a line `---`, and the user part.
    ///
    /// # Errors
    /// When a part is missing.
    pub fn parse(text: &str) -> anyhow::Result<Self> {
        let (first, rest) = text.split_once('\n').context("the prompt has one line only")?;
        let names = first.strip_prefix("variables:").context("the prompt does not begin with `variables:`")?;
        let (system, user) = rest.split_once("\n---\n").context("the prompt has no line `---` between its two parts")?;
        let variables = names.split(',').map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).collect();
        Ok(Self { variables, system: system.trim().to_owned(), user: user.trim().to_owned() })
    }

    /// What the prompt itself says, without what is filled in.
    pub fn instructions(&self) -> String {
        format!("{}\n{}", self.system, self.user)
    }

    /// Both parts with their variables filled in.
    ///
    /// # Errors
    /// Names every variable that is missing or not declared.
    pub fn render(&self, values: &[(&str, &str)]) -> anyhow::Result<(String, String)> {
        let missing: Vec<&str> = self.variables.iter().map(String::as_str).filter(|name| !values.iter().any(|(given, _)| given == name)).collect();
        let unknown: Vec<&str> = values.iter().map(|(given, _)| *given).filter(|given| !self.variables.iter().any(|name| name == given)).collect();
        if !missing.is_empty() || !unknown.is_empty() {
            bail!("the prompt's variables do not fit: missing {missing:?}, not declared {unknown:?}");
        }
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_auto_escape_callback(|_| AutoEscape::None);
        let context = minijinja::Value::from_pairs(values.iter().map(|(name, value)| (*name, *value)));
        let part = |text: &str| environment.render_str(text, context.clone()).context("the prompt cannot be rendered");
        Ok((part(&self.system)?, part(&self.user)?))
    }
}
