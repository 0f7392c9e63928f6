//! Chores beside sending: fetching files that notifications told of, asking for names and portraits, telling a client
//! that they were read. Each may be repeated without harm; when and how often is in `outbound`.

use std::time::Duration;

use domain::file::MAX_FILE_BYTES;
use domain::{Address, ContactId, Fact, FileId, FileState, MessageId, Reason};

use crate::files::PutError;
use crate::gateway::{Gateway, Profile, Reaction, Remote, Trouble};
use crate::ledger::now;
use crate::state::State;
use crate::store::account::AccountRow;
use crate::store::{Result, chat, contact, file, message};

/// The longest that one file may take. A job is ours for fifteen minutes.
const FILE_TIMEOUT: Duration = Duration::from_secs(600);
/// The largest portrait, bytes.
const MAX_PORTRAIT: u64 = 2 * 1024 * 1024;

/// Fetches a file from its provider, tells what it is and lets the message show it.
pub async fn fetch_file(state: &State, id: FileId) -> Result<(), Trouble> {
    let Some(row) = file::get(&state.db, id).await.map_err(ours)? else { return Ok(()) };
    let Some(reference) = row.remote.clone().filter(|_| row.state() != FileState::Ready) else { return Ok(()) };
    let Some((account, _, message)) = file::place(&state.db, id).await.map_err(ours)? else { return Ok(()) };
    let Some(account) = state.accounts.get(account).await.map_err(ours)? else { return Ok(()) };
    let Some((chat, provider_id)) = whereabouts(state, message).await.map_err(ours)? else { return Ok(()) };
    let gateway = state.gateways.build(&account).map_err(ours)?;
    let remote = Remote { reference, chat, provider_id: provider_id.unwrap_or_default() };
    let known = fetch(state, &*gateway, &remote, MAX_FILE_BYTES, &row.name, &row.mime).await?;
    let settle = async {
        let mut tx = state.db.begin().await?;
        file::set_ready(&mut tx, id, &known).await?;
        state.ledger.file_changed(tx, id).await
    };
    settle.await.map_err(ours)
}

/// Asks what the messenger knows of somebody: the name and the portrait.
pub async fn fetch_profile(state: &State, account: &AccountRow, id: ContactId) -> Result<(), Trouble> {
    let Some(row) = contact::get(&state.db, id).await.map_err(ours)? else { return Ok(()) };
    let gateway = state.gateways.build(account).map_err(ours)?;
    let address = Address(row.address);
    let Profile { name, avatar } = gateway.profile(&address).await?;
    if !name.trim().is_empty() && name != row.name {
        let name = name.chars().take(300).collect();
        state.ledger.note(account.id, vec![Fact::Contact { address: address.clone(), name }]).await.map_err(ours)?;
    }
    let known = match avatar {
        None => None,
        Some(reference) => {
            let remote = Remote { reference, chat: address, provider_id: String::new() };
            match fetch(state, &*gateway, &remote, MAX_PORTRAIT, "", "").await {
                // Only what browsers show as a picture.
                Ok(known) => Some(known).filter(|known| crate::files::picture::shown(&known.mime)),
                Err(trouble) if trouble.reaction == Reaction::GiveUp => None,
                Err(trouble) => return Err(trouble),
            }
        }
    };
    let settle = async {
        let mut tx = state.db.begin().await?;
        let at = now();
        let portrait = match &known {
            Some(known) => Some(file::insert_avatar(&mut tx, account.id, known, at).await?),
            None => None,
        };
        contact::set_avatar(&mut tx, id, portrait, at).await?;
        if portrait.is_some() { state.ledger.contact_changed(tx, id).await } else { tx.commit().await }
    };
    settle.await.map_err(ours)
}

/// Tells the client that a message, and what was before it, has been read.
pub async fn mark_read(state: &State, account: &AccountRow, id: MessageId) -> Result<(), Trouble> {
    let Some((chat, provider_id)) = whereabouts(state, id).await.map_err(ours)? else { return Ok(()) };
    let gateway = state.gateways.build(account).map_err(ours)?;
    gateway.mark_read(&chat, &provider_id.unwrap_or_default()).await
}

/// Brings bytes here.
async fn fetch(
    state: &State,
    gateway: &dyn Gateway,
    remote: &Remote,
    limit: u64,
    name: &str,
    told: &str,
) -> Result<file::Known, Trouble> {
    let response = gateway.download(remote).await?;
    if response.content_length().is_some_and(|length| length > limit) {
        return Err(trouble(Reason::TooLarge, Reaction::GiveUp, String::new()));
    }
    let put = state.files.put_stream(response.bytes_stream(), limit);
    let stored = match tokio::time::timeout(FILE_TIMEOUT, put).await {
        Ok(Ok(stored)) => stored,
        Ok(Err(PutError::TooLarge)) => return Err(trouble(Reason::TooLarge, Reaction::GiveUp, String::new())),
        Ok(Err(PutError::Broken(why))) => return Err(trouble(Reason::Unreachable, Reaction::Retry(None), why)),
        Ok(Err(PutError::Other(error))) => return Err(ours(error)),
        Err(_) => return Err(trouble(Reason::Unreachable, Reaction::Retry(None), "timeout".to_owned())),
    };
    if stored.size == 0 {
        return Err(trouble(Reason::FileMissing, Reaction::Retry(None), "an empty file".to_owned()));
    }
    state.files.describe(&stored, name, told).await.map_err(ours)
}

/// The conversation of a message and the provider's id of it.
async fn whereabouts(state: &State, id: MessageId) -> Result<Option<(Address, Option<String>)>> {
    let mut tx = state.db.begin().await?;
    let Some(row) = message::get(&mut tx, id).await? else { return Ok(None) };
    let Some((_, _, address)) = chat::locate(&mut tx, domain::ChatId(row.chat_id)).await? else { return Ok(None) };
    Ok(Some((address, row.provider_id)))
}

fn trouble(reason: Reason, reaction: Reaction, detail: String) -> Trouble {
    Trouble { reason, detail, reaction, status: None }
}

/// Something of ours broke (the database, the disk): worth another try, and a line in our own log.
pub(super) fn ours(error: anyhow::Error) -> Trouble {
    tracing::error!(error = format!("{error:#}"), "a chore met an error of ours");
    trouble(Reason::ProviderError, Reaction::Retry(None), String::new())
}
