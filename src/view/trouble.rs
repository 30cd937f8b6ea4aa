//! What the exceptions and complaints of Kafka's tools mean, in plain words.

/// By a part of the text, the exception's class where it has one; the first that fits counts.
const MEANINGS: &[(&str, &str)] = &[
    ("TopicExistsException", "A topic of this name exists already. Choose another name, or add --if-not-exists."),
    ("UnknownTopicOrPartitionException", "There is no such topic or partition. kafka-topics.sh --list shows the topics there are."),
    ("UnknownTopicIdException", "The topic was deleted, and perhaps made anew: this id belongs to none any more."),
    (
        "InvalidReplicationFactorException",
        "The cluster has fewer brokers than the copies asked for. The story menu has empty playgrounds with three and with five.",
    ),
    ("InvalidPartitionsException", "A topic has at least one partition, and partitions can be added but never taken away."),
    ("InvalidTopicException", "A topic’s name has up to 249 letters, digits, dots, underscores and hyphens, and nothing else."),
    ("InvalidConfigurationException", "A setting has a name or a value that the broker does not take."),
    ("InvalidRequestException", "The broker refuses the request as it stands: the line above says why."),
    ("PolicyViolationException", "A rule of the cluster forbids it."),
    ("GroupNotEmptyException", "The group still has members. Stop its consumers first."),
    (
        "GroupIdNotFoundException",
        "No group of this type has this name: it appears when its first consumer joins. kafka-groups.sh --list shows groups of all types.",
    ),
    ("GroupSubscribedToTopicException", "Members of the group read this topic. Stop them, or let them read another."),
    ("InvalidGroupIdException", "A consumer that joins a group needs the group’s name."),
    ("CoordinatorNotAvailableException", "The broker that looks after the group is not ready yet. Try again."),
    ("NotLeaderOrFollowerException", "The broker asked is not the partition’s leader any more; clients ask anew."),
    ("NoOffsetForPartitionException", "The group has committed nothing, and auto.offset.reset=none forbids to begin elsewhere."),
    ("OffsetOutOfRangeException", "No record has this offset in the log, or has it any more."),
    (
        "RecordTooLargeException",
        "The record is larger than the producer or the topic allows (max.request.size, max.message.bytes).",
    ),
    ("InvalidRecordException", "The broker refuses the record: a compacted topic, for one, takes none without a key."),
    ("NotEnoughReplicasException", "Fewer replicas are in sync than min.insync.replicas asks for."),
    ("No resolvable bootstrap urls", "None of the addresses after --bootstrap-server is known. Here the broker is localhost:9092."),
    ("Invalid url in bootstrap.servers", "An address after --bootstrap-server is not of the form host:port."),
    ("TimeoutException", "No answer, or no record, came within the time allowed."),
    ("NumberFormatException", "A whole number belongs here."),
    ("OptionMissingRequiredArgumentException", "The option before wants a value after it."),
    ("UnrecognizedOptionException", "The tool does not know this option. --help lists those it knows."),
    ("MultipleArgumentsForOptionException", "The option was given twice, and takes one value only."),
    ("OptionArgumentConversionException", "The option’s value is of another kind: it wants a number."),
    ("does not exist as expected", "There is no such topic. kafka-topics.sh --list shows the topics there are."),
    ("joptsimple", "The options cannot be read: the line above says which."),
    (
        "No key separator found",
        "parse.key=true expects a key, the separator and a value in each line; key.separator is a tab unless you set it.",
    ),
    ("No headers delimiter found", "parse.headers=true expects headers and a tab in front of each line."),
    ("ClassNotFoundException", "There is no class of this name: check the spelling and the package."),
    ("NoSuchFileException", "There is no such file: ls lists those there are."),
    ("FileNotFoundException", "There is no such file: ls lists those there are."),
    ("AdminOperationException", "The file or the request is not as the tool wants it: the line above says where."),
    ("AdminCommandFailedException", "The tool gave up: the line above says why."),
    ("JsonProcessingException", "The file is not the JSON that the tool wants."),
    ("JsonParseException", "The file is not the JSON that the tool wants."),
    ("DateTimeParseException", "A time is written as 2026-01-31T12:00:00.000, a duration as PT1H30M."),
    ("ParseException", "A time is written as 2026-01-31T12:00:00.000, a duration as PT1H30M."),
    ("ConfigException", "A setting has a value that the client does not take: the line above names it."),
    ("Failed to construct kafka", "The client could not begin with these settings: the lines below say why."),
    ("Failed to create new KafkaAdminClient", "The client could not begin with these settings: the lines below say why."),
    ("ExecutionException", "The broker refused: the cause below says why."),
    ("IllegalArgumentException", "A value is not one that the tool takes: the line above names it."),
];

/// What a stack trace tells, from the lines above it, the nearest first.
pub fn explain(lines: &[&str]) -> &'static str {
    let meaning = |line: &&str| MEANINGS.iter().find(|(part, _)| line.contains(part)).map(|(_, meaning)| *meaning);
    lines.iter().find_map(meaning).unwrap_or("The tool’s own code follows here in Java; the line above says what went wrong.")
}
