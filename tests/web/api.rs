//! The JavaScript API as a page's script meets it: through `window.playground`, with JavaScript's own values.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use kafka_playground::js::attach;
use kafka_playground::session::Session;
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

/// Runs a script's body and gives what it returns, as JSON.
fn script(body: &str) -> Result<String, String> {
    let wrapped = format!("const value = (() => {{ {body} }})(); return JSON.stringify(value === undefined ? null : value);");
    let result = js_sys::Function::new_no_args(&wrapped).call0(&JsValue::NULL);
    match result {
        Ok(value) => Ok(value.as_string().unwrap_or_default()),
        Err(error) => Err(error.unchecked_into::<js_sys::Error>().message().into()),
    }
}

fn attached() -> Rc<Cell<u32>> {
    let changes = Rc::new(Cell::new(0));
    let counted = changes.clone();
    let session = Rc::new(RefCell::new(Session::empty(1, 1, &[])));
    attach(session, Rc::new(move || counted.set(counted.get() + 1)));
    changes
}

#[wasm_bindgen_test]
fn a_script_creates_writes_and_reads() {
    let changes = attached();
    let created =
        script("return playground.run('kafka-topics.sh --create --topic rides --partitions 3 --bootstrap-server localhost:9092');");
    assert_eq!(created.as_deref(), Ok(r#"{"output":"Created topic rides.","exitCode":0}"#));
    assert!(changes.get() > 0, "the page is told to draw");
    let sent = script(
        "return playground.run('$ kafka-console-producer.sh --topic rides --bootstrap-server localhost:9092 \
         --reader-property parse.key=true --reader-property key.separator=:\\n> ride-7:hello\\n^D').exitCode;",
    );
    assert_eq!(sent.as_deref(), Ok("0"));
    let read = script(
        "const p = playground.partitions('rides').find(p => p.logEndOffset === 1); \
         const [record] = playground.records('rides', p.partition, 0, 10); \
         return [record.key, record.value, record.offset, record.headers, typeof record.timestamp, p.leader, p.highWatermark];",
    );
    assert_eq!(read.as_deref(), Ok(r#"["ride-7","hello",0,[],"number",1,1]"#));
    let topics = script("const [t] = playground.topics(); return [t.name, t.partitionCount, t.configs, t.internal];");
    assert_eq!(topics.as_deref(), Ok(r#"["rides",3,{},false]"#));
}

#[wasm_bindgen_test]
fn time_goes_on_and_back() {
    attached();
    assert_eq!(script("playground.advance(1500.5); return playground.now();").as_deref(), Ok("1500.5"));
    let same = script(
        "playground.run('kafka-topics.sh --create --topic t --bootstrap-server localhost:9092'); \
         const [hash, cursor] = [playground.hash(), playground.cursor()]; \
         playground.back(); const other = playground.hash(); playground.seek(cursor); \
         return [hash.length, hash === playground.hash(), hash === other];",
    );
    assert_eq!(same.as_deref(), Ok("[16,true,false]"));
    let loaded = script(
        "const text = playground.script(); playground.load('! seed 9\\n'); const none = playground.topics().length; \
         playground.load(text); return [none, playground.topics().length, playground.link().includes('#s=')];",
    );
    assert_eq!(loaded.as_deref(), Ok("[0,1,true]"));
}

#[wasm_bindgen_test]
fn a_bad_argument_is_an_error_that_says_what_was_expected() {
    attached();
    for (call, expected) in [
        ("playground.advance('soon')", "ms: expected a number of milliseconds"),
        ("playground.advance(-1)", "got -1"),
        ("playground.run(7)", "line: expected a string, got 7"),
        ("playground.run('no-such-command')", "no-such-command"),
        ("playground.partitions('nowhere')", "there is no topic 'nowhere'"),
        ("playground.records('nowhere', 1.5, 0, 1)", "partition: expected a whole number"),
        ("playground.seek(1e300)", "cursor: expected a whole number"),
        ("playground.load('nonsense')", "no line of a script"),
        ("playground.group()", "id: expected a string, got undefined"),
        ("new playground.constructor({ seeds: 1 })", "there is no option 'seeds'"),
        ("new playground.constructor({ brokers: 100 })", "a number from 1 to 99"),
        ("new playground.constructor(5)", "options: expected an object"),
    ] {
        match script(&format!("return {call};")) {
            // A command that is not there is the shell's word, as in a terminal.
            Ok(answer) => assert!(call.contains("no-such-command") && answer.contains("127"), "{call} gave {answer}"),
            Err(error) => assert!(error.contains(expected), "{call}: {error}"),
        }
    }
}

#[wasm_bindgen_test]
fn three_brokers_tell_how_they_are() {
    attached();
    let told = script(
        "const own = new playground.constructor({ seed: 1, brokers: 3 }); \
         own.run('kafka-topics.sh --create --topic t --replica-assignment 1:2:3 --bootstrap-server localhost:9092'); \
         const before = own.brokers().map(b => [b.id, b.rack, b.state, b.leads, b.replicas, b.controller]); \
         own.run('kill-broker 1'); own.advance(1000); \
         return [before, own.brokers().map(b => [b.state, b.leads]), own.partitions('t').map(p => [p.leader, p.isr, p.elr])];",
    );
    assert_eq!(
        told.as_deref(),
        Ok("[[[1,null,\"running\",1,1,false],[2,null,\"running\",0,1,false],[3,null,\"running\",0,1,false]],\
            [[\"down\",0],[\"running\",1],[\"running\",0]],[[2,[2,3],[]]]]")
    );
}

#[wasm_bindgen_test]
fn worlds_of_ones_own_are_apart() {
    attached();
    let apart = script(
        "const create = 'kafka-topics.sh --create --topic own --bootstrap-server localhost:9092'; \
         const [one, two] = [1, 2].map(() => new playground.constructor({ seed: 5 })); \
         one.run(create); two.run(create); \
         return [one.topics().length, playground.topics().length, one.hash() === two.hash()];",
    );
    assert_eq!(apart.as_deref(), Ok("[1,0,true]"));
}
