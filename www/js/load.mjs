// What Trunk calls while the program comes over the network: the bar in the top bar fills with its bytes.
export default () => {
  const bar = document.getElementById('loading');
  return {
    // The last tenth is for the program's own beginning.
    onProgress: ({ current, total }) => {
      if (bar && total) bar.value = 5 + (85 * current) / total;
    },
    onFailure: (reason) => {
      // A program that has failed in itself has said so in words of its own.
      if (!document.getElementById('failure')) document.documentElement.dataset.failed ??= 'load';
      console.error(reason);
    },
  };
};
