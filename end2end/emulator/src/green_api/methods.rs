//! The table of methods: verb, requests a second (reference §5) and when each works.

use axum::http::Method as Verb;

use super::{Ask, Reply, account, contacts, groups, journal, send, stories, webhook};

/// In which states a method works.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Needs {
    /// Always.
    Nothing,
    /// Only while linked to WhatsApp.
    WhatsApp,
}

/// How a method is answered.
#[derive(Clone, Copy)]
pub(super) enum Run {
    /// At once.
    Now(fn(&Ask) -> Reply),
    /// When a notification comes.
    Receive,
    /// Refused for good: deprecated methods answer 403.
    Dead,
}

/// A method of the API.
pub(super) struct Method {
    pub name: &'static str,
    pub verb: Verb,
    pub rps: f64,
    pub needs: Needs,
    pub run: Run,
}

/// The method of a name in any case.
pub(super) fn find(name: &str) -> Option<&'static Method> {
    METHODS.iter().find(|method| method.name.eq_ignore_ascii_case(name))
}

const fn row(name: &'static str, verb: Verb, rps: f64, needs: Needs, run: fn(&Ask) -> Reply) -> Method {
    Method { name, verb, rps, needs, run: Run::Now(run) }
}

const fn get(name: &'static str, rps: f64, run: fn(&Ask) -> Reply) -> Method {
    row(name, Verb::GET, rps, Needs::Nothing, run)
}

const fn post(name: &'static str, rps: f64, run: fn(&Ask) -> Reply) -> Method {
    row(name, Verb::POST, rps, Needs::Nothing, run)
}

/// A POST that needs WhatsApp at once, unlike sending, which queues.
const fn live(name: &'static str, rps: f64, run: fn(&Ask) -> Reply) -> Method {
    row(name, Verb::POST, rps, Needs::WhatsApp, run)
}

const fn dead(name: &'static str) -> Method {
    Method { name, verb: Verb::POST, rps: 50.0, needs: Needs::Nothing, run: Run::Dead }
}

static METHODS: &[Method] = &[
    post("sendMessage", 50.0, send::message),
    post("sendFileByUpload", 50.0, send::upload),
    post("sendFileByUrl", 50.0, send::by_url),
    post("uploadFile", 50.0, send::store),
    post("sendContact", 50.0, send::contact),
    post("sendLocation", 50.0, send::location),
    post("sendPoll", 50.0, send::poll),
    post("forwardMessages", 50.0, send::forward),
    post("sendInteractiveButtons", 50.0, send::interactive),
    post("sendInteractiveButtonsReply", 50.0, send::interactive_reply),
    post("sendReaction", 10.0, send::reaction),
    post("editMessage", 1.0, send::edit),
    dead("sendButtons"),
    dead("sendTemplateButtons"),
    dead("sendListMessage"),
    dead("sendLink"),
    live("sendTyping", 1.0, send::typing_shown),
    live("deleteMessage", 10.0, send::delete),
    live("readChat", 10.0, send::read),
    live("archiveChat", 10.0, send::archive),
    live("unarchiveChat", 10.0, send::unarchive),
    live("setDisappearingChat", 1.0, send::disappearing),
    get("showMessagesQueue", 1.0, send::show_queue),
    get("clearMessagesQueue", 1.0, send::clear_queue),
    get("getMessagesCount", 1.0, send::count_queue),
    Method { name: "receiveNotification", verb: Verb::GET, rps: 100.0, needs: Needs::Nothing, run: Run::Receive },
    row("deleteNotification", Verb::DELETE, 100.0, Needs::Nothing, webhook::delete),
    get("getWebhooksCount", 1.0, webhook::count),
    row("clearWebhooksQueue", Verb::DELETE, 1.0, Needs::Nothing, webhook::clear),
    post("downloadFile", 5.0, journal::download),
    post("getChatHistory", 1.0, journal::history),
    post("getMessage", 10.0, journal::message),
    get("lastIncomingMessages", 1.0, journal::last_incoming),
    get("lastOutgoingMessages", 1.0, journal::last_outgoing),
    get("lastIncomingCalls", 1.0, journal::incoming_calls),
    get("lastOutgoingCalls", 1.0, journal::outgoing_calls),
    get("getChats", 1.0, journal::chats),
    live("checkWhatsapp", 10.0, contacts::check),
    row("getContacts", Verb::GET, 1.0, Needs::WhatsApp, contacts::list),
    live("getContactInfo", 1.0, contacts::info),
    live("getAvatar", 10.0, contacts::avatar),
    live("addContact", 1.0, contacts::add),
    live("editContact", 1.0, contacts::edit),
    live("deleteContact", 1.0, contacts::remove),
    live("createGroup", 1.0, groups::create),
    live("getGroupData", 1.0, groups::data),
    live("updateGroupName", 1.0, groups::rename),
    live("updateGroupSettings", 1.0, groups::settings),
    live("addGroupParticipant", 10.0, groups::add),
    live("removeGroupParticipant", 10.0, groups::remove),
    live("setGroupAdmin", 10.0, groups::promote),
    live("removeAdmin", 10.0, groups::demote),
    live("setGroupPicture", 1.0, groups::picture),
    live("leaveGroup", 10.0, groups::leave),
    get("getStateInstance", 1.0, account::state),
    get("getStatusInstance", 1.0, account::status),
    get("getStateInstanceHistory", 1.0, account::history),
    get("getWaSettings", 1.0, account::wa_settings),
    get("getSettings", 1.0, account::settings),
    post("setSettings", 1.0, account::set_settings),
    get("reboot", 1.0, account::reboot),
    get("logout", 1.0, account::logout),
    get("updateApiToken", 1.0, account::update_token),
    live("setProfilePicture", 0.1, account::set_picture),
    post("getAuthorizationCode", 1.0, account::code),
    get("getDeviceInfo", 1.0, account::device),
    get("qr", 3.0, account::qr),
    post("sendTextStatus", 5.0, stories::text),
    post("sendVoiceStatus", 5.0, stories::voice),
    post("sendMediaStatus", 5.0, stories::media),
    post("deleteStatus", 10.0, stories::delete),
    get("getIncomingStatuses", 1.0, stories::incoming),
    get("getOutgoingStatuses", 1.0, stories::outgoing),
    get("getStatusStatistic", 1.0, stories::statistic),
];
