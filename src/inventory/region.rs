//! Region names, found in zone names, zone ids and paths.

/// The Region of an Availability, Local or Wavelength Zone name: `us-east-1a`, `us-east-1-bos-1a`.
pub(crate) fn of_zone_name(zone: &str) -> Option<String> {
    first_region(zone, true)
}

/// The Region in free text such as a path component: `eu-west-1`, `prod_eu-west-1`, `region=us-gov-west-1`.
pub(crate) fn in_text(text: &str) -> Option<String> {
    text.to_ascii_lowercase()
        .split(|c: char| !c.is_ascii_alphanumeric() && c != '-')
        .find_map(|token| first_region(token, false))
}

/// Whether the text is a Region's name and nothing else.
pub(crate) fn is_region(text: &str) -> bool {
    first_region(text, false).is_some_and(|region| region == text)
}

/// The Region of a zone id: `use1-az4` is in `us-east-1`, `usgw1-az1` in `us-gov-west-1`.
pub(crate) fn of_zone_id(zone_id: &str) -> Option<String> {
    let head = zone_id.split('-').next()?;
    let letters = head.trim_end_matches(|c: char| c.is_ascii_digit());
    let number = &head[letters.len()..];
    let (area, rest) = letters.split_at_checked(2)?;
    let (partition, rest) = match rest.strip_prefix('g') {
        Some(rest) if area == "us" => ("gov-", rest),
        _ => ("", rest),
    };
    let direction = match rest {
        "n" => "north",
        "s" => "south",
        "e" => "east",
        "w" => "west",
        "c" => "central",
        "ne" => "northeast",
        "nw" => "northwest",
        "se" => "southeast",
        "sw" => "southwest",
        _ => return None,
    };
    (!number.is_empty()).then(|| format!("{area}-{partition}{direction}-{number}"))
}

fn first_region(text: &str, zone_letter: bool) -> Option<String> {
    let parts: Vec<&str> = text.split('-').collect();
    (0..parts.len()).find_map(|start| region_at(parts.get(start..)?, zone_letter))
}

fn region_at(parts: &[&str], zone_letter: bool) -> Option<String> {
    let (area, mut rest) = parts.split_first()?;
    let known_area = *area == "eusc" || (area.len() == 2 && area.bytes().all(|byte| byte.is_ascii_lowercase()));
    if !known_area {
        return None;
    }
    let mut name = (*area).to_owned();
    if let Some((partition, tail)) = rest.split_first().filter(|(first, _)| PARTITIONS.contains(first)) {
        name = format!("{name}-{partition}");
        rest = tail;
    }
    let (direction, tail) = rest.split_first()?;
    if !DIRECTIONS.contains(direction) {
        return None;
    }
    let number = tail.first()?;
    let digits = number.trim_end_matches(|c: char| zone_letter && c.is_ascii_lowercase());
    let is_number = matches!(digits.len(), 1 | 2) && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| format!("{name}-{direction}-{digits}"))
}

const PARTITIONS: [&str; 6] = ["gov", "iso", "isob", "isoe", "isof", "de"];

const DIRECTIONS: [&str; 9] =
    ["north", "south", "east", "west", "central", "northeast", "northwest", "southeast", "southwest"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zone_names_and_ids_name_their_region() {
        for (zone, region) in [
            ("us-east-1a", "us-east-1"),
            ("us-east-1-bos-1a", "us-east-1"),
            ("us-gov-west-1b", "us-gov-west-1"),
            ("ap-northeast-3c", "ap-northeast-3"),
            ("eusc-de-east-1a", "eusc-de-east-1"),
        ] {
            assert_eq!(of_zone_name(zone).as_deref(), Some(region));
        }
        for (id, region) in [
            ("use1-az4", "us-east-1"),
            ("use1-bos1-az1", "us-east-1"),
            ("usgw1-az1", "us-gov-west-1"),
            ("aps1-az2", "ap-south-1"),
            ("apse2-az1", "ap-southeast-2"),
            ("cnnw1-az1", "cn-northwest-1"),
        ] {
            assert_eq!(of_zone_id(id).as_deref(), Some(region));
        }
        assert!(is_region("us-east-1") && !is_region("us-east-1a") && !is_region("x-us-east-1") && !is_region("s3"));
        assert_eq!(of_zone_id("zone"), None);
        assert_eq!(of_zone_id("use-az1"), None);
        assert_eq!(of_zone_name("zone-a"), None);
    }

    #[test]
    fn regions_are_found_inside_path_components() {
        for (text, region) in [
            ("eu-west-1", Some("eu-west-1")),
            ("111122223333_us-east-2", Some("us-east-2")),
            ("region=ap-south-1", Some("ap-south-1")),
            ("prod-eu-central-1", Some("eu-central-1")),
            ("describe-subnets-EU-WEST-3.json", Some("eu-west-3")),
            ("north-1", None),
            ("us-east-1a", None),
            ("inventory", None),
        ] {
            assert_eq!(in_text(text).as_deref(), region, "{text}");
        }
    }
}
