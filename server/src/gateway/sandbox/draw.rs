//! Pictures and documents of the invented clients, drawn by code when they are fetched. A reference names one:
//! `picture:<motif>:<seed>`, `portrait:<digits>`, `order:<number>`, `text:<base64>`.

use std::io::Cursor;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use image::imageops::FilterType;
use image::{DynamicImage, ImageFormat, Rgb, RgbImage};

use super::Drawn;

/// What a picture shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Motif {
    /// Boxes on a pallet.
    Boxes,
    /// A shelf with goods.
    Shelf,
    /// A yard with a house and a sun.
    Yard,
    /// A box with a dent.
    Damaged,
}

impl Motif {
    const ALL: [(Self, &'static str); 4] =
        [(Self::Boxes, "boxes"), (Self::Shelf, "shelf"), (Self::Yard, "yard"), (Self::Damaged, "damaged")];

    fn name(self) -> &'static str {
        Self::ALL.iter().find(|(motif, _)| *motif == self).map_or("boxes", |(_, name)| name)
    }
}

/// A photograph.
pub fn picture(motif: Motif, seed: u32) -> Drawn {
    Drawn {
        reference: format!("picture:{}:{seed}", motif.name()),
        name: format!("IMG_{:04}.jpg", seed % 10_000),
        mime: "image/jpeg".to_owned(),
    }
}

/// An order form: article numbers and quantities, one page.
pub fn order(number: u32) -> Drawn {
    Drawn {
        reference: format!("order:{number}"),
        name: format!("Заявка {number}.pdf"),
        mime: "application/pdf".to_owned(),
    }
}

/// A text file.
pub fn text(name: &str, text: &str) -> Drawn {
    Drawn {
        reference: format!("text:{}", URL_SAFE_NO_PAD.encode(text)),
        name: name.to_owned(),
        mime: "text/plain".to_owned(),
    }
}

/// The portrait of whoever has this number.
pub fn portrait_reference(digits: &str) -> String {
    format!("portrait:{digits}")
}

/// Draws what a reference names; `None` for one that names nothing. Takes a few milliseconds.
pub fn draw(reference: &str) -> Option<Vec<u8>> {
    let (kind, rest) = reference.split_once(':')?;
    match kind {
        "picture" => {
            let (name, seed) = rest.split_once(':')?;
            let (motif, _) = Motif::ALL.into_iter().find(|(_, known)| *known == name)?;
            encode(photograph(motif, seed.parse().ok()?), 4, ImageFormat::Jpeg)
        }
        "portrait" => encode(portrait(rest), 2, ImageFormat::Png),
        "order" => Some(pdf(rest.parse().ok()?)),
        "text" => URL_SAFE_NO_PAD.decode(rest).ok(),
        _ => None,
    }
}

/// Pictures are drawn in few strokes and enlarged: that takes milliseconds, and looks softer.
fn encode(image: RgbImage, halves: u32, format: ImageFormat) -> Option<Vec<u8>> {
    let (width, height) = (image.width() * halves / 2, image.height() * halves / 2);
    let large = DynamicImage::ImageRgb8(image).resize_exact(width, height, FilterType::CatmullRom);
    let mut bytes = Cursor::new(Vec::new());
    large.write_to(&mut bytes, format).ok()?;
    Some(bytes.into_inner())
}

/// Numbers that look random and are the same each time.
struct Dice(u32);

impl Dice {
    fn roll(&mut self, below: u32) -> u32 {
        self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (self.0 >> 8) % below.max(1)
    }
}

fn shade(color: [u8; 3], percent: u32) -> Rgb<u8> {
    Rgb(color.map(|part| u8::try_from((u32::from(part) * percent / 100).min(255)).unwrap_or(255)))
}

fn fill(image: &mut RgbImage, x: u32, y: u32, width: u32, height: u32, color: Rgb<u8>) {
    for y in y..(y + height).min(image.height()) {
        for x in x..(x + width).min(image.width()) {
            image.put_pixel(x, y, color);
        }
    }
}

const CARDBOARD: [u8; 3] = [196, 154, 108];

/// A box with its front, its top, tape and a label.
fn carton(image: &mut RgbImage, x: u32, y: u32, side: u32, light: u32) {
    fill(image, x, y, side, side, shade(CARDBOARD, light));
    fill(image, x, y, side, side / 8, shade(CARDBOARD, light + 14));
    fill(image, x + side * 9 / 20, y, side / 10, side, shade([222, 205, 170], light));
    fill(image, x + side / 10, y + side * 6 / 10, side / 4, side / 5, shade([245, 245, 240], light));
    for line in 0..3 {
        fill(
            image,
            x + side / 8,
            y + side * 6 / 10 + side / 25 + line * side / 18,
            side / 6,
            side / 60 + 1,
            Rgb([70, 70, 70]),
        );
    }
    fill(image, x + side - 2, y, 2, side, shade(CARDBOARD, light * 7 / 10));
    fill(image, x, y + side - 2, side, 2, shade(CARDBOARD, light * 6 / 10));
}

fn photograph(motif: Motif, seed: u32) -> RgbImage {
    let (width, height) = if seed.is_multiple_of(2) { (400, 300) } else { (300, 400) };
    let mut dice = Dice(seed.wrapping_mul(2_654_435_761).wrapping_add(17));
    let wall = [[188, 196, 204], [205, 200, 190], [176, 190, 180], [200, 190, 200]][dice.roll(4) as usize];
    let floor = height * 3 / 4;
    let mut image = RgbImage::from_fn(width, height, |x, y| {
        if y < floor { shade(wall, 80 + 25 * x / width) } else { shade([122, 118, 112], 70 + 50 * (y - floor) / floor) }
    });
    match motif {
        Motif::Boxes => {
            let side = width / 6;
            fill(&mut image, width / 8, floor + side / 8, side * 4 + side / 2, side / 6, Rgb([138, 104, 66]));
            for row in 0..2 + dice.roll(2) {
                for column in 0..4 - row.min(2) {
                    let x = width / 7 + column * side + row * side / 3;
                    carton(
                        &mut image,
                        x,
                        (floor + side / 8).saturating_sub((row + 1) * side),
                        side,
                        85 + dice.roll(25),
                    );
                }
            }
        }
        Motif::Damaged => {
            let side = width / 2;
            let (x, y) = (width / 4, floor.saturating_sub(side * 3 / 4));
            carton(&mut image, x, y, side, 100);
            // A torn corner and what shows through it.
            for step in 0..side / 4 {
                let wide = (side / 4 - step) * (80 + dice.roll(30)) / 100;
                fill(&mut image, x + side - wide, y + step, wide, 1, shade([90, 66, 44], 80 + dice.roll(30)));
            }
        }
        Motif::Shelf => {
            for shelf in 0..4 {
                let y = height * (shelf + 1) / 5;
                let mut x = width / 20;
                while x < width * 18 / 20 {
                    let (wide, tall) = (width / 24 + dice.roll(width / 20), height / 12 + dice.roll(height / 16));
                    let color = [[178, 58, 52], [52, 96, 160], [226, 182, 60], [70, 140, 90], [150, 90, 150]];
                    let light = 80 + dice.roll(35);
                    fill(&mut image, x, y.saturating_sub(tall), wide, tall, shade(color[dice.roll(5) as usize], light));
                    fill(
                        &mut image,
                        x + wide / 6,
                        y.saturating_sub(tall * 2 / 3),
                        wide * 2 / 3,
                        tall / 4,
                        Rgb([240, 238, 230]),
                    );
                    x += wide + width / 60;
                }
                fill(&mut image, width / 30, y, width * 28 / 30, height / 60, Rgb([110, 84, 58]));
            }
        }
        Motif::Yard => {
            let horizon = height * 3 / 5;
            let (sun_x, sun_y, sun) = (width / 5 + dice.roll(width / 2), height / 5, height / 14);
            for y in 0..height {
                for x in 0..width {
                    let (dx, dy) = (x.abs_diff(sun_x), y.abs_diff(sun_y));
                    let color = if y < horizon && dx * dx + dy * dy < sun * sun {
                        Rgb([255, 240, 190])
                    } else if y < horizon {
                        shade([140, 186, 232], 85 + 30 * y / horizon)
                    } else {
                        shade([104, 148, 84], 70 + 45 * (y - horizon) / horizon)
                    };
                    image.put_pixel(x, y, color);
                }
            }
            let (x, wide, tall) = (width / 3 + dice.roll(width / 5), width / 3, height / 4);
            fill(&mut image, x, horizon + height / 12 - tall, wide, tall, Rgb([214, 200, 176]));
            for step in 0..tall / 2 {
                let half = (wide / 2 + width / 30) * step / (tall / 2);
                let top = horizon + height / 12 - tall - tall / 2 + step;
                fill(&mut image, x + wide / 2 - half.min(x + wide / 2), top, half * 2, 1, Rgb([140, 70, 56]));
            }
            fill(
                &mut image,
                x + wide / 8,
                horizon + height / 12 - tall * 3 / 4,
                wide / 5,
                tall / 4,
                Rgb([96, 126, 150]),
            );
            fill(
                &mut image,
                x + wide * 5 / 8,
                horizon + height / 12 - tall * 3 / 5,
                wide / 5,
                tall * 3 / 5,
                Rgb([120, 88, 60]),
            );
        }
    }
    // The grain of a telephone's camera.
    for pixel in image.pixels_mut() {
        let grain = 97 + dice.roll(7);
        *pixel = shade(pixel.0, grain);
    }
    image
}

/// Head and shoulders on a coloured ground.
fn portrait(digits: &str) -> RgbImage {
    let mut dice = Dice(digits.bytes().fold(7, |sum, byte| u32::from(byte).wrapping_add(31 * sum % 1_000_003)));
    let pick =
        |dice: &mut Dice, colors: &[[u8; 3]]| colors[dice.roll(u32::try_from(colors.len()).unwrap_or(1)) as usize];
    let ground =
        pick(&mut dice, &[[122, 162, 190], [168, 150, 190], [150, 178, 140], [204, 164, 130], [140, 170, 170]]);
    let skin = pick(&mut dice, &[[236, 200, 170], [224, 182, 150], [244, 214, 190]]);
    let hair = pick(&mut dice, &[[62, 46, 36], [120, 84, 50], [168, 130, 80], [90, 90, 96]]);
    let cloth = pick(&mut dice, &[[70, 90, 130], [130, 70, 70], [80, 110, 80], [90, 90, 100], [190, 180, 170]]);
    let long_hair = dice.roll(2) == 0;
    let side = 320u32;
    let inside = |x: u32, y: u32, cx: u32, cy: u32, rx: u32, ry: u32| {
        let (dx, dy) = (u64::from(x.abs_diff(cx)), u64::from(y.abs_diff(cy)));
        dx * dx * u64::from(ry * ry) + dy * dy * u64::from(rx * rx) < u64::from(rx * rx) * u64::from(ry * ry)
    };
    RgbImage::from_fn(side, side, |x, y| {
        if inside(x, y, 160, 142, 54, 66) && !(y < 104 && inside(x, y, 160, 130, 66, 72)) {
            return shade(skin, 92 + 14 * x / side);
        }
        let face_hair = inside(x, y, 160, 128, 64, 72) || (long_hair && inside(x, y, 160, 170, 74, 96) && y > 120);
        if inside(x, y, 160, 340, 124, 116) {
            return shade(cloth, 88 + 20 * x / side);
        }
        if face_hair && (y < 130 || long_hair) {
            return shade(hair, 90 + 20 * x / side);
        }
        if (140..=180).contains(&x) && (190..=240).contains(&y) {
            return shade(skin, 86);
        }
        shade(ground, 88 + 22 * y / side)
    })
}

/// One page with article numbers: Latin letters and digits only, which every viewer has a font for.
fn pdf(number: u32) -> Vec<u8> {
    let mut dice = Dice(number.wrapping_mul(97));
    let mut lines = vec![format!("No {number}"), String::new(), "ART            QTY".to_owned()];
    for _ in 0..4 + dice.roll(8) {
        let series = ["BR", "KL", "TM", "SV"][dice.roll(4) as usize];
        lines.push(format!("{series}-{:04}        {}", 1000 + dice.roll(800), (1 + dice.roll(20)) * 5));
    }
    let mut content = "BT /F1 14 Tf 72 760 Td 20 TL".to_owned();
    for line in &lines {
        content += &format!(" ({line}) Tj T*");
    }
    content += " ET";
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R \
         /Resources << /Font << /F1 5 0 R >> >> >>"
            .to_owned(),
        format!("<< /Length {} >>\nstream\n{content}\nendstream", content.len()),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Courier >>".to_owned(),
    ];
    let mut out = "%PDF-1.4\n".to_owned();
    let mut places = Vec::with_capacity(objects.len());
    for (index, object) in objects.iter().enumerate() {
        places.push(out.len());
        out += &format!("{} 0 obj\n{object}\nendobj\n", index + 1);
    }
    let table = out.len();
    out += &format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1);
    for place in places {
        out += &format!("{place:010} 00000 n \n");
    }
    out += &format!("trailer\n<< /Size {} /Root 1 0 R >>\nstartxref\n{table}\n%%EOF\n", objects.len() + 1);
    out.into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_that_can_be_named_can_be_drawn() {
        for (motif, _) in Motif::ALL {
            for seed in [8, u32::MAX] {
                let bytes = draw(&picture(motif, seed).reference).unwrap();
                let image = image::load_from_memory(&bytes).unwrap();
                assert!(image.width() >= 600 && bytes.len() < 2_000_000, "{motif:?} {seed}: {} bytes", bytes.len());
            }
        }
        assert_eq!(infer::get(&draw(&portrait_reference("79000000011")).unwrap()).unwrap().mime_type(), "image/png");
        assert_eq!(infer::get(&draw(&order(118).reference).unwrap()).unwrap().mime_type(), "application/pdf");
        assert_eq!(draw(&text("Реквизиты.txt", "ООО «Пример»").reference).unwrap(), "ООО «Пример»".as_bytes());
    }

    #[test]
    fn what_names_nothing_is_nothing() {
        for reference in ["", "picture", "picture:boxes", "picture:x:1", "order:x", "https://example.com", "text:*"] {
            assert_eq!(draw(reference), None, "{reference}");
        }
    }
}
