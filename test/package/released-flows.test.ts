import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { BUNDLED_FLOWS } from '../../nodes/node-red/start/environment.js';
import { flowHash, nodesIn } from '../../nodes/node-red/start/flow-hash.js';
import { broughtBy, partsOf } from '../../nodes/node-red/start/flow-parts.js';
import { PACKAGE_ROOT } from '../support/editor-files.js';

const RELEASED = JSON.parse(
  readFileSync(join(PACKAGE_ROOT, 'nodes/node-red/start/released-flows.json'), 'utf8'),
) as Record<string, string[]>;

const git = (...words: string[]) =>
  execFileSync('git', words, { cwd: PACKAGE_ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });

/** Of a checkout with all of its history. */
function textsInHistory(file: string): string[] | null {
  try {
    if (git('rev-parse', '--is-shallow-repository').trim() !== 'false') return null;
    const commits = git('log', '--format=%H', '--', file).split('\n').filter(Boolean);
    return commits.map((commit) => git('show', `${commit}:${file}`));
  } catch {
    return null;
  }
}

for (const name of BUNDLED_FLOWS) {
  describe(`package: flows/${name}.json`, () => {
    const file = `flows/${name}.json`;
    const present = nodesIn(readFileSync(join(PACKAGE_ROOT, file), 'utf8')) ?? [];

    it('is in the list of released flows, by which its copies are known: run `npm run note:flows`', () => {
      expect(present).not.to.deep.equal([]);
      expect(RELEASED[name]).to.include(flowHash(present));
    });

    it('is there as it was in each version, and its servers have kept their ids, to which credentials belong', function () {
      const texts = textsInHistory(file);
      if (texts === null) this.skip();
      const ids = new Set(present.map(({ id }) => id));
      for (const nodes of texts.map((text) => nodesIn(text) ?? [])) {
        expect(RELEASED[name], 'run `npm run note:flows`').to.include(flowHash(nodes));
        const servers = nodes.filter(({ type }) => type === 'tpe-server');
        expect(servers).to.have.length.above(0);
        for (const { id } of servers) expect(ids.has(id), String(id)).to.equal(true);
      }
    });

    it('has no page and no node of the pack that no example brings', () => {
      const brought = broughtBy(join(PACKAGE_ROOT, 'examples'), partsOf(present));
      expect(brought).not.to.deep.equal([]);
      expect(brought.filter(({ example }) => example === null)).to.deep.equal([]);
    });
  });
}
