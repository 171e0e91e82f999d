//! One module for each command: arguments in, outcome out.

pub(crate) mod init;
pub(crate) mod metadata;
pub(crate) mod add;
pub(crate) mod list;
pub(crate) mod show;
pub(crate) mod history;
pub(crate) mod diff;
pub(crate) mod search;
pub(crate) mod ask;
pub(crate) mod assess;
pub(crate) mod rules;
pub(crate) mod format;
pub(crate) mod explain;
pub(crate) mod stale;
pub(crate) mod verify;
pub(crate) mod doctor;
pub(crate) mod generations;
pub(crate) mod backup;
pub(crate) mod transfer;
pub(crate) mod erase;
pub(crate) mod log;
pub(crate) mod principals;
#[cfg(feature = "sql")]
pub(crate) mod sql;
pub(crate) mod demo;
pub(crate) mod reference;
