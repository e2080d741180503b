//! The JSON around the entries: one object, concatenated objects (pages), or an array of pages.

use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::{DeserializeOwned, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::model::InventoryFile;
use crate::{Error, Result};

/// One entry of a top-level list.
pub(crate) trait Entry: DeserializeOwned {
    /// The keys of the lists that hold such entries.
    const LISTS: &'static [&'static str];
}

/// All entries of all pages in `text`, in order.
pub(crate) fn entries<T: Entry>(file: &str, kind: InventoryFile, text: &str) -> Result<Vec<T>> {
    let command = kind.commands().first().copied().unwrap_or_default();
    let expected = format!("expected the output of `aws ec2 {command} --output json`");
    let text = text.trim_start_matches('\u{feff}');
    if text.trim_start().is_empty() {
        let message = format!("the file is empty; {expected}: run the command again, or remove the file");
        return Err(Error::input(file, message));
    }
    let mut all = Vec::new();
    for pages in serde_json::Deserializer::from_str(text).into_iter::<Pages<T>>() {
        let Pages(entries) = pages.map_err(|error| Error::input(file, format!("{error}; {expected}")))?;
        all.extend(entries);
    }
    Ok(all)
}

struct Pages<T>(Vec<T>);

impl<'de, T: Entry> Deserialize<'de> for Pages<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(PagesVisitor(PhantomData))
    }
}

struct PagesVisitor<T>(PhantomData<T>);

impl<'de, T: Entry> Visitor<'de> for PagesVisitor<T> {
    type Value = Pages<T>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "an object with a list `{}`, or an array of such objects", T::LISTS.join("` or `"))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut list: Option<Vec<T>> = None;
        while let Some(key) = map.next_key::<String>()? {
            if T::LISTS.contains(&key.as_str()) {
                list.get_or_insert_default().extend(map.next_value::<Option<Vec<T>>>()?.unwrap_or_default());
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        list.map(Pages).ok_or_else(|| A::Error::custom(format!("the object has no list `{}`", T::LISTS.join("` or `"))))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut pages: A) -> Result<Self::Value, A::Error> {
        let mut all = Vec::new();
        while let Some(Pages(entries)) = pages.next_element()? {
            all.extend(entries);
        }
        Ok(Pages(all))
    }
}
