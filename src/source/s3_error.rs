//! What went wrong at S3, in one line that says what to do.

use std::error::Error as StdError;

use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};

use crate::error::Error;

/// An error and its causes on one line; a cause that repeats what was said is left out.
pub(super) fn cause(error: &dyn StdError) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(error) = next {
        let part = error.to_string();
        if !text.contains(&part) {
            text.push_str(": ");
            text.push_str(&part);
        }
        next = error.source();
    }
    text
}

/// A failed request: S3's code, words and status, and what to do about it.
pub(super) fn describe<E>(error: &SdkError<E>) -> String
where
    E: ProvideErrorMetadata + StdError + 'static,
{
    if let SdkError::DispatchFailure(failure) = error {
        let why = failure.as_connector_error().map_or_else(|| cause(error), |inner| cause(inner));
        return format!("cannot reach S3: {why}. Check the network, the Region and --endpoint-url");
    }
    let SdkError::ServiceError(service) = error else { return cause(error) };
    let status = service.raw().status().as_u16();
    let code = service.err().code();
    let said = match (code, service.err().message()) {
        (Some(code), Some(message)) => format!("{code}: {message} (HTTP {status})"),
        (Some(code), None) => format!("{code} (HTTP {status})"),
        (None, _) => format!("HTTP {status}"),
    };
    match hint(code.unwrap_or(""), status) {
        Some(hint) => format!("{said}. {hint}"),
        None => said,
    }
}

fn hint(code: &str, status: u16) -> Option<&'static str> {
    Some(match code {
        "NoSuchBucket" => "Check the bucket's name and --endpoint-url",
        "NoSuchKey" => "It was deleted after it was listed; run again",
        "PreconditionFailed" => "It was replaced while it was read; run again",
        "ExpiredToken" | "TokenRefreshRequired" => "Log in again, for example with `aws sso login`",
        "InvalidAccessKeyId" | "SignatureDoesNotMatch" => "Check the access key, its secret and the profile",
        "InvalidObjectState" => "It is archived (Glacier): restore it, or leave it out with --since",
        "PermanentRedirect" | "AuthorizationHeaderMalformed" | "IllegalLocationConstraintException" => {
            "Leave out --region, so that the bucket is asked for its own"
        }
        "RequestTimeTooSkewed" => "Set this machine's clock",
        _ if status == 403 => {
            "The credentials need s3:ListBucket on the bucket, s3:GetObject on its objects, and kms:Decrypt where a key \
             encrypts them; a bucket whose requester pays needs --requester-pays"
        }
        _ => return None,
    })
}

/// The offramp error that a store put inside an [`object_store::Error`]; `object` names what was read otherwise.
pub(crate) fn from_store(error: object_store::Error, object: &str) -> Error {
    use object_store::Error as Store;
    let message = cause(&error);
    let source = match error {
        Store::Generic { source, .. }
        | Store::NotFound { source, .. }
        | Store::Precondition { source, .. }
        | Store::NotModified { source, .. }
        | Store::PermissionDenied { source, .. } => source,
        _ => return Error::Store { object: object.to_owned(), message },
    };
    source.downcast::<Error>().map_or_else(|_| Error::Store { object: object.to_owned(), message }, |error| *error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_inner_error_comes_back() {
        let inner = || Error::Store { object: "s3://b/k".to_owned(), message: "gone".to_owned() };
        let wrapped = object_store::Error::NotFound { path: "k".to_owned(), source: Box::new(inner()) };
        assert_eq!(from_store(wrapped, "?").to_string(), inner().to_string());
        let other = object_store::Error::Generic { store: "S3", source: "broken pipe".into() };
        assert_eq!(from_store(other, "file.gz").to_string(), "cannot read file.gz: Generic S3 error: broken pipe");
    }
}
