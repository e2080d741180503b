//! The two kinds of log that offramp reads, told apart by where AWS puts them.

use std::fmt;

/// A kind of log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogKind {
    /// VPC flow logs.
    FlowLogs,
    /// Route 53 Resolver query logs.
    ResolverQueries,
}

impl LogKind {
    /// `vpcflowlogs`, plain or Hive, or `vpcdnsquerylogs`. Transit gateway flow logs use `service=` where VPC flow logs use
    /// `aws-service=`.
    pub fn is_service_folder(self, name: &str) -> bool {
        match self {
            Self::FlowLogs => matches!(name, "vpcflowlogs" | "aws-service=vpcflowlogs" | "service=vpcflowlogs"),
            Self::ResolverQueries => name == "vpcdnsquerylogs",
        }
    }
}

impl fmt::Display for LogKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::FlowLogs => "flow log",
            Self::ResolverQueries => "Resolver query log",
        })
    }
}
