// Loaded into a process whose very start is measured, so it has to be quick itself: as that ends, it says on its fourth
// stream what it used.
process.on('exit', () => {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  const usage = { cpu: (userCPUTime + systemCPUTime) / 1e6, memory: maxRSS * 1024 };
  require('node:fs').writeSync(3, JSON.stringify(usage));
});
