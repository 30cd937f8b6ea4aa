//! What is said about queries that are well formed and wrong: the place, the sentence, the hint.

use super::lab::Lab;

fn lab() -> Lab {
    Lab::new(&[
        ("rides", r#"{"id":"1","zone":"A","fare":2.5,"to":{"lat":1.5,"lon":2.5},"tags":["x"],"ok":true}"#),
        ("paid", r#"{"order":"1","sum":5}"#),
        ("any", ""),
    ])
    .with(
        "CREATE TABLE drivers (id STRING PRIMARY KEY, name STRING, boss STRING) WITH (KAFKA_TOPIC='drivers', PARTITIONS=2);
         CREATE TABLE cars (id STRING PRIMARY KEY, seats INT) WITH (KAFKA_TOPIC='cars', PARTITIONS=3);
         CREATE TABLE per_zone AS SELECT zone, COUNT(*) AS n FROM rides WINDOW TUMBLING (SIZE 1 MINUTE) GROUP BY zone;
         CREATE STREAM good AS SELECT id, fare FROM rides WHERE ok;",
    )
}

fn check(cases: &[(&str, &str)]) {
    let lab = lab();
    for (text, expected) in cases {
        assert_eq!(lab.wrong(text), *expected, "{text}");
    }
}

#[test]
fn names_that_there_are_not() {
    check(&[
        (
            "SELECT id FROM ridse",
            "ridse | There is no stream, table or topic ridse. There are: any, cars, drivers, good, paid, per_zone, rides. | Did you mean rides?",
        ),
        (
            "SELECT fre FROM rides",
            "fre | There is no field fre in rides. It has: fare, id, ok, tags, to, zone. | Did you mean fare?",
        ),
        (
            "SELECT Fare FROM rides r",
            "Fare | There is no field Fare in r. It has: fare, id, ok, tags, to, zone. | Did you mean fare? Large and small letters are not the same here.",
        ),
        (
            "SELECT r.fre FROM rides r",
            "fre | There is no field fre in r. It has: fare, id, ok, tags, to, zone. | Did you mean fare?",
        ),
        ("SELECT to->lta FROM rides", "lta | There is no field lta in to. It has: lat, lon. | Did you mean lat?"),
        ("SELECT fare->x FROM rides", "x | fare has no fields: it is DOUBLE."),
        ("SELECT fare[1] FROM rides", "1 | fare has no items: it is DOUBLE."),
        ("SELECT tags[0] FROM rides", "0 | Items of an array are counted from 1. | The first is [1], the last [-1]."),
        (
            "SELECT id FROM rides WHERE zone = \"B\"",
            "\"B\" | There is no field B in rides. It has: fare, id, ok, tags, to, zone. | Double quotes hold a name; a text stands in single quotes: 'B'.",
        ),
        (
            "SELECT ROWOFFSET FROM rides",
            "ROWOFFSET | The operators of a query do not see partitions and offsets. | ROWTIME and ROWKEY are there.",
        ),
        (
            "SELECT WINDOWSTART FROM rides",
            "WINDOWSTART | The records have no window here. | There is one after GROUP BY with WINDOW, in SELECT and HAVING.",
        ),
        ("SELECT r.* FROM rides", "r | There is no source r in this query. There are: rides."),
        ("SELECT rides FROM rides", "rides | rides is a source, not a value. | Write a field of it, after a dot."),
    ]);
}

#[test]
fn types_that_do_not_fit() {
    check(&[
        (
            "SELECT id FROM rides WHERE fare = '5'",
            "fare = '5' | fare is DOUBLE and '5' is STRING: they cannot be compared. | CAST(… AS STRING) makes a text of either.",
        ),
        (
            "SELECT id FROM rides WHERE zone IN ('A', 1)",
            "zone IN ('A', 1 | zone is STRING and 1 is BIGINT: they cannot be compared. | CAST(… AS STRING) makes a text of either.",
        ),
        (
            "SELECT id FROM rides WHERE fare BETWEEN 'a' AND 'b'",
            "fare BETWEEN 'a' | fare is DOUBLE and 'a' is STRING: they cannot be compared. | CAST(… AS STRING) makes a text of either.",
        ),
        (
            "SELECT CASE zone WHEN 1 THEN 2 END FROM rides",
            "zone WHEN 1 | zone is STRING and 1 is BIGINT: they cannot be compared. | CAST(… AS STRING) makes a text of either.",
        ),
        ("SELECT zone + 'x' FROM rides", "zone | `+` takes numbers, but zone is STRING. | Texts are joined with `||`."),
        ("SELECT zone * 2 FROM rides", "zone | `*` takes numbers, but zone is STRING. | Make it one: CAST(zone AS DOUBLE)."),
        (
            "SELECT id FROM rides WHERE fare",
            "fare | A condition is true or false, but fare is DOUBLE. | Compare it with something.",
        ),
        (
            "SELECT id FROM rides WHERE fare LIKE 'x'",
            "fare | LIKE takes texts, but fare is DOUBLE. | Make it one: CAST(fare AS STRING).",
        ),
        ("SELECT ABS(zone) FROM rides", "zone | ABS takes a number here, but zone is STRING. | It is called like this: ABS(n)."),
        (
            "SELECT LEN(tags) FROM rides",
            "tags | LEN takes a text here, but tags is ARRAY<STRING>. | It is called like this: LEN(text).",
        ),
        (
            "SELECT TIMESTAMPTOSTRING(ROWTIME, 'EEE') FROM rides",
            "'EEE' | The format EEE is not known. | Its letters are yyyy, MM, dd, HH, mm, ss and SSS; other letters stand in quotes.",
        ),
        ("SELECT TIMESTAMPTOSTRING(ROWTIME, 'HH', 'Europe/Berlin') FROM rides", "'Europe/Berlin' | Only the zone 'UTC' is known."),
        ("SELECT GEO_DISTANCE(1, 2, 3, 4, 'LY') FROM rides", "'LY' | Distances are in 'KM' or 'MI'."),
        ("SELECT EXPLODE(zone) FROM rides", "zone | EXPLODE takes an array, but zone is STRING."),
        ("SELECT SUM(zone) FROM rides GROUP BY id", "zone | SUM takes numbers, but zone is STRING."),
        ("SELECT MAX(tags) FROM rides GROUP BY id", "tags | MAX takes values that have an order, but tags is ARRAY<STRING>."),
        ("SELECT TOPK(fare, 0) FROM rides GROUP BY id", "0 | TOPK takes a number from 1 to 1000 as its second argument."),
    ]);
}

#[test]
fn groups_that_are_none() {
    check(&[
        (
            "SELECT id FROM rides WHERE COUNT(*) > 1 GROUP BY id",
            "COUNT(*) | COUNT(*) cannot stand in WHERE, which sees one record at a time. | HAVING is for groups.",
        ),
        (
            "SELECT COUNT(*) FROM rides",
            "COUNT(*) | COUNT(*) is a value of a group, but there is no GROUP BY. | All records are one group with GROUP BY 'all'.",
        ),
        (
            "SELECT zone, fare FROM rides GROUP BY zone",
            "fare | fare is not the same in all records of a group. | Add it to GROUP BY, or take one of its values: LATEST_BY_OFFSET(fare), MAX(fare).",
        ),
        ("SELECT * FROM rides GROUP BY zone", "* | With GROUP BY the columns have to be named."),
        (
            "SELECT id FROM rides HAVING fare > 1",
            "fare > 1 | HAVING is about groups, but there is no GROUP BY. | WHERE is about records.",
        ),
        (
            "SELECT id FROM rides WINDOW TUMBLING (SIZE 1 MINUTE)",
            "WINDOW TUMBLING (SIZE 1 MINUTE) | A window is for groups, but there is no GROUP BY. | All records are one group with GROUP BY 'all'.",
        ),
        (
            "SELECT zone FROM rides GROUP BY zone EMIT FINAL",
            "SELECT zone FROM rides GROUP BY zone EMIT FINAL | EMIT FINAL gives the result of a window once it is closed, but there is no WINDOW. | Without windows no result is the last: EMIT CHANGES.",
        ),
        (
            "SELECT UCASE(zone) AS z, COUNT(*) FROM rides GROUP BY z",
            "z | There is no field z in rides. It has: fare, id, ok, tags, to, zone. | SELECT gives that name; GROUP BY takes what is named: UCASE(zone).",
        ),
        (
            "SELECT SUM(COUNT(*)) FROM rides GROUP BY zone",
            "COUNT(*) | COUNT(*) cannot stand in another aggregate. | Give the inner one a query of its own.",
        ),
        (
            "SELECT COUNT(*) FROM rides GROUP BY zone PARTITION BY zone",
            "zone | Groups are partitioned by what they are grouped by. | Leave PARTITION BY out.",
        ),
        (
            "SELECT MAX(name) FROM drivers GROUP BY boss",
            "MAX(name) | MAX(name) cannot be taken over a table: a row that changes would have to be taken back. | COUNT, SUM, AVG and COLLECT_LIST can; over a stream all of them can.",
        ),
        (
            "SELECT COUNT(*) FROM drivers WINDOW TUMBLING (SIZE 1 MINUTE) GROUP BY boss",
            "WINDOW TUMBLING (SIZE 1 MINUTE) | A window is for the records of a stream; a table has rows that change. | Group the stream that the table is made of.",
        ),
        (
            "SELECT COUNT(*) FROM rides WINDOW TUMBLING (SIZE 1 MINUTE, RETENTION 1 SECOND) GROUP BY zone",
            "1 SECOND | What is kept must be as long as a window and its grace at least. | That is 60000 MILLISECONDS.",
        ),
        (
            "SELECT id FROM rides WHERE EXPLODE(tags) = 'x'",
            "EXPLODE(tags) | EXPLODE cannot stand here. | It stands in SELECT, once, over a stream; conditions on its rows are for a query of their own.",
        ),
        (
            "SELECT EXPLODE(tags), EXPLODE(SPLIT(id, 'x')) FROM rides",
            "EXPLODE(SPLIT(id, 'x')) | A query has one EXPLODE at most. | Give the second a query of its own.",
        ),
        (
            "SELECT EXPLODE(SPLIT(name, ' ')) FROM drivers",
            "EXPLODE(SPLIT(name, ' ')) | EXPLODE makes a stream's record several; it cannot do that to the row of a table.",
        ),
        ("SELECT id, fare AS id FROM rides", "fare | Two columns are called id. | Give one another name with AS."),
        ("SELECT name FROM drivers PARTITION BY name", "name | A table keeps its key. | GROUP BY makes a table by another key."),
    ]);
}

#[test]
fn joins_that_are_none() {
    check(&[
        (
            "SELECT id FROM rides JOIN paid ON rides.id = paid.order",
            "JOIN paid ON rides.id = paid.order | Two streams are joined within a time, since a stream has no end. | Write JOIN … WITHIN 10 SECONDS ON ….",
        ),
        (
            "SELECT name FROM rides r JOIN drivers d WITHIN 1 MINUTE ON r.id = d.id",
            "WITHIN 1 MINUTE | WITHIN is for two streams. | A table has one row for each key, and that is what is joined.",
        ),
        (
            "SELECT name FROM drivers d JOIN rides r ON r.id = d.id",
            "JOIN rides r ON r.id = d.id | A table cannot be joined with a stream after it. | Write the stream first: FROM the stream JOIN the table.",
        ),
        (
            "SELECT name FROM rides r FULL JOIN drivers d ON r.id = d.id",
            "FULL JOIN drivers d ON r.id = d.id | A stream and a table cannot have a FULL join. | INNER and LEFT are there.",
        ),
        (
            "SELECT d.name FROM rides r JOIN drivers d ON r.id = d.name",
            "d.name | A table is joined by its key, and d.name is not that of d. | Its key is d.id.",
        ),
        (
            "SELECT d.name FROM rides r JOIN drivers d ON r.fare = d.id",
            "r.fare = d.id | r.fare is DOUBLE and d.id is STRING: they are never the same. | CAST makes one like the other.",
        ),
        (
            "SELECT 1 FROM cars c JOIN drivers d ON c.id = d.id",
            "JOIN drivers d ON c.id = d.id | c has 3 partitions and d has 2: records of one key would not meet. | Copy one with CREATE … WITH (PARTITIONS=3) AS SELECT.",
        ),
        (
            "SELECT 1 FROM cars c FULL JOIN drivers d ON c.seats = d.id",
            "c.seats = d.id | c.seats is BIGINT and d.id is STRING: they are never the same. | CAST makes one like the other.",
        ),
        (
            "SELECT 1 FROM drivers d FULL JOIN cars c ON d.boss = c.id",
            "FULL JOIN cars c ON d.boss = c.id | A FULL join of tables is by the keys of both. | By a field of the left table there are INNER and LEFT.",
        ),
        (
            "SELECT 1 FROM per_zone z JOIN cars c ON z.zone = c.id",
            "JOIN cars c ON z.zone = c.id | What has windows can be joined only as a table, with a table that has the same windows. | A stream of it by another key comes from SELECT … PARTITION BY.",
        ),
        (
            "SELECT 1 FROM drivers a JOIN drivers b ON a.boss = b.id",
            "drivers | drivers and drivers read the same topic, and one of them is a table. | A query cannot do that; copy the topic with a query of its own.",
        ),
        (
            "SELECT 1 FROM rides JOIN rides WITHIN 1 SECOND ON rides.id = rides.id",
            "rides | There are two sources called rides. | Give one another name: FROM rides a JOIN rides b.",
        ),
        (
            "SELECT id FROM rides a JOIN good b WITHIN 1 SECOND ON a.id = b.id",
            "id | id is a field of a and of b. | Write a.id or b.id.",
        ),
        (
            "SELECT * FROM rides r JOIN any a WITHIN 1 SECOND ON r.id = a.x",
            "* | It is not known yet which fields a has. | Name those that you want, or wait for its first record.",
        ),
        (
            "SELECT 1 FROM rides r JOIN drivers d ON r.id = r.zone",
            "r.id = r.zone | One side of `=` must be about d alone, the other about what stands before it.",
        ),
        (
            "SELECT 1 FROM rides r JOIN drivers d ON r.idd = d.id",
            "idd | There is no field idd in r. It has: fare, id, ok, tags, to, zone. | Did you mean id?",
        ),
    ]);
}

#[test]
fn what_cannot_be_created_or_dropped() {
    check(&[
        (
            "CREATE STREAM s AS SELECT zone, COUNT(*) AS n FROM rides GROUP BY zone",
            "s | GROUP BY makes a table: a row for each group. | Write CREATE TABLE.",
        ),
        ("CREATE STREAM s AS SELECT name FROM drivers", "s | What comes of a table is a table. | Write CREATE TABLE."),
        (
            "CREATE TABLE t AS SELECT id FROM rides",
            "t | Without GROUP BY, what comes of a stream is a stream. | Write CREATE STREAM, or GROUP BY what a row is for.",
        ),
        (
            "CREATE STREAM good AS SELECT id FROM rides",
            "good | There is already a stream called good. | DROP it first, or write CREATE OR REPLACE.",
        ),
        (
            "CREATE OR REPLACE TABLE good AS SELECT id FROM rides GROUP BY id",
            "good | good is a stream, which cannot be replaced by a table.",
        ),
        (
            "CREATE STREAM rides AS SELECT id FROM rides",
            "rides | What the query writes into rides would come back to it by rides. | Give the result another name.",
        ),
        (
            "CREATE STREAM s AS SELECT id FROM rides LIMIT 3",
            "SELECT id FROM rides LIMIT 3 | What is created has no LIMIT: its query runs on. | A SELECT alone may have one.",
        ),
        (
            "CREATE STREAM `two words` AS SELECT id FROM rides",
            "`two words` | A topic cannot be called two words. | Names of topics are made of letters from a to z, digits, `.`, `_` and `-`; WITH (KAFKA_TOPIC='…') gives another.",
        ),
        (
            "CREATE STREAM s WITH (KAFKA_TOPIC='rdies')",
            "'rdies' | There is no topic rdies. There are: any, cars, drivers, good, paid, per_zone, rides. | Did you mean rides?",
        ),
        ("CREATE STREAM s WITH (VALUE_FORMAT='JSON')", "s | Over which topic does it lie? | WITH (KAFKA_TOPIC='…') says so."),
        ("CREATE STREAM s WITH (KAFKA_TOPIC='rides', PARTITIONS=9)", "9 | The topic rides has 3 partitions."),
        ("CREATE STREAM s WITH (KAFKA_TOPIC='rides', VALUE_FORMAT='AVRO')", "'AVRO' | Values are JSON; there is no other format."),
        (
            "CREATE STREAM s WITH (KAFKA_TOPIC='rides', TIMESTAMP='at')",
            "TIMESTAMP | The time of a record is its timestamp; a field cannot take its place. | Leave TIMESTAMP out.",
        ),
        (
            "CREATE STREAM s (id INT PRIMARY KEY) WITH (KAFKA_TOPIC='rides')",
            "id INT PRIMARY KEY | A stream has no primary key: many of its records may have one key. | Write KEY.",
        ),
        (
            "CREATE TABLE s (id INT KEY) WITH (KAFKA_TOPIC='rides')",
            "id INT KEY | A table has a primary key: one row for each. | Write PRIMARY KEY.",
        ),
        ("INSERT INTO drivers SELECT id FROM rides", "drivers | drivers is a table; records can be inserted into streams only."),
        ("INSERT INTO goood SELECT id FROM rides", "goood | There is no stream goood. There are: good. | Did you mean good?"),
        (
            "INSERT INTO good SELECT id, zone FROM rides",
            "SELECT id, zone FROM rides | There is no column zone in good. It has: fare, id.",
        ),
        (
            "INSERT INTO good SELECT ok AS fare FROM rides",
            "SELECT ok AS fare FROM rides | fare is DOUBLE in good, but BOOLEAN here.",
        ),
        ("DROP TABLE good", "good | good is a stream. | Write DROP STREAM."),
        (
            "DROP STREAM goodd",
            "goodd | There is no stream or table goodd. There are: cars, drivers, good, per_zone. | Did you mean good?",
        ),
        ("TERMINATE nothing", "nothing | There is no query nothing. There are: Q_0, Q_1."),
    ]);
}

#[test]
fn what_has_no_end() {
    let lab =
        lab().with("CREATE STREAM cheap AS SELECT id, fare FROM good WHERE fare < 5; CREATE STREAM c2 AS SELECT * FROM cheap;");
    let text = "INSERT INTO good SELECT id, fare FROM c2";
    assert_eq!(
        lab.wrong(text),
        "good | What the query writes into good would come back to it by c2. | Give the result another name."
    );
    assert!(lab.plan("INSERT INTO cheap SELECT id, fare FROM good").is_ok());
    let long = "SELECT COUNT(*) FROM rides WINDOW SESSION (1000000 DAYS) GROUP BY id";
    assert_eq!(lab.wrong(long), "1000000 DAYS | This is longer than 1000 years.");
    let long = "SELECT 1 FROM rides a JOIN good b WITHIN 1 DAY GRACE PERIOD 106751991167 DAYS ON a.id = b.id";
    assert_eq!(lab.wrong(long), "106751991167 DAYS | This is longer than 1000 years.");
}

/// The highest trees that can be read, on a stack smaller than the browser's.
#[test]
fn the_deepest_queries_need_little_stack() {
    let chain = vec!["a"; 250].join(" + ");
    let nested = format!("{}a{}", "CASE WHEN b THEN COALESCE(".repeat(30), ", 1) ELSE 2 END".repeat(30));
    for expr in [chain, nested] {
        let text = format!("SELECT a, {expr} AS v, SUM({expr}) AS s FROM any GROUP BY a, {expr}");
        let small = std::thread::Builder::new().stack_size(512 * 1024);
        let thread = small.spawn(move || {
            let rows = lab().run(&text.replace("SELECT a, ", "SELECT "), "any 1 k {\"a\":1,\"b\":true}");
            assert_eq!(rows.len(), 1);
        });
        thread.expect("a thread").join().expect("it fits");
    }
}
