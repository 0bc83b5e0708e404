import { expect } from 'chai';
import type { FieldValues } from '../../../nodes/node-red/fields/field.js';
import {
  goneFields,
  type Migrations,
  newerFormFault,
  newestForm,
  newestVersion,
} from '../../../nodes/node-red/fields/migrations.js';

/** A node whose field was renamed, and then split. */
const TOY: Migrations = {
  'tpe-toy': [
    { gone: ['host'], next: (stored) => ({ ...stored, address: stored.host }) },
    {
      gone: ['address'],
      next: (stored) => {
        const [name, port] = String(stored.address).split(':');
        return { ...stored, name, port };
      },
    },
  ],
};
const brought = (stored: FieldValues) => newestForm('tpe-toy', Object.freeze(stored), TOY);

describe('migrations of stored nodes', () => {
  it('go step by step from the version that was stored', () => {
    const newest = { version: 3, name: 'gw', port: '1', other: 'x' };
    expect(brought({ version: 1, host: 'gw:1', other: 'x' })).to.deep.equal(newest);
    expect(brought({ version: 2, address: 'gw:1', other: 'x' })).to.deep.equal(newest);
  });

  it('take a node without a version for one of the first', () => {
    expect(brought({ host: 'gw:1' })).to.deep.equal({ version: 3, name: 'gw', port: '1' });
    expect(brought({ host: 'gw:1', version: 'x' })).to.deep.equal({ version: 3, name: 'gw', port: '1' });
    expect(newestForm('tpe-never-changed', { host: 'gw:1' }, TOY)).to.deep.equal({
      version: 1,
      host: 'gw:1',
    });
  });

  it('leave alone what has the newest form, and what only a newer pack can read', () => {
    expect(brought({ version: 3, name: 'gw' })).to.equal(null);
    expect(brought({ version: 4, host: 'gw:1' })).to.equal(null);
    expect(newerFormFault('tpe-toy', { version: 3 }, TOY)).to.equal(null);
    expect(newerFormFault('tpe-toy', { version: '4' }, TOY)?.values).to.deep.equal({ version: 4, newest: 3 });
  });

  it('say what the editor has to know of a type', () => {
    expect(newestVersion('tpe-toy', TOY)).to.equal(3);
    expect(newestVersion('tpe-never-changed', TOY)).to.equal(1);
    expect(goneFields('tpe-toy', TOY)).to.deep.equal(['host', 'address']);
  });
});
