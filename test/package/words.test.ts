import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { type MessageFormatElement, TYPE } from '@formatjs/icu-messageformat-parser';
import { expect } from 'chai';
import { IntlMessageFormat } from 'intl-messageformat';
import { EXECUTION_STATES, WAITING_FOR } from '../../nodes/manager/jobs/execution.js';
import { JOB_STATES, OUTCOMES, PAUSE_REASONS } from '../../nodes/manager/jobs/job.js';
import { PACKAGE_ROOT } from '../support/editor-files.js';

const ROOT = join(PACKAGE_ROOT, 'nodes/dashboard');
const LANGUAGES = ['de', 'ja', 'zh-TW'];

const files = readdirSync(ROOT, { recursive: true, encoding: 'utf8' }).map((file) => join(ROOT, file));
const folders = files.filter((file) => /\/messages$/.test(file));

type Words = Record<string, string>;
const wordsIn = (folder: string, language: string): Words =>
  JSON.parse(readFileSync(join(folder, `${language}.json`), 'utf8')) as Words;
/** The names of the values that a text takes. */
function valuesOf(text: string): string[] {
  const names = new Set<string>();
  const look = (elements: MessageFormatElement[]) => {
    for (const element of elements) {
      if (element.type !== TYPE.literal && element.type !== TYPE.pound) names.add(element.value);
      if ('options' in element) for (const { value } of Object.values(element.options)) look(value);
    }
  };
  look(new IntlMessageFormat(text, 'en', undefined, { ignoreTag: true }).getAst());
  return [...names].sort();
}

/** The choices of a text that is one choice. */
function choicesOf(text: string): string[] {
  const [element] = new IntlMessageFormat(text, 'en', undefined, { ignoreTag: true }).getAst();
  return element?.type === TYPE.select ? Object.keys(element.options) : [];
}

describe('package: words of the dashboard', () => {
  for (const language of ['en-US', ...LANGUAGES]) {
    it(`name in ${language} each state, outcome, pause and wait of a job`, () => {
      const shared = wordsIn(join(ROOT, 'client/i18n/messages'), language);
      const own = wordsIn(join(ROOT, 'ui-tpe-jobs/browser/messages'), language);
      expect(shared).to.include.keys(...JOB_STATES, ...EXECUTION_STATES, ...OUTCOMES);
      const pauses = PAUSE_REASONS.map((reason) => reason.replaceAll('-', '_'));
      expect(choicesOf(own.pausedFor ?? '')).to.have.members([...pauses, 'other']);
      expect(choicesOf(own.waitsFor ?? '')).to.have.members([...WAITING_FOR, 'other']);
    });
  }

  it('stand in widgets that never take a text for HTML', () => {
    const sources = files
      .filter((file) => /\.(vue|ts)$/.test(file))
      .map((file) => readFileSync(file, 'utf8'));
    expect(sources.filter((text) => /v-html|innerHTML|insertAdjacentHTML/.test(text))).to.deep.equal([]);
  });

  it('are found', () => expect(folders).to.have.length(14));

  for (const folder of folders) {
    const name = relative(ROOT, folder);
    const english = wordsIn(folder, 'en-US');

    for (const language of LANGUAGES) {
      it(`${name} has all of them in ${language}`, () => {
        const others = wordsIn(folder, language);
        expect(Object.keys(others)).to.have.members(Object.keys(english));
        for (const [key, text] of Object.entries(english)) {
          expect(others[key]?.trim(), key).not.to.equal('');
          expect(valuesOf(others[key] ?? ''), key).to.deep.equal(valuesOf(text));
        }
      });
    }

    it(`${name} has no text that nobody says`, () => {
      const isShared = name.startsWith('client');
      const own = files.filter(
        (file) => /\.(vue|ts)$/.test(file) && (isShared || file.startsWith(dirname(folder))),
      );
      const all = own.map((file) => readFileSync(file, 'utf8')).join('\n');
      const states = readFileSync(
        join(PACKAGE_ROOT, 'nodes/manager/updates/install/installation.ts'),
        'utf8',
      );
      const more = [
        'commands/command.ts',
        'updates/scan/updates.ts',
        'shared/role.ts',
        'audit/outcome.ts',
        'catalogue/risk.ts',
        'presence/history.ts',
        'registry/device.ts',
        'jobs/job.ts',
        'jobs/execution.ts',
      ]
        .map((file) => readFileSync(join(PACKAGE_ROOT, 'nodes/manager', file), 'utf8'))
        .join('\n');
      // Such as `kind-${kind}`.
      const made = [...all.matchAll(/[tT]\(`([\w-]*)\$\{[^`}]*\}([\w-]*)`/g)].filter(
        ([, before, behind]) => before !== '' || behind !== '',
      );
      const isMade = (key: string) =>
        made.some(([, before = '', behind = '']) => key.startsWith(before) && key.endsWith(behind));
      const named = (key: string) =>
        isMade(key) || new RegExp(`['"\`]${key}['"\`]|\\b${key}: '`).test(all + states + more);
      expect(Object.keys(english).filter((key) => !named(key))).to.deep.equal([]);
    });
  }
});
