//! Attachments' bytes: a folder of files named by their SHA-256, so equal files are kept once. What they are called and
//! whose they are is in `store/file`; how they are served is in `api/file`.

pub mod picture;

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use anyhow::Context;
use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use sha2::{Digest, Sha256};
use tokio::io::AsyncWriteExt;
use tokio::sync::Semaphore;

use crate::secret;
use crate::store::file::{Known, clip_mime};
use crate::store::{self, Db};

/// How many of the first bytes are kept in memory to tell what a file is.
const HEAD: usize = 8 * 1024;
/// How long a sender may say nothing in the middle of a file.
const SILENCE: Duration = Duration::from_secs(60);
/// What is unfinished for so long will never be finished.
const ABANDONED: Duration = Duration::from_secs(24 * 3600);
/// The end of the name of what stands in a small picture's place when there can be none: trying again would cost as much
/// each time somebody looks.
const NO_PICTURE: &str = "none";
/// Pictures decoded at once: each may take much memory.
const PICTURES_AT_ONCE: usize = 2;

/// The folder of files.
#[derive(Debug)]
pub struct Files {
    root: PathBuf,
    pictures: Semaphore,
}

/// Bytes that are here and safe.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// SHA-256, hexadecimal.
    pub hash: String,
    /// How many.
    pub size: u64,
    /// The first of them.
    pub head: Vec<u8>,
}

/// Why bytes could not be kept.
#[derive(Debug, thiserror::Error)]
pub enum PutError {
    /// There are more of them than allowed.
    #[error("the file is too large")]
    TooLarge,
    /// They stopped coming.
    #[error("the file did not arrive whole: {0}")]
    Broken(String),
    /// The disk or the folder.
    #[error(transparent)]
    Other(#[from] anyhow::Error),
}

impl Files {
    /// Opens the folder `files` in the data folder; what earlier starts left half-written goes.
    pub fn open(data: &Path) -> anyhow::Result<Self> {
        let root = data.join("files");
        let unfinished = root.join("unfinished");
        sweep(&unfinished);
        std::fs::create_dir_all(&unfinished).with_context(|| format!("making {}", unfinished.display()))?;
        Ok(Self { root, pictures: Semaphore::new(PICTURES_AT_ONCE) })
    }

    /// Keeps a stream of at most `limit` bytes. When it returns, the bytes survive a power cut.
    pub async fn put_stream<S, E>(&self, stream: S, limit: u64) -> Result<Stored, PutError>
    where
        S: Stream<Item = Result<Bytes, E>> + Send,
        E: std::fmt::Display,
    {
        let unfinished = Unfinished(self.root.join("unfinished").join(secret::token()));
        let mut file = tokio::fs::File::create(&unfinished.0).await.context("making a file")?;
        let mut hasher = Sha256::new();
        let mut stored = Stored { hash: String::new(), size: 0, head: Vec::new() };
        let mut stream = std::pin::pin!(stream);
        loop {
            let piece = match tokio::time::timeout(SILENCE, stream.next()).await {
                Ok(Some(Ok(piece))) => piece,
                Ok(Some(Err(error))) => return Err(PutError::Broken(error.to_string())),
                Ok(None) => break,
                Err(_) => return Err(PutError::Broken("no more bytes came".to_owned())),
            };
            stored.size += piece.len() as u64;
            if stored.size > limit {
                return Err(PutError::TooLarge);
            }
            let wanted = HEAD.saturating_sub(stored.head.len()).min(piece.len());
            stored.head.extend_from_slice(&piece[..wanted]);
            hasher.update(&piece);
            file.write_all(&piece).await.context("writing a file")?;
        }
        file.flush().await.context("writing a file")?;
        file.sync_all().await.context("writing a file")?;
        drop(file);
        stored.hash = secret::hex(&hasher.finalize());
        self.settle(&unfinished.0, &stored.hash).await?;
        Ok(stored)
    }

    /// Keeps bytes that are in memory already.
    pub async fn put(&self, bytes: Bytes) -> Result<Stored, PutError> {
        let limit = bytes.len() as u64;
        self.put_stream(futures_util::stream::iter([Ok::<_, std::convert::Infallible>(bytes)]), limit).await
    }

    /// Where the bytes of a hash are, if they are here.
    pub fn path(&self, hash: &str) -> PathBuf {
        self.place("", hash)
    }

    /// What the bytes are: by themselves where they say so, otherwise by what the sender said or the name's end.
    /// Pictures are measured.
    pub async fn describe(&self, stored: &Stored, name: &str, told: &str) -> anyhow::Result<Known> {
        let mime = kind(&stored.head, name, told);
        let size = if picture::shown(&mime) {
            let path = self.path(&stored.hash);
            let _turn = self.pictures.acquire().await?;
            tokio::task::spawn_blocking(move || picture::measure(&path)).await?
        } else {
            None
        };
        let (width, height) = size.unzip();
        let bytes = i64::try_from(stored.size)?;
        Ok(Known { blob: stored.hash.clone(), mime, size: bytes, width, height })
    }

    /// The small picture of a picture and its type, made when it is first asked for; `None` when the bytes are no
    /// picture, or one too large to be opened safely.
    pub async fn thumbnail(&self, hash: &str) -> anyhow::Result<Option<(PathBuf, &'static str)>> {
        for (end, mime) in [("jpg", "image/jpeg"), ("png", "image/png")] {
            let path = self.place("small", hash).with_extension(end);
            if tokio::fs::try_exists(&path).await? {
                return Ok(Some((path, mime)));
            }
        }
        let (source, target) = (self.path(hash), self.place("small", hash));
        let failed = target.with_extension(NO_PICTURE);
        if tokio::fs::try_exists(&failed).await? {
            return Ok(None);
        }
        let temporary = self.root.join("unfinished").join(secret::token());
        let _turn = self.pictures.acquire().await?;
        tokio::task::spawn_blocking(move || {
            let made = picture::shrink(&source, &temporary, &target)?;
            if made.is_none() && source.try_exists()? {
                std::fs::create_dir_all(target.parent().context("a picture's folder")?)?;
                std::fs::File::create(&failed)?;
            }
            Ok(made)
        })
        .await?
    }

    /// Removes the bytes of one of the 256 parts of the folder that came, or were wanted again, before a moment and are
    /// named by no row. Answers how many. Safe beside other processes that keep the same bytes.
    pub async fn sweep(&self, db: &Db, part: u8, before: SystemTime) -> anyhow::Result<u64> {
        let mut removed = 0;
        let whole = self.root.join(format!("{part:02x}"));
        for folder in tokio::task::spawn_blocking(move || folders(&whole)).await? {
            let hashes = tokio::task::spawn_blocking(move || idle(&folder, before)).await?;
            if hashes.is_empty() {
                continue;
            }
            let kept = store::file::named(db, &hashes).await?;
            for hash in hashes.iter().filter(|hash| !kept.contains(*hash)) {
                let (path, small) = (self.path(hash), self.place("small", hash));
                let aside = self.root.join("unfinished").join(secret::token());
                let gone = tokio::task::spawn_blocking(move || {
                    let gone = discard(&path, &aside, before)?;
                    for end in [NO_PICTURE, "jpg", "png"].into_iter().filter(|_| gone) {
                        // Most have none.
                        let _ = std::fs::remove_file(small.with_extension(end));
                    }
                    std::io::Result::Ok(gone)
                });
                removed += u64::from(gone.await??);
            }
        }
        Ok(removed)
    }

    fn place(&self, folder: &str, hash: &str) -> PathBuf {
        // A hash comes from our own database; whatever else it were, it must not lead out of the folder.
        let name: String = hash.chars().filter(char::is_ascii_hexdigit).collect();
        let (first, second) = (name.get(..2).unwrap_or("0"), name.get(2..4).unwrap_or("0"));
        self.root.join(folder).join(first).join(second).join(&name)
    }

    async fn settle(&self, unfinished: &Path, hash: &str) -> anyhow::Result<()> {
        let path = self.path(hash);
        let known = path.clone();
        if tokio::task::spawn_blocking(move || touch(&known)).await?? {
            return Ok(());
        }
        let folder = path.parent().context("a file's folder")?.to_owned();
        tokio::fs::create_dir_all(&folder).await.with_context(|| format!("making {}", folder.display()))?;
        tokio::fs::rename(unfinished, &path).await.context("putting a file into its place")?;
        // The name itself must survive a power cut, too.
        if let Ok(folder) = tokio::fs::File::open(&folder).await {
            folder.sync_all().await.context("putting a file into its place")?;
        }
        Ok(())
    }
}

/// Says that bytes which are here already are wanted from now on. `false` when they are not there, also if they are
/// being removed at this moment: that is why the path is looked at once more afterwards.
fn touch(path: &Path) -> std::io::Result<bool> {
    match std::fs::File::open(path) {
        Ok(file) => {
            file.set_modified(SystemTime::now())?;
            path.try_exists()
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// The folders in a folder: none where it is not there.
fn folders(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    entries.flatten().map(|entry| entry.path()).collect()
}

/// The bytes in a folder that came, or were wanted again, before a moment.
fn idle(folder: &Path, before: SystemTime) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let old =
        |entry: &std::fs::DirEntry| entry.metadata().and_then(|known| known.modified()).is_ok_and(|at| at < before);
    entries.flatten().filter(old).filter_map(|entry| entry.file_name().into_string().ok()).collect()
}

/// Takes bytes out of their place and, if nobody has wanted them meanwhile, removes them. Whoever wants the same bytes at
/// this very moment either touches them first, and they go back, or misses them and puts their own into the place.
fn discard(path: &Path, aside: &Path, before: SystemTime) -> std::io::Result<bool> {
    match std::fs::rename(path, aside) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(false),
        moved => moved?,
    }
    if std::fs::metadata(aside)?.modified()? < before {
        std::fs::remove_file(aside)?;
        return Ok(true);
    }
    std::fs::rename(aside, path)?;
    Ok(false)
}

/// Removes what a process that died left unfinished. Only what is old: another process may be writing there right now.
fn sweep(unfinished: &Path) {
    let Ok(entries) = std::fs::read_dir(unfinished) else { return };
    for entry in entries.flatten() {
        let written = entry.metadata().and_then(|known| known.modified());
        let old = written.is_ok_and(|at| at.elapsed().is_ok_and(|age| age > ABANDONED));
        if old && let Err(error) = std::fs::remove_file(entry.path()) {
            tracing::warn!(%error, "removing an unfinished file");
        }
    }
}

/// A file that is removed unless it was moved away.
struct Unfinished(PathBuf);

impl Drop for Unfinished {
    fn drop(&mut self) {
        // Gone already when it was moved into its place.
        let _ = std::fs::remove_file(&self.0);
    }
}

/// What bytes are. The bytes themselves win, since a name and a header can be anything; a container that says less than
/// the name (a zip that is a spreadsheet) gives way to the name.
fn kind(head: &[u8], name: &str, told: &str) -> String {
    let by_name = mime_guess::from_path(name).first().map(|mime| mime.essence_str().to_owned());
    let told = clip_mime(told);
    match infer::get(head).map(|kind| kind.mime_type()) {
        Some("application/zip") => {
            by_name.filter(|mime| mime.starts_with("application/")).unwrap_or("application/zip".to_owned())
        }
        // One container for sound and film: the sender knows which.
        Some("video/mp4" | "video/webm") if told.starts_with("audio/") => told,
        Some("video/ogg" | "application/ogg") => {
            if told.starts_with("video/") {
                told
            } else {
                "audio/ogg".to_owned()
            }
        }
        Some(mime) => mime.to_owned(),
        None => {
            // Bytes that are no picture, sound or film are not served as one, whatever their name says.
            let plain = |mime: &String| !["image/", "audio/", "video/"].iter().any(|start| mime.starts_with(start));
            by_name.filter(plain).or(Some(told).filter(plain)).unwrap_or_else(|| "application/octet-stream".to_owned())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces(sizes: &[usize]) -> impl Stream<Item = Result<Bytes, std::io::Error>> + Send {
        futures_util::stream::iter(sizes.iter().map(|&size| Ok(Bytes::from(vec![7u8; size]))).collect::<Vec<_>>())
    }

    fn left(data: &Path) -> usize {
        std::fs::read_dir(data.join("files/unfinished")).unwrap().count()
    }

    #[tokio::test]
    async fn equal_bytes_are_kept_once_and_nothing_is_left_over() {
        let data = tempfile::tempdir().unwrap();
        let files = Files::open(data.path()).unwrap();
        let one = files.put_stream(pieces(&[10_000, 5]), 20_000).await.unwrap();
        let two = files.put_stream(pieces(&[5, 10_000]), 20_000).await.unwrap();
        assert_eq!(one, two);
        assert_eq!((one.size, one.head.len()), (10_005, HEAD));
        assert_eq!(std::fs::read(files.path(&one.hash)).unwrap().len(), 10_005);
        assert_eq!(left(data.path()), 0);
    }

    #[tokio::test]
    async fn what_is_too_large_or_broken_leaves_nothing() {
        let data = tempfile::tempdir().unwrap();
        let files = Files::open(data.path()).unwrap();
        assert!(matches!(files.put_stream(pieces(&[10, 1]), 10).await, Err(PutError::TooLarge)));
        let broken = futures_util::stream::iter([Ok(Bytes::from_static(b"x")), Err(std::io::Error::other("cut"))]);
        assert!(matches!(files.put_stream(broken, 10).await, Err(PutError::Broken(_))));
        assert_eq!(left(data.path()), 0);
    }

    #[test]
    fn a_hash_cannot_leave_the_folder() {
        let data = tempfile::tempdir().unwrap();
        let files = Files::open(data.path()).unwrap();
        assert!(files.path("../../etc/passwd").starts_with(data.path().join("files")));
        assert!(!files.path("../../etc/passwd").to_string_lossy().contains(".."));
    }

    #[test]
    fn bytes_win_over_names() {
        let png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";
        assert_eq!(kind(png, "virus.exe", "text/html"), "image/png");
        assert_eq!(kind(b"<svg onload=alert(1)>", "a.png", "image/png"), "application/octet-stream");
        assert_eq!(kind(b"a;b", "price.csv", ""), "text/csv");
        assert_eq!(
            kind(b"PK\x03\x04rest", "a.xlsx", ""),
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
        );
        assert_eq!(kind(b"?", "", "bad type"), "application/octet-stream");
    }
}
