//! The envelope of every list: items and where to go on.

use serde::{Deserialize, Serialize};

/// One page of a list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Page<T> {
    /// The items, in the order of the list.
    pub items: Vec<T>,
    /// Pass this as the cursor to get what follows; absent at the end.
    pub next: Option<String>,
}

/// A place in a list that is ordered by a time and then by an id, both falling or both rising.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// The time of the last item seen, unix milliseconds.
    pub at: i64,
    /// The id of the last item seen.
    pub id: i64,
}

impl std::fmt::Display for Cursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}-{}", self.at, self.id)
    }
}

impl std::str::FromStr for Cursor {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        let (at, id) = text.rsplit_once('-').ok_or(())?;
        Ok(Self { at: at.parse().map_err(|_| ())?, id: id.parse().map_err(|_| ())? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_cursor_survives_its_text(at: i64, id in 0..i64::MAX) {
            prop_assert_eq!(Cursor { at, id }.to_string().parse(), Ok(Cursor { at, id }));
        }

        #[test]
        fn a_strange_cursor_is_refused_without_panic(text in ".*") {
            let _ = text.parse::<Cursor>();
        }
    }
}
