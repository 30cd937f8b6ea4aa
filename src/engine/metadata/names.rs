//! Which names of topics, and which ids of static members, are legal (`org.apache.kafka.common.internals.Topic`).

const LENGTH_MAX: usize = 249;

/// The rule that a topic's name breaks, in the broker's words.
pub fn check_name(name: &str) -> Result<(), String> {
    check("Topic name", name)
}

/// The rule that a `group.instance.id` breaks, in the client's words (`JoinGroupRequest.validateGroupInstanceId`).
pub fn check_instance_id(id: &str) -> Result<(), String> {
    check("Group instance id", id)
}

fn check(what: &str, name: &str) -> Result<(), String> {
    let invalid = |why: String| Err(format!("{what} is invalid: {why}"));
    if name.is_empty() {
        return invalid("the empty string is not allowed".to_owned());
    }
    if name == "." || name == ".." {
        return invalid(format!("'{name}' is not allowed"));
    }
    if name.len() > LENGTH_MAX {
        return invalid(format!("the length of '{name}' is longer than the max allowed length {LENGTH_MAX}"));
    }
    if !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-')) {
        return invalid(format!("'{name}' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'"));
    }
    Ok(())
}

/// Names that differ only in `.` and `_` would share a metric's name.
pub fn collides(one: &str, other: &str) -> bool {
    one.replace('.', "_") == other.replace('.', "_")
}
