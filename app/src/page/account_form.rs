//! What one types to connect an account: the form's state, its fields for each provider, its errors. Used by the
//! settings and by the first-run wizard.

use std::collections::BTreeMap;

use domain::account::AccountInput;
use domain::{Account, Fault, Provider, Receive, Switches, UserId};
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::{Map, Value};

use super::settings::back;
use crate::api::{self, Trouble};
use crate::i18n::{t, ts};
use crate::route::{self, Item, Place, Section};
use crate::state::session;
use crate::ui::field::{Below, focus_first_error, fresh_id};
use crate::ui::state::provider_name;
use crate::ui::{Field, SubmitButton, icon, part, toast};

/// Where an error belongs when it belongs to no field.
pub const WHOLE: &str = "";

/// The state of the form.
#[derive(Clone, Copy)]
pub struct AccountForm {
    pub provider: RwSignal<Provider>,
    pub name: RwSignal<String>,
    pub id_instance: RwSignal<String>,
    pub token: RwSignal<String>,
    /// Whether a token is kept already; then an empty one means "as it is".
    pub token_set: RwSignal<bool>,
    pub api_url: RwSignal<String>,
    pub media_url: RwSignal<String>,
    pub receive: RwSignal<Receive>,
    pub switches: RwSignal<Switches>,
    pub everyone: RwSignal<bool>,
    pub users: RwSignal<Vec<UserId>>,
    /// What is wrong, by the field's name.
    pub errors: RwSignal<BTreeMap<&'static str, String>>,
}

impl AccountForm {
    /// An empty one.
    pub fn new(provider: Provider) -> Self {
        Self {
            provider: RwSignal::new(provider),
            name: RwSignal::default(),
            id_instance: RwSignal::default(),
            token: RwSignal::default(),
            token_set: RwSignal::new(false),
            api_url: RwSignal::default(),
            media_url: RwSignal::default(),
            receive: RwSignal::new(Receive::Webhook),
            switches: RwSignal::default(),
            everyone: RwSignal::new(true),
            users: RwSignal::default(),
            errors: RwSignal::default(),
        }
    }

    /// Shows an account as it is.
    pub fn fill(self, account: &Account) {
        let setting = |name: &str| match account.settings.get(name) {
            Some(Value::String(text)) => text.clone(),
            Some(Value::Number(number)) => number.to_string(),
            _ => String::new(),
        };
        self.provider.set(account.provider);
        self.name.set(account.name.clone());
        self.id_instance.set(setting("id_instance"));
        self.token.set(String::new());
        self.token_set.set(account.secrets.iter().any(|name| name == "api_token_instance"));
        self.api_url.set(setting("api_url"));
        self.media_url.set(setting("media_url"));
        self.receive.set(account.receive);
        self.switches.set(account.switches);
        self.everyone.set(account.everyone);
        self.users.set(account.users.clone());
        self.errors.set(BTreeMap::new());
    }

    /// What is wrong with a field.
    pub fn error(self, field: &'static str) -> Signal<String> {
        Signal::derive(move || self.errors.with(|errors| errors.get(field).cloned().unwrap_or_default()))
    }

    /// Looks for mistakes that need no server. `true` when there are none.
    pub fn check(self) -> bool {
        let mut errors = BTreeMap::new();
        let required = |field: &'static str, text: &str, errors: &mut BTreeMap<&'static str, String>| {
            if text.trim().is_empty() {
                errors.insert(field, t().common.required.to_owned());
            }
        };
        required("name", &self.name.get_untracked(), &mut errors);
        if self.provider.get_untracked() == Provider::GreenApi {
            let id = self.id_instance.get_untracked();
            required("id_instance", &id, &mut errors);
            if !id.trim().chars().all(|c| c.is_ascii_digit()) {
                errors.insert("id_instance", ts().digits_only.to_owned());
            }
            if !self.token_set.get_untracked() {
                required("api_token_instance", &self.token.get_untracked(), &mut errors);
            }
            for (field, url) in [("api_url", self.api_url), ("media_url", self.media_url)] {
                let url = url.get_untracked();
                let url = url.trim();
                if !url.is_empty() && !url.starts_with("https://") && !url.starts_with("http://") {
                    errors.insert(field, ts().not_an_url.to_owned());
                }
            }
        }
        let good = errors.is_empty();
        self.errors.set(errors);
        good
    }

    /// Puts the server's refusal where it belongs.
    pub fn refuse(self, trouble: &Trouble) {
        let named = trouble.detail.as_deref().and_then(|detail| {
            ["id_instance", "api_token_instance", "api_url", "media_url", "name"]
                .into_iter()
                .find(|field| detail.contains(field))
        });
        let field = match trouble.fault {
            Some(Fault::NameInvalid) => "name",
            Some(Fault::PrivateAddress) => named.unwrap_or("api_url"),
            Some(Fault::SettingsInvalid | Fault::SecretsAgain) => named.unwrap_or(WHOLE),
            _ => WHOLE,
        };
        let mut text = trouble.message.clone();
        if field == WHOLE
            && let Some(detail) = &trouble.detail
        {
            text.push(' ');
            text.push_str(detail);
        }
        self.errors.update(|errors| {
            errors.insert(field, text);
        });
    }

    /// What the server is told.
    pub fn input(self) -> AccountInput {
        let trimmed = |signal: RwSignal<String>| signal.get_untracked().trim().to_owned();
        let settings = (self.provider.get_untracked() == Provider::GreenApi).then(|| {
            let mut map = Map::new();
            map.insert("id_instance".to_owned(), Value::String(trimmed(self.id_instance)));
            map.insert("api_url".to_owned(), Value::String(trimmed(self.api_url)));
            map.insert("media_url".to_owned(), Value::String(trimmed(self.media_url)));
            let token = trimmed(self.token);
            if !token.is_empty() {
                map.insert("api_token_instance".to_owned(), Value::String(token));
            }
            Value::Object(map)
        });
        AccountInput {
            name: Some(trimmed(self.name)),
            provider: None,
            settings,
            receive: Some(self.receive.get_untracked()),
            enabled: None,
            switches: Some(self.switches.get_untracked()),
            everyone: Some(self.everyone.get_untracked()),
            users: Some(self.users.get_untracked()),
        }
    }
}

/// Name and access: what the provider needs to let us in.
#[component]
pub fn AccessFields(
    /// The form.
    form: AccountForm,
    /// Whether the name is among them.
    #[prop(default = true)]
    named: bool,
) -> impl IntoView {
    let green = part(move || {
        (form.provider.get() == Provider::GreenApi).then(|| {
            view! {
                <Field label="idInstance" value=form.id_instance error=form.error("id_instance") input_class="mono" placeholder="1101000001" />
                <TokenField form />
                <Field label=ts().api_url value=form.api_url error=form.error("api_url") class="span-2" input_class="mono" kind="url" placeholder="https://1101.api.green-api.com" />
                <Field label=ts().media_url value=form.media_url error=form.error("media_url") hint=ts().media_hint.to_owned() class="span-2" input_class="mono" kind="url" placeholder="https://1101.media.green-api.com" />
            }
        })
    });
    view! {
        {named
            .then(|| {
                view! {
                    <Field
                        label=ts().name
                        value=form.name
                        error=form.error("name")
                        hint=ts().name_hint.to_owned()
                        class="span-2"
                        maxlength=200
                    />
                }
            })}
        {green}
        <div class="span-2" role="alert">
            {move || {
                let text = form.error(WHOLE).get();
                (!text.is_empty()).then(|| view! { <div class="notice danger">{icon("alert")} <div>{text}</div></div> })
            }}
        </div>
    }
}

/// The secret: never shown again once kept, only replaced.
#[component]
fn TokenField(form: AccountForm) -> impl IntoView {
    let error = form.error("api_token_instance");
    let id = fresh_id("token");
    let about = fresh_id("about");
    let inner = {
        let (id, about) = (id.clone(), about.clone());
        move || {
            if form.token_set.get() {
                view! {
                    <input id=id.clone() class="input mono" value="••••••••••••••••" readonly aria-describedby=about.clone() />
                    <span class="end">
                        <button
                            type="button"
                            class="btn icon small quiet"
                            aria-label=ts().replace_secret
                            title=ts().replace_secret
                            on:click=move |_| form.token_set.set(false)
                        >
                            {icon("edit")}
                        </button>
                    </span>
                }
                .into_any()
            } else {
                view! {
                    <input
                        id=id.clone()
                        class="input mono"
                        autocomplete="off"
                        spellcheck="false"
                        maxlength="500"
                        aria-describedby=about.clone()
                        aria-invalid=move || (!error.get().is_empty()).then_some("true")
                        prop:value=form.token
                        on:input=move |event| form.token.set(event_target_value(&event))
                    />
                }
                .into_any()
            }
        }
    };
    let hint = Signal::derive(move || if form.token_set.get() { ts().secret_set.to_owned() } else { String::new() });
    view! {
        <div class="field">
            <label class="label" for=id>
                "apiTokenInstance"
            </label>
            <span class="with-icon">{icon("key")} {inner}</span>
            <Below id=about error hint />
        </div>
    }
}

/// A provider to choose, with a line about it.
pub fn provider_choice(
    chosen: Signal<Option<Provider>>,
    provider: Option<Provider>,
    choose: impl Fn(Option<Provider>) + 'static,
) -> impl IntoView {
    let (glyph, name, text) = match provider {
        Some(Provider::Sandbox) => ("store", t().common.sandbox, ts().sandbox_text),
        Some(Provider::GreenApi) => ("qr", provider_name(Provider::GreenApi), ts().green_text),
        None => ("clock", ts().later, ts().later_text),
    };
    view! {
        <label class="choice">
            <span class="radio">
                <input
                    type="radio"
                    name="provider"
                    prop:checked=move || chosen.get() == provider
                    on:change=move |_| choose(provider)
                />
            </span>
            <span class="grow">
                <span class="line">
                    {icon(glyph)} <b>{name}</b>
                    {(provider == Some(Provider::Sandbox))
                        .then(|| view! { <span class="badge ok tiny">{ts().sandbox_quick}</span> })}
                </span>
                <span class="d">{text}</span>
            </span>
        </label>
    }
}

/// Settings → accounts → new.
#[component]
pub fn NewAccount() -> impl IntoView {
    let session = session();
    let form = AccountForm::new(Provider::GreenApi);
    form.receive
        .set(default_receive(session.me.with_untracked(|me| me.as_ref().is_some_and(|me| me.public_url.is_some()))));
    let busy = RwSignal::new(false);
    let node = NodeRef::<html::Form>::new();
    let chosen = Signal::derive(move || Some(form.provider.get()));
    let choose = move |provider: Option<Provider>| {
        let Some(provider) = provider else { return };
        form.provider.set(provider);
        form.errors.set(BTreeMap::new());
        if provider == Provider::Sandbox && form.name.with_untracked(|name| name.trim().is_empty()) {
            form.name.set(t().common.sandbox.to_owned());
        }
    };
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() {
            return;
        }
        if !form.check() {
            return focus_first_error(node);
        }
        busy.set(true);
        spawn_local(async move {
            match connect(form).await {
                Ok(account) => {
                    toast("check", ts().connected);
                    let id = account.id;
                    session.put_account(account);
                    route::replace(&Place::Settings(Section::Accounts(Item::One(id))).path());
                }
                Err(trouble) => {
                    form.refuse(&trouble);
                    focus_first_error(node);
                }
            }
            busy.set(false);
        });
    };
    view! {
        <section class="page" aria-label=ts().new_account>
            <form class="page" node_ref=node novalidate on:submit=submit>
                <div class="page-head">
                    {back("/settings/accounts", ts().to_list)} <div class="t">
                        <h1>{ts().new_account}</h1>
                        <p>{ts().new_account_text}</p>
                    </div>
                </div>
                <div class="page-body scroll">
                    <div class="stack narrow">
                        <div class="grid-2 choices" role="radiogroup" aria-label=ts().provider>
                            {provider_choice(chosen, Some(Provider::GreenApi), choose)}
                            {provider_choice(chosen, Some(Provider::Sandbox), choose)}
                        </div>
                        <section class="box">
                            <div class="b grid-2">
                                <AccessFields form />
                            </div>
                            <footer>
                                <span class="push"></span>
                                <a class="btn quiet" href="/settings/accounts">
                                    {t().common.cancel}
                                </a>
                                <SubmitButton busy text=ts().connect />
                            </footer>
                        </section>
                    </div>
                </div>
            </form>
        </section>
    }
}

/// Webhooks need an address that the provider can call; without one we ask.
pub fn default_receive(public: bool) -> Receive {
    if public { Receive::Webhook } else { Receive::Polling }
}

/// Makes the account.
///
/// # Errors
/// As the call.
pub async fn connect(form: AccountForm) -> Result<Account, Trouble> {
    let mut input = form.input();
    input.provider = Some(form.provider.get_untracked());
    input.enabled = Some(true);
    input.switches = None;
    if form.provider.get_untracked() == Provider::Sandbox {
        input.receive = None;
    }
    api::post("/accounts", &input).await
}
