//! Listing and reading S3 over HTTP with the real SDK.

use datafusion::prelude::SessionContext;
use offramp::source::listing::{Listing, LogObject, Selection, list};
use offramp::source::window::Window;
use offramp::{Error, Result};

use crate::s3_server::{Fault, S3Server};

mod bodies;
mod bucket;
mod connecting;
mod layouts;
mod pruning;
mod report;
mod rows;

/// Lists `s3://logs/{prefix}`.
async fn list_logs(server: &S3Server, prefix: &str, selection: &Selection) -> Result<Listing> {
    let location = format!("s3://logs/{prefix}").parse()?;
    list(&SessionContext::new(), &[location], selection, &server.settings()).await
}

/// The keys of a listing.
fn keys(listing: &Listing) -> Vec<&str> {
    listing.objects.iter().map(|object| object.display.trim_start_matches("s3://logs/")).collect()
}

fn window(since: &str, until: &str) -> Selection {
    let window = Window::parse(Some(since), Some(until), jiff::Timestamp::UNIX_EPOCH).unwrap();
    Selection { window, ..Selection::default() }
}

/// A name as AWS gives it; `time` is `YYYYMMDDTHHmm`.
fn name(account: &str, region: &str, time: &str) -> String {
    format!("{account}_vpcflowlogs_{region}_fl-0aa1bb2cc3dd4ee5f_{time}Z_1a2b3c4d.log.gz")
}
