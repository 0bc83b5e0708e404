import { tmpdir } from 'node:os';
import { expect } from 'chai';
import { createSpaceGuard } from '../../../nodes/manager/database/pglite/free-space.js';
import { isUnavailable } from '../../../nodes/manager/database/unavailable.js';
import { TpeError } from '../../../nodes/manager/shared/tpe-error.js';

describe('database: a disk that is full', () => {
  const moreThanAnyDisk = Number.MAX_SAFE_INTEGER;

  it('is told before PGlite writes to it, and may be better later', () => {
    const guard = createSpaceGuard(tmpdir(), moreThanAnyDisk);
    for (const sql of [
      'insert into x values (1)',
      'with y as (select 1) update x set a = 1',
      '-- 001\ncreate table x ()',
    ]) {
      try {
        guard(sql);
        expect.fail(`let pass: ${sql}`);
      } catch (error) {
        expect(error).to.be.instanceOf(TpeError);
        expect(isUnavailable(error)).to.equal(true);
        expect((error as TpeError).message)
          .to.include(tmpdir())
          .and.to.match(/disk.*full.*Make room/);
        expect((error as TpeError).reason.cause?.params).to.include({ folder: tmpdir() });
      }
    }
  });

  it('does not keep anybody from reading, nor from a folder that is gone', () => {
    createSpaceGuard(tmpdir(), moreThanAnyDisk)('\n  select 1');
    createSpaceGuard('/nowhere/at/all', moreThanAnyDisk)('insert into x values (1)');
    createSpaceGuard(tmpdir())('insert into x values (1)');
  });
});
