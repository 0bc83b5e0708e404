import { expect } from 'chai';
import type { Database } from '../../../nodes/manager/database/database.js';
import { createRegistry } from '../../../nodes/manager/registry/create-registry.js';
import type { Registry } from '../../../nodes/manager/registry/registry.js';
import { eachDatabase } from '../../support/databases.js';
import { errorOf } from '../../support/errors.js';

eachDatabase('registry: tags of many', (open) => {
  let database: Database;
  let registry: Registry;

  beforeEach(async () => {
    database = await open();
    registry = createRegistry(database);
    await registry.register({ clientid: 'a', tags: ['north', 'roof'] });
    await registry.register({ clientid: 'b' });
    await registry.register({ clientid: 'c', tags: Array.from({ length: 50 }, (_, index) => `t${index}`) });
  });
  afterEach(() => database.close());

  const tagsOf = async (clientid: string) => (await registry.get(clientid))?.tags;

  it('adds and removes, says how many changed, and names those that would have too many', async () => {
    const change = { add: [' south ', 'roof'], remove: ['north'] };
    expect(await registry.tagMany(['a', 'b', 'c', 'nobody', '\u0000'], change)).to.deep.equal({
      changed: 2,
      full: ['c'],
    });
    expect(await tagsOf('a')).to.deep.equal(['roof', 'south']);
    expect(await tagsOf('b')).to.deep.equal(['south', 'roof']);
    expect(await tagsOf('c')).to.have.length(50);
    expect(await registry.tagMany(['a', 'b'], change)).to.deep.equal({ changed: 0, full: [] });
    expect(await registry.tagMany(['c'], { add: ['t0', 'new'], remove: ['t7'] })).to.deep.equal({
      changed: 1,
      full: [],
    });
    expect(await tagsOf('c'))
      .to.have.length(50)
      .and.include('new')
      .and.not.include('t7');
    expect((await registry.list({ search: 'SOUTH' })).devices.map(({ clientid }) => clientid)).to.deep.equal([
      'a',
      'b',
    ]);
  });

  it('leaves one that has too many from before its others', async () => {
    await database.query("update clientid_profile set tags = tags || array['x', 'y'] where clientid = 'c'");
    expect(await registry.tagMany(['c'], { add: [], remove: ['t7'] })).to.deep.equal({
      changed: 1,
      full: [],
    });
    expect(await tagsOf('c')).to.have.length(51);
  });

  it('refuses a tag that is none, before anything is changed', async () => {
    for (const add of [['a;b'], ['x'.repeat(51)], ['\u0000']]) {
      expect(await errorOf(registry.tagMany(['a'], { add, remove: ['north'] }))).to.have.property(
        'code',
        'INVALID_INPUT',
      );
    }
    expect(await tagsOf('a')).to.deep.equal(['north', 'roof']);
  });
});
