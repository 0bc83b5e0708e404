// Root hooks of each test worker. They write the start and end of each test file as lines of JSON to the file
// FILE_TIMES, for the reporter.
const { appendFileSync } = require('node:fs');
const { relative } = require('node:path');

/** @param {'began' | 'ended'} what */
const note = (what) =>
  function () {
    const file = this.test.parent.suites[0]?.file;
    if (!file || !process.env.FILE_TIMES) return;
    const line = { what, file: relative(process.cwd(), file), at: Date.now() };
    appendFileSync(process.env.FILE_TIMES, `${JSON.stringify(line)}\n`);
  };

exports.mochaHooks = { beforeAll: note('began'), afterAll: note('ended') };
