//! Sends messages whose time has come, by the ledger's ordinary command. The row is removed after the message is kept, and
//! the message's client id comes of the row's number, so that a process that dies between the two sends nothing twice.

use domain::command::Outgoing;
use domain::{Command, Fault, Origin};

use crate::auth;
use crate::ledger::now;
use crate::state::State;
use crate::store::Result;
use crate::store::later::{self, LaterRow};

/// Messages looked at together.
const PAGE: i64 = 100;

/// Runs until the process stops.
pub async fn run(state: State) {
    loop {
        if let Err(error) = step(&state).await {
            tracing::error!(error = format!("{error:#}"), "sending what waited for its time");
        }
        tokio::select! {
            () = tokio::time::sleep(state.config.sweep) => {}
            () = state.bell.stopped() => return,
        }
    }
}

async fn step(state: &State) -> Result<()> {
    for row in later::due(&state.db, now(), PAGE).await? {
        // Another process has the account's shard, and sees to it.
        if state.shards.holds(row.account()) {
            one(state, row).await?;
        }
    }
    Ok(())
}

async fn one(state: &State, row: LaterRow) -> Result<()> {
    let waits = row.open()?;
    let outcome = match auth::of_user(state, waits.author.id).await? {
        None => Err(Fault::Forbidden),
        Some(who) if !who.role.writes() => Err(Fault::Forbidden),
        Some(who) => {
            let outgoing = Outgoing {
                chat: waits.chat,
                author: Some(who.user),
                origin: Origin::Operator,
                client_id: format!("later/{}", waits.id),
                text: waits.message.text,
                files: waits.message.files,
                quote: waits.message.quote,
                note: false,
                voice: waits.message.voice,
                forwarded: false,
                content: waits.message.content,
            };
            match state.ledger.command(&who, Command::Send(Box::new(outgoing))).await {
                Ok(_) => Ok(()),
                Err(problem) => match problem.fault {
                    // The database is away: it is tried again.
                    Fault::Unavailable | Fault::Timeout | Fault::Internal => return Ok(()),
                    fault => Err(fault),
                },
            }
        }
    };
    let mut tx = state.db.begin().await?;
    match outcome {
        Ok(()) => _ = later::delete(&mut tx, waits.id).await?,
        Err(fault) => later::fail(&mut tx, waits.id, fault.code()).await?,
    }
    tx.commit().await
}
