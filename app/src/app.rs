//! The shell: which page stands where, who may see it, the rail, the banner of the lost line. Pages are in `page` and
//! `chat`; the table of addresses is in `route`.

use gloo_timers::callback::Interval;
use leptos::prelude::*;

use crate::chat::{Inbox, KeyMap};
use crate::i18n::{self, LANGUAGE, t};
use crate::live::{self, LINE, Line};
use crate::page::{self, Expired, Missing, SignIn};
use crate::route::{self, Place};
use crate::state::{Session, Stage, session};
use crate::ui::{Avatar, Broken, Menu, Toasts, effect, icon, later, mark, part};
use crate::{api, state};

/// The application.
#[component]
pub fn App() -> impl IntoView {
    let session = Session::provide();
    route::listen();
    live::listen();
    live::on_event(move |event| session.hear(event));
    session.start();
    guard(session);
    watch_session(session);
    keep_title(session);
    view! {
        {move || {
            LANGUAGE.track();
            view! { <Root /> }
        }}
    }
}

/// Moves whoever is at the wrong door. Where one wanted to go is kept in `?next=`.
fn guard(session: Session) {
    effect(move || {
        let place = route::place();
        match session.stage.get() {
            Stage::Setup if place != Place::Setup => route::replace("/setup"),
            Stage::SignedOut if place != Place::SignIn => {
                let next = route::address();
                let path = if matches!(place, Place::Inbox | Place::Setup) {
                    "/sign-in".to_owned()
                } else {
                    format!("/sign-in?next={}", api::encode(&next))
                };
                route::replace(&path);
            }
            Stage::SignedIn if place == Place::SignIn => {
                // Only paths of our own: an address with a host in it would lead elsewhere.
                let next = route::query("next").filter(|next| next.starts_with('/') && !next.starts_with("//"));
                route::replace(next.as_deref().unwrap_or("/"));
            }
            _ => {}
        }
    });
}

/// A session that ends under way asks for the password over the page, so that nothing typed is lost.
fn watch_session(session: Session) {
    Effect::new(move |before: Option<u32>| {
        let count = api::SIGNED_OUT.get();
        if before.is_some_and(|before| before != count) && session.stage.get_untracked() == Stage::SignedIn {
            session.expired.set(true);
        }
        count
    });
}

fn keep_title(session: Session) {
    effect(move || {
        LANGUAGE.track();
        let unread = session.unread.get();
        let page = session.title.get();
        let mut title = String::new();
        if unread > 0 {
            title = format!("({}) ", i18n::number(unread));
        }
        if !page.is_empty() {
            title.push_str(&page);
            title.push_str(" — ");
        }
        title.push_str(t().common.product);
        document().set_title(&title);
    });
}

#[component]
fn Root() -> impl IntoView {
    let session = session();
    let stage = Memo::new(move |_| session.stage.get());
    view! {
        {move || match stage.get() {
            Stage::Opening => ().into_any(),
            Stage::Broken(trouble) => {
                view! {
                    <main class="app-root">
                        <Broken trouble again=move |()| session.start() />
                    </main>
                }
                    .into_any()
            }
            Stage::Setup => later(page::setup_part, "app-root"),
            Stage::SignedOut => view! { <SignIn /> }.into_any(),
            Stage::SignedIn => view! { <Inside /> }.into_any(),
        }}
        <Toasts />
    }
}

/// The pages that share a component stay mounted while one moves among them.
#[derive(Clone, Copy, PartialEq)]
enum Hall {
    Inbox,
    Settings,
    SetUp,
    Missing,
}

#[component]
fn Inside() -> impl IntoView {
    let session = session();
    crate::chat::begin();
    let hall = Memo::new(move |_| match route::place() {
        place if place.in_inbox() => Hall::Inbox,
        Place::Settings(_) | Place::Log => Hall::Settings,
        Place::Setup => Hall::SetUp,
        // On the way from the sign-in page to where one was going.
        Place::SignIn => Hall::Inbox,
        _ => Hall::Missing,
    });
    let view = move || match hall.get() {
        Hall::Inbox => view! { <Inbox /> }.into_any(),
        Hall::Settings => later(page::settings_part, "page"),
        Hall::SetUp | Hall::Missing => view! { <Missing /> }.into_any(),
    };
    let pane = move || if matches!(route::place(), Place::Chat(_)) { "chat" } else { "list" };
    view! {
        <Show
            when=move || hall.get() == Hall::SetUp && session.is_admin()
            fallback=move || {
                view! {
                    <a class="skip" href="#view">
                        {t().common.to_content}
                    </a>
                    <div class="app-root">
                        <div class="app" data-view=pane>
                            <Rail />
                            <div class="main">
                                <LineBanner />
                                <div class="view" id="view" tabindex="-1">
                                    {view}
                                </div>
                            </div>
                        </div>
                    </div>
                }
            }
        >
            {later(page::setup_part, "app-root")}
        </Show>
        <KeyMap />
        <Expired />
    }
}

#[component]
fn Rail() -> impl IntoView {
    let session = session();
    let here = move |test: fn(Place) -> bool| move || test(route::place()).then_some("page");
    let unread = part(move || {
        let n = session.unread.get();
        (n > 0).then(|| {
            let shown = if n > 99 { "99+".to_owned() } else { n.to_string() };
            view! {
                <span class="count" aria-label=(t().common.unread)(n)>
                    {shown}
                </span>
            }
        })
    });
    view! {
        <nav class="rail" aria-label=t().common.sections>
            <a class="logo" href="/" aria-label=t().common.product>
                {mark("mark")}
            </a>
            <a class="rail-item" href="/" aria-current=here(Place::in_inbox)>
                {icon("chat")}
                <span>{t().common.chats}</span>
                {unread}
            </a>
            <span class="grow"></span>
            <a class="rail-item" href="/settings" aria-current=here(|place| matches!(place, Place::Settings(_) | Place::Log))>
                {icon("sliders")}
                <span>{t().common.settings}</span>
            </a>
            <Me />
        </nav>
    }
}

/// The person at the foot of the rail: profile, theme, language, sign-out.
#[component]
fn Me() -> impl IntoView {
    let session = session();
    move || {
        let user = session.me.get()?.user;
        let role = domain::locale::role(i18n::language(), user.role);
        let name = user.name.clone();
        let face = move || view! { <Avatar name=name.clone() seed=user.id.0 size="m" /> };
        Some(view! {
            <Menu class="rail-item minor" label=(t().common.my_menu)(&user.name) face=ViewFn::from(face)>
                <div class="pop-head">
                    <b>{user.name.clone()}</b>
                    <span>{role}</span>
                </div>
                <a class="menu-item" role="menuitem" href="/settings/profile">
                    {icon("user")}
                    {t().common.profile}
                </a>
                <ThemeButton class="menu-item" role="menuitem" />
                <LanguageButton class="menu-item" role="menuitem" glyph=true />
                <div class="menu-sep"></div>
                <button type="button" class="menu-item" role="menuitem" on:click=move |_| session.leave()>
                    {icon("logout")}
                    {t().common.sign_out}
                </button>
            </Menu>
        })
    }
}

/// Switches between light and dark. It names what it leads to.
#[component]
pub fn ThemeButton(
    /// Its classes.
    class: &'static str,
    /// Its role, when it stands in a menu.
    #[prop(optional)]
    role: &'static str,
) -> impl IntoView {
    let dark = Memo::new(move |_| state::is_dark());
    view! {
        <button
            type="button"
            class=class
            role=(!role.is_empty()).then_some(role)
            aria-label=move || if dark.get() { t().common.light_theme } else { t().common.dark_theme }
            on:click=move |_| {
                state::set_theme(if dark.get_untracked() { state::Theme::Light } else { state::Theme::Dark });
            }
        >
            {move || icon(if dark.get() { "sun" } else { "moon" })}
            {move || if dark.get() { t().common.light } else { t().common.dark }}
        </button>
    }
}

/// Switches between the two languages. It names the other one in that language.
#[component]
pub fn LanguageButton(
    /// Its classes.
    class: &'static str,
    /// Its role, when it stands in a menu.
    #[prop(optional)]
    role: &'static str,
    /// Whether it has an icon.
    #[prop(optional)]
    glyph: bool,
) -> impl IntoView {
    let other = match i18n::language() {
        domain::Language::Ru => domain::Language::En,
        domain::Language::En => domain::Language::Ru,
    };
    view! {
        <button
            type="button"
            class=class
            role=(!role.is_empty()).then_some(role)
            lang=if other == domain::Language::En { "en" } else { "ru" }
            on:click=move |_| i18n::set_language(other)
        >
            {glyph.then(|| icon("globe"))}
            {t().common.other_language}
        </button>
    }
}

/// The strip that says how the live line stands. Writing goes on meanwhile.
#[component]
fn LineBanner() -> impl IntoView {
    let session = session();
    let now = RwSignal::new(js_sys::Date::now());
    // A short break is mended before anybody need know.
    let ticking = StoredValue::new_local(Interval::new(1_000, move || {
        if matches!(LINE.get_untracked(), Line::Lost { .. }) {
            now.set(js_sys::Date::now());
        }
    }));
    on_cleanup(move || ticking.dispose());
    let lost = Memo::new(move |_| match LINE.get() {
        Line::Lost { since, next_try } if now.get() - since > 1_500.0 => {
            Some(((next_try - now.get()) / 1_000.0).ceil().max(0.0) as i64)
        }
        _ => None,
    });
    let queued = move || match session.queued.get() {
        0 => String::new(),
        n => (t().common.line_queued)(n),
    };
    move || {
        if lost.with(Option::is_some) {
            let when = move || match lost.get() {
                Some(seconds) if seconds > 0 => (t().common.line_next)(seconds),
                _ => t().common.line_trying.to_owned(),
            };
            return view! {
                <div class="banner warn" role="status">
                    {icon("wifi-off")}
                    <span class="grow">
                        <b>{t().common.line_lost}</b>
                        " "
                        <span aria-hidden="true">{when}</span>
                        " "
                        {queued}
                    </span>
                    <button type="button" class="btn small" on:click=move |_| live::retry_now()>
                        {t().common.line_now}
                    </button>
                </div>
            }
            .into_any();
        }
        match LINE.get() {
            Line::CatchingUp(count) if count > 20 => view! {
                <div class="banner" role="status">
                    {crate::ui::spinner()}
                    <span class="grow">
                        <b>{t().common.line_back}</b>
                        " "
                        {(t().common.line_catching)(count)}
                    </span>
                </div>
            }
            .into_any(),
            _ => ().into_any(),
        }
    }
}
