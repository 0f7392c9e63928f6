//! Pages other than the inbox.

pub mod account;
pub mod account_form;
pub mod account_parts;
pub mod accounts;
pub mod check;
pub mod keys;
pub mod link_phone;
pub mod log;
pub mod missing;
mod pavilion;
pub mod profile;
pub mod receive;
pub mod sessions;
pub mod settings;
pub mod setup;
pub mod setup_steps;
pub mod sign_in;
pub mod user;
pub mod users;

pub use missing::Missing;
pub use settings::Settings;
pub use setup::SetUp;
pub use sign_in::{Expired, SignIn};
