//! `printf` and `echo`, and the escapes that both know, as bash reads them.

/// What a command of bash's own says, in the order in which it comes out.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct Spoken {
    pub said: Vec<Words>,
    pub code: i32,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Words {
    /// Of standard output, with its line's ends.
    Text(String),
    /// A line of standard error.
    Error(String),
}

impl Spoken {
    pub fn text(text: impl Into<String>) -> Self {
        Self { said: vec![Words::Text(text.into())], code: 0 }
    }

    pub fn error(lines: impl IntoIterator<Item = String>, code: i32) -> Self {
        Self { said: lines.into_iter().map(Words::Error).collect(), code }
    }
}

/// Characters that one field may be wide.
const WIDTH_MAX: usize = 10_000;

/// Rounds that a format may be used again for.
const ROUNDS_MAX: usize = 100_000;

/// Reads what follows a backslash, and gives how many characters that were. `octal_zero`: `\0101` has its digits after the zero,
/// as in `echo -e` and `%b`.
pub fn escape(rest: &str, octal_zero: bool, out: &mut String) -> usize {
    let digits = |from: usize, most: usize, radix: u32| {
        let digits: String = rest.chars().skip(from).take(most).take_while(|char| char.is_digit(radix)).collect();
        (u32::from_str_radix(&digits, radix).ok(), digits.len())
    };
    let mut put = |value: Option<u32>, length: usize| {
        out.extend(value.and_then(char::from_u32));
        length
    };
    match rest.chars().next() {
        None => {
            out.push('\\');
            0
        }
        Some('0'..='7') => {
            let skip = usize::from(octal_zero && rest.starts_with('0'));
            let (value, length) = digits(skip, 3, 8);
            if rest.len() > 1 || length > 0 { bytes(rest, value.unwrap_or(0), skip + length, out) } else { put(Some(0), 1) }
        }
        Some('x') => match digits(1, 2, 16) {
            (Some(value), length) => bytes(rest, value, 1 + length, out),
            _ => {
                out.push_str("\\x");
                1
            }
        },
        Some(kind @ ('u' | 'U')) => match digits(1, if kind == 'u' { 4 } else { 8 }, 16) {
            (Some(value), length) => put(Some(value), 1 + length),
            _ => {
                out.extend(['\\', kind]);
                1
            }
        },
        Some(char) => {
            match char {
                'a' => out.push('\u{7}'),
                'b' => out.push('\u{8}'),
                'e' | 'E' => out.push('\u{1b}'),
                'f' => out.push('\u{c}'),
                'n' => out.push('\n'),
                'r' => out.push('\r'),
                't' => out.push('\t'),
                'v' => out.push('\u{b}'),
                '\\' => out.push('\\'),
                char => out.extend(['\\', char]),
            }
            1
        }
    }
}

/// A byte that was written as a number. Those that follow may be the rest of the same character.
fn bytes(rest: &str, first: u32, length: usize, out: &mut String) -> usize {
    let count = match first {
        0xc2..=0xdf => 2,
        0xe0..=0xef => 3,
        0xf0..=0xf4 => 4,
        _ => 1,
    };
    let mut found = vec![first as u8];
    let mut at = length;
    while found.len() < count {
        let Some(after) = rest.get(at..).and_then(|after| after.strip_prefix('\\')) else { break };
        let (skip, most, radix) = if after.starts_with('x') { (1, 2, 16) } else { (usize::from(after.starts_with("03")), 3, 8) };
        let digits: String = after.chars().skip(skip).take(most).take_while(|char| char.is_digit(radix)).collect();
        let Some(byte) = u8::from_str_radix(&digits, radix).ok().filter(|byte| (0x80..0xc0).contains(byte)) else { break };
        found.push(byte);
        at += 1 + skip + digits.len();
    }
    match String::from_utf8(found) {
        Ok(text) => {
            out.push_str(&text);
            at
        }
        Err(_) => {
            out.push(char::REPLACEMENT_CHARACTER);
            length
        }
    }
}

/// All escapes of a text, as `echo -e` and `%b` take them; true where `\c` ends all output.
fn unescaped(text: &str) -> (String, bool) {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        if rest.starts_with('c') {
            return (out, true);
        }
        rest = skip(rest, escape(rest, true, &mut out));
    }
    (out + rest, false)
}

/// A text without its first characters.
fn skip(text: &str, count: usize) -> &str {
    text.char_indices().nth(count).map_or("", |(at, _)| &text[at..])
}

/// `echo [-neE] WORDS`
pub fn echo(arguments: &[String]) -> Spoken {
    let (mut escapes, mut newline, mut from) = (false, true, 0);
    for word in arguments {
        let Some(letters) = word.strip_prefix('-').filter(|letters| !letters.is_empty()) else { break };
        if letters.chars().any(|letter| !"neE".contains(letter)) {
            break;
        }
        for letter in letters.chars() {
            match letter {
                'n' => newline = false,
                letter => escapes = letter == 'e',
            }
        }
        from += 1;
    }
    let text = arguments[from..].join(" ");
    let (text, ends) = if escapes { unescaped(&text) } else { (text, false) };
    Spoken::text(if newline && !ends { text + "\n" } else { text })
}

/// One `%` of a format.
#[derive(Default)]
struct Field {
    flags: String,
    width: Option<usize>,
    precision: Option<usize>,
}

impl Field {
    fn has(&self, flag: char) -> bool {
        self.flags.contains(flag)
    }

    fn pad(&self, text: &str, zeros: bool) -> String {
        let missing = self.width.unwrap_or(0).saturating_sub(text.chars().count());
        if self.has('-') {
            return format!("{text}{}", " ".repeat(missing));
        }
        if zeros && self.has('0') {
            let digits = text.trim_start_matches(['-', '+', ' ']);
            let (sign, digits) = text.split_at(text.len() - digits.len());
            let (mark, digits) =
                if digits.starts_with("0x") || digits.starts_with("0X") { digits.split_at(2) } else { ("", digits) };
            return format!("{sign}{mark}{}{digits}", "0".repeat(missing));
        }
        format!("{}{text}", " ".repeat(missing))
    }

    fn sign(&self, negative: bool) -> &'static str {
        match negative {
            true => "-",
            false if self.has('+') => "+",
            false if self.has(' ') => " ",
            false => "",
        }
    }

    fn integer(&self, kind: char, value: i64) -> String {
        let unsigned = value as u64;
        let (sign, digits, mark) = match kind {
            'o' => ("", format!("{unsigned:o}"), if self.has('#') { "0" } else { "" }),
            'x' => ("", format!("{unsigned:x}"), if self.has('#') && value != 0 { "0x" } else { "" }),
            'X' => ("", format!("{unsigned:X}"), if self.has('#') && value != 0 { "0X" } else { "" }),
            'u' => ("", unsigned.to_string(), ""),
            _ => (self.sign(value < 0), value.unsigned_abs().to_string(), ""),
        };
        let digits = match self.precision {
            Some(precision) => format!("{}{digits}", "0".repeat(precision.saturating_sub(digits.len()))),
            None => digits,
        };
        self.pad(&format!("{sign}{mark}{digits}"), self.precision.is_none())
    }

    fn float(&self, kind: char, value: f64) -> String {
        let precision = self.precision.unwrap_or(6).min(60);
        let size = value.abs();
        let text = match kind.to_ascii_lowercase() {
            'f' => format!("{size:.precision$}"),
            'e' => exponent(size, precision),
            _ => general(size, precision.max(1), self.has('#')),
        };
        let text = if kind.is_ascii_uppercase() { text.to_uppercase() } else { text };
        self.pad(&format!("{}{text}", self.sign(value.is_sign_negative())), true)
    }
}

/// `%e`: two digits of exponent at least.
fn exponent(value: f64, precision: usize) -> String {
    let text = format!("{value:.precision$e}");
    match text.split_once('e') {
        Some((digits, power)) => {
            let (sign, power) = power.strip_prefix('-').map_or(('+', power), |power| ('-', power));
            format!("{digits}e{sign}{power:0>2}")
        }
        None => text,
    }
}

/// `%g`: as `%f` or `%e`, without zeros at the end.
fn general(value: f64, precision: usize, keep: bool) -> String {
    let scientific = exponent(value, precision - 1);
    let power: i32 = scientific.split_once('e').and_then(|(_, power)| power.parse().ok()).unwrap_or(0);
    let trim = |text: &str| match text.contains('.') && !keep {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text.to_owned(),
    };
    let most = i32::try_from(precision).unwrap_or(i32::MAX);
    if power < -4 || power >= most {
        let (digits, power) = scientific.split_once('e').unwrap_or((&scientific, "+00"));
        return format!("{}e{power}", trim(digits));
    }
    let places = usize::try_from(most - 1 - power).unwrap_or(0);
    trim(&format!("{value:.places$}"))
}

/// A number as `printf` takes it, and what is wrong with it.
fn integer(text: &str) -> (i64, Option<&'static str>) {
    let trimmed = text.trim_start();
    if let Some(rest) = trimmed.strip_prefix(['\'', '"']) {
        return (rest.chars().next().map_or(0, |char| i64::from(u32::from(char))), None);
    }
    let digits = trimmed.strip_prefix(['-', '+']).unwrap_or(trimmed);
    let (radix, digits) = match digits.strip_prefix("0x").or(digits.strip_prefix("0X")) {
        Some(digits) => (16, digits),
        None if digits.len() > 1 && digits.starts_with('0') => (8, digits),
        None => (10, digits),
    };
    let end = digits.find(|char: char| !char.is_digit(radix)).unwrap_or(digits.len());
    let wrong = match end == digits.len() {
        true => None,
        false if radix == 8 && digits.bytes().all(|byte| byte.is_ascii_digit()) => Some("invalid octal number"),
        false if radix == 16 => Some("invalid hex number"),
        false => Some("invalid number"),
    };
    let number = if end == 0 { Ok(0) } else { i128::from_str_radix(&digits[..end], radix) };
    let number = number.unwrap_or(i128::MAX / 2) * if trimmed.starts_with('-') { -1 } else { 1 };
    match i64::try_from(number) {
        Ok(number) => (number, wrong),
        Err(_) => (if number > 0 { i64::MAX } else { i64::MIN }, wrong.or(Some("Numerical result out of range"))),
    }
}

fn float(text: &str) -> (f64, Option<&'static str>) {
    let trimmed = text.trim_start();
    let ends = trimmed.char_indices().map(|(at, char)| at + char.len_utf8()).rev();
    let number = ends.filter_map(|end| trimmed[..end].parse::<f64>().ok().map(|number| (number, end))).next();
    match number {
        None if trimmed.is_empty() => (0.0, None),
        None => (0.0, Some("invalid number")),
        Some((number, end)) => (number, (end < trimmed.len()).then_some("invalid number")),
    }
}

/// `%q`: as bash would have it typed.
fn requoted(text: &str) -> String {
    if text.is_empty() {
        return "''".to_owned();
    }
    if text.chars().any(char::is_control) {
        let mut out = "$'".to_owned();
        for char in text.chars() {
            match char {
                '\n' => out += "\\n",
                '\t' => out += "\\t",
                '\r' => out += "\\r",
                '\u{1b}' => out += "\\E",
                '\u{7}' => out += "\\a",
                '\u{8}' => out += "\\b",
                '\'' | '\\' => out.extend(['\\', char]),
                char if char.is_control() => out += &format!("\\{:03o}", u32::from(char)),
                char => out.push(char),
            }
        }
        return out + "'";
    }
    let mut out = String::new();
    for (at, char) in text.chars().enumerate() {
        if " !\"$&'()*,;<>?[\\]^`{|}".contains(char) || (at == 0 && (char == '#' || char == '~')) {
            out.push('\\');
        }
        out.push(char);
    }
    out
}

struct Printf<'a> {
    values: std::slice::Iter<'a, String>,
    spoken: Spoken,
    /// What has not come out yet: whole lines do before a complaint.
    text: String,
}

impl Printf<'_> {
    fn integer(&mut self) -> i64 {
        let Some(text) = self.values.next() else { return 0 };
        let (number, wrong) = integer(text);
        self.complain(text, wrong);
        number
    }

    fn complain(&mut self, text: &str, wrong: Option<&'static str>) {
        match wrong {
            None => {}
            Some(wrong) if wrong.starts_with('N') => {
                self.error(format!("bash: line 1: printf: warning: {text}: {wrong}"));
            }
            Some(wrong) => {
                self.error(format!("bash: line 1: printf: {text}: {wrong}"));
                self.spoken.code = 1;
            }
        }
    }

    /// Once through the format; false where output ends.
    fn round(&mut self, format: &str) -> bool {
        let mut rest = format;
        while let Some(at) = rest.find(['\\', '%']) {
            self.text.push_str(&rest[..at]);
            let mark = &rest[at..];
            rest = &mark[1..];
            if mark.starts_with('\\') {
                match rest.chars().next() {
                    Some(char @ ('"' | '\'' | '?')) => {
                        self.text.push(char);
                        rest = &rest[1..];
                    }
                    _ => rest = skip(rest, escape(rest, false, &mut self.text)),
                }
                continue;
            }
            match self.field(rest) {
                Some(after) => rest = after,
                None => return false,
            }
        }
        self.text.push_str(rest);
        true
    }

    /// What follows a `%`; gives the rest of the format.
    fn field<'f>(&mut self, format: &'f str) -> Option<&'f str> {
        let mut field = Field::default();
        let rest = format.trim_start_matches(['-', '+', ' ', '0', '#', '\'']);
        field.flags = format[..format.len() - rest.len()].to_owned();
        let (width, mut rest) = self.count(rest);
        field.width = width.map(|width| {
            if width < 0 {
                field.flags.push('-');
            }
            usize::try_from(width.unsigned_abs()).unwrap_or(WIDTH_MAX).min(WIDTH_MAX)
        });
        if let Some(after) = rest.strip_prefix('.') {
            let (precision, after) = self.count(after);
            field.precision = usize::try_from(precision.unwrap_or(0)).ok().map(|precision| precision.min(WIDTH_MAX));
            rest = after;
        }
        rest = rest.trim_start_matches(['h', 'l', 'L', 'j', 'z', 't']);
        let Some(kind) = rest.chars().next() else {
            self.fail(format!("bash: line 1: printf: `%{format}': missing format character"));
            return None;
        };
        let cut = |text: &str| match field.precision {
            Some(precision) => text.chars().take(precision).collect(),
            None => text.to_owned(),
        };
        let text = match kind {
            '%' => "%".to_owned(),
            'd' | 'i' | 'o' | 'u' | 'x' | 'X' => {
                let number = self.integer();
                field.integer(kind, number)
            }
            'f' | 'F' | 'e' | 'E' | 'g' | 'G' => {
                let text = self.values.next().cloned().unwrap_or_default();
                let (number, wrong) = float(&text);
                self.complain(&text, wrong);
                field.float(kind, number)
            }
            's' => field.pad(&cut(self.values.next().map_or("", String::as_str)), false),
            'c' => field.pad(&self.values.next().and_then(|text| text.chars().next()).map_or(String::new(), String::from), false),
            'q' => field.pad(&cut(&requoted(self.values.next().map_or("", String::as_str))), false),
            'b' => {
                let (text, ends) = unescaped(self.values.next().map_or("", String::as_str));
                self.text += &field.pad(&cut(&text), false);
                return if ends { None } else { Some(&rest[1..]) };
            }
            '(' => {
                self.fail("printf: a date (%(…)T) is not simulated: date +FORMAT prints one".to_owned());
                return None;
            }
            other => {
                self.fail(format!("bash: line 1: printf: `{other}': invalid format character"));
                return None;
            }
        };
        self.text += &text;
        Some(&rest[kind.len_utf8()..])
    }

    fn error(&mut self, line: String) {
        let rest = self.text.split_off(self.text.rfind('\n').map_or(0, |at| at + 1));
        let whole = std::mem::replace(&mut self.text, rest);
        self.spoken.said.extend([Words::Text(whole), Words::Error(line)]);
    }

    fn fail(&mut self, text: String) {
        self.error(text);
        self.spoken.code = 1;
    }

    /// A width or precision: digits, or `*` for one of the values.
    fn count<'f>(&mut self, format: &'f str) -> (Option<i64>, &'f str) {
        if let Some(rest) = format.strip_prefix('*') {
            return (Some(self.integer()), rest);
        }
        let rest = format.trim_start_matches(|char: char| char.is_ascii_digit());
        (format[..format.len() - rest.len()].parse().ok(), rest)
    }
}

/// `printf FORMAT VALUES`: the format is used again while values are left.
pub fn printf(arguments: &[String]) -> Spoken {
    let usage = "printf: usage: printf [-v var] format [arguments]".to_owned();
    let arguments = match arguments {
        [first, rest @ ..] if first == "--" => rest,
        [first, ..] if first.len() > 1 && first.starts_with('-') => {
            let errors = vec![format!("bash: line 1: printf: {first}: invalid option"), usage];
            return Spoken::error(errors, 2);
        }
        arguments => arguments,
    };
    let Some((format, values)) = arguments.split_first() else {
        return Spoken::error([usage], 2);
    };
    let mut printf = Printf { values: values.iter(), spoken: Spoken::default(), text: String::new() };
    for _ in 0..ROUNDS_MAX {
        let before = printf.values.len();
        if !printf.round(format) || printf.values.len() == 0 || printf.values.len() == before {
            break;
        }
    }
    printf.spoken.said.push(Words::Text(printf.text));
    printf.spoken
}

/// A number in the form that `seq -f` names, with what stands around it.
pub fn number_in(format: &str, value: f64) -> Option<String> {
    let spoken = printf(&[format.to_owned(), value.to_string()]);
    match spoken.said.into_iter().next_back() {
        Some(Words::Text(text)) if spoken.code == 0 => Some(text),
        _ => None,
    }
}
