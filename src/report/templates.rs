//! The text templates, and the quoting that each kind of text needs.
//!
//! A value printed by `{{ }}` is quoted for the language its template is written in, chosen by the ending of the template's name:
//! `.sh` shell words, `.tf` HCL literals, `.md` escaped Markdown. Identifiers in logs and inventories are not trusted.

use std::sync::LazyLock;

use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Serde, ValueKind};
use minijinja::{AutoEscape, Environment, ErrorKind, Output, UndefinedBehavior, Value};
use serde::Serialize;

use super::model::Bound;
use super::units;
use crate::{Error, Result};

/// Stands where the logs and the inventory do not tell a value; no AWS call accepts it.
pub const PLACEHOLDER: &str = "REPLACE_ME";

macro_rules! templates {
    ($($name:literal),* $(,)?) => { [$(($name, include_str!(concat!("templates/", $name)))),*] };
}

const TEMPLATES: [(&str, &str); 22] = templates![
    "report.md",
    "check.md",
    "flow_log.sh",
    "flow_log.tf",
    "associate_route_table.sh",
    "associate_route_table.tf",
    "create_gateway_endpoint.sh",
    "create_gateway_endpoint.tf",
    "create_interface_endpoint.sh",
    "create_interface_endpoint.tf",
    "delete_idle_interface_endpoint.sh",
    "delete_idle_interface_endpoint.tf",
    "enable_private_dns.sh",
    "enable_private_dns.tf",
    "investigate.sh",
    "investigate.tf",
    "nat_per_az.sh",
    "nat_per_az.tf",
    "remove_nat_gateway.sh",
    "remove_nat_gateway.tf",
    "replace_interface_with_gateway.sh",
    "replace_interface_with_gateway.tf",
];

static ENVIRONMENT: LazyLock<std::result::Result<Environment<'static>, String>> =
    LazyLock::new(|| environment().map_err(|error| format!("{error:#}")));

/// Whether there is a template of that name.
pub fn exists(name: &str) -> bool {
    TEMPLATES.iter().any(|(known, _)| *known == name)
}

/// Fills the template `name` with the fields of `context`.
pub fn fill(name: &str, context: impl Serialize) -> Result<String> {
    let environment = ENVIRONMENT.as_ref().map_err(|message| Error::Output(message.clone()))?;
    let text = environment.get_template(name).and_then(|template| template.render(Value::from(Serde(context))));
    text.map_err(|error| Error::Output(format!("{error:#}")))
}

fn environment() -> std::result::Result<Environment<'static>, minijinja::Error> {
    let mut environment = Environment::new();
    let syntax = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).keep_trailing_newline(true).build()?;
    environment.set_syntax(syntax);
    environment.set_undefined_behavior(UndefinedBehavior::SemiStrict);
    environment.set_auto_escape_callback(|name| match name.rsplit('.').next() {
        Some("sh") => AutoEscape::Custom("shell".into()),
        Some("tf") => AutoEscape::Custom("hcl".into()),
        _ => AutoEscape::Custom("markdown".into()),
    });
    environment.set_formatter(|out, state, value| print_quoted(out, state.auto_escape(), value));
    environment.add_filter("label", |value: String| Value::from_safe_string(label(&value)));
    environment.add_filter("usd", |value: Value| units::usd(f64::try_from(value).ok()));
    environment.add_filter("bounded", |value: Value, bound: String| {
        let bound = if bound == "at_least" { Bound::AtLeast } else { Bound::Exact };
        units::bounded(f64::try_from(value).ok(), bound)
    });
    environment.add_filter("gib", |value: Value| units::gib(f64::try_from(value).ok()));
    environment.add_filter("bytes", units::bytes_as_gib);
    environment.add_filter("count", units::count);
    environment.add_filter("hours", units::hours);
    environment.add_filter("percent", |value: Value| units::percent(f64::try_from(value).ok()));
    environment.add_filter("ratio", |value: Value| units::ratio(f64::try_from(value).ok()));
    environment
        .add_filter("fenced", |text: String, language: String| Value::from_safe_string(fenced(&text, &language)));
    for (name, source) in TEMPLATES {
        environment.add_template(name, source)?;
    }
    Ok(environment)
}

fn print_quoted(out: &mut Output, escape: &AutoEscape, value: &Value) -> std::result::Result<(), minijinja::Error> {
    let AutoEscape::Custom(language) = escape else { return Ok(write!(out, "{value}")?) };
    let text = match value.kind() {
        ValueKind::Number => value.to_string(),
        // Not as Python writes it.
        ValueKind::Bool => value.is_true().to_string(),
        _ if value.is_safe() => value.to_string(),
        ValueKind::Seq => {
            let words =
                value.try_iter()?.map(|item| quoted(language, &item)).collect::<std::result::Result<Vec<_>, _>>()?;
            match language.as_ref() {
                "hcl" => format!("[{}]", words.join(", ")),
                "shell" if words.is_empty() => PLACEHOLDER.into(),
                "shell" => words.join(" "),
                _ => words.join(", "),
            }
        }
        _ => quoted(language, value)?,
    };
    Ok(out.write_str(&text)?)
}

fn quoted(language: &str, value: &Value) -> std::result::Result<String, minijinja::Error> {
    let missing = value.is_none() || value.is_undefined();
    let raw = value.to_string();
    match language {
        "shell" | "hcl" if missing => quoted(language, &Value::from(PLACEHOLDER)),
        // A line break would end the comment that a value may stand in.
        "shell" => shlex::try_quote(&one_line(&raw))
            .map(std::borrow::Cow::into_owned)
            .map_err(|error| minijinja::Error::new(ErrorKind::BadEscape, error.to_string())),
        "hcl" => Ok(hcl_string(&one_line(&raw))),
        _ if missing => Ok("unknown".into()),
        _ => Ok(markdown(&raw)),
    }
}

/// Control characters become spaces.
pub fn one_line(text: &str) -> String {
    text.chars().map(|char| if char.is_control() { ' ' } else { char }).collect()
}

fn hcl_string(text: &str) -> String {
    let text = text.replace('\\', "\\\\").replace('"', "\\\"").replace("${", "$${").replace("%{", "%%{");
    format!("\"{text}\"")
}

/// Text as it is, in Markdown, also inside a table cell.
pub fn markdown(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for char in one_line(text).chars() {
        match char {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '#' | '$' => {
                escaped.push('\\');
                escaped.push(char);
            }
            _ => escaped.push(char),
        }
    }
    escaped
}

/// A code block whose fence is longer than any run of backticks inside.
fn fenced(text: &str, language: &str) -> String {
    let longest = text.split(|char| char != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    format!("{fence}{language}\n{}\n{fence}", text.trim_end())
}

/// A Terraform resource name: letters, digits, `_`; AWS ids keep their meaning (`vpce-0a` is `vpce_0a`).
fn label(text: &str) -> String {
    let mut label: String =
        text.chars().map(|char| if char.is_ascii_alphanumeric() { char.to_ascii_lowercase() } else { '_' }).collect();
    if !label.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_') {
        label.insert(0, '_');
    }
    label
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hcl_strings_cannot_open_an_interpolation_or_end_early() {
        assert_eq!(hcl_string(r#"a"${b}\%{c}"#), r#""a\"$${b}\\%%{c}""#);
    }

    #[test]
    fn fences_are_longer_than_the_backticks_inside() {
        assert_eq!(fenced("a ```` b", "sh"), "`````sh\na ```` b\n`````");
        assert_eq!(fenced("a", "hcl"), "```hcl\na\n```");
    }

    #[test]
    fn labels_are_terraform_names() {
        assert_eq!(label("com.amazonaws.us-east-1.s3"), "com_amazonaws_us_east_1_s3");
        assert_eq!(label("1\"}"), "_1__");
        assert_eq!(label(""), "_");
    }
}
