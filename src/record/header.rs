//! How a text flow log says what its columns are: header line, `--log-format`, or AWS's default format.

use jiff::Timestamp;

use super::{
    excerpt::excerpt,
    fields::Field,
    foreign,
    layout::{Layout, Refusal},
};

/// What the first line that is not blank turned out to be.
#[derive(Debug, PartialEq, Eq)]
pub enum FirstLine {
    /// A header: rows follow.
    Header(Layout),
    /// Already a row, of this layout.
    Row(Layout),
}

/// The layout that a header line states; `None` if the line is no header. Names may be written with `-` or `_`.
pub fn parse(line: &str) -> Option<Result<Layout, Refusal>> {
    let names = || line.split(' ').filter(|name| !name.is_empty());
    if !names().all(is_name) || !names().any(is_known) {
        return None;
    }
    Some(Layout::new(names()))
}

/// The layout of an AWS log format, `${version} ${account-id} ...`; the dollar and braces may be left out.
pub fn parse_log_format(format: &str) -> Result<Layout, Refusal> {
    let name = |word: &'_ str| word.trim_start_matches("${").trim_end_matches('}').to_owned();
    let names: Vec<String> = format.split_whitespace().map(name).collect();
    if names.is_empty() || !names.iter().all(|name| is_name(name)) {
        return Err(Refusal::Unrecognised(excerpt(format.as_bytes(), 80)));
    }
    Layout::new(names.iter().map(String::as_str))
}

/// Reads the first line that is not blank. `assumed` is the layout of files without header, if the user gave one.
pub fn first_line(line: &str, assumed: Option<&Layout>) -> Result<FirstLine, Refusal> {
    if let Some(header) = parse(line) {
        return header.map(FirstLine::Header);
    }
    if line.chars().any(|c| c.is_control() && c != '\t') {
        return Err(foreign::binary(line.as_bytes()).map_or(Refusal::Binary, Refusal::Foreign));
    }
    if is_transit_gateway_row(line) {
        return Ok(FirstLine::Row(Layout::transit_gateway_default()));
    }
    if let Some(layout) = row_of(line, assumed) {
        return Ok(FirstLine::Row(layout));
    }
    // An export of CloudWatch Logs has the time of each record before it.
    if let Some((stamp, rest)) = line.trim_start().split_once(' ')
        && stamp.parse::<Timestamp>().is_ok()
        && let Some(layout) = row_of(rest, assumed)
    {
        return Ok(FirstLine::Row(layout.stamped()));
    }
    if let Some(layout) = assumed {
        return Ok(FirstLine::Row(layout.clone()));
    }
    Err(foreign::text(line).map_or_else(|| Refusal::Unrecognised(excerpt(line.as_bytes(), 80)), Refusal::Foreign))
}

/// The layout without header that a line has the columns of.
fn row_of(line: &str, assumed: Option<&Layout>) -> Option<Layout> {
    let words = || line.split(' ').filter(|word| !word.is_empty());
    let fits = |layout: &Layout| words().count() == layout.width();
    match assumed {
        Some(layout) => Some(layout).filter(|layout| fits(layout)).cloned(),
        None => Some(Layout::default_format()).filter(|layout| words().next() == Some("2") && fits(layout)),
    }
}

/// A row of the default format of transit gateway flow logs, which no VPC flow log's row can be: such logs lie beside those that
/// a `--log-format` is given for.
fn is_transit_gateway_row(line: &str) -> bool {
    let mut words = line.split(' ').filter(|word| !word.is_empty());
    let kind = words.nth(1);
    let id = words.nth(1);
    matches!(kind, Some("TransitGateway" | "TransitGatewayAttachment"))
        && id.is_some_and(|id| id.starts_with("tgw-"))
        && words.count() + 4 == Layout::transit_gateway_default().width()
}

fn is_name(word: &str) -> bool {
    let mut bytes = word.bytes();
    bytes.next().is_some_and(|first| first.is_ascii_lowercase())
        && bytes.all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_'))
}

fn is_known(name: &str) -> bool {
    Field::position(name).is_some() || name.starts_with("tgw-") || name.starts_with("tgw_")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::layout::RecordKind;

    const ROW: &str = "2 123456789010 eni-1 10.0.0.5 10.0.0.6 49761 3389 6 20 4249 1418530010 1418530070 REJECT OK";

    #[test]
    fn a_header_is_known_by_its_names_in_any_order_and_spelling() {
        let header = parse("start bytes pkt_dstaddr pkt-srcaddr brand-new-field").unwrap().unwrap();
        assert_eq!(header.names(), ["start", "bytes", "pkt-dstaddr", "pkt-srcaddr", "brand-new-field"]);
        assert_eq!(parse(ROW), None);
        assert_eq!(parse("hello world"), None);
        assert_eq!(parse(""), None);
    }

    #[test]
    fn a_row_of_the_default_format_needs_no_header() {
        assert_eq!(first_line(ROW, None), Ok(FirstLine::Row(Layout::default_format())));
        assert!(matches!(first_line(&ROW.replacen('2', "3", 1), None), Err(Refusal::Unrecognised(_))));
        assert!(matches!(first_line(&format!("{ROW} extra"), None), Err(Refusal::Unrecognised(_))));
    }

    #[test]
    fn a_log_format_speaks_where_no_header_does() {
        let format = parse_log_format("${srcaddr} ${dstaddr}  ${start} bytes").unwrap();
        assert_eq!(format.names(), ["srcaddr", "dstaddr", "start", "bytes"]);
        assert_eq!(first_line("10.0.0.1 10.0.0.2 1 2", Some(&format)), Ok(FirstLine::Row(format.clone())));
        let header = "start bytes srcaddr dstaddr";
        assert!(matches!(first_line(header, Some(&format)), Ok(FirstLine::Header(_))));
        assert!(parse_log_format("${start} 17").is_err());
        assert!(parse_log_format(" ").is_err());
    }

    #[test]
    fn transit_gateway_logs_are_known_by_header_or_default_format() {
        let header = first_line("version resource-type account-id tgw-id srcaddr dstaddr bytes start", None);
        let Ok(FirstLine::Header(layout)) = header else { panic!("{header:?}") };
        assert_eq!(layout.kind(), RecordKind::TransitGateway);
        let row = "6 TransitGateway 123456789010 tgw-1 tgw-attach-1 111122223333 444455556666 vpc-1 vpc-2 subnet-1 subnet-2 eni-1 \
                   eni-2 use1-az1 use1-az2 tgw-attach-2 10.40.255.164 10.40.2.31 443 58006 6 12 3000 1418530010 1418530070 OK IPv4 \
                   0 0 0 0 18 us-east-1 ingress - -";
        let other = parse_log_format("${srcaddr} ${dstaddr} ${start} ${bytes}").unwrap();
        for assumed in [None, Some(&other)] {
            assert_eq!(first_line(row, assumed), Ok(FirstLine::Row(Layout::transit_gateway_default())));
        }
        let short = row.rsplit_once(' ').unwrap().0;
        assert!(matches!(first_line(short, None), Err(Refusal::Unrecognised(_))));
    }

    #[test]
    fn other_kinds_of_files_are_told_apart() {
        assert_eq!(first_line("%PDF-1.7\u{1}", None), Err(Refusal::Foreign("a PDF")));
        assert_eq!(first_line("\u{0}\u{1}\u{2}", None), Err(Refusal::Binary));
        assert_eq!(first_line("version,account,interface", None), Err(Refusal::Foreign("comma-separated values")));
        let prose = first_line("Dear reader", None).unwrap_err().to_string();
        assert!(prose.contains("--log-format") && prose.ends_with("\"Dear reader\""), "{prose}");
    }

    #[test]
    fn a_time_stamp_before_a_row_is_a_column_of_its_own() {
        let stamped = Layout::default_format().stamped();
        let line = format!("2015-12-14T03:33:30.000Z {ROW}");
        assert_eq!(first_line(&line, None), Ok(FirstLine::Row(stamped.clone())));
        assert_eq!((stamped.width(), stamped.names()[0].as_str()), (15, "@timestamp"));
        let format = parse_log_format("srcaddr dstaddr start bytes").unwrap();
        let first = first_line("2015-12-14T03:33:30Z 10.0.0.1 10.0.0.2 1 2", Some(&format));
        assert_eq!(first, Ok(FirstLine::Row(format.clone().stamped())));
        assert_eq!(first_line("10.0.0.1 10.0.0.2 1", Some(&format)), Ok(FirstLine::Row(format)));
        assert!(first_line(&format!("yesterday {ROW}"), None).is_err());
    }
}
