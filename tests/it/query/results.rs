//! Queries, what goes in, and what comes out, worked out by hand.

use super::lab::{Lab, columns};

const RIDE: &str = r#"{"id":"r1","zone":"A","fare":2.5,"km":3,"rider":"p","tags":["x"],"to":{"lat":1.5,"name":"n"},"ok":true}"#;

fn lab() -> Lab {
    Lab::new(&[("rides", RIDE), ("any", ""), ("drivers", r#"{"name":"n","car":"c","rank":1}"#)])
        .with("CREATE TABLE drivers (id STRING PRIMARY KEY, name STRING, car STRING, rank INT) WITH (KAFKA_TOPIC='drivers');")
}

fn check(query: &str, input: &str, expected: &str) {
    let lab = lab();
    let got = lab.run(query, input);
    let expected: Vec<&str> = expected.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    assert_eq!(got, expected, "{query}");
}

/// One expression over one record of any kind.
fn value(expr: &str, record: &str) -> String {
    let rows = lab().run(&format!("SELECT {expr} AS v FROM any"), &format!("any 1700000000000 k {record}"));
    let row = rows.first().unwrap_or_else(|| panic!("{expr} gives no row"));
    row.strip_prefix("1700000000000 k {\"v\":").and_then(|row| row.strip_suffix('}')).unwrap_or(row).to_owned()
}

#[test]
fn records_are_chosen_and_their_fields_too() {
    let rides = r#"
        rides 10 k1 {"id":"1","zone":"A","fare":5,"to":{"lat":2}}
        rides 20 k2 {"id":"2","zone":"B","fare":1}
        rides 30 - {"id":"3","zone":"A","fare":7}
        rides 40 k4 -"#;
    check(
        "SELECT id, fare * 2 AS twice FROM rides WHERE zone = 'A'",
        rides,
        r#"10 k1 {"id":"1","twice":10}
           30 - {"id":"3","twice":14}"#,
    );
    check(
        "SELECT to->lat, to.lat AS again, rides.to->lat AS third FROM rides WHERE fare = 5",
        rides,
        r#"10 k1 {"lat":2,"again":2,"third":2}"#,
    );
    check("SELECT id FROM rides r WHERE r.fare > 4 AND NOT r.zone = 'B' AND r.id <> '3'", rides, r#"10 k1 {"id":"1"}"#);
    check("SELECT ROWKEY AS k, ROWTIME AS t, id FROM rides WHERE zone = 'B'", rides, r#"20 k2 {"k":"k2","t":20,"id":"2"}"#);
    check("SELECT * FROM any", "any 5 k {\"b\":1,\"a\":[1,2]}", r#"5 k {"b":1,"a":[1,2]}"#);
    check("SELECT *, a + 1 AS more FROM any", "any 5 k {\"b\":1,\"a\":2}", r#"5 k {"b":1,"a":2,"more":3}"#);
    check("SELECT fare FROM rides", "rides 40 k4 -", "40 k4 -");
    check("SELECT zone, 1 + 1 FROM rides", "rides 1 k {\"zone\":\"A\"}", r#"1 k {"zone":"A","KSQL_COL_1":2}"#);
    check("SELECT id FROM rides PARTITION BY zone", rides, "10 A {\"id\":\"1\"}\n20 B {\"id\":\"2\"}\n30 A {\"id\":\"3\"}\n40 - -");
}

#[test]
fn a_declared_key_is_a_field() {
    let lab = Lab::new(&[("numbers", "{\"x\":1}")])
        .with("CREATE STREAM n (id INT KEY) WITH (KAFKA_TOPIC='numbers'); CREATE STREAM m (id STRING KEY, x INT) WITH (KAFKA_TOPIC='numbers')");
    assert_eq!(lab.run("SELECT id, id + x AS sum FROM n", "numbers 1 4 {\"x\":3}"), [r#"1 4 {"id":4,"sum":7}"#]);
    assert_eq!(lab.run("SELECT * FROM m", "numbers 1 4 {\"x\":3,\"y\":1}"), [r#"1 4 {"id":"4","x":3}"#]);
    let plan = lab.query("CREATE STREAM o AS SELECT id AS number, x FROM n");
    assert_eq!((plan.key[0].column.name.as_str(), columns(&plan).as_str()), ("number", "number BIGINT, x BIGINT"));
}

#[test]
fn numbers_texts_and_times() {
    for (expr, record, expected) in [
        ("a + b", r#"{"a":1,"b":2}"#, "3"),
        ("a / b", r#"{"a":7,"b":2}"#, "3"),
        ("a / b", r#"{"a":7,"b":0}"#, "null"),
        ("a / b", r#"{"a":7.0,"b":2}"#, "3.5"),
        ("a % 4 - -1", r#"{"a":7}"#, "4"),
        ("-a", r#"{"a":2.5}"#, "-2.5"),
        ("a + 1", r#"{"a":"x"}"#, "null"),
        ("a + 1", "{}", "null"),
        ("a || '-' || b", r#"{"a":1,"b":"x"}"#, "\"1-x\""),
        ("a || b", r#"{"a":1}"#, "null"),
        ("a BETWEEN 1 AND 3", r#"{"a":3}"#, "true"),
        ("a NOT BETWEEN 1 AND 3", r#"{"a":3}"#, "false"),
        ("a BETWEEN 1 AND b", r#"{"a":0}"#, "false"),
        ("a IN (1, 2)", r#"{"a":2.0}"#, "true"),
        ("a IN (1, b)", r#"{"a":3}"#, "null"),
        ("a NOT IN ('x')", r#"{"a":"y"}"#, "true"),
        ("a LIKE 'B%n_'", r#"{"a":"Bernau"}"#, "false"),
        ("a LIKE 'B%n_u'", r#"{"a":"Bernau"}"#, "true"),
        ("a LIKE '%a%a%'", r#"{"a":"banana"}"#, "true"),
        ("a LIKE ''", r#"{"a":"b"}"#, "false"),
        ("a IS NULL OR b", r#"{"b":false}"#, "true"),
        ("a AND b", r#"{"b":false}"#, "false"),
        ("NOT a", "{}", "null"),
        ("CASE WHEN a > 1 THEN 'big' WHEN a = 1 THEN 'one' END", r#"{"a":1}"#, "\"one\""),
        ("CASE WHEN a > 1 THEN 'big' END", r#"{"a":1}"#, "null"),
        ("CASE a WHEN 1 THEN 'x' WHEN 2 THEN 'y' ELSE 'z' END", r#"{"a":2}"#, "\"y\""),
        ("CASE a WHEN 1 THEN 'x' ELSE 'z' END", "{}", "\"z\""),
        ("CAST(a AS INT)", r#"{"a":"12"}"#, "12"),
        ("CAST(a AS BIGINT)", r#"{"a":-2.9}"#, "-2"),
        ("CAST(a AS INT)", r#"{"a":3000000000}"#, "null"),
        ("CAST(a AS DOUBLE)", r#"{"a":"1e2"}"#, "100.0"),
        ("CAST(a AS DOUBLE)", r#"{"a":"inf"}"#, "null"),
        ("CAST(a AS STRING)", r#"{"a":[1,{"b":2}]}"#, r#""[1,{\"b\":2}]""#),
        ("CAST(a AS BOOLEAN)", r#"{"a":"TRUE"}"#, "true"),
        ("CAST(a AS ARRAY<INT>)", r#"{"a":["1","x"]}"#, "[1,null]"),
        ("CAST(a AS MAP<STRING, STRING>)", r#"{"a":{"b":1}}"#, r#"{"b":"1"}"#),
        ("a[1] + a[-1]", r#"{"a":[1,2,3]}"#, "4"),
        ("a[9]", r#"{"a":[1,2,3]}"#, "null"),
        ("a['b c']", r#"{"a":{"b c":5}}"#, "5"),
        ("ABS(a)", r#"{"a":-3}"#, "3"),
        ("CEIL(a) + FLOOR(b)", r#"{"a":1.2,"b":-1.2}"#, "0.0"),
        ("ROUND(a)", r#"{"a":2.5}"#, "3"),
        ("ROUND(a)", r#"{"a":-2.5}"#, "-2"),
        ("ROUND(a, 1)", r#"{"a":2.25}"#, "2.3"),
        ("ROUND(a, -2)", r#"{"a":1250}"#, "1300.0"),
        ("SQRT(a)", r#"{"a":9}"#, "3.0"),
        ("SQRT(a)", r#"{"a":-9}"#, "null"),
        ("SIGN(a)", r#"{"a":-0.5}"#, "-1"),
        ("GREATEST(a, b, 2)", r#"{"a":3}"#, "3"),
        ("LEAST(a, b)", r#"{"a":"x","b":"c"}"#, "\"c\""),
        ("LEN(a)", r#"{"a":"größe"}"#, "5"),
        ("LCASE(a) || UCASE(a)", r#"{"a":"Ab"}"#, "\"abAB\""),
        ("TRIM(a)", r#"{"a":"  b "}"#, "\"b\""),
        ("SUBSTRING(a, 2)", r#"{"a":"kafka"}"#, "\"afka\""),
        ("SUBSTRING(a, -3, 2)", r#"{"a":"kafka"}"#, "\"fk\""),
        ("CONCAT(a, 1, TRUE)", r#"{"a":"x"}"#, "\"x1true\""),
        ("REPLACE(a, 'a', '')", r#"{"a":"kafka"}"#, "\"kfk\""),
        ("SPLIT(a, ',')", r#"{"a":"x,,y"}"#, r#"["x","","y"]"#),
        ("SPLIT(a, '/')[2]", r#"{"a":"x/y"}"#, "\"y\""),
        ("INSTR(a, 'ka')", r#"{"a":"kafka"}"#, "1"),
        ("INSTR(a, 'z')", r#"{"a":"kafka"}"#, "0"),
        ("COALESCE(a, b, 3)", r#"{"b":2}"#, "2"),
        ("IFNULL(a, 'none')", "{}", "\"none\""),
        ("NULLIF(a, 0)", r#"{"a":0}"#, "null"),
        ("NULLIF(a, 0)", r#"{"a":1}"#, "1"),
        ("AS_VALUE(ROWKEY)", "{}", "\"k\""),
        ("TIMESTAMPTOSTRING(ROWTIME, 'yyyy-MM-dd''T''HH:mm:ss.SSS')", "{}", "\"2023-11-14T22:13:20.000\""),
        ("TIMESTAMPTOSTRING(a, 'd.M.yy ''at'' H:m', 'UTC')", r#"{"a":61000}"#, "\"1.1.70 at 0:1\""),
        ("ROUND(GEO_DISTANCE(a, b, 48.8566, 2.3522), 3)", r#"{"a":52.52,"b":13.405}"#, "877.463"),
        ("ROUND(GEO_DISTANCE(0, 0, 0, 180, 'MI'))", "{}", "12438"),
        ("GEO_DISTANCE(0, 0, 100, 0)", "{}", "null"),
        ("a->b->c", r#"{"a":"{\"b\":{\"c\":1}}"}"#, "1"),
    ] {
        assert_eq!(value(expr, record), expected, "{expr} of {record}");
    }
}

const FARES: &str = r#"
    rides 1000 a {"zone":"A","fare":4,"rider":"p"}
    rides 2000 b {"zone":"B","fare":1,"rider":"q"}
    rides 3000 c {"zone":"A","fare":6,"rider":"p"}
    rides 4000 d {"fare":9}
    rides 61000 e {"zone":"A","fare":2,"rider":"s"}"#;

#[test]
fn groups_have_aggregates() {
    check(
        "SELECT zone, COUNT(*) AS n, SUM(fare) AS total, AVG(fare) AS mean FROM rides GROUP BY zone",
        FARES,
        r#"1000 A {"zone":"A","n":1,"total":4.0,"mean":4.0}
           2000 B {"zone":"B","n":1,"total":1.0,"mean":1.0}
           3000 A {"zone":"A","n":2,"total":10.0,"mean":5.0}
           61000 A {"zone":"A","n":3,"total":12.0,"mean":4.0}"#,
    );
    let fares = FARES.replace("rides", "any");
    let last = |aggregate: &str| {
        let rows = lab().run(&format!("SELECT {aggregate} AS v FROM any WHERE zone IS NOT NULL GROUP BY 'all'"), &fares);
        rows.last().expect("a row").trim_start_matches("61000 all ").to_owned()
    };
    for (aggregate, expected) in [
        ("COUNT(*)", "4"),
        ("COUNT(nothing)", "0"),
        ("COUNT(DISTINCT zone)", "2"),
        ("COUNT_DISTINCT(rider)", "3"),
        ("SUM(fare)", "13"),
        ("SUM(zone)", "0"),
        ("AVG(fare)", "3.25"),
        ("AVG(zone)", "null"),
        ("MIN(fare)", "1"),
        ("MAX(rider)", "\"s\""),
        ("LATEST_BY_OFFSET(zone)", "\"A\""),
        ("EARLIEST_BY_OFFSET(rider)", "\"p\""),
        ("COLLECT_LIST(zone)", r#"["A","B","A","A"]"#),
        ("COLLECT_SET(zone)", r#"["A","B"]"#),
        ("TOPK(fare, 2)", "[6,4]"),
        ("MAX(fare) - MIN(fare) + COUNT(*) * 10", "45"),
        ("CASE WHEN COUNT(*) > 3 THEN 'many' ELSE 'few' END", "\"many\""),
    ] {
        assert_eq!(last(aggregate), format!("{{\"v\":{expected}}}"), "{aggregate}");
    }
}

#[test]
fn groups_by_several_things_and_by_the_key() {
    check(
        "SELECT zone, rider, COUNT(*) AS n FROM rides GROUP BY zone, rider",
        FARES,
        r#"1000 {"zone":"A","rider":"p"} {"zone":"A","rider":"p","n":1}
           2000 {"zone":"B","rider":"q"} {"zone":"B","rider":"q","n":1}
           3000 {"zone":"A","rider":"p"} {"zone":"A","rider":"p","n":2}
           61000 {"zone":"A","rider":"s"} {"zone":"A","rider":"s","n":1}"#,
    );
    check(
        "SELECT UCASE(zone) || '!' AS z, COUNT(*) AS n FROM rides r GROUP BY UCASE(r.zone) HAVING COUNT(*) > 1",
        FARES,
        "3000 A {\"z\":\"A!\",\"n\":2}\n61000 A {\"z\":\"A!\",\"n\":3}",
    );
    check("SELECT zone, COUNT(*) AS n FROM rides r GROUP BY r.zone HAVING zone = 'B'", FARES, "2000 B {\"zone\":\"B\",\"n\":1}");
    let plan = lab().query("SELECT ROWKEY AS k, COUNT(*) AS n FROM rides GROUP BY ROWKEY");
    assert!(plan.topology.internal_topics.is_empty(), "what has the key already is not moved");
    check(
        "SELECT ROWKEY AS k, COUNT(*) AS n FROM rides GROUP BY ROWKEY",
        "rides 1 x {}\nrides 2 x {}\nrides 3 x -",
        "1 x {\"k\":\"x\",\"n\":1}\n2 x {\"k\":\"x\",\"n\":2}",
    );
    let plan =
        lab().query("CREATE TABLE t AS SELECT zone AS z, COUNT(*) AS n, AVG(fare) AS mean, MIN(id) AS id FROM rides GROUP BY zone");
    assert_eq!(columns(&plan), "z STRING, n BIGINT, mean DOUBLE, id STRING");
    assert_eq!((plan.key[0].column.name.as_str(), plan.partitions, plan.windowed), ("z", 3, None));
}

#[test]
fn windows_divide_time() {
    check(
        "SELECT zone, COUNT(*) AS n, WINDOWSTART AS s, WINDOWEND AS e FROM rides WINDOW TUMBLING (SIZE 1 MINUTE) GROUP BY zone",
        FARES,
        r#"1000 A@0-60000 {"zone":"A","n":1,"s":0,"e":60000}
           2000 B@0-60000 {"zone":"B","n":1,"s":0,"e":60000}
           3000 A@0-60000 {"zone":"A","n":2,"s":0,"e":60000}
           61000 A@60000-120000 {"zone":"A","n":1,"s":60000,"e":120000}"#,
    );
    check(
        "SELECT COUNT(*) AS n FROM rides WINDOW HOPPING (SIZE 2 SECONDS, ADVANCE BY 1 SECOND) WHERE zone = 'B' GROUP BY zone",
        FARES,
        "2000 B@1000-3000 {\"n\":1}\n2000 B@2000-4000 {\"n\":1}",
    );
    check(
        "SELECT SUM(fare) AS total FROM rides WINDOW SESSION (5 SECONDS) GROUP BY zone",
        FARES,
        r#"1000 A@1000-1000 {"total":4.0}
           2000 B@2000-2000 {"total":1.0}
           1000 A@1000-1000 -
           3000 A@1000-3000 {"total":10.0}
           61000 A@61000-61000 {"total":2.0}"#,
    );
    check(
        "SELECT MAX(fare) AS most FROM rides WINDOW SLIDING (SIZE 2 SECONDS) WHERE zone = 'A' GROUP BY zone",
        FARES,
        r#"1000 A@0-2000 {"most":4}
           3000 A@1001-3001 {"most":6}
           3000 A@1000-3000 {"most":6}
           61000 A@59000-61000 {"most":2}"#,
    );
}

#[test]
fn a_final_result_comes_once() {
    check(
        "SELECT zone, COUNT(*) AS n FROM rides WINDOW TUMBLING (SIZE 10 SECONDS, GRACE PERIOD 5 SECONDS) \
         GROUP BY zone HAVING COUNT(*) > 1 EMIT FINAL",
        "rides 1000 a {\"zone\":\"A\"}\nrides 2000 b {\"zone\":\"B\"}\nrides 3000 c {\"zone\":\"A\"}\nrides 14000 d {\"zone\":\"B\"}\nrides 15000 d {\"zone\":\"B\"}",
        r#"3000 A@0-10000 {"zone":"A","n":2}"#,
    );
    let plan = lab().query("SELECT COUNT(*) FROM rides WINDOW TUMBLING (SIZE 10 SECONDS) GROUP BY zone EMIT FINAL");
    assert!(plan.notes[0].contains("24 hours"), "{:?}", plan.notes);
}

const DRIVERS: &str = r#"
    drivers 0 d1 {"name":"Ann","rank":1}
    drivers 0 d2 {"name":"Bob","rank":2}
    any 10 x {"driver":"d1","fare":5}
    any 20 y {"driver":"d3","fare":6}
    drivers 30 d3 {"name":"Cy","rank":1}
    any 40 z {"driver":"d3","fare":7}
    any 50 - {"driver":"d2","fare":8}
    any 60 w {"fare":9}"#;

#[test]
fn streams_are_enriched_from_tables() {
    check(
        "SELECT a.driver, d.name, a.fare FROM any a JOIN drivers d ON a.driver = d.id",
        DRIVERS,
        r#"10 d1 {"driver":"d1","name":"Ann","fare":5}
           40 d3 {"driver":"d3","name":"Cy","fare":7}
           50 d2 {"driver":"d2","name":"Bob","fare":8}"#,
    );
    check(
        "SELECT a.fare, d.name FROM any a LEFT JOIN drivers d ON d.id = a.driver WHERE d.name IS NULL",
        DRIVERS,
        "20 d3 {\"fare\":6,\"name\":null}\n60 - {\"fare\":9,\"name\":null}",
    );
    check(
        "SELECT d.name AS who, SUM(a.fare) AS earned FROM any a JOIN drivers d ON a.driver = d.id GROUP BY d.name HAVING SUM(a.fare) > 6",
        DRIVERS,
        "40 Cy {\"who\":\"Cy\",\"earned\":7}\n50 Bob {\"who\":\"Bob\",\"earned\":8}",
    );
    check(
        "SELECT a.ROWTIME AS t, a.ROWKEY AS k, d.ROWTIME AS since, ROWKEY AS id FROM any a JOIN drivers d ON a.driver = d.ROWKEY",
        DRIVERS,
        r#"10 d1 {"t":10,"k":"x","since":0,"id":"d1"}
           40 d3 {"t":40,"k":"z","since":30,"id":"d3"}
           50 d2 {"t":50,"k":null,"since":0,"id":"d2"}"#,
    );
}

#[test]
fn streams_meet_within_a_time() {
    let lab = Lab::new(&[("orders", r#"{"id":"1","city":"B"}"#), ("paid", r#"{"order":"1","sum":5}"#)]);
    let input = r#"
        orders 1000 - {"id":"1","city":"B"}
        paid 2000 - {"order":"1","sum":5}
        paid 3000 - {"order":"2","sum":6}
        orders 9000 - {"id":"2","city":"C"}
        orders 30000 - {"id":"3","city":"D"}"#;
    let sql =
        |kind: &str, within: &str| format!("SELECT o.id, p.sum FROM orders o {kind} JOIN paid p WITHIN {within} ON o.id = p.order");
    assert_eq!(lab.run(&sql("", "5 SECONDS"), input), [r#"2000 1 {"id":"1","sum":5}"#]);
    assert_eq!(lab.run(&sql("", "(10 SECONDS, 0 SECONDS)"), input), [r#"9000 2 {"id":"2","sum":6}"#]);
    let full = lab.run(&sql("FULL", "5 SECONDS"), input);
    assert_eq!(full, [r#"2000 1 {"id":"1","sum":5}"#, r#"3000 2 {"id":null,"sum":6}"#, r#"9000 2 {"id":"2","sum":null}"#]);
    // Of topics of which nothing is known, names before a dot are still those of sources.
    let open = Lab::new(&[("orders", ""), ("paid", "")]);
    let turned = open.run("SELECT o.id, p.sum FROM orders o JOIN paid p WITHIN 5 SECONDS ON p.order = o.id", input);
    assert_eq!(turned, [r#"2000 1 {"id":"1","sum":5}"#]);
    let all = lab.run("SELECT * FROM orders o JOIN paid p WITHIN 5 SECONDS GRACE PERIOD 1 SECOND ON o.id = p.order", input);
    assert_eq!(all, [r#"2000 1 {"id":"1","city":"B","order":"1","sum":5}"#]);
}

#[test]
fn tables_meet_by_key_and_by_a_field() {
    let lab = Lab::new(&[("a", ""), ("b", "")]).with(
        "CREATE TABLE a (id STRING PRIMARY KEY, x INT, other STRING) WITH (KAFKA_TOPIC='a'); \
         CREATE TABLE b (id STRING PRIMARY KEY, y INT) WITH (KAFKA_TOPIC='b');",
    );
    let input = r#"
        a 1 k {"x":1,"other":"z"}
        b 2 k {"y":2}
        b 3 z {"y":3}
        a 4 k {"x":4,"other":"z"}
        b 5 k -"#;
    let joined = lab.run("SELECT a.id, x, y FROM a JOIN b ON a.id = b.id", input);
    assert_eq!(joined, [r#"2 k {"id":"k","x":1,"y":2}"#, r#"4 k {"id":"k","x":4,"y":2}"#, "5 k -"]);
    let full = lab.run("SELECT x, y FROM a FULL OUTER JOIN b ON a.id = b.id", input);
    assert_eq!(
        full,
        [
            r#"1 k {"x":1,"y":null}"#,
            r#"2 k {"x":1,"y":2}"#,
            r#"3 z {"x":null,"y":3}"#,
            r#"4 k {"x":4,"y":2}"#,
            r#"5 k {"x":4,"y":null}"#,
        ]
    );
    let foreign = lab.run("SELECT a.id, x, y FROM a JOIN b ON a.other = b.id", input);
    assert_eq!(foreign, [r#"3 k {"id":"k","x":1,"y":3}"#, r#"4 k {"id":"k","x":4,"y":3}"#]);
    let left = lab.run("SELECT x, b.y FROM a LEFT JOIN b ON a.other = b.id", input);
    assert_eq!(left, [r#"1 k {"x":1,"y":null}"#, r#"3 k {"x":1,"y":3}"#, r#"4 k {"x":4,"y":3}"#]);
}

#[test]
fn tables_change_and_are_grouped_anew() {
    check(
        "SELECT id, rank * 10 AS r FROM drivers WHERE rank < 2",
        "drivers 1 d1 {\"rank\":1}\ndrivers 2 d1 {\"rank\":2}\ndrivers 3 d2 -",
        "1 d1 {\"id\":\"d1\",\"r\":10}\n2 d1 -\n3 d2 -",
    );
    check(
        "SELECT rank, COUNT(*) AS n, COLLECT_LIST(name) AS names FROM drivers GROUP BY rank",
        "drivers 1 d1 {\"rank\":1,\"name\":\"Ann\"}\ndrivers 2 d2 {\"rank\":1,\"name\":\"Bob\"}\ndrivers 3 d1 {\"rank\":2,\"name\":\"Ann\"}\ndrivers 4 d2 -",
        r#"1 1 {"rank":1,"n":1,"names":["Ann"]}
           2 1 {"rank":1,"n":2,"names":["Ann","Bob"]}
           3 1 {"rank":1,"n":1,"names":["Bob"]}
           3 2 {"rank":2,"n":1,"names":["Ann"]}
           4 1 {"rank":1,"n":0,"names":[]}"#,
    );
}

#[test]
fn arrays_become_records() {
    let input = "any 1 k {\"id\":1,\"tags\":[\"x\",\"y\"]}\nany 2 k {\"id\":2,\"tags\":[]}\nany 3 l {\"id\":3,\"tags\":[\"x\"]}";
    check(
        "SELECT id, EXPLODE(tags) AS tag FROM any WHERE id <> 3",
        input,
        "1 k {\"id\":1,\"tag\":\"x\"}\n1 k {\"id\":1,\"tag\":\"y\"}",
    );
    check(
        "SELECT UCASE(EXPLODE(tags)) AS tag, COUNT(*) AS n FROM any GROUP BY UCASE(EXPLODE(tags))",
        input,
        "1 X {\"tag\":\"X\",\"n\":1}\n1 Y {\"tag\":\"Y\",\"n\":1}\n3 X {\"tag\":\"X\",\"n\":2}",
    );
    check("SELECT id FROM any PARTITION BY id", input, "1 1 {\"id\":1}\n2 2 {\"id\":2}\n3 3 {\"id\":3}");
    check(
        "SELECT EXPLODE(tags) AS tag FROM any PARTITION BY id",
        input,
        "1 1 {\"tag\":\"x\"}\n1 1 {\"tag\":\"y\"}\n3 3 {\"tag\":\"x\"}",
    );
}
