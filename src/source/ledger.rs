//! What happened to each object of a scan: good rows, malformed lines by reason, damage. Shared by all partitions.
