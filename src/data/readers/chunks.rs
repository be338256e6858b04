//! A member in pieces of whole lines, unpacked ahead of whoever reads them.

use std::io::{self, Read};
use std::sync::mpsc::{Receiver, SyncSender, channel, sync_channel};
use std::thread;

use super::source::Member;
use crate::error::Result;

const SIZE: usize = 1 << 20;
/// How many pieces may wait to be read.
const AHEAD: usize = 4;

/// Gives the pieces of a member to `take`, in order: whole lines, or what broke off. With more than
/// one thread, the next piece is unpacked while one is being read.
///
/// # Errors
/// Those of opening the member, and what `take` returns, which ends the reading.
pub fn each(member: &Member, threads: usize, mut take: impl FnMut(io::Result<&[u8]>) -> Result<()>) -> Result<()> {
    if threads < 2 {
        return member.read(|reader| {
            let mut chunks = Chunks::new(reader);
            let mut buffer = Vec::new();
            while chunks.fill(&mut buffer).or_else(|error| take(Err(error)).map(|()| false))? {
                take(Ok(&buffer))?;
            }
            Ok(())
        })?;
    }
    thread::scope(|scope| {
        let (full, unread) = sync_channel(AHEAD);
        let (used, empty) = channel();
        let unpacking = scope.spawn(move || member.read(|reader| unpack(reader, &full, &empty)));
        let taken = unread.into_iter().try_for_each(|piece: io::Result<Vec<u8>>| match piece {
            Ok(piece) => {
                take(Ok(&piece))?;
                // The unpacking may have ended, and then needs no more room.
                let _ = used.send(piece);
                Ok(())
            }
            Err(error) => take(Err(error)),
        });
        match unpacking.join() {
            Ok(opened) => taken.and(opened),
            Err(panic) => std::panic::resume_unwind(panic),
        }
    })
}

/// Until the end, an error, or nobody listens any more.
fn unpack(reader: &mut dyn Read, full: &SyncSender<io::Result<Vec<u8>>>, empty: &Receiver<Vec<u8>>) {
    let mut chunks = Chunks::new(reader);
    loop {
        let mut buffer = empty.try_recv().unwrap_or_default();
        let sent = match chunks.fill(&mut buffer) {
            Ok(false) => return,
            Ok(true) => full.send(Ok(buffer)),
            Err(error) => full.send(Err(error)),
        };
        if sent.is_err() {
            return;
        }
    }
}

struct Chunks<'a> {
    reader: &'a mut dyn Read,
    /// The beginning of a line whose end has not been read yet.
    begun: Vec<u8>,
    ended: bool,
}

impl<'a> Chunks<'a> {
    fn new(reader: &'a mut dyn Read) -> Self {
        Self { reader, begun: Vec::new(), ended: false }
    }

    /// The next whole lines; false at the end.
    fn fill(&mut self, buffer: &mut Vec<u8>) -> io::Result<bool> {
        buffer.clear();
        buffer.append(&mut self.begun);
        if self.ended {
            return Ok(false);
        }
        let wanted = SIZE.saturating_sub(buffer.len()).max(SIZE / 2);
        // An error is told once: what follows it is the end.
        self.ended = true;
        let read = self.reader.take(wanted as u64).read_to_end(buffer)?;
        self.ended = read < wanted;
        if !self.ended
            && let Some(end) = memchr::memrchr(b'\n', buffer)
        {
            self.begun.extend_from_slice(&buffer[end + 1..]);
            buffer.truncate(end + 1);
        }
        Ok(!buffer.is_empty())
    }
}
