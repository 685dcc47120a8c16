//! Pictures of sample products, drawn from data: the outline of the category in the product's color.

use crate::catalog::Lang;
use crate::knowledge::Knowledge;

/// Where pictures lie under the service.
pub const FOLDER: &str = "/images/sample/";
/// The color of things that have none.
const PLAIN: [u8; 3] = [0x8f, 0x9a, 0xa8];

/// The path of a picture under the service: "/images/sample/hats-navy.svg".
pub fn path(category: &str, color: Option<&str>) -> String {
    format!("{FOLDER}{category}-{}.svg", color.unwrap_or("plain"))
}

/// Draws the picture that lies under a path. `None` when the path names no category or color that is known.
pub fn draw(path: &str, knowledge: &Knowledge) -> Option<String> {
    let (category, color) = path.strip_prefix(FOLDER)?.strip_suffix(".svg")?.rsplit_once('-')?;
    let category = knowledge.taxonomy.by_id(category)?;
    let tint = match color {
        "plain" => PLAIN,
        color => knowledge.lexicon.colors.iter().find(|known| known.id == color)?.swatch.0,
    };
    // A pale thing stands on a darker ground, any other on its own tint.
    let pale = tint.iter().map(|part| u32::from(*part)).sum::<u32>() > 3 * 215;
    let ground = if pale { [0xdc, 0xe1, 0xe8] } else { mixed(tint, 255, 0.86) };
    let label = escaped(&format!("{} {}", category.name(Lang::Zh), category.name(Lang::En)));
    Some(format!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 240 240" role="img"><title>{label}</title><rect width="240" height="240" fill="{}"/><path transform="translate(36 36) scale(7)" d="{}" fill="{}" fill-rule="evenodd" stroke="{}" stroke-width="0.5" stroke-linejoin="round"/></svg>"#,
        hex(ground),
        category.icon,
        hex(tint),
        hex(mixed(tint, 0, 0.45)),
    ))
}

/// A color moved towards black (0) or white (255) by a share.
fn mixed(color: [u8; 3], towards: u8, share: f32) -> [u8; 3] {
    color.map(|part| (f32::from(part) * (1.0 - share) + f32::from(towards) * share).round() as u8)
}

fn hex([red, green, blue]: [u8; 3]) -> String {
    format!("#{red:02x}{green:02x}{blue:02x}")
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
