//! Who asks, and what they may do and see. Extractors prove it, so handlers cannot forget: [`Who`] is anybody signed in,
//! [`Writer`] may answer clients, [`Administrator`] may everything. What a password must be is in `password`, how
//! people are made and changed in `staff`, what is remembered in `guard`.

pub mod guard;
pub mod guess;
pub mod password;
pub mod peer;
pub mod refusal;
pub mod staff;

pub use guard::Guard;
pub use peer::Peer;
pub use staff::{change_password, create_user, first_administrator};

use std::net::IpAddr;

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::header::{AUTHORIZATION, COOKIE};
use axum::http::request::Parts;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::{AccountId, ApiKeyId, Fault, Language, Role, UserId};

use crate::fault::{self, Problem};
use crate::ledger::now;
use crate::secret;
use crate::state::State;
use crate::store::user::UserRow;
use crate::store::{account, session, user};

/// The session's cookie.
pub const COOKIE_NAME: &str = "besedka";
/// How long a session lives after it was last used, milliseconds.
pub const SESSION_FOR: i64 = 30 * 24 * 3_600_000;
/// How exactly "last used" is kept, milliseconds: not every request is a write.
const SEEN_EVERY: i64 = 60_000;

/// Somebody proven.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Who {
    /// Who.
    pub user: UserId,
    /// The full name.
    pub name: String,
    /// The login as written.
    pub login: String,
    /// What they may do.
    pub role: Role,
    /// What they may see.
    pub sight: Sight,
    /// The public name of the session; absent for programmes with a key or a password.
    pub session: Option<String>,
    /// The key, when it was a programme with one.
    pub key: Option<ApiKeyId>,
    /// The language of this request.
    pub language: Language,
}

impl Who {
    /// Whether everything may be changed.
    pub fn administers(&self) -> bool {
        self.role == Role::Administrator
    }
}

/// Which accounts somebody sees, and so which chats, messages and files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sight {
    /// All of them, deleted ones too.
    All,
    /// These.
    Accounts(Vec<AccountId>),
}

impl Sight {
    /// Whether an account, and what is in it, may be seen.
    pub fn sees(&self, account: AccountId) -> bool {
        match self {
            Self::All => true,
            Self::Accounts(accounts) => accounts.contains(&account),
        }
    }
}

/// Somebody who may answer clients.
#[derive(Clone, Debug)]
pub struct Writer(pub Who);

/// Somebody who may change everything.
#[derive(Clone, Debug)]
pub struct Administrator(pub Who);

impl FromRequestParts<State> for Who {
    type Rejection = Problem;

    /// By cookie or `Authorization: Bearer <api key>`. The service role belongs to `/hs` and is refused.
    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, Problem> {
        let proven = match bearer(&parts.headers) {
            Some(key) => by_key(state, key).await?,
            None => match cookie(&parts.headers) {
                Some(token) => by_cookie(state, token).await?,
                None => None,
            },
        };
        // A programme has no session that could have ended.
        let missing = if bearer(&parts.headers).is_some() { Fault::KeyInvalid } else { Fault::SignedOut };
        let mut who = proven.ok_or(missing)?;
        if who.role == Role::Service {
            return Err(Fault::Forbidden.into());
        }
        who.language = fault::language(&parts.headers);
        tracing::Span::current().record("user", who.user.0);
        Ok(who)
    }
}

impl FromRequestParts<State> for Writer {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, Problem> {
        let who = Who::from_request_parts(parts, state).await?;
        if who.role.writes() { Ok(Self(who)) } else { Err(Fault::Forbidden.into()) }
    }
}

impl FromRequestParts<State> for Administrator {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, Problem> {
        let who = Who::from_request_parts(parts, state).await?;
        if who.administers() { Ok(Self(who)) } else { Err(Fault::Forbidden.into()) }
    }
}

/// Who calls `/hs`: HTTP Basic with a login and password in UTF-8, or `Authorization: Bearer <api key>`. Every role.
/// A 401 carries the challenge. A pair that was right is not hashed again for some minutes.
pub async fn basic(state: &State, headers: &HeaderMap, peer: Peer) -> Result<Who, Problem> {
    let challenge = || Problem::from(Fault::WrongLogin).challenging();
    if let Some(key) = bearer(headers) {
        return by_key(state, key).await?.ok_or_else(|| Problem::from(Fault::KeyInvalid).challenging());
    }
    let (login, password) = pair(headers).ok_or_else(challenge)?;
    let guard = &state.guard;
    let epoch = guard.epoch();
    let name = guard.pair_name(&password::login_key(&login), &password);
    if let Some(who) = guard.proven(&name).await {
        return Ok(who);
    }
    // Right a few minutes ago, and the person and the password are still the same: no need to hash again.
    let known = match guard.pair(&name).await {
        Some((id, hash)) => user::get(&state.db, id).await?.filter(|row| row.enabled && row.password == hash),
        None => None,
    };
    let row = match known {
        Some(row) => row,
        None => check_pair(state, peer.ip, &login, password).await.map_err(Problem::challenging)?,
    };
    guard.remember_pair(name.clone(), row.id, row.password.clone()).await;
    let who = describe(state, row, None).await?;
    guard.remember(name, &who, epoch).await;
    Ok(who)
}

/// The person of a login and password, or [`Fault::WrongLogin`] after the same time whatever was wrong, or
/// [`Fault::TooManyAttempts`].
pub async fn check_pair(state: &State, ip: IpAddr, login: &str, password: String) -> Result<UserRow, Problem> {
    let guard = &state.guard;
    // What is longer than any login and password can be is wrong; it must not become a key or a hash.
    let fits = login.len() <= 400 && password.len() <= 800;
    let key = if fits { password::login_key(login) } else { String::new() };
    if !guard.guesses.allowed(&key, ip) {
        return Err(Fault::TooManyAttempts.into());
    }
    let _turn = guard.turn().await?;
    // Asked again, because many may have waited for their turn together.
    if !guard.guesses.allowed(&key, ip) {
        return Err(Fault::TooManyAttempts.into());
    }
    let row = if fits { user::by_login(&state.db, &key).await? } else { None };
    let password = if fits { password } else { String::new() };
    let right = guard.check(password, row.as_ref().map(|row| row.password.clone())).await?;
    match row.filter(|row| right && row.enabled) {
        Some(row) => {
            guard.guesses.right(&key, ip);
            Ok(row)
        }
        None => {
            guard.guesses.wrong(&key, ip);
            // Not the login: people type their password there by mistake.
            tracing::warn!(%ip, "wrong login or password");
            Err(Fault::WrongLogin.into())
        }
    }
}

/// Proves somebody again who was proven before: role, name and sight as they are now; `None` when the session has ended
/// or the person is disabled. For those who hold a connection for long.
pub async fn renew(state: &State, who: &Who) -> anyhow::Result<Option<Who>> {
    if let Some(id) = &who.session
        && !session::alive(&state.db, id, now()).await?
    {
        return Ok(None);
    }
    if let Some(id) = who.key
        && !session::key_alive(&state.db, id).await?
    {
        return Ok(None);
    }
    let row = user::get(&state.db, who.user).await?.filter(|row| row.enabled && row.role != Role::Service);
    let Some(row) = row else { return Ok(None) };
    let mut again = describe(state, row, who.session.clone()).await?;
    again.key = who.key;
    again.language = who.language;
    Ok(Some(again))
}

/// Somebody by id, as they are now, for what they left to be done later; `None` for who may not sign in.
pub async fn of_user(state: &State, id: UserId) -> anyhow::Result<Option<Who>> {
    match user::get(&state.db, id).await?.filter(|row| row.enabled && row.role != Role::Service) {
        Some(row) => Ok(Some(describe(state, row, None).await?)),
        None => Ok(None),
    }
}

/// The value of the session's cookie.
pub fn cookie(headers: &HeaderMap) -> Option<&str> {
    headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|line| line.split(';'))
        .find_map(|piece| piece.trim().strip_prefix(COOKIE_NAME)?.strip_prefix('='))
        .filter(|token| !token.is_empty())
}

async fn by_cookie(state: &State, token: &str) -> Result<Option<Who>, Problem> {
    let hash = secret::hash(token);
    if let Some(who) = state.guard.proven(&hash).await {
        return Ok(Some(who));
    }
    let (epoch, now) = (state.guard.epoch(), now());
    let Some(proven) = session::by_token(&state.db, &hash, now).await? else { return Ok(None) };
    let Some(row) = user::get(&state.db, proven.user).await?.filter(|row| row.enabled) else { return Ok(None) };
    if now.since(proven.seen_at) >= SEEN_EVERY {
        let mut tx = state.db.begin().await?;
        session::touch(&mut tx, &proven.id, now, now.plus(SESSION_FOR)).await?;
        tx.commit().await?;
    }
    let who = describe(state, row, Some(proven.id)).await?;
    state.guard.remember(hash, &who, epoch).await;
    Ok(Some(who))
}

async fn by_key(state: &State, key: &str) -> Result<Option<Who>, Problem> {
    let hash = secret::hash(key);
    if let Some(who) = state.guard.proven(&hash).await {
        return Ok(Some(who));
    }
    let (epoch, now) = (state.guard.epoch(), now());
    let Some((id, owner, used_at)) = session::by_key(&state.db, &hash).await? else { return Ok(None) };
    let Some(row) = user::get(&state.db, owner).await?.filter(|row| row.enabled) else { return Ok(None) };
    if used_at.is_none_or(|at| now.since(at) >= SEEN_EVERY) {
        let mut tx = state.db.begin().await?;
        session::touch_key(&mut tx, id, now).await?;
        tx.commit().await?;
    }
    let mut who = describe(state, row, None).await?;
    who.key = Some(id);
    state.guard.remember(hash, &who, epoch).await;
    Ok(Some(who))
}

async fn describe(state: &State, row: UserRow, session: Option<String>) -> anyhow::Result<Who> {
    let sight = match row.role {
        Role::Administrator | Role::Supervisor => Sight::All,
        _ => Sight::Accounts(account::usable_by(&state.db, row.id).await?),
    };
    let (key, language) = (None, Language::Ru);
    Ok(Who { user: row.id, name: row.name, login: row.login, role: row.role, sight, session, key, language })
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, key) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(key.trim())
}

fn pair(headers: &HeaderMap) -> Option<(String, String)> {
    let (scheme, encoded) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let text = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (login, password) = text.split_once(':')?;
    Some((login.to_owned(), password.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: axum::http::HeaderName, value: &str) -> HeaderMap {
        HeaderMap::from_iter([(name, value.parse().unwrap())])
    }

    #[test]
    fn the_cookie_is_found_among_others() {
        assert_eq!(cookie(&headers(COOKIE, "a=1; besedka=token; b=2")), Some("token"));
        for other in ["besedka2=x", "xbesedka=x", "besedka=", "besedka"] {
            assert_eq!(cookie(&headers(COOKIE, other)), None, "{other}");
        }
    }

    #[test]
    fn basic_reads_cyrillic_and_colons_in_passwords() {
        let encoded = STANDARD.encode("Мария:па:роль");
        assert_eq!(
            pair(&headers(AUTHORIZATION, &format!("basic {encoded}"))),
            Some(("Мария".to_owned(), "па:роль".to_owned()))
        );
        for bad in ["Basic ***", "Bearer x", "Basic", &format!("Basic {}", STANDARD.encode([0xff, b':']))] {
            assert_eq!(pair(&headers(AUTHORIZATION, bad)), None, "{bad}");
        }
    }

    #[test]
    fn sight_is_what_was_given() {
        let some = Sight::Accounts(vec![AccountId(1)]);
        assert!(some.sees(AccountId(1)) && !some.sees(AccountId(2)) && Sight::All.sees(AccountId(2)));
    }
}
