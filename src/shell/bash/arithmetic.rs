//! `$((…))`, `((…))` and `let`: whole numbers of 64 bits, as bash reckons with them.

use super::lexer::is_name;
use super::variables::Variables;

/// Brackets in brackets, and variables that stand for expressions.
const DEPTH_MAX: u32 = 30;

/// Binary operators by how strongly they bind, the weakest first.
const LEVELS: &[&[&str]] = &[
    &["||"],
    &["&&"],
    &["|"],
    &["^"],
    &["&"],
    &["==", "!="],
    &["<=", ">=", "<", ">"],
    &["<<", ">>"],
    &["+", "-"],
    &["*", "/", "%"],
];

/// Operators that may follow a variable, to change it.
const ASSIGNMENTS: &[&str] = &["<<=", ">>=", "+=", "-=", "*=", "/=", "%=", "&=", "^=", "|=", "="];

/// The value of an expression; an error as bash words it.
pub fn evaluate(text: &str, variables: &mut Variables) -> Result<i64, String> {
    nested(text, variables, 0).map_err(|why| format!("bash: line 1: {why}"))
}

fn nested(text: &str, variables: &mut Variables, depth: u32) -> Result<i64, String> {
    let mut evaluator = Evaluator { text, at: 0, variables, depth, dead: false };
    evaluator.blanks();
    if evaluator.rest().is_empty() {
        return Ok(0);
    }
    let value = evaluator.comma()?;
    match evaluator.rest() {
        "" => Ok(value),
        _ => Err(evaluator.wrong("syntax error in expression")),
    }
}

struct Evaluator<'a> {
    text: &'a str,
    at: usize,
    variables: &'a mut Variables,
    depth: u32,
    /// What stands here is not wanted: `0 && x++` changes nothing.
    dead: bool,
}

impl<'a> Evaluator<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn blanks(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start().len();
    }

    fn wrong(&self, what: &str) -> String {
        format!("{}: {what} (error token is \"{}\")", self.text.trim_start(), self.rest())
    }

    fn eat(&mut self, text: &str) -> bool {
        let found = self.rest().starts_with(text);
        if found {
            self.at += text.len();
            self.blanks();
        }
        found
    }

    /// Does this binary operator stand here, and not a longer one?
    fn operator(&mut self, operators: &[&'static str]) -> Option<&'static str> {
        let rest = self.rest();
        let found = *operators.iter().find(|operator| rest.starts_with(**operator))?;
        let after = rest[found.len()..].chars().next();
        let longer = match found {
            "|" | "&" => after == found.chars().next() || after == Some('='),
            "<" | ">" => after == found.chars().next(),
            "*" => matches!(after, Some('*' | '=')),
            "==" | "!=" | "<=" | ">=" | "||" | "&&" => false,
            _ => after == Some('='),
        };
        if longer {
            return None;
        }
        self.eat(found);
        Some(found)
    }

    fn comma(&mut self) -> Result<i64, String> {
        loop {
            let value = self.choice()?;
            if !self.eat(",") {
                return Ok(value);
            }
        }
    }

    /// `a ? b : c`
    fn choice(&mut self) -> Result<i64, String> {
        let test = self.binary(0)?;
        if !self.eat("?") {
            return Ok(test);
        }
        let dead = self.dead;
        self.dead = dead || test == 0;
        let first = self.comma()?;
        if !self.eat(":") {
            return Err(self.wrong("`:' expected for conditional expression"));
        }
        self.dead = dead || test != 0;
        let second = self.choice()?;
        self.dead = dead;
        Ok(if test != 0 { first } else { second })
    }

    fn binary(&mut self, level: usize) -> Result<i64, String> {
        let Some(operators) = LEVELS.get(level) else { return self.power() };
        let mut left = self.binary(level + 1)?;
        while let Some(operator) = self.operator(operators) {
            let dead = self.dead;
            self.dead = dead || (operator == "&&" && left == 0) || (operator == "||" && left != 0);
            let from = self.at;
            let right = self.binary(level + 1)?;
            left = match self.reckon(operator, left, right) {
                Err(why) => {
                    self.at = from;
                    return Err(self.wrong(&why));
                }
                Ok(value) => value,
            };
            self.dead = dead;
        }
        Ok(left)
    }

    fn reckon(&self, operator: &str, left: i64, right: i64) -> Result<i64, String> {
        let shift = u32::try_from(right & 63).unwrap_or(0);
        Ok(match operator {
            "||" => i64::from(left != 0 || right != 0),
            "&&" => i64::from(left != 0 && right != 0),
            "|" => left | right,
            "^" => left ^ right,
            "&" => left & right,
            "==" => i64::from(left == right),
            "!=" => i64::from(left != right),
            "<=" => i64::from(left <= right),
            ">=" => i64::from(left >= right),
            "<" => i64::from(left < right),
            ">" => i64::from(left > right),
            "<<" => left.wrapping_shl(shift),
            ">>" => left.wrapping_shr(shift),
            "+" => left.wrapping_add(right),
            "-" => left.wrapping_sub(right),
            "*" => left.wrapping_mul(right),
            "/" | "%" if right == 0 && self.dead => 0,
            "/" | "%" if right == 0 => return Err("division by 0".to_owned()),
            "/" => left.wrapping_div(right),
            _ => left.wrapping_rem(right),
        })
    }

    fn power(&mut self) -> Result<i64, String> {
        let base = self.unary()?;
        if !self.eat("**") {
            return Ok(base);
        }
        let exponent = self.power()?;
        match u32::try_from(exponent) {
            Ok(exponent) => Ok(base.wrapping_pow(exponent)),
            Err(_) => Err(self.wrong("exponent less than 0")),
        }
    }

    fn unary(&mut self) -> Result<i64, String> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err(self.wrong("expression recursion level exceeded"));
        }
        let value = if self.rest().starts_with("++") || self.rest().starts_with("--") {
            let by = if self.rest().starts_with('+') { 1 } else { -1 };
            self.at += 2;
            self.blanks();
            let name = self.name();
            self.change(&name, by)?.wrapping_add(by)
        } else if self.eat("!") {
            i64::from(self.unary()? == 0)
        } else if self.eat("~") {
            !self.unary()?
        } else if self.eat("-") {
            self.unary()?.wrapping_neg()
        } else if self.eat("+") {
            self.unary()?
        } else {
            self.operand()?
        };
        self.depth -= 1;
        Ok(value)
    }

    fn name(&mut self) -> String {
        let rest = self.rest();
        let end = rest.find(|char: char| !char.is_ascii_alphanumeric() && char != '_').unwrap_or(rest.len());
        self.at += end;
        self.blanks();
        rest[..end].to_owned()
    }

    fn value(&mut self, name: &str) -> Result<i64, String> {
        let text = self.variables.get(name).unwrap_or_default();
        if self.depth > DEPTH_MAX {
            return Err(self.wrong("expression recursion level exceeded"));
        }
        nested(&text, self.variables, self.depth + 1)
    }

    fn set(&mut self, name: &str, value: i64) {
        if !self.dead {
            self.variables.set(name, value.to_string());
        }
    }

    /// Adds to a variable; gives what it was.
    fn change(&mut self, name: &str, by: i64) -> Result<i64, String> {
        let value = self.value(name)?;
        self.set(name, value.wrapping_add(by));
        Ok(value)
    }

    fn operand(&mut self) -> Result<i64, String> {
        if self.eat("(") {
            let value = self.comma()?;
            return if self.eat(")") { Ok(value) } else { Err(self.wrong("missing `)'")) };
        }
        let from = self.at;
        let name = self.name();
        if name.is_empty() {
            // bash names the operator before the missing operand.
            let before = self.text[..self.at].trim_end();
            let operator = before.trim_end_matches(|char: char| !"+-*/%<>=&|^!~?:,(".contains(char));
            self.at = if self.rest().is_empty() { operator.len().saturating_sub(1) } else { self.at };
            return Err(self.wrong("syntax error: operand expected"));
        }
        if !is_name(&name) {
            return number(&name).map_err(|why| {
                self.at = from;
                self.wrong(why)
            });
        }
        if self.eat("++") {
            return self.change(&name, 1);
        }
        if self.eat("--") {
            return self.change(&name, -1);
        }
        let rest = self.rest();
        let assigned = ASSIGNMENTS.iter().find(|operator| rest.starts_with(**operator) && !rest.starts_with("=="));
        let Some(operator) = assigned else { return self.value(&name) };
        self.eat(operator);
        let right = self.choice()?;
        let value = match operator.strip_suffix('=') {
            Some("") | None => right,
            Some(operator) => {
                let left = self.value(&name)?;
                self.reckon(operator, left, right).map_err(|why| self.wrong(&why))?
            }
        };
        self.set(&name, value);
        Ok(value)
    }
}

fn number(text: &str) -> Result<i64, &'static str> {
    let (radix, digits) = match text {
        _ if text.starts_with("0x") || text.starts_with("0X") => (16, &text[2..]),
        _ if text.len() > 1 && text.starts_with('0') => (8, text),
        _ => (10, text),
    };
    if digits.chars().any(|digit| !digit.is_digit(radix)) {
        return Err("value too great for base");
    }
    Ok(digits.bytes().fold(0_i64, |value, byte| {
        let digit = char::from(byte).to_digit(radix).unwrap_or(0);
        value.wrapping_mul(i64::from(radix)).wrapping_add(i64::from(digit))
    }))
}
