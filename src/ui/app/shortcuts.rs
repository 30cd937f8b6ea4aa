//! The shortcuts as the help lists them. What a key does is written where it is heard: `keys`, and the component that it is for.

/// A shortcut, as the help shows it.
pub struct Shortcut {
    pub keys: &'static [&'static str],
    pub does: &'static str,
}

/// Everything that keys do.
pub const SHORTCUTS: &[Shortcut] = &[
    Shortcut { keys: &["Space"], does: "Play or pause" },
    Shortcut { keys: &["P"], does: "Presenter: the stage fills the window; again, or Esc: leave" },
    Shortcut { keys: &["PgDn"], does: "In the presenter: on, to what the step shows or to the next one" },
    Shortcut { keys: &["PgUp"], does: "In the presenter: a step back" },
    Shortcut { keys: &["."], does: "Step: the next thing that happens" },
    Shortcut { keys: &[","], does: "Step back" },
    Shortcut { keys: &["Home"], does: "To the beginning" },
    Shortcut { keys: &["End"], does: "To the latest moment" },
    Shortcut { keys: &["+"], does: "Faster" },
    Shortcut { keys: &["−"], does: "Slower" },
    Shortcut { keys: &["Ctrl", "Z"], does: "Undo the last input" },
    Shortcut { keys: &["Ctrl", "Shift", "Z"], does: "Redo" },
    Shortcut { keys: &["1"], does: "Logs" },
    Shortcut { keys: &["2"], does: "Cluster" },
    Shortcut { keys: &["3"], does: "Records" },
    Shortcut { keys: &["4"], does: "Groups" },
    Shortcut { keys: &["S"], does: "To the story; unfolds it" },
    Shortcut { keys: &["I"], does: "To the card of what is chosen" },
    Shortcut { keys: &["`"], does: "To the terminal" },
    Shortcut { keys: &["L"], does: "Command log" },
    Shortcut { keys: &["←", "→"], does: "In a partition, the timeline or a lesson: walk" },
    Shortcut { keys: &["Esc"], does: "Close, cancel, or select nothing" },
    Shortcut { keys: &["?"], does: "This help" },
];

/// What keys do in the terminal.
pub const IN_TERMINAL: &[Shortcut] = &[
    Shortcut { keys: &["Enter"], does: "Run the command, or give the line to the program that runs" },
    Shortcut { keys: &["Ctrl", "C"], does: "Interrupt the program (with text selected: copy)" },
    Shortcut { keys: &["Ctrl", "D"], does: "End the program’s input" },
    Shortcut { keys: &["Tab"], does: "Complete; where there is nothing to complete, go on to the next control" },
    Shortcut { keys: &["Esc", "Tab"], does: "Leave without completing" },
    Shortcut { keys: &["↑", "↓"], does: "Earlier and later commands" },
    Shortcut { keys: &["Ctrl", "R"], does: "Search the earlier commands; again: the next older" },
    Shortcut { keys: &["Ctrl", "L"], does: "Clear the screen" },
    Shortcut { keys: &["Ctrl", "U"], does: "Drop the line" },
    Shortcut { keys: &["Ctrl", "F"], does: "Find in the output" },
    Shortcut { keys: &["Ctrl", "Enter"], does: "Let the clock run, where a program waits" },
    Shortcut { keys: &["Ctrl", "\\"], does: "Two terminals side by side, or one" },
    Shortcut { keys: &["F6"], does: "To the other one of two" },
];

/// What keys do on a broker, a link or a replica of the Cluster view.
pub const IN_CLUSTER: &[Shortcut] = &[
    Shortcut { keys: &["K"], does: "On a broker: stop it cleanly, or start it" },
    Shortcut { keys: &["C"], does: "On a broker: let it crash" },
    Shortcut { keys: &["F"], does: "On a broker: freeze or thaw it" },
    Shortcut { keys: &["D"], does: "On a broker: slow its disk, or mend it" },
    Shortcut { keys: &["R"], does: "On a broker: replace its disk by an empty one" },
    Shortcut { keys: &["X"], does: "On a link: cut it" },
    Shortcut { keys: &["W"], does: "On a link: slow it" },
    Shortcut { keys: &["Y"], does: "On a link: make it lossy" },
    Shortcut { keys: &["H"], does: "On a link: mend it" },
    Shortcut { keys: &["←", "→"], does: "To the next broker or replica" },
    Shortcut { keys: &["↑", "↓"], does: "On a replica: walk over its records" },
];

/// What keys do in the Groups view.
pub const IN_GROUP: &[Shortcut] = &[
    Shortcut { keys: &["S"], does: "On a member: stop it; it leaves the group, unless it is static" },
    Shortcut { keys: &["C"], does: "On a member: let it crash" },
    Shortcut { keys: &["W"], does: "On a member: let it take its time for each record, or no more" },
    Shortcut { keys: &["↑", "↓"], does: "To the next member, or step of a rebalance" },
    Shortcut { keys: &["Enter"], does: "On a step: take the clock there" },
];
