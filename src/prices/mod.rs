//! The price book: AWS list prices by Region, dated, with overrides. A missing price is `None`, never a default.

mod book;
mod charge;
mod hint;
mod list;
mod overrides;
mod regions;
mod table;
mod tiers;

pub use book::PriceBook;
pub use charge::Charge;
pub use regions::REGIONS;
pub use tiers::Tier;
