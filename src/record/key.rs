//! What an object's key says about its rows.

use jiff::civil::Date;

/// Facts that the key or file name of a log object carries; each is absent where the name does not follow AWS's layout.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KeyFacts {
    /// Owner of the flow log's resource.
    pub account_id: Option<String>,
    /// AWS Region.
    pub region: Option<String>,
    /// `fl-...`, from the file name.
    pub flow_log_id: Option<String>,
    /// UTC day of the folder, which is when AWS wrote the object, not when the flows happened.
    pub day: Option<Date>,
    /// UTC hour of the folder (per-hour layouts only).
    pub hour: Option<u8>,
    /// Time in the file name, Unix seconds.
    pub published: Option<i64>,
}
