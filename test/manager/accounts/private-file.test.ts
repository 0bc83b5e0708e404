import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { writePrivateFile } from '../../../nodes/manager/accounts/private-file.js';
import { PROJECT_ROOT, temporaryFolder } from '../../support/node-red-process.js';

const MODULE = join(PROJECT_ROOT, 'dist/nodes/manager/accounts/private-file.js');

describe('accounts: a private file', () => {
  it('is the old one where the disk has no place for all of the new one', () => {
    const folder = temporaryFolder();
    const file = join(folder, 'secrets.json');
    writePrivateFile(file, 'old');
    const script = `require(${JSON.stringify(MODULE)}).writePrivateFile(${JSON.stringify(file)}, 'x'.repeat(100_000))`;
    // As a full disk does it: a part is written, and no error is told for that.
    const ended = spawnSync('bash', ['-c', `ulimit -f 12; exec "$0" -e "$1"`, process.execPath, script], {
      encoding: 'utf8',
    });
    expect(ended.status).not.to.equal(0);
    expect(ended.stderr).to.match(/EFBIG|file too large/i);
    expect(readFileSync(file, 'utf8')).to.equal('old');
    expect(readdirSync(folder)).to.deep.equal(['secrets.json']);
  });
});
