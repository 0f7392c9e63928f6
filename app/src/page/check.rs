//! The check of an account, hop by hop: run by a button, shown as a list.

use domain::account::{Check, CheckKind, CheckStep};
use domain::{AccountId, locale};
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::api::{self, Trouble};
use crate::i18n::{self, ts};
use crate::ui::{icon, part, spinner};

/// A check that may be running, done, or not begun.
#[derive(Clone, Copy)]
pub struct CheckRun {
    id: AccountId,
    busy: RwSignal<bool>,
    found: RwSignal<Option<Result<Check, Trouble>>>,
}

impl CheckRun {
    /// Of this account.
    pub fn new(id: AccountId) -> Self {
        Self { id, busy: RwSignal::new(false), found: RwSignal::new(None) }
    }

    /// Whether it is running; whoever reads it follows it.
    pub fn busy(self) -> bool {
        self.busy.get()
    }

    /// What it found; whoever reads it follows it.
    pub fn found(self) -> Option<Result<Check, Trouble>> {
        self.found.get()
    }

    /// Begins, unless it is running.
    pub fn start(self) {
        if self.busy.get_untracked() {
            return;
        }
        self.busy.set(true);
        spawn_local(async move {
            let found = api::act::<Check>(&format!("/accounts/{}/check", self.id)).await;
            self.found.try_set(Some(found));
            self.busy.try_set(false);
        });
    }
}

/// The box in the settings.
#[component]
pub fn CheckBox(
    /// The check.
    run: CheckRun,
    /// The provider's name.
    name: &'static str,
) -> impl IntoView {
    let verdict = part(move || match run.found() {
        Some(Ok(check)) if check.ok => {
            Some(view! { <p class="mt-2"><span class="badge ok">{icon("check")}{ts().check_ok}</span></p> }.into_any())
        }
        Some(Ok(_)) => Some(
            view! { <p class="mt-2"><span class="badge warn">{icon("alert")}{ts().check_bad}</span></p> }.into_any(),
        ),
        _ => None,
    });
    let body = part(move || match run.found() {
        None if run.busy() => view! { <p class="line sm soft">{spinner()}{ts().checking}</p> }.into_any(),
        None => view! { <p class="sm soft">{ts().check_text}</p> }.into_any(),
        Some(Err(trouble)) => {
            view! { <div class="notice danger" role="alert">{icon("alert")} <div>{trouble.message}</div></div> }
                .into_any()
        }
        Some(Ok(check)) => view! { <Steps steps=check.steps name /> }.into_any(),
    });
    view! {
        <section class="box" aria-live="polite">
            <header>
                <h2>{ts().check_title}</h2>
                <button type="button" class="btn small" aria-busy=move || run.busy().then_some("true") on:click=move |_| run.start()>
                    {icon("refresh")}
                    {ts().check}
                </button>
            </header>
            <div class="b stack tight">{body} {verdict}</div>
        </section>
    }
}

/// What each hop found.
#[component]
pub fn Steps(
    /// The hops.
    steps: Vec<CheckStep>,
    /// The provider's name.
    name: &'static str,
) -> impl IntoView {
    steps
        .into_iter()
        // What does not apply to this way of receiving was not tried and is not shown; a first event is waited for.
        .filter(|step| step.ok.is_some() || step.what == CheckKind::FirstEvent)
        .map(|step| {
            let (tone, mark) = verdict(&step);
            let took = step.took.map(ts().milliseconds);
            let why = step.trouble.map(|trouble| {
                let sentence = locale::reason(i18n::language(), trouble.reason);
                if trouble.detail.is_empty() { sentence.to_owned() } else { format!("{sentence} {}", trouble.detail) }
            });
            view! {
                <div class="item-line check-step">
                    <span class=format!("badge {tone} tiny")>{mark}</span>
                    <span class="grow">
                        {what(step.what, name)} {why.map(|why| view! { <span class="xs soft why">{why}</span> })}
                    </span>
                    <span class="e">{took}</span>
                </div>
            }
        })
        .collect_view()
}

/// What a hop tried, in words.
pub fn what(kind: CheckKind, name: &str) -> String {
    (ts().check_step)(kind, name)
}

/// A hop's colour and mark: the status where there is one, otherwise a word.
pub fn verdict(step: &CheckStep) -> (&'static str, String) {
    let status = step.status.map(|status| status.to_string());
    match step.ok {
        Some(true) => ("ok", status.unwrap_or_else(|| ts().step_ok.to_owned())),
        Some(false) => ("danger", status.unwrap_or_else(|| ts().step_bad.to_owned())),
        None => ("warn", ts().step_skipped.to_owned()),
    }
}
