//! What a file's path says about its content: account, Region, and the ids that some commands do not print.

use std::path::{Path, PathBuf};

use super::region;

/// Where an entry was read from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Origin {
    pub path: String,
    pub folder: PathBuf,
    /// From the innermost path component with a 12-digit token.
    pub account_id: Option<String>,
    /// From the innermost path component with a Region name.
    pub region: Option<String>,
}

impl Origin {
    pub(crate) fn of(path: &Path) -> Self {
        let components = components(path);
        Self {
            path: path.display().to_string(),
            folder: path.parent().map(Path::to_path_buf).unwrap_or_default(),
            account_id: components.iter().find_map(|component| account_in(component)),
            region: components.iter().find_map(|component| region::in_text(component)),
        }
    }

    /// An id such as `pl-...` or `tgw-rtb-...` in the innermost path component that has one.
    pub(crate) fn id_with_prefix(&self, prefix: &str) -> Option<String> {
        components(Path::new(&self.path)).iter().find_map(|component| id_in(component, prefix))
    }
}

/// Innermost first.
fn components(path: &Path) -> Vec<String> {
    path.components().rev().map(|component| component.as_os_str().to_string_lossy().into_owned()).collect()
}

fn account_in(text: &str) -> Option<String> {
    text.split(|c: char| !c.is_ascii_alphanumeric())
        .find(|token| token.len() == 12 && token.bytes().all(|byte| byte.is_ascii_digit()))
        .map(str::to_owned)
}

/// The first `prefix` followed by letters or digits that does not continue a longer word.
pub(crate) fn id_in(text: &str, prefix: &str) -> Option<String> {
    text.match_indices(prefix).find_map(|(at, _)| {
        let starts_word = !text[..at].ends_with(|c: char| c.is_ascii_alphanumeric());
        let tail = &text[at + prefix.len()..];
        let length = tail.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(tail.len());
        (starts_word && length > 0).then(|| text[at..at + prefix.len() + length].to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_innermost_component_names_account_and_region() {
        let origin = Origin::of(Path::new("inv/999988887777-us-east-1/111122223333/eu-west-1/describe-subnets.json"));
        assert_eq!(origin.account_id.as_deref(), Some("111122223333"));
        assert_eq!(origin.region.as_deref(), Some("eu-west-1"));
        let flat = Origin::of(Path::new("inv/describe-subnets-111122223333-us-west-2.json"));
        assert_eq!((flat.account_id.as_deref(), flat.region.as_deref()), (Some("111122223333"), Some("us-west-2")));
        assert_eq!(Origin::of(Path::new("describe-subnets.json")).account_id, None);
    }

    #[test]
    fn ids_are_read_from_file_or_folder_names() {
        let named = |path: &str, prefix: &str| Origin::of(Path::new(path)).id_with_prefix(prefix);
        assert_eq!(named("get-managed-prefix-list-entries-pl-0a1.json", "pl-").as_deref(), Some("pl-0a1"));
        assert_eq!(named("pl-77/get-managed-prefix-list-entries.json", "pl-").as_deref(), Some("pl-77"));
        assert_eq!(named("tpl-1/get-managed-prefix-list-entries.json", "pl-"), None);
        let routes = "search-transit-gateway-routes-tgw-rtb-0f.json";
        assert_eq!(named(routes, "tgw-rtb-").as_deref(), Some("tgw-rtb-0f"));
    }
}
