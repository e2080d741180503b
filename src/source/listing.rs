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
use super::prune::is_candidate_of;
use super::s3::S3Settings;
use super::s3_client::Connection;
use super::s3_error::from_store;
use super::s3_key::{key_of, path_of};
use super::s3_store::S3Store;
use crate::decode::decoder::Origin;
use crate::error::{Error, Result};
use crate::record::key::KeyFacts;
use crate::record::kind::LogKind;

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

impl LogObject {
    /// What its key tells the decoder.
    pub(crate) fn origin(&self) -> Origin {
        Origin {
            source_file: self.display.clone(),
            account_id: self.key.account_id.clone(),
            region: self.key.region.clone(),
            flow_log_id: self.key.flow_log_id.clone(),
        }
    }
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

/// Lists the flow logs of every SOURCE and registers the object stores it needs with the session.
pub async fn list(
    ctx: &SessionContext,
    locations: &[Location],
    selection: &Selection,
    s3: &S3Settings,
) -> Result<Listing> {
    list_of(LogKind::FlowLogs, ctx, locations, selection, s3).await
}

/// The same for either kind of log.
pub async fn list_of(
    kind: LogKind,
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
                s3_objects(ctx, store, (bucket, prefix), kind, selection).await?
            }
            Location::Directory(path) => {
                let path = path.clone();
                let walk = tokio::task::spawn_blocking(move || local::walk(kind, &path));
                walk.await.map_err(|error| Error::Usage(format!("{location}: {error}")))??
            }
            Location::File(path) => local::one_file(kind, path)?,
        };
        refused.extend(found.refused);
        for object in found.objects {
            if !is_named(location, &object) && !is_candidate_of(kind, object.meta.location.as_ref()) {
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
        return Err(Error::NothingToRead(left_out.explain(kind, locations, selection, &listing)));
    }
    tracing::debug!(objects = listing.objects.len(), duplicates = listing.duplicate_objects.len(), ?left_out, "listed");
    Ok(listing)
}

async fn s3_objects(
    ctx: &SessionContext,
    store: Arc<S3Store>,
    (bucket, prefix): (&str, &str),
    kind: LogKind,
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
        metas = discover(store.as_ref(), root, kind, selection).await.map_err(|error| from_store(error, &place))?;
    }
    let object = |meta: ObjectMeta| {
        let key = key_of(&meta.location);
        LogObject { store: url.clone(), display: store.url(&key), key: KeyFacts::parse_as(kind, &key), meta }
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
    fn explain(&self, kind: LogKind, locations: &[Location], selection: &Selection, listing: &Listing) -> String {
        let places: Vec<_> = locations.iter().map(ToString::to_string).collect();
        let mut text = format!("no {kind} objects in {}", places.join(", "));
        if !selection.window.is_unbounded() {
            text.push_str(&format!(" for {}", selection.window));
        }
        for (name, values) in [("account", &selection.account_ids), ("region", &selection.regions)] {
            if !values.is_empty() {
                text.push_str(&format!(", {name} {}", values.join(", ")));
            }
        }
        if self.unwanted > 0 {
            text.push_str(&format!(
                "; {} lie outside: widen --since, --until, --account or --source-region",
                self.unwanted
            ));
        }
        if self.other > 0 {
            text.push_str(&format!(
                "; {} objects are no {kind}s by their names: name a file itself to read it whatever its name",
                self.other
            ));
        }
        if let Some((object, reason)) = listing.refused.first() {
            text.push_str(&format!("; {} cannot be opened ({object}: {reason})", listing.refused.len()));
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAME: &str = "123456789012_vpcflowlogs_us-east-1_fl-1_20260901T0355Z_ab.log.gz";

    async fn list_in(root: &std::path::Path, sources: &[&str], selection: &Selection) -> Result<Listing> {
        let locations: Vec<Location> =
            sources.iter().map(|source| root.join(source).to_str().unwrap().parse().unwrap()).collect();
        list(&SessionContext::new(), &locations, selection, &S3Settings::default()).await
    }

    fn tree() -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        let day = "AWSLogs/123456789012/vpcflowlogs/us-east-1/2026/09/01";
        for path in [
            &format!("{day}/{NAME}"),
            &format!("{day}/garbage.log.gz"),
            &format!("copy/{NAME}"),
            "AWSLogs/123456789012/CloudTrail/us-east-1/trail.log.gz",
            "inventory/describe-vpcs.json",
            "mine/flows.txt",
        ] {
            let path = root.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "x").unwrap();
        }
        root
    }

    fn names(listing: &Listing) -> Vec<&str> {
        listing.objects.iter().filter_map(|object| object.meta.location.filename()).collect()
    }

    #[tokio::test]
    async fn a_directory_with_logs_and_other_things() {
        let root = tree();
        let listing = list_in(root.path(), &[""], &Selection::default()).await.unwrap();
        assert_eq!(names(&listing), [NAME, "garbage.log.gz", "flows.txt"]);
        assert_eq!(listing.duplicate_objects, [root.path().join("copy").join(NAME).display().to_string()]);
        assert_eq!(listing.refused, []);
    }

    #[tokio::test]
    async fn a_file_that_is_named_is_read_whatever_its_name() {
        let root = tree();
        let sources = ["inventory/describe-vpcs.json", "mine", "mine/flows.txt"];
        let listing = list_in(root.path(), &sources, &Selection::default()).await.unwrap();
        assert_eq!(names(&listing), ["describe-vpcs.json", "flows.txt"]);
        assert_eq!(listing.duplicate_objects, [""; 0]);
    }

    #[tokio::test]
    async fn nothing_to_read_counts_what_was_seen() {
        let root = tree();
        let selection = Selection { account_ids: vec!["999999999999".to_owned()], ..Selection::default() };
        let error = list_in(root.path(), &["AWSLogs", "inventory"], &selection).await.unwrap_err();
        let wanted = format!(
            "no flow log objects in {root}/AWSLogs, {root}/inventory, account 999999999999; 2 lie outside: widen \
             --since, --until, --account or --source-region; 2 objects are no flow logs by their names: name a file itself to read it \
             whatever its name",
            root = root.path().display()
        );
        assert_eq!((error.exit_code(), error.to_string()), (4, wanted));
    }

    #[test]
    fn old_bucket_names_are_store_urls_too() {
        assert_eq!(ObjectStoreUrl::parse("s3://My_Old.Bucket").unwrap().as_str(), "s3://My_Old.Bucket/");
    }
}
