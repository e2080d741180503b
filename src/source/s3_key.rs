//! S3 keys as object store paths, without loss.

use object_store::path::Path;

/// Stand for names that are legal in S3 keys (`logs//AWSLogs/...`) and not in a [`Path`]. All are of Unicode's private
/// use area, so no key has them by accident.
const STAND_INS: [(&str, &str); 3] = [("", "\u{E000}"), (".", "\u{E001}"), ("..", "\u{E002}")];
/// Control characters stand this far above themselves.
const CONTROL_OFFSET: u32 = 0xE100;

/// The path that stands for a key.
pub(super) fn path_of(key: &str) -> Path {
    if key.is_empty() {
        return Path::ROOT;
    }
    let lifted =
        |c: char| if c.is_ascii_control() { char::from_u32(c as u32 + CONTROL_OFFSET).unwrap_or(c) } else { c };
    let name = |name: &str| match STAND_INS.iter().find(|(illegal, _)| *illegal == name) {
        Some((_, stand_in)) => (*stand_in).to_owned(),
        None => name.chars().map(lifted).collect(),
    };
    let path = key.split('/').map(name).collect::<Vec<_>>().join("/");
    Path::parse(&path).unwrap_or_else(|_| Path::from(path))
}

/// The key that [`path_of`] was given.
pub(super) fn key_of(path: &Path) -> String {
    let lowered = |c: char| match (c as u32).checked_sub(CONTROL_OFFSET).and_then(char::from_u32) {
        Some(control) if control.is_ascii_control() => control,
        _ => c,
    };
    let name = |name: &str| match STAND_INS.iter().find(|(_, stand_in)| *stand_in == name) {
        Some((illegal, _)) => (*illegal).to_owned(),
        None => name.chars().map(lowered).collect(),
    };
    path.as_ref().split('/').map(name).collect::<Vec<_>>().join("/")
}

/// What every key below a folder begins with.
pub(super) fn folder_prefix(folder: Option<&Path>) -> String {
    match folder.filter(|folder| !folder.is_root()) {
        Some(folder) => format!("{}/", key_of(folder)),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn keys_come_back(key in "[a-c/%. é\\\\\n\u{7f}]{0,12}") {
            prop_assert_eq!(key_of(&path_of(&key)), key);
        }
    }

    #[test]
    fn plain_keys_stay_as_they_are() {
        assert_eq!(path_of("a b/ü%2F.log").as_ref(), "a b/ü%2F.log");
    }

    #[test]
    fn prefixes_end_in_a_slash() {
        assert_eq!(folder_prefix(None), "");
        assert_eq!(folder_prefix(Some(&path_of(""))), "");
        assert_eq!(folder_prefix(Some(&path_of("a/b"))), "a/b/");
        assert_eq!(folder_prefix(Some(&path_of("a/"))), "a//");
    }
}
