//! What runs in the background. Each worker owns one loop, wakes by the bell and looks by itself now and then, and stops
//! when the process stops.

pub mod catch_up;
pub mod gesture;
pub mod history;
pub mod inbound;
pub mod intake;
pub mod later;
pub mod media;
pub mod outbound;
pub mod preview;
pub mod receive;
pub mod sandbox;
pub mod search;
pub mod send;
pub mod shards;
pub mod upkeep;
