//! Serves a folder over S3 on loopback, for benches/compare.py: each folder in it is a bucket. Prints its URL and runs until it is stopped.

use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Component, Path, PathBuf};
use std::process::ExitCode;

use hyper_util::rt::TokioIo;
use s3s::auth::SimpleAuth;
use s3s::dto::{
    GetObjectInput, GetObjectOutput, HeadObjectInput, HeadObjectOutput, ListObjectsV2Input, ListObjectsV2Output,
    StreamingBlob,
};
use s3s::service::S3ServiceBuilder;
use s3s::{Body, S3, S3Request, S3Response, S3Result, s3_error};
use s3s_fs::FileSystem;

/// Credentials that the server takes.
const KEYS: (&str, &str) = ("benchmark", "benchmark");

/// A folder of buckets. `s3s_fs` reads every object a second time for its MD5, which S3 keeps: it would take a third of the time
/// that is to be measured. Hence objects are read here.
struct Folder {
    root: PathBuf,
    files: FileSystem,
}

impl Folder {
    fn path(&self, bucket: &str, key: &str) -> Option<PathBuf> {
        let inside = Path::new(bucket).join(key);
        let is_plain = inside.components().all(|part| matches!(part, Component::Normal(_)));
        is_plain.then(|| self.root.join(inside))
    }
}

#[async_trait::async_trait]
impl S3 for Folder {
    async fn get_object(&self, request: S3Request<GetObjectInput>) -> S3Result<S3Response<GetObjectOutput>> {
        let input = request.input;
        let path = self.path(&input.bucket, &input.key).ok_or_else(|| s3_error!(NoSuchKey))?;
        let mut file = std::fs::File::open(path).map_err(|_| s3_error!(NoSuchKey))?;
        let size = file.metadata().map_err(|_| s3_error!(InternalError))?.len();
        let range = input.range.map(|range| range.check(size)).transpose()?;
        let (start, end) = range.as_ref().map_or((0, size), |range| (range.start, range.end));
        let mut bytes = Vec::with_capacity((end - start) as usize);
        file.seek(SeekFrom::Start(start)).map_err(|_| s3_error!(InternalError))?;
        file.take(end - start).read_to_end(&mut bytes).map_err(|_| s3_error!(InternalError))?;
        let output = GetObjectOutput {
            content_length: Some(bytes.len() as i64),
            content_range: range.map(|range| format!("bytes {}-{}/{size}", range.start, range.end.saturating_sub(1))),
            body: Some(StreamingBlob::from(Body::from(bytes))),
            ..GetObjectOutput::default()
        };
        Ok(S3Response::new(output))
    }

    async fn head_object(&self, request: S3Request<HeadObjectInput>) -> S3Result<S3Response<HeadObjectOutput>> {
        self.files.head_object(request).await
    }

    async fn list_objects_v2(
        &self,
        request: S3Request<ListObjectsV2Input>,
    ) -> S3Result<S3Response<ListObjectsV2Output>> {
        self.files.list_objects_v2(request).await
    }
}

fn main() -> ExitCode {
    let Some(folder) = std::env::args_os().nth(1) else {
        let _ = writeln!(std::io::stderr(), "usage: serve_s3 FOLDER");
        return ExitCode::from(2);
    };
    let served = tokio::runtime::Builder::new_current_thread().enable_all().build().and_then(|runtime| {
        runtime.block_on(async {
            let files = FileSystem::new(&folder).map_err(|error| std::io::Error::other(format!("{error:?}")))?;
            let mut builder = S3ServiceBuilder::new(Folder { root: PathBuf::from(&folder), files });
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
