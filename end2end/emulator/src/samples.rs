//! Small genuine files that invented people send: pictures, portraits, a voice note, a document.
//! Made here, so that a test needs no fixtures and a browser can really show and play them.

use std::io::Cursor;

use bytes::Bytes;
use image::codecs::jpeg::JpegEncoder;
use image::{DynamicImage, ImageFormat, Rgb, RgbImage, imageops};
use qrcode::{EcLevel, QrCode};

/// A photograph-like picture; the seed chooses its colours. Format by extension: `png`, otherwise
/// JPEG.
pub fn picture(width: u32, height: u32, seed: u64, ext: &str) -> Bytes {
    let [r, g, b, ..] = mix(seed).to_le_bytes();
    let shade = |from: u8, part: u32, whole: u32| {
        let lift = 120 * part / whole.max(1);
        u8::try_from((u32::from(from) / 2 + lift).min(255)).unwrap_or(u8::MAX)
    };
    let image = RgbImage::from_fn(width.max(1), height.max(1), |x, y| {
        // A sun over two hills, enough to tell pictures apart at a glance.
        let (sun_x, sun_y, sun_r) = (width * 3 / 4, height / 4, height / 8);
        let (dx, dy) = (x.abs_diff(sun_x), y.abs_diff(sun_y));
        if dx * dx + dy * dy < sun_r * sun_r {
            return Rgb([255, 236, 179]);
        }
        if y > height - height / 3 + (x.abs_diff(width / 3) / 4).min(height / 4) {
            return Rgb([shade(g, y, height), shade(b, x, width), shade(r, 0, 1)]);
        }
        Rgb([shade(r, y, height), shade(g, y, height), shade(b, x, width)])
    });
    if ext.eq_ignore_ascii_case("png") { png(&image) } else { jpeg(&image, 85) }
}

/// A square portrait for a name, PNG.
pub fn portrait(name: &str, side: u32) -> Bytes {
    let seed = name.bytes().fold(7u64, |sum, byte| sum.wrapping_mul(31) + u64::from(byte));
    let [r, g, b, ..] = mix(seed).to_le_bytes();
    let back = Rgb([150 + r % 90, 150 + g % 90, 150 + b % 90]);
    let middle = side / 2;
    let image = RgbImage::from_fn(side.max(1), side.max(1), |x, y| {
        let round = |cx: u32, cy: u32, radius: u32| {
            let (dx, dy) = (x.abs_diff(cx), y.abs_diff(cy));
            dx * dx + dy * dy < radius * radius
        };
        if round(middle, side * 2 / 5, side / 5) || round(middle, side * 11 / 10, side * 9 / 20) {
            Rgb([250, 250, 250])
        } else {
            back
        }
    });
    png(&image)
}

/// A JPEG thumbnail of a picture, or nothing when the bytes are no picture.
pub fn thumbnail(bytes: &[u8]) -> Option<Bytes> {
    let small = image::load_from_memory(bytes).ok()?.thumbnail(72, 72).to_rgb8();
    Some(jpeg(&small, 60))
}

/// A QR code as PNG, 8 pixels a module with the quiet zone of 4 modules.
///
/// # Errors
/// When the text is too long for a QR code.
pub fn qr(text: &str) -> anyhow::Result<Bytes> {
    let code = QrCode::with_error_correction_level(text, EcLevel::L)?;
    let modules = u32::try_from(code.width())?;
    let dark = code.to_colors();
    let mut image = RgbImage::from_pixel(modules + 8, modules + 8, Rgb([255, 255, 255]));
    for (at, color) in (0u32..).zip(&dark) {
        if *color == qrcode::Color::Dark {
            image.put_pixel(at % modules + 4, at / modules + 4, Rgb([0, 0, 0]));
        }
    }
    let side = (modules + 8) * 8;
    Ok(png(&imageops::resize(&image, side, side, imageops::FilterType::Nearest)))
}

/// A voice note of silence: Ogg Opus, mono, 20 ms a packet.
pub fn voice(seconds: u32) -> Bytes {
    let serial = 0x0BE5_EDCA;
    let mut head = b"OpusHead\x01\x01\x38\x01".to_vec();
    head.extend(48_000u32.to_le_bytes());
    head.extend([0, 0, 0]);
    let mut tags = b"OpusTags".to_vec();
    tags.extend(4u32.to_le_bytes());
    tags.extend(b"none");
    tags.extend(0u32.to_le_bytes());

    let mut file = page(2, 0, serial, 0, &[&head]);
    file.extend(page(0, 0, serial, 1, &[&tags]));
    let silence: &[u8] = &[0xF8, 0xFF, 0xFE];
    let seconds = seconds.clamp(1, 600);
    for second in 1..=seconds {
        let flags = if second == seconds { 4 } else { 0 };
        let granule = u64::from(second) * 48_000 + 312;
        file.extend(page(flags, granule, serial, second + 1, &[silence; 50]));
    }
    file.into()
}

/// A one-page PDF with an ASCII line.
pub fn document(line: &str) -> Bytes {
    let line: String = line.chars().filter(|c| c.is_ascii_alphanumeric() || *c == ' ').collect();
    let text = format!("BT /F1 24 Tf 72 720 Td ({line}) Tj ET");
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R \
         /Resources << /Font << /F1 5 0 R >> >> >>"
            .to_owned(),
        format!("<< /Length {} >>\nstream\n{text}\nendstream", text.len()),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>".to_owned(),
    ];
    let mut pdf = "%PDF-1.4\n".to_owned();
    let mut places = Vec::new();
    for (at, object) in objects.iter().enumerate() {
        places.push(pdf.len());
        pdf += &format!("{} 0 obj\n{object}\nendobj\n", at + 1);
    }
    let table = pdf.len();
    pdf += &format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1);
    for place in places {
        pdf += &format!("{place:010} 00000 n \n");
    }
    pdf += &format!("trailer\n<< /Size {} /Root 1 0 R >>\nstartxref\n{table}\n%%EOF\n", objects.len() + 1);
    pdf.into()
}

/// One Ogg page (RFC 3533 §6).
fn page(flags: u8, granule: u64, serial: u32, number: u32, packets: &[&[u8]]) -> Vec<u8> {
    let mut page = b"OggS\0".to_vec();
    page.push(flags);
    page.extend(granule.to_le_bytes());
    page.extend(serial.to_le_bytes());
    page.extend(number.to_le_bytes());
    page.extend([0; 4]);
    // Every packet here is shorter than 255 bytes, so each takes one lacing value.
    page.push(u8::try_from(packets.len()).unwrap_or(u8::MAX));
    page.extend(packets.iter().map(|packet| u8::try_from(packet.len()).unwrap_or(254)));
    for packet in packets {
        page.extend_from_slice(packet);
    }
    let mut crc = 0u32;
    for byte in &page {
        crc ^= u32::from(*byte) << 24;
        for _ in 0..8 {
            crc = if crc & 0x8000_0000 == 0 { crc << 1 } else { (crc << 1) ^ 0x04C1_1DB7 };
        }
    }
    page[22..26].copy_from_slice(&crc.to_le_bytes());
    page
}

fn png(image: &RgbImage) -> Bytes {
    let mut out = Cursor::new(Vec::new());
    // Writing to memory fails only for sizes that no caller asks for.
    if DynamicImage::ImageRgb8(image.clone()).write_to(&mut out, ImageFormat::Png).is_err() {
        return Bytes::new();
    }
    out.into_inner().into()
}

fn jpeg(image: &RgbImage, quality: u8) -> Bytes {
    let mut out = Vec::new();
    if JpegEncoder::new_with_quality(&mut out, quality).encode_image(image).is_err() {
        return Bytes::new();
    }
    out.into()
}

/// Spreads a seed over all bits.
fn mix(seed: u64) -> u64 {
    let mut x = seed.wrapping_add(0x9E37_79B9_7F4A_7C15);
    x = (x ^ (x >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    x ^ (x >> 31)
}
