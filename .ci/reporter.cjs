// The usual report on the screen, and the counts in the file that COUNTS_FILE names, for .ci/run to add up.
const { appendFileSync } = require('node:fs');
const { reporters, Runner } = require('mocha');

module.exports = class CountingReporter extends reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    runner.once(Runner.constants.EVENT_RUN_END, () => {
      const { passes, failures, pending } = this.stats;
      appendFileSync(process.env.COUNTS_FILE, `${passes} ${failures} ${pending}\n`);
    });
  }
};
