//! Serves a folder over S3 on loopback, for benches/compare.py: each folder in it is a bucket. Prints its URL and runs until it is stopped.

use std::io::Write;
use std::process::ExitCode;

use hyper_util::rt::TokioIo;
use s3s::auth::SimpleAuth;
use s3s::service::S3ServiceBuilder;
use s3s_fs::FileSystem;

/// Credentials that the server takes.
const KEYS: (&str, &str) = ("benchmark", "benchmark");

fn main() -> ExitCode {
    let Some(folder) = std::env::args_os().nth(1) else {
        let _ = writeln!(std::io::stderr(), "usage: serve_s3 FOLDER");
        return ExitCode::from(2);
    };
    let served = tokio::runtime::Builder::new_current_thread().enable_all().build().and_then(|runtime| {
        runtime.block_on(async {
            let files = FileSystem::new(&folder).map_err(|error| std::io::Error::other(format!("{error:?}")))?;
            let mut builder = S3ServiceBuilder::new(files);
            builder.set_auth(SimpleAuth::from_single(KEYS.0, KEYS.1));
            let service = builder.build();
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
            writeln!(std::io::stdout(), "http://{}", listener.local_addr()?)?;
            loop {
                let (socket, _) = listener.accept().await?;
                let connection =
                    hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(socket), service.clone());
                tokio::spawn(connection);
            }
        })
    });
    match served {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let error: std::io::Error = error;
            let _ = writeln!(std::io::stderr(), "{error}");
            ExitCode::from(3)
        }
    }
}
