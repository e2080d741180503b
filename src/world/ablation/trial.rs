//! One run of `offramp report`.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use super::scene::Scene;
use crate::{Error, Result};

/// Where the binary is.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub struct Trial<'a> {
    pub binary: &'a Path,
}

/// What came out.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub struct Outcome {
    pub exit: Option<i32>,
    pub report: Option<Value>,
    pub stderr: String,
}

impl Trial<'_> {
    /// Writes the evidence below `root` and runs the report over it; `report.json` is left there too.
    pub fn run(&self, scene: &Scene, root: &Path) -> Result<Outcome> {
        scene.write(root)?;
        let time = |at: i64| jiff::Timestamp::from_second(at).map(|time| time.to_string()).unwrap_or_default();
        let mut command = Command::new(self.binary);
        command.arg("report").arg(root.join("logs")).args(["--format", "json"]);
        // The window stays the same whatever is cut.
        command.args(["--since", &time(scene.world.start), "--until", &time(scene.world.end)]);
        for (option, name) in [("--inventory", "inventory"), ("--resolver", "resolver"), ("--prices", "prices.toml")] {
            let path = root.join(name);
            if path.exists() {
                command.arg(option).arg(path);
            }
        }
        let io = |source| Error::Io { path: self.binary.to_owned(), source };
        let output = command.output().map_err(io)?;
        let path = root.join("report.json");
        fs::write(&path, &output.stdout).map_err(|source| Error::Io { path, source })?;
        Ok(Outcome {
            exit: output.status.code(),
            report: serde_json::from_slice(&output.stdout).ok(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        })
    }
}
