//! The CSV of offsets (`CsvUtils`), as Jackson reads it, with what it says of what it cannot read.

use super::exception::Exception;

/// A line of a plan. What it leaves out is empty, or 0.
#[derive(Default)]
pub struct Row {
    pub group: String,
    pub topic: String,
    pub partition: i32,
    pub offset: i64,
}

/// One field of a line, and where in the line it stands.
struct Field {
    text: String,
    start: usize,
    /// Where the reader is behind it, as a column from 1.
    after: usize,
}

/// Reads one line: `topic,partition,offset`, or the group before them.
pub fn read_row(line: &str, with_group: bool) -> Result<Row, Exception> {
    if line.is_empty() {
        let what = "No content to map due to end-of-input\n at [Source: (StringReader); line: UNKNOWN, column: UNKNOWN]";
        return Err(Exception::java("com.fasterxml.jackson.databind.exc.MismatchedInputException", what));
    }
    let names = ["group", "topic", "partition", "offset"];
    let names = if with_group { &names[..] } else { &names[1..] };
    let class = if with_group { "CsvRecordWithGroup" } else { "CsvRecordNoGroup" };
    let mut row = Row::default();
    let line: Vec<char> = line.chars().collect();
    let mut at = Some(0);
    let mut number = 0;
    while let Some(start) = at {
        let (field, next) = read_field(&line, start)?;
        let chain =
            |name: &str| format!(" (through reference chain: org.apache.kafka.tools.consumer.group.CsvUtils${class}[\"{name}\"])");
        match names.get(number).copied() {
            Some("group") => row.group = field.text,
            Some("topic") => row.topic = field.text,
            Some("partition") => row.partition = integer(&field, "int", i32::MIN, i32::MAX, &chain("partition"))?,
            Some(name) => row.offset = integer(&field, "long", i64::MIN, i64::MAX, &chain(name))?,
            // A comma at the end begins no field.
            None if field.text.is_empty() && next.is_none() => {}
            None => {
                let (most, text) = (names.len(), &field.text);
                // One with nothing in it is noticed at the next.
                let start = next.filter(|_| text.is_empty()).unwrap_or(field.start);
                let what = format!(
                    "Too many entries: expected at most {most} (value #{number} ({} chars) \"{text}\"){}",
                    text.chars().count(),
                    place(start + 1)
                );
                return Err(Exception::java("com.fasterxml.jackson.dataformat.csv.CsvReadException", &what));
            }
        }
        number += 1;
        at = next;
    }
    Ok(row)
}

fn place(column: usize) -> String {
    format!("\n at [Source: (StringReader); line: 1, column: {column}]")
}

/// The field that begins here, and where the next one does.
fn read_field(line: &[char], start: usize) -> Result<(Field, Option<usize>), Exception> {
    let wrong = |what: &str, column: usize| {
        Exception::java("com.fasterxml.jackson.core.JsonParseException", &format!("{what}{}", place(column)))
    };
    let mut text = String::new();
    let mut at = start;
    if line.get(at) == Some(&'"') {
        at += 1;
        loop {
            match (line.get(at), line.get(at + 1)) {
                (None, _) => return Err(wrong("Missing closing quote for value", line.len() + 1)),
                (Some('"'), Some('"')) => at += 1,
                (Some('"'), _) => break,
                _ => {}
            }
            text.push(line[at]);
            at += 1;
        }
        at += 1;
        while line.get(at) == Some(&' ') {
            at += 1;
        }
        if let Some(other) = line.get(at).filter(|char| !matches!(char, ',' | '\r')) {
            let code = u32::from(*other);
            let what = format!(
                "Unexpected character ('{other}' (code {code})): Expected column separator character (',' (code 44)) or end-of-line"
            );
            return Err(wrong(&what, at + 2));
        }
    } else {
        while let Some(char) = line.get(at).filter(|char| !matches!(char, ',' | '\r')) {
            text.push(*char);
            at += 1;
        }
    }
    let next = (line.get(at) == Some(&',')).then_some(at + 1);
    // At the end of its text the reader counts what it has read twice.
    let after = next.map_or(2 * line.len() + 1, |next| next + 1);
    Ok((Field { text, start, after }, next))
}

/// A number of a field: nothing is 0.
fn integer<N>(field: &Field, kind: &str, least: N, most: N, chain: &str) -> Result<N, Exception>
where
    N: std::str::FromStr + std::fmt::Display + Default,
{
    let text = field.text.trim();
    if text.is_empty() || text == "null" {
        return Ok(N::default());
    }
    if let Ok(number) = text.parse() {
        return Ok(number);
    }
    let digits = field.text.strip_prefix('-').unwrap_or(&field.text);
    let fits_long = text.parse::<i64>().is_ok();
    if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) {
        let range = if fits_long { String::new() } else { format!(" ({least} - {most})") };
        let what = format!("Numeric value ({text}) out of range of {kind}{range}{}", place(field.after));
        let cause = Exception::java("com.fasterxml.jackson.core.JsonParseException", &what);
        let thrown = Exception::java("com.fasterxml.jackson.databind.JsonMappingException", &format!("{what}{chain}"));
        return Err(thrown.because(cause));
    }
    let why = match fits_long {
        true => format!("Overflow: numeric value ({text}) out of range of {kind} ({least} -{most})"),
        false => format!("not a valid `{kind}` value"),
    };
    let place = place(field.start + 1);
    let what = format!("Cannot deserialize value of type `{kind}` from String \"{text}\": {why}{place}{chain}");
    Err(Exception::java("com.fasterxml.jackson.databind.exc.InvalidFormatException", &what))
}
