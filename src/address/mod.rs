//! Who is behind an address: AWS's ranges, prefix lists, endpoint services.

mod alike;
pub mod book;
pub mod catalogue;
mod host;
pub mod ranges;
mod standing;

pub use book::{AddressBook, Network};
pub use catalogue::Catalogue;
pub use host::HostMatch;
pub use ranges::AwsRanges;
