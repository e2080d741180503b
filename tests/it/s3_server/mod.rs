//! A real S3 server over HTTP (`s3s` with `s3s-fs`) on a loopback port, behind a layer that logs every request and can
//! break its answers.
//!
//! `s3s-fs` pages listings as S3 does: 1,000 keys unless max-keys says less, then a continuation token.

mod faults;
mod log;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use hyper::Request;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use offramp::source::s3::{Patience, S3Settings, StaticCredentials};
use s3s::auth::SimpleAuth;
use s3s::service::{S3Service, S3ServiceBuilder};
use s3s_fs::FileSystem;
use tempfile::TempDir;

pub use faults::Fault;
use faults::Faults;

const ACCESS_KEY: &str = "AKIAOFFRAMPTEST";
const SECRET: &str = "a-secret-of-the-test";

pub struct S3Server {
    address: SocketAddr,
    root: TempDir,
    state: Arc<State>,
    stop: Option<tokio::sync::oneshot::Sender<()>>,
}

struct State {
    service: S3Service,
    root: PathBuf,
    requests: Mutex<Vec<String>>,
    headers: Mutex<Vec<String>>,
    faults: Mutex<Faults>,
}

impl S3Server {
    /// Starts the server on a thread of its own, so that a busy test cannot starve it.
    pub fn start(buckets: &[&str]) -> Self {
        let root = tempfile::tempdir().unwrap();
        for bucket in buckets {
            std::fs::create_dir(root.path().join(bucket)).unwrap();
        }
        let mut builder = S3ServiceBuilder::new(FileSystem::new(root.path()).unwrap());
        builder.set_auth(SimpleAuth::from_single(ACCESS_KEY, SECRET));
        let state = Arc::new(State {
            service: builder.build(),
            root: root.path().to_owned(),
            requests: Mutex::default(),
            headers: Mutex::default(),
            faults: Mutex::default(),
        });
        let (stop, stopped) = tokio::sync::oneshot::channel();
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        listener.set_nonblocking(true).unwrap();
        let serving = Arc::clone(&state);
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let listener = tokio::net::TcpListener::from_std(listener).unwrap();
                tokio::select! { () = serve(listener, serving) => {}, _ = stopped => {} }
            });
            runtime.shutdown_background();
        });
        Self { address, root, state, stop: Some(stop) }
    }

    /// Puts an object where the server finds it.
    pub fn put(&self, bucket: &str, key: &str, bytes: impl AsRef<[u8]>) {
        let path = self.root.path().join(bucket).join(key);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }

    /// What [`S3Server::put`] put there.
    pub fn get(&self, bucket: &str, key: &str) -> Vec<u8> {
        std::fs::read(self.root.path().join(bucket).join(key)).unwrap()
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Settings that reach this server and nothing else, and lose no time.
    pub fn settings(&self) -> S3Settings {
        S3Settings {
            region: Some("us-east-1".to_owned()),
            endpoint_url: Some(self.url()),
            credentials: Some(StaticCredentials {
                access_key_id: ACCESS_KEY.to_owned(),
                secret_access_key: SECRET.to_owned(),
                session_token: None,
            }),
            patience: Patience {
                attempts: 4,
                resumes: 3,
                read: Duration::from_secs(4),
                stall: Duration::from_secs(3),
                first_backoff: Duration::from_millis(5),
                max_backoff: Duration::from_millis(50),
                ..Patience::default()
            },
            ..S3Settings::default()
        }
    }

    /// Breaks the next `times` answers to requests whose log line begins with `line`.
    pub fn fail(&self, line: &str, times: usize, fault: Fault) {
        self.state.faults.lock().unwrap().add(line, times, fault);
    }

    /// The log since the last call: `LIST prefix`, `LIST prefix by folder`, `... next page`, `GET key`,
    /// `GET key bytes=5-9`, `HEAD key`. Requests run side by side, so their order says nothing: sorted.
    pub fn requests(&self) -> Vec<String> {
        let mut requests = std::mem::take(&mut *self.state.requests.lock().unwrap());
        requests.sort();
        requests
    }

    /// The raw header lines of every request, for what the log does not show.
    pub fn headers(&self) -> Vec<String> {
        std::mem::take(&mut *self.state.headers.lock().unwrap())
    }
}

impl Drop for S3Server {
    fn drop(&mut self) {
        let _ = self.stop.take().map(|stop| stop.send(()));
    }
}

async fn serve(listener: tokio::net::TcpListener, state: Arc<State>) {
    loop {
        let (socket, _) = listener.accept().await.unwrap();
        // A connection that is given up ends in a reset.
        socket.set_zero_linger().unwrap();
        let state = Arc::clone(&state);
        let service = service_fn(move |request: Request<Incoming>| answer(Arc::clone(&state), request));
        tokio::spawn(hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(socket), service));
    }
}

async fn answer(state: Arc<State>, request: Request<Incoming>) -> Result<hyper::Response<s3s::Body>, s3s::HttpError> {
    let line = log::line(&request);
    let headers = request.headers().iter().map(|(name, value)| format!("{name}: {}", value.to_str().unwrap_or("?")));
    state.headers.lock().unwrap().extend(headers);
    state.requests.lock().unwrap().push(line.clone());
    let fault = state.faults.lock().unwrap().take(&line);
    let if_match = request.headers().get("if-match").cloned();
    let path = state.root.join(request.uri().path().trim_start_matches('/'));
    if let Some(Fault::Silence) = fault {
        return std::future::pending().await;
    }
    if let Some(answer) = fault.as_ref().and_then(Fault::instead) {
        return Ok(answer);
    }
    let response = state.service.call(request.map(s3s::Body::from)).await?;
    // s3s-fs reads no If-Match.
    if if_match.is_some_and(|wanted| response.headers().get("etag") != Some(&wanted)) {
        return Ok(faults::error(412, "PreconditionFailed"));
    }
    match fault {
        Some(fault) => Ok(fault.apply(response, path).await),
        None => Ok(response),
    }
}
