//! Secrets at rest: encrypted with a key file beside the data, never logged. Also random tokens and their hashes.

use std::path::Path;

use anyhow::{Context, anyhow, ensure};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use rand::Rng;
use sha2::{Digest, Sha256};

/// Encrypts with the installation's key (XChaCha20-Poly1305, a random nonce each time).
#[derive(Clone)]
pub struct Vault {
    cipher: XChaCha20Poly1305,
    derived: [u8; 32],
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Vault")
    }
}

impl Vault {
    /// Reads `secret.key` from the data folder, or makes it, readable by its owner alone.
    pub fn open(data: &Path) -> anyhow::Result<Self> {
        make_private(data).with_context(|| format!("making {}", data.display()))?;
        let path = data.join("secret.key");
        let key = match std::fs::read_to_string(&path) {
            Ok(text) => STANDARD.decode(text.trim()).context("secret.key is not base64")?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let mut key = [0u8; 32];
                rand::rng().fill_bytes(&mut key);
                write_private(&path, STANDARD.encode(key).as_bytes())?;
                key.to_vec()
            }
            Err(error) => return Err(error).context("reading secret.key"),
        };
        ensure!(key.len() == 32, "secret.key must hold 32 bytes");
        let derived = Sha256::new_with_prefix(b"besedka derived secrets").chain_update(&key).finalize().into();
        let cipher = XChaCha20Poly1305::new_from_slice(&key).map_err(|_| anyhow!("secret.key must hold 32 bytes"))?;
        Ok(Self { cipher, derived })
    }

    /// Encrypts; `place` (table and column) is bound in, so that a value cannot be moved to another place.
    pub fn seal(&self, place: &str, plain: &[u8]) -> anyhow::Result<Vec<u8>> {
        let mut nonce = [0u8; 24];
        rand::rng().fill_bytes(&mut nonce);
        let sealed = self
            .cipher
            .encrypt(XNonce::from_slice(&nonce), Payload { msg: plain, aad: place.as_bytes() })
            .map_err(|_| anyhow!("encrypting {place}"))?;
        Ok([nonce.as_slice(), &sealed].concat())
    }

    /// Decrypts what [`Vault::seal`] made for the same place.
    pub fn open_sealed(&self, place: &str, sealed: &[u8]) -> anyhow::Result<Vec<u8>> {
        let (nonce, body) = sealed.split_at_checked(24).context("a sealed value is too short")?;
        self.cipher
            .decrypt(XNonce::from_slice(nonce), Payload { msg: body, aad: place.as_bytes() })
            .map_err(|_| anyhow!("{place} was sealed with another key: is secret.key the right one?"))
    }

    /// A secret that follows from the key and a name: the same after every restart, unknown to whoever lacks the key.
    pub fn derive(&self, name: &str) -> String {
        let digest = Sha256::new_with_prefix(self.derived).chain_update(name.as_bytes()).finalize();
        URL_SAFE_NO_PAD.encode(&digest[..24])
    }
}

/// A random token of 32 bytes, safe in a URL and a header.
pub fn token() -> String {
    let mut bytes = [0u8; 32];
    rand::rng().fill_bytes(&mut bytes);
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The SHA-256 of a token, hexadecimal: what the database keeps of it.
pub fn hash(token: &str) -> String {
    hex(&Sha256::digest(token.as_bytes()))
}

/// Bytes as hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Compares in constant time for inputs of equal length.
pub fn same(a: &str, b: &str) -> bool {
    use subtle::ConstantTimeEq;
    // Hashing first makes the lengths equal, so the length of the secret does not leak either.
    Sha256::digest(a.as_bytes()).ct_eq(&Sha256::digest(b.as_bytes())).into()
}

/// Makes the data folder for its owner alone: it holds all correspondence. One that is there keeps its rights.
fn make_private(folder: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

#[cfg(unix)]
fn write_private(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    use std::io::Write;
    use std::os::unix::fs::OpenOptionsExt;
    let mut file = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .with_context(|| format!("making {}", path.display()))?;
    file.write_all(bytes)?;
    file.sync_all()?;
    Ok(())
}

#[cfg(not(unix))]
fn write_private(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    std::fs::write(path, bytes).with_context(|| format!("making {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_opens_only_in_its_place_and_with_its_key() {
        let (a, b) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let vault = Vault::open(a.path()).unwrap();
        let sealed = vault.seal("account.secrets", b"token").unwrap();
        assert!(!sealed.windows(5).any(|part| part == b"token"));
        assert_eq!(Vault::open(a.path()).unwrap().open_sealed("account.secrets", &sealed).unwrap(), b"token");
        assert!(vault.open_sealed("user.totp", &sealed).is_err());
        assert!(Vault::open(b.path()).unwrap().open_sealed("account.secrets", &sealed).is_err());
        assert!(vault.open_sealed("account.secrets", b"short").is_err());
    }

    #[test]
    fn comparison_is_by_value() {
        assert!(same("пароль", "пароль"));
        assert!(!same("пароль", "парол"));
    }
}
