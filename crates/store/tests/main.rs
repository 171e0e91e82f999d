//! Tests of the store through its public API, in one binary.

mod support;
mod model;
mod workspace;
mod tables;
mod declared;
mod unique;
mod journal;
mod naive;
mod search;
mod prepared;
mod permissions;
mod threads;
mod damage;
mod examine;
mod compare;
mod backup;
mod erase;
mod export;
mod formats;
#[cfg(feature = "columns")]
mod columns;
#[cfg(feature = "columns")]
mod vectors;
#[cfg(feature = "columns")]
mod readers;
mod kill;
mod faults;
mod disks;
