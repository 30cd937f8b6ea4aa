// What each step of each tour speaks of, written by hand from its words: at the moment it opens, and when it is done.
//
//   topic:T          the topic's name              card:S    the card of a reader (a service or a group)
//   records:T        three of its records          pen:S     the name of who writes
//   record:T:WORD    one whose whole says WORD     member:M  a member's card in the view Groups
//   twice:T:WORD     two such with one key         broker:N  a broker in the view Cluster
//   lag:S            the card's lag                replica:P@N  the replica of a partition on a broker
//
// A second text replaces the first one for the moment when the step is done.
export const SCENES = {
  'taxi-booking': [
    ['pen:riders topic:rides card:dispatch card:drivers', 'topic:rides record:rides:ride_accepted card:dispatch card:drivers'],
    ['topic:rides records:rides', 'records:rides record:rides:trip_end'],
    ['card:billing topic:rides topic:payments', 'card:billing record:payments:driver_paid'],
    ['card:city-map topic:rides', 'card:city-map lag:city-map records:rides'],
    ['card:city-map lag:city-map records:rides'],
    ['card:billing records:rides', 'card:billing lag:billing records:rides'],
    ['card:billing lag:billing records:rides', 'card:billing record:payments:wallet_charged'],
    ['card:billing records:rides', 'card:billing record:payments:wallet_charged'],
    ['card:billing card:wallets topic:payments', 'card:billing card:wallets twice:payments:wallet_charged'],
    ['card:wallets records:payments'],
    ['card:analytics card:billing records:rides'],
    ['broker:1 broker:2 broker:3 replica:payments-0@1', 'broker:1 broker:2 broker:3 replica:payments-0@2'],
    ['broker:1', 'broker:1 replica:payments-0@1 replica:rides-0@1'],
  ],
  'live-news': [
    ['pen:newsroom topic:news card:tv-1 card:tv-2 card:tv-3', 'records:news card:tv-1 card:tv-2 card:tv-3'],
    ['records:news card:tv-1', 'records:news record:news:weather card:tv-1'],
    ['records:news', 'card:tv-4 records:news'],
    ['card:tv-2 records:news', 'card:tv-2 lag:tv-2 records:news'],
    ['card:tv-2 lag:tv-2 records:news'],
    ['card:tv-3 records:news'],
    ['card:tv-1 records:news', 'card:tv-1 card:tv-2 card:tv-3 records:news'],
    ['card:transcription-1 records:news'],
    ['card:transcription-1 card:transcription-2'],
    ['card:transcription-1 card:transcription-2', 'card:transcription-1 card:transcription-2 card:transcription-3'],
    ['card:transcription-1 card:transcription-2 card:transcription-3'],
    ['broker:1 broker:2 broker:3 replica:news-0@1', 'broker:1 broker:2 broker:3 replica:news-0@2'],
    ['broker:1', 'broker:1 replica:news-0@1'],
  ],
  'who-reads-what': [
    ['', 'member:c1'],
    ['member:c1', 'member:c1 member:c2'],
    ['member:c1 member:c2', 'member:c1 member:c2 member:c3'],
    ['member:c1 member:c2 member:c3', 'member:c1 member:c2 member:c3 member:c4 member:c5'],
    ['', 'member:a1'],
    ['member:a1', 'member:a1 member:a2'],
    ['', 'member:s1 member:s2'],
    ['member:s1 member:s2'],
  ],
  'never-came-back': [
    ['', 'member:c1 member:c2 member:c3 member:c4'],
    ['member:c2'],
    ['member:c2', ''],
    [''],
    ['member:c3', ''],
    ['member:c4', 'member:c1'],
    ['member:clerk-1 member:clerk-2'],
    ['member:clerk-1', 'member:clerk-1 member:clerk-2'],
    ['member:clerk-1', 'member:clerk-1 member:small-clerk'],
  ],
};

/** In the page: those of `subjects` that are not to be seen, each with why. */
function unseen(subjects) {
  const window_ = { left: 0, top: 0, right: document.documentElement.clientWidth, bottom: innerHeight };
  const clip = (one, other) => ({
    left: Math.max(one.left, other.left),
    top: Math.max(one.top, other.top),
    right: Math.min(one.right, other.right),
    bottom: Math.min(one.bottom, other.bottom),
  });
  const area = (one) => Math.max(0, one.right - one.left) * Math.max(0, one.bottom - one.top);

  /** Why an element is not to be seen; null where it is. */
  const hidden = (element) => {
    if (!element.checkVisibility({ opacityProperty: true, visibilityProperty: true })) return 'it is folded away';
    const whole = element.getBoundingClientRect();
    let rest = clip(whole, window_);
    if (area(whole) === 0) return 'it is empty';
    if (area(rest) < 0.9 * area(whole)) return `it is outside of the window, at ${Math.round(whole.left)},${Math.round(whole.top)}`;
    for (let at = element.parentElement; at && at !== document.body; at = at.parentElement) {
      const { overflowX, overflowY, display } = getComputedStyle(at);
      if (display === 'contents' || (overflowX === 'visible' && overflowY === 'visible')) continue;
      const hole = at.getBoundingClientRect();
      rest = clip(rest, {
        left: overflowX === 'visible' ? -Infinity : hole.left,
        right: overflowX === 'visible' ? Infinity : hole.right,
        top: overflowY === 'visible' ? -Infinity : hole.top,
        bottom: overflowY === 'visible' ? Infinity : hole.bottom,
      });
      if (area(rest) < 0.9 * area(whole)) return `it is scrolled away in .${at.className}`;
    }
    const [x, y] = [(rest.left + rest.right) / 2, (rest.top + rest.bottom) / 2];
    const [dx, dy] = [(rest.right - rest.left) / 2 - 3, (rest.bottom - rest.top) / 2 - 3];
    const points = [[x, y], [x - dx, y - dy], [x + dx, y - dy], [x - dx, y + dy], [x + dx, y + dy]];
    const hits = points.map(([left, top]) => document.elementFromPoint(left, top));
    if (hits.some((hit) => hit && (element.contains(hit) || hit.contains(element) || hit.closest('label')?.contains(element)))) return null;
    return `it lies below .${hits[0]?.className?.baseVal ?? hits[0]?.className}`;
  };

  const all = (...selectors) => selectors.flatMap((selector) => [...document.querySelectorAll(selector)]);
  const ringed = (kind, name) => all(`[data-ring="${kind}-${name}"]`);
  const topicOf = (name) => ringed('topic', name);
  const recordsOf = (name) => topicOf(name).flatMap((topic) => [...topic.querySelectorAll('[role=option]')]);
  /** Its title holds the key and the value. */
  const whole = (record) => `${record.title} ${record.textContent}`;
  const keyOf = (record) => record.title.match(/offset \d+: (.*?) →/)?.[1];

  /** What could be it, and how many of them have to be seen. */
  const find = (subject) => {
    const [kind, name, word] = subject.split(':');
    switch (kind) {
      case 'topic': return [topicOf(name).map((topic) => topic.querySelector('h3')), 1];
      case 'records': return [recordsOf(name), 3];
      case 'record': return [recordsOf(name).filter((record) => whole(record).includes(word)), 1];
      case 'twice': {
        const fit = recordsOf(name).filter((record) => whole(record).includes(word) && !hidden(record));
        const keys = fit.map(keyOf);
        return [fit.filter((_, at) => keys.indexOf(keys[at]) !== keys.lastIndexOf(keys[at])), 2];
      }
      case 'lag': return [ringed('card', name).map((card) => card.querySelector('.lag')).filter(Boolean), 1];
      case 'broker': return [[...ringed(kind, name), ...all(`[data-broker="${name}"] .node-name`)], 1];
      case 'replica': {
        const [partition, broker] = name.split('@');
        const words = all('button[aria-label]').filter((each) => each.getAttribute('aria-label').startsWith(`${partition} on broker ${broker}`));
        return [[...ringed(kind, `${partition}-${broker}`), ...words], 1];
      }
      case 'member': {
        const names = all('.group-member-name').filter((each) => each.textContent.trim() === name);
        return [[...ringed(kind, name), ...names], 1];
      }
      // A ring's number stands in the corner of what it is around.
      case 'ring': return [all(`[data-ring-number~="${name}"]`).map((each) => each.closest('[data-ring]') ?? each), 1];
      // On a phone one card is open, and the others are a strip of names.
      case 'card':
      case 'pen': return [ringed(kind, name), 1];
      default: return [all(subject), 1];
    }
  };
  return subjects.flatMap((subject) => {
    const [found, wanted] = find(subject);
    if (found.length < wanted) return [`${subject}: ${found.length === 0 ? 'it is not on the page' : `only ${found.length} on the page`}`];
    const why = found.map(hidden);
    return why.filter((each) => each === null).length >= wanted ? [] : [`${subject}: ${why.find((each) => each)}`];
  });
}

/** Those of `subjects` (a text as above, or selectors) that cannot be seen now. */
export const unseenIn = (page, subjects) => page.evaluate(unseen, subjects);

/**
 * What the page itself says that the step speaks of: rings on the stage, and once it is done all numbers in its words.
 * Before that a step may name what its outcome brings about.
 */
export const ringsOf = (page, done) =>
  page.evaluate((done) => {
    const said = !done ? [] : [...document.querySelectorAll('[data-testid=story] [data-ring]')].map((each) => each.dataset.ring);
    const drawn = [...document.querySelectorAll('[data-ring-number]')].flatMap((each) => each.dataset.ringNumber.split(' '));
    return [...new Set([...said, ...drawn])].map((number) => `ring:${number}`);
  }, done);
