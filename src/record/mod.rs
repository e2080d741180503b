//! The flow log record: its fields, its header line, its tokens, the S3 keys it lies under. No Arrow here.

pub mod excerpt;
pub mod fields;
pub mod file_name;
pub mod foreign;
pub mod header;
pub mod headerless;
pub mod key;
pub mod kind;
pub mod layout;
pub mod query_log_name;
pub(crate) mod spaces;
pub mod tokenise;
