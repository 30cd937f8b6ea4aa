//! The grammar of statements.

use super::ast::{Column, ColumnKey, Create, CreateBody, DropSource, Explain, Property, Show, SourceKind, Statement, Which};
use super::error::{SHOWN_NAME_MAX, shortened};
use super::expr::Literal;
use super::lexer::Lexeme;
use super::missing::{self, Place};
use super::parser::{NameOf, Parsed, Parser, Shown, What};
use super::words::{Keyword, nearest};

const STATEMENT: Shown = Shown::As("a statement such as SELECT or CREATE STREAM");

/// What a property takes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PropertyKind {
    Text,
    /// A whole number, not negative.
    Number,
}

/// What can stand in `WITH (…)`.
pub const PROPERTIES: [(&str, PropertyKind); 8] = [
    ("KAFKA_TOPIC", PropertyKind::Text),
    ("VALUE_FORMAT", PropertyKind::Text),
    ("KEY_FORMAT", PropertyKind::Text),
    ("FORMAT", PropertyKind::Text),
    ("TIMESTAMP", PropertyKind::Text),
    ("PARTITIONS", PropertyKind::Number),
    ("REPLICAS", PropertyKind::Number),
    ("RETENTION_MS", PropertyKind::Number),
];

/// What a statement can begin with.
const BEGINNINGS: [Keyword; 11] = [
    Keyword::Select,
    Keyword::Create,
    Keyword::Insert,
    Keyword::Drop,
    Keyword::Terminate,
    Keyword::Pause,
    Keyword::Resume,
    Keyword::Show,
    Keyword::List,
    Keyword::Describe,
    Keyword::Explain,
];

impl Parser<'_> {
    pub fn want_statement(&mut self) {
        for keyword in BEGINNINGS {
            self.want(What::Keyword(keyword), STATEMENT);
        }
    }

    pub fn statement(&mut self) -> Parsed<Statement> {
        missing::refuse(self, Place::Statement)?;
        self.want_statement();
        let Some(first) = BEGINNINGS.into_iter().find(|keyword| self.sees(*keyword)) else { return Err(self.unexpected()) };
        if first == Keyword::Select {
            return Ok(Statement::Select(Box::new(self.select()?)));
        }
        self.step();
        Ok(match first {
            Keyword::Create => Statement::Create(Box::new(self.create()?)),
            Keyword::Insert => self.insert()?,
            Keyword::Drop => Statement::Drop(self.drop_source()?),
            Keyword::Terminate => Statement::Terminate(self.which()?),
            Keyword::Pause => Statement::Pause(self.which()?),
            Keyword::Resume => Statement::Resume(self.which()?),
            Keyword::Describe => {
                missing::refuse(self, Place::Describe)?;
                Statement::Describe(self.name(NameOf::Source, Shown::Itself)?)
            }
            Keyword::Explain => Statement::Explain(self.explain()?),
            _ => Statement::Show(self.show()?),
        })
    }

    fn source_kind(&mut self) -> Parsed<SourceKind> {
        if self.accept(Keyword::Stream) {
            return Ok(SourceKind::Stream);
        }
        self.expect(Keyword::Table)?;
        Ok(SourceKind::Table)
    }

    fn create(&mut self) -> Parsed<Create> {
        let or_replace = self.accept(Keyword::Or);
        if or_replace {
            self.expect(Keyword::Replace)?;
        }
        missing::refuse(self, Place::Create)?;
        let kind = self.source_kind()?;
        let if_not_exists = self.accept(Keyword::If);
        if if_not_exists {
            self.expect(Keyword::Not)?;
            self.expect(Keyword::Exists)?;
        }
        let name = self.name(NameOf::NewSource, Shown::Itself)?;
        self.want(What::Sign("("), Shown::Itself);
        let columns = if self.sees_sign(self.at, "(") { Some(self.columns()?) } else { None };
        let properties = if self.accept(Keyword::With) { Some(self.properties()?) } else { None };
        if columns.is_some() && self.sees(Keyword::As) {
            let error = self.error(self.span(), "The columns of a query are those that its SELECT gives.");
            return Err(error.with_hint("Leave the list of columns out, and name them with AS in the SELECT."));
        }
        let body = match (columns, &properties) {
            (Some(columns), Some(_)) => CreateBody::Declared(columns),
            (Some(_), None) => return Err(self.unexpected()),
            (None, Some(_)) if !self.accept(Keyword::As) => CreateBody::Declared(Vec::new()),
            (None, Some(_)) => CreateBody::Query(Box::new(self.select()?)),
            (None, None) => {
                self.expect(Keyword::As)?;
                CreateBody::Query(Box::new(self.select()?))
            }
        };
        Ok(Create { kind, or_replace, if_not_exists, name, properties: properties.unwrap_or_default(), body })
    }

    fn columns(&mut self) -> Parsed<Vec<Column>> {
        self.open()?;
        let columns = self.list(Self::column)?;
        self.close()?;
        Ok(columns)
    }

    fn column(&mut self) -> Parsed<Column> {
        let name = self.name(NameOf::Column, Shown::Itself)?;
        let data_type = self.data_type()?;
        let key = if self.accept(Keyword::Primary) {
            self.expect(Keyword::Key)?;
            ColumnKey::PrimaryKey
        } else if self.accept(Keyword::Key) {
            ColumnKey::Key
        } else {
            ColumnKey::No
        };
        let span = name.span.to(self.span_before());
        Ok(Column { name, data_type, key, span })
    }

    /// WITH has been taken.
    fn properties(&mut self) -> Parsed<Vec<Property>> {
        self.open()?;
        let mut properties: Vec<Property> = Vec::new();
        loop {
            let property = self.property()?;
            let again = properties.iter().any(|earlier| earlier.name == property.name);
            if again {
                self.complain(|parser| parser.error(property.name_span, format!("{} is given twice.", property.name)))?;
            }
            // So few can differ that the list stays short.
            if !again {
                properties.push(property);
            }
            if !self.accept_sign(",") {
                self.close()?;
                return Ok(properties);
            }
        }
    }

    fn property(&mut self) -> Parsed<Property> {
        let name_span = self.span();
        let (name, kind) = self.property_name()?;
        self.expect_sign("=")?;
        let value_span = self.span();
        let value = match kind {
            PropertyKind::Number => Literal::Int(self.whole_number()?),
            PropertyKind::Text => {
                self.want(What::Text, Shown::Itself);
                let Lexeme::Text(text) = self.lexeme() else { return Err(self.unexpected()) };
                let text = text.clone();
                self.step();
                Literal::Text(text)
            }
        };
        Ok(Property { name, name_span, value, value_span })
    }

    fn property_name(&mut self) -> Parsed<(&'static str, PropertyKind)> {
        self.want(What::Name(NameOf::Property), Shown::Itself);
        let word = match self.lexeme() {
            Lexeme::Word(_) => self.here(),
            Lexeme::Text(text) | Lexeme::Quoted(_, text) => text,
            _ => return Err(self.unexpected()),
        };
        let Some(property) = PROPERTIES.into_iter().find(|row| row.0.eq_ignore_ascii_case(word)) else {
            let word = shortened(word, SHOWN_NAME_MAX);
            let error = self.error(self.span(), format!("There is no property `{word}`."));
            let names = || PROPERTIES.iter().map(|row| row.0);
            return Err(match nearest(&word, names()) {
                Some(near) => error.with_hint(format!("Did you mean {near}?")),
                None => error.with_hint(format!("There are {}.", names().collect::<Vec<_>>().join(", "))),
            });
        };
        self.step();
        Ok(property)
    }

    /// INSERT has been taken.
    fn insert(&mut self) -> Parsed<Statement> {
        self.expect(Keyword::Into)?;
        let into = self.name(NameOf::Source, Shown::Itself)?;
        missing::refuse(self, Place::Insert)?;
        if self.sees_sign(self.at, "(") {
            let error = self.error(self.span(), "INSERT INTO takes no list of columns.");
            return Err(error.with_hint("INSERT INTO … SELECT is there; single records are written to the topic of the stream."));
        }
        Ok(Statement::Insert { into, select: Box::new(self.select()?) })
    }

    /// DROP has been taken.
    fn drop_source(&mut self) -> Parsed<DropSource> {
        missing::refuse(self, Place::Drop)?;
        let kind = self.source_kind()?;
        let if_exists = self.accept(Keyword::If);
        if if_exists {
            self.expect(Keyword::Exists)?;
        }
        let name = self.name(NameOf::Source, Shown::Itself)?;
        let delete_topic = self.accept(Keyword::Delete);
        if delete_topic {
            self.expect(Keyword::Topic)?;
        }
        Ok(DropSource { kind, if_exists, name, delete_topic })
    }

    fn which(&mut self) -> Parsed<Which> {
        if self.accept(Keyword::All) {
            return Ok(Which::All);
        }
        self.name(NameOf::Query, Shown::Itself).map(Which::One)
    }

    fn show(&mut self) -> Parsed<Show> {
        missing::refuse(self, Place::Show)?;
        let shows = [
            (Keyword::Streams, Show::Streams),
            (Keyword::Tables, Show::Tables),
            (Keyword::Queries, Show::Queries),
            (Keyword::Topics, Show::Topics),
        ];
        let found = shows.into_iter().find(|(keyword, _)| self.accept(*keyword));
        found.map(|(_, show)| show).ok_or_else(|| self.unexpected())
    }

    /// EXPLAIN has been taken.
    fn explain(&mut self) -> Parsed<Explain> {
        self.want(What::Keyword(Keyword::Select), Shown::Itself);
        if self.sees(Keyword::Select) {
            return Ok(Explain::Select(Box::new(self.select()?)));
        }
        if self.sees(Keyword::Create) || self.sees(Keyword::Insert) {
            let error = self.error(self.span(), "EXPLAIN takes the name of a query, or a SELECT.");
            return Err(error.with_hint("Leave out what stands before SELECT."));
        }
        self.name(NameOf::Query, Shown::Itself).map(Explain::Query)
    }
}
