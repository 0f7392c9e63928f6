//! Pages other than the inbox.

pub mod log;
pub mod missing;
pub mod settings;
pub mod setup;
pub mod sign_in;

pub use log::Log;
pub use missing::Missing;
pub use settings::Settings;
pub use setup::SetUp;
pub use sign_in::{Expired, SignIn};
