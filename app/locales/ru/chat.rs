//! Russian: the list of chats, and what it shares with the chat window.

use crate::i18n::chat::Texts;
use crate::i18n::{number, ru_plural};

pub const TEXTS: Texts = Texts {
    // Filters and list
    filters: "Отбор чатов",
    filter: "Отбор",
    all: "Все чаты",
    mine: "Мои",
    unassigned: "Свободные",
    waiting: "Ждут ответа",
    unread: "Непрочитанные",
    groups: "Группы",
    closed: "Закрытые",
    mentioned: "Упоминания",
    labels: "Метки",
    pinned: "закреплён",
    accounts: "Аккаунты",
    list: "Список чатов",
    list_summary: |chats, waiting| {
        let chats = format!("{} {}", number(chats), ru_plural(chats, "чат", "чата", "чатов"));
        match waiting {
            0 => chats,
            n => format!("{chats} · {} {} ответа", number(n), ru_plural(n, "ждёт", "ждут", "ждут")),
        }
    },
    search: "Поиск по имени и телефону",
    search_placeholder: "Имя или телефон",
    clear_search: "Убрать поиск",
    nothing_found: |text| format!("По запросу «{text}» ничего нет"),
    nothing_found_text: "Проверьте опечатки или поищите по последним цифрам телефона.",
    nothing_here: "Здесь пусто",
    nothing_here_text: "Таких чатов сейчас нет. Они появятся здесь сами.",
    show_all: "Показать все чаты",
    quiet_title: "Пока тихо",
    quiet_text: "Как только клиент напишет, чат появится здесь. Можно проверить на песочнице.",
    to_accounts: "Открыть аккаунты",
    new_chat: "Новый чат",
    draft: "Черновик:",
    types: |name| format!("{name} пишет…"),
    waits: "Ждёт ответа",
    for_minutes: |minutes| match minutes {
        n @ ..60 => format!("{n}\u{a0}мин"),
        n @ 60..1440 => format!("{}\u{a0}ч", n / 60),
        n => format!("{}\u{a0}дн", n / 1440),
    },
    new_count: |n| format!("{} {}", number(n), ru_plural(n, "новое", "новых", "новых")),
    last_said: |text| format!("последнее: {text}"),
    owned_by: |name| format!("ведёт {name}"),
    closed_badge: "Закрыт",
    // No chat
    choose_title: "Выберите чат",
    choose_text: "Или начните новый: по номеру телефона.",
    choose_keys: "Alt+↑ и Alt+↓ — соседний чат, / — поиск",
    // Head
    chat_with: |name| format!("Чат: {name}"),
    to_list: "К списку чатов",
    you: "Вы",
    // Log
    new_below: |n| format!("{} {}", number(n), ru_plural(n, "новое сообщение", "новых сообщения", "новых сообщений")),
    // Messages
    image: "Фото",
    video: "Видео",
    voice: "Голосовое",
    audio: "Аудио",
    document: "Документ",
    sticker: "Стикер",
    location: "Место на карте",
    contact: "Контакт",
    poll: "Опрос",
    invite: "Приглашение в группу",
    buttons: "Сообщение с кнопками",
    choice: "Выбор",
    call: "Звонок",
    note: "Заметка",
    deleted: "Сообщение удалено",
    unsupported: "Сообщение этого вида пока не показываем",
    status_queued: "в очереди",
    status_sending: "отправляется",
    status_checking: "проверяем, ушло ли",
    status_unknown: "неизвестно, ушло ли",
    status_accepted: "принято к отправке",
    status_sent: "отправлено",
    status_delivered: "доставлено",
    status_read: "прочитано",
    status_played: "прослушано",
    status_failed: "не отправлено",
    // New chat
    phone_wrong: "Это не похоже на номер телефона. Запишите его с кодом страны.",
    no_account: "Нет аккаунта, с которого можно написать.",
    // Keys
    keys: "Клавиши",
};
