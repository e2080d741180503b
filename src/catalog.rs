//! Builds the session: the only place that does.

use std::num::NonZeroUsize;
use std::sync::Arc;

use datafusion::execution::memory_pool::{FairSpillPool, TrackConsumersPool};
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use datafusion::prelude::{SessionConfig, SessionContext};

use crate::error::Result;

/// Memory that queries may hold before they spill to disk, when nothing else is asked: a quarter of the machine's, at most this.
const MOST_MEMORY: u64 = 4 << 30;

/// A session with a memory limit in bytes; queries beyond it spill to temporary files.
pub fn session(memory_limit: Option<u64>) -> Result<SessionContext> {
    let limit = memory_limit.unwrap_or_else(|| (machine_memory() / 4).clamp(256 << 20, MOST_MEMORY));
    let pool = TrackConsumersPool::new(FairSpillPool::new(usize::try_from(limit).unwrap_or(usize::MAX)), TOP_CONSUMERS);
    let runtime = RuntimeEnvBuilder::new().with_memory_pool(Arc::new(pool)).build_arc()?;
    let mut config = SessionConfig::new().with_information_schema(true);
    let options = config.options_mut();
    options.execution.time_zone = Some("+00:00".to_owned());
    // Rollups are small: several partitions per statement would cost more in planning than they save.
    options.optimizer.repartition_file_scans = false;
    Ok(SessionContext::new_with_config_rt(config, runtime))
}

const TOP_CONSUMERS: NonZeroUsize = NonZeroUsize::MIN.saturating_add(2);

/// Bytes of memory of the machine; 4 GiB where the system does not tell.
fn machine_memory() -> u64 {
    let total = std::fs::read_to_string("/proc/meminfo").ok().and_then(|text| {
        let line = text.lines().find_map(|l| l.strip_prefix("MemTotal:"))?;
        line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()
    });
    total.map_or(4 << 30, |kib| kib << 10)
}
