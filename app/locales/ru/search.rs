//! Russian: search in messages.

use crate::i18n::search::Texts;

pub const TEXTS: Texts = Texts {
    messages: "Сообщения",
    nothing: |text| format!("«{text}» в сообщениях нет"),
    nothing_text: "Поиск знает все формы слов, телефоны и имена файлов. Можно уточнить: от:Анна, после:01.10, есть:файл.",
    more: "Показать ещё",
    you: "Вы",
};
