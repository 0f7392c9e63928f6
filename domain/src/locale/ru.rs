//! Russian.

use crate::{AccountState, Fault, Reason, Role};

pub(super) fn fault(fault: Fault) -> &'static str {
    match fault {
        Fault::Malformed => "Запрос не удалось прочитать. Ничего не изменилось, проверьте его и повторите.",
        Fault::Invalid => "Одно из полей заполнено неверно. Ничего не изменилось.",
        Fault::NameInvalid => "Название должно быть от 1 до 200 знаков.",
        Fault::LoginInvalid => "Логин должен быть от 1 до 100 знаков, без двоеточия.",
        Fault::PasswordInvalid => "Пароль должен быть от 8 до 200 знаков.",
        Fault::PhoneInvalid => {
            "Это не похоже на номер телефона. Запишите его с кодом страны, например +7 912 000-45-17."
        }
        Fault::TextTooLong => "Текст длиннее, чем принимает WhatsApp. Разделите его на несколько сообщений.",
        Fault::MessageEmpty => "В сообщении нет ни текста, ни файла.",
        Fault::SecretsAgain => {
            "Адрес сервера изменился. Введите ключ ещё раз: сохранённый ключ на новый адрес не отправляется."
        }
        Fault::SettingsInvalid => "Параметры подключения заполнены не полностью или с ошибкой.",
        Fault::PrivateAddress => {
            "Адрес находится во внутренней сети, а она не разрешена. Добавьте его в --allow-private-hosts."
        }
        Fault::SignedOut => "Сеанс завершён. Войдите снова, черновики сохранены.",
        Fault::WrongLogin => "Неверный логин или пароль.",
        Fault::TooManyAttempts => "Слишком много попыток входа. Подождите минуту и попробуйте снова.",
        Fault::TooManyRequests => "Слишком много запросов. Подождите немного и повторите.",
        Fault::Forbidden => "Для этого действия не хватает прав. Обратитесь к администратору.",
        Fault::CrossSite => "Запрос пришёл с другого сайта и отклонён.",
        Fault::WriteFirstOff => {
            "На этом аккаунте начать разговор может только клиент. Администратор может это изменить."
        }
        Fault::NoWhatsapp => "По этому номеру нет WhatsApp.",
        Fault::NotFound => "Такой страницы нет.",
        Fault::ChatNotFound => "Чат не найден, или к нему нет доступа.",
        Fault::MessageNotFound => "Сообщение не найдено, или к нему нет доступа.",
        Fault::AccountNotFound => "Аккаунт не найден, или к нему нет доступа.",
        Fault::FileNotFound => "Файл не найден, или к нему нет доступа.",
        Fault::FileNotReady => "Файл ещё загружается. Попробуйте через несколько секунд.",
        Fault::LabelNotFound => "Метка не найдена.",
        Fault::ReplyNotFound => "Быстрый ответ не найден.",
        Fault::LaterNotFound => "Отложенного сообщения нет: оно уже ушло или отменено.",
        Fault::NameTaken => "Такое название уже есть. Выберите другое.",
        Fault::TooMany => "Больше добавить нельзя. Удалите лишнее.",
        Fault::TimeInvalid => "Выберите время в будущем, не дальше года.",
        Fault::UserNotFound => "Пользователь не найден.",
        Fault::SessionNotFound => "Сеанс или ключ не найден.",
        Fault::LogNotFound => "Запись журнала не найдена. Возможно, вышел срок её хранения.",
        Fault::WrongMethod => "Для этого адреса нужен другой метод HTTP.",
        Fault::LoginTaken => "Такой логин уже есть. Выберите другой.",
        Fault::SetupDone => "Первая настройка уже пройдена. Войдите под своим логином.",
        Fault::LastAdministrator => "Это последний администратор. Сначала назначьте другого.",
        Fault::TooLate => "Прошло слишком много времени: WhatsApp уже не даёт изменить это сообщение.",
        Fault::NotFailed => "Сообщение уже отправлено или ждёт очереди, отправлять его снова не нужно.",
        Fault::AccountOff => "Аккаунт отключён. Переписка сохранена, отправка невозможна.",
        Fault::NotSupported => "Поставщик этого аккаунта так не умеет.",
        Fault::TooLarge => "Запрос слишком большой.",
        Fault::FileTooLarge => "Файл больше, чем принимает WhatsApp. Сожмите его или отправьте ссылкой.",
        Fault::WrongType => "Такой тип содержимого здесь не принимается.",
        Fault::ProviderFailed => "Поставщик ответил ошибкой. Подробности в журнале обмена.",
        Fault::Timeout => "Ответ занял слишком много времени. Попробуйте ещё раз.",
        Fault::Internal => "Что-то сломалось на сервере. Данные целы, запись об ошибке есть в журнале.",
        Fault::Unavailable => "Сервер сейчас недоступен. Попробуйте через несколько секунд.",
    }
}

/// At night no hour is named: one does not wish a good night first.
pub(super) fn greeting(hour: u8) -> &'static str {
    match hour {
        5..12 => "Доброе утро",
        12..18 => "Добрый день",
        18..23 => "Добрый вечер",
        _ => "Здравствуйте",
    }
}

pub(super) fn reason(reason: Reason) -> &'static str {
    match reason {
        Reason::NoWhatsapp => "По этому номеру нет WhatsApp.",
        Reason::NotInGroup => "Номер не состоит в этой группе.",
        Reason::Rejected => "Поставщик не принял запрос.",
        Reason::TooLarge => "Файл больше, чем принимает поставщик.",
        Reason::FileMissing => "Файл не загрузился, отправить его нельзя.",
        Reason::WrongKey => "Поставщик не принял ключ. Проверьте apiTokenInstance в настройках аккаунта.",
        Reason::WrongInstance => "Поставщик не знает такого инстанса. Проверьте idInstance и адрес API.",
        Reason::NotLinked => "Телефон не привязан. Отсканируйте QR-код в настройках аккаунта.",
        Reason::Starting => "Инстанс запускается. Обычно это до пяти минут, сообщение ждёт в очереди.",
        Reason::Expired => "Инстанс не оплачен. Продлите его в кабинете поставщика.",
        Reason::Removed => "Инстанс удалён у поставщика.",
        Reason::Blocked => "WhatsApp заблокировал номер.",
        Reason::Suspended => "WhatsApp приостановил отправку с этого номера. Отвечать можно только на входящие.",
        Reason::QuotaChats => "На тарифе поставщика закончились чаты этого месяца.",
        Reason::Quota => "На тарифе поставщика закончились запросы этого месяца.",
        Reason::RateLimited => "Слишком много запросов к поставщику, сообщение отправится чуть позже.",
        Reason::ProviderError => "У поставщика ошибка.",
        Reason::StrangeAnswer => "Поставщик ответил непонятно.",
        Reason::Unreachable => "Нет связи с поставщиком.",
        Reason::PrivateAddress => "Адрес находится во внутренней сети, а она не разрешена.",
        Reason::UnknownOutcome => "Неизвестно, ушло ли сообщение: связь оборвалась. Проверьте на телефоне.",
        Reason::AccountOff => "Аккаунт отключён.",
        Reason::WhatsappRefused => "WhatsApp не доставил сообщение.",
        Reason::NotSupported => "Поставщик этого не умеет.",
        Reason::GaveUp => "Сутки попыток не удались.",
    }
}

pub(super) fn state(state: AccountState) -> (&'static str, &'static str) {
    match state {
        AccountState::Unknown => ("Проверяется", "Состояние станет известно через несколько секунд."),
        AccountState::Working => ("Работает", "Делать ничего не нужно."),
        AccountState::WaitingScan => ("Ждёт сканирования", "Привяжите телефон по QR-коду или по номеру."),
        AccountState::Passkey => {
            ("Нужен ключ доступа", "На телефоне включён вход по ключу: подтвердите его в WhatsApp.")
        }
        AccountState::Starting => ("Запускается", "Обычно до 5 минут. Отправка ждёт в очереди."),
        AccountState::Suspended => {
            ("Приостановлен", "WhatsApp заметил рассылку. До снятия отвечайте только на входящие.")
        }
        AccountState::Blocked => ("Заблокирован", "Подайте апелляцию в WhatsApp или подключите другой номер."),
        AccountState::Sleeping => ("Спит", "Телефон давно не в сети: откройте на нём WhatsApp."),
        AccountState::WrongKey => ("Ключ не подходит", "Скопируйте apiTokenInstance из кабинета поставщика ещё раз."),
        AccountState::WrongInstance => ("Инстанс не найден", "Проверьте idInstance и адрес API в кабинете поставщика."),
        AccountState::Expired => ("Не оплачен", "Продлите инстанс в кабинете поставщика."),
        AccountState::Quota => ("Тариф исчерпан", "Смените тариф у поставщика или дождитесь начала месяца."),
        AccountState::Unreachable => ("Нет связи", "Поставщик не отвечает. Сообщения ждут в очереди и уйдут сами."),
        AccountState::Off => ("Отключён", "Переписка хранится. Включите аккаунт, чтобы продолжить."),
    }
}

pub(super) fn role(role: Role) -> &'static str {
    match role {
        Role::Administrator => "Администратор",
        Role::Supervisor => "Руководитель",
        Role::Operator => "Оператор",
        Role::Reader => "Наблюдатель",
        Role::Service => "Служебный",
    }
}
