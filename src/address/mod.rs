//! Who is behind an address: AWS's ranges, prefix lists, endpoint services.

pub mod book;
pub mod catalogue;
pub mod ranges;

pub use book::{AddressBook, Network};
pub use catalogue::Catalogue;
pub use ranges::AwsRanges;
