import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect } from 'chai';
import { PROJECT_ROOT } from '../support/node-red-process.js';

/** What most managers never need, and what is done in threads of its own. */
const LATE = {
  'the embedded database': /\/@electric-sql\//,
  'signing in by OpenID Connect': /\/node_modules\/openid-client\//,
  'the reader of files of operations':
    /\/node_modules\/yaml\/|\/catalogue\/import\/(openapi-file|operations-file)\.js$/,
};

describe('the memory of a manager', () => {
  it('has nothing in it that is loaded when it is needed', () => {
    const manager = join(PROJECT_ROOT, 'dist/nodes/manager/composition/open-device-manager.js');
    const tell = `require(${JSON.stringify(manager)}); console.log(Object.keys(require.cache).join('\\n'))`;
    const loaded = execFileSync(process.execPath, ['-e', tell], { encoding: 'utf8' }).split('\n');
    expect(loaded).to.include(manager);
    for (const [what, pattern] of Object.entries(LATE)) {
      expect(
        loaded.filter((file) => pattern.test(file)),
        what,
      ).to.deep.equal([]);
    }
  });
});
