//! What users of ksqlDB and other SQL know and this language does not have: what is said about it, and what to do instead.

use super::lexer::Lexeme;
use super::parser::{Parsed, Parser};

/// Where a word stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Place {
    Statement,
    Create,
    Drop,
    Show,
    Describe,
    /// Before an opening parenthesis.
    Call,
    Type,
    /// After a source.
    Clause,
    AfterPattern,
    /// After the name of `INSERT INTO`.
    Insert,
    AfterSelect,
}

struct Row {
    place: Place,
    word: &'static str,
    what: &'static str,
    instead: &'static str,
}

const fn row(place: Place, word: &'static str, what: &'static str, instead: &'static str) -> Row {
    Row { place, word, what, instead }
}

const FIELDS_ARE_FOUND: &str = "Leave the columns out: fields are found in the records, also inside of others: address->city.";
const TOPIC_NOT_RECORDS: &str = "Write records to the topic of the stream, for example with kafka-console-producer.sh.";
const NO_END: &str = "A stream has no end at which it could be sorted; TOPK(x, k) gives the greatest values of a group.";

const ROWS: &[Row] = &[
    row(Place::Statement, "ALTER", "ALTER is not there.", "Use CREATE OR REPLACE; new fields need no declaration."),
    row(Place::Statement, "ASSERT", "ASSERT is not there.", "SHOW TOPICS and DESCRIBE tell what there is."),
    row(Place::Statement, "DEFINE", "Variables are not there.", "Write the value itself."),
    row(
        Place::Statement,
        "DELETE",
        "Records cannot be deleted by a query.",
        "A record with the value null takes a key out of a table.",
    ),
    row(
        Place::Statement,
        "PRINT",
        "PRINT is not there.",
        "Read the topic with kafka-console-consumer.sh, or SELECT * FROM a stream.",
    ),
    row(Place::Statement, "RUN", "RUN SCRIPT is not there.", "Give the statements here, with `;` between them."),
    row(Place::Statement, "SET", "SET is not there.", "What a query needs stands in its WITH (…)."),
    row(Place::Statement, "UNDEFINE", "Variables are not there.", "Write the value itself."),
    row(Place::Statement, "UNSET", "UNSET is not there.", "What a query needs stands in its WITH (…)."),
    row(
        Place::Statement,
        "UPDATE",
        "Records cannot be changed by a query.",
        "A newer record with the same key replaces the row of a table.",
    ),
    row(
        Place::Statement,
        "WITH",
        "WITH before SELECT is not there.",
        "Give the inner query a name first: CREATE STREAM … AS SELECT.",
    ),
    row(Place::Create, "CONNECTOR", "Connectors are not there.", "Write records to a topic, and CREATE STREAM over it."),
    row(Place::Create, "FUNCTION", "Functions of your own are not there.", "The functions are listed under help."),
    row(Place::Create, "SINK", "Connectors are not there.", "Read the topic of the stream with a consumer."),
    row(Place::Create, "SOURCE", "SOURCE is not there.", "Leave it out: CREATE STREAM or CREATE TABLE."),
    row(Place::Create, "TYPE", "Types of your own are not there.", FIELDS_ARE_FOUND),
    row(Place::Create, "VIEW", "Views are not there.", "CREATE TABLE … AS SELECT keeps the result up to date."),
    row(Place::Drop, "CONNECTOR", "Connectors are not there.", "Only streams and tables can be dropped."),
    row(Place::Drop, "TYPE", "Types of your own are not there.", "Only streams and tables can be dropped."),
    row(Place::Show, "ALL", "SHOW ALL is not there.", "Ask for STREAMS, TABLES, QUERIES or TOPICS."),
    row(Place::Show, "CONNECTORS", "Connectors are not there.", "Ask for STREAMS, TABLES, QUERIES or TOPICS."),
    row(Place::Show, "FUNCTIONS", "SHOW FUNCTIONS is not there.", "The functions are listed under help."),
    row(Place::Show, "PROPERTIES", "SHOW PROPERTIES is not there.", "DESCRIBE tells what a stream or table was made with."),
    row(Place::Show, "TYPES", "Types of your own are not there.", "Ask for STREAMS, TABLES, QUERIES or TOPICS."),
    row(Place::Show, "VARIABLES", "Variables are not there.", "Ask for STREAMS, TABLES, QUERIES or TOPICS."),
    row(Place::Describe, "CONNECTOR", "Connectors are not there.", "DESCRIBE takes the name of a stream or table."),
    row(Place::Describe, "EXTENDED", "DESCRIBE EXTENDED is not there.", "DESCRIBE and the name tell all there is."),
    row(Place::Describe, "FUNCTION", "DESCRIBE FUNCTION is not there.", "The functions are listed under help."),
    row(
        Place::Call,
        "ARRAY",
        "Arrays cannot be made of values.",
        "COLLECT_LIST makes one of a group's values, SPLIT one of a text.",
    ),
    row(Place::Call, "MAP", "Maps cannot be made of values.", "Select the values as fields of their own, each with AS."),
    row(Place::Call, "STRUCT", "STRUCT is not there.", "Select the values as fields of their own, each with AS."),
    row(Place::Call, "TRANSFORM", "Functions over arrays are not there, nor is `=>`.", "EXPLODE makes a row of each item first."),
    row(Place::Call, "FILTER", "Functions over arrays are not there, nor is `=>`.", "EXPLODE makes a row of each item first."),
    row(Place::Call, "REDUCE", "Functions over arrays are not there, nor is `=>`.", "EXPLODE makes a row of each item first."),
    row(Place::Call, "NOW", "A query has no clock of its own.", "ROWTIME is the time of the record, in milliseconds."),
    row(Place::Call, "UNIX_TIMESTAMP", "A query has no clock of its own.", "ROWTIME is the time of the record, in milliseconds."),
    row(
        Place::Call,
        "EXTRACTJSONFIELD",
        "EXTRACTJSONFIELD is not there.",
        "Fields inside of others are reached with ->: address->city.",
    ),
    row(Place::Type, "BYTES", "The type BYTES is not there.", "Take STRING."),
    row(Place::Type, "DATE", "The type DATE is not there.", "Take BIGINT for a time in milliseconds, or STRING."),
    row(Place::Type, "DECIMAL", "The type DECIMAL is not there.", "Take DOUBLE."),
    row(Place::Type, "FLOAT", "The type FLOAT is not there.", "Take DOUBLE."),
    row(Place::Type, "STRUCT", "The type STRUCT is not there.", FIELDS_ARE_FOUND),
    row(Place::Type, "TEXT", "The type TEXT is not there.", "Take STRING."),
    row(Place::Type, "TIME", "The type TIME is not there.", "Take BIGINT for a time in milliseconds, or STRING."),
    row(Place::Type, "TIMESTAMP", "The type TIMESTAMP is not there.", "Take BIGINT for a time in milliseconds, or STRING."),
    row(Place::Clause, "CROSS", "CROSS JOIN is not there.", "A join needs ON, with what is the same on both sides."),
    row(Place::Clause, "EXCEPT", "EXCEPT is not there.", "LEFT JOIN and WHERE … IS NULL leave out what the other side has."),
    row(Place::Clause, "INTERSECT", "INTERSECT is not there.", "JOIN keeps what both sides have."),
    row(Place::Clause, "NATURAL", "NATURAL JOIN is not there.", "Say with ON what is the same on both sides."),
    row(Place::Clause, "OFFSET", "OFFSET is not there.", "WHERE ROWOFFSET >= … leaves out the first records."),
    row(Place::Clause, "ORDER", "ORDER BY is not there.", NO_END),
    row(Place::Clause, "RIGHT", "RIGHT JOIN is not there.", "Swap the two sides and use LEFT JOIN."),
    row(Place::Clause, "SORT", "SORT is not there.", NO_END),
    row(Place::Clause, "UNION", "UNION is not there.", "CREATE STREAM from the first, and INSERT INTO it from the second."),
    row(
        Place::AfterPattern,
        "ESCAPE",
        "ESCAPE is not there.",
        "In a pattern `%` is any text and `_` any character; INSTR finds a text as it is.",
    ),
    row(Place::Insert, "VALUES", "INSERT … VALUES is not there.", TOPIC_NOT_RECORDS),
    row(Place::Insert, "WITH", "WITH is not there for INSERT INTO.", "Leave it out."),
    row(Place::AfterSelect, "DISTINCT", "SELECT DISTINCT is not there.", "GROUP BY the fields, in a CREATE TABLE … AS SELECT."),
    row(
        Place::AfterSelect,
        "TOP",
        "SELECT TOP is not there.",
        "LIMIT at the end ends a query after so many rows; TOPK(x, k) gives the greatest values.",
    ),
];

/// An error if the word that stands here is one of those.
pub(super) fn refuse(parser: &Parser<'_>, place: Place) -> Parsed<()> {
    if !matches!(parser.lexeme(), Lexeme::Word(_)) {
        return Ok(());
    }
    let word = parser.here();
    match ROWS.iter().find(|row| row.place == place && row.word.eq_ignore_ascii_case(word)) {
        Some(row) => Err(parser.error(parser.span(), row.what).with_hint(row.instead)),
        None => Ok(()),
    }
}

/// The same for what is told by a sign.
pub(super) fn of_sign(sign: &str) -> Option<&'static str> {
    match sign {
        "=>" => Some("Functions over arrays, with `=>`, are not there: EXPLODE makes a row of each item first."),
        ":=" => Some("Values cannot be put together with `:=`: select them as fields of their own, each with AS."),
        _ => None,
    }
}
