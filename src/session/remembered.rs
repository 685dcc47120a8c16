//! What a conversation knows of its earlier turns; it must be able to outlive the process.

use serde::{Deserialize, Serialize};

use crate::answer::Answer;
use crate::catalog::ProductId;
use crate::compose::Outcome;
use crate::need::{Intent, Need};

/// Lists of shown products that are remembered; the first ones go.
const MOST_LISTS: usize = 100;

/// What a conversation knows of its earlier turns. Fields that are added need a default, so that what an older version wrote
/// can still be read.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Remembered {
    /// The last need that was about products: small talk and goods that are not carried do not make it forgotten.
    pub need: Option<Need>,
    /// What each turn showed, in order; "the second one" is that of the last list.
    pub lists: Vec<Vec<ProductId>>,
    /// What was spoken of since that list: "it", "both".
    pub spoken: Vec<ProductId>,
    /// Facets that were asked about.
    pub asked: Vec<String>,
}

impl Remembered {
    /// Takes in what an answer means for the turns after it.
    pub fn take_in(&mut self, answer: &Answer) {
        if let Intent::Shown(about) = &answer.need.intent {
            // Being spoken of changes neither what is wanted nor what "the second one" is.
            self.spoken.clone_from(&about.products);
            return;
        }
        if matches!(answer.outcome, Outcome::Products | Outcome::NoMatch) {
            self.need = Some(answer.need.clone());
        }
        self.asked.extend(answer.question.as_ref().map(|question| question.facet.clone()));
        let shown = answer.products.iter().chain(answer.nearest.iter().flat_map(|n| &n.products));
        let mut list: Vec<ProductId> = Vec::new();
        for card in shown {
            if !list.contains(&card.id) {
                list.push(card.id.clone());
            }
        }
        if !list.is_empty() {
            self.spoken.clear();
            self.lists.push(list);
            let surplus = self.lists.len().saturating_sub(MOST_LISTS);
            self.lists.drain(..surplus);
        }
    }

    /// Everything that was shown, in order.
    pub fn shown(&self) -> impl DoubleEndedIterator<Item = &ProductId> {
        self.lists.iter().flatten()
    }
}
