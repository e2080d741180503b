//! The stored bytes of one object, piece by piece or by ranges.

use std::{
    fs::File,
    io::{Read, Seek, SeekFrom},
    ops::Range,
    sync::Arc,
};

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
    store: Arc<dyn ObjectStore>,
}

enum Payload {
    File(File),
    Stream(BoxStream<'static, object_store::Result<Bytes>>),
    /// All pieces, and how many were given out. They are kept, since ranges may be asked for.
    Fetched(Vec<Bytes>, usize),
    /// Only ranges are wanted.
    Ranges,
}

impl Input {
    pub(crate) async fn open(store: Arc<dyn ObjectStore>, object: Arc<LogObject>) -> Result<Self> {
        let result = store.get(&object.meta.location).await.map_err(|error| from_store(error, &object.display))?;
        let payload = match result.payload {
            GetResultPayload::File(file, _) => Payload::File(file),
            GetResultPayload::Stream(stream) => Payload::Stream(stream),
        };
        Ok(Self { payload, object, store })
    }

    /// The same with all bytes read already.
    pub(super) async fn fetched(mut self) -> Result<Self> {
        let mut pieces = Vec::new();
        if let Payload::File(file) = &mut self.payload {
            let mut bytes = Vec::with_capacity(self.object.meta.size as usize + 1);
            file.read_to_end(&mut bytes)
                .map_err(|error| Error::Store { object: self.object.display.clone(), message: cause(&error) })?;
            pieces.push(bytes.into());
        }
        while let Some(piece) = self.next().await? {
            pieces.push(piece);
        }
        Ok(Self { payload: Payload::Fetched(pieces, 0), ..self })
    }

    /// All bytes, if they were read already; they do not come piece by piece then.
    pub(super) fn whole(&mut self) -> Option<Bytes> {
        let Payload::Fetched(pieces, given) = &mut self.payload else { return None };
        if pieces.len() > 1 {
            *pieces = vec![pieces.concat().into()];
        }
        *given = 1;
        Some(pieces.first().cloned().unwrap_or_default())
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
            Payload::Fetched(pieces, given) => {
                *given += 1;
                Ok(pieces.get(*given - 1).cloned())
            }
            Payload::Ranges => Ok(None),
            Payload::Stream(stream) => {
                stream.next().await.transpose().map_err(|error| from_store(error, &object.display))
            }
        }
    }

    /// These ranges of the object, shorter where it ends earlier. What is still to come piece by piece is not wanted any more.
    pub(crate) async fn ranges(&mut self, ranges: &[Range<u64>]) -> Result<Vec<Bytes>> {
        let object = &self.object;
        match &mut self.payload {
            Payload::File(file) => {
                let read = ranges.iter().map(|range| {
                    let mut bytes = Vec::new();
                    file.seek(SeekFrom::Start(range.start))?;
                    file.take(range.end.saturating_sub(range.start)).read_to_end(&mut bytes)?;
                    Ok(bytes.into())
                });
                read.collect::<std::io::Result<_>>()
                    .map_err(|error| Error::Store { object: object.display.clone(), message: cause(&error) })
            }
            Payload::Fetched(..) => {
                let whole = self.whole().unwrap_or_default();
                let end = |at: u64| usize::try_from(at).unwrap_or(usize::MAX).min(whole.len());
                Ok(ranges
                    .iter()
                    .map(|range| whole.slice(end(range.start)..end(range.end).max(end(range.start))))
                    .collect())
            }
            Payload::Stream(_) | Payload::Ranges => {
                // Dropped, so that no more of it is sent.
                self.payload = Payload::Ranges;
                let fetched = self.store.get_ranges(&object.meta.location, ranges).await;
                fetched.map_err(|error| from_store(error, &object.display))
            }
        }
    }
}
