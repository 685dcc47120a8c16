//! The signals that make up the text score, so that a measurement can leave each of them out.

use super::schema::{TextField, TokenKind};

/// One signal of the text score.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextSignal {
    FieldWeights,
    Category,
    Brand,
    Attributes,
    Description,
    Characters,
    Pairs,
    SegmentedWords,
    Compounds,
    OtherNames,
    OwnName,
    Measures,
}

impl TextSignal {
    pub const ALL: [Self; 12] = [
        Self::FieldWeights,
        Self::Category,
        Self::Brand,
        Self::Attributes,
        Self::Description,
        Self::Characters,
        Self::Pairs,
        Self::SegmentedWords,
        Self::Compounds,
        Self::OtherNames,
        Self::OwnName,
        Self::Measures,
    ];

    /// What is left out without it.
    pub fn describe(self) -> &'static str {
        match self {
            Self::FieldWeights => "field weights (all fields count alike)",
            Self::Category => "the category field",
            Self::Brand => "the brand field",
            Self::Attributes => "the attributes field",
            Self::Description => "the description field",
            Self::Characters => "single Han characters",
            Self::Pairs => "pairs of Han characters",
            Self::SegmentedWords => "segmented Han words",
            Self::Compounds => "words written together (\"head set\", \"headset\")",
            Self::OtherNames => "other names of a good (\"laptop\", \"notebook\")",
            Self::OwnName => "what a title calls the thing (\"laptop lock\" is a lock)",
            Self::Measures => "measures in any notation (27\", 68.6 cm)",
        }
    }

    /// The signals that a field, or a kind of token, belongs to.
    pub(super) fn drops_field(without: &[Self], field: &TextField) -> bool {
        let own = match field.name {
            "category" => Self::Category,
            "brand" => Self::Brand,
            "attributes" => Self::Attributes,
            "description" => Self::Description,
            _ => return false,
        };
        without.contains(&own)
    }

    pub(super) fn drops_token(without: &[Self], kind: TokenKind) -> bool {
        let own = match kind {
            TokenKind::Word => return false,
            TokenKind::Measure => Self::Measures,
            TokenKind::HanWord => Self::SegmentedWords,
            TokenKind::Character => Self::Characters,
            TokenKind::Pair => Self::Pairs,
        };
        without.contains(&own)
    }
}
