//! The SQL table `prices`.

use std::sync::Arc;

use datafusion::datasource::MemTable;
use datafusion::execution::context::SessionContext;

use super::book::PriceBook;
use crate::Result;
use crate::columns::Columns;

impl PriceBook {
    /// Makes the table `prices(region, charge, tier_from_gib, tier_to_gib, usd)`, discounts taken off. Prices by the hour have
    /// one tier from 0 without end.
    pub fn register(&self, ctx: &SessionContext) -> Result<()> {
        let rows: Vec<_> = self.iter().collect();
        let batch = Columns::of(&rows)
            .text("region", |row| Some(row.0))
            .text("charge", |row| Some(row.1.as_str()))
            .float("tier_from_gib", |row| Some(row.2.from_gib))
            .float("tier_to_gib", |row| row.2.to_gib)
            .float("usd", |row| Some(row.2.usd))
            .finish()?;
        let table = MemTable::try_new(batch.schema(), vec![vec![batch]])?;
        ctx.register_table("prices", Arc::new(table))?;
        Ok(())
    }
}
