//! The JSON around the entries: one object, concatenated objects (pages), or an array of pages.

use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::{DeserializeOwned, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use super::model::{Cut, InventoryFile};
use crate::{Error, Result};

/// Most routes that one search gives.
const MOST_ROUTES: usize = 1000;

/// One entry of a top-level list.
pub(crate) trait Entry: DeserializeOwned {
    /// The keys of the lists that hold such entries.
    const LISTS: &'static [&'static str];
    /// The call gives no page beyond the first thousand.
    const AT_MOST_A_THOUSAND: bool = false;
}

/// All entries of all pages in `text`, in order, and what says that more would follow.
pub(crate) fn entries<T: Entry>(file: &str, kind: InventoryFile, text: &str) -> Result<(Vec<T>, Option<Cut>)> {
    let expected = format!("expected the output of `aws ec2 {} --output json`", kind.command());
    let text = text.trim_start_matches('\u{feff}');
    if text.trim_start().is_empty() {
        // What a refused call leaves behind: its message went to stderr.
        return Ok((Vec::new(), Some(Cut::Empty)));
    }
    let mut all = Vec::new();
    let mut last = None;
    for pages in serde_json::Deserializer::from_str(text).into_iter::<Pages<T>>() {
        let Pages { entries, cut } = pages.map_err(|error| Error::input(file, format!("{error}; {expected}")))?;
        all.extend(entries);
        // The next page goes on where a token was left. Nothing goes on after more routes than a search gives.
        last = if last == Some(Cut::MoreRoutes) { last } else { cut };
    }
    Ok((all, last))
}

struct Pages<T> {
    entries: Vec<T>,
    cut: Option<Cut>,
}

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
        let (mut token, mut more_routes) = (false, None);
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                key if T::LISTS.contains(&key) => {
                    list.get_or_insert_default().extend(map.next_value::<Option<Vec<T>>>()?.unwrap_or_default());
                }
                "NextToken" | "nextToken" => token = is_filled(&map.next_value()?),
                "AdditionalRoutesAvailable" => more_routes = map.next_value::<Value>()?.as_bool(),
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        let absent = || A::Error::custom(format!("the object has no list `{}`", T::LISTS.join("` or `")));
        let entries = list.ok_or_else(absent)?;
        let full = T::AT_MOST_A_THOUSAND && entries.len() >= MOST_ROUTES;
        let cut = match more_routes.unwrap_or(full) {
            true => Some(Cut::MoreRoutes),
            false => token.then_some(Cut::NextToken),
        };
        Ok(Pages { entries, cut })
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut pages: A) -> Result<Self::Value, A::Error> {
        let mut all = Pages { entries: Vec::new(), cut: None };
        while let Some(Pages { entries, cut }) = pages.next_element()? {
            all.entries.extend(entries);
            all.cut = if all.cut == Some(Cut::MoreRoutes) { all.cut } else { cut };
        }
        Ok(all)
    }
}

fn is_filled(token: &Value) -> bool {
    !token.is_null() && token.as_str() != Some("")
}
