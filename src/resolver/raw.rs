//! The JSON of one query, read without copies. Unknown keys are ignored.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeOwned, Error, MapAccess, SeqAccess, Visitor, value::MapAccessDeserializer};
use serde::{Deserialize, Deserializer};

/// A record as delivered.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct RawQuery<'t> {
    #[serde(borrow)]
    pub account_id: Option<Text<'t>>,
    pub region: Option<Text<'t>>,
    pub vpc_id: Option<Text<'t>>,
    pub query_timestamp: Option<Text<'t>>,
    pub query_name: Option<Text<'t>>,
    pub rcode: Option<Text<'t>>,
    pub answers: Option<Inner<Answers>>,
    pub srcaddr: Option<Text<'t>>,
    pub srcids: Option<Inner<SourceIds>>,
}

/// The answers, in order: CNAMEs before the addresses they lead to.
pub(super) type Answers = Vec<Answer>;

/// One answer; AWS writes capitals, exports do not always.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Answer {
    #[serde(alias = "rdata", alias = "RData")]
    #[serde(rename = "Rdata")]
    pub rdata: Option<String>,
    #[serde(alias = "type")]
    #[serde(rename = "Type")]
    pub kind: Option<String>,
}

/// Who asked, where AWS knows.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct SourceIds {
    pub instance: Option<String>,
}

/// A string; numbers become their text.
#[derive(Debug)]
pub(super) struct Text<'t>(Cow<'t, str>);

impl Text<'_> {
    /// The text, unless it stands for nothing.
    pub(super) fn filled(text: Option<&Self>) -> Option<&str> {
        text.map(|text| text.0.trim()).filter(|text| !matches!(*text, "" | "-"))
    }
}

impl<'de: 't, 't> Deserialize<'de> for Text<'t> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = Text<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }
            fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Text(Cow::Borrowed(text)))
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Text(Cow::Owned(text.to_owned())))
            }
            fn visit_u64<E: Error>(self, number: u64) -> Result<Self::Value, E> {
                Ok(Text(Cow::Owned(number.to_string())))
            }
        }
        deserializer.deserialize_any(Reader)
    }
}

/// A nested value, or a string that holds its JSON: table exports write it so.
#[derive(Debug)]
pub(super) struct Inner<T>(pub(super) T);

impl<'de, T: DeserializeOwned + Default> Deserialize<'de> for Inner<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader<T>(std::marker::PhantomData<T>);
        impl<'de, T: DeserializeOwned + Default> Visitor<'de> for Reader<T> {
            type Value = Inner<T>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a value, or its JSON in a string")
            }
            fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<Self::Value, A::Error> {
                T::deserialize(serde::de::value::SeqAccessDeserializer::new(items)).map(Inner)
            }
            fn visit_map<A: MapAccess<'de>>(self, entries: A) -> Result<Self::Value, A::Error> {
                T::deserialize(MapAccessDeserializer::new(entries)).map(Inner)
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
                if matches!(text.trim(), "" | "-" | "null") {
                    return Ok(Inner(T::default()));
                }
                serde_json::from_str(text).map(Inner).map_err(E::custom)
            }
        }
        deserializer.deserialize_any(Reader(std::marker::PhantomData))
    }
}
