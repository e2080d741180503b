//! What a file that is no flow log seems to be, where a glance tells.

use memchr::memmem;

/// Bytes looked at.
const GLANCE: usize = 16 * 1024;

/// First bytes of files that are not text.
const MAGICS: [(&[u8], &str); 8] = [
    (b"PK\x03\x04", "a zip archive"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ\0", "xz"),
    (b"\x04\x22\x4d\x18", "lz4"),
    (b"\xff\x06\0\0sNaPpY", "snappy"),
    (b"ORC", "an ORC file"),
    (b"Obj\x01", "an Avro file"),
    (b"%PDF", "a PDF"),
];

/// Texts that only one kind of JSON has.
const JSON_MARKS: [(&str, &str); 10] = [
    ("\"eventVersion\"", "AWS CloudTrail events"),
    ("\"NetworkSecurityGroupFlowEvent\"", "Azure network security group flow logs"),
    ("\"FlowLogFlowEvent\"", "Azure virtual network flow logs"),
    ("\"jsonPayload\"", "Google Cloud log entries"),
    ("\"class_uid\"", "OCSF events, as Security Lake keeps them"),
    ("\"query_timestamp\"", "Route 53 Resolver query logs (give them with --resolver)"),
    ("\"httpSourceId\"", "AWS WAF logs"),
    ("\"NetworkInterfaces\"", "an inventory (give its directory with --inventory)"),
    ("\"syncToken\"", "AWS's address ranges (give them with --ip-ranges)"),
    ("\"FlowLogs\"", "an inventory (give its directory with --inventory)"),
];

/// The kind of a file with these first bytes, if they tell.
pub fn binary(head: &[u8]) -> Option<&'static str> {
    MAGICS.iter().find(|(magic, _)| head.starts_with(magic)).map(|(_, name)| *name)
}

/// The kind of JSON.
pub fn json(text: &[u8]) -> &'static str {
    let text = &text[..text.len().min(GLANCE)];
    let found = JSON_MARKS.iter().find(|(mark, _)| memmem::find(text, mark.as_bytes()).is_some());
    found.map_or("JSON without log messages", |(_, name)| *name)
}

/// The kind of text that begins with this line, if it tells.
pub fn text(line: &str) -> Option<&'static str> {
    let mut words = line.split_ascii_whitespace();
    let first = words.next()?;
    if first.starts_with('<') {
        return Some("XML or HTML");
    }
    if matches!(first, "http" | "https" | "h2" | "grpcs" | "ws" | "wss" | "tls") && words.next()?.contains('T') {
        return Some("load balancer access logs");
    }
    // Prose has spaces behind its commas.
    let is_table = line.split(',').count() > 2 && !line.contains(", ");
    is_table.then_some("comma-separated values")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_told_by_their_marks() {
        assert_eq!(json(br#"{"Records":[{"eventVersion":"1.08"}]}"#), "AWS CloudTrail events");
        assert_eq!(json(b"{}"), "JSON without log messages");
        assert_eq!(binary(b"PK\x03\x04\x14"), Some("a zip archive"));
        assert_eq!(binary(b"version"), None);
        assert_eq!(text("version,account_id,srcaddr"), Some("comma-separated values"));
        assert_eq!(text("<?xml version=\"1.0\"?>"), Some("XML or HTML"));
        assert_eq!(text("https 2018-07-02T22:23:00.186641Z app/my-loadbalancer"), Some("load balancer access logs"));
        assert_eq!(
            text("Dear all, the logs are elsewhere, see the wiki page that I have written about them last week"),
            None
        );
        assert_eq!(text(""), None);
    }
}
