//! The stored bytes of one object, piece by piece.

use std::{fs::File, io::Read, sync::Arc};

use bytes::Bytes;
use futures::{StreamExt, stream::BoxStream};
use object_store::{GetResultPayload, ObjectStore, ObjectStoreExt};

use super::{
    listing::LogObject,
    s3_error::{cause, from_store},
};
use crate::error::{Error, Result};

/// Bytes per read of a local file.
const PIECE: usize = 256 * 1024;

/// An open object.
pub(crate) struct Input {
    payload: Payload,
    object: Arc<LogObject>,
}

enum Payload {
    File(File),
    Stream(BoxStream<'static, object_store::Result<Bytes>>),
    Fetched(std::vec::IntoIter<Bytes>),
}

impl Input {
    pub(crate) async fn open(store: &dyn ObjectStore, object: Arc<LogObject>) -> Result<Self> {
        let result = store.get(&object.meta.location).await.map_err(|error| from_store(error, &object.display))?;
        let payload = match result.payload {
            GetResultPayload::File(file, _) => Payload::File(file),
            GetResultPayload::Stream(stream) => Payload::Stream(stream),
        };
        Ok(Self { payload, object })
    }

    /// The same with all bytes fetched from the store already; local files stay as they are.
    pub(super) async fn fetched(mut self) -> Result<Self> {
        if matches!(self.payload, Payload::File(_)) {
            return Ok(self);
        }
        let mut pieces = Vec::new();
        while let Some(piece) = self.next().await? {
            pieces.push(piece);
        }
        Ok(Self { payload: Payload::Fetched(pieces.into_iter()), object: self.object })
    }

    /// The next bytes; `None` at the end.
    pub(crate) async fn next(&mut self) -> Result<Option<Bytes>> {
        let object = &self.object;
        match &mut self.payload {
            // A blocking read, as in DataFusion's own openers: handing 256 KiB to another thread costs more than reading them.
            Payload::File(file) => {
                let mut piece = Vec::with_capacity(PIECE);
                file.take(PIECE as u64)
                    .read_to_end(&mut piece)
                    .map_err(|error| Error::Store { object: object.display.clone(), message: cause(&error) })?;
                Ok((!piece.is_empty()).then(|| piece.into()))
            }
            Payload::Fetched(pieces) => Ok(pieces.next()),
            Payload::Stream(stream) => {
                stream.next().await.transpose().map_err(|error| from_store(error, &object.display))
            }
        }
    }
}
