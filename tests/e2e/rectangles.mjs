// Measures the page as it is drawn: what lies over what, and what is cut. Runs inside of the page.

/** What a hand can do something with. */
const CONTROLS =
  'button, a[href], input, select, textarea, summary, [role=button], [role=option], [role=slider], [role=menuitem], [role=menuitemradio], [role=switch], [role=tab]';

/** Over the page by design: compared within themselves alone. The page says so itself, or by its role. */
const LAYERS = '[data-layer], dialog[open], [popover]:popover-open, [role=menu], [role=tooltip]';

/** On its way: may lie over lanes, never over words or controls. */
const FLIGHTS = '[data-flight], .flight-chip';

/**
 * In the page: one line for each fault. `controls`, `layers`, `flights` are selectors; `near` is how many CSS pixels two
 * boxes may share in one direction without being called one over the other.
 */
function measure({ controls, layers, flights, near }) {
  const faults = new Set();
  const view = { left: 0, top: 0, right: document.documentElement.clientWidth, bottom: window.innerHeight };
  const box = (rect) => ({ left: rect.left, top: rect.top, right: rect.right, bottom: rect.bottom });
  const width = (one) => one.right - one.left;
  const height = (one) => one.bottom - one.top;
  const meet = (one, other) => ({
    left: Math.max(one.left, other.left),
    top: Math.max(one.top, other.top),
    right: Math.min(one.right, other.right),
    bottom: Math.min(one.bottom, other.bottom),
  });
  const isEmpty = (one) => width(one) <= 0 || height(one) <= 0;
  const said = (one) => `${Math.round(one.left)},${Math.round(one.top)} ${Math.round(width(one))}×${Math.round(height(one))}`;

  const styles = new Map();
  const style = (element) => {
    if (!styles.has(element)) styles.set(element, getComputedStyle(element));
    return styles.get(element);
  };
  const place = (element) => {
    const names = [];
    for (let at = element; at && at !== document.body && names.length < 3; at = at.parentElement) {
      const named = at.getAttribute('class')?.trim().split(/\s+/)[0];
      names.unshift(at.tagName.toLowerCase() + (named ? `.${named}` : ''));
    }
    return names.join(' > ');
  };

  /** Hidden for the eye alone, and told to those who listen. */
  const isForEars = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const { clipPath, clip, position } = style(at);
      if (clipPath === 'inset(50%)' || (position === 'absolute' && clip !== 'auto' && at.offsetWidth <= 1)) return true;
    }
    return false;
  };
  const isSeen = (element) =>
    element.checkVisibility({ opacityProperty: true, visibilityProperty: true, contentVisibilityAuto: true }) && !isForEars(element);

  /** The elements whose overflow can hide parts of this one, from inside to outside. */
  const holders = new Map();
  const clips = (element) => {
    if (holders.has(element)) return holders.get(element);
    const found = [];
    let { position } = style(element);
    for (let at = element.parentElement; at && at !== document.documentElement; at = at.parentElement) {
      const own = style(at);
      const contains = own.position !== 'static' || own.transform !== 'none' || own.contain.includes('paint') || own.containerType !== 'normal';
      if (position === 'fixed' && own.transform === 'none') continue;
      if (position === 'absolute' && !contains) continue;
      position = own.position;
      if (at === document.body || own.display === 'contents' || own.display === 'inline') continue;
      if (own.overflowX !== 'visible' || own.overflowY !== 'visible') found.push(at);
    }
    holders.set(element, found);
    return found;
  };
  const inner = (element) => {
    const rect = element.getBoundingClientRect();
    if (!(element instanceof HTMLElement)) return box(rect);
    // What a clip path takes at the top is not seen either.
    const [, clipped = '0'] = style(element).clipPath.match(/^inset\(([\d.]+)px/) ?? [];
    const left = rect.left + element.clientLeft, top = rect.top + element.clientTop + Number(clipped);
    return { left, top, right: left + element.clientWidth, bottom: rect.top + element.clientTop + element.clientHeight };
  };
  const scrolls = (element, axis) => {
    const { overflowX, overflowY } = style(element);
    return /auto|scroll/.test(axis === 'x' ? overflowX : overflowY);
  };

  /** The head of a table whose rows run below it: they are scrolled, not cut. */
  const headOver = (holder, element) => {
    const head = holder.querySelector('thead');
    return head && !head.contains(element) && Math.abs(head.getBoundingClientRect().top - holder.getBoundingClientRect().top) < 3 ? head.getBoundingClientRect() : null;
  };

  /** Shortened with dots, or told in whole where a pointer rests. */
  const isShortened = (element, upTo) => {
    for (let at = element; at; at = at.parentElement) {
      const own = style(at);
      if (own.textOverflow === 'ellipsis' || own.webkitLineClamp !== 'none' || at.closest('[title], svg:has(> title)')) return true;
      if (at === upTo) return false;
    }
    return false;
  };

  /** What can be seen of a box, and whether something is cut from it for good. */
  const seen = (element, whole, what, isText) => {
    let left = whole;
    for (const holder of isText ? [element, ...clips(element)] : clips(element)) {
      const own = style(holder);
      if (own.display === 'inline' || own.display === 'contents') continue;
      const [hidesX, hidesY] = [own.overflowX !== 'visible', own.overflowY !== 'visible'];
      if (!hidesX && !hidesY) continue;
      const hole = inner(holder);
      const head = headOver(holder, element);
      if (head) hole.top = Math.max(hole.top, head.bottom);
      // Nothing of it is to be seen: it is folded away.
      if (width(hole) <= 1 || height(hole) <= 1) return null;
      const rest = meet(left, { left: hidesX ? hole.left : -Infinity, top: hidesY ? hole.top : -Infinity, right: hidesX ? hole.right : Infinity, bottom: hidesY ? hole.bottom : Infinity });
      const lostX = width(left) - Math.max(0, width(rest)), lostY = height(left) - Math.max(0, height(rest));
      // Of a control's own ground a little may be lost, as long as its words are whole.
      const spare = isText ? near : 3 * near;
      if (lostX > spare && !scrolls(holder, 'x') && !(isText && isShortened(element, holder))) {
        faults.add(`cut: ${what} loses ${Math.round(lostX)} px across, in ${place(holder)}`);
      } else if (lostX > near && scrolls(holder, 'x') && left.left + holder.scrollLeft < hole.left - near) {
        faults.add(`cut: ${what} lies left of where ${place(holder)} scrolls to`);
      }
      if (lostY > spare && !head && !scrolls(holder, 'y') && !(isText && isShortened(element, holder))) {
        faults.add(`cut: ${what} loses ${Math.round(lostY)} px down, in ${place(holder)}`);
      } else if (lostY > near && scrolls(holder, 'y')) {
        if (left.top + holder.scrollTop < hole.top - near) faults.add(`cut: ${what} lies above where ${place(holder)} scrolls to`);
        else if (height(hole) < 20) faults.add(`cut: ${place(holder)} is ${Math.round(height(hole))} px high, and scrolls`);
      }
      left = rest;
      if (isEmpty(left)) return null;
    }
    const rest = meet(left, view);
    if (width(left) - Math.max(0, width(rest)) > near || height(left) - Math.max(0, height(rest)) > near) {
      faults.add(`cut: ${what} reaches out of the window, at ${said(left)}`);
    }
    return isEmpty(rest) ? null : rest;
  };

  const items = [];
  const quoted = (text) => `“${text.trim().replace(/\s+/g, ' ').slice(0, 40)}”`;
  const add = (node, element, whole, what, kind) => {
    const rest = seen(element, whole, what, kind === 'text');
    if (rest && width(rest) > near && height(rest) > near) items.push({ node, element, box: rest, what, kind, layer: element.closest(layers) });
  };

  // Letters do not fill the box of their line: lines that are set close share a little of it, and nothing of it is read.
  const letters = (rect) => {
    const trim = rect.height * 0.16;
    return { left: rect.left, top: rect.top + trim, right: rect.right, bottom: rect.bottom - trim };
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const range = document.createRange();
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement;
    if (!node.data.trim() || !element || element.closest('script, style, noscript, option, title, ' + flights) || !isSeen(element)) continue;
    range.selectNodeContents(node);
    for (const rect of range.getClientRects()) {
      if (rect.width > 0.5 && rect.height > 0.5) add(node, element, letters(rect), `${quoted(node.data)} (${place(element)})`, 'text');
    }
  }
  for (const element of document.querySelectorAll(controls)) {
    if (element.closest(flights) || !isSeen(element)) continue;
    const name = element.getAttribute('aria-label') ?? element.textContent;
    const inline = style(element).display === 'inline';
    for (const rect of inline ? element.getClientRects() : [element.getBoundingClientRect()]) {
      if (rect.width > 0.5 && rect.height > 0.5) {
        add(element, element, inline ? letters(rect) : box(rect), `${element.tagName.toLowerCase()} ${quoted(name ?? '')} (${place(element)})`, 'control');
      }
    }
  }
  for (const element of document.querySelectorAll(flights)) {
    if (!isSeen(element)) continue;
    // What is scrolled out of sight covers nothing.
    const whole = clips(element).reduce((left, holder) => meet(left, inner(holder)), meet(box(element.getBoundingClientRect()), view));
    if (!isEmpty(whole)) items.push({ node: element, element, box: whole, what: `a flight ${quoted(element.textContent)}`, kind: 'flight', layer: null });
  }

  // What is hidden below another element, with nothing of both to read.
  for (const item of items) {
    if (item.kind === 'flight') continue;
    const { left, top, right, bottom } = item.box;
    const hit = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
    if (!hit || item.element.contains(hit) || hit.contains(item.element)) continue;
    if (hit.closest(layers) !== item.layer) continue;
    if (item.kind === 'control' && hit.closest('label')?.control === item.element) continue;
    if (style(item.element).pointerEvents === 'none') continue;
    faults.add(`hidden: ${item.what} lies below ${place(hit)}`);
  }

  /** A ring's number stands in the corner of what it is around: over its ground, not over its words. */
  const isRingOf = (number, control) =>
    control.kind === 'control' && number.element.matches('.ring-number') && number.element.parentElement === control.element.parentElement;

  // From top to bottom, each with those that begin before it ends.
  items.sort((one, other) => one.box.top - other.box.top);
  for (let at = 0; at < items.length; at += 1) {
    const one = items[at];
    for (let next = at + 1; next < items.length && items[next].box.top < one.box.bottom - near; next += 1) {
      const other = items[next];
      if (one.node === other.node || one.layer !== other.layer) continue;
      if (one.kind === 'flight' && other.kind === 'flight') continue;
      if (one.node.contains(other.node) || other.node.contains(one.node)) continue;
      if (isRingOf(one, other) || isRingOf(other, one)) continue;
      const shared = meet(one.box, other.box);
      if (width(shared) > near && height(shared) > near) faults.add(`over: ${one.what} and ${other.what} share ${said(shared)}`);
    }
  }

  const root = document.documentElement;
  if (root.scrollWidth > root.clientWidth) faults.add(`the page is ${root.scrollWidth} px wide in a window of ${root.clientWidth}`);
  if (root.scrollHeight > root.clientHeight) faults.add(`the page is ${root.scrollHeight} px high in a window of ${root.clientHeight}`);
  return { faults: [...faults], items: items.length };
}

/** Everything that lies over something else, or is cut, in the page as it stands. */
export async function layoutFaults(page) {
  return page.evaluate(measure, { controls: CONTROLS, layers: LAYERS, flights: FLIGHTS, near: 2 });
}

/** Small by what they show, with another way to the same: records, marks, rows of tables, the grid of links. */
const DENSE = '[role=option], .mark, .partition-label, td *, .cluster-row *, .cluster-links *';

/** What a finger would miss: controls in sight that are narrower or lower than `least` CSS pixels, and not words in a text. */
export async function smallTargets(page, least) {
  return page.evaluate(
    ([controls, dense, least]) =>
      [...document.querySelectorAll(controls)].filter((element) => !element.matches(dense) && !element.closest('.mark')).flatMap((element) => {
        const target = element.closest('label') ?? element;
        if (!target.checkVisibility({ opacityProperty: true, visibilityProperty: true }) || getComputedStyle(target).display === 'inline') return [];
        const { left, top, width, height } = target.getBoundingClientRect();
        const isSeen = left >= 0 && top >= 0 && left + width <= innerWidth && top + height <= innerHeight && width > 1 && height > 1;
        if (!isSeen || (width >= least - 0.5 && height >= least - 0.5)) return [];
        // Something may reach further than it is drawn: what counts is where a finger is felt.
        const [x, y, reach] = [left + width / 2, top + height / 2, least / 2 - 1];
        const felt = (dx, dy) => target.contains(document.elementFromPoint(x + dx, y + dy));
        if ([[-reach, 0], [reach, 0], [0, -reach], [0, reach]].every(([dx, dy]) => felt(dx, dy))) return [];
        return [`${element.getAttribute('aria-label') ?? element.textContent.trim().slice(0, 30)} (.${element.className}): ${Math.round(width)}×${Math.round(height)}`];
      }),
    [CONTROLS, DENSE, least],
  );
}

/** Waits until what moves by itself has come to rest, or three seconds are over. */
export async function atRest(page) {
  await page.evaluate(async () => {
    const until = performance.now() + 3000;
    const pass = (ms) => new Promise((done) => setTimeout(() => requestAnimationFrame(done), ms));
    // What is measured anew is laid out anew: only what stands still twice is at rest.
    for (let still = 0; still < 2 && performance.now() < until; ) {
      await pass(60);
      const moving = document.getAnimations().filter((each) => each.effect?.getComputedTiming().iterations !== Infinity && each.playState === 'running');
      still = moving.length === 0 ? still + 1 : 0;
    }
  });
}
