//! Values of options, checked where they are typed.

use bytesize::ByteSize;
use url::Url;

/// An AWS account id.
pub(super) fn account_id(text: &str) -> Result<String, String> {
    let digits = text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit());
    if digits { Ok(text.to_owned()) } else { Err("want the 12 digits of an AWS account id".into()) }
}

/// A Region's name, as open as AWS's own naming.
pub(super) fn region(text: &str) -> Result<String, String> {
    let legal = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let shaped = text.split('-').count() >= 3 && text.split('-').all(|part| !part.is_empty());
    if shaped && text.bytes().all(legal) { Ok(text.to_owned()) } else { Err("want a Region such as us-east-1".into()) }
}

/// A size in bytes that something fits into.
pub(super) fn memory_size(text: &str) -> Result<ByteSize, String> {
    match text.parse::<ByteSize>() {
        Ok(size) if size >= ByteSize::mib(16) => Ok(size),
        Ok(_) => Err("queries need at least 16MiB".into()),
        Err(_) => Err("want a size such as 512MiB or 2GiB".into()),
    }
}

/// Where an S3 server listens.
pub(super) fn endpoint_url(text: &str) -> Result<Url, String> {
    match text.parse::<Url>() {
        Ok(url) if matches!(url.scheme(), "http" | "https") && url.has_host() => Ok(url),
        _ => Err("want a URL such as http://localhost:9000".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_that_mean_something() {
        assert_eq!(account_id("012345678901").unwrap(), "012345678901");
        assert_eq!(region("us-gov-west-1").unwrap(), "us-gov-west-1");
        assert_eq!(memory_size("2GiB").unwrap().as_u64(), 2 << 30);
        assert_eq!(memory_size("500MB").unwrap().as_u64(), 500_000_000);
        assert_eq!(endpoint_url("http://localhost:9000").unwrap().port(), Some(9000));
    }

    #[test]
    fn values_that_do_not() {
        assert!(["", "12345678901", "1234567890123", "12345678901x"].iter().all(|text| account_id(text).is_err()));
        assert!(["", "us-east", "us--1", "US-EAST-1", "us-east-1a/"].iter().all(|text| region(text).is_err()));
        assert!(["", "0", "1MiB", "-1GiB", "lots"].iter().all(|text| memory_size(text).is_err()));
        assert!(["", "localhost:9000", "ftp://x", "http://"].iter().all(|text| endpoint_url(text).is_err()));
    }
}
