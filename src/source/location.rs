//! Where a SOURCE argument points.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use crate::error::{Error, Result};

/// A SOURCE argument. Whether it exists shows when it is listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Location {
    /// `s3://bucket/prefix`: one object, or everything below a folder.
    S3 {
        /// Bucket name, or access point alias.
        bucket: String,
        /// As given, without the slash after the bucket; empty for the whole bucket.
        prefix: String,
    },
    /// A directory, read with everything below it.
    Directory(PathBuf),
    /// One file.
    File(PathBuf),
}

impl FromStr for Location {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        if text.is_empty() {
            return Err(Error::Usage("a SOURCE is empty: give s3://bucket/prefix, a directory or a file".to_owned()));
        }
        let (scheme, rest) = match text.split_once("://") {
            Some((scheme, rest)) => (scheme, rest),
            None => ("", text),
        };
        match scheme.to_ascii_lowercase().as_str() {
            "s3" => Self::s3(text, rest),
            "" => Ok(Self::local(PathBuf::from(rest))),
            "file" => match url::Url::parse(text).ok().and_then(|url| url.to_file_path().ok()) {
                Some(path) => Ok(Self::local(path)),
                None => Err(Error::Usage(format!("{text}: a file URL needs an absolute path, as in file:///var/logs"))),
            },
            _ => Err(Error::Usage(format!(
                "{text}: cannot read from {scheme}://; give s3://bucket/prefix, a directory or a file"
            ))),
        }
    }
}

impl Location {
    fn s3(text: &str, rest: &str) -> Result<Self> {
        let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        if bucket.is_empty() {
            return Err(Error::Usage(format!("{text}: the bucket is missing; give s3://bucket/prefix")));
        }
        // The widest set any bucket ever had; S3 itself says which of them exists.
        let legal = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
        if !bucket.bytes().all(legal) {
            return Err(Error::Usage(format!(
                "{text}: {bucket:?} is no bucket name; give a bucket or the alias of an access point"
            )));
        }
        Ok(Self::S3 { bucket: bucket.to_owned(), prefix: prefix.to_owned() })
    }

    fn local(path: PathBuf) -> Self {
        if path.is_dir() { Self::Directory(path) } else { Self::File(path) }
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::S3 { bucket, prefix } => write!(f, "s3://{bucket}/{prefix}"),
            Self::Directory(path) | Self::File(path) => path.display().fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn s3(bucket: &str, prefix: &str) -> Location {
        Location::S3 { bucket: bucket.to_owned(), prefix: prefix.to_owned() }
    }

    #[test]
    fn sources_as_people_write_them() {
        assert_eq!("s3://logs".parse::<Location>().unwrap(), s3("logs", ""));
        assert_eq!("s3://logs/".parse::<Location>().unwrap(), s3("logs", ""));
        assert_eq!("S3://my.logs/a b/AWSLogs/".parse::<Location>().unwrap(), s3("my.logs", "a b/AWSLogs/"));
        let here = std::env::current_dir().unwrap();
        assert_eq!("src".parse::<Location>().unwrap(), Location::Directory("src".into()));
        assert_eq!("Cargo.toml".parse::<Location>().unwrap(), Location::File("Cargo.toml".into()));
        assert_eq!("absent".parse::<Location>().unwrap(), Location::File("absent".into()));
        let url = format!("file://{}/src", here.display());
        assert_eq!(url.parse::<Location>().unwrap(), Location::Directory(here.join("src")));
    }

    #[test]
    fn wrong_sources_say_what_to_type() {
        for (text, part) in [
            ("", "a SOURCE is empty"),
            ("s3://", "the bucket is missing"),
            ("s3:///key", "the bucket is missing"),
            ("s3://arn:aws:s3:eu-west-1:123456789012:accesspoint/logs", "alias of an access point"),
            ("gs://logs/x", "cannot read from gs://"),
            ("https://logs.s3.amazonaws.com/x", "give s3://bucket/prefix"),
            ("file://relative", "needs an absolute path"),
        ] {
            let error = text.parse::<Location>().unwrap_err();
            assert_eq!(error.exit_code(), 2, "{text}");
            assert!(error.to_string().contains(part), "{text}: {error}");
        }
    }
}
