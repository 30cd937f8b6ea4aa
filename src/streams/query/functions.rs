//! The functions of the language: their names, how many arguments they take, and a line of help each.

use super::words::nearest;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FunctionKind {
    /// One value from the values of a group.
    Aggregate,
    /// One value from those of one record.
    Scalar,
    /// Several rows from one record.
    Table,
}

#[derive(PartialEq, Eq, Debug)]
pub struct Function {
    pub id: FunctionId,
    /// In large letters.
    pub name: &'static str,
    pub kind: FunctionKind,
    pub arguments_min: usize,
    /// `None`: any number.
    pub arguments_max: Option<usize>,
    /// How it is called, and what comes of it.
    pub usage: &'static str,
    pub help: &'static str,
    /// What other languages call it.
    also: &'static [&'static str],
}

macro_rules! functions {
    ($($kind:ident $id:ident $name:literal $min:literal $max:expr, $usage:literal, $help:literal, $also:expr;)*) => {
        /// For a `match` that forgets none.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        pub enum FunctionId { $($id,)* }

        /// All of them: aggregates, then scalars, then those that give tables.
        pub static FUNCTIONS: &[Function] = &[$(Function {
            id: FunctionId::$id,
            name: $name,
            kind: FunctionKind::$kind,
            arguments_min: $min,
            arguments_max: $max,
            usage: $usage,
            help: $help,
            also: &$also,
        },)*];
    };
}

functions! {
    Aggregate Count "COUNT" 1 Some(1), "COUNT(*)", "How many records; COUNT(x): those in which x is not NULL.", [];
    Aggregate CountDistinct "COUNT_DISTINCT" 1 Some(1), "COUNT_DISTINCT(x)", "How many different values.", ["UNIQUE"];
    Aggregate Sum "SUM" 1 Some(1), "SUM(x)", "The values added up.", ["TOTAL"];
    Aggregate Min "MIN" 1 Some(1), "MIN(x)", "The least value.", ["MINIMUM"];
    Aggregate Max "MAX" 1 Some(1), "MAX(x)", "The greatest value.", ["MAXIMUM"];
    Aggregate Avg "AVG" 1 Some(1), "AVG(x)", "The mean of the values.", ["AVERAGE", "MEAN"];
    Aggregate LatestByOffset "LATEST_BY_OFFSET" 1 Some(1), "LATEST_BY_OFFSET(x)", "The value of the last record.",
        ["LAST", "LATEST"];
    Aggregate EarliestByOffset "EARLIEST_BY_OFFSET" 1 Some(1), "EARLIEST_BY_OFFSET(x)", "The value of the first record.",
        ["FIRST", "EARLIEST"];
    Aggregate CollectList "COLLECT_LIST" 1 Some(1), "COLLECT_LIST(x)", "All values, in an array.", ["ARRAY_AGG", "LIST_AGG"];
    Aggregate CollectSet "COLLECT_SET" 1 Some(1), "COLLECT_SET(x)", "The different values, in an array.", [];
    Aggregate TopK "TOPK" 2 Some(2), "TOPK(x, k)", "The k greatest values, in an array.", ["TOP", "TOP_K"];
    Scalar Abs "ABS" 1 Some(1), "ABS(n)", "The number without its sign.", [];
    Scalar Ceil "CEIL" 1 Some(1), "CEIL(n)", "The next whole number up.", ["CEILING"];
    Scalar Floor "FLOOR" 1 Some(1), "FLOOR(n)", "The next whole number down.", [];
    Scalar Round "ROUND" 1 Some(2), "ROUND(n, digits)", "The nearest number with so many digits after the point, or none.", [];
    Scalar Sqrt "SQRT" 1 Some(1), "SQRT(n)", "The square root.", [];
    Scalar Sign "SIGN" 1 Some(1), "SIGN(n)", "-1, 0 or 1.", ["SIGNUM"];
    Scalar Greatest "GREATEST" 1 None, "GREATEST(a, b, …)", "The greatest of the values that are not NULL.", [];
    Scalar Least "LEAST" 1 None, "LEAST(a, b, …)", "The least of the values that are not NULL.", [];
    Scalar Len "LEN" 1 Some(1), "LEN(text)", "How many characters.", ["LENGTH", "CHAR_LENGTH"];
    Scalar Lcase "LCASE" 1 Some(1), "LCASE(text)", "The text in small letters.", ["LOWER", "TOLOWER"];
    Scalar Ucase "UCASE" 1 Some(1), "UCASE(text)", "The text in large letters.", ["UPPER", "TOUPPER"];
    Scalar Trim "TRIM" 1 Some(1), "TRIM(text)", "The text without blanks at its ends.", ["STRIP"];
    Scalar Substring "SUBSTRING" 2 Some(3), "SUBSTRING(text, from, length)",
        "A part of the text; the first character is 1. Without length, the rest.", ["SUBSTR", "MID"];
    Scalar Concat "CONCAT" 1 None, "CONCAT(a, b, …)", "The texts one after the other.", [];
    Scalar Replace "REPLACE" 3 Some(3), "REPLACE(text, old, new)", "The text with new wherever old was.", [];
    Scalar Split "SPLIT" 2 Some(2), "SPLIT(text, delimiter)", "The parts of the text, in an array.", [];
    Scalar Instr "INSTR" 2 Some(2), "INSTR(text, part)", "Where the part begins in the text, from 1; 0 if it is not there.",
        ["INDEXOF", "POSITION", "STRPOS"];
    Scalar Coalesce "COALESCE" 1 None, "COALESCE(a, b, …)", "The first value that is not NULL.", ["NVL"];
    Scalar IfNull "IFNULL" 2 Some(2), "IFNULL(x, other)", "x, or the other if x is NULL.", ["ISNULL"];
    Scalar NullIf "NULLIF" 2 Some(2), "NULLIF(x, y)", "NULL if the two are the same, else x.", [];
    Scalar TimestampToString "TIMESTAMPTOSTRING" 2 Some(3), "TIMESTAMPTOSTRING(ms, format, zone)",
        "A time in milliseconds as text, such as 'yyyy-MM-dd HH:mm:ss'.", ["FORMAT_TIMESTAMP", "DATE_FORMAT", "DATETOSTRING"];
    Scalar GeoDistance "GEO_DISTANCE" 4 Some(5), "GEO_DISTANCE(lat1, lon1, lat2, lon2, unit)",
        "How far two places are apart, in 'KM' or 'MI'.", ["DISTANCE", "HAVERSINE"];
    Scalar AsValue "AS_VALUE" 1 Some(1), "AS_VALUE(key)", "Puts a column of the key into the value as well.", [];
    Table Explode "EXPLODE" 1 Some(1), "EXPLODE(array)", "A row for each item of the array.", ["UNNEST", "FLATTEN"];
}

/// The function of this name, in large or small letters.
pub fn function(name: &str) -> Option<&'static Function> {
    FUNCTIONS.iter().find(|function| function.name.eq_ignore_ascii_case(name))
}

/// The function that is likely to be meant by a name that there is not.
pub fn nearest_function(name: &str) -> Option<&'static Function> {
    let other = FUNCTIONS.iter().find(|function| function.also.iter().any(|also| also.eq_ignore_ascii_case(name)));
    other.or_else(|| function(nearest(name, FUNCTIONS.iter().map(|function| function.name))?))
}

impl Function {
    /// `2 arguments`, `1 or 2 arguments`, `2 or more arguments`
    pub fn arguments_text(&self) -> String {
        let s = |count: usize| if count == 1 { "" } else { "s" };
        match (self.arguments_min, self.arguments_max) {
            (min, Some(max)) if min == max => format!("{min} argument{}", s(min)),
            (min, Some(max)) if min + 1 == max => format!("{min} or {max} arguments"),
            (min, Some(max)) => format!("{min} to {max} arguments"),
            (min, None) => format!("{min} or more arguments"),
        }
    }

    pub fn takes(&self, arguments: usize) -> bool {
        arguments >= self.arguments_min && self.arguments_max.is_none_or(|max| arguments <= max)
    }
}
