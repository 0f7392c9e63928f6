//! Making and changing members of staff: the one way for the API, the command line and the first start.

use anyhow::Context;
use domain::user::UserInput;
use domain::{Fault, Role, UserId};

use super::Guard;
use super::password::{check_login, check_name, check_password, hash, login_key};
use crate::fault::Problem;
use crate::ledger::now;
use crate::store::user::{self, UserRow};
use crate::store::{Db, Tx, session};

/// Makes a member of staff who may sign in at once. For the command line and the first start.
///
/// # Errors
/// `LoginInvalid`, `NameInvalid`, `PasswordInvalid`, `LoginTaken`.
pub async fn create_user(db: &Db, login: &str, name: &str, role: Role, password: &str) -> Result<UserId, Problem> {
    check_password(password)?;
    let password = password.to_owned();
    let hash = tokio::task::spawn_blocking(move || hash(&password)).await.context("hashing a password")??;
    let row = new_row(login, name, role, hash)?;
    let mut tx = db.begin().await?;
    let id = user::insert(&mut tx, &row).await?.ok_or(Fault::LoginTaken)?;
    tx.commit().await?;
    Ok(id)
}

/// Sets a password by login and ends that person's sessions. For the command line.
///
/// # Errors
/// `UserNotFound`, `PasswordInvalid`.
pub async fn change_password(db: &Db, login: &str, password: &str) -> Result<(), Problem> {
    check_password(password)?;
    let mut row = user::by_login(db, &login_key(login)).await?.ok_or(Fault::UserNotFound)?;
    let password = password.to_owned();
    row.password = tokio::task::spawn_blocking(move || hash(&password)).await.context("hashing a password")??;
    let mut tx = db.begin().await?;
    user::update(&mut tx, &row).await?;
    session::end_all(&mut tx, row.id, None).await?;
    tx.commit().await?;
    Ok(())
}

/// Makes the administrator of `--admin` when there is nobody yet. Answers whether it did.
pub async fn first_administrator(db: &Db, login: &str, password: &str) -> Result<bool, Problem> {
    if user::any(db).await? {
        return Ok(false);
    }
    match create_user(db, login, login, Role::Administrator, password).await {
        Ok(_) => Ok(true),
        // Another process on the same database was quicker.
        Err(problem) if problem.fault == Fault::LoginTaken => Ok(false),
        Err(problem) => Err(problem),
    }
}

/// A row for somebody new. `login`, `name` as typed, `hash` of the password.
pub fn new_row(login: &str, name: &str, role: Role, hash: String) -> Result<UserRow, Fault> {
    let login = check_login(login)?;
    Ok(UserRow {
        id: UserId(0),
        login_key: login_key(&login),
        login,
        name: check_name(name)?,
        role,
        password: hash,
        enabled: true,
        created_at: now(),
    })
}

/// Somebody new from what an administrator, or the first-run wizard, typed; not kept yet. Login, name and password must
/// be there. Hashes, so it is not to be called inside a transaction.
///
/// # Errors
/// `LoginInvalid`, `NameInvalid`, `PasswordInvalid`.
pub async fn draw_up(guard: &Guard, input: &UserInput, role: Role) -> Result<UserRow, Problem> {
    let (login, name) = (input.login.as_deref().unwrap_or_default(), input.name.as_deref().unwrap_or_default());
    let password = input.password.as_deref().unwrap_or_default();
    check_password(password)?;
    // The cheap checks first: a wrong name must not cost a hash.
    let mut row = new_row(login, name, role, String::new())?;
    row.enabled = input.enabled.unwrap_or(true);
    row.password = guard.hash(password).await?;
    Ok(row)
}

/// Somebody as an administrator, or the person, wants them; not kept yet. Hashes, as [`draw_up`] does.
///
/// # Errors
/// As [`draw_up`].
pub async fn revise(guard: &Guard, mut row: UserRow, input: &UserInput) -> Result<UserRow, Problem> {
    if let Some(login) = &input.login {
        row.login = check_login(login)?;
        row.login_key = login_key(login);
    }
    if let Some(name) = &input.name {
        row.name = check_name(name)?;
    }
    row.role = input.role.unwrap_or(row.role);
    row.enabled = input.enabled.unwrap_or(row.enabled);
    if let Some(password) = &input.password {
        check_password(password)?;
        row.password = guard.hash(password).await?;
    }
    Ok(row)
}

/// Keeps what [`revise`] made. Sessions end when the person may no longer use them or the password is new; `spare` is
/// the one that stays. The caller commits and then tells [`Guard::forget`].
///
/// # Errors
/// `LoginTaken`, `LastAdministrator`.
pub async fn keep(tx: &mut Tx, before: &UserRow, row: &UserRow, spare: Option<&str>) -> Result<(), Problem> {
    let administers = |row: &UserRow| row.role == Role::Administrator && row.enabled;
    if administers(before) && !administers(row) && user::administrators(tx).await? <= 1 {
        return Err(Fault::LastAdministrator.into());
    }
    if !user::update(tx, row).await? {
        return Err(Fault::LoginTaken.into());
    }
    if !row.enabled || row.role == Role::Service {
        session::end_all(tx, row.id, None).await?;
    } else if row.password != before.password {
        session::end_all(tx, row.id, spare).await?;
    }
    Ok(())
}
