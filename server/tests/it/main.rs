//! Integration tests, one binary: the real server on a free port, a fresh database, the emulator as the outside world.
//! Each test runs on SQLite and on PostgreSQL (`both!`), so the name of a failing one tells which.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on is to fail")]

#[macro_use]
mod harness;

mod access;
mod account_api;
mod catch_up;
mod chat;
mod crash;
mod early;
mod faults;
mod fetch;
mod file_api;
mod gesture;
mod green_api;
mod history;
mod house;
mod later;
mod ledger;
mod load;
mod mark;
mod media;
mod note;
mod outbox;
mod pages;
mod preview;
mod processes;
mod quick;
mod receive;
mod sandbox;
mod search;
mod session;
mod upkeep;
mod webhook;
