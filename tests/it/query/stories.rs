//! The questions that the stories ask.

use super::lab::{Lab, run};

/// Demand over supply by zone and minute: two tables with the same windows, joined.
#[test]
fn surge() {
    let lab = Lab::new(&[("requests", r#"{"zone":"A","rider":"p"}"#), ("taxis", r#"{"zone":"A","taxi":"t"}"#)]).with(
        "CREATE TABLE demand AS SELECT zone, COUNT(*) AS wanted FROM requests WINDOW TUMBLING (SIZE 1 MINUTE) GROUP BY zone;
         CREATE TABLE supply AS SELECT zone, COUNT(DISTINCT taxi) AS there FROM taxis WINDOW TUMBLING (SIZE 1 MINUTE) GROUP BY zone;",
    );
    let demand = lab.query("SELECT zone, COUNT(*) AS wanted FROM requests WINDOW TUMBLING (SIZE 1 MINUTE) GROUP BY zone");
    let wanted =
        run(&demand, "requests 1000 - {\"zone\":\"A\"}\nrequests 2000 - {\"zone\":\"A\"}\nrequests 61000 - {\"zone\":\"A\"}");
    assert_eq!(wanted[1], r#"2000 A@0-60000 {"zone":"A","wanted":2}"#);
    let surge = lab.query(
        "CREATE TABLE surge AS SELECT d.zone AS zone, CAST(d.wanted AS DOUBLE) / s.there AS factor, WINDOWSTART AS minute
         FROM demand d JOIN supply s ON d.zone = s.zone WHERE d.wanted > s.there",
    );
    // A windowed key is the key and the start of the window.
    let mut driver = kafka_playground::streams::TestDriver::new(surge.topology.clone(), 0);
    let mut pipe = |topic: &str, start: i64, value: &str| {
        let key = [b"A".as_slice(), &start.to_be_bytes()].concat();
        let input =
            kafka_playground::streams::Input { topic, key: Some(&key), value: Some(value.as_bytes()), timestamp: start + 1 };
        let outputs = driver.pipe(input).expect("it runs");
        let results = outputs.into_iter().filter(|output| output.topic == "surge").filter_map(|output| output.value);
        results.map(|value| String::from_utf8(value).expect("a text")).collect::<Vec<String>>()
    };
    assert!(pipe("demand", 0, r#"{"zone":"A","wanted":3}"#).is_empty());
    assert_eq!(pipe("supply", 0, r#"{"zone":"A","there":2}"#), [r#"{"zone":"A","factor":1.5,"minute":0}"#]);
    assert!(pipe("supply", 60_000, r#"{"zone":"A","there":1}"#).is_empty(), "another minute is another row");
    assert_eq!(pipe("demand", 60_000, r#"{"zone":"A","wanted":4}"#), [r#"{"zone":"A","factor":4.0,"minute":60000}"#]);
    assert!(surge.windowed.is_some() && surge.key[0].column.name == "zone");
}

/// Two rides at once for one rider.
#[test]
fn fraud_two_rides_at_once() {
    let lab = Lab::new(&[("rides", r#"{"id":"1","rider":"p"}"#)]);
    let twice = lab.run(
        "SELECT a.rider AS rider, a.id AS first, b.id AS second FROM rides a JOIN rides b WITHIN 1 MINUTE ON a.rider = b.rider
         WHERE a.id < b.id",
        "rides 1000 - {\"id\":\"1\",\"rider\":\"p\"}\nrides 5000 - {\"id\":\"2\",\"rider\":\"q\"}\n\
         rides 30000 - {\"id\":\"3\",\"rider\":\"p\"}\nrides 95000 - {\"id\":\"4\",\"rider\":\"p\"}",
    );
    assert_eq!(twice, [r#"30000 p {"rider":"p","first":"1","second":"3"}"#]);
}

/// A speed that no taxi has: between two positions of a taxi that follow each other closely.
#[test]
fn fraud_a_speed_that_no_taxi_has() {
    let lab = Lab::new(&[("positions", r#"{"taxi":"t","at":{"lat":52.5,"lon":13.4}}"#)]);
    let fast = lab.run(
        "SELECT a.taxi AS taxi,
                ROUND(GEO_DISTANCE(a.at->lat, a.at->lon, b.at->lat, b.at->lon) * 3600000 / (b.ROWTIME - a.ROWTIME)) AS kmh
         FROM positions a JOIN positions b WITHIN (0 SECONDS, 10 SECONDS) ON a.taxi = b.taxi
         WHERE b.ROWTIME > a.ROWTIME
           AND GEO_DISTANCE(a.at->lat, a.at->lon, b.at->lat, b.at->lon) * 3600000 / (b.ROWTIME - a.ROWTIME) > 200",
        "positions 0 - {\"taxi\":\"t\",\"at\":{\"lat\":52.5,\"lon\":13.4}}\n\
         positions 10000 - {\"taxi\":\"t\",\"at\":{\"lat\":52.501,\"lon\":13.4}}\n\
         positions 20000 - {\"taxi\":\"t\",\"at\":{\"lat\":52.601,\"lon\":13.4}}",
    );
    // 0.1 degrees are 11.12 km, in 10 seconds.
    assert_eq!(fast, [r#"20000 t {"taxi":"t","kmh":4003}"#]);
}

#[test]
fn enrichment() {
    let lab = Lab::new(&[("rides", r#"{"id":"1","driver":"d1","fare":5.0}"#), ("drivers", r#"{"name":"Ann","car":"V"}"#)])
        .with("CREATE TABLE drivers (id STRING PRIMARY KEY) WITH (KAFKA_TOPIC='drivers');");
    let rich = lab.run(
        "CREATE STREAM rides_with_drivers AS SELECT r.*, d.name, d.car FROM rides r LEFT JOIN drivers d ON r.driver = d.id",
        "drivers 0 d1 {\"name\":\"Ann\",\"car\":\"V\"}\nrides 5 1 {\"id\":\"1\",\"driver\":\"d1\",\"fare\":5.0}",
    );
    assert_eq!(rich, [r#"5 d1 {"id":"1","driver":"d1","fare":5.0,"name":"Ann","car":"V"}"#]);
}

const NEWS: &str = r#"
    news 1000 k {"channel":"world","severity":"high","title":"a"}
    news 2000 k {"channel":"local","severity":"low","title":"b"}
    news 3000 k {"channel":"world","severity":"low","title":"c"}
    news 50000 k {"channel":"world","severity":"high","title":"d"}"#;

fn news() -> Lab {
    Lab::new(&[("news", r#"{"channel":"world","severity":"high","title":"a"}"#)])
}

#[test]
fn routing_by_severity() {
    let alerts = news().run("CREATE STREAM alerts AS SELECT title FROM news WHERE severity = 'high'", NEWS);
    assert_eq!(alerts, [r#"1000 k {"title":"a"}"#, r#"50000 k {"title":"d"}"#]);
    let lab = news().with("CREATE STREAM alerts AS SELECT title, severity FROM news WHERE severity = 'high'");
    let rest =
        lab.query("INSERT INTO alerts SELECT title, 'raised' AS severity FROM news WHERE severity = 'low' AND channel = 'local'");
    assert!(rest.insert && rest.topic == "alerts");
    assert_eq!(run(&rest, NEWS), [r#"2000 k {"title":"b","severity":"raised"}"#]);
}

#[test]
fn counts_by_channel() {
    let counts = news().run(
        "SELECT channel, COUNT(*) AS n, COLLECT_LIST(title) AS titles FROM news WINDOW TUMBLING (SIZE 30 SECONDS) GROUP BY channel",
        NEWS,
    );
    assert_eq!(counts[2], r#"3000 world@0-30000 {"channel":"world","n":2,"titles":["a","c"]}"#);
    assert_eq!(counts[3], r#"50000 world@30000-60000 {"channel":"world","n":1,"titles":["d"]}"#);
}

/// A channel that says something after it was silent: an article without another shortly before it.
#[test]
fn gaps() {
    let gaps = news().run(
        "SELECT channel, COUNT(*) AS n, WINDOWSTART AS begins, WINDOWEND AS ends FROM news
         WINDOW SESSION (10 SECONDS, GRACE PERIOD 0 SECONDS) GROUP BY channel EMIT FINAL",
        NEWS,
    );
    assert_eq!(gaps.len(), 2, "{gaps:?}");
    assert_eq!(gaps[1], r#"3000 world@1000-3000 {"channel":"world","n":2,"begins":1000,"ends":3000}"#);
}
