//! What is sent before any prose.

use tokio::sync::mpsc::Sender;

use super::Assistant;
use crate::answer::grounding::{announce, present};
use crate::answer::{Event, Understood};
use crate::need::{Intent, Need};
use crate::shop::Found;
use crate::suggest;

impl Assistant {
    /// Sends what was understood, unless it takes the products to know it.
    pub(super) async fn announce(&self, id: &str, session: &str, need: &Need, out: &Sender<Event>) -> Option<Need> {
        if matches!(need.intent, Intent::Shown(_)) {
            return None;
        }
        let categories = suggest::category_labels(&self.shop.vocabulary(), need);
        announce(Understood { id: id.to_owned(), session: session.to_owned(), need: need.clone(), categories }, out).await;
        Some(need.clone())
    }

    pub(super) async fn present(&self, id: &str, session: &str, found: &Found, announced: Option<&Need>, out: &Sender<Event>) {
        present(&found.case, suggest::frame(&self.shop, id, session, found), self.shop.knowledge(), announced, out).await;
    }
}
