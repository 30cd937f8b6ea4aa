"""Random, plausible sessions whose outcome does not depend on chance.

`session(seed)` gives the text of one session. A State remembers what exists (topics, records, groups, running
terminals, brokers that are down), and the functions registered with @op each add one or a few commands to it.
What would make a recording unstable is kept out: records without key go to one partition only, several brokers
get --replica-assignment, what several partitions hold is read through sort, every consumer has its own client.id.
"""
import random
import shlex

q = shlex.quote
TOPICS = ["orders", "payments", "clicks", "user-events", "audit.log", "audit_log", "stock", "a", "T1", "rides.eu", "rides.us",
          "sensor_data", "2024", "-dash", "mails", "x.y_z"]
GROUPS = ["billing", "g1", "g2", "readers", "the group", "grüße", "g.x-y_z", "workers", "0", "G1"]
SHARES = ["s1", "pool", "jobs-share", "s 2"]
WORDS = ["red", "green", "blue", "tea", "coffee", "two words", "ünïcode", "42", "{\"id\":7}", "a,b;c", "null", "NULL", "true",
         " lead", "0x1F", "日本", "semi;colon", "per%cent", "back\\slash", "x" * 30]
KEYS = ["alice", "bob", "carol", "dave", "erin", "k1", "k2", "ключ", "", "7"]
CONFIGS = ["retention.ms=600000", "retention.ms=-1", "cleanup.policy=compact", "cleanup.policy=compact,delete", "segment.bytes=1048576",
           "max.message.bytes=2000", "compression.type=gzip", "compression.type=producer", "message.timestamp.type=LogAppendTime",
           "flush.messages=10", "flush.ms=1000", "delete.retention.ms=1000", "min.cleanable.dirty.ratio=0.1",
           "unclean.leader.election.enable=true", "retention.bytes=-1", "retention.bytes=1000000", "segment.ms=3600000",
           "index.interval.bytes=100", "file.delete.delay.ms=1000", "preallocate=false", "max.compaction.lag.ms=100000",
           "min.compaction.lag.ms=5", "message.timestamp.before.max.ms=86400000", "message.timestamp.after.max.ms=3600000",
           "segment.index.bytes=1000", "segment.jitter.ms=7", "leader.replication.throttled.replicas=0:1",
           "follower.replication.throttled.replicas=*", "compression.gzip.level=5", "compression.zstd.level=3",
           "compression.lz4.level=9", "local.retention.ms=-2", "min.insync.replicas=1"]
BAD_CONFIGS = ["retention.ms=abc", "retention.ms=-5", "retention.ms=", "retention.ms", "no.such.config=1", "cleanup.policy=shred",
               "min.insync.replicas=0", "min.insync.replicas=-1", "compression.type=GZIP", "segment.bytes=1", "segment.bytes=1.5",
               "max.message.bytes=-1", "min.cleanable.dirty.ratio=1.1", "min.cleanable.dirty.ratio=x", "=", "=x", "a=b=c",
               "message.timestamp.type=never", "preallocate=yes", "unclean.leader.election.enable=TRUE", "flush.messages=0",
               "segment.ms=0", "compression.gzip.level=99", "compression.lz4.level=0", "retention.ms= 600000 ", "index.interval.bytes=-1",
               "leader.replication.throttled.replicas=x", "segment.jitter.ms=-1", "max.compaction.lag.ms=0", "local.retention.ms=5",
               "retention.ms=9223372036854775808", "RETENTION.MS=5", "cleanup.policy=compact,compact", "message.format.version=3.0",
               "cleanup.policy=[compact,delete]", "retention.ms=1e5"]
BAD_NUMBERS = ["0", "-1", "-2", "abc", "''", "1.5", "2147483648", "99999999999999999999", "+3", "' 3'", "1_000", "0x2", "٣", "1e3", "null"]
BAD_NAMES = ["''", "' '", ".", "..", "'a b'", "ünï", "a/b", "a,b", "'*'", "a:0", "'['", "'a+'", "nope", "x" * 249, "x" * 250, "__consumer_offsets",
             "'$x'", "'.*'", "'a|b'", "'(a'", "'a{2'", "'\\d'"]
ASSIGNORS = ["RangeAssignor", "RoundRobinAssignor", "StickyAssignor", "CooperativeStickyAssignor"]
PRINTS = ["print.key", "print.value", "print.offset", "print.partition", "print.headers", "print.epoch", "print.delivery"]
OPS = []


def op(weight, when=lambda s: True, themes="*"):
    def add(function):
        OPS.append((function, weight, when, themes))
        return function
    return add


class Topic:
    def __init__(self, name, parts=1, plan=None):
        self.name, self.parts, self.plan = name, parts, plan
        self.count = 0  # records in it, None where that is not known
        self.min_isr = 1
        self.squeezed = False  # holds compressed records, which count as bytes elsewhere


class State:
    def __init__(self, seed):
        self.r = random.Random(seed)
        self.seed = seed
        self.brokers = 3 if seed % 3 == 0 else 1
        self.lines, self.commands = [], 0
        self.topics, self.groups, self.shares, self.live = {}, {}, {}, {}
        self.down = set()
        self.joined = False  # __consumer_offsets is there
        self.files = 0
        self.gone = set()  # unregistered: these do not come back
        self.theme = self.r.choice(["topics", "records", "groups", "groups", "share", "configs", "cluster", "live", "wrong"])

    # chance
    def pick(self, items):
        return self.r.choice(list(items))

    def chance(self, p):
        return self.r.random() < p

    def some(self, items, least=0, most=2):
        items = list(items)
        return self.r.sample(items, min(len(items), self.r.randint(least, most)))

    # what is there
    def topic(self, fits=lambda t: True):
        found = [t for t in self.topics.values() if fits(t) and self.served(t)]
        return self.pick(found) if found else None

    def served(self, topic):
        """Each partition has a replica that is up, and enough for min.insync.replicas."""
        return all(len(set(row) - self.down) >= topic.min_isr for row in topic.plan or [[1]])

    def any_name(self):
        return q(self.pick(list(self.topics) or ["nope"])) if self.chance(0.85) else self.pick(BAD_NAMES)

    def group(self):
        if self.groups and self.chance(0.8):
            return self.pick(self.groups)
        return self.pick(GROUPS)

    def server(self):
        ports = ["localhost:%d" % (9091 + n) for n in range(1, self.brokers + 1) if n not in self.down]
        if self.chance(0.06):
            return "--bootstrap-server=" + ports[0]
        if self.chance(0.05):
            return "--bootstrap-server 127.0.0.1:%s" % ports[0][10:]
        return "--bootstrap-server " + (self.pick(ports) if self.chance(0.2) else ports[0])

    # writing
    def line(self, text):
        self.lines.append(text)

    def shell(self, command, typed=None):
        self.line("$ " + command)
        for text in typed or []:
            self.line("> " + text if text else ">")
        if typed is not None:
            self.line("^D")
        self.commands += 1

    def run(self, tool, *words, typed=None, tail="", spoil=0.1, head=""):
        """One call of a tool; with the probability `spoil` its arguments are made wrong. Tells whether they are right."""
        words = [word for word in words if word]
        right = not self.chance(spoil)
        if not right:
            words = self.spoilt(words)
        self.shell("%s%s.sh %s%s" % (head, tool, " ".join([self.server()] + words), tail), typed)
        return right

    def spoilt(self, words):
        """One thing wrong: an option twice, without its value, unknown, misspelt, left out, or a bad value."""
        words = list(words)
        kind = self.r.randrange(8)
        options = [i for i, word in enumerate(words) if word.startswith("--")]
        if kind == 0 or not options:
            return words + [self.pick(["--no-such", "--verbos", "-x", "stray", "--topic", "--group", "--help=1", "--", "-", "--no=1", "-vx", "--version"])]
        at = self.pick(options)
        name, _, value = words[at].partition(" ")
        if kind == 1:
            return words + [words[at]]
        if kind == 2:
            words[at] = name
        elif kind == 3:
            words[at] = words[at][:len(name) - 1] + (" " + value if value else "")
        elif kind == 4:
            del words[at]
        elif kind == 5 and value:
            words[at] = name + " " + self.pick(BAD_NUMBERS)
        elif kind == 6:
            words[at] = name + "=" + (value or "x")
        else:
            words[at] = name + " " + (value + " extra" if value else self.pick(["true", "x", "-1"]))
        return words

    def file(self, text, suffix="json"):
        self.files += 1
        name = "f%d.%s" % (self.files, suffix)
        if "\n" in text or self.chance(0.3):
            self.line("$ cat > " + name)
            for row in text.split("\n"):
                self.line("> " + row)
            self.line("^D")
        else:
            self.line("$ echo %s > %s" % (q(text), name))
        return name

    def read_wait(self):
        """Milliseconds after which a consumer gives up: the first group makes the offsets topic, which takes time."""
        wait = 4000 if self.joined else 8000
        self.joined = True
        return "--timeout-ms %d" % wait


# --- kafka-topics.sh

def plan_text(plan):
    return ",".join(":".join(map(str, row)) for row in plan)


def make_topic(s, name=None, parts=None, spoil=0.0):
    name = name or s.pick([n for n in TOPICS if n not in s.topics] or TOPICS)
    parts = parts or s.pick([1, 1, 1, 2, 3, 4])
    configs = s.some(CONFIGS, 0, 2) if s.chance(0.3) else []
    words = ["--create", "--topic " + q(name)]
    plan, min_isr = None, 1
    if s.brokers > 1:
        size = s.pick([1, 2, 3, 3])
        alive = [n for n in range(1, s.brokers + 1) if n not in s.down]
        plan = [s.r.sample(alive, min(size, len(alive))) for _ in range(parts)]
        plan = [row[:len(plan[0])] for row in plan]
        words.append("--replica-assignment " + plan_text(plan))
        configs = [c for c in configs if not c.startswith("min.insync")]
        if s.chance(0.35):
            min_isr = s.pick([1, 2, 2])
            configs.append("min.insync.replicas=%d" % min_isr)
    elif parts > 1 or s.chance(0.3):
        words.append("--partitions %d" % parts)
        if s.chance(0.3):
            words.append("--replication-factor 1")
    if s.chance(0.1):
        words.append("--if-not-exists")
    words += ["--config " + c for c in configs]
    collides = any(other != name and other.replace(".", "_") == name.replace(".", "_") for other in s.topics)
    if s.run("kafka-topics", *words, spoil=spoil) and name not in s.topics and not collides:
        s.topics[name] = Topic(name, parts, plan)
        s.topics[name].min_isr = min_isr
        s.topics[name].squeezed = any(c.startswith("compression.type=gzip") for c in configs)
        s.topics[name].configs = configs
        if any("compact" in c for c in configs) or any("max.message" in c for c in configs):
            s.topics[name].count = None
    return s.topics.get(name)


@op(6)
def create(s):
    make_topic(s, spoil=0.15)


@op(3, themes="topics wrong configs")
def create_wrong(s):
    name = s.pick(TOPICS) if s.chance(0.6) else None
    words = ["--create", "--topic " + (q(name) if name else s.pick(BAD_NAMES))]
    kind = s.r.randrange(7)
    if kind == 0:
        words.append("--partitions " + s.pick(BAD_NUMBERS))
    elif kind == 1:
        words.append("--replication-factor " + s.pick(BAD_NUMBERS + ["2", "4", "32768"]))
    elif kind == 2:
        words += ["--config " + q(c) for c in s.some(BAD_CONFIGS, 1, 2)]
    elif kind == 3:
        words.append("--replica-assignment " + s.pick(["1:1", "0", "1:2,1", "a", "''", "1,,1", "-1", "1:", ":1", "1,1:1", "9", "1:9", "1;1", "1,1 1"]))
    elif kind == 4:
        words += s.some(["--if-exists", "--delete-config retention.ms", "--topic-id AAAAAAAAAAAAAAAAAAAAAA", "--exclude-internal",
                         "--under-replicated-partitions", "--describe", "--topics-with-overrides", "--alter"], 1, 1)
    elif kind == 5:
        words = ["--create", s.pick(["--partitions 2", "--topic", "--topic a --topic b", "--if-not-exists"])]
    right = s.run("kafka-topics", *words, spoil=0)
    if name and name not in s.topics:
        s.topics.pop(name, None)
        s.ghost = name


@op(3, lambda s: s.topics, "topics cluster wrong")
def alter_topic(s):
    topic = s.topic()
    if not topic:
        return
    number = topic.parts + s.pick([1, 1, 2, 0, -1])
    words = ["--alter", "--topic " + q(topic.name)]
    if s.brokers > 1:
        number = max(number, topic.parts)
        plan = list(topic.plan)
        size = len(plan[0])
        alive = [n for n in range(1, 4) if n not in s.down]
        while len(plan) < number:
            plan.append(s.r.sample(alive, min(size, len(alive))))
        if len(plan[-1]) != size:
            return
        words += ["--partitions %d" % number, "--replica-assignment " + plan_text(plan if s.chance(0.7) else plan[topic.parts:])]
        if len(plan) == topic.parts or not words[-1].split()[-1].count(",") == number - 1:
            s.run("kafka-topics", *words, spoil=0)
            return
    else:
        plan = None
        words.append("--partitions %d" % number)
        if s.chance(0.15):
            words.append("--replica-assignment " + ",".join("1" * max(1, number)))
    words += s.some(["--if-exists"], 0, 1) if s.chance(0.2) else []
    if s.chance(0.12):
        words += [s.pick(["--config retention.ms=5", "--delete-config retention.ms", "--replication-factor 2", "--if-not-exists"])]
        s.run("kafka-topics", *words, spoil=0)
        return
    if s.run("kafka-topics", *words, spoil=0.0) and number > topic.parts:
        topic.parts, topic.plan = number, plan


@op(2, themes="topics wrong")
def alter_wrong(s):
    words = ["--alter", "--topic " + s.any_name()] + s.some(["--partitions " + s.pick(BAD_NUMBERS), "--if-exists"], 1, 2)
    s.run("kafka-topics", *words, spoil=0)


FILTERS = ["--under-replicated-partitions", "--unavailable-partitions", "--under-min-isr-partitions", "--at-min-isr-partitions",
           "--topics-with-overrides", "--exclude-internal", "--if-exists"]


@op(5)
def describe_topics(s):
    words = ["--describe"]
    if s.chance(0.75) or s.brokers > 1:
        names = [s.any_name()]
        if s.chance(0.15):
            names = [q("|".join(s.some(s.topics, 1, 3)) or "x"), q(s.pick(["a.*", "o.*|p.*", "[a-z]+", ".*s", "audit.log", "^orders$"]))]
        name = s.pick(names)
        if s.brokers > 1 and ("__" in name or name in ("'.*'", "'*'", "''", "' '")):
            name = "nope"
        words.append("--topic " + name)
    elif s.chance(0.2):
        words.append("--topic-id " + s.pick(["AAAAAAAAAAAAAAAAAAAAAA", "x", "''", "AAAAAAAAAAAAAAAAAAAAAQ"]))
    words += s.some(FILTERS, 1, 2) if s.chance(0.35) else []
    s.run("kafka-topics", *words, spoil=0.08 if s.brokers == 1 else 0)


@op(3)
def list_topics(s):
    words = ["--list"] + (s.some(["--exclude-internal", "--topic " + s.any_name(), "--topic 'o.*'", "--if-exists", "--if-not-exists", "--topics-with-overrides",
                                  "--under-replicated-partitions", "--partitions 2", "--config a=b"], 1, 2) if s.chance(0.6) else [])
    s.run("kafka-topics", *words, tail=s.pick(["", "", "", " | wc -l", " | sort -r", " | grep -v __", " | head -n 2"]), spoil=0.1)


@op(2, lambda s: len(s.topics) > 0, "topics groups live cluster")
def delete_topic(s):
    busy = {one["topic"] for one in s.live.values()}
    names = [n for n in s.topics if n not in busy]
    if s.chance(0.2):
        s.run("kafka-topics", "--delete", "--topic " + s.pick(["nope", "'no.*'", "''", "'['"]), s.pick(["", "--if-exists", "--if-not-exists"]), spoil=0)
    elif names:
        name = s.pick(names)
        if s.run("kafka-topics", "--delete", "--topic " + q(name), spoil=0.1):
            for other in [n for n in s.topics if __import__("re").fullmatch(name, n)]:
                del s.topics[other]


# --- kafka-console-producer.sh

def value(s):
    return s.pick(WORDS) if s.chance(0.6) else "%s-%d" % (s.pick(["v", "order", "msg"]), s.r.randint(1, 99))


def send(s, topic, number=None, spoil=0.0):
    """Records into a topic, in one of the ways a shell has."""
    number = number or s.r.randint(1, 6)
    words = ["--topic " + q(topic.name)]
    keyed = topic.parts > 1 or s.chance(0.35) or any("compact" in c for c in getattr(topic, "configs", []))
    separator = "\t"
    headers, marker = s.chance(0.15), s.chance(0.12)
    flag = "--reader-property" if s.chance(0.9) else "--property"
    if keyed:
        words.append(flag + " parse.key=true")
        if s.chance(0.85):
            separator = s.pick([":", ":", ":", "|", "=>", ", ", "→"])
            words.append("%s %s" % (flag, q("key.separator=" + separator)))
    if headers:
        words.append(flag + " parse.headers=true")
    if marker:
        words.append(flag + " null.marker=NULL")
    rows = []
    for _ in range(number):
        text = value(s)
        if keyed:
            key = s.pick([k for k in KEYS if topic.parts == 1 or k])
            text = key + separator + text
        if headers:
            text = s.pick(["h1:v1", "h1:v1,h2:v2", "a:1,a:2", "trace:é", "k:", "h1:NULL" if marker else "h:x"]) + "\t" + text
        rows.append(text)
    extra = []
    if s.chance(0.35):
        extra = s.some(["--sync", "--request-required-acks " + s.pick(["1", "all", "-1"]), "--batch-size " + s.pick(["1", "0", "16384", "200"]),
                        "--timeout " + s.pick(["0", "10", "1000", "2000"]), "--compression-codec " + s.pick(["gzip", "none", "lz4", "snappy", "zstd"]),
                        "--command-property linger.ms=%s" % s.pick(["0", "5", "50"]), "--message-send-max-retries 5", "--retry-backoff-ms 50",
                        "--max-block-ms 20000", "--command-property enable.idempotence=false", "--command-property acks=" + s.pick(["1", "all"]),
                        "--max-partition-memory-bytes 1000", "--metadata-expiry-ms 10000", "--socket-buffer-size 1000", "--request-timeout-ms 9000",
                        "--command-property max.in.flight.requests.per.connection=" + s.pick(["1", "5"]), "--command-property client.id=prod",
                        "--command-property batch.size=0", "--producer-property acks=all", "--max-memory-bytes 1000000"], 1, 2)
    words += extra
    if any("compression" in word for word in extra):
        topic.squeezed = True
    plain = all(c.isalnum() or c in ":-. |" for row in rows for c in row) and not any(row.startswith(("-", " ")) for row in rows)
    way = s.pick(["typed", "typed", "printf", "here", "file", "string"])
    if not keyed and not headers and s.chance(0.2):
        low = s.r.randint(1, 50)
        right = s.run("kafka-console-producer", *words, head="seq %d %d | " % (low, low + number - 1), spoil=spoil)
    elif way == "printf" and plain:
        right = s.run("kafka-console-producer", *words, head="printf %s | " % q("".join(row + "\\n" for row in rows)), spoil=spoil)
    elif way == "file" and plain:
        name = s.file("\n".join(rows), "txt")
        right = s.run("kafka-console-producer", *words, tail=" < " + name, spoil=spoil)
    elif way == "string" and plain and number == 1:
        right = s.run("kafka-console-producer", *words, tail=" <<< " + q(rows[0]), spoil=spoil)
    else:
        right = s.run("kafka-console-producer", *words, typed=rows, spoil=spoil)
    if topic.count is not None:
        topic.count = topic.count + number if right else None


@op(9, lambda s: s.topic())
def produce(s):
    send(s, s.topic())


@op(3, lambda s: s.topic(lambda t: t.parts == 1), "records wrong")
def produce_wrong_lines(s):
    topic = s.topic(lambda t: t.parts == 1)
    topic.count = None
    kind = s.r.randrange(4)
    words = ["--topic " + q(topic.name)]
    if kind == 0:
        words += ["--reader-property parse.key=true", "--reader-property key.separator=" + s.pick([":", "','", "''", "' '"])]
        rows = ["a:1", "no separator", ":", "b::2", "c,3", ""]
    elif kind == 1:
        words += ["--reader-property parse.headers=true"] + s.some(["--reader-property headers.delimiter=" + s.pick(["'|'", "';'"]), "--reader-property headers.separator=" + s.pick(["';'", "'&'"]),
                                                                   "--reader-property headers.key.separator=" + s.pick(["=", "'->'"])], 0, 3)
        rows = ["h:1\tv", "h\tv", "\tv", "no headers", "h=1|v", "h=1;g=2|v", "h->1&g->2;v", "a:1,b\tv"]
    elif kind == 2:
        words += ["--reader-property " + p for p in s.some(["parse.key=true", "parse.headers=true", "null.marker=''", "null.marker=-", "parse.key=yes", "key.separator=:", "ignore.error=true", "no.such=1", "x", "=x", "headers.separator=:"], 1, 4)]
        rows = ["a:1", "-", "a:-", "h:1\ta:2", "h:1\ta\tb", ""]
    else:
        rows = ["", " ", "\t", "x" * 200, "-", "'quoted'", "\\n", "#hash", "$HOME", "* *"]
    if s.chance(0.4) and "--reader-property ignore.error=true" not in words:
        words.append("--reader-property ignore.error=true")
    s.run("kafka-console-producer", *words, typed=s.some(rows, 2, 5), spoil=0)


@op(3, themes="records wrong")
def produce_wrong_options(s):
    topic = s.topic(lambda t: t.parts == 1)
    name = q(topic.name) if topic and s.chance(0.8) else s.pick(["''", "'a b'", "ünï", ".", "a/b"])
    if topic:
        topic.count = None
    bad = ["--request-required-acks " + s.pick(["2", "x", "''", "-2", "ALL", "0"]), "--batch-size " + s.pick(BAD_NUMBERS), "--timeout " + s.pick(BAD_NUMBERS),
           "--compression-codec " + s.pick(["zip", "GZIP", "''"]), "--command-property acks=" + s.pick(["maybe", "3", "''"]), "--command-property linger.ms=" + s.pick(["-1", "x"]),
           "--command-property enable.idempotence=true --command-property acks=1", "--command-property retries=-1", "--command-property no.such=1",
           "--command-property max.in.flight.requests.per.connection=6", "--command-property delivery.timeout.ms=10", "--command-property request.timeout.ms=-1",
           "--command-property compression.type=x", "--command-property", "--command-property x", "--command-config none.properties",
           "--reader-config none.properties", "--line-reader no.such.Reader", "--message-send-max-retries " + s.pick(["-1", "x", "0"]), "--max-block-ms " + s.pick(["-1", "x"]),
           "--producer-property acks=1 --command-property acks=all", "--property a=b --reader-property c=d", "--socket-buffer-size " + s.pick(["-2", "x"]),
           "--retry-backoff-ms " + s.pick(["-1", "x"]), "--request-timeout-ms " + s.pick(["-1", "0", "x"]), "--max-memory-bytes " + s.pick(["-1", "1"]),
           "--max-partition-memory-bytes " + s.pick(["-1", "0"]), "--metadata-expiry-ms " + s.pick(["-1", "x"]), "--topic", "--topic b", "--sync=true", "--compression-codec", "--broker-list localhost:9092",
           "--command-property key.serializer=no.such", "--command-property bootstrap.servers=localhost:1", "--command-property batch.size=-1", "--command-property max.request.size=70"]
    s.run("kafka-console-producer", "--topic " + name, *s.some(bad, 1, 2), typed=s.some(WORDS, 1, 3), spoil=0)


# --- kafka-console-consumer.sh

def prints(s):
    flag = "--formatter-property" if s.chance(0.92) else "--property"
    words = []
    if s.chance(0.5):
        words = ["%s %s=%s" % (flag, name, "true" if s.chance(0.9) else "false") for name in s.some(PRINTS[:6], 1, 4)]
    if s.chance(0.12):
        words.append(flag + " " + q("key.separator=" + s.pick([" -> ", ";", "", "→"])))
    if s.chance(0.08):
        words.append(flag + " " + q("line.separator=" + s.pick(["|", ";\n" if False else "; "])))
    if s.chance(0.1):
        words.append(flag + " " + q("null.literal=" + s.pick(["-", "nil", ""])))
    if s.chance(0.08):
        words.append(flag + " " + q("headers.separator=" + s.pick(["|", " "])))
    if s.chance(0.06):
        words.append(flag + " print.timestamp=true")
    if s.chance(0.05):
        words.append("--formatter " + s.pick(["org.apache.kafka.tools.consumer.DefaultMessageFormatter", "org.apache.kafka.tools.consumer.LoggingMessageFormatter",
                                               "org.apache.kafka.tools.consumer.NoOpMessageFormatter", "org.apache.kafka.tools.consumer.DefaultMessageFormatte"]))
    return words


@op(8, lambda s: s.topic())
def consume(s):
    topic = s.topic()
    words = ["--topic " + q(topic.name)]
    tail = ""
    if s.chance(0.35) or topic.parts > 1 and s.chance(0.4):
        words.append("--partition %d" % (s.r.randrange(topic.parts) if s.chance(0.93) else topic.parts))
        if s.chance(0.8):
            words.append("--offset " + s.pick(["earliest", "earliest", "0", "1", "2", "latest", "3", "9"]))
        if s.chance(0.2):
            words.append("--from-beginning")
        words.append(s.read_wait())
        if s.chance(0.25):
            words.append("--max-messages %d" % s.r.randint(1, 3))
    else:
        if s.chance(0.92):
            words.append("--from-beginning")
        if topic.count and s.chance(0.5) and "--from-beginning" in words:
            words.append("--max-messages %d" % (topic.count if topic.parts > 1 else s.r.randint(1, topic.count)))
            s.joined = True
        else:
            words.append(s.read_wait())
        if s.chance(0.12):
            words.append("--isolation-level " + s.pick(["read_committed", "read_uncommitted"]))
        if topic.parts > 1:
            tail = s.pick([" | sort", " 2> /dev/null | sort", " | wc -l", " 2>&1 | sort"])
    words += prints(s)
    if any("line.separator" in w for w in words):
        tail = tail and " | wc -l"
        words += ["--formatter-property print.value=true"]
    if not tail and s.chance(0.2):
        tail = s.pick([" 2> /dev/null", " | tail -n 1", " > out.txt; wc -l out.txt", " 2>&1 | grep -c e", " | cut -c1-3", " | tr a-z A-Z", " && echo done", " || echo failed", " | tee copy.txt | head -n 1", " > out.txt 2>&1; cat out.txt"])
    s.run("kafka-console-consumer", *words, tail=tail, spoil=0)


@op(3, themes="records wrong")
def consume_wrong(s):
    topic = s.topic(lambda t: t.parts == 1)
    name = q(topic.name) if topic else "nope"
    bad = ["--partition " + s.pick(BAD_NUMBERS), "--offset " + s.pick(["-1", "-5", "x", "''", "EARLIEST", "1.5", "latest"]), "--max-messages " + s.pick(BAD_NUMBERS[1:]), "--isolation-level " + s.pick(["x", "READ_COMMITTED", "''", "serializable"]),
           "--include '['", "--include x", "--topic b", "--group ''", "--group", "--from-beginning --offset 0", "--formatter no.such", "--formatter-property x", "--formatter-property print.key",
           "--formatter-property print.key=yes", "--formatter-property no.such=1", "--formatter-config none.properties", "--command-config none.properties",
           "--command-property auto.offset.reset=" + s.pick(["never", "none", "latest", "''"]), "--command-property group.id=gg --group hh", "--command-property max.poll.records=0", "--command-property fetch.min.bytes=-1",
           "--command-property session.timeout.ms=1", "--command-property heartbeat.interval.ms=100000", "--command-property group.protocol=x", "--command-property partition.assignment.strategy=no.such", "--command-property enable.auto.commit=maybe",
           "--command-property key.deserializer=x", "--value-deserializer no.such", "--key-deserializer org.apache.kafka.common.serialization.StringDeserializer", "--skip-message-on-error", "--enable-systest-events",
           "--consumer-property a=b --command-property c=d", "--property a=b --formatter-property c=d", "--consumer-config none.properties", "--new-consumer", "--whitelist x", "--partition 0 --group g1", "--group g1 --partition 0 --offset earliest",
           "--command-property isolation.level=read_committed", "--command-property client.id=''", "--command-property fetch.max.wait.ms=x", "--command-property auto.offset.reset=by_duration:PT1H", "--command-property auto.offset.reset=by_duration:1h"]
    words = ["--topic " + name] if s.chance(0.9) else []
    words += s.some(bad, 1, 2) + ([] if s.chance(0.3) else ["--from-beginning"])
    words.append(s.read_wait() if s.chance(0.93) else "--max-messages 1 --timeout-ms " + s.pick(["3000", "x", "-1", "''", "3000.5"]))
    s.run("kafka-console-consumer", *words, spoil=0)


@op(1, lambda s: len(s.topics) > 1 and s.brokers == 1, "records live")
def consume_include(s):
    pattern = s.pick(["'.*'", "'a.*'", "'[a-m].*'", "'orders|payments'", "orders,payments", "'rides\\..*'", "'.'", "''", "'audit.log'", "'(?i)T1'"])
    s.run("kafka-console-consumer", "--include " + pattern, "--from-beginning", s.read_wait(), *prints(s)[:3], tail=" | sort", spoil=0)


# --- groups of consumers

def group_config(s, kind):
    words = ["--command-property client.id=%s" % s.pick(["c1", "app", "me"])] if s.chance(0.3) else []
    if kind == "consumer":
        words.append("--command-property group.protocol=consumer")
        if s.chance(0.3):
            words.append("--command-property group.remote.assignor=" + s.pick(["range", "uniform"]))
    elif s.chance(0.3):
        words.append("--command-property partition.assignment.strategy=org.apache.kafka.clients.consumer." + s.pick(ASSIGNORS))
    if s.chance(0.1):
        words.append("--command-property auto.offset.reset=" + s.pick(["earliest", "latest"]))
    if s.chance(0.08):
        words.append("--command-property enable.auto.commit=false")
    return words  # no group.instance.id: such a member stays for 45 s, which is longer or shorter than the next commands take


@op(8, lambda s: s.topic(), "groups live topics configs cluster wrong")
def consume_group(s, fresh=False):
    topic = s.topic()
    busy = {one["group"] for one in s.live.values()}
    name = s.pick([g for g in GROUPS if g not in busy and (not fresh or g not in s.groups)])
    if s.groups and not fresh and s.chance(0.5):
        name = s.pick([g for g in s.groups if g not in busy] or [name])
    kind = s.groups.get(name, {}).get("kind") or s.pick(["classic", "classic", "classic", "consumer"])
    words = ["--topic " + q(topic.name), "--group " + q(name)] + group_config(s, kind)
    if s.chance(0.85):
        words.append("--from-beginning")
    tail = ""
    if topic.count and name not in s.groups and s.chance(0.6) and "--from-beginning" in words and not any("latest" in w or "reset" in w for w in words):
        words.append("--max-messages %d" % (topic.count if topic.parts > 1 else s.r.randint(1, topic.count)))
        s.joined = True
    else:
        words.append("--timeout-ms %d" % (9000 if kind == "consumer" or not s.joined else 6000))
        s.joined = True
    if s.chance(0.2):
        words += prints(s)[:2]
    if topic.parts > 1:
        tail = s.pick([" | sort", " > /dev/null", " | wc -l"])
    s.run("kafka-console-consumer", *words, tail=tail, spoil=0)
    entry = s.groups.setdefault(name, {"kind": kind, "topics": []})
    entry["topics"] = sorted(set(entry["topics"]) | {topic.name})


DESCRIBE = [[], [], [], ["--offsets"], ["--members"], ["--members", "--verbose"], ["--state"], ["--verbose"], ["--offsets", "--verbose"], ["--state", "--verbose"]]


@op(9, lambda s: s.groups or s.chance(0.1), "groups live topics records cluster wrong configs")
def describe_group(s):
    names = [s.group()] if s.chance(0.85) else s.some(list(s.groups) + GROUPS, 2, 3)
    words = ["--describe"] + ["--group " + q(n) for n in names]
    if s.chance(0.1):
        words = ["--describe", "--all-groups"]
    words += s.pick(DESCRIBE)
    if s.chance(0.1):
        words.append(s.pick(["--timeout 5000", "--state x", "--topic orders", "--all-topics", "--execute", "--type classic", "--members --state", "--offsets --members", "--validate-regex a.*"]))
    s.run("kafka-consumer-groups", *words, spoil=0.06)


@op(4, lambda s: s.groups, "groups live share wrong configs")
def list_groups(s):
    words = ["--list"]
    if s.chance(0.6):
        words += s.some(["--state", "--type", "--state " + s.pick(["Stable", "empty", "Empty,Stable", "Dead", "x", "''", "stable,x", "' Empty'", "Assigning"]), "--type " + s.pick(["classic", "Consumer", "share", "x", "classic,consumer", "''", "streams"]),
                         "--verbose", "--group g1", "--all-groups", "--timeout 3000"], 1, 2)
    s.run("kafka-consumer-groups", *words, spoil=0.06)


def reset_scope(s):
    entry = s.pick(list(s.groups.values()))
    names = [n for n in entry["topics"] if n in s.topics] or list(s.topics) or ["nope"]
    name = s.pick(names) if s.chance(0.85) else s.pick(list(s.topics) or ["nope"])
    parts = s.topics[name].parts if name in s.topics else 1
    kind = s.r.randrange(9)
    if kind < 3:
        return ["--topic " + q(name)]
    if kind == 3:
        return ["--all-topics"]
    if kind == 4:
        return ["--topic " + q("%s:%s" % (name, s.pick(["0", "0,%d" % (parts - 1), str(parts), ",".join(map(str, range(parts))), "x", "", "0-1", "-1", "0,0"])))]
    if kind == 5:
        return ["--topic " + q(n) for n in s.some(s.topics, 1, 3)]
    if kind == 6:
        return ["--topic %s:%d" % (q(name), s.r.randrange(parts)), "--topic " + q(s.pick(s.topics or ["nope"]))]
    if kind == 7 and s.chance(0.4):
        return ["--topic " + s.pick(["nope", "''", "nope:0", "'a b'"])]
    return ["--topic " + q(name)]


def reset_mode(s):
    return s.pick(["--to-earliest", "--to-latest", "--to-current", "--to-offset %s" % s.pick(["0", "1", "2", "3", "99", "-1", "x"]), "--to-offset 1", "--shift-by %s" % s.pick(["1", "-1", "2", "-2", "99", "-99", "0", "x", "+1"]), "--shift-by -1",
                   "--by-duration " + s.pick(["PT0S", "PT1H", "P1D", "P7DT3H", "-PT1H", "x", "P1M", "PT1.5S", "pt1h", "''"]),
                   "--to-datetime " + s.pick(["2020-01-01T00:00:00.000", "2099-12-31T23:59:59.999Z", "2024-02-30T00:00:00.000", "2020-01-01", "2020-01-01T00:00:00", "2020-01-01T00:00:00.000+02:00", "x", "2020-01-01T00:00:00.000+0200", "''", "2020-01-01T00:00"])])


@op(9, lambda s: s.groups, "groups wrong live")
def reset(s):
    name = s.group()
    words = ["--group " + q(name)] + reset_scope(s) + ["--reset-offsets", reset_mode(s)]
    words.append(s.pick(["--execute", "--execute", "--execute", "--dry-run", "--dry-run --export", "--export", "", "--execute --export", "--dry-run --execute"]))
    if s.chance(0.1):
        words.append(s.pick(["--to-earliest", "--to-latest", "--all-groups", "--group g2", "--verbose", "--timeout 4000", "--delete", "--from-file nope.csv"]))
    if s.chance(0.04):
        words = [w for w in words if not w.startswith("--group")] + ["--all-groups"]
    s.run("kafka-consumer-groups", *words, spoil=0.06)
    s.groups.setdefault(name, {"kind": None, "topics": []}) if False else None


@op(2, lambda s: s.groups and s.topics, "groups wrong")
def reset_file(s):
    name = s.group()
    topic = s.pick(list(s.topics))
    other = s.pick(list(s.topics))
    rows = s.pick(["%s,0,1" % topic, "%s,0,0\n%s,0,2" % (topic, other), '"%s",0,1' % topic, "%s,0" % topic, "%s,9,1" % topic, "%s,x,1" % topic, "%s,0,99" % topic, "%s, 0, 1" % topic, "", "nope,0,0",
                   '"%s","%s",0,1' % (name, topic), '"%s",0,-1' % topic, "%s;0;1" % topic, "%s,0,1,2" % topic, "topic,partition,offset\n%s,0,1" % topic])
    file = s.file(rows, "csv") if s.chance(0.92) else "none.csv"
    words = ["--group " + q(name), "--reset-offsets", "--from-file " + file, s.pick(["--execute", "--execute", "--dry-run", "", "--export --dry-run"])]
    if s.chance(0.15):
        words.append(s.pick(["--topic " + q(topic), "--all-topics", "--to-earliest"]))
    s.run("kafka-consumer-groups", *words, spoil=0)


@op(2, lambda s: s.groups, "groups")
def export_import(s):
    idle = [g for g, e in s.groups.items() if any(t in s.topics for t in e["topics"])]
    if not idle:
        return
    name = s.pick(idle)
    topic = s.pick([t for t in s.groups[name]["topics"] if t in s.topics])
    s.run("kafka-consumer-groups", "--group " + q(name), "--topic " + q(topic), "--reset-offsets", reset_mode(s), "--export", s.pick(["", "--dry-run"]), tail=" > plan.csv", spoil=0)
    s.line("$ cat plan.csv")
    s.run("kafka-consumer-groups", "--group " + q(name), "--reset-offsets", "--from-file plan.csv", s.pick(["--execute", "--dry-run"]), spoil=0)


@op(4, lambda s: s.groups, "groups live wrong")
def delete_group(s):
    names = [s.group()] if s.chance(0.8) else s.some(list(s.groups) + GROUPS, 2, 3)
    words = ["--delete"] + ["--group " + q(n) for n in names]
    if s.chance(0.12):
        words = ["--delete", "--all-groups"]
        names = list(s.groups)
    if s.chance(0.12):
        words.append(s.pick(["--topic orders", "--execute", "--dry-run", "--all-topics", "--verbose", "--state", "--timeout 2000", "--members"]))
    busy = {one["group"] for one in s.live.values()}
    if s.run("kafka-consumer-groups", *words, spoil=0.05):
        for n in names:
            if n not in busy:
                s.groups.pop(n, None)


@op(4, lambda s: s.groups and s.topics, "groups live wrong")
def delete_offsets(s):
    words = ["--delete-offsets", "--group " + q(s.group())] + reset_scope(s)
    if s.chance(0.1):
        words.append(s.pick(["--all-topics", "--group g2", "--execute", "--timeout 3000", "--verbose"]))
    s.run("kafka-consumer-groups", *words, spoil=0.05)


@op(1, themes="groups wrong")
def validate_regex(s):
    s.run("kafka-consumer-groups", "--validate-regex " + s.pick(["'a.*'", "'['", "''", "'(?i)x'", "'a{2'", "'(?=x)'", "'\\d+'", "'*'", "'(a'", "'a|b'", "'\\p{L}'", "'a++'", "x --describe", "'\\1'", "'(?<n>a)'"]), spoil=0)


@op(2, lambda s: s.groups or s.shares or s.theme == "wrong", "groups share live wrong")
def kafka_groups(s):
    words = ["--list"]
    if s.chance(0.6):
        words += s.some(["--group-type " + s.pick(["classic", "consumer", "share", "x", "Streams", "''", "Classic,share"]), "--protocol " + s.pick(["consumer", "share", "x", "''"]), "--consumer", "--share", "--streams", "--verbose"], 1, 2)
    s.run("kafka-groups", *words, spoil=0.1)


@op(3, themes="wrong")
def groups_wrong(s):
    tool = s.pick(["kafka-consumer-groups", "kafka-consumer-groups", "kafka-share-groups", "kafka-groups"])
    s.run(tool, *s.some(["--list", "--describe", "--group g1", "--delete", "--reset-offsets", "--to-earliest", "--topic orders", "--all-groups", "--execute", "--delete-offsets", "--state", "--members", "--offsets",
                         "--dry-run", "--all-topics", "--verbose", "--type x", "--timeout x", "--export", "--to-current"], 1, 4), spoil=0)


# --- consumers and producers that run in other terminals

@op(6, lambda s: s.topic() and len(s.live) < 3, "live groups cluster")
def start_live(s):
    topic = s.topic()
    name = s.pick([n for n in ("one", "two", "three") if n not in s.live])
    sharing = [l for l in s.live.values() if l["what"] == "consumer"]
    if sharing and s.chance(0.6):
        other = s.pick(sharing)
        group, kind, strategy = other["group"], other["kind"], other["strategy"]
        topic = s.topics.get(other["topic"], topic)
        if kind == "consumer":
            return  # which member gets what is left to chance
    else:
        busy = {one["group"] for one in s.live.values()}
        group = s.pick([g for g in GROUPS if g not in busy])
        kind = s.groups.get(group, {}).get("kind") or s.pick(["classic", "classic", "consumer"])
        strategy = s.pick(ASSIGNORS) if s.chance(0.6) else None
    words = ["--topic " + q(topic.name), "--group " + q(group), "--command-property client.id=" + name]
    if kind == "consumer":
        words.append("--command-property group.protocol=consumer")
    elif strategy:
        words.append("--command-property partition.assignment.strategy=org.apache.kafka.clients.consumer." + strategy)
    if s.chance(0.6):
        words.append("--from-beginning")
    if s.chance(0.3) and topic.parts == 1:
        words += prints(s)[:2]
    s.line("@%s $ kafka-console-consumer.sh %s %s" % (name, s.server(), " ".join(words)))
    s.line("$ sleep 4")
    s.commands += 1
    s.joined = True
    s.live[name] = {"what": "consumer", "group": group, "kind": kind, "strategy": strategy, "topic": topic.name, "parts": topic.parts}
    entry = s.groups.setdefault(group, {"kind": kind, "topics": []})
    entry["topics"] = sorted(set(entry["topics"]) | {topic.name})


@op(5, lambda s: any(l["what"] == "consumer" for l in s.live.values()), "live groups")
def feed_live(s):
    one = s.pick([l for l in s.live.values() if l["what"] == "consumer"])
    topic = s.topics.get(one["topic"])
    if not topic or not s.served(topic):
        return
    send(s, topic, number=1 if topic.parts > 1 else None)
    show_live(s)


def show_live(s):
    for name, one in s.live.items():
        topic = s.topics.get(one["topic"])
        if topic and topic.parts == 1 and one["what"] == "consumer":
            s.line("@%s ?" % name)


@op(4, lambda s: s.live, "live groups share")
def end_live(s):
    name = s.pick(list(s.live))
    one = s.live.pop(name)
    topic = s.topics.get(one["topic"])
    if one["what"] == "producer":
        s.line("@%s ^D" % name)
    elif topic and topic.parts > 1:
        # what is left of several partitions comes in any order: it is not shown when it is not read
        s.line("@%s ^C" % name)
    else:
        s.line("@%s ^C" % name)
    s.line("$ sleep 1")


@op(2, lambda s: s.topic(lambda t: t.parts == 1) and len(s.live) < 3, "live records")
def live_producer(s):
    topic = s.topic(lambda t: t.parts == 1)
    name = s.pick([n for n in ("p1", "p2") if n not in s.live] or ["p3"])
    if name in s.live:
        return
    s.line("@%s $ kafka-console-producer.sh %s --topic %s %s" % (name, s.server(), q(topic.name), s.pick(["", "--sync", "--command-property linger.ms=0"])))
    for _ in range(s.r.randint(1, 3)):
        s.line("@%s > %s" % (name, value(s)))
        topic.count = topic.count + 1 if topic.count is not None else None
    s.live[name] = {"what": "producer", "group": None, "topic": topic.name}
    s.commands += 1
    show_live(s)


# --- share groups

@op(7, lambda s: s.topic(), "share")
def share_setup(s):
    name = s.pick(SHARES)
    topic = s.topic(lambda t: t.parts == 1) or s.topic()
    if name in s.shares:
        topic = s.topics.get(s.shares[name]["topic"], topic)
    elif s.chance(0.8):
        s.run("kafka-configs", "--alter", "--group " + q(name), "--add-config share.auto.offset.reset=earliest", spoil=0)
    words = ["--topic " + q(topic.name), "--group " + q(name)]
    if s.chance(0.25):
        words.append(s.pick(["--reject", "--release"]))
    if "--release" in words or not topic.count or name in s.shares or s.chance(0.6):
        words.append("--timeout-ms %d" % s.pick([9000, 9000]))
        if s.chance(0.3) and topic.parts == 1:
            words.append("--max-messages %d" % s.r.randint(1, 3))
    else:
        words.append("--timeout-ms 9000")
    if topic.parts == 1:
        words += ["--formatter-property print.%s=true" % p for p in s.some(["key", "offset", "delivery", "partition"], 0, 2)]
    s.run("kafka-console-share-consumer", *words, tail=" | sort" if topic.parts > 1 else "", spoil=0)
    s.shares[name] = {"topic": topic.name}


@op(2, lambda s: s.topic(lambda t: t.parts == 1) and not any(l["what"] == "share" for l in s.live.values()), "share live")
def share_live(s):
    name = s.pick([n for n in SHARES if n not in s.shares] or SHARES)
    topic = s.topic(lambda t: t.parts == 1)
    s.line("@sh $ kafka-console-share-consumer.sh %s --topic %s --group %s --command-property client.id=sh" % (s.server(), q(topic.name), q(name)))
    s.line("$ sleep 5")
    s.commands += 1
    s.live["sh"] = {"what": "share", "group": name, "topic": topic.name}
    s.shares[name] = {"topic": topic.name}
    send(s, topic)
    s.line("@sh ?")


@op(7, lambda s: s.shares, "share")
def share_describe(s):
    name = s.pick(s.shares) if s.chance(0.85) else s.pick(GROUPS + SHARES)
    words = ["--describe", "--group " + q(name)] if s.chance(0.85) else ["--describe", "--all-groups"]
    s.run("kafka-share-groups", *words, *s.pick([[], [], ["--offsets"], ["--members"], ["--members", "--verbose"], ["--state"], ["--state", "--verbose"], ["--offsets", "--verbose"], ["--members", "--state"], ["--timeout 3000"]]), spoil=0.06)


@op(5, lambda s: s.shares, "share")
def share_admin(s):
    name = s.pick(s.shares) if s.chance(0.85) else s.pick(GROUPS + SHARES)
    topic = s.shares.get(name, {}).get("topic", "orders")
    if s.chance(0.15):
        topic = s.pick(list(s.topics) + ["nope"])
    kind = s.r.randrange(5)
    if kind == 0:
        s.run("kafka-share-groups", "--list", *s.some(["--state", "--state Empty", "--state x", "--state 'Stable,Empty'", "--verbose"], 0, 1), spoil=0.1)
    elif kind == 1:
        s.run("kafka-share-groups", "--delete", "--group " + q(name), s.pick(["", "", "--all-groups", "--topic orders"]), spoil=0.05)
        s.shares.pop(name, None)
    elif kind == 2:
        s.run("kafka-share-groups", "--delete-offsets", "--group " + q(name), "--topic " + q(topic), s.pick(["", "", "", "--topic nope", "--all-topics"]), spoil=0.05)
    else:
        mode = s.pick(["--to-earliest", "--to-latest", "--to-datetime 2020-01-01T00:00:00.000", "--to-datetime x", "--to-offset 1", "--to-current", "--to-earliest --to-latest", "", "--to-datetime 2099-01-01T00:00:00.000"])
        s.run("kafka-share-groups", "--reset-offsets", "--group " + q(name), s.pick(["--topic " + q(topic), "--topic " + q(topic), "--all-topics", "--topic %s:0" % q(topic), "--topic %s:7" % q(topic)]), mode, s.pick(["--execute", "--execute", "--dry-run", "", "--dry-run --export"]), spoil=0.04)


@op(2, lambda s: s.topic(), "share wrong")
def share_wrong(s):
    bad = ["--timeout-ms x", "--max-messages " + s.pick(["x", "-1", "''"]), "--reject --release", "--group", "--partition 0", "--from-beginning", "--formatter no.such", "--command-property group.protocol=x", "--command-property share.acknowledgement.mode=x",
           "--command-property enable.auto.commit=true", "--command-property auto.offset.reset=earliest", "--topic b", "--isolation-level x", "--offset 0", "--command-property max.poll.records=0", "--consumer-property a=b --command-property c=d", "--group ''", "--formatter-property print.delivery=x"]
    s.run("kafka-console-share-consumer", "--topic " + q(s.topic().name), *s.some(bad, 1, 2), "--timeout-ms 3000", spoil=0)


# --- kafka-configs.sh

GROUP_CONFIGS = ["consumer.session.timeout.ms=50000", "consumer.heartbeat.interval.ms=6000", "share.session.timeout.ms=50000", "share.heartbeat.interval.ms=6000", "share.record.lock.duration.ms=20000",
                 "share.auto.offset.reset=earliest", "share.auto.offset.reset=by_duration:PT1H", "share.isolation.level=read_committed", "streams.num.standby.replicas=1", "share.delivery.count.limit=3",
                 "consumer.session.timeout.ms=1", "consumer.heartbeat.interval.ms=x", "share.auto.offset.reset=x", "share.record.lock.duration.ms=1", "no.such=1", "consumer.session.timeout.ms", "streams.session.timeout.ms=50000", "share.partition.max.record.locks=200",
                 "consumer.assignment.interval.ms=100", "share.isolation.level=x", "share.record.lock.duration.ms=-1", "streams.num.standby.replicas=-1"]


def target(s):
    kind = s.pick(["topic", "topic", "topic", "group", "group", "other"])
    if kind == "topic":
        name = s.any_name()
        return kind, s.pick(["--topic " + name, "--topic " + name, "--entity-type topics --entity-name " + name])
    if kind == "group":
        name = q(s.group())
        return kind, s.pick(["--group " + name, "--entity-type groups --entity-name " + name])
    return kind, s.pick(["--broker 1", "--broker 9", "--broker x", "--broker-defaults", "--entity-type brokers", "--entity-type brokers --entity-default", "--client-metrics m", "--entity-type client-metrics", "--entity-type topics",
                         "--entity-type groups", "--entity-type x --entity-name y", "--entity-name y", "--topic a --group b", "--entity-type topics --topic a", "--entity-type topics --entity-default", "--broker-logger x", "--entity-type brokers --entity-name ''", "--topic ''", "--group ''"])


@op(5, themes="configs topics wrong share")
def describe_configs(s):
    kind, words = target(s)
    if s.brokers > 1 and kind == "other" and "topics" in words:
        kind, words = "topic", "--topic nope"
    tail = ""
    extra = ""
    if s.chance(0.2) and kind != "other":
        extra, tail = "--all", s.pick(["", " | wc -l", " | grep retention", " | sort | head -n 5", " | grep -c DEFAULT_CONFIG"])
    s.run("kafka-configs", "--describe", words, extra, tail=tail, spoil=0.08 if kind != "other" else 0)


@op(7, lambda s: s.topics, "configs wrong share")
def alter_configs(s):
    kind, words = target(s)
    if kind == "other":
        words = "--topic " + q(s.pick(list(s.topics)))
        kind = "topic"
    pool = GROUP_CONFIGS if kind == "group" else CONFIGS + BAD_CONFIGS
    pool = [c for c in pool if "retention.ms=1" not in c and "min.insync" not in c]
    adds = s.some(pool, 1, 2)
    forms = []
    if s.chance(0.7):
        text = ",".join(c if "," not in c else c.replace("=", "=[", 1) + "]" for c in adds)
        forms.append("--add-config " + q(text))
    if s.chance(0.35) or not forms:
        forms.append("--delete-config " + q(",".join(c.split("=")[0] for c in s.some(pool, 1, 2))))
    if s.chance(0.06):
        forms.append(s.pick(["--describe", "--all", "--add-config-file none.properties", "--add-config", "--delete-config", "--add-config a=b"]))
    s.run("kafka-configs", "--alter", words, *forms, spoil=0.05)
    if kind == "topic":
        for topic in s.topics.values():
            topic.count = None
            topic.squeezed = True


@op(1, lambda s: s.topics, "configs")
def alter_by_file(s):
    file = s.file(s.pick(["retention.ms=600000\nflush.ms=9", "# comment\nretention.ms = 700000", "retention.ms", "no.such=1", "", "cleanup.policy=compact,delete", "a b c"]), "properties")
    s.run("kafka-configs", "--alter", "--topic " + q(s.pick(list(s.topics))), "--add-config-file " + file, s.pick(["", "", "", "--add-config flush.ms=5", "--delete-config retention.ms"]), spoil=0)


# --- offsets and records

@op(5, lambda s: s.topics, "records groups topics cluster wrong live")
def get_offsets(s):
    words = []
    topic = s.topic()
    if not topic:
        return
    kind = s.r.randrange(6)
    if kind < 3:
        words.append("--topic " + q(topic.name))
        if s.chance(0.4):
            words.append("--partitions " + s.pick(["0", "0,1", "1", "9", "x", "0,0", "''", "-1", "0-1", "0,", "0, 1"]).replace("0, 1", "'0, 1'"))
    elif kind == 3:
        words.append("--topic-partitions " + q(s.pick(["%s:0", "%s", "%s:0-2", "%s:-1", "%s:1-", ":0", "%s:x", "%s:0,nope:1", "%s:0,:1", "%s:5", "%s:2-1", "%s:", ",", "%s:0:1", "o.*:0"]).replace("%s", topic.name)))
        words.append("--exclude-internal-topics")
    elif kind == 4:
        words += ["--topic " + s.pick(["'.*s'", "'a|orders'", "nope", "'['", "'[a-z]+'", "''"]), "--exclude-internal-topics"]
    else:
        words.append("--exclude-internal-topics")
    if s.chance(0.6):
        words.append("--time " + s.pick(["-1", "-2", "-3", "-4", "-5", "latest", "earliest", "max-timestamp", "earliest-local", "latest-tiered", "earliest-pending-upload", "0", "1", "9999999999999", "x", "-7", "''", "LATEST", "1.5", "-6"]))
    if s.chance(0.05):
        words.append(s.pick(["--partitions 0", "--topic-partitions a:0", "--topic a", "--broker-list localhost:9092", "--max-wait-ms 5", "--offsets 1"]))
    s.run("kafka-get-offsets", *words, spoil=0.05)


@op(3, lambda s: s.topic(), "records groups wrong")
def delete_records(s):
    topic = s.topic()
    part = s.r.randrange(topic.parts)
    offset = s.pick(["0", "1", "2", "-1", "99", "-2", "1.5", '"1"'])
    good = '{"partitions":[{"topic":"%s","partition":%d,"offset":%s}],"version":1}' % (topic.name, part, offset)
    text = good
    if s.chance(0.4):
        text = s.pick(['{"partitions":[],"version":1}', "{}", "", "[]", "x", good[:-3], '{"version":2,"partitions":[]}', good.replace('"version":1', '"version":"1"'), good.replace(',"version":1', ""), good.replace('"offset"', '"offse"'),
                       good.replace('"partition":', '"part":'), '{"partitions":[{"topic":"%s","partition":0,"offset":0},{"topic":"%s","partition":0,"offset":1}],"version":1}' % (topic.name, topic.name), good.replace('"topic"', '"Topic"'), '{"partitions":{},"version":1}'])
    file = s.file(text) if s.chance(0.95) else "none.json"
    s.run("kafka-delete-records", "--offset-json-file " + file, spoil=0.05)
    topic.count = None


# --- the cluster

@op(4, lambda s: s.brokers > 1 and len(s.down) < 2, "*")
def kill(s):
    victim = s.pick([n for n in (1, 2, 3) if n not in s.down])
    if any(not set(row) - s.down - {victim} for t in s.topics.values() for row in t.plan or [[1, 2, 3]]) and s.chance(0.8):
        return
    if s.live and s.chance(0.8):
        return
    s.line("$ kill-broker %d%s" % (victim, " --crash" if s.chance(0.15) else ""))
    s.line("$ sleep 3")
    s.down.add(victim)
    s.commands += 1
    names = [n for n in s.topics]
    if names:
        s.run("kafka-topics", "--describe", "--topic " + q(s.pick(names)), spoil=0)


@op(5, lambda s: s.down - s.gone, "*")
def restart(s):
    victim = s.pick(sorted(s.down - s.gone))
    s.line("$ start-broker %d" % victim)
    s.line("$ sleep 6")
    s.down.discard(victim)
    s.commands += 1
    if s.topics:
        s.run("kafka-topics", "--describe", "--topic " + q(s.pick(list(s.topics))), spoil=0)


@op(3, lambda s: s.brokers > 1 and s.topics, "*")
def produce_squeezed(s):
    """With acks=all below min.insync.replicas the producer gives up after a short delivery timeout."""
    found = [t for t in s.topics.values() if t.parts == 1 and t.plan and set(t.plan[0]) - s.down and len(set(t.plan[0]) - s.down) < t.min_isr]
    if not found:
        return
    topic = s.pick(found)
    acks = s.pick(["all", "all", "1"])
    s.run("kafka-console-producer", "--topic " + q(topic.name), "--request-required-acks " + acks, "--command-property delivery.timeout.ms=4000", "--command-property request.timeout.ms=2000",
          "--command-property linger.ms=0", typed=[value(s)], spoil=0)
    topic.count = None
    s.run("kafka-get-offsets", "--topic " + q(topic.name), spoil=0)


@op(4, lambda s: s.topics, "cluster wrong")
def election(s):
    kind = s.pick(["preferred", "preferred", "preferred", "unclean", "PREFERRED", "x", "''"])
    words = ["--election-type " + kind]
    way = s.r.randrange(5)
    topic = s.pick(list(s.topics.values()))
    if way < 2:
        words += ["--topic " + q(topic.name), "--partition " + (str(s.r.randrange(topic.parts)) if s.chance(0.8) else s.pick(["9", "-1", "x"]))]
    elif way == 2 and s.brokers == 1:
        words.append("--all-topic-partitions")
    elif way == 3:
        good = '{"partitions":[{"topic":"%s","partition":0}]}' % topic.name
        words.append("--path-to-json-file " + s.file(s.pick([good, good, "{}", "x", '{"partitions":[]}', good.replace("}]", "},{\"topic\":\"nope\",\"partition\":0}]"), good.replace(":0", ":9"), good[:-2] + "," + good[15:]])))
    else:
        words.append(s.pick(["--topic " + q(topic.name), "--partition 0", "--topic a --all-topic-partitions", "", "--path-to-json-file none.json", "--topic nope --partition 0"]))
    s.run("kafka-leader-election", *words, spoil=0.08)


@op(4, lambda s: s.topics, "cluster wrong")
def reassign(s):
    topic = s.topic()
    if not topic or s.down:
        return
    if s.brokers > 1:
        size = s.pick([1, 2, 3])
        part = s.r.randrange(topic.parts)
        row = s.r.sample([1, 2, 3], size)
        plan = '{"version":1,"partitions":[{"topic":"%s","partition":%d,"replicas":%s}]}' % (topic.name, part, str(row).replace(" ", ""))
    else:
        row, part = [1], 0
        plan = '{"version":1,"partitions":[{"topic":"%s","partition":0,"replicas":[1]}]}' % topic.name
    spoilt = s.chance(0.25)
    if spoilt:
        plan = s.pick(["{}", "x", "", '{"version":1,"partitions":[]}', plan.replace('"version":1', '"version":2'), plan.replace('"replicas":[', '"replicas":[9,'), plan.replace('"topic":"%s"' % topic.name, '"topic":"nope"'), plan.replace('"replicas"', '"replica"'),
                       plan[:-1], plan.replace('"replicas":[%d' % row[0], '"replicas":[%d,%d' % (row[0], row[0])), plan.replace('"partition":%d' % part, '"partition":99'), plan.replace('"version":1,', ""), plan.replace('"replicas":', '"log_dirs":["any"],"replicas":')])
    file = s.file(plan) if s.chance(0.97) else "none.json"
    if s.chance(0.3) and not spoilt:
        s.run("kafka-reassign-partitions", "--reassignment-json-file " + file, s.pick(["--verify", "--cancel", "--list", "--generate", "--execute --verify", "--additional", "--execute --throttle x", "--verify --throttle 5", "--cancel --preserve-throttles", "--verify --preserve-throttles", "--execute --disallow-replication-factor-change"]), spoil=0)
        return
    s.run("kafka-reassign-partitions", "--reassignment-json-file " + file, "--execute", s.pick(["", "", "", "--throttle 1000000", "--additional", "--timeout 5000"]), spoil=0)
    s.line("$ sleep 3")
    s.run("kafka-reassign-partitions", "--reassignment-json-file " + file, s.pick(["--verify", "--verify", "--verify --preserve-throttles", "--cancel"]), spoil=0)
    if s.brokers > 1 and not spoilt:
        topic.plan = [r if i != part else row for i, r in enumerate(topic.plan)]
        s.run("kafka-topics", "--describe", "--topic " + q(topic.name), spoil=0)


@op(1, lambda s: s.topics, "cluster")
def reassign_other(s):
    kind = s.r.randrange(3)
    if kind == 0:
        s.run("kafka-reassign-partitions", "--list", spoil=0.2)
    elif kind == 1:
        file = s.file('{"version":1,"topics":[{"topic":"%s"}]}' % s.pick(list(s.topics) + ["nope"]))
        s.run("kafka-reassign-partitions", "--generate", "--topics-to-move-json-file " + file, "--broker-list " + s.pick(["1", "9", "x", "''", "1,1"]), s.pick(["", "--disable-rack-aware"]), spoil=0.1)
    else:
        s.run("kafka-reassign-partitions", *s.some(["--execute", "--verify", "--list", "--cancel", "--generate", "--throttle 5", "--broker-list 1", "--additional", "--preserve-throttles"], 1, 3), spoil=0)


@op(2, lambda s: s.topics and s.brokers == 1, "cluster records wrong")
def log_dirs(s):
    names = [t.name for t in s.topics.values() if not t.squeezed]
    words = ["--describe"]
    if names:
        words.append("--topic-list " + q(",".join(s.some(names, 1, 2))))
    else:
        words.append("--topic-list nope")
    if s.chance(0.4):
        words.append("--broker-list " + s.pick(["1", "1,1", "7", "x", "''", "1,", "' 1'"]))
    s.run("kafka-log-dirs", *words, spoil=0.1)


@op(3, lambda s: not s.down, "cluster wrong")
def cluster_tools(s):
    kind = s.r.randrange(8)
    if kind == 0:
        s.run("kafka-metadata-quorum", s.pick(["describe --status", "describe --status"]), tail=" | grep -E '^(LeaderId|ClusterId|CurrentObservers|CurrentVoters)' | cut -c1-30", spoil=0)
    elif kind == 1:
        s.run("kafka-metadata-quorum", s.pick(["describe", "describe --status --replication", "describe --x", "remove-controller", "remove-controller --controller-id x --controller-directory-id y", "x", "", "describe --human-readable", "add-controller --dry-run", "remove-controller --controller-id 1"]), spoil=0)
    elif kind == 2:
        s.run("kafka-features", s.pick(["describe --x", "", "x", "upgrade", "downgrade --x", "describe extra", "disable", "describe --feature x"]), spoil=0)
    elif kind in (3, 4):
        word = s.pick(["cluster-id", "list-endpoints", "list-endpoints --include-fenced-brokers", "unregister", "unregister --id x", "unregister --id 77", "x", "", "cluster-id extra", "cluster-id --id 5", "list-endpoints --x", "unregister --id -1", "cluster-id --config none"])
        s.shell(("kafka-cluster.sh %s %s" % (word, s.pick(["--bootstrap-server localhost:9092"] * 6 + ["", "-b localhost:9092"]))).rstrip())
    elif kind == 5:
        s.run("kafka-broker-api-versions", s.pick(["", "--x", "--version", "extra", "--command-config none.properties"]), tail=s.pick([" | grep -c :", " | grep Fetch", " | grep -E '(Produce|JoinGroup|Share).*usable' | tr -d '\\t'", " | head -n 1", " | wc -l"]), spoil=0)
    elif kind == 6:
        tool = s.pick(["kafka-topics", "kafka-configs", "kafka-consumer-groups", "kafka-get-offsets", "kafka-share-groups", "kafka-groups", "kafka-log-dirs", "kafka-delete-records", "kafka-leader-election", "kafka-console-consumer", "kafka-console-producer", "kafka-reassign-partitions"])
        s.shell(("%s.sh %s" % (tool, s.pick(["--version", "--list", "", "--bootstrap-server", "--bootstrap-server localhost:9092", "--describe", "--bootstrap-server '' --list", "--bootstrap-server localhost --list", "--bootstrap-server localhost:x --list", "--bootstrap-server a,b --list", "--topic x"]))).rstrip())
    else:
        s.run("kafka-features", "version-mapping --release-version " + s.pick(["4.4-IV0", "4.3", "x", "''"]) if s.chance(0.3) else "describe", tail=" | cut -f 1-4", spoil=0)


# --- longer turns: what only shows over several commands

@op(2, lambda s: s.groups and s.brokers == 1 and not s.live, "groups records topics")
def recreate_topic(s):
    """A topic is deleted and made again under a group that has offsets in it."""
    found = [(g, t) for g, e in s.groups.items() for t in e["topics"] if t in s.topics]
    if not found:
        return
    group, name = s.pick(found)
    s.run("kafka-topics", "--delete", "--topic " + q(name), spoil=0)
    s.line("$ sleep 2")
    if s.chance(0.4):
        s.run("kafka-consumer-groups", "--describe", "--group " + q(group), spoil=0)
    for other in [n for n in s.topics if __import__("re").fullmatch(name, n)]:
        del s.topics[other]
    topic = make_topic(s, name=name, parts=s.pick([1, 1, 2]))
    if not topic:
        return
    send(s, topic)
    s.run("kafka-consumer-groups", "--describe", "--group " + q(group), spoil=0)
    protocol = ["--command-property group.protocol=consumer"] if s.groups[group]["kind"] == "consumer" else []
    s.run("kafka-console-consumer", "--topic " + q(name), "--group " + q(group), *protocol, s.pick(["", "--from-beginning"]), "--timeout-ms 9000", tail=" | sort" if topic.parts > 1 else "", spoil=0)
    s.run("kafka-consumer-groups", "--describe", "--group " + q(group), spoil=0)


@op(2, lambda s: len(s.topics) > 1 and s.brokers == 1, "groups live")
def two_topics_group(s):
    names = s.some(s.topics, 2, 2)
    group = s.pick([g for g in GROUPS if g not in s.groups and g not in {l["group"] for l in s.live.values()}] or ["other"])
    pattern = "|".join(n.replace(".", "\\.") for n in names)
    s.run("kafka-console-consumer", "--include " + q(pattern), "--group " + q(group), *group_config(s, s.pick(["classic", "classic", "consumer"])), "--from-beginning", "--timeout-ms 9000", tail=" | sort", spoil=0)
    s.joined = True
    s.groups[group] = {"kind": "classic", "topics": sorted(names)}
    s.run("kafka-consumer-groups", "--describe", "--group " + q(group), *s.pick(DESCRIBE), spoil=0)


@op(2, lambda s: s.topic() and s.brokers == 1 and not s.live, "groups live")
def grow_under_consumer(s):
    """Partitions are added, or the topic goes, while a consumer runs that looks for such changes each second."""
    topic = s.topic()
    group = s.pick([g for g in GROUPS if g not in s.groups] or ["other"])
    protocol = s.pick(["", "", "--command-property group.protocol=consumer"])
    s.line("@one $ kafka-console-consumer.sh %s --topic %s --group %s --command-property client.id=one --command-property metadata.max.age.ms=1000 %s" % (s.server(), q(topic.name), q(group), protocol))
    s.line("$ sleep 5")
    if s.chance(0.6):
        topic.parts += s.pick([1, 2])
        s.run("kafka-topics", "--alter", "--topic " + q(topic.name), "--partitions %d" % topic.parts, spoil=0)
        s.line("$ sleep 8")
        s.run("kafka-consumer-groups", "--describe", "--group " + q(group), *s.pick(DESCRIBE), spoil=0)
        s.run("kafka-consumer-groups", "--describe", "--group " + q(group), "--members", "--verbose", spoil=0)
        s.line("@one ^C")
        s.groups[group] = {"kind": "consumer" if protocol else "classic", "topics": [topic.name]}
    else:
        s.run("kafka-topics", "--delete", "--topic " + q(topic.name), spoil=0)
        for other in [n for n in s.topics if __import__("re").fullmatch(topic.name, n)]:
            del s.topics[other]
        s.line("$ sleep 6")
        s.run("kafka-consumer-groups", "--describe", "--group " + q(group), *s.pick(DESCRIBE), spoil=0)
        s.line("@one ^C")
    s.joined = True
    s.line("$ sleep 1")


@op(2, lambda s: s.groups and s.topic() and not s.down, "groups records")
def by_time(s):
    """Old and new records, told apart by their time."""
    topic = s.topic()
    group = s.group()
    send(s, topic)
    s.line("$ sleep 25")
    send(s, topic)
    s.run("kafka-consumer-groups", "--group " + q(group), "--topic " + q(topic.name), "--reset-offsets", "--by-duration " + s.pick(["PT15S", "PT0.25M", "PT14.5S", "P0DT15S", "PT5H"]), s.pick(["--execute", "--dry-run"]), spoil=0)


@op(2, lambda s: s.brokers == 1, "configs records topics")
def limits(s):
    """Settings of a topic that change what the producer is told."""
    name = s.pick([n for n in TOPICS if n not in s.topics and not n.startswith("audit")])
    kind = s.r.randrange(4)
    rows = s.some(WORDS, 2, 3)
    config, words = [("min.insync.replicas=2", ["--command-property delivery.timeout.ms=4000", "--command-property request.timeout.ms=2000", "--command-property linger.ms=0"]), ("max.message.bytes=120", s.some(["--sync", "--batch-size 1", "--request-required-acks 1"], 0, 1)),
                     ("cleanup.policy=compact", s.some(["--sync", "--request-required-acks 1"], 0, 1)), ("message.timestamp.type=LogAppendTime", [])][kind]
    if kind == 1:
        rows.insert(s.r.randrange(2), "y" * 150)
    s.run("kafka-topics", "--create", "--topic " + q(name), "--config " + config, spoil=0)
    if kind == 2 and s.chance(0.5):
        words += ["--reader-property parse.key=true", "--reader-property key.separator=:", "--reader-property null.marker=NULL"]
        rows = s.some(["a:1", "NULL:2", "b:NULL", "c:3", ":4"], 2, 4)
    s.run("kafka-console-producer", "--topic " + q(name), *words, typed=rows, spoil=0)
    s.run("kafka-console-consumer", "--topic " + q(name), "--from-beginning", s.read_wait(), "--formatter-property print.offset=true", "--formatter-property print.timestamp=true", "--formatter-property print.key=true", spoil=0)
    s.run("kafka-get-offsets", "--topic " + q(name), s.pick(["", "--time -3", "--time -2"]), spoil=0)
    if name not in s.topics:
        s.topics[name] = Topic(name)
        s.topics[name].count, s.topics[name].min_isr = None, 2 if kind == 0 else 1


@op(2, lambda s: s.topic() and not s.live, "live groups")
def same_instance(s):
    """Two consumers with one group.instance.id: the first one is fenced."""
    topic = s.topic()
    group = s.pick([g for g in GROUPS if g not in s.groups] or ["other"])
    protocol = s.pick(["", "", "--command-property group.protocol=consumer"])
    for name in ("one", "two"):
        s.line("@%s $ kafka-console-consumer.sh %s --topic %s --group %s --command-property client.id=%s --command-property group.instance.id=same %s" % (name, s.server(), q(topic.name), q(group), name, protocol))
        s.line("$ sleep 5")
    s.run("kafka-consumer-groups", "--describe", "--group " + q(group), *s.pick([[], ["--members"], ["--members", "--verbose"], ["--state"]]), spoil=0)
    s.line("@two ^C")
    s.line("$ sleep 1")
    s.run("kafka-consumer-groups", "--describe", "--group " + q(group), *s.pick([[], ["--members"], ["--members", "--verbose"], ["--state"]]), spoil=0)
    s.line("@one ^C")
    s.joined = True


@op(1, lambda s: s.groups and s.brokers == 1, "groups records")
def offsets_topic(s):
    s.run("kafka-console-consumer", "--topic __consumer_offsets", "--formatter org.apache.kafka.tools.consumer." + s.pick(["OffsetsMessageFormatter", "GroupMetadataMessageFormatter", "TransactionLogMessageFormatter"]), "--from-beginning", "--timeout-ms 8000",
          tail=" 2> /dev/null | sed 's/[0-9]\\{13\\}/T/g' | sort | uniq -c" if s.chance(0) else " 2> /dev/null | tr -s 0-9 n | cut -c1-60 | sort | uniq -c", spoil=0)


# --- the shell

@op(2, lambda s: s.topics, "wrong records topics")
def shell_things(s):
    name = q(s.pick(list(s.topics)))
    server = s.server()
    s.shell(s.pick([
        "kafka-topics.sh %s --list && echo ok || echo no" % server,
        "kafka-topics.sh %s --describe --topic nope || echo no such topic" % server,
        "kafka-topics.sh %s --describe --topic %s | grep -c Partition:" % (server, name),
        "kafka-topics.sh %s --describe --topic %s | cut -f 3 | sort | uniq -c" % (server, name),
        "kafka-topics.sh %s --describe --topic %s > d.txt; wc -l d.txt; grep -o 'Leader: [0-9]*' d.txt" % (server, name),
        "kafka-get-offsets.sh %s --topic %s | cut -d: -f3 | sort -n | tail -n 1" % (server, name),
        "kafka-topics.sh %s --create --topic %s; echo \"status $?\"" % (server, name),
        "false; echo $?; true && echo $?",
        "kafka-topics.sh --nope 2> err.txt; echo $?; head -n 1 err.txt",
        "kafka-consumer-groups.sh %s --list > groups.txt && sort groups.txt" % server,
        "printf 'a\\nb\\n' | tee letters.txt | wc -l; cat letters.txt",
        "seq 3 | sort -r | xargs echo",
        "ls; rm -f out.txt; ls",
        "cat none.txt; echo $?",
        "no-such-command --x; echo $?",
    ]))


# --- dynamic settings of brokers

BROKER_CONFIGS = ["log.retention.ms=600000", "log.segment.bytes=2000000", "message.max.bytes=900000", "compression.type=gzip", "log.cleaner.threads=2", "num.io.threads=9", "num.network.threads=4", "background.threads=11",
                  "max.connections=500", "max.connections.per.ip=5", "log.flush.interval.messages=7", "log.cleanup.policy=compact", "log.message.timestamp.type=LogAppendTime", "num.recovery.threads.per.data.dir=2",
                  "log.index.interval.bytes=500", "log.preallocate=true", "log.roll.ms=70000", "log.retention.bytes=1000000", "num.replica.fetchers=2", "group.max.session.timeout.ms=1900000", "no.such.setting=1"]
BAD_BROKER_CONFIGS = ["log.retention.ms=abc", "log.segment.bytes=1", "message.max.bytes=-1", "compression.type=x", "num.io.threads=99", "num.io.threads=0", "background.threads=1", "broker.id=5", "node.id=5", "log.dirs=/tmp",
                      "listeners=PLAINTEXT://localhost:1", "process.roles=broker", "auto.create.topics.enable=false", "offsets.topic.num.partitions=3", "max.connections=-1", "log.cleanup.policy=shred", "num.partitions=0",
                      "log.cleaner.threads=x", "inter.broker.protocol.version=3.0", "default.replication.factor=2", "min.insync.replicas=0", "log.roll.ms=0", "=", "log.retention.ms", "log.preallocate=maybe"]


def broker_target(s, wrong=0.08):
    if s.chance(wrong):
        return s.pick(["--broker 9", "--broker x", "--broker ''", "--broker -1", "--broker 1 --broker-defaults", "--broker", "--entity-type brokers --entity-name 1 --broker 1"])
    return s.pick(["--broker 1", "--broker 1", "--broker-defaults", "--broker-defaults", "--entity-type brokers --entity-name 1", "--entity-type brokers --entity-default"]
                  + ["--broker %d" % n for n in range(1, s.brokers + 1) if n not in s.down])


@op(3, lambda s: not s.down, "configs cluster")
def alter_broker(s):
    place = broker_target(s)
    wrong = s.chance(0.3)
    pool = BAD_BROKER_CONFIGS if wrong else BROKER_CONFIGS
    adds = s.some(pool, 1, 2)
    forms = ["--add-config " + q(",".join(adds))] if s.chance(0.8) else []
    if s.chance(0.3) or not forms:
        forms.append("--delete-config " + q(",".join(c.split("=")[0] for c in s.some(BROKER_CONFIGS, 1, 2))))
    s.run("kafka-configs", "--alter", place, *forms, spoil=0.04)
    for topic in s.topics.values():
        topic.count, topic.squeezed = None, True
    if not wrong and s.chance(0.7):
        s.run("kafka-configs", "--describe", place, spoil=0)
    if s.topics and s.chance(0.5):
        key = s.pick(["retention.ms", "segment.bytes", "max.message.bytes", "compression.type", "cleanup.policy", "message.timestamp.type", "index.interval.bytes"])
        s.run("kafka-configs", "--describe", "--topic " + q(s.pick(list(s.topics))), "--all", tail=" | grep '^  %s='" % key, spoil=0)


@op(2, lambda s: not s.down, "configs cluster wrong")
def describe_broker(s):
    tail, extra = "", ""
    if s.chance(0.4):
        extra, tail = "--all", " | grep -E '^  (%s)='" % s.pick([c.split("=")[0].replace(".", "\\.") for c in BROKER_CONFIGS])
    s.run("kafka-configs", "--describe", broker_target(s, wrong=0.0 if extra else 0.1), extra, tail=tail, spoil=0.05 if not extra else 0)


# --- three brokers: members, and records on their way, while a broker stops

def three_topic(s, parts=1):
    """A new topic with a replica on each broker."""
    name = s.pick([n for n in TOPICS if n not in s.topics and not n.startswith(("audit", "-"))] or [None])
    if not name:
        return None
    plan = [s.r.sample([1, 2, 3], 3) for _ in range(parts)]
    s.run("kafka-topics", "--create", "--topic " + q(name), "--replica-assignment " + plan_text(plan), spoil=0)
    topic = s.topics[name] = Topic(name, parts, plan)
    return topic


@op(3, lambda s: s.brokers > 1 and not s.down and not s.live, "cluster live groups")
def stop_under_load(s):
    """A broker stops while a producer sends: with acks=all nothing is lost, and with idempotence nothing comes twice."""
    topic = three_topic(s)
    if not topic:
        return
    victim = s.pick([topic.plan[0][0], topic.plan[0][0], topic.plan[0][1]])
    number = s.pick([20, 30])
    s.line("@load $ for i in $(seq %d); do echo v$i; sleep 0.4; done | kafka-console-producer.sh %s --topic %s 2> /dev/null" % (number, "--bootstrap-server localhost:9092,localhost:9093,localhost:9094", q(topic.name)))
    s.line("$ sleep 2")
    s.line("$ kill-broker %d" % victim)
    s.line("$ sleep 16")
    s.line("@load ^D")
    s.down.add(victim)
    s.commands += 1
    server = "--bootstrap-server localhost:%d" % (9091 + s.pick([n for n in (1, 2, 3) if n != victim]))
    s.shell("kafka-get-offsets.sh %s --topic %s" % (server, q(topic.name)))
    s.shell("kafka-console-consumer.sh %s --topic %s --partition 0 --offset earliest --max-messages %d 2> /dev/null | sort | uniq -c | wc -l" % (server, q(topic.name), number))
    s.shell("kafka-topics.sh %s --describe --topic %s" % (server, q(topic.name)))
    topic.count = number


@op(3, lambda s: s.brokers > 1 and not s.down and not s.live, "cluster live groups")
def stop_under_member(s):
    """A broker stops while a consumer of a group runs: it goes on, whichever broker led or coordinated."""
    topic = three_topic(s)
    if not topic:
        return
    group = s.pick([g for g in GROUPS if g not in s.groups] or ["other"])
    kind = s.pick(["classic", "consumer"])
    three = "--bootstrap-server localhost:9092,localhost:9093,localhost:9094"
    s.line("@one $ kafka-console-consumer.sh %s --topic %s --group %s --from-beginning --command-property client.id=one %s 2> /dev/null" % (
        three, q(topic.name), q(group), "--command-property group.protocol=consumer" if kind == "consumer" else ""))
    s.line("$ sleep 6")
    send(s, topic, number=2)
    s.line("@one ?")
    victim = s.pick([1, 2, 3])
    s.line("$ kill-broker %d" % victim)
    s.line("$ sleep 12")
    s.down.add(victim)
    send(s, topic, number=2)
    s.line("$ sleep 4")
    s.line("@one ?")
    s.run("kafka-consumer-groups", "--describe", "--group " + q(group), *s.pick([[], ["--members"], ["--state"]]), spoil=0)
    s.line("@one ^C")
    s.line("$ sleep 2")
    s.run("kafka-consumer-groups", "--describe", "--group " + q(group), spoil=0)
    s.joined = True
    s.commands += 1
    s.groups[group] = {"kind": kind, "topics": [topic.name]}


@op(3, lambda s: s.brokers > 1 and not s.down and not s.live, "share cluster")
def share_on_three(s):
    """A share group's coordinator, and that of its state, on three brokers."""
    topic = three_topic(s)
    name = s.pick([n for n in SHARES if n not in s.shares] or [None])
    if not topic or not name:
        return
    s.run("kafka-configs", "--alter", "--group " + q(name), "--add-config share.auto.offset.reset=earliest", spoil=0)
    send(s, topic, number=4)
    s.run("kafka-console-share-consumer", "--topic " + q(topic.name), "--group " + q(name), "--max-messages 2", "--timeout-ms 15000", spoil=0)
    s.shares[name] = {"topic": topic.name}
    s.run("kafka-share-groups", "--describe", "--group " + q(name), *s.pick([[], ["--offsets"], ["--state"]]), spoil=0)
    if s.chance(0.5):
        victim = topic.plan[0][0]
        s.line("$ kill-broker %d" % victim)
        s.line("$ sleep 10")
        s.down.add(victim)
        s.commands += 1
    s.run("kafka-console-share-consumer", "--topic " + q(topic.name), "--group " + q(name), "--timeout-ms 15000", tail=" 2> /dev/null | sort", spoil=0)


@op(1, lambda s: len(s.down) == 1 and not s.gone, "cluster")
def unregister(s):
    """A broker that is down is taken out of the cluster's list."""
    victim = s.pick(sorted(s.down))
    server = s.server()
    s.shell("kafka-cluster.sh unregister %s --id %d" % (server, victim))
    s.shell("kafka-cluster.sh list-endpoints %s --include-fenced-brokers" % server)
    if s.topics:
        s.run("kafka-topics", "--describe", "--topic " + q(s.pick(list(s.topics))), spoil=0)
    s.gone.add(victim)


# --- loops and words of the shell

@op(2, lambda s: s.topics and not s.down, "wrong records topics groups")
def shell_loops(s):
    name = q(s.pick(list(s.topics)))
    server = s.server()
    s.shell(s.pick([
        "for t in $(kafka-topics.sh %s --list --exclude-internal); do echo \"topic $t\"; done" % server,
        "kafka-topics.sh %s --list --exclude-internal | while read t; do echo \"<$t>\"; done" % server,
        "for i in 1 2 3; do echo $i; done | wc -l",
        "N=4; for i in $(seq $N); do echo \"n$i of $N\"; done",
        "T=%s; kafka-get-offsets.sh %s --topic $T" % (name, server),
        "T=%s; if kafka-topics.sh %s --describe --topic \"$T\" > /dev/null; then echo there; else echo not there; fi" % (name, server),
        "for t in %s nope-1; do kafka-topics.sh %s --describe --topic $t > /dev/null 2>&1 && echo \"$t: yes\" || echo \"$t: no\"; done" % (name, server),
        "COUNT=$(kafka-topics.sh %s --list --exclude-internal | wc -l); echo \"$COUNT topics\"" % server,
        "for i in {1..3}; do printf '%s-%d\\n' v $i; done",
        "i=0; while [ $i -lt 3 ]; do echo $i; i=$((i+1)); done",
        "seq -w 8 11; seq -s, 3; seq 3 -1 1",
        "printf '%05.1f|%-5s|%x|%o|%c\\n' 3.14159 ab 255 8 xyz",
        "echo a > l1.txt; echo b > l2.txt; cat l*.txt; ls *.txt",
        "printf 'a\\tb\\n' | cat -A",
        "timeout 1 sleep 5; echo $?",
        "timeout -s KILL 1 sleep 5; echo $?",
        "echo one two three | cut -d' ' -f2,3",
        "X=5; Y=$((X * 2 + 1)); echo $Y ${X}0 \"$X$Y\" '$X'",
    ]))


# --- a session

def session(seed):
    s = State(seed)
    goal = s.r.randint(7, 14)
    for _ in range(s.pick([1, 1, 2, 2, 3])):
        topic = make_topic(s, parts=1 if s.theme in ("share", "records") and s.chance(0.7) else None)
        if topic and s.chance(0.8):
            send(s, topic)
    if s.theme in ("groups", "live") and s.topic():
        consume_group(s, fresh=True)
    tries = 0
    while s.commands < goal and tries < 200:
        tries += 1
        usable = [(f, w * (3 if s.theme in themes.split() else 1 if themes == "*" else 0.25)) for f, w, when, themes in OPS if when(s)]
        function = s.r.choices([f for f, _ in usable], [w for _, w in usable])[0]
        function(s)
    for name, one in list(s.live.items()):
        end_of = "^D" if one["what"] == "producer" else "^C"
        s.line("@%s %s" % (name, end_of))
    if s.groups and s.chance(0.5) and not s.down:
        s.run("kafka-consumer-groups", "--describe", "--group " + q(s.pick(list(s.groups))), spoil=0)
    head = ["# Random session %d: %s" % (seed, s.theme)]
    if s.brokers > 1:
        head.append("! brokers %d" % s.brokers)
    return "\n".join(head + s.lines) + "\n"
