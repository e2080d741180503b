//! The objects of a scan.

use datafusion::execution::object_store::ObjectStoreUrl;
use object_store::ObjectMeta;

use crate::record::key::KeyFacts;

/// One object to read.
#[derive(Debug, Clone)]
pub struct LogObject {
    /// The store it lies in, as registered with the session.
    pub store: ObjectStoreUrl,
    /// Location, size and time as listed.
    pub meta: ObjectMeta,
    /// `s3://bucket/key`, or the path as found: how the object is named to people and in `source_file`.
    pub display: String,
    /// What the key says.
    pub key: KeyFacts,
}
