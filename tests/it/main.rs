#[cfg(feature = "world")]
mod world;
