// What Trunk calls while the program comes over the network: the bar in the top bar fills with its bytes.
export default () => {
  const { dataset } = document.documentElement;
  // A page without its styles is no page.
  if (dataset.failed) throw new Error('A file of the page is missing.');
  const bar = document.getElementById('loading');
  return {
    // The last tenth is for the program's own beginning.
    onProgress: ({ current, total }) => {
      if (bar && total) bar.value = Math.max(bar.value, 15 + (75 * current) / total);
    },
    onFailure: (reason) => {
      // A program that has failed in itself has said so in words of its own.
      if (!document.getElementById('failure')) dataset.failed ??= 'load';
      console.error(reason);
    },
  };
};
