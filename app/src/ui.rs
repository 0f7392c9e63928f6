//! Small parts that every page uses. Each is in its own file; what belongs to one page only stays with the page.

pub mod avatar;
pub mod button;
pub mod dialog;
pub mod field;
pub mod icon;
pub mod later;
pub mod menu;
pub mod mood;
pub mod part;
pub mod state;
pub mod toast;

pub use avatar::Avatar;
pub use button::{CopyButton, SubmitButton};
pub use dialog::{Confirm, Dialog};
pub use field::{Field, PasswordField, Switch};
pub use icon::{icon, mark, spinner};
pub use later::{Part, ahead, later};
pub use menu::Menu;
pub use mood::{Broken, Empty, Loading};
pub use part::{effect, part};
pub use toast::{Toasts, complain, toast};
