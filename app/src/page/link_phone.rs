//! Linking a phone to an account: QR code with its countdown, or a code for the phone's number; then the linked number
//! and how to unlink it.

use domain::account::{Capabilities, PairingCode, PairingInput, Qr};
use domain::{Account, AccountId, AccountState, locale};
use gloo_timers::callback::Interval;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::api;
use crate::i18n::{self, ts};
use crate::state::session;
use crate::ui::state::{pretty_phone, state_of};
use crate::ui::{Confirm, Field, complain, icon, mark, part, spinner, toast};

/// Pause between two questions for the code, milliseconds. The server keeps the picture meanwhile.
const PAUSE: u32 = 2_000;

/// Whether there is a phone to link or linked: not while the provider does not even let us in.
fn linkable(state: AccountState) -> bool {
    !matches!(
        state,
        AccountState::Off
            | AccountState::Unknown
            | AccountState::WrongKey
            | AccountState::WrongInstance
            | AccountState::Expired
            | AccountState::Unreachable
    )
}

/// The box that links a phone, while that makes sense.
#[component]
pub fn LinkPhone(
    /// The account.
    account: RwSignal<Account>,
    /// What its provider can.
    capabilities: Capabilities,
) -> impl IntoView {
    let shown = Memo::new(move |_| {
        (capabilities.qr || capabilities.pairing_code) && account.with(|account| linkable(state_of(account)))
    });
    view! {
        <Show when=move || shown.get()>
            <LinkBox account capabilities />
        </Show>
    }
}

#[component]
fn LinkBox(account: RwSignal<Account>, capabilities: Capabilities) -> impl IntoView {
    let id = account.with_untracked(|a| a.id);
    let linked = Memo::new(move |_| account.with(|a| state_of(a) == AccountState::Working));
    let by_number = RwSignal::new(!capabilities.qr);
    let ways = (capabilities.qr && capabilities.pairing_code).then(|| {
        let way = move |number: bool, glyph: &'static str, text: &'static str| {
            view! {
                <label>
                    <input type="radio" name="link" prop:checked=move || by_number.get() == number on:change=move |_| by_number.set(number) />
                    {icon(glyph)}
                    {text}
                </label>
            }
        };
        view! {
            <div class="seg ways" role="radiogroup" aria-label=ts().how_to_link>
                {way(false, "qr", ts().qr)} {way(true, "phone", ts().by_number)}
            </div>
        }
    });
    view! {
        <section class="box link-box" aria-label=ts().link_phone>
            <header>
                <h2>{ts().link_phone}</h2>
            </header>
            <div class="b stack mid">
                <Show when=move || linked.get()>
                    <Linked account />
                </Show>
                <div class="stack mid" class:hidden=move || linked.get()>
                    {ways}
                    <Show when=move || !linked.get()>
                        <Show when=move || by_number.get() fallback=move || view! { <ByQr id account /> }>
                            <ByNumber id account />
                        </Show>
                        <p class="xs muted">{ts().keep_charged}</p>
                    </Show>
                </div>
            </div>
        </section>
    }
}

#[component]
fn Linked(account: RwSignal<Account>) -> impl IntoView {
    let session = session();
    let id = account.with_untracked(|a| a.id);
    let asking = RwSignal::new(false);
    let text = move || {
        account.with(|a| match &a.phone {
            Some(digits) => (ts().linked_number)(&pretty_phone(digits)),
            None => ts().linked.to_owned(),
        })
    };
    let unlink = move |()| {
        spawn_local(async move {
            match api::act::<Account>(&format!("/accounts/{id}/logout")).await {
                Ok(news) => {
                    toast("check", ts().unlinked);
                    session.put_account(news.clone());
                    account.try_set(news);
                }
                Err(trouble) => complain(&trouble),
            }
        });
    };
    view! {
        <div class="notice ok" role="status">
            {icon("handset")} <div>
                <b>{text}</b>
            </div>
        </div>
        <div class="line">
            <button type="button" class="btn small danger-soft" on:click=move |_| asking.set(true)>
                {icon("logout")}
                {ts().unlink}
            </button>
        </div>
        <Confirm
            open=asking
            title=ts().unlink_title.to_owned()
            text=ts().unlink_text.to_owned()
            act=ts().unlink.to_owned()
            done=unlink
        />
    }
}

/// Asks the provider how the account stands, and shows it.
pub fn refresh(id: AccountId, account: RwSignal<Account>) {
    spawn_local(async move {
        if let Ok(news) = api::act::<Account>(&format!("/accounts/{id}/refresh")).await {
            account.try_set(news);
        }
    });
}

#[component]
fn ByQr(id: AccountId, account: RwSignal<Account>) -> impl IntoView {
    let shown = RwSignal::new(None::<Qr>);
    let trouble = RwSignal::new(String::new());
    // The picture's time: when it runs out (`Date.now()`) and how long it lives, milliseconds.
    let until = RwSignal::new((0.0, 1.0));
    let now = RwSignal::new(js_sys::Date::now());
    let alive = StoredValue::new(true);
    let ask = move || {
        spawn_local(async move {
            let answer = api::get::<Qr>(&format!("/accounts/{id}/qr")).await;
            if alive.try_get_value() != Some(true) {
                return;
            }
            match answer {
                Ok(qr) => {
                    trouble.set(String::new());
                    if let Qr::Code { expires_in, .. } = &qr {
                        let life = f64::from(*expires_in) * 1_000.0;
                        let fresh = shown.with_untracked(|old| old.as_ref() != Some(&qr));
                        if fresh {
                            until.update(|(at, span)| {
                                let end = js_sys::Date::now() + life;
                                // A renewed picture starts the bar anew; the same one only corrects its end.
                                *span = if end > *at + 1_500.0 { life } else { span.max(life) };
                                *at = end;
                            });
                        }
                    }
                    if qr == Qr::Linked {
                        refresh(id, account);
                    }
                    if shown.with_untracked(|old| old.as_ref() != Some(&qr)) {
                        shown.set(Some(qr));
                    }
                }
                Err(failed) => trouble.set(failed.message),
            }
        });
    };
    ask();
    let asking = StoredValue::new_local(Interval::new(PAUSE, ask));
    let ticking = StoredValue::new_local(Interval::new(250, move || now.set(js_sys::Date::now())));
    on_cleanup(move || {
        alive.try_set_value(false);
        asking.dispose();
        ticking.dispose();
    });
    let png = Memo::new(move |_| match shown.get() {
        Some(Qr::Code { png, .. }) => Some(png),
        _ => None,
    });
    let words = Memo::new(move |_| {
        let failed = trouble.get();
        if !failed.is_empty() {
            return failed;
        }
        match shown.get() {
            Some(Qr::Unavailable { trouble }) => locale::reason(i18n::language(), trouble.reason).to_owned(),
            Some(Qr::Passkey) => locale::state(i18n::language(), AccountState::Passkey).1.to_owned(),
            Some(Qr::Linked) => ts().linked.to_owned(),
            Some(Qr::Code { .. }) => String::new(),
            None => ts().qr_waiting.to_owned(),
        }
    });
    let picture = part(move || match png.get() {
        Some(png) => view! {
            <img alt=ts().qr_alt src=format!("data:image/png;base64,{png}") width="216" height="216" />
            <span class="mk" aria-hidden="true">{mark("mark")}</span>
        }
        .into_any(),
        None => view! { <div class="wait">{spinner()} <p class="sm">{words}</p></div> }.into_any(),
    });
    let seconds = Memo::new(move |_| ((until.get().0 - now.get()) / 1_000.0).ceil().max(0.0) as i64);
    let share = move || {
        let (end, span) = until.get();
        format!("{:.1}%", ((end - now.get()) / span * 100.0).clamp(0.0, 100.0))
    };
    view! {
        <div class="qrbox" role="img" aria-label=ts().qr_alt>
            {picture}
        </div>
        <Show when=move || png.with(Option::is_some)>
            <div>
                <div class="bar thin">
                    <i style:--v=share></i>
                </div>
                <p class="xs muted ta-c mt-2">
                    {move || (ts().qr_next)(seconds.get())} " · "
                    <button type="button" class="a" on:click=move |_| ask()>
                        {ts().qr_now}
                    </button>
                </p>
            </div>
            {move || {
                let text = words.get();
                (!text.is_empty()).then(|| view! { <p class="sm warn-t" role="alert">{text}</p> })
            }}
        </Show>
        <div class="grid-2 keep">
            <HowTo title="Android" steps=ts().android />
            <HowTo title="iPhone" steps=ts().iphone />
        </div>
    }
}

#[component]
fn HowTo(title: &'static str, steps: [&'static str; 4]) -> impl IntoView {
    view! {
        <div class="how-to">
            <h3>{title}</h3>
            <ol class="how">
                {steps
                    .map(|step| {
                        view! {
                            <li>
                                <span>{step}</span>
                            </li>
                        }
                    })
                    .into_iter()
                    .collect_view()}
            </ol>
        </div>
    }
}

#[component]
fn ByNumber(id: AccountId, account: RwSignal<Account>) -> impl IntoView {
    let digits = account.with_untracked(|a| a.phone.clone());
    let phone = RwSignal::new(digits.map(|d| pretty_phone(&d)).unwrap_or_default());
    let error = RwSignal::new(String::new());
    let code = RwSignal::new(None::<(PairingCode, f64)>);
    let now = RwSignal::new(js_sys::Date::now());
    let busy = RwSignal::new(false);
    let ticking = StoredValue::new_local(Interval::new(1_000, move || now.set(js_sys::Date::now())));
    on_cleanup(move || ticking.dispose());
    let ask = move || {
        if busy.get_untracked() {
            return;
        }
        if phone.with_untracked(|phone| domain::Phone::parse(phone).is_none()) {
            error.set(locale::fault(i18n::language(), domain::Fault::PhoneInvalid).to_owned());
            return;
        }
        busy.set(true);
        error.set(String::new());
        let input = PairingInput { phone: phone.get_untracked() };
        spawn_local(async move {
            match api::post::<PairingCode>(&format!("/accounts/{id}/pairing-code"), &input).await {
                Ok(found) => {
                    let end = js_sys::Date::now() + f64::from(found.expires_in) * 1_000.0;
                    code.try_set(Some((found, end)));
                }
                Err(trouble) => {
                    error.try_set(trouble.message);
                }
            }
            busy.try_set(false);
        });
    };
    let shown = part(move || {
        code.get().map(|(code, end)| {
            let left = move || {
                let seconds = ((end - now.get()) / 1_000.0).ceil() as i64;
                if seconds > 0 { (ts().code_lives)(seconds) } else { ts().code_dead.to_owned() }
            };
            view! {
                <div class="pairing" role="status">
                    <span class="xs muted">{ts().code_title}</span>
                    <output class="code">{code.code}</output>
                    <span class="xs muted">{left}</span>
                </div>
            }
        })
    });
    // Not a form: this box stands inside the account's own.
    let enter = move |event: web_sys::KeyboardEvent| {
        if event.key() == "Enter" {
            event.prevent_default();
            ask();
        }
    };
    view! {
        <div class="stack mid" on:keydown=enter>
            <Field label=ts().phone value=phone error hint=ts().phone_hint.to_owned() kind="tel" placeholder="+7 912 000-45-17" />
            <div class="line">
                <button type="button" class="btn primary" aria-busy=move || busy.get().then_some("true") on:click=move |_| ask()>
                    {move || icon(if busy.get() { "spinner" } else { "key" })}
                    {ts().get_code}
                </button>
            </div>
            {shown}
            <HowTo title="WhatsApp" steps=ts().android_number />
        </div>
    }
}
