//! The objects of a scan: what lies at each SOURCE, pruned and each counted once.

use std::sync::Arc;

use datafusion::execution::object_store::ObjectStoreUrl;
use datafusion::prelude::SessionContext;
use object_store::{ObjectMeta, ObjectStoreExt};

use super::discover::discover;
use super::distinct::Distinct;
use super::local;
use super::location::Location;
pub use super::prune::Selection;
use super::prune::is_candidate;
use super::s3::S3Settings;
use super::s3_client::Connection;
use super::s3_error::from_store;
use super::s3_key::{key_of, path_of};
use super::s3_store::S3Store;
use crate::error::{Error, Result};
use crate::record::key::KeyFacts;

/// One object to read.
#[derive(Debug, Clone)]
pub struct LogObject {
    /// The store it lies in, as registered with the session.
    pub store: ObjectStoreUrl,
    /// Location, size and time as listed.
    pub meta: ObjectMeta,
    /// `s3://bucket/key`, or the path as found: how the object is named to people and in `source_file`.
    pub display: String,
    /// What the key says.
    pub key: KeyFacts,
}

/// What is to be read, and what was left out on the way.
#[derive(Debug, Clone, Default)]
pub struct Listing {
    /// To read, in the order of their names.
    pub objects: Vec<LogObject>,
    /// Further copies of objects that are read already, by the grammar of AWS's file names.
    pub duplicate_objects: Vec<String>,
    /// Objects that cannot be opened, with the reason.
    pub refused: Vec<(String, String)>,
}

/// What one SOURCE holds before anything is left out.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) objects: Vec<LogObject>,
    pub(super) refused: Vec<(String, String)>,
}

/// Lists every SOURCE and registers the object stores it needs with the session.
pub async fn list(
    ctx: &SessionContext,
    locations: &[Location],
    selection: &Selection,
    s3: &S3Settings,
) -> Result<Listing> {
    let mut connection = Connection::new(s3);
    let mut kept = Distinct::default();
    let (mut refused, mut left_out) = (Vec::new(), LeftOut::default());
    for location in locations {
        let found = match location {
            Location::S3 { bucket, prefix } => {
                let store = connection.store(bucket).await?;
                s3_objects(ctx, store, bucket, prefix, selection).await?
            }
            Location::Directory(path) => {
                let path = path.clone();
                let walk = tokio::task::spawn_blocking(move || local::walk(&path));
                walk.await.map_err(|error| Error::Usage(format!("{location}: {error}")))??
            }
            Location::File(path) => local::one_file(path)?,
        };
        refused.extend(found.refused);
        for object in found.objects {
            if !is_named(location, &object) && !is_candidate(object.meta.location.as_ref()) {
                left_out.other += 1;
            } else if !selection.wants_object(&object.key) {
                left_out.unwanted += 1;
            } else {
                kept.add(object);
            }
        }
    }
    refused.sort();
    refused.dedup();
    let (objects, duplicate_objects) = kept.finish();
    let listing = Listing { objects, duplicate_objects, refused };
    if listing.objects.is_empty() {
        return Err(Error::NothingToRead(left_out.explain(locations, selection, &listing)));
    }
    tracing::debug!(objects = listing.objects.len(), duplicates = listing.duplicate_objects.len(), ?left_out, "listed");
    Ok(listing)
}

async fn s3_objects(
    ctx: &SessionContext,
    store: Arc<S3Store>,
    bucket: &str,
    prefix: &str,
    selection: &Selection,
) -> Result<Found> {
    let url = ObjectStoreUrl::parse(format!("s3://{bucket}"))?;
    ctx.runtime_env().register_object_store(url.as_ref(), Arc::<S3Store>::clone(&store));
    let place = store.url(prefix);
    let root = path_of(prefix.strip_suffix('/').unwrap_or(prefix));
    let mut metas = Vec::new();
    // Only a name with a suffix can be one object: a folder costs no request for that.
    if !prefix.ends_with('/') && root.extension().is_some() {
        match store.head(&root).await {
            Ok(meta) => metas.push(meta),
            Err(object_store::Error::NotFound { .. }) => {}
            Err(error) => return Err(from_store(error, &place)),
        }
    }
    if metas.is_empty() {
        metas = discover(store.as_ref(), root, selection).await.map_err(|error| from_store(error, &place))?;
    }
    let object = |meta: ObjectMeta| {
        let key = key_of(&meta.location);
        LogObject { store: url.clone(), display: store.url(&key), key: KeyFacts::parse(&key), meta }
    };
    Ok(Found { objects: metas.into_iter().map(object).collect(), refused: Vec::new() })
}

/// An object that the SOURCE names itself is read whatever its name.
fn is_named(location: &Location, object: &LogObject) -> bool {
    match location {
        Location::S3 { .. } => location.to_string() == object.display,
        Location::File(_) => true,
        Location::Directory(_) => false,
    }
}

#[derive(Debug, Default)]
struct LeftOut {
    other: u64,
    unwanted: u64,
}

impl LeftOut {
    fn explain(&self, locations: &[Location], selection: &Selection, listing: &Listing) -> String {
        let places: Vec<_> = locations.iter().map(ToString::to_string).collect();
        let mut text = format!("no flow log objects in {}", places.join(", "));
        if !selection.window.is_unbounded() {
            text.push_str(&format!(" for {}", selection.window));
        }
        for (name, values) in [("account", &selection.account_ids), ("region", &selection.regions)] {
            if !values.is_empty() {
                text.push_str(&format!(", {name} {}", values.join(", ")));
            }
        }
        if self.unwanted > 0 {
            text.push_str(&format!("; {} lie outside: widen --since, --until, --account or --region", self.unwanted));
        }
        if self.other > 0 {
            text.push_str(&format!("; {} objects are no flow logs by their names", self.other));
        }
        if let Some((object, reason)) = listing.refused.first() {
            text.push_str(&format!("; {} cannot be opened ({object}: {reason})", listing.refused.len()));
        }
        text
    }
}
