//! `TopicFilter.IncludeList`: a regular expression for topic names, where a comma means "or".

use crate::base::Pattern;
use crate::shell::cli::exception::Exception;

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct TopicFilter {
    pattern: Pattern,
}

impl TopicFilter {
    pub fn new(text: &str) -> Result<Self, Exception> {
        let regex = text.trim().replace(',', "|").replace(' ', "");
        let regex = regex.trim_matches(['"', '\'']);
        match Pattern::java(regex) {
            Ok(pattern) => Ok(Self { pattern }),
            Err(_) => Err(Exception::java("java.lang.RuntimeException", &format!("{regex} is an invalid regex."))),
        }
    }

    pub fn allows(&self, topic: &str) -> bool {
        self.pattern.matches(topic)
    }
}
