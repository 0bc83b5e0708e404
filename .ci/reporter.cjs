// Prints the usual report and the slowest files, appends the counts to the file COUNTS_FILE, which .ci/run adds up, and
// what failed as lines of JSON to the file FAILURES_FILE, for second-look.mjs.
// A run that exceeds its time limit ends here, with the unfinished files as failures, because a machine that stops the
// run from outside would not report which files those were.
const { appendFileSync, readFileSync } = require('node:fs');
const { reporters, Runner } = require('mocha');

const LONGEST_RUN_MIN = 65;
const SLOWEST_FILES = 25;

module.exports = class CountingReporter extends reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    runner.on(Runner.constants.EVENT_TEST_FAIL, (test) => {
      const line = { file: test.file ?? null, title: test.fullTitle() };
      appendFileSync(process.env.FAILURES_FILE, `${JSON.stringify(line)}\n`);
    });
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

/** The start and end of each file, ms since the epoch. */
function fileTimes() {
  const times = { began: new Map(), ended: new Map() };
  for (const line of readFileSync(process.env.FILE_TIMES, 'utf8').split('\n').filter(Boolean)) {
    const { what, file, at } = JSON.parse(line);
    times[what].set(file, at);
  }
  return times;
}
