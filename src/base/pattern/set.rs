//! Sets of characters. Names of topics are of ASCII alone: of the classes of Unicode only what they have of that is here.

/// Ranges of characters, in order and apart from each other.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub(super) struct Set(Vec<(u32, u32)>);

const LAST: u32 = 0x10_ffff;

/// Characters outside of ASCII that are a letter of it in another case: the long s, and the sign of Kelvin.
const FOLDED: [(u32, char); 2] = [(0x17f, 's'), (0x212a, 'k')];

pub(super) const DIGIT: &[(char, char)] = &[('0', '9')];
pub(super) const WORD: &[(char, char)] = &[('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z')];

impl Set {
    pub(super) fn of(ranges: &[(char, char)]) -> Self {
        Self::normal(ranges.iter().map(|(low, high)| (u32::from(*low), u32::from(*high))).collect())
    }

    pub(super) fn range(low: u32, high: u32) -> Self {
        Self(vec![(low, high)])
    }

    pub(super) fn all() -> Self {
        Self::range(0, LAST)
    }

    /// Those of ASCII for which it holds.
    pub(super) fn ascii(holds: impl Fn(char) -> bool) -> Self {
        Self::normal((0..=127u8).filter(|code| holds(char::from(*code))).map(|code| (code.into(), code.into())).collect())
    }

    fn normal(mut ranges: Vec<(u32, u32)>) -> Self {
        crate::base::sort(&mut ranges);
        let mut apart: Vec<(u32, u32)> = Vec::new();
        for (low, high) in ranges {
            match apart.last_mut() {
                Some(last) if low <= last.1.saturating_add(1) => last.1 = last.1.max(high),
                _ => apart.push((low, high)),
            }
        }
        Self(apart)
    }

    pub(super) fn or(&self, other: &Self) -> Self {
        Self::normal(self.0.iter().chain(&other.0).copied().collect())
    }

    pub(super) fn not(&self) -> Self {
        let mut rest = Vec::new();
        let mut from = 0;
        for (low, high) in &self.0 {
            if from < *low {
                rest.push((from, low - 1));
            }
            from = high + 1;
        }
        if from <= LAST {
            rest.push((from, LAST));
        }
        Self(rest)
    }

    pub(super) fn and(&self, other: &Self) -> Self {
        self.not().or(&other.not()).not()
    }

    /// The set, or its complement.
    pub(super) fn negated(self, negated: bool) -> Self {
        if negated { self.not() } else { self }
    }

    pub(super) fn contains(&self, char: char) -> bool {
        let code = u32::from(char);
        self.0.iter().any(|(low, high)| *low <= code && code <= *high)
    }

    /// With the letters of ASCII in their other case as well; `unicode`: also by what Unicode calls another case.
    pub(super) fn any_case(&self, unicode: bool) -> Self {
        let other = |char: char| if char.is_ascii_lowercase() { char.to_ascii_uppercase() } else { char.to_ascii_lowercase() };
        let folded = self.or(&Self::ascii(|char| char.is_ascii_alphabetic() && self.contains(other(char))));
        let of_ascii = |char: char| {
            let code = FOLDED.iter().find(|(_, letter)| *letter == char.to_ascii_lowercase()).map(|(code, _)| *code);
            code.and_then(char::from_u32).is_some_and(|char| self.contains(char))
        };
        if unicode { folded.or(&Self::ascii(of_ascii)) } else { folded }
    }
}

/// What of ASCII a general category of Unicode has, by its name of one letter or two; `None` where there is no such name.
pub(super) fn category(name: &str) -> Option<Set> {
    let of = |name: &str| -> &'static str {
        match name {
            "Pd" => "-",
            "Ps" => "([{",
            "Pe" => ")]}",
            "Pc" => "_",
            "Po" => "!\"#%&'*,./:;?@\\",
            "Sm" => "+<=>|~",
            "Sc" => "$",
            "Sk" => "^`",
            "Zs" => " ",
            _ => "",
        }
    };
    let named = |names: &[&str]| Set::ascii(|char| names.iter().any(|name| of(name).contains(char)));
    Some(match name {
        "L" => Set::ascii(|char| char.is_ascii_alphabetic()),
        "Lu" => Set::ascii(|char| char.is_ascii_uppercase()),
        "Ll" => Set::ascii(|char| char.is_ascii_lowercase()),
        "N" | "Nd" => Set::of(DIGIT),
        "C" | "Cc" => Set::ascii(|char| char.is_ascii_control()),
        "P" => named(&["Pd", "Ps", "Pe", "Pc", "Po"]),
        "S" => named(&["Sm", "Sc", "Sk"]),
        "Z" => named(&["Zs"]),
        "Pd" | "Ps" | "Pe" | "Pc" | "Po" | "Sm" | "Sc" | "Sk" | "Zs" => named(&[name]),
        "Lt" | "Lm" | "Lo" | "M" | "Mn" | "Me" | "Mc" | "Nl" | "No" | "Zl" | "Zp" | "Cf" | "Co" | "Cs" | "So" | "Pi" | "Pf" => {
            Set::default()
        }
        _ => return None,
    })
}

/// What of ASCII a script has that RE2J knows by this name; `None` where there is no such name.
pub(super) fn script(name: &str) -> Option<Set> {
    match name {
        "Latin" => category("L"),
        "Common" => category("L").map(|letters| Set::ascii(|char| !letters.contains(char))),
        name => SCRIPTS.split_whitespace().any(|known| known == name).then(Set::default),
    }
}

const SCRIPTS: &str = "\
    Arabic Armenian Avestan Balinese Bamum Batak Bengali Bopomofo Brahmi Braille Buginese Buhid Canadian_Aboriginal Carian Cham \
    Cherokee Coptic Cuneiform Cypriot Cyrillic Deseret Devanagari Egyptian_Hieroglyphs Ethiopic Georgian Glagolitic Gothic Greek \
    Gujarati Gurmukhi Han Hangul Hanunoo Hebrew Hiragana Imperial_Aramaic Inherited Inscriptional_Pahlavi \
    Inscriptional_Parthian Javanese Kaithi Kannada Katakana Kayah_Li Kharoshthi Khmer Lao Lepcha Limbu Linear_B Lisu Lycian \
    Lydian Malayalam Mandaic Meetei_Mayek Mongolian Myanmar New_Tai_Lue Nko Ogham Ol_Chiki Old_Italic Old_Persian \
    Old_South_Arabian Old_Turkic Oriya Osmanya Phags_Pa Phoenician Rejang Runic Samaritan Saurashtra Shavian Sinhala Sundanese \
    Syloti_Nagri Syriac Tagalog Tagbanwa Tai_Le Tai_Tham Tai_Viet Tamil Telugu Thaana Thai Tibetan Tifinagh Ugaritic Unknown \
    Vai Yi";

/// What of ASCII the scripts, blocks and properties have that Java knows by this name; `None` where there is no such name.
/// Of newer scripts and of blocks it knows more.
pub(super) fn java_script(name: &str) -> Option<Set> {
    let titled = |word: &str| {
        let (first, rest) = word.split_at_checked(1).unwrap_or((word, ""));
        first.to_ascii_uppercase() + &rest.to_ascii_lowercase()
    };
    let words: Vec<String> = name.split('_').map(titled).collect();
    script(&words.join("_"))
}
