//! A large gzip object inflated by one task while another reads its text: one file then keeps two cores busy.

use bytes::Bytes;
use tokio::sync::mpsc;

use super::input::Input;
use crate::decode::inflate::Inflate;
use crate::decode::unpack::Damage;
use crate::error::Result;

/// Bytes of text handed over at once: a piece stays in the second-level cache from one core to the other.
const PIECE: usize = 1 << 20;
/// Pieces that may wait; bounds memory.
const WAITING: usize = 4;

/// What comes of the object next.
#[derive(Debug)]
pub(super) enum Piece {
    /// Text.
    Text(Bytes),
    /// The rest cannot be inflated.
    Damage(Damage),
}

/// Text of one object on its way.
#[derive(Debug)]
pub(super) struct Ahead(mpsc::Receiver<Result<Piece>>);

impl Ahead {
    /// Starts to inflate `input`, whose `first` bytes were taken from it already. It stops when this value is dropped.
    pub(super) fn start(first: Bytes, input: Input) -> Self {
        let (pieces, receiver) = mpsc::channel(WAITING);
        tokio::spawn(async move {
            if let Err(error) = inflate(first, input, &pieces).await {
                // Nobody listens any more if this fails.
                let _ = pieces.send(Err(error)).await;
            }
        });
        Self(receiver)
    }

    /// The next piece; `None` at the end of the object.
    pub(super) async fn next(&mut self) -> Result<Option<Piece>> {
        self.0.recv().await.transpose()
    }
}

async fn inflate(first: Bytes, mut input: Input, pieces: &mpsc::Sender<Result<Piece>>) -> Result<()> {
    let mut inflate = Inflate::default();
    let mut text = Vec::new();
    let mut next = Some(first);
    let damage = loop {
        let Some(mut stored) = next else { break inflate.finish().err() };
        let mut damage = None;
        while !stored.is_empty() && damage.is_none() {
            let used = inflate.step(&stored);
            text.extend_from_slice(inflate.text());
            match used {
                Ok(used) => stored = stored.split_off(used),
                Err(found) => damage = Some(found),
            }
            if text.len() >= PIECE && pieces.send(Ok(Piece::Text(std::mem::take(&mut text).into()))).await.is_err() {
                return Ok(());
            }
        }
        if damage.is_some() {
            break damage;
        }
        next = input.next().await?;
    };
    let damage = damage.map(|damage| Piece::Damage(Damage::Gzip(damage)));
    for piece in (!text.is_empty()).then(|| Piece::Text(text.into())).into_iter().chain(damage) {
        if pieces.send(Ok(piece)).await.is_err() {
            break;
        }
    }
    Ok(())
}
