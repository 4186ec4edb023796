// Loaded into a measured process: writes its usage to its file descriptor 3 as it ends. CommonJS, because that loads fastest.
process.on('exit', () => {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  const usage = { cpu: (userCPUTime + systemCPUTime) / 1e6, memory: maxRSS * 1024 };
  require('node:fs').writeSync(3, JSON.stringify(usage));
});
