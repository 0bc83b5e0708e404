import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { PROJECT_ROOT } from '../support/node-red-process.js';

const NUMBER = '\\d[\\d_.]*(?:e\\d+)?(?: \\* \\d[\\d_]*)*';
/** Below this a pause is one between two looks, above it nobody waits that long: no limits. */
const BOUNDS_MS = { least: 20, most: 3_000_000 };

/** How a limit is written where `patience(ms)`, or `runsOut(ms)` for one that the test waits to run out, is not. */
const BARE_LIMITS: Record<string, RegExp> = {
  'a limit of one test: there is one for all, in .mocharc.cjs': /\bthis\.timeout\(|\}\)\.timeout\(/,
  'a limit of Playwright': new RegExp(
    `setDefault(?:Navigation)?Timeout\\(${NUMBER}|\\btimeout: (?<ms>${NUMBER})`,
  ),
  'a limit of a signal': new RegExp(`AbortSignal\\.timeout\\((?<ms>${NUMBER})\\)`),
  'a deadline': new RegExp(`(?:deadline|until|end) = (?:Date|performance)\\.now\\(\\) \\+ ${NUMBER}`, 'i'),
  'a limit by its name': new RegExp(
    `\\b\\w*(?:(?:TIMEOUT|PATIENCE|WITHIN|DEADLINE)(?:_M?S)?|[tT]imeoutMs|[wW]ithinMs|[pP]atienceMs|connectTimeout|queueForMs)\\b(?: =|:) (?<ms>${NUMBER})`,
  ),
  'how long a command is waited for': new RegExp(`\\bwaitFor\\([^()]*, ${NUMBER}\\)`),
  'a limit of what is printed': new RegExp(`\\bprinted\\([^()]*, ${NUMBER}\\)`),
  'how long a REST call waits': /[?&]wait=\d{2,}/,
  'a bound on the time of a clock': new RegExp(
    `expect\\((?:Date|performance)\\.now\\(\\) - \\w+(?:, [^)]*)?\\)\\.to\\.be\\.(?:below|lessThan|at\\.most)\\(${NUMBER}\\)`,
  ),
};

/** Not tests that wait: what is measured, and EMQX's and Node's own limits in a stand-in. */
const OUTSIDE = /^(?:bench|support\/emqx)\//;
/** What goes to a manager that is a fake, or is only looked at: no limit that anybody waits for. */
const DATA =
  /^(?:package\/patience|browser\/field-marks|support\/patience|nodes\/|node-red\/(?:fields|runtime|server)\/|support\/fake-manager|dashboard\/rpc-server|hostile\/nodes)/;

const folder = join(PROJECT_ROOT, 'test');
const sources = readdirSync(folder, { recursive: true })
  .map(String)
  .filter((file) => file.endsWith('.ts') && !OUTSIDE.test(file) && !DATA.test(file))
  .sort();

function bareLimitsIn(text: string): string[] {
  return Object.entries(BARE_LIMITS).flatMap(([what, pattern]) => {
    const found = pattern.exec(text);
    if (found === null) return [];
    const ms = Number(found.groups?.ms?.replaceAll('_', '') ?? BOUNDS_MS.least);
    return ms < BOUNDS_MS.least || ms > BOUNDS_MS.most ? [] : [what];
  });
}

describe('limits of tests', () => {
  it('scale by TPE_TEST_PATIENCE, all of them', () => {
    const bare = sources.flatMap((file) =>
      readFileSync(join(folder, file), 'utf8')
        .split('\n')
        .flatMap((line, index) =>
          bareLimitsIn(line).map((what) => `${file}:${index + 1}: ${what}: ${line.trim()}`),
        ),
    );
    expect(bare).to.deep.equal([]);
  });

  it('are known however they are written', () => {
    for (const line of [
      'this.timeout(60_000);',
      '}).timeout(60_000);',
      'page.setDefaultTimeout(20_000);',
      'await row.waitFor({ timeout: 150_000 });',
      'signal: AbortSignal.timeout(5000),',
      'const deadline = Date.now() + 30_000;',
      'const START_TIMEOUT_MS = 60_000;',
      'const PATIENCE_MS = 30_000;',
      'commandTimeoutMs: 5000,',
      'answerWithinMs: 300, mostBytes: 1',
      'connectTimeout: 3000,',
      'await commands.waitFor(requestId, 20_000);',
      'await nodeRed.printed(/Started/, 120_000);',
      "call('POST', '/api/emqx/clients/a/message?wait=20', {",
      "expect(Date.now() - began, 'EMQX 4 waits').to.be.below(4000);",
    ]) {
      expect(bareLimitsIn(line), line).to.not.be.empty;
    }
    for (const line of [
      'page.setDefaultTimeout(patience(20_000));',
      'await commands.waitFor(requestId, patience(20_000));',
      'commandTimeoutMs: runsOut(1000),',
      "call('GET', '/api/command/1?wait=5')",
      'expect(costOf(work)).to.be.below(500);',
      'await delay(5);',
    ]) {
      expect(bareLimitsIn(line), line).to.deep.equal([]);
    }
  });
});
