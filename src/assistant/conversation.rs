//! Conversations that are kept elsewhere, or told anew with each request.

use std::sync::Arc;

use super::Assistant;
use crate::model::Model;
use crate::need::Intent;
use crate::question::Question;
use crate::session::Sessions;
use crate::shop::Shop;

impl Assistant {
    /// An assistant whose conversations somebody else looks after, too.
    pub fn with_sessions(shop: Arc<Shop>, model: Option<Arc<Model>>, sessions: Arc<Sessions>) -> Self {
        Self { shop, model, sessions }
    }

    pub fn sessions(&self) -> &Arc<Sessions> {
        &self.sessions
    }

    /// Takes in an earlier turn of a conversation that is told anew: what it asked for is remembered, nothing is answered.
    ///
    /// # Errors
    /// When the catalog or the index cannot be read.
    pub async fn recall(&self, question: &Question, session: &str) -> anyhow::Result<()> {
        let need = self.understand(question, session).await?;
        let about_products = !matches!(need.intent, Intent::Scope(_)) && need.goods.is_empty() && !need.is_blank();
        if about_products {
            self.sessions.record(session, need);
        }
        Ok(())
    }
}
