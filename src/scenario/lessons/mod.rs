//! Lives here: lessons: a script that is played several times, with one setting changed each time, to be compared.
//! Never here: how the runs are drawn (that is `view::compare` and the page).

mod lost_record;

/// A script, what is changed in it, and what is looked at.
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
pub struct Variant {
    pub title: &'static str,
    /// What stands where the script has `{NAME}`, and how the setting is called.
    pub settings: &'static [Setting],
}

pub struct Setting {
    pub placeholder: &'static str,
    pub name: &'static str,
    pub value: &'static str,
}

/// A moment to look at.
pub struct LessonStep {
    /// In simulated seconds.
    pub at_seconds: u64,
    pub title: &'static str,
    pub text: &'static str,
}

/// All lessons.
pub const LESSONS: &[&Lesson] = &[&lost_record::LESSON];

impl Lesson {
    /// The script of a run.
    pub fn script_of(&self, variant: &Variant) -> String {
        let bootstrap: Vec<String> = (1..=self.brokers).map(|broker| format!("localhost:{}", 9091 + broker)).collect();
        let script = self.script.replace("{bootstrap}", &bootstrap.join(","));
        variant.settings.iter().fold(script, |script, setting| script.replace(setting.placeholder, setting.value))
    }
}
