//! Pictures: how large they are, and their small forms. Whatever is in a file, it costs bounded memory and time.

use std::io::{BufReader, BufWriter};
use std::path::{Path, PathBuf};

use anyhow::Context;
use image::codecs::jpeg::JpegEncoder;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits};

/// The longer side of a small picture, pixels.
const SMALL: u32 = 480;
/// The longest side that is opened, pixels.
const MAX_SIDE: u32 = 12_000;
/// The most memory that decoding may take, bytes.
const MAX_MEMORY: u64 = 192 * 1024 * 1024;

/// Types that browsers show and that are opened here.
pub fn shown(mime: &str) -> bool {
    matches!(mime, "image/jpeg" | "image/png" | "image/webp" | "image/gif")
}

/// Width and height as people see them: a photograph may be kept lying and say how to turn it.
pub fn measure(path: &Path) -> Option<(i32, i32)> {
    let mut decoder = open(path).ok()?;
    let (width, height) = decoder.dimensions();
    let turned = decoder.orientation().is_ok_and(|orientation| {
        use image::metadata::Orientation::{Rotate90, Rotate90FlipH, Rotate270, Rotate270FlipH};
        matches!(orientation, Rotate90 | Rotate270 | Rotate90FlipH | Rotate270FlipH)
    });
    let (width, height) = if turned { (height, width) } else { (width, height) };
    Some((i32::try_from(width).ok()?, i32::try_from(height).ok()?))
}

/// Writes the small form of a picture beside `target`, through `temporary`. `None` when the bytes cannot be opened.
pub fn shrink(source: &Path, temporary: &Path, target: &Path) -> anyhow::Result<Option<(PathBuf, &'static str)>> {
    let Ok(small) = load(source) else { return Ok(None) };
    let see_through = small.color().has_alpha();
    let (end, mime) = if see_through { ("png", "image/png") } else { ("jpg", "image/jpeg") };
    let path = target.with_extension(end);
    std::fs::create_dir_all(path.parent().context("a picture's folder")?)?;
    let mut file = BufWriter::new(std::fs::File::create(temporary)?);
    if see_through {
        small.write_to(&mut file, ImageFormat::Png)?;
    } else {
        small.to_rgb8().write_with_encoder(JpegEncoder::new_with_quality(&mut file, 80))?;
    }
    file.into_inner().map_err(|error| error.into_error())?;
    std::fs::rename(temporary, &path)?;
    Ok(Some((path, mime)))
}

fn load(path: &Path) -> anyhow::Result<DynamicImage> {
    let mut decoder = open(path)?;
    let orientation = decoder.orientation()?;
    let mut picture = DynamicImage::from_decoder(decoder)?;
    if picture.width().max(picture.height()) > SMALL {
        picture = picture.thumbnail(SMALL, SMALL);
    }
    picture.apply_orientation(orientation);
    Ok(picture)
}

fn open(path: &Path) -> anyhow::Result<impl ImageDecoder> {
    let mut limits = Limits::default();
    limits.max_image_width = Some(MAX_SIDE);
    limits.max_image_height = Some(MAX_SIDE);
    limits.max_alloc = Some(MAX_MEMORY);
    let mut reader = ImageReader::new(BufReader::new(std::fs::File::open(path)?)).with_guessed_format()?;
    reader.limits(limits);
    let decoder = reader.into_decoder()?;
    // The decoder limits its own memory, not that of the picture it is asked for.
    anyhow::ensure!(decoder.total_bytes() <= MAX_MEMORY, "the picture is too large to be decoded");
    Ok(decoder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_large_picture_becomes_small_and_keeps_its_shape() {
        let folder = tempfile::tempdir().unwrap();
        let (source, target) = (folder.path().join("a"), folder.path().join("small/b"));
        DynamicImage::new_rgb8(1600, 800).save_with_format(&source, ImageFormat::Png).unwrap();
        assert_eq!(measure(&source), Some((1600, 800)));
        let (path, mime) = shrink(&source, &folder.path().join("t"), &target).unwrap().unwrap();
        assert_eq!(mime, "image/jpeg");
        assert_eq!(image::image_dimensions(path).unwrap(), (480, 240));
        DynamicImage::new_rgba8(10, 20).save_with_format(&source, ImageFormat::WebP).unwrap();
        let (path, mime) = shrink(&source, &folder.path().join("t"), &target).unwrap().unwrap();
        assert_eq!((mime, image::image_dimensions(path).unwrap()), ("image/png", (10, 20)));
    }

    #[test]
    fn a_bomb_is_not_opened() {
        let folder = tempfile::tempdir().unwrap();
        let bomb = folder.path().join("bomb");
        // A PNG header that promises 60,000 × 60,000 pixels.
        let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
        bytes.extend_from_slice(&60_000u32.to_be_bytes());
        bytes.extend_from_slice(&60_000u32.to_be_bytes());
        bytes.extend_from_slice(&[8, 6, 0, 0, 0]);
        std::fs::write(&bomb, &bytes).unwrap();
        assert_eq!(measure(&bomb), None);
        assert!(shrink(&bomb, &folder.path().join("t"), &folder.path().join("small")).unwrap().is_none());
        // Within the sides, but not within the memory: 12,000 × 12,000 of 16 bits and four colours.
        bytes[16..20].copy_from_slice(&12_000u32.to_be_bytes());
        bytes[20..24].copy_from_slice(&12_000u32.to_be_bytes());
        bytes[24] = 16;
        std::fs::write(&bomb, &bytes).unwrap();
        assert!(shrink(&bomb, &folder.path().join("t"), &folder.path().join("small")).unwrap().is_none());
        std::fs::write(&bomb, b"not a picture").unwrap();
        assert!(shrink(&bomb, &folder.path().join("t"), &folder.path().join("small")).unwrap().is_none());
    }
}
