//! What a login, a name and a password must be, and how a password is kept: Argon2id, 19 MiB, two passes.

use anyhow::anyhow;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use domain::Fault;

/// The longest login, characters.
const MAX_LOGIN: usize = 100;
/// The longest name, characters.
const MAX_NAME: usize = 200;
/// The shortest and the longest password, characters.
const PASSWORD: std::ops::RangeInclusive<usize> = 8..=200;

/// A login by which a person is found: trimmed, without regard to case. Databases fold ASCII only, so Rust does it.
pub fn login_key(login: &str) -> String {
    login.trim().to_lowercase()
}

/// A login as it is kept, or why it cannot be one: HTTP Basic cannot carry a colon.
pub fn check_login(login: &str) -> Result<String, Fault> {
    let login = login.trim();
    let long = login.chars().nth(MAX_LOGIN).is_some();
    if login.is_empty() || long || login.chars().any(|c| c == ':' || c.is_control()) {
        return Err(Fault::LoginInvalid);
    }
    Ok(login.to_owned())
}

/// A name as it is kept: of a person, an account, a key.
pub fn check_name(name: &str) -> Result<String, Fault> {
    let name = name.trim();
    if name.is_empty() || name.chars().nth(MAX_NAME).is_some() || name.chars().any(char::is_control) {
        return Err(Fault::NameInvalid);
    }
    Ok(name.to_owned())
}

/// Whether a password may be set.
pub fn check_password(password: &str) -> Result<(), Fault> {
    // Counting stops soon after the limit, whatever was sent.
    let length = password.chars().take(PASSWORD.end() + 1).count();
    if PASSWORD.contains(&length) { Ok(()) } else { Err(Fault::PasswordInvalid) }
}

/// Hashes a password: tens of milliseconds of work. Not to be called on an async thread.
pub fn hash(password: &str) -> anyhow::Result<String> {
    let hash: PasswordHash =
        argon()?.hash_password(password.as_bytes()).map_err(|error| anyhow!("hashing a password: {error}"))?;
    Ok(hash.to_string())
}

/// Whether a password is the one that was hashed. As much work as [`hash`].
pub fn verify(password: &str, hash: &str) -> bool {
    argon().is_ok_and(|argon| argon.verify_password(password.as_bytes(), hash).is_ok())
}

fn argon() -> anyhow::Result<Argon2<'static>> {
    let params = Params::new(19 * 1024, 2, 1, None).map_err(|error| anyhow!("argon2: {error}"))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_known_again_and_hashed_with_a_salt() {
        let (one, two) = (hash("пароль123").unwrap(), hash("пароль123").unwrap());
        assert_ne!(one, two);
        assert!(one.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{one}");
        assert!(verify("пароль123", &one) && verify("пароль123", &two));
        assert!(!verify("пароль124", &one));
        assert!(!verify("", &one) && !verify("x", "not a hash"));
    }

    #[test]
    fn logins_meet_without_regard_to_case() {
        assert_eq!(login_key(" АННА "), login_key("анна"));
        assert_eq!(check_login(" Анна "), Ok("Анна".to_owned()));
        for bad in ["", "  ", "a:b", "a\nb", &"ё".repeat(101)] {
            assert_eq!(check_login(bad), Err(Fault::LoginInvalid), "{bad:?}");
        }
        assert!(check_login(&"ё".repeat(100)).is_ok());
    }

    #[test]
    fn limits_count_characters() {
        assert_eq!(check_password("пароль7"), Err(Fault::PasswordInvalid));
        assert!(check_password("пароль12").is_ok());
        assert!(check_password(&"ё".repeat(200)).is_ok());
        assert_eq!(check_password(&"ё".repeat(201)), Err(Fault::PasswordInvalid));
        assert_eq!(check_name(&"я".repeat(10_000)), Err(Fault::NameInvalid));
        assert_eq!(check_name("\u{7}"), Err(Fault::NameInvalid));
    }
}
