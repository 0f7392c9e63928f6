//! Groups of reference §2.7. The own account is always a member of the groups it made.

use serde_json::{Value, json};

use super::contacts::lid;
use super::instance::Instance;
use super::{Answer, Ask, Refusal, Reply, chat_id};
use crate::{hex, unix_s};

/// A group of the account.
#[derive(Clone, Debug, Default)]
pub(super) struct Group {
    pub subject: String,
    pub owner: String,
    pub created: i64,
    pub renamed: i64,
    pub invite: String,
    pub avatar: String,
    pub all_edit: bool,
    pub all_send: bool,
    /// Person, is administrator.
    pub people: Vec<(String, bool)>,
    /// Whether the own account is still in it.
    pub left: bool,
}

impl Instance {
    /// Puts the account into a group made by others; gives the group's id.
    pub fn add_group(&self, subject: &str, people: &[&str]) -> String {
        let id = new_id();
        let mut inner = self.lock();
        let own = format!("{}@c.us", inner.phone);
        let mut members: Vec<_> = people.iter().map(|person| (chat_id(person), false)).collect();
        if let Some(first) = members.first_mut() {
            first.1 = true;
        }
        let owner = members.first().map_or_else(|| own.clone(), |first| first.0.clone());
        members.push((own, false));
        let group = Group {
            subject: subject.to_owned(),
            owner,
            created: unix_s(),
            renamed: unix_s(),
            invite: hex(22),
            all_send: true,
            people: members,
            ..Group::default()
        };
        inner.groups.insert(id.clone(), group);
        id
    }
}

fn new_id() -> String {
    format!("1203{:014}@g.us", rand::random::<u64>() % 100_000_000_000_000)
}

fn link(group: &Group) -> String {
    format!("https://chat.whatsapp.com/{}", group.invite)
}

/// `POST createGroup`.
pub(super) fn create(ask: &Ask) -> Reply {
    let subject = ask.text("groupName", 100)?;
    let Some(people) = ask.body["chatIds"].as_array().filter(|people| !people.is_empty()) else {
        return Err(ask.missing("chatIds"));
    };
    let mut members = Vec::new();
    for person in people {
        match person.as_str() {
            Some(chat) if chat.ends_with("@c.us") => members.push((chat.to_owned(), false)),
            // A group among the members is a server error there (reference §2.7).
            _ => return Err(Refusal::Text(500, "Internal Server Error".to_owned())),
        }
    }
    let mut inner = ask.instance.lock();
    let own = format!("{}@c.us", inner.phone);
    members.push((own.clone(), true));
    let group = Group {
        subject,
        owner: own,
        created: unix_s(),
        renamed: unix_s(),
        invite: hex(22),
        all_edit: true,
        all_send: true,
        people: members,
        ..Group::default()
    };
    let id = new_id();
    let invite = link(&group);
    inner.groups.insert(id.clone(), group);
    Ok(Answer::Json(json!({"created": true, "chatId": id, "groupInviteLink": invite})))
}

/// Does something to the group of `groupId`; an unknown one answers with `denied`.
fn within(ask: &Ask, denied: Value, act: impl FnOnce(&mut Group) -> Reply) -> Reply {
    let id = ask.text("groupId", 100)?;
    let mut inner = ask.instance.lock();
    match inner.groups.get_mut(&id) {
        Some(group) if !group.left => act(group),
        _ => Ok(Answer::Json(denied)),
    }
}

/// `POST getGroupData`; errors are bare strings (reference §2.7).
pub(super) fn data(ask: &Ask) -> Reply {
    let id = ask.text("groupId", 100)?;
    let inner = ask.instance.lock();
    let Some(group) = inner.groups.get(&id) else {
        return Ok(Answer::Json(json!("Error: item-not-found")));
    };
    if group.left {
        return Ok(Answer::Json(json!("Error: forbidden")));
    }
    let people: Vec<Value> = group
        .people
        .iter()
        .map(|(person, admin)| {
            json!({"id": inner.face(person), "lid": lid(person), "isAdmin": admin,
                "isSuperAdmin": *person == group.owner})
        })
        .collect();
    let state = inner.chats.get(&id).cloned().unwrap_or_default();
    Ok(Answer::Json(json!({
        "groupId": id, "owner": group.owner, "subject": group.subject, "creation": group.created,
        "subjectTime": group.renamed, "subjectOwner": group.owner,
        "groupInviteLink": link(group), "ephemeralExpiration": state.ephemeral,
        "allowParticipantsEditGroupSettings": group.all_edit,
        "allowParticipantsSendMessages": group.all_send, "allowParticipantsAddMembers": true,
        "isCommunity": false, "isCommunityAnnounce": false, "size": people.len(),
        "participants": people})))
}

/// `POST updateGroupName`.
pub(super) fn rename(ask: &Ask) -> Reply {
    let name = ask.text("groupName", 100)?;
    within(ask, json!({"updateGroupName": false}), |group| {
        group.subject = name;
        group.renamed = unix_s();
        Ok(Answer::Json(json!({"updateGroupName": true})))
    })
}

/// `POST updateGroupSettings`.
pub(super) fn settings(ask: &Ask) -> Reply {
    let denied = json!({"updateGroupSettings": false, "reason": "group not found"});
    within(ask, denied, |group| {
        if let Some(on) = ask.body["allowParticipantsEditGroupSettings"].as_bool() {
            group.all_edit = on;
        }
        if let Some(on) = ask.body["allowParticipantsSendMessages"].as_bool() {
            group.all_send = on;
        }
        Ok(Answer::Json(json!({"updateGroupSettings": true, "reason": ""})))
    })
}

/// Does something to a member; `find` says whether one must exist.
fn member(ask: &Ask, key: &str, act: impl FnOnce(&mut Group, String) -> bool) -> Reply {
    let person = ask.chat("participantChatId")?;
    within(ask, json!({key: false}), |group| {
        let done = act(group, person);
        Ok(Answer::Json(json!({key: done})))
    })
}

/// `POST addGroupParticipant`.
pub(super) fn add(ask: &Ask) -> Reply {
    member(ask, "addParticipant", |group, person| {
        let fresh = group.people.iter().all(|(known, _)| *known != person);
        if fresh {
            group.people.push((person, false));
        }
        fresh
    })
}

/// `POST removeGroupParticipant`.
pub(super) fn remove(ask: &Ask) -> Reply {
    member(ask, "removeParticipant", |group, person| {
        let before = group.people.len();
        group.people.retain(|(known, _)| *known != person);
        group.people.len() < before
    })
}

fn set_admin(group: &mut Group, person: &str, admin: bool) -> bool {
    let found = group.people.iter_mut().find(|(known, _)| known == person);
    found.map(|(_, is_admin)| *is_admin = admin).is_some()
}

/// `POST setGroupAdmin`.
pub(super) fn promote(ask: &Ask) -> Reply {
    member(ask, "setGroupAdmin", |group, person| set_admin(group, &person, true))
}

/// `POST removeAdmin`.
pub(super) fn demote(ask: &Ask) -> Reply {
    member(ask, "removeAdmin", |group, person| set_admin(group, &person, false))
}

/// `POST setGroupPicture`, multipart `groupId`, `file`.
pub(super) fn picture(ask: &Ask) -> Reply {
    let path = ask.keep_upload()?.1;
    let url = ask.full(&path);
    let denied = json!({"setGroupPicture": false, "urlAvatar": null, "reason": "group not found"});
    within(ask, denied, |group| {
        group.avatar = path;
        Ok(Answer::Json(json!({"setGroupPicture": true, "urlAvatar": url, "reason": null})))
    })
}

/// `POST leaveGroup`.
pub(super) fn leave(ask: &Ask) -> Reply {
    within(ask, json!({"leaveGroup": false}), |group| {
        group.left = true;
        Ok(Answer::Json(json!({"leaveGroup": true})))
    })
}
