//! Files that providers serve under `/download/{scope}/{name}`: no sign-in, plain GET, as the real
//! storages do. It knows no provider.

use std::collections::HashMap;
use std::sync::Mutex;

use axum::body::Body;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;

use crate::{hex, locked};

/// Largest file either way, bytes: 100 MB (reference/green-api.md §6).
pub const LARGEST: usize = 100 * 1024 * 1024;

/// A stored file.
#[derive(Clone, Debug)]
pub struct Stored {
    /// Name as the sender gave it.
    pub name: String,
    /// Content type it is served with.
    pub mime: String,
    /// Content.
    pub bytes: Bytes,
}

/// All files of all scopes, by path.
#[derive(Debug, Default)]
pub struct Files(Mutex<Shelf>);

#[derive(Debug, Default)]
struct Shelf {
    live: HashMap<String, Stored>,
    /// Files whose links died: a provider can still give a new link.
    expired: HashMap<String, Stored>,
}

impl Files {
    /// Keeps a file and gives its path, `/download/{scope}/{random}.{ext}`.
    pub fn put(&self, scope: &str, file: Stored) -> String {
        let ext = file.name.rsplit_once('.').map_or("bin", |(_, ext)| ext);
        let path = format!("/download/{scope}/{}.{}", hex(32).to_lowercase(), ext.to_lowercase());
        locked(&self.0).live.insert(path.clone(), file);
        path
    }

    /// The file at a path.
    pub fn get(&self, path: &str) -> Option<Stored> {
        locked(&self.0).live.get(path).cloned()
    }

    /// A new link to a file whose link may have died; `None` when the path was never one.
    pub fn renew(&self, scope: &str, path: &str) -> Option<String> {
        let file = {
            let shelf = locked(&self.0);
            shelf.live.get(path).or_else(|| shelf.expired.get(path)).cloned()?
        };
        Some(self.put(scope, file))
    }

    /// Lets the links of a scope expire: their paths answer 404 from now on.
    /// Gives the number of links that died.
    pub fn expire(&self, scope: &str) -> usize {
        let prefix = format!("/download/{scope}/");
        let mut shelf = locked(&self.0);
        let (dead, live): (HashMap<_, _>, HashMap<_, _>) =
            std::mem::take(&mut shelf.live).into_iter().partition(|(path, _)| path.starts_with(&prefix));
        shelf.live = live;
        let count = dead.len();
        shelf.expired.extend(dead);
        count
    }

    /// Forgets every file.
    pub fn clear(&self) {
        *locked(&self.0) = Shelf::default();
    }

    /// Answers a GET of a path.
    pub fn serve(&self, path: &str) -> Response {
        match self.get(path) {
            Some(file) => ([(header::CONTENT_TYPE, file.mime)], Body::from(file.bytes)).into_response(),
            None => (StatusCode::NOT_FOUND, "Not Found").into_response(),
        }
    }
}
