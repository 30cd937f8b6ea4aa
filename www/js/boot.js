// Runs in the head, before anything is painted: which face the page shows until it is alive, and what it says where it
// never will be. Everything else is the program's.
(() => {
  const { dataset } = document.documentElement;
  let kept = null;
  try {
    kept = localStorage.getItem('kafka-playground.session');
    const { theme } = JSON.parse(localStorage.getItem('kafka-playground.settings')) ?? {};
    if (theme === 'light' || theme === 'dark') dataset.theme = theme;
  } catch {
    // Nothing is kept, or nothing that can be read: a first visit.
  }
  // Only who comes for the first time, or asks for it, is shown the first screen.
  dataset.boot = { '': kept ? 'back' : 'first', '#start': 'first', '#lessons': 'first' }[location.hash] ?? 'back';
  if (location.protocol === 'file:') dataset.failed = 'file';
  else if (typeof WebAssembly !== 'object') dataset.failed = 'wasm';
  const lost = ({ target }) => {
    if (target.matches?.('script, link[rel=stylesheet]') && document.getElementById('boot')) dataset.failed ??= 'load';
  };
  // Such errors do not bubble.
  addEventListener('error', lost, true);
  // The bar moves by a little for each file, and later with the program's bytes.
  new PerformanceObserver((list) => {
    const bar = document.getElementById('loading');
    if (bar) bar.value += list.getEntries().length;
  }).observe({ type: 'resource', buffered: true });
})();
