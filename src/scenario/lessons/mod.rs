//! Lives here: lessons: a script that is played several times, with one setting changed each time, to be compared.
//! Never here: how the runs are drawn (that is `view::compare` and the page).

mod join;
mod lost_record;

/// A script, what is changed in it, and what is looked at.
#[derive(PartialEq, Eq, Debug)]
pub struct Lesson {
    pub name: &'static str,
    pub title: &'static str,
    pub text: &'static str,
    /// With `{NAME}` where the runs differ. `{bootstrap}` is all brokers' addresses.
    pub script: &'static str,
    pub brokers: u32,
    pub variants: &'static [Variant],
    pub steps: &'static [LessonStep],
    pub looks: Looks,
}

/// What is looked at in each run.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Looks {
    /// The replicas of a topic's first partition, and what became of the records.
    Replicas {
        topic: &'static str,
        /// The terminal whose producer is watched, and the records that are typed into it, one at a time.
        producer: &'static str,
        records: &'static [&'static str],
    },
    /// Who reads each partition of a group, from a moment on, when the group has come to rest, to the lesson's last step.
    Readers {
        group: &'static str,
        /// In simulated seconds.
        from_seconds: u64,
        /// When the script has a member join or leave.
        changes_seconds: &'static [u64],
    },
}

/// The kinds of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Looked {
    Replicas,
    Readers,
}

impl Looks {
    pub fn kind(self) -> Looked {
        match self {
            Self::Replicas { .. } => Looked::Replicas,
            Self::Readers { .. } => Looked::Readers,
        }
    }
}

/// One run.
#[derive(PartialEq, Eq, Debug)]
pub struct Variant {
    pub title: &'static str,
    pub settings: &'static [Setting],
}

#[derive(PartialEq, Eq, Debug)]
pub struct Setting {
    /// `{NAME}`, as the script has it.
    pub placeholder: &'static str,
    /// What stands there in the run.
    pub value: &'static str,
    /// `acks=1` and the like, above the run.
    pub shown: &'static str,
}

/// A moment to look at.
#[derive(PartialEq, Eq, Debug)]
pub struct LessonStep {
    /// In simulated seconds.
    pub at_seconds: u64,
    pub title: &'static str,
    pub text: &'static str,
}

/// All lessons.
pub const LESSONS: &[&Lesson] = &[&join::LESSON, &lost_record::LESSON];

/// The lesson of this name.
pub fn lesson(name: &str) -> Option<&'static Lesson> {
    LESSONS.iter().copied().find(|lesson| lesson.name == name)
}

impl Lesson {
    /// The script as all runs have it, with the placeholders of what differs.
    pub fn common_script(&self) -> String {
        let bootstrap: Vec<String> = (1..=self.brokers).map(|broker| format!("localhost:{}", 9091 + broker)).collect();
        self.script.replace("{bootstrap}", &bootstrap.join(","))
    }

    /// The script of a run.
    pub fn script_of(&self, variant: &Variant) -> String {
        let settings = variant.settings.iter();
        settings.fold(self.common_script(), |script, setting| script.replace(setting.placeholder, setting.value))
    }
}
