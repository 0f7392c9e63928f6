//! Besedka's server. Reading order: `config` and `state` (what there is), `store` (what is kept), `ledger` (the only
//! place that changes chats, messages and contacts), `gateway` (the providers), `work` (what runs in the background),
//! `api` and `hs` (what may be asked), `live` (what browsers are told).

pub mod config;
pub mod state;

pub mod store;

pub mod ledger;

pub mod accounts;
pub mod fetch;
pub mod files;
pub mod gateway;
pub mod secret;

pub mod work;

pub mod auth;
pub mod fault;
pub mod metrics;

pub mod api;
pub mod hs;
mod listen;
pub mod live;
pub mod pages;
pub mod serve;
