import { expect } from 'chai';
import { queryIn, readTexts } from '../../../nodes/api/rest/query.js';
import { errorOf } from '../../support/errors.js';

describe('REST: the query of a call', () => {
  it('is read by name, and a name that comes several times is a list', () => {
    expect(queryIn('/device')).to.deep.equal({});
    expect(queryIn('/device?tag=north&site=a%20b+c')).to.deep.equal({ tag: 'north', site: 'a b c' });
    expect(queryIn('/device?clientids=a&clientids=b&clientids=c')).to.deep.equal({
      clientids: ['a', 'b', 'c'],
    });
    expect(queryIn('/device?clientids[]=a')).to.deep.equal({ clientids: ['a'] });
    expect(queryIn('/device?clientids[0]=a&clientids[1]=b')).to.deep.equal({ clientids: ['a', 'b'] });
    expect(queryIn('/device?x=%zz')).to.deep.equal({ x: '%zz' });
    expect(Object.keys(queryIn('/device?__proto__=1'))).to.deep.equal(['__proto__']);
  });

  it('is refused where it says more than anybody has to say', async () => {
    const error = await errorOf(Promise.resolve().then(() => queryIn(`/device?${'a&'.repeat(10_001)}`)));
    expect(error).to.have.property('code', 'INVALID_INPUT');
    expect(queryIn(`/device?${'a&'.repeat(10_000)}`).a).to.have.length(10_000);
  });

  it('has numbers, switches and lists where its schema has them, and else the texts as they came', () => {
    const schema = {
      type: 'object',
      properties: {
        limit: { type: 'integer' },
        all: { type: 'boolean' },
        s: { type: 'number' },
        ids: { type: 'array' },
      },
      additionalProperties: false,
    } as const;
    expect(readTexts(schema, { limit: '5', all: 'true', s: '2.5', ids: 'a', other: '1' })).to.deep.equal({
      ...{ limit: 5, all: true, s: 2.5, ids: ['a'], other: '1' },
    });
    expect(readTexts(schema, { limit: '5x', all: 'yes', s: '', ids: ['a'] })).to.deep.equal({
      ...{ limit: '5x', all: 'yes', s: '', ids: ['a'] },
    });
  });
});
