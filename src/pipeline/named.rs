//! Which public addresses are kept for themselves: those that the query logs name.
//!
//! Only a name can tell the addresses of one of AWS's ranges apart. What is never named keeps the label of its range whoever asks, so it
//! need not stand for itself in the rollup, which would else grow with the pairs of client and peer. Hence the query logs are read twice:
//! before the flow logs for their addresses, which is a set, and later for who was told what.

use std::collections::HashSet;
use std::net::IpAddr;

use datafusion::arrow::array::AsArray;
use futures::TryStreamExt;

use super::Session;
use crate::error::Result;

impl Session {
    /// Tells the address book what the query logs name, and what is asked for.
    pub(super) async fn keep_named(&self) -> Result<()> {
        if self.resolver.is_none() {
            return Ok(());
        }
        let book = &self.topology.book;
        let mut named = HashSet::<IpAddr>::new();
        let mut answers = self.ctx.table("resolver_log").await?.select_columns(&["address"])?.execute_stream().await?;
        while let Some(batch) = answers.try_next().await? {
            let texts = batch.column(0).as_string_view().iter().flatten();
            named.extend(texts.filter_map(|text| text.parse().ok()).filter(|address| book.is_nameable(*address)));
        }
        book.keep_named(named, self.asked);
        Ok(())
    }
}
