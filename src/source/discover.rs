//! Finding the needed folders of an S3 prefix by AWS's layout, so that days outside the window cost no request.

use futures::stream::FuturesUnordered;
use futures::{StreamExt, TryStreamExt};
use object_store::path::Path;
use object_store::{ObjectMeta, ObjectStore, Result};

use super::prune::Selection;
use crate::record::key::{Folder, Level};
use crate::record::kind::LogKind;

/// Listings under way at a time.
const PARALLEL: usize = 16;
/// Folders looked into for an `AWSLogs/` below the source. Deeper trees are listed whole, and wider ones if the first
/// folder does not lead into AWS's layout: the result is the same, since each key is judged again.
const PROBE_DEPTH: usize = 3;
const PROBE_WIDTH: usize = 50;

struct Found {
    folders: Vec<(Path, usize)>,
    objects: Vec<ObjectMeta>,
}

/// Every object below `root` that can be wanted, in no order.
pub(super) async fn discover(
    store: &dyn ObjectStore,
    root: Path,
    kind: LogKind,
    selection: &Selection,
) -> Result<Vec<ObjectMeta>> {
    let mut waiting = vec![(root, 0)];
    let mut running = FuturesUnordered::new();
    let mut objects = Vec::new();
    loop {
        while running.len() < PARALLEL
            && let Some((folder, depth)) = waiting.pop()
        {
            running.push(look(store, folder, depth, kind, selection));
        }
        let Some(found) = running.next().await else { return Ok(objects) };
        let found = found?;
        objects.extend(found.objects);
        waiting.extend(found.folders);
    }
}

async fn look(
    store: &dyn ObjectStore,
    path: Path,
    depth: usize,
    kind: LogKind,
    selection: &Selection,
) -> Result<Found> {
    let level = Folder::parse_as(kind, path.as_ref()).level;
    let whole = match level {
        Level::Leaf => true,
        Level::Region | Level::Year | Level::Month => selection.window.is_unbounded(),
        Level::Above => depth >= PROBE_DEPTH,
        Level::AwsLogs | Level::Account | Level::Service => false,
    };
    if whole {
        return all_of(store, &path).await;
    }
    let listed = store.list_with_delimiter(Some(&path)).await?;
    let wide = level == Level::Above && listed.common_prefixes.len() > PROBE_WIDTH;
    if wide && !leads_into_layout(store, kind, listed.common_prefixes.first()).await? {
        return all_of(store, &path).await;
    }
    let needed = |child: &Path| {
        let folder = Folder::parse_as(kind, child.as_ref());
        // Another service's logs, or no account.
        let foreign = matches!(level, Level::AwsLogs | Level::Account) && folder.level == Level::Leaf;
        !foreign && selection.wants_folder(&folder)
    };
    let folders = listed.common_prefixes.into_iter().filter(needed).map(|child| (child, depth + 1)).collect();
    Ok(Found { folders, objects: listed.objects })
}

/// Looked at for one of many siblings: a bucket with a folder per team is not listed whole.
async fn leads_into_layout(store: &dyn ObjectStore, kind: LogKind, folder: Option<&Path>) -> Result<bool> {
    let listed = store.list_with_delimiter(folder).await?;
    Ok(listed.common_prefixes.iter().any(|child| Folder::parse_as(kind, child.as_ref()).level != Level::Above))
}

async fn all_of(store: &dyn ObjectStore, path: &Path) -> Result<Found> {
    Ok(Found { folders: Vec::new(), objects: store.list(Some(path)).try_collect().await? })
}
