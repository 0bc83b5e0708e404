import { expect } from 'chai';
import type { Database, Row } from '../../../nodes/manager/database/database.js';
import { type SqlReason, sqlReason } from '../../../nodes/manager/database/sql-reason.js';
import { defineReasons, type Reason } from '../../../nodes/manager/shared/reason.js';
import { eachDatabase } from '../../support/databases.js';

const reasonOf = defineReasons({
  plain: "It's away.",
  'so-many': '{who} has {count} of them',
  nested: 'Not sent: {reason}',
});

eachDatabase('database: a reason that a statement makes', (open) => {
  let database: Database;

  before(async () => {
    database = await open();
  });
  after(() => database.close());

  async function made({ text, cause }: SqlReason): Promise<Reason> {
    const sql = `select ${text} as text, ${cause} as cause from (select $1::text as who, 7 as count) given`;
    return (await database.query<Reason & Row>(sql, [`"O'Hara" \\ {count}`]))[0]!;
  }

  it('is the one of the table, with what the expressions for its places give', async () => {
    const soMany = sqlReason(reasonOf, 'so-many', { who: 'given.who', count: 'given.count' });
    const expected = reasonOf('so-many', { who: `"O'Hara" \\ {count}`, count: 7 });
    expect(await made(sqlReason(reasonOf, 'plain'))).to.deep.equal(reasonOf('plain'));
    expect(await made(soMany)).to.deep.equal(expected);
    expect(await made(sqlReason(reasonOf, 'nested', { reason: soMany }))).to.deep.equal(
      reasonOf('nested', { reason: expected }),
    );
  });

  it('has an expression for each place', () => {
    expect(() => sqlReason(reasonOf, 'so-many', { who: 'given.who' })).to.throw('{count}');
  });
});
