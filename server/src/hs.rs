//! The HTTP service: what providers, 1C and telephone exchanges call, as they call 1C's own.

pub mod webhook;
