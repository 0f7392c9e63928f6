//! Accounts: the list that everybody sees of theirs, and what administrators do with them. Linking a phone is in `link`,
//! the check in `check`.

mod check;
mod link;

use std::time::Duration;

use axum::extract::State as Shared;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use domain::account::AccountInput;
use domain::{Account, AccountId, AccountState, Fact, Fault, Moment, Page, Provider, Receive, UserId, locale};
use serde_json::{Value, json};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::auth::{Administrator, Who, password};
use crate::fault::{Json, Path, Problem};
use crate::gateway::{self, Gateway, Hook, Reaction, Trouble};
use crate::ledger::now;
use crate::secret;
use crate::state::State;
use crate::store::account::{self, AccountRow};
use crate::store::{chat, history, user};

/// The name among an account's secrets of what its provider proves itself with. Never a provider's own setting.
const WEBHOOK_TOKEN: &str = "webhook_token";

/// When the rest of a deleted sandbox is removed, each counted from the one before.
const PURGES: [Duration; 4] =
    [Duration::ZERO, Duration::from_millis(500), Duration::from_secs(3), Duration::from_secs(15)];

/// Calls about accounts.
pub fn routes() -> OpenApiRouter<State> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(read, change, remove))
        .routes(routes!(refresh))
        .routes(routes!(read_history))
        .routes(routes!(set_webhook))
        .merge(check::routes())
        .merge(link::routes())
}

/// The accounts that one may use; administrators get all, with settings.
#[utoipa::path(get, path = "/accounts", tag = "accounts", responses((status = 200, body = Page<Account>)))]
async fn list(Shared(state): Shared<State>, who: Who) -> Result<Json<Page<Account>>, Problem> {
    let mut items = Vec::new();
    for row in state.accounts.all().await? {
        if who.sight.sees(row.id) {
            items.push(view(&state, &row, &who).await?);
        }
    }
    Ok(Json(Page { items, next: None }))
}

/// One account.
#[utoipa::path(get, path = "/accounts/{id}", tag = "accounts", params(("id" = i64, Path)),
    responses((status = 200, body = Account)))]
async fn read(Shared(state): Shared<State>, who: Who, Path(id): Path<AccountId>) -> Result<Json<Account>, Problem> {
    if !who.sight.sees(id) {
        return Err(Fault::AccountNotFound.into());
    }
    Ok(Json(view(&state, &living(&state, id).await?, &who).await?))
}

/// Connects an account. Needs `name` and `provider`, and the provider's `settings`. Administrators only.
#[utoipa::path(post, path = "/accounts", tag = "accounts", request_body = AccountInput,
    responses((status = 201, body = Account)))]
async fn create(
    Shared(state): Shared<State>,
    Administrator(who): Administrator,
    Json(input): Json<AccountInput>,
) -> Result<impl IntoResponse, Problem> {
    let provider = input.provider.ok_or_else(|| Problem::with(Fault::Invalid, "provider"))?;
    let abilities = gateway::capabilities(provider);
    let receive = if abilities.webhook && (state.config.public_url.is_some() || !abilities.polling) {
        Receive::Webhook
    } else if abilities.polling {
        Receive::Polling
    } else {
        Receive::Off
    };
    let blank = AccountRow {
        id: AccountId(0),
        name: String::new(),
        provider,
        settings: json!({}),
        secrets: json!({ WEBHOOK_TOKEN: secret::token() }),
        receive,
        enabled: true,
        switches: input.switches.unwrap_or_default(),
        everyone: true,
        state: AccountState::Unknown,
        state_at: None,
        trouble: None,
        phone: None,
        paused_until: None,
        last_event_at: None,
        created_at: now(),
        deleted_at: None,
    };
    let whole = AccountInput {
        name: Some(input.name.clone().unwrap_or_default()),
        settings: Some(input.settings.clone().unwrap_or_else(|| json!({}))),
        ..input
    };
    let mut row = revise(blank, &whole)?;
    let users = known_users(&state, whole.users.as_deref()).await?;
    if !row.enabled {
        row.state = AccountState::Off;
    }
    let mut tx = state.db.begin().await?;
    row.id = account::insert(&mut tx, &state.vault, &row).await?;
    account::set_users(&mut tx, row.id, users.unwrap_or_default()).await?;
    state.ledger.account_changed(&mut tx, row.id).await?;
    tx.commit().await?;
    settle(&state);
    Ok((StatusCode::CREATED, Json(view(&state, &row, &who).await?)))
}

/// Changes an account; what is absent stays. Administrators only.
#[utoipa::path(patch, path = "/accounts/{id}", tag = "accounts", params(("id" = i64, Path)), request_body = AccountInput,
    responses((status = 200, body = Account)))]
async fn change(
    Shared(state): Shared<State>,
    Administrator(who): Administrator,
    Path(id): Path<AccountId>,
    Json(input): Json<AccountInput>,
) -> Result<Json<Account>, Problem> {
    let before = living(&state, id).await?;
    let row = revise(before.clone(), &input)?;
    let users = known_users(&state, input.users.as_deref()).await?;
    let at = now();
    let mut tx = state.db.begin().await?;
    account::update(&mut tx, &state.vault, &row).await?;
    if let Some(users) = users {
        account::set_users(&mut tx, id, users).await?;
    }
    if !row.enabled {
        account::set_state(&mut tx, id, AccountState::Off, None, None, at).await?;
    } else if !before.enabled || row.settings != before.settings || row.secrets != before.secrets {
        // What we knew was of another instance or another key: it is asked anew, and nothing waits for the old trouble.
        account::set_state(&mut tx, id, AccountState::Unknown, None, None, at).await?;
        account::set_pause(&mut tx, id, None).await?;
    }
    state.ledger.account_changed(&mut tx, id).await?;
    tx.commit().await?;
    settle(&state);
    Ok(Json(view(&state, &living(&state, id).await?, &who).await?))
}

/// Takes an account away: its secrets are forgotten, its history stays. A sandbox goes with its invented clients.
/// Administrators only.
#[utoipa::path(delete, path = "/accounts/{id}", tag = "accounts", params(("id" = i64, Path)), responses((status = 204)))]
async fn remove(
    Shared(state): Shared<State>,
    _: Administrator,
    Path(id): Path<AccountId>,
) -> Result<StatusCode, Problem> {
    let row = living(&state, id).await?;
    let mut tx = state.db.begin().await?;
    account::delete(&mut tx, &state.vault, id, now()).await?;
    state.ledger.account_changed(&mut tx, id).await?;
    tx.commit().await?;
    settle(&state);
    if row.provider == Provider::Sandbox {
        tokio::spawn(purge(state, id));
    }
    Ok(StatusCode::NO_CONTENT)
}

/// Removes what the invented clients said. More than once: what they were saying at this moment may still be on its way
/// through the journal.
async fn purge(state: State, id: AccountId) {
    let once = async || -> crate::store::Result<()> {
        let mut tx = state.db.begin().await?;
        chat::purge(&mut tx, id).await?;
        tx.commit().await
    };
    for pause in PURGES {
        tokio::time::sleep(pause).await;
        if let Err(error) = once().await {
            tracing::info!(account = id.0, error = format!("{error:#}"), "the sandbox is removed a little later");
        }
        state.ledger.account_settled();
    }
}

/// Asks the provider how the account stands now. Administrators only.
#[utoipa::path(post, path = "/accounts/{id}/refresh", tag = "accounts", params(("id" = i64, Path)),
    responses((status = 200, body = Account)))]
async fn refresh(
    Shared(state): Shared<State>,
    Administrator(who): Administrator,
    Path(id): Path<AccountId>,
) -> Result<Json<Account>, Problem> {
    let row = living(&state, id).await?;
    ask_state(&state, &row, &who).await?;
    Ok(Json(view(&state, &living(&state, id).await?, &who).await?))
}

/// Reads from the provider what was said before; in the background, without making anything unread. Administrators only.
#[utoipa::path(post, path = "/accounts/{id}/history", tag = "accounts", params(("id" = i64, Path)),
    responses((status = 200, body = Account)))]
async fn read_history(
    Shared(state): Shared<State>,
    Administrator(who): Administrator,
    Path(id): Path<AccountId>,
) -> Result<Json<Account>, Problem> {
    let row = living(&state, id).await?;
    if row.provider == Provider::Sandbox {
        return Err(Fault::NotSupported.into());
    }
    let mut tx = state.db.begin().await?;
    history::begin(&mut tx, id, now()).await?;
    tx.commit().await?;
    Ok(Json(view(&state, &row, &who).await?))
}

/// Sets at the provider where its notifications go: our address, or nowhere when they are polled. A Green-API instance
/// starts anew after a change. Administrators only.
#[utoipa::path(post, path = "/accounts/{id}/webhook", tag = "accounts", params(("id" = i64, Path)),
    responses((status = 200, body = Account)))]
async fn set_webhook(
    Shared(state): Shared<State>,
    Administrator(who): Administrator,
    Path(id): Path<AccountId>,
) -> Result<Json<Account>, Problem> {
    let row = living(&state, id).await?;
    let hook = match row.receive {
        Receive::Webhook => {
            Some(hook(&state, &row).ok_or_else(|| Problem::with(Fault::SettingsInvalid, "--public-url"))?)
        }
        Receive::Polling | Receive::Off => None,
    };
    gateway(&state, &row)?.configure(hook.as_ref()).await.map_err(|trouble| problem(&trouble, &who))?;
    Ok(Json(view(&state, &living(&state, id).await?, &who).await?))
}

/// An account as somebody may see it.
pub async fn view(state: &State, row: &AccountRow, who: &Who) -> anyhow::Result<Account> {
    let mut shown = public(row);
    if who.administers() {
        let hook = hook(state, row);
        shown.settings = row.settings.clone();
        let secrets = row.secrets.as_object().into_iter().flatten();
        shown.secrets = secrets
            .filter(|(name, value)| {
                name.as_str() != WEBHOOK_TOKEN && value.as_str().is_some_and(|text| !text.is_empty())
            })
            .map(|(name, _)| name.clone())
            .collect();
        shown.webhook_authorization = shown.capabilities.webhook.then(|| authorization(row)).flatten();
        shown.webhook_url = hook.map(|hook| hook.url);
        shown.users = account::users(&state.db, row.id).await?;
    }
    Ok(shown)
}

/// An account as everybody who uses it may see it: without settings, addresses and people.
pub fn public(row: &AccountRow) -> Account {
    Account {
        id: row.id,
        name: row.name.clone(),
        provider: row.provider,
        state: row.state,
        state_at: row.state_at,
        trouble: row.trouble.clone(),
        phone: row.phone.clone(),
        enabled: row.enabled,
        capabilities: gateway::capabilities(row.provider),
        switches: row.switches,
        settings: json!({}),
        secrets: Vec::new(),
        receive: row.receive,
        webhook_url: None,
        webhook_authorization: None,
        everyone: row.everyone,
        users: Vec::new(),
        last_event_at: row.last_event_at,
        created_at: row.created_at,
    }
}

/// An account that has not been deleted, as the database has it now.
async fn living(state: &State, id: AccountId) -> Result<AccountRow, Problem> {
    let row = account::get(&state.db, &state.vault, id).await?;
    row.filter(|row| row.deleted_at.is_none()).ok_or_else(|| Fault::AccountNotFound.into())
}

/// A row as an administrator wants it.
fn revise(mut row: AccountRow, input: &AccountInput) -> Result<AccountRow, Problem> {
    if input.provider.is_some_and(|provider| provider != row.provider) {
        return Err(Problem::with(Fault::Invalid, "provider"));
    }
    if let Some(name) = &input.name {
        row.name = password::check_name(name)?;
    }
    if let Some(settings) = &input.settings {
        let Value::Object(typed) = settings else { return Err(Problem::with(Fault::SettingsInvalid, "settings")) };
        let mut merged = row.settings.as_object().cloned().unwrap_or_default();
        merged.extend(typed.clone());
        let token = row.secret(WEBHOOK_TOKEN).map_or_else(secret::token, str::to_owned);
        let (settings, mut secrets) = gateway::split_settings(row.provider, &Value::Object(merged), &row.secrets)
            .map_err(|place| Problem::with(Fault::SettingsInvalid, place))?;
        // Whoever may change an address must not learn by it a key that somebody else typed.
        let moved = |old: &Value| {
            let addresses = old.as_object().into_iter().flatten().filter(|(name, _)| name.ends_with("_url"));
            addresses.into_iter().any(|(name, value)| settings[name] != *value)
        };
        let kept = |old: &Value| {
            let secrets = old.as_object().into_iter().flatten().filter(|(name, _)| *name != WEBHOOK_TOKEN);
            let given =
                |name: &str| typed.get(name).and_then(Value::as_str).is_some_and(|text| !text.trim().is_empty());
            secrets.into_iter().find(|(name, _)| !given(name)).map(|(name, _)| name.clone())
        };
        if let Some(name) = kept(&row.secrets).filter(|_| moved(&row.settings)) {
            return Err(Problem::with(Fault::SecretsAgain, name));
        }
        secrets[WEBHOOK_TOKEN] = Value::String(token);
        (row.settings, row.secrets) = (settings, secrets);
    }
    if let Some(receive) = input.receive {
        let abilities = gateway::capabilities(row.provider);
        let able = match receive {
            Receive::Webhook => abilities.webhook,
            Receive::Polling => abilities.polling,
            Receive::Off => true,
        };
        if !able {
            return Err(Fault::NotSupported.into());
        }
        row.receive = receive;
    }
    row.enabled = input.enabled.unwrap_or(row.enabled);
    row.switches = input.switches.unwrap_or(row.switches);
    row.everyone = input.everyone.unwrap_or(row.everyone);
    Ok(row)
}

/// The people of a list, if all of them exist.
async fn known_users<'a>(state: &State, users: Option<&'a [UserId]>) -> Result<Option<&'a [UserId]>, Problem> {
    if let Some(users) = users.filter(|users| !users.is_empty()) {
        let all = user::all(&state.db).await?;
        if !users.iter().all(|id| all.iter().any(|row| row.id == *id)) {
            return Err(Problem::with(Fault::UserNotFound, "users"));
        }
    }
    Ok(users)
}

/// Tells everyone who remembers accounts, or who may see which, that something has changed.
fn settle(state: &State) {
    state.guard.forget();
    state.ledger.account_settled();
}

fn authorization(row: &AccountRow) -> Option<String> {
    row.secret(WEBHOOK_TOKEN).map(|token| format!("Bearer {token}"))
}

/// Where the provider of an account should call; `None` without a public address, or when it calls nobody.
fn hook(state: &State, row: &AccountRow) -> Option<Hook> {
    if !gateway::capabilities(row.provider).webhook {
        return None;
    }
    let url = format!("{}/hs/whatsapp/webhook/{}", state.config.public_url.as_deref()?, row.id);
    Some(Hook { url, authorization: authorization(row)? })
}

/// The gateway of an account that is switched on.
fn gateway(state: &State, row: &AccountRow) -> Result<std::sync::Arc<dyn Gateway>, Problem> {
    if !row.enabled {
        return Err(Fault::AccountOff.into());
    }
    Ok(state.gateways.build(row)?)
}

/// Asks the provider how the account stands and tells the ledger. Trouble of the whole account is an answer, too; other
/// trouble is a problem of this call.
async fn ask_state(state: &State, row: &AccountRow, who: &Who) -> Result<(), Problem> {
    let at: Moment = now();
    let fact = match gateway(state, row)?.state().await {
        Ok(standing) => Fact::Account { state: standing.state, phone: standing.phone, failure: None, at },
        Err(trouble) => match trouble.reaction {
            Reaction::Pause(standing, _) => {
                Fact::Account { state: standing, phone: None, failure: Some(trouble.failure()), at }
            }
            _ => return Err(problem(&trouble, who)),
        },
    };
    Ok(state.ledger.note(row.id, vec![fact]).await?)
}

/// A provider's refusal as the outside is told: what it was, and the provider's own words.
fn problem(trouble: &Trouble, who: &Who) -> Problem {
    let fault = match trouble.reason {
        domain::Reason::NotSupported => return Fault::NotSupported.into(),
        domain::Reason::PrivateAddress => return Fault::PrivateAddress.into(),
        domain::Reason::NoWhatsapp => Fault::NoWhatsapp,
        _ => Fault::ProviderFailed,
    };
    let sentence = locale::reason(who.language, trouble.reason);
    Problem::with(fault, format!("{sentence} {}", trouble.detail).trim())
}
