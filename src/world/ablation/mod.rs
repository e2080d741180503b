//! Less evidence, never more money: takes evidence away from random worlds and holds what the report then says against
//! what it said before and against the truth. It runs `offramp` as a black box, so any version can be tried.
//!
//! A [`Scene`] is a world with all its evidence, a [`Cut`] takes one piece away, a [`Trial`] runs the report, and
//! [`judge`] names every [`Failure`].

mod bill;
mod cut;
mod inventory;
mod judge;
mod scene;
mod sites;
mod trial;

pub use cut::{Cut, cuts};
pub use judge::{Failure, Kept, judge, judge_whole, kept};
pub use scene::Scene;
pub use trial::{Outcome, Trial};
