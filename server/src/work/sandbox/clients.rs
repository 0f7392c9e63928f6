//! Who the invented clients are and what has been said so far. Customers of a company that sells building materials and
//! household goods. All names, numbers and orders are made up; the numbers are of a range that nobody is given.

use domain::Direction::{self, In, Out};

use crate::gateway::sandbox::Drawn;
use crate::gateway::sandbox::draw::{self, Motif};

/// An invented client.
#[derive(Debug)]
pub struct Client {
    /// The number, digits.
    pub digits: &'static str,
    /// As the messenger calls them.
    pub name: &'static str,
    /// How whoever writes speaks of themselves.
    pub voice: Voice,
    /// What was said before.
    pub past: &'static [Past],
    /// What they may say of themselves one day.
    pub own: &'static [(&'static str, Option<Item>)],
}

/// How somebody speaks of themselves: Russian tells it by the ends of words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Voice {
    /// A man.
    He,
    /// A woman.
    She,
}

impl Voice {
    /// A sentence with `{he|she}` said by this voice.
    pub fn say(self, text: &str) -> String {
        let mut said = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            let (choice, tail) = after.split_once('}').unwrap_or((after, ""));
            let (he, she) = choice.split_once('|').unwrap_or((choice, choice));
            said.push_str(before);
            said.push_str(if self == Self::He { he } else { she });
            rest = tail;
        }
        said + rest
    }
}

/// Something said in the past.
#[derive(Debug)]
pub struct Past {
    /// How long ago, minutes.
    pub minutes_ago: u32,
    /// By whom.
    pub direction: Direction,
    /// The words.
    pub text: &'static str,
    /// What came along.
    pub file: Option<Item>,
}

/// A file, before it is drawn.
#[derive(Clone, Copy, Debug)]
pub enum Item {
    /// A photograph.
    Photo(Motif, u32),
    /// An order form.
    Order(u32),
    /// A text file: name and text.
    Note(&'static str, &'static str),
}

/// The file as the gateway knows it.
pub fn drawn(item: Item) -> Drawn {
    match item {
        Item::Photo(motif, seed) => draw::picture(motif, seed),
        Item::Order(number) => draw::order(number),
        Item::Note(name, text) => draw::text(name, text),
    }
}

/// The name and the voice of whoever has this number: somebody new gets ones that stay.
pub fn person(digits: &str) -> (&'static str, Voice) {
    const OTHERS: &[(&str, Voice)] = &[
        ("Павел", Voice::He),
        ("Наталья", Voice::She),
        ("Руслан", Voice::He),
        ("Вера Ильинична", Voice::She),
        ("Глеб", Voice::He),
        ("Зоя", Voice::She),
        ("Максим К.", Voice::He),
        ("Лилия", Voice::She),
        ("Артур", Voice::He),
        ("Нина", Voice::She),
    ];
    if let Some(client) = CLIENTS.iter().find(|client| client.digits == digits) {
        return (client.name, client.voice);
    }
    let sum: usize = digits.bytes().map(usize::from).sum();
    OTHERS[sum % OTHERS.len()]
}

const fn said(minutes_ago: u32, direction: Direction, text: &'static str) -> Past {
    Past { minutes_ago, direction, text, file: None }
}

const fn sent(minutes_ago: u32, direction: Direction, text: &'static str, file: Item) -> Past {
    Past { minutes_ago, direction, text, file: Some(file) }
}

const DAY: u32 = 24 * 60;

/// What a company is called in a contract, for those who ask.
pub const REQUISITES: Item = Item::Note(
    "Реквизиты.txt",
    "ООО «Пример Плюс»\nИНН 0000000000, КПП 000000000\nр/с 00000000000000000000 в банке «Образец»\n\
     Адрес: г. Примерск, ул. Образцовая, 1\n\nВымышленная компания: реквизиты недействительны.\n",
);

/// All of them.
pub const CLIENTS: &[Client] = &[
    Client {
        digits: "79000000001",
        name: "Ольга Синицына",
        voice: Voice::She,
        past: &[
            said(3 * DAY + 310, In, "Добрый день! Вы отправляете в Тверь?"),
            said(3 * DAY + 300, Out, "Здравствуйте, Ольга! Да, транспортной компанией, обычно 2–3 дня."),
            said(3 * DAY + 295, In, "Отлично. Нужны светильники на витрину, 12 штук"),
            sent(3 * DAY + 280, In, "Вот такая у нас полка, подберите по размеру", Item::Photo(Motif::Shelf, 12)),
            said(3 * DAY + 200, Out, "Подойдут BR-1040, ширина 32 см. Цена 1 890 ₽ за штуку, от 10 штук скидка 5 %."),
            said(3 * DAY + 190, In, "Беру 12, пришлите счёт, пожалуйста"),
            said(3 * DAY + 120, Out, "Счёт № 318 отправил на почту. Оплата до пятницы."),
            said(2 * DAY + 60, In, "Оплатили 👍"),
            said(2 * DAY + 30, Out, "Спасибо, деньги пришли. Отгрузим завтра."),
            said(38, In, "Здравствуйте! Подскажите трек-номер, пожалуйста, заказ 318"),
        ],
        own: &[
            ("А ещё такие же светильники, но в чёрном корпусе бывают?", None),
            ("Добрый день! Нужно ещё 4 штуки BR-1040, остались?", None),
        ],
    },
    Client {
        digits: "79000000002",
        name: "Игорь Петрович, прораб",
        voice: Voice::He,
        past: &[
            said(4 * DAY + 100, In, "Цемент М500 есть? Надо 40 мешков"),
            said(4 * DAY + 90, Out, "Добрый день! Есть, 545 ₽ мешок. Доставка на объект?"),
            said(4 * DAY + 88, In, "Да, Заречная 14, заезд со двора"),
            sent(4 * DAY + 85, In, "", Item::Photo(Motif::Yard, 5)),
            said(4 * DAY + 60, Out, "Понял, манипулятор проедет. Завтра с 9 до 12, водитель позвонит."),
            said(3 * DAY + 50, In, "Разгрузили, всё нормально"),
            sent(95, In, "Вот ещё заявка на среду", Item::Order(118)),
            said(80, Out, "Принял, Игорь Петрович. Посчитаю и отвечу до обеда."),
            said(22, In, "Ну что там по заявке? Бригада стоит"),
        ],
        own: &[
            ("Мне бы манипулятор на завтра, на 8 утра. Реально?", None),
            ("Заявка на пятницу", Some(Item::Order(131))),
        ],
    },
    Client {
        digits: "79000000003",
        name: "Кафе «Пышка»",
        voice: Voice::She,
        past: &[
            said(2 * DAY + 400, In, "Здравствуйте, нам нужны салфетки и стаканы 250 мл, тысяч пять"),
            said(2 * DAY + 380, Out, "Добрый день! Стаканы 250 мл по 2,40 ₽, салфетки 24×24 по 38 ₽ пачка."),
            said(2 * DAY + 370, In, "А крышки к ним?"),
            said(2 * DAY + 365, Out, "Крышки 1,60 ₽, белые и чёрные."),
            said(2 * DAY + 350, In, "Чёрные. Тогда 5000 стаканов, 5000 крышек и 60 пачек салфеток"),
            said(2 * DAY + 300, Out, "Итого 22 280 ₽. Выставляю счёт на ООО?"),
            sent(2 * DAY + 290, In, "Да, вот реквизиты", REQUISITES),
            said(DAY + 200, Out, "Заказ собран, привезём завтра до 11:00."),
            said(DAY + 190, In, "Спасибо большое!"),
        ],
        own: &[("Стаканы почти кончились, повторите прошлый заказ?", None), ("А трубочки бумажные у вас есть?", None)],
    },
    Client {
        digits: "79000000004",
        name: "Анна Ветрова",
        voice: Voice::She,
        past: &[
            said(DAY + 600, In, "Добрый вечер, пришла коробка с вмятиной"),
            sent(DAY + 598, In, "Вот фото", Item::Photo(Motif::Damaged, 8)),
            said(DAY + 500, Out, "Анна, здравствуйте! Сожалеем. Проверьте, пожалуйста, сам товар: цел ли он?"),
            said(DAY + 480, In, "Одна плитка треснула, остальные целые"),
            said(DAY + 470, Out, "Заменим бесплатно. Курьер привезёт новую и заберёт треснувшую, когда удобно?"),
            said(DAY + 460, In, "В субботу после 14"),
            said(DAY + 455, Out, "Записал: суббота, с 14 до 17."),
            said(12, In, "Здравствуйте! А можно курьера перенести на воскресенье?"),
        ],
        own: &[("Плитку привезли, всё целое, спасибо!", None), ("А затирка в тон к этой плитке есть?", None)],
    },
    Client {
        digits: "79000000005",
        name: "ИП Кузьмин",
        voice: Voice::He,
        past: &[
            said(4 * DAY + 700, In, "Пришлите прайс на крепёж"),
            sent(
                4 * DAY + 690,
                Out,
                "Прайс на крепёж во вложении",
                Item::Note(
                    "Прайс крепёж.txt",
                    "Саморез 3,5×35, 1000 шт.    410 ₽\nДюбель 6×40, 500 шт.    560 ₽\nАнкер 10×100, 50 шт.    690 ₽\n",
                ),
            ),
            said(4 * DAY + 400, In, "Дороговато. От какой суммы скидка?"),
            said(4 * DAY + 390, Out, "От 30 000 ₽ скидка 7 %, от 100 000 ₽ — 12 %."),
            said(3 * DAY + 380, In, "Подумаю"),
            said(DAY + 90, Out, "Дмитрий, добрый день! Удалось посмотреть прайс?"),
            said(DAY + 30, In, "Да, завтра определюсь по количеству"),
        ],
        own: &[("Беру по прайсу на 35 тысяч. Скидка 7 % в силе?", None), ("Анкеры 10×100 сколько в наличии?", None)],
    },
    Client {
        digits: "79000000006",
        name: "Марина, дизайнер",
        voice: Voice::She,
        past: &[
            said(2 * DAY + 900, In, "Добрый день) Ищу ручки для кухни, латунь, 24 шт"),
            sent(2 * DAY + 890, In, "Примерно в такую гамму", Item::Photo(Motif::Shelf, 31)),
            said(
                2 * DAY + 870,
                Out,
                "Здравствуйте, Марина! Есть KL-220 «старая латунь», 640 ₽, и KL-228 матовая, 710 ₽.",
            ),
            said(2 * DAY + 860, In, "KL-228 красивые! Образец можно?"),
            said(2 * DAY + 850, Out, "Да, отложили один в шоуруме, до пятницы."),
            said(DAY + 840, In, "Заказчик одобрил, берём 24 шт"),
            said(DAY + 830, Out, "Отлично, резервирую. Оплата картой или по счёту?"),
            said(DAY + 820, In, "По счёту, реквизиты те же"),
        ],
        own: &[
            ("Новый проект, нужны такие же ручки, но чёрные. Посмотрите?", Some(Item::Photo(Motif::Shelf, 44))),
            ("А образцы плитки можно взять на пару дней?", None),
        ],
    },
    Client {
        digits: "79000000007",
        name: "Сергей, доставка",
        voice: Voice::He,
        past: &[
            said(DAY + 330, In, "Загрузился, выезжаю на Заречную"),
            sent(DAY + 328, In, "", Item::Photo(Motif::Boxes, 3)),
            said(DAY + 320, Out, "Хорошо. Пропуск на проходной, спросить Игоря Петровича."),
            said(DAY + 200, In, "На месте"),
            said(DAY + 150, In, "Выгрузили, накладную подписали"),
            said(DAY + 145, Out, "Спасибо, Сергей!"),
        ],
        own: &[
            ("Стою в пробке, буду на полчаса позже", None),
            ("Погрузили, проверьте, всё ли", Some(Item::Photo(Motif::Boxes, 10))),
        ],
    },
    Client {
        digits: "79000000008",
        name: "Бухгалтерия «Вектор»",
        voice: Voice::She,
        past: &[
            said(3 * DAY + 500, In, "Здравствуйте. Нет закрывающих документов по счёту 297"),
            said(3 * DAY + 480, Out, "Добрый день! Отправляли через ЭДО 12-го, проверьте, пожалуйста."),
            said(3 * DAY + 450, In, "Нашли, подписали. Нужен ещё акт сверки за квартал"),
            said(3 * DAY + 300, Out, "Подготовим до конца дня."),
            sent(
                3 * DAY + 100,
                Out,
                "Акт сверки",
                Item::Note("Акт сверки.txt", "Сальдо на начало: 0,00\nОборот: 184 320,00\nСальдо на конец: 0,00\n"),
            ),
            said(3 * DAY + 60, In, "Спасибо, сходится"),
        ],
        own: &[("Добрый день. Счёт 331 без печати, пришлите, пожалуйста, заново", None)],
    },
    Client {
        digits: "79000000009",
        name: "Тимур",
        voice: Voice::He,
        past: &[
            said(DAY + 700, In, "Салам! Доска 50×150 почём?"),
            said(DAY + 690, Out, "Здравствуйте! 19 500 ₽ за куб, сухая строганная 27 000 ₽."),
            said(DAY + 685, In, "Обычная. 6 кубов, самовывоз"),
            said(DAY + 670, Out, "Есть. Склад на Промышленной, 8, до 18:00. Машина нужна?"),
            said(DAY + 660, In, "Своя"),
            said(47, In, "Завтра с утра подъеду, предупредите охрану: Газель 000"),
        ],
        own: &[("Брус 100×100 тоже есть?", None), ("Я на складе, к кому подойти?", None)],
    },
    Client {
        digits: "79000000010",
        name: "Светлана Юрьевна",
        voice: Voice::She,
        past: &[
            said(4 * DAY + 900, In, "Добрый день, школа № 0, нам на ремонт класса нужна краска"),
            said(4 * DAY + 880, Out, "Здравствуйте! Какая площадь и какой цвет?"),
            said(4 * DAY + 870, In, "Стены 120 м², цвет слоновая кость, чтобы мылась"),
            said(4 * DAY + 800, Out, "Подойдёт TM-1310, два слоя — 24 литра, 11 400 ₽."),
            said(4 * DAY + 790, In, "Нужно коммерческое предложение на бланке"),
            said(3 * DAY + 780, Out, "Отправили на почту школы."),
            said(3 * DAY + 700, In, "Получили, передала директору. Спасибо!"),
        ],
        own: &[("Директор согласовал! Что нужно для договора?", None), ("А колеровка входит в цену?", None)],
    },
    Client {
        digits: "79000000011",
        name: "Михалыч",
        voice: Voice::He,
        past: &[
            said(2 * DAY + 200, In, "здорово. шифер есть?"),
            said(2 * DAY + 190, Out, "Добрый день! Есть 8-волновой, 430 ₽ лист."),
            said(2 * DAY + 185, In, "а если 60 листов"),
            said(2 * DAY + 180, Out, "60 листов — 410 ₽, итого 24 600 ₽."),
            sent(2 * DAY + 170, In, "вот крыша", Item::Photo(Motif::Yard, 21)),
            said(2 * DAY + 160, Out, "Понятно. К шиферу нужны гвозди и конёк, посчитать?"),
            said(2 * DAY + 155, In, "посчитай"),
            said(2 * DAY + 100, Out, "С гвоздями и коньком 27 150 ₽, доставка 1 500 ₽."),
            said(2 * DAY + 90, In, "с женой посоветуюсь"),
        ],
        own: &[("жена не против. везите", None), ("а рубероид почём", None)],
    },
    Client {
        digits: "79000000012",
        name: "Екатерина",
        voice: Voice::She,
        past: &[
            said(5, In, "Здравствуйте! Увидела вас на карте. Вы розницей продаёте?"),
            said(4, In, "Нужно ведро шпаклёвки и два валика"),
        ],
        own: &[("Если что, я рядом с вами, могу подойти сегодня", None), ("До скольки вы работаете?", None)],
    },
    Client {
        digits: "79000000099",
        name: "Номер без WhatsApp",
        voice: Voice::He,
        past: &[said(
            DAY + 40,
            Out,
            "Добрый день! Ваш заказ готов к выдаче. (Пример: по этому номеру нет WhatsApp, и сообщения не доставляются.)",
        )],
        own: &[],
    },
];
