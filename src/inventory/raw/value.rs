//! Values inside the JSON: CIDRs, addresses, times. Empty text is absent; anything unreadable is an error with its place.

use std::fmt::Display;
use std::str::FromStr;

use ipnet::IpNet;
use serde::de::{Deserialize, Deserializer, Error};

/// Reads text as `T`; null and empty text are None. Use as `#[serde(deserialize_with = "parsed")]`.
pub(crate) fn parsed<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: FromStr<Err: Display>,
{
    match Option::<String>::deserialize(deserializer)?.as_deref().map(str::trim) {
        None | Some("") => Ok(None),
        Some(text) => {
            text.parse().map(Some).map_err(|error| D::Error::custom(format!("`{text}` cannot be read: {error}")))
        }
    }
}

/// Reads null as the empty value (some SDKs print empty lists so). Use as `#[serde(deserialize_with = "nullable")]`.
pub(crate) fn nullable<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(
    deserializer: D,
) -> Result<T, D::Error> {
    Ok(Option::<T>::deserialize(deserializer)?.unwrap_or_default())
}

/// A CIDR without host bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cidr(pub IpNet);

impl FromStr for Cidr {
    type Err = ipnet::AddrParseError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(|net: IpNet| Self(net.trunc()))
    }
}

impl<'de> Deserialize<'de> for Cidr {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(|_| D::Error::custom(format!("`{text}` is not a CIDR")))
    }
}

/// An ISO 8601 time as Unix seconds; without an offset it is UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Seconds(pub i64);

impl FromStr for Seconds {
    type Err = jiff::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let instant = text.parse::<jiff::Timestamp>().or_else(|error| {
            let civil = text.parse::<jiff::civil::DateTime>().map_err(|_| error)?;
            jiff::tz::TimeZone::UTC.to_timestamp(civil)
        })?;
        Ok(Self(instant.as_second()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_with_and_without_offset() {
        for text in ["2023-08-30T13:49:28+00:00", "2023-08-30T13:49:28.000Z", "2023-08-30T13:49:28"] {
            assert_eq!(text.parse::<Seconds>().unwrap(), Seconds(1_693_403_368), "{text}");
        }
        assert!("yesterday".parse::<Seconds>().is_err());
    }
}
