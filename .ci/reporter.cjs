// The usual report on the screen, then the files that took longest; the counts go into the file that COUNTS_FILE names,
// for .ci/run to add up. A run that takes longer than its limit ends with the files that were still running as failures:
// a machine that stops it from outside would tell nobody which they were.
const { appendFileSync, readFileSync } = require('node:fs');
const { reporters, Runner } = require('mocha');

const LONGEST_RUN_MIN = 65;
const SLOWEST_FILES = 25;

module.exports = class CountingReporter extends reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    const limit = setTimeout(() => {
      const { began, ended } = fileTimes();
      const running = [...began.keys()].filter((file) => !ended.has(file));
      console.log(`\nNot ended after ${LONGEST_RUN_MIN} minutes, still running:\n${running.join('\n')}`);
      printSlowest();
      count(this.stats, Math.max(1, running.length));
      process.exit(1);
    }, LONGEST_RUN_MIN * 60_000);
    runner.once(Runner.constants.EVENT_RUN_END, () => {
      clearTimeout(limit);
      printSlowest();
      count(this.stats, 0);
    });
  }
};

function count({ passes, failures, pending }, unended) {
  appendFileSync(process.env.COUNTS_FILE, `${passes} ${failures + unended} ${pending}\n`);
}

function printSlowest() {
  const { began, ended } = fileTimes();
  const took = [...ended].map(([file, at]) => ({ file, s: Math.round((at - began.get(file)) / 1000) }));
  took.sort((a, b) => b.s - a.s);
  console.log(`\nThe files that took longest, in seconds:`);
  for (const { file, s } of took.slice(0, SLOWEST_FILES)) console.log(`${String(s).padStart(6)} ${file}`);
}

/** When each file began and ended, in ms since the epoch. */
function fileTimes() {
  const times = { began: new Map(), ended: new Map() };
  for (const line of readFileSync(process.env.FILE_TIMES, 'utf8').split('\n').filter(Boolean)) {
    const { what, file, at } = JSON.parse(line);
    times[what].set(file, at);
  }
  return times;
}
