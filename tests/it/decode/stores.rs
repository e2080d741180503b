//! One table over several stores.

use std::sync::Arc;

use datafusion::{assert_batches_eq, execution::object_store::ObjectStoreUrl, prelude::SessionContext};
use object_store::{ObjectStore, ObjectStoreExt, memory::InMemory, path::Path};
use offramp::{
    record::key::KeyFacts,
    source::{
        ledger::Ledger,
        listing::LogObject,
        provider::{DecodeOptions, FlowLogTable},
    },
};

use super::{RDP, SSH, V2, gzip};

#[tokio::test]
async fn buckets_side_by_side() {
    let ctx = SessionContext::new();
    let mut objects = Vec::new();
    for (bucket, key, row) in
        [("s3://first", "a.log.gz", SSH), ("s3://second", "a.log.gz", RDP), ("s3://second", "b.log.gz", RDP)]
    {
        let url = ObjectStoreUrl::parse(bucket).unwrap();
        let store = ctx.runtime_env().object_store(&url).unwrap_or_else(|_| {
            let store: Arc<dyn ObjectStore> = Arc::new(InMemory::new());
            ctx.runtime_env().register_object_store(url.as_ref(), Arc::clone(&store));
            store
        });
        let path = Path::from(key);
        store.put(&path, gzip(&format!("{V2}\n{row}\n")).into()).await.unwrap();
        let meta = store.head(&path).await.unwrap();
        objects.push(LogObject { store: url, meta, display: format!("{bucket}/{key}"), key: KeyFacts::default() });
    }
    let ledger = Arc::new(Ledger::default());
    let table = FlowLogTable::new(objects, DecodeOptions::default(), Arc::clone(&ledger)).unwrap();
    ctx.register_table("flow_logs", Arc::new(table)).unwrap();
    let sql = "SELECT source_file, action, bytes FROM flow_logs ORDER BY source_file";
    let expected = [
        "+----------------------+--------+-------+",
        "| source_file          | action | bytes |",
        "+----------------------+--------+-------+",
        "| s3://first/a.log.gz  | ACCEPT | 4249  |",
        "| s3://second/a.log.gz | REJECT | 4249  |",
        "| s3://second/b.log.gz | REJECT | 4249  |",
        "+----------------------+--------+-------+",
    ];
    assert_batches_eq!(expected, &ctx.sql(sql).await.unwrap().collect().await.unwrap());
    assert_eq!(ledger.summary().objects, 3);
}
