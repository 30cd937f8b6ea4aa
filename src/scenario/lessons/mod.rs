//! Lives here: lessons: a script that is played several times, with one setting changed each time, to be compared.
//! Never here: how the runs are drawn (that is `view::compare` and the page).

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
    /// The topic whose first partition is looked at.
    pub topic: &'static str,
    /// The terminal whose producer is watched, and the records that are typed into it, one at a time.
    pub producer: &'static str,
    pub records: &'static [&'static str],
}

/// One run.
#[derive(PartialEq, Eq, Debug)]
pub struct Variant {
    pub title: &'static str,
    /// What stands where the script has `{NAME}`, and how the setting is called.
    pub settings: &'static [Setting],
}

#[derive(PartialEq, Eq, Debug)]
pub struct Setting {
    pub placeholder: &'static str,
    pub name: &'static str,
    pub value: &'static str,
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
pub const LESSONS: &[&Lesson] = &[&lost_record::LESSON];

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
