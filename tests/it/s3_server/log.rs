//! One line per request.

use hyper::Request;

/// `LIST prefix by folder next page`, `GET key bytes=5-9`, `HEAD key`.
pub(super) fn line<B>(request: &Request<B>) -> String {
    let path = url::Url::parse(&format!("http://host{}", request.uri())).unwrap();
    let parameter = |name: &str| path.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned());
    let decoded = percent_decoded(path.path());
    let key = decoded.trim_start_matches('/').split_once('/').map_or("", |(_, key)| key);
    if parameter("list-type").is_some() {
        let folder = parameter("delimiter").map_or("", |_| " by folder");
        let page = parameter("continuation-token").map_or("", |_| " next page");
        return format!("LIST {}{folder}{page}", parameter("prefix").unwrap_or_default());
    }
    let range = request.headers().get("range").map(|range| format!(" {}", range.to_str().unwrap()));
    format!("{} {key}{}", request.method(), range.unwrap_or_default())
}

fn percent_decoded(path: &str) -> String {
    // A query parser decodes percent signs; `+` is no space in a path.
    let pair = format!("path={}", path.replace('+', "%2B"));
    url::form_urlencoded::parse(pair.as_bytes()).next().map(|(_, value)| value.into_owned()).unwrap()
}
