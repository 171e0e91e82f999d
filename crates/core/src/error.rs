//! What every error can say besides its message.

/// Who can do something about an error; the command line turns it into an exit code once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// The caller asked for something that cannot be: change the request or the input.
    User,
    /// The workspace or its settings do not allow it.
    Config,
    /// Something outside is busy, full or missing: try again later.
    Unavailable,
    /// Stored bytes are not what was written: restore, or let `grounds doctor` look.
    Corrupt,
    /// A mistake in Grounds itself.
    Bug,
}

/// What the reader of an error can do next, as one sentence; empty where the message says it all.
pub type Hint = String;
