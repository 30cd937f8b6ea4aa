//! The lines that do something to the cluster itself, as `help` and Tab show them. What carries them out is the session.

/// A line's first word, what follows it, and what it does.
pub const FAULT_LINES: &[(&str, &str, &str)] = &[
    ("kill-broker", "N [--crash]", "ends a broker in an orderly way, or at once"),
    ("start-broker", "N", "starts it on the disk that it has"),
    ("kill-controller", "N [--crash]", "ends one of the controllers, where there are three"),
    ("start-controller", "N", "starts it again"),
    ("freeze-broker", "N", "lets a broker stand still"),
    ("thaw-broker", "N", "lets it go on"),
    ("wipe-disk", "N", "crashes a broker and empties its disk"),
    ("slow-disk", "N MILLISECONDS", "makes each of its writes take longer; 0 mends it"),
    ("cut", "HOSTS HOSTS", "lets nothing pass between these and those: cut 1 2,3 or cut controller 1"),
    ("slow-link", "HOSTS HOSTS MILLISECONDS", "makes each message take longer"),
    ("lossy-link", "HOSTS HOSTS PERCENT", "loses some messages, which are sent again"),
    ("slow-consumer", "NAME MILLISECONDS", "makes a consumer take so long for each record; 0: as before"),
    ("heal", "[HOSTS HOSTS]", "mends these links, or all"),
];
