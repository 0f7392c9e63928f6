//! What invented clients and managers are called and write: Russian, seeded, the same at every run. Where it is kept is
//! in `seed`, how it is sent in `load`.

use std::fmt::Write as _;

/// A small generator of numbers (SplitMix64): the same for one seed on every machine and version.
#[derive(Clone, Debug)]
pub struct Dice(pub u64);

impl Dice {
    /// The next number.
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Below `limit`, which is not 0.
    pub fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(limit).unwrap_or(1)).unwrap_or_default()
    }

    fn of(&mut self, list: &[&'static str]) -> &'static str {
        list[self.below(list.len())]
    }
}

const FIRST: &[&str] = &[
    "Анна",
    "Мария",
    "Елена",
    "Ольга",
    "Наталья",
    "Ирина",
    "Светлана",
    "Татьяна",
    "Екатерина",
    "Юлия",
    "Алёна",
    "Дарья",
    "Ксения",
    "Полина",
    "Вера",
    "Галина",
    "Лариса",
    "Людмила",
    "Надежда",
    "Марина",
    "Алия",
    "Гульнара",
];
const LAST: &[&str] = &[
    "Иванова",
    "Смирнова",
    "Кузнецова",
    "Попова",
    "Соколова",
    "Лебедева",
    "Козлова",
    "Новикова",
    "Морозова",
    "Петрова",
    "Волкова",
    "Соловьёва",
    "Васильева",
    "Зайцева",
    "Павлова",
    "Семёнова",
    "Голубева",
    "Виноградова",
    "Богданова",
    "Воробьёва",
    "Фёдорова",
    "Михайлова",
    "Беляева",
    "Тарасова",
    "Белова",
    "Комарова",
    "Орлова",
    "Киселёва",
    "Макарова",
    "Андреева",
    "Ковалёва",
    "Ильина",
    "Гусева",
    "Титова",
    "Кузьмина",
    "Кудрявцева",
    "Баранова",
    "Куликова",
    "Алексеева",
    "Степанова",
    "Яковлева",
    "Сорокина",
    "Сергеева",
    "Романова",
    "Захарова",
    "Борисова",
    "Королёва",
    "Герасимова",
];
const PATRONYMIC: &[&str] =
    &["", "", "", " Ивановна", " Сергеевна", " Петровна", " Алексеевна", " Николаевна", " Владимировна", " (оптовик)"];
const HELLO: &[&str] = &[
    "",
    "",
    "",
    "Здравствуйте! ",
    "Добрый день. ",
    "Доброе утро! ",
    "Добрый вечер, ",
    "Извините, ",
    "Подскажите, пожалуйста, ",
];
const ASK: &[&str] = &[
    "когда приедет наш заказ",
    "есть ли в наличии",
    "сколько стоит доставка до Казани",
    "можно ли оплатить по счёту",
    "пришлите, пожалуйста, счёт на",
    "нужна накладная на",
    "водитель не дозвонился, привезите ещё раз",
    "возьму две упаковки",
    "почему цена другая, чем на сайте",
    "спасибо, всё получили, очень довольны",
    "добавьте в заказ",
    "хочу вернуть, не подошёл размер",
    "какие условия для оптовых покупателей",
    "отправьте акт сверки за прошлый месяц",
    "во сколько вы сегодня закрываетесь",
    "адрес самовывоза прежний",
];
const THING: &[&str] = &[
    "",
    "",
    " кабель ВВГ 3×2,5",
    " плитку «Байкал» серую",
    " насос циркуляционный",
    " краску фасадную белую",
    " ламинат дуб",
    " дверь входную левую",
    " смеситель для кухни",
    " саморезы по дереву",
    " утеплитель 100 мм",
    " профиль потолочный",
    " грунтовку глубокого проникновения",
    " светильник уличный",
];
const END: &[&str] = &["", "", ".", "?", "!", " 🙏", ", жду ответа", ". Заранее спасибо", " — это срочно", "))"];

/// A person's name.
pub fn name(dice: &mut Dice) -> String {
    format!("{} {}{}", dice.of(FIRST), dice.of(LAST), dice.of(PATRONYMIC))
}

/// A last name, for looking people up.
pub fn last_name(dice: &mut Dice) -> &'static str {
    dice.of(LAST)
}

/// What somebody writes: one sentence, now and then several.
pub fn text(dice: &mut Dice) -> String {
    let mut text = String::new();
    let more = if dice.below(8) == 0 { 1 + dice.below(4) } else { 0 };
    for sentence in 0..=more {
        if sentence > 0 {
            text.push(' ');
        }
        text.push_str(dice.of(HELLO));
        text.push_str(dice.of(ASK));
        text.push_str(dice.of(THING));
        if dice.below(4) == 0 {
            // A String takes everything.
            let _ = write!(text, " № {}", 1000 + dice.below(90_000));
        }
        text.push_str(dice.of(END));
    }
    text
}

/// The phone of a client, digits only; different for different clients.
pub fn phone(client: usize) -> String {
    // A number without a common divisor with the module visits all remainders.
    let tail = u64::try_from(client).unwrap_or_default() * 617_283_947 % 1_000_000_000;
    format!("79{tail:09}")
}
