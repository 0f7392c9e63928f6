//! What invented clients answer: the first topic whose words occur in what they were told decides. Each topic has
//! several answers, which a client gives in turn. No waiting and no sending here.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use domain::Kind;

use super::clients::{self, CLIENTS, Client, Item};
use crate::gateway::sandbox::Drawn;
use crate::gateway::sandbox::draw::Motif;

/// Conversations remembered; of the rest only the order of answers is forgotten.
const REMEMBERED: usize = 10_000;

/// Something to be said.
#[derive(Clone, Debug, PartialEq)]
pub struct Reply {
    /// The words.
    pub text: String,
    /// What comes along.
    pub file: Option<Drawn>,
    /// Whether it quotes what it answers.
    pub quotes: bool,
}

/// How far conversations have come.
#[derive(Debug, Default)]
pub struct Memory {
    turns: Mutex<HashMap<String, u32>>,
}

impl Memory {
    /// Notes that a client was told something; answers how often so far.
    pub fn heard(&self, digits: &str) -> u32 {
        let mut turns = self.lock();
        if turns.len() >= REMEMBERED && !turns.contains_key(digits) {
            turns.clear();
        }
        let turn = turns.entry(digits.to_owned()).or_default();
        *turn = turn.wrapping_add(1);
        *turn
    }

    /// Whether nothing was said to a client after this turn.
    pub fn is_last(&self, digits: &str, turn: u32) -> bool {
        self.lock().get(digits) == Some(&turn)
    }

    fn turn(&self, digits: &str) -> usize {
        self.lock().get(digits).map_or(0, |turn| *turn as usize)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, u32>> {
        self.turns.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What is said of one matter, with `{he|she}` where the voice decides.
struct Topic {
    words: &'static [&'static str],
    answers: &'static [&'static str],
}

/// In order of precedence: what asks for something comes before courtesies.
const TOPICS: &[Topic] = &[
    Topic {
        words: &["реквизит", "инн", "карточку предприятия", "данные компании", "договор"],
        answers: &["Высылаю реквизиты", "Вот карточка, там всё есть"],
    },
    Topic {
        words: &["фото", "сфотограф", "пришлите снимок", "покажите", "как выглядит", "photo", "picture"],
        answers: &["Сейчас сфотографирую", "Вот, смотрите", "Так подойдёт?"],
    },
    Topic {
        words: &["скидк", "дешевле", "discount"],
        answers: &["Со скидкой беру! Оформляйте", "Это уже интереснее. А если взять вдвое больше?", "Договорились 👍"],
    },
    Topic {
        words: &["счет", "счёт", "оплат", "предоплат", "invoice", "платёж", "платеж"],
        answers: &[
            "{Получил|Получила}, передам в бухгалтерию. Оплатим сегодня",
            "Хорошо, сегодня оплачу. Нужно прислать платёжку?",
            "Счёт вижу, спасибо. Отгрузка сразу после оплаты?",
        ],
    },
    Topic {
        words: &["достав", "привез", "адрес", "курьер", "отгруз", "отправ", "delivery", "трек", "водител"],
        answers: &[
            "Адрес: Примерск, ул. Образцовая, 1, вход со двора. Нужен пропуск на машину?",
            "Удобно после 14:00. Водитель позвонит за час?",
            "Отлично, будем ждать. Номер машины подскажете?",
        ],
    },
    Topic {
        words: &["₽", "руб", "цена", "стоит", "стоимость", "прайс", "price", "итого"],
        answers: &[
            "Понятно. А скидка от объёма есть?",
            "Цена устраивает, выставляйте счёт",
            "Дороговато, но ладно. За сколько привезёте?",
        ],
    },
    Topic {
        words: &["в наличии", "есть на складе", "под заказ", "нет в наличии", "закончил"],
        answers: &[
            "Тогда отложите, пожалуйста, на моё имя",
            "А аналог какой-нибудь есть?",
            "Под заказ это сколько ждать?",
        ],
    },
    Topic {
        words: &["извин", "сожале", "прости", "задерж", "sorry"],
        answers: &["Ничего страшного, бывает", "Хорошо, подожду. Только предупредите, если ещё сдвинется"],
    },
    Topic {
        words: &["позвон", "созвон", "номер телефона", "call"],
        answers: &["Да, звоните, я на связи до шести", "Сейчас на объекте, шумно. Можно сюда написать?"],
    },
    Topic {
        words: &["когда", "во сколько", "какой день", "до какого"],
        answers: &["Лучше завтра до обеда", "В четверг, если получится", "Сегодня до 18 успею"],
    },
    Topic {
        words: &["сколько", "какое количество", "объём", "объем"],
        answers: &["Штук двадцать для начала", "Примерно на 40 квадратов, с запасом", "Как в прошлый раз"],
    },
    Topic {
        words: &["спасибо", "благодар", "thank"],
        answers: &["Вам спасибо! 🙂", "И вам спасибо, хорошего дня", "Всегда {рад|рада} с вами работать"],
    },
    Topic {
        words: &["до свидания", "хорошего дня", "всего доброго", "bye"],
        answers: &["До свидания!", "И вам хорошего дня"],
    },
    Topic {
        words: &["здравствуйте", "добрый день", "доброе утро", "добрый вечер", "привет", "hello", "приветств"],
        answers: &[
            "Здравствуйте! Да, жду вас. Подскажите по моему вопросу выше",
            "Добрый день! Можно уточнить по заказу?",
            "Здравствуйте. Есть минутка?",
        ],
    },
];

const TO_QUESTIONS: &[&str] =
    &["Да, всё верно", "Нужно уточнить, отвечу чуть позже", "Думаю, да. А вы как посоветуете?", "Скорее нет, чем да"];
const TO_FILES: &[&str] =
    &["{Посмотрел|Посмотрела}, подходит 👍", "{Получил|Получила}, спасибо!", "Открылось, изучаю", "То что нужно"];
const TO_THE_REST: &[&str] =
    &["Хорошо", "{Понял|Поняла}, спасибо", "Да, договорились", "Ок, жду", "Отлично, тогда так и сделаем", "Принято 👍"];

/// What a client answers to a message of this kind.
pub fn answer(memory: &Memory, digits: &str, kind: Kind, text: &str) -> Vec<Reply> {
    let turn = memory.turn(digits);
    let (_, voice) = clients::person(digits);
    let pick = |answers: &[&str]| voice.say(answers[(turn + digits.len()) % answers.len()]);
    let lower = text.to_lowercase();
    let topic = TOPICS.iter().position(|topic| topic.words.iter().any(|word| holds(&lower, word)));
    let words = match topic {
        Some(topic) => pick(TOPICS[topic].answers),
        None if kind.has_file() => pick(TO_FILES),
        None if lower.contains('?') => pick(TO_QUESTIONS),
        None => pick(TO_THE_REST),
    };
    let plain = |text: String| Reply { text, file: None, quotes: lower.contains('?') && turn.is_multiple_of(3) };
    match topic {
        Some(0) => vec![Reply { file: Some(clients::drawn(clients::REQUISITES)), ..plain(words) }],
        Some(1) => {
            let motif = [Motif::Boxes, Motif::Yard, Motif::Shelf, Motif::Damaged][turn % 4];
            let seed = u32::try_from(turn).unwrap_or_default() + 100;
            vec![plain(words), Reply { file: Some(clients::drawn(Item::Photo(motif, seed))), ..plain(String::new()) }]
        }
        _ => vec![plain(words)],
    }
}

/// Short words must stand alone, longer ones are stems.
fn holds(text: &str, word: &str) -> bool {
    if word.chars().count() > 4 || !word.chars().all(char::is_alphabetic) {
        return text.contains(word);
    }
    text.split(|c: char| !c.is_alphanumeric()).any(|part| part == word || (word != "инн" && part.starts_with(word)))
}

/// The next thing that somebody says of themselves.
pub fn own(memory: &Memory, turn: usize) -> (&'static Client, Reply) {
    let talkers: Vec<&Client> = CLIENTS.iter().filter(|client| !client.own.is_empty()).collect();
    // Steps of five through twelve meet everyone before anyone again.
    let client = talkers[(turn * 5 + 11) % talkers.len()];
    let (text, file) = client.own[(turn / talkers.len() + memory.turn(client.digits)) % client.own.len()];
    (client, Reply { text: text.to_owned(), file: file.map(clients::drawn), quotes: false })
}

#[cfg(test)]
mod tests {
    use super::super::clients::Voice;
    use super::*;

    fn said(text: &str) -> String {
        answer(&Memory::default(), "79000000001", Kind::Text, text)[0].text.clone()
    }

    #[test]
    fn answers_fit_what_was_said() {
        let among = |answers: &[&str], text: &str| answers.iter().any(|answer| Voice::She.say(answer) == text);
        let fits = |text: &str, topic: usize| assert!(among(TOPICS[topic].answers, &said(text)), "{text}");
        fits("Итого 12 500 ₽", 5);
        fits("Здравствуйте! Цена 300 руб.", 5);
        fits("Доставим завтра", 4);
        fits("Отправил счёт на почту", 3);
        fits("Спасибо за заказ", 11);
        fits("Добрый день", 13);
        fits("Сделаем скидку 5 %", 2);
        assert!(among(TO_QUESTIONS, &said("Красный или синий?")));
        assert!(among(TO_THE_REST, &said("Винник уехал")));
        assert!(among(TO_FILES, &answer(&Memory::default(), "79000000001", Kind::Document, "")[0].text));
    }

    #[test]
    fn everybody_speaks_in_their_own_voice() {
        let all = TOPICS.iter().flat_map(|topic| topic.answers).chain(TO_QUESTIONS).chain(TO_FILES).chain(TO_THE_REST);
        for text in all {
            for voice in [Voice::He, Voice::She] {
                assert!(!voice.say(text).contains(['{', '|', '}']), "{text}");
            }
            // Who said or did something, or is glad, is a man or a woman: such words stand in both forms.
            let plain = text.split(['{', '}']).step_by(2).collect::<String>();
            let told = ["лучила", "лучил,", "смотрел", "онял", "рада ", "рад ", "готова", "согласна"];
            assert!(!told.iter().any(|word| plain.contains(word)), "{text}");
        }
        let paid = |digits: &str| {
            (0..3)
                .map(|turn| {
                    let memory = Memory::default();
                    (0..turn).for_each(|_| _ = memory.heard(digits));
                    answer(&memory, digits, Kind::Text, "счёт отправил")[0].text.clone()
                })
                .collect::<Vec<_>>()
                .join(" ")
        };
        assert!(paid("79000000001").contains("Получила, передам"));
        assert!(paid("79000000005").contains("Получил, передам"));
    }

    #[test]
    fn who_is_asked_for_a_picture_sends_one() {
        let replies = answer(&Memory::default(), "79000000001", Kind::Text, "Пришлите фото, пожалуйста");
        assert!(replies.iter().any(|reply| reply.file.as_ref().is_some_and(|file| file.mime == "image/jpeg")));
        let replies = answer(&Memory::default(), "79000000001", Kind::Text, "Нужен ваш ИНН");
        assert!(replies[0].file.is_some());
    }

    #[test]
    fn everybody_speaks_before_anybody_speaks_again() {
        let memory = Memory::default();
        let first: std::collections::HashSet<_> = (0..12).map(|turn| own(&memory, turn).0.digits).collect();
        assert_eq!(first.len(), 12);
    }

    #[test]
    fn only_the_last_words_are_answered() {
        let memory = Memory::default();
        let first = memory.heard("1");
        assert!(memory.is_last("1", first));
        let second = memory.heard("1");
        assert!(!memory.is_last("1", first) && memory.is_last("1", second));
    }
}
