import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { PACKAGE_ROOT } from '../support/editor-files.js';

const NODES = join(PACKAGE_ROOT, 'nodes');
const MESSAGES = 'dashboard/ui-tpe-audit/browser/messages';

/** The actions that anything in the source notes in the audit. */
function actionsInSource(): string[] {
  const files = readdirSync(NODES, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.ts'),
  );
  const found = files.flatMap((file) =>
    [...readFileSync(join(NODES, file), 'utf8').matchAll(/\baction: '([a-z]\w*\.\w+)'/g)].map(
      ([, action]) => action!,
    ),
  );
  return [...new Set(found)].sort();
}

describe('package: words of the audit', () => {
  const actions = actionsInSource();
  for (const language of ['en-US', 'de', 'ja', 'zh-TW']) {
    it(`name each action in ${language}`, () => {
      const text = readFileSync(join(NODES, MESSAGES, `${language}.json`), 'utf8');
      const { actionName, kindName } = JSON.parse(text) as Record<string, string>;
      expect(actions).to.include.members(['gateway.register', 'job.submit', 'site.set']);
      expect(
        actions.filter((action) => !actionName!.includes(` ${action.replace('.', '_')} {`)),
      ).to.deep.equal([]);
      const kinds = [...new Set(actions.map((action) => action.split('.')[0]!))];
      const without = ['dashboard', 'editor', 'rest', 'wall'];
      expect(
        kinds.filter((kind) => !without.includes(kind) && !kindName!.includes(` ${kind} {`)),
      ).to.deep.equal([]);
    });
  }
});
