//! The language of queries: what it reads, what it says about mistakes, what it offers at the cursor.

mod fuzz;
mod generate;
mod lab;
mod offered;
mod random;
mod refusals;
mod results;
mod stories;

use kafka_playground::streams::query::ast::*;
use kafka_playground::streams::query::expr::*;
use kafka_playground::streams::query::functions::{FUNCTIONS, FunctionId, FunctionKind, function, nearest_function};
use kafka_playground::streams::query::{
    Expected, GRAMMAR, NESTING_MAX, QueryError, Select, Span, Statement, TEXT_LEN_MAX, expected_at, nearest, parse, parse_script,
};

#[test]
fn the_docs_have_the_grammar_that_help_shows() {
    let docs = include_str!("../../../docs/queries.md");
    assert!(docs.contains(&format!("```text\n{GRAMMAR}```")), "docs/queries.md and src/streams/query/grammar.txt differ");
}

fn wrong(text: &str) -> QueryError {
    match parse(text) {
        Err(error) => error,
        Ok(read) => panic!("{text} is read as {read}"),
    }
}

fn select(text: &str) -> Select {
    match parse(text).unwrap_or_else(|error| panic!("{}", error.render(text))) {
        Statement::Select(select) => *select,
        other => panic!("{other} is no SELECT"),
    }
}

/// An expression with all its parentheses.
fn grouped(expr: &str) -> String {
    let select = select(&format!("SELECT {expr} FROM s"));
    let Item::Value { expr, .. } = &select.items[0] else { panic!("no value") };
    full(expr)
}

fn full(expr: &Expr) -> String {
    match &expr.kind {
        ExprKind::Binary { operator, left, right } => format!("({} {} {})", full(left), operator.text(), full(right)),
        ExprKind::Not(inner) => format!("(NOT {})", full(inner)),
        ExprKind::Negative(inner) => format!("(-{})", full(inner)),
        ExprKind::Between { value, low, high, .. } => format!("({} BETWEEN {} AND {})", full(value), full(low), full(high)),
        ExprKind::Like { value, pattern, not } => {
            format!("({}{} LIKE {})", full(value), if *not { " NOT" } else { "" }, full(pattern))
        }
        ExprKind::IsNull { value, .. } => format!("({} IS NULL)", full(value)),
        _ => expr.to_string(),
    }
}

/// The text around the cursor, which is `|`.
fn at(text: &str) -> Expected {
    let (before, after) = text.split_once('|').expect("a cursor");
    expected_at(&format!("{before}{after}"), before.len())
}

#[test]
fn operators_bind_as_in_sql() {
    let cases = [
        ("a OR b AND NOT c = 1", "(a OR (b AND (NOT (c = 1))))"),
        ("NOT a AND b", "((NOT a) AND b)"),
        ("1 + 2 * 3 - 4", "((1 + (2 * 3)) - 4)"),
        ("a - b - c", "((a - b) - c)"),
        ("'n' || 1 + 2", "('n' || (1 + 2))"),
        ("a = b || c AND d", "((a = (b || c)) AND d)"),
        ("x BETWEEN 1 AND 2 AND y", "((x BETWEEN 1 AND 2) AND y)"),
        ("-a * b", "((-a) * b)"),
        ("-a->b", "(-a->b)"),
        ("a NOT LIKE 'x' || '%' OR b IS NULL", "((a NOT LIKE ('x' || '%')) OR (b IS NULL))"),
        ("(a OR b) AND c", "((a OR b) AND c)"),
        ("- -5 - -5", "((--5) - -5)"),
        ("a % 2 != 0", "((a % 2) <> 0)"),
    ];
    for (text, expected) in cases {
        assert_eq!(grouped(text), expected, "{text}");
    }
}

#[test]
fn statements_are_printed_in_one_form() {
    let cases = [
        ("select A, b as C from Rides R emit changes;", "SELECT A, b AS C FROM Rides AS R EMIT CHANGES"),
        (
            "Create Stream s (id varchar key, n integer) with (kafka_topic='x', partitions=3)",
            "CREATE STREAM s (id STRING KEY, n INT) WITH (KAFKA_TOPIC='x', PARTITIONS=3)",
        ),
        (
            "SELECT * FROM a LEFT OUTER JOIN b WITHIN (60 SECONDS, 2 minute) GRACE PERIOD 0 DAYS ON (a.x = b.x)",
            "SELECT * FROM a LEFT JOIN b WITHIN (1 MINUTE, 2 MINUTES) GRACE PERIOD 0 SECONDS ON a.x = b.x",
        ),
        ("SELECT 1 FROM a JOIN b WITHIN 1 DAY ON x=y", "SELECT 1 FROM a INNER JOIN b WITHIN 1 DAY ON x = y"),
        (
            "SELECT count(distinct x) FROM s WINDOW HOPPING (SIZE 90 SECONDS, ADVANCE BY 500 MILLISECONDS, GRACE PERIOD 36 HOURS, \
             RETENTION 7 DAYS) GROUP BY (\"two words\", b)",
            "SELECT COUNT(DISTINCT x) FROM s WINDOW HOPPING (SIZE 90 SECONDS, ADVANCE BY 500 MILLISECONDS, \
             RETENTION 7 DAYS, GRACE PERIOD 36 HOURS) GROUP BY `two words`, b",
        ),
        ("SELECT a FROM s PARTITION BY a HAVING b", "SELECT a FROM s HAVING b PARTITION BY a"),
        ("SELECT a['k'], (a)->b[-1], r.end, 2.50, (a + b)->c FROM s", "SELECT a->`k`, a->b[-1], r.end, 2.50, (a + b)->c FROM s"),
        ("LIST topics", "SHOW TOPICS"),
        ("drop table if exists t delete topic", "DROP TABLE IF EXISTS t DELETE TOPIC"),
        ("-- why\nterminate /* all\nof them */ all", "TERMINATE ALL"),
        ("explain select 'it''s' from s", "EXPLAIN SELECT 'it''s' FROM s"),
        ("INSERT INTO s SELECT r.* FROM r", "INSERT INTO s SELECT r.* FROM r"),
    ];
    for (text, printed) in cases {
        let read = parse(text).unwrap_or_else(|error| panic!("{}", error.render(text)));
        assert_eq!(read.to_string(), printed);
    }
}

#[test]
fn a_select_has_its_clauses_and_spans() {
    let text = "SELECT größe, COUNT(*) AS n FROM rides r WINDOW TUMBLING (SIZE 2 HOURS, GRACE PERIOD 1 SECOND)\n\
                WHERE r.fare > 5 GROUP BY größe EMIT FINAL LIMIT 3";
    let read = select(text);
    let window = read.window.clone().expect("a window");
    assert!(matches!(window.kind, WindowKind::Tumbling { size } if size.ms == 7_200_000));
    assert_eq!(window.grace.map(|grace| grace.ms), Some(1000));
    assert_eq!((read.emit, read.limit), (Some(Emit::Final), Some(3)));
    let filter = read.filter.as_ref().expect("a filter");
    assert_eq!(filter.span.of(text), "r.fare > 5");
    let paths = filter.paths();
    assert_eq!(paths[0].1.of(text), "r.fare");
    assert_eq!(paths[0].0.root.span.of(text), "r");
    let Item::Value { expr, alias } = &read.items[1] else { panic!("no value") };
    assert_eq!(expr.span.of(text), "COUNT(*)");
    assert!(alias.as_ref().is_some_and(|alias| alias.is("N") && alias.span.of(text) == "n"));
    let calls = expr.calls(FunctionKind::Aggregate);
    assert!(calls.len() == 1 && calls[0].0.function.id == FunctionId::Count && calls[0].0.name_span.of(text) == "COUNT");
    assert_eq!(read.from.name.span.of(text), "rides");
    assert_eq!(window.span.of(text), "WINDOW TUMBLING (SIZE 2 HOURS, GRACE PERIOD 1 SECOND)");
    let error = QueryError::new(text, paths[0].1, "There is no field `fare`.").with_hint("Did you mean `fares`?");
    assert_eq!((error.at.line, error.at.column, error.at.len), (2, 7, 6));
}

#[test]
fn names_are_the_same_in_any_letters_unless_they_are_quoted() {
    let read = select("SELECT \"a\" FROM Rides");
    assert!(read.from.name.is("RIDES") && !read.from.name.is("ride"));
    let Item::Value { expr, .. } = &read.items[0] else { panic!("no value") };
    let ExprKind::Path(path) = &expr.kind else { panic!("no path") };
    assert!(path.root.is("a") && !path.root.is("A") && path.root.is_quoted());
    assert!(matches!(path.root.quote, Quote::Double));
}

#[test]
fn a_script_gives_each_statement_its_place() {
    let text = ";SHOW STREAMS;\n\nSHOW TABLES ; -- end\n";
    let places: Vec<&str> = parse_script(text).expect("two").into_iter().map(|(_, span)| span.of(text)).collect();
    assert_eq!(places, ["SHOW STREAMS", "SHOW TABLES"]);
    assert_eq!(parse_script(" -- nothing\n"), Ok(Vec::new()));
    assert!(parse_script("SHOW STREAMS SHOW TABLES").is_err() && parse("").is_err());
    assert!(wrong("SHOW STREAMS; SHOW TABLES").hint.is_some());
}

#[test]
fn errors_say_where_what_and_instead_of_what() {
    let error = wrong("SELECT a FORM rides");
    assert_eq!(error.expected, ["AS", "`,`", "FROM"]);
    assert_eq!(error.found, "`FORM`");
    let text = "SELECT a\r\n\tFROM straße, größe";
    let error = wrong(text);
    assert_eq!(
        (error.at.line, error.at.column, error.at.offset as usize, error.at.len),
        (2, 13, text.find(',').expect("it is"), 1)
    );
    assert_eq!(
        wrong("SELECT 'ä', x y FROM s").render("SELECT 'ä', x y FROM s"),
        "Line 1, column 15: Expected AS, `,` or FROM, but found `y`.\n  SELECT 'ä', x y FROM s\n                ^\n\
         Is a comma missing before it, or AS?"
    );
    // The mark stands below its place after a tab and in a long line, too.
    assert!(error.render(text).contains("\n  \tFROM straße, größe\n  \t           ^\n"));
    // What is long is told shortly.
    let digits = "0".repeat(50_000);
    for start in ["SELECT 1 FROM s WINDOW TUMBLING (", "SELECT ", "CREATE STREAM s WITH (KAFKA_TOPIC=", "SHOW ", "SELECT f"] {
        for end in [" ", "MINS ", "(", "(1) "] {
            let text = format!("{start}{digits}{end}");
            assert!(parse(&text).is_err_and(|error| error.render(&text).len() < 1_000), "{start} {end}");
        }
    }
    let long = format!("SELECT {}a b FROM s", "a, ".repeat(5_000));
    let shown = wrong(&long).render(&long);
    let lines: Vec<&str> = shown.lines().collect();
    let column = lines[2].chars().position(|letter| letter == '^').expect("a mark");
    assert!(lines[1].chars().count() < 130 && lines[1].chars().nth(column) == Some('b'), "{shown}");
}

#[test]
fn common_slips_get_a_hint() {
    let cases = [
        ("SELECT a FORM rides", "mean FROM?"),
        ("SELCT a FROM b", "mean SELECT?"),
        ("SELECT a FROM r WIDNOW TUMBLING (SIZE 1 DAY)", "mean WINDOW?"),
        ("SELECT a FROM r x HAVNG b", "mean HAVING?"),
        ("SELECT a FROM r WHERE a = 1 ADN b = 2", "mean AND?"),
        ("SELECT a id FROM r", "comma missing"),
        ("SELECT LEN(a b) FROM r", "comma missing"),
        ("SELECT a FROM r WHERE a == 1", "one `=`"),
        ("SELECT a FROM r JOIN s ON a == b", "one `=`"),
        ("SELECT a FROM r WHERE a = NULL", "mean IS NULL?"),
        ("SELECT a FROM r WHERE NULL <> a", "mean IS NOT NULL?"),
        ("CREATE STREAM s WITH (KAFKA_TOPIC=\"rides\")", "single quotes: 'rides'"),
        ("CREATE STREAM s WITH (KAFKA_TOPC='rides')", "mean KAFKA_TOPIC?"),
        ("CREATE STREAM s WITH (PARTITIONS='3')", "without quotes"),
        ("CREATE STREAM s (a INTT) WITH (PARTITIONS=3)", "mean INT?"),
        ("SELECT a FROM r WINDOW TUMBLING (SIZE 5 MINS)", "mean MINUTES?"),
        ("SELECT a FROM r WINDOW TUMBLING (SIZE 5 SECNDS)", "mean SECONDS?"),
        ("SELECT a FROM r WINDOW TUMBLING (SIZE 5MINS)", "mean 5 MINUTES?"),
        ("SELECT a FROM r WINDOW TUMBLING (SIZE 5)", "5 SECONDS"),
        ("SELECT a FROM r WINDOW TUMBLING (5 MINUTES)", "SIZE 5"),
        ("SELECT a FROM r WINDOW TUMBLING SIZE 5 MINUTES", "parentheses"),
        ("SELECT a FROM r GROUP BY (a, b EMIT CHANGES", "`(` in line 1, column 26 has no `)`"),
        ("SELECT a) FROM r", "too many"),
        ("SELECT a, FROM r", "comma too many"),
        ("SELECT a FROM r GROUP BY a WHERE b", "in this order"),
        ("SELECT a FROM r WHERE a WHERE b", "in this order"),
        ("SELECT 'it's' FROM r", "twice"),
        ("SELECT 'it FROM r", "ends with"),
        ("SELECT ‘a’ FROM r", "straight"),
        ("SELECT a FROM taxi-rides", "double quotes"),
        ("SELECT a AS end FROM r", "\"end\""),
        ("SELECT a FROM r, s", "JOIN … ON"),
        ("SELECT a FROM r JOIN s ON a = b AND c = d", "WHERE"),
        ("SELECT a FROM r JOIN s ON a = b WITHIN 5 MINUTES", "WITHIN 5 MINUTES ON"),
        ("SELECT a FROM r WHERE a < b < c", "AND"),
        ("SELECT a FROM r WHERE a = NOT b", "parentheses"),
        ("SELECT .5 FROM r", "0.5"),
        ("SELECT a FROM r WHERE a && b", "AND"),
    ];
    for (text, hint) in cases {
        let error = wrong(text);
        assert!(error.hint.as_ref().is_some_and(|said| said.contains(hint)), "{hint}:\n{}", error.render(text));
    }
}

#[test]
fn what_is_not_there_is_said_and_what_to_do_instead() {
    let cases = [
        "CREATE TYPE t AS STRUCT<a INT>",
        "CREATE SOURCE CONNECTOR c WITH ('a'='b')",
        "CREATE STREAM s (a STRUCT<b INT>) WITH (KAFKA_TOPIC='x')",
        "INSERT INTO s VALUES (1)",
        "INSERT INTO s (a) VALUES (1)",
        "SELECT STRUCT(a := 1) FROM s",
        "SELECT TRANSFORM(a, x => x + 1) FROM s",
        "SELECT LEN(x => x) FROM s",
        "SELECT ARRAY[1, 2] FROM s",
        "SELECT ARRAY['a', 'b'] FROM s",
        "SELECT ARRAY[] FROM s",
        "SELECT MAP('a' := 1) FROM s",
        "SELECT a FROM r CROSS JOIN s",
        "SELECT a FROM r UNION SELECT a FROM s",
        "WITH t AS (SELECT a FROM s) SELECT a FROM t",
        "CREATE FUNCTION f AS 'x'",
        "DEFINE x = '1'",
        "ALTER STREAM s ADD COLUMN a INT",
        "SELECT DISTINCT a FROM s",
        "SELECT a FROM s ORDER BY a",
        "SELECT a FROM r RIGHT JOIN s ON a = b",
        "SELECT a FROM (SELECT b FROM s)",
        "SELECT CAST(a AS DECIMAL(4, 2)) FROM s",
        "SELECT SUM(DISTINCT a) FROM s",
        "PRINT 'rides'",
        "SHOW FUNCTIONS",
        "EXPLAIN CREATE STREAM s AS SELECT a FROM b",
    ];
    for text in cases {
        let error = wrong(text);
        assert!(error.hint.is_some(), "{}", error.render(text));
    }
    assert_eq!(wrong("INSERT INTO s VALUES (1)").message, "INSERT … VALUES is not there.");
}

#[test]
fn numbers_and_times_have_ends() {
    assert!(parse("SELECT 9223372036854775807, -9223372036854775808 FROM s").is_ok());
    assert!(wrong("SELECT 9223372036854775808 FROM s").message.contains("too large"));
    assert!(wrong("SELECT -9223372036854775809 FROM s").message.contains("too large"));
    assert!(wrong("SELECT 1e999 FROM s").message.contains("too large"));
    assert!(wrong("SELECT 1 FROM s WINDOW SESSION (106751991168 DAYS)").message.contains("too long"));
    assert!(parse("SELECT 1 FROM s WINDOW SESSION (106751991167 DAYS)").is_ok());
    assert!(wrong("SELECT 1 FROM s WINDOW SESSION (0 DAYS)").message.contains("more than 0"));
    assert!(wrong("SELECT 1 FROM s WINDOW HOPPING (SIZE 1 DAY, ADVANCE BY 2 DAYS)").message.contains("advance"));
}

#[test]
fn depth_and_length_have_ends() {
    let nested = |open: &str, close: &str, times: usize| format!("SELECT {}a{} FROM s", open.repeat(times), close.repeat(times));
    let kinds = [
        ("(", ")"),
        ("- ", ""),
        ("NOT ", ""),
        ("ABS(", ")"),
        ("CAST(", " AS INT)"),
        ("CASE WHEN ", " THEN 1 END"),
        ("1 IN (", ")"),
    ];
    for (open, close) in kinds {
        assert!(parse(&nested(open, close, NESTING_MAX)).is_ok(), "{open}");
        for times in [NESTING_MAX + 1, 2_000] {
            assert!(wrong(&nested(open, close, times)).message.contains("nested too deeply"), "{open}");
        }
    }
    let types = |times: usize| format!("SELECT CAST(a AS {}INT{}) FROM s", "ARRAY<".repeat(times), ">".repeat(times));
    assert!(parse(&types(60)).is_ok() && wrong(&types(70)).message.contains("nested too deeply"));
    // What is not nested but grows a high tree.
    let chain = |times: usize| format!("SELECT a{} FROM s", " + a".repeat(times));
    assert!(parse(&chain(HEIGHT_MAX - 1)).is_ok() && wrong(&chain(HEIGHT_MAX)).message.contains("nested too deeply"));
    assert!(parse(&format!("SELECT a{} FROM s", ".b".repeat(30_000))).is_ok());

    let blank = " ".repeat(TEXT_LEN_MAX - "SHOW TABLES".len());
    assert!(parse(&format!("{blank}SHOW TABLES")).is_ok());
    let error = wrong(&format!("{blank} SHOW TABLES"));
    assert!(error.message.contains("65536"), "{error}");
    assert_eq!(expected_at(&format!("{blank} SHOW "), usize::MAX).keywords.len(), 4);
}

#[test]
fn the_deepest_query_needs_little_stack() {
    let text = format!("SELECT {}a{} FROM s", "1 + 1 * (NOT ".repeat(NESTING_MAX / 2), ")".repeat(NESTING_MAX / 2));
    let small = std::thread::Builder::new().stack_size(512 * 1024);
    let thread = small.spawn(move || parse(&text).expect("it is deep enough").to_string()).expect("a thread");
    assert!(thread.join().expect("it fits").contains("NOT"));
}

#[test]
fn functions_are_known_by_name_and_arguments() {
    assert!(FUNCTIONS.iter().all(|row| row.arguments_min > 0 && row.arguments_max.is_none_or(|max| max >= row.arguments_min)));
    assert!(FUNCTIONS.iter().all(|row| row.usage.starts_with(row.name) && !row.help.is_empty()));
    assert!(FUNCTIONS.iter().enumerate().all(|(at, row)| FUNCTIONS[..at].iter().all(|other| other.name != row.name)));
    assert_eq!(FUNCTIONS.len(), 35);
    assert_eq!(function("sum").map(|row| row.id), Some(FunctionId::Sum));
    assert_eq!(nearest_function("LENGTH").map(|row| row.name), Some("LEN"));
    assert_eq!(nearest_function("SUBSTRNG").map(|row| row.name), Some("SUBSTRING"));
    assert_eq!(nearest_function("FROBNICATE"), None);
    let error = wrong("SELECT CUONT(*) FROM s");
    assert!(error.message.contains("no function `CUONT`") && error.hint.is_some_and(|hint| hint.contains("COUNT")));
    for text in ["SELECT LEN() FROM s", "SELECT LEN(a, b) FROM s", "SELECT TOPK(a) FROM s", "SELECT COUNT() FROM s"] {
        let error = wrong(text);
        assert!(error.message.contains("takes") && error.at.column == 8, "{error}");
    }
    assert!(parse("SELECT GREATEST(1, 2, 3, 4, 5, 6, 7, 8, 9), round(a), ROUND(a, 2), count FROM s").is_ok());
}

#[test]
fn the_nearest_word_is_near() {
    let words = ["FROM", "WHERE", "GROUP", "IN"];
    assert_eq!(nearest("form", words), Some("FROM"));
    assert_eq!(nearest("WEHRE", words), Some("WHERE"));
    assert_eq!(nearest("x", words), None);
    assert_eq!(nearest("PARTITION", words), None);
    assert_eq!(nearest(&"FROM".repeat(100), words), None);
}

#[test]
fn the_cursor_is_offered_what_may_come() {
    let begins = at("|");
    assert!(begins.keywords.contains(&"SELECT") && begins.keywords.len() == 11 && !begins.source);
    assert_eq!(at("SHOW TABLES; |").keywords, begins.keywords);
    let typed = at("SHOW TABLES; SEL| FROM");
    assert_eq!((typed.keywords, typed.typed.start, typed.typed.end), (begins.keywords.clone(), 13, 16));

    let value = at("SELECT |");
    assert!(value.field && value.function && value.text && value.keywords.contains(&"CASE") && value.signs.contains(&"*"));
    let after = at("SELECT a |");
    assert_eq!(after.keywords[..2], ["AS", "FROM"]);
    assert!(after.signs.contains(&"||") && after.keywords.contains(&"BETWEEN") && !after.field);
    let source = at("SELECT a FROM |");
    assert!(source.source && source.keywords.is_empty() && !source.field);
    assert!(at("SELECT a FROM r JOIN s|").source);
    let clauses = at("SELECT a FROM r |");
    for keyword in ["JOIN", "LEFT", "WINDOW", "WHERE", "GROUP", "HAVING", "PARTITION", "EMIT", "LIMIT", "AS"] {
        assert!(clauses.keywords.contains(&keyword), "{keyword}");
    }
    assert!(clauses.end && !clauses.keywords.contains(&"SELECT"));
    assert_eq!(at("SELECT a FROM r GROUP |").keywords, ["BY"]);
    assert_eq!(at("SELECT a FROM r GROUP BY a EMIT |").keywords, ["CHANGES", "FINAL"]);
    assert_eq!(at("SELECT a FROM r WINDOW T|").keywords, ["TUMBLING", "HOPPING", "SLIDING", "SESSION"]);
    assert!(at("SELECT a FROM r WINDOW SESSION (5 |").keywords.contains(&"MINUTES"));
    assert_eq!(at("SELECT a FROM r WHERE a NOT |").keywords, ["LIKE", "BETWEEN", "IN"]);
    assert!(at("CREATE STREAM |").new_name && at("CREATE STREAM s WITH (|").property);
    let text = at("CREATE STREAM s WITH (KAFKA_TOPIC=|");
    assert!(text.text && !text.number);
    assert!(at("TERMINATE |").query && at("TERMINATE |").keywords == ["ALL"]);
    assert!(at("SELECT CAST(a AS |").keywords.contains(&"BIGINT"));
}

#[test]
fn the_cursor_knows_the_path_and_keeps_silent_where_nothing_helps() {
    let field = at("SELECT r.address->ci| FROM rides r");
    assert!(field.field && field.path == ["r", "address"] && !field.function && field.keywords.is_empty());
    assert!(at("SELECT a.b, |").path.is_empty() && at("SELECT a.b, |").field);
    // What is wrong in another way does not end the help.
    assert!(at("SELECT FOO(|").field && at("SELECT a FROM r WHERE a = NULL AND |").field);
    let quoted = at("SELECT `two wo|");
    assert_eq!((quoted.field, quoted.typed), (true, Span::new(7, 14)));
    assert_eq!((quoted.typed.start, quoted.typed.end), (7, 14));
    for text in ["SELECT a -- SEL|", "SELECT a /* SEL|", "SELECT 'abc |", "SELECT a FRM r |", "SELECT 5|", "SELECT a FROM (|"] {
        let nothing = at(text);
        assert_eq!(Expected { typed: Span::default(), ..nothing }, Expected::default(), "{text}");
    }
    assert!(!at("SELECT a -- why\n|").keywords.is_empty());
    assert!(expected_at("ä", 1).keywords.contains(&"SELECT"));
}
