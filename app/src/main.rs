//! Entry point of the browser client: the list of modules and the mounting of the page. No logic.

mod api;
mod app;
mod chat;
mod i18n;
mod live;
mod page;
mod route;
mod state;
mod ui;

fn main() {
    console_error_panic_hook::set_once();
    state::apply_preferences();
    leptos::mount::mount_to_body(app::App);
}
