//! The shape of the texts of search in messages: the results under the list.

/// See the module.
pub struct Texts {
    pub messages: &'static str,
    pub nothing: fn(text: &str) -> String,
    pub nothing_text: &'static str,
    pub more: &'static str,
    pub you: &'static str,
}
