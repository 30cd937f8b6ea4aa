//! The words of the language, and which of them is meant by one that is misspelt.

macro_rules! keywords {
    ($($variant:ident $text:literal,)*) => {
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        pub(super) enum Keyword { $($variant,)* }

        /// In the order of the alphabet, for searching.
        const KEYWORDS: &[(&str, Keyword)] = &[$(($text, Keyword::$variant),)*];

        impl Keyword {
            pub(super) fn text(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }
        }
    };
}

keywords! {
    Advance "ADVANCE", All "ALL", And "AND", Array "ARRAY", As "AS", Between "BETWEEN", Bigint "BIGINT", Boolean "BOOLEAN",
    By "BY", Case "CASE", Cast "CAST", Changes "CHANGES", Create "CREATE", Cross "CROSS", Day "DAY", Days "DAYS",
    Delete "DELETE", Describe "DESCRIBE", Distinct "DISTINCT", Double "DOUBLE", Drop "DROP", Else "ELSE", Emit "EMIT",
    End "END", Exists "EXISTS", Explain "EXPLAIN", False "FALSE", Final "FINAL", From "FROM", Full "FULL", Grace "GRACE",
    Group "GROUP", Having "HAVING", Hopping "HOPPING", Hour "HOUR", Hours "HOURS", If "IF", In "IN", Inner "INNER",
    Insert "INSERT", Int "INT", Integer "INTEGER", Into "INTO", Is "IS", Join "JOIN", Key "KEY", Left "LEFT", Like "LIKE",
    Limit "LIMIT", List "LIST", Map "MAP", Millisecond "MILLISECOND", Milliseconds "MILLISECONDS", Minute "MINUTE",
    Minutes "MINUTES", Not "NOT", Null "NULL", On "ON", Or "OR", Outer "OUTER", Partition "PARTITION", Pause "PAUSE",
    Period "PERIOD", Primary "PRIMARY", Queries "QUERIES", Replace "REPLACE", Resume "RESUME", Retention "RETENTION",
    Right "RIGHT", Second "SECOND", Seconds "SECONDS", Select "SELECT", Session "SESSION", Show "SHOW", Size "SIZE",
    Sliding "SLIDING", Stream "STREAM", Streams "STREAMS", String "STRING", Table "TABLE", Tables "TABLES",
    Terminate "TERMINATE", Then "THEN", Topic "TOPIC", Topics "TOPICS", True "TRUE", Tumbling "TUMBLING", Values "VALUES",
    Varchar "VARCHAR", When "WHEN", Where "WHERE", Window "WINDOW", With "WITH", Within "WITHIN",
}

/// Longer words are no keywords, and are not compared with any.
const WORD_LEN_MAX: usize = 24;

impl Keyword {
    pub(super) fn of(word: &str) -> Option<Self> {
        if word.len() > WORD_LEN_MAX {
            return None;
        }
        let upper = word.to_ascii_uppercase();
        let at = KEYWORDS.binary_search_by(|(text, _)| (*text).cmp(&upper)).ok()?;
        Some(KEYWORDS[at].1)
    }

    /// Can it be a name only in quotes? The fewer the better: fields of records are called `size`, `key` and `topic`.
    pub(super) fn is_reserved(self) -> bool {
        use Keyword::*;
        matches!(
            self,
            All | And
                | As
                | Between
                | By
                | Case
                | Cast
                | Create
                | Cross
                | Distinct
                | Drop
                | Else
                | Emit
                | End
                | False
                | From
                | Full
                | Group
                | Having
                | If
                | In
                | Inner
                | Insert
                | Into
                | Is
                | Join
                | Left
                | Like
                | Limit
                | Not
                | Null
                | On
                | Or
                | Outer
                | Partition
                | Right
                | Select
                | Then
                | True
                | Values
                | When
                | Where
                | Window
                | With
                | Within
        )
    }
}

/// Is the word one that stands for a name only in quotes? In any letters, large or small.
pub fn is_reserved(word: &str) -> bool {
    Keyword::of(word).is_some_and(Keyword::is_reserved)
}

pub(super) fn starts_name(letter: char) -> bool {
    letter.is_alphabetic() || letter == '_'
}

pub(super) fn continues_name(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

/// Can it stand without quotes where any word is a name, as after a dot?
pub(super) fn is_word(text: &str) -> bool {
    text.starts_with(starts_name) && text.chars().all(continues_name)
}

/// The one of the words that a misspelt word is likely to mean: a letter is wrong, missing, too many or swapped with the next,
/// twice in a long word. Large and small letters are the same. Of several equally near the first.
pub fn nearest<'w>(word: &str, candidates: impl IntoIterator<Item = &'w str>) -> Option<&'w str> {
    if word.len() > WORD_LEN_MAX {
        return None;
    }
    let letters: Vec<char> = word.to_uppercase().chars().collect();
    let allowed = match letters.len() {
        0 | 1 => return None,
        2..=4 => 1,
        _ => 2,
    };
    let short = candidates.into_iter().filter(|candidate| candidate.len() <= WORD_LEN_MAX);
    let measured = short.map(|candidate| (distance(&letters, &candidate.to_uppercase().chars().collect::<Vec<_>>()), candidate));
    measured.filter(|(distance, _)| *distance <= allowed).min_by_key(|(distance, _)| *distance).map(|(_, candidate)| candidate)
}

/// How many letters have to be put in, taken out, replaced or swapped with the next one.
fn distance(from: &[char], to: &[char]) -> usize {
    let mut before_last: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=to.len()).collect();
    for (row, letter) in from.iter().enumerate() {
        let mut next = vec![row + 1];
        for (column, other) in to.iter().enumerate() {
            let replaced = last[column] + usize::from(letter != other);
            let mut least = replaced.min(last[column + 1] + 1).min(next[column] + 1);
            if row > 0 && column > 0 && from[row - 1] == *other && *letter == to[column - 1] {
                least = least.min(before_last[column - 1] + 1);
            }
            next.push(least);
        }
        before_last = std::mem::replace(&mut last, next);
    }
    last.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keywords_are_sorted_and_found_in_any_letters() {
        assert!(KEYWORDS.is_sorted_by(|a, b| a.0 < b.0));
        for (text, keyword) in KEYWORDS {
            assert_eq!(Keyword::of(&text.to_lowercase()), Some(*keyword));
            assert_eq!(keyword.text(), *text);
        }
        assert_eq!(Keyword::of("FROMM"), None);
    }

    #[test]
    fn distances_count_letters() {
        let far = |from: &str, to: &str| distance(&from.chars().collect::<Vec<_>>(), &to.chars().collect::<Vec<_>>());
        assert_eq!(far("FORM", "FROM"), 1);
        assert_eq!(far("", "ABC"), 3);
        assert_eq!(far("WHER", "WHERE"), 1);
        assert_eq!(far("SELCT", "SELECT"), 1);
        assert_eq!(far("ABC", "XYZ"), 3);
    }
}
