import { expect } from 'chai';
import type { Database } from '../../../nodes/manager/database/database.js';
import { openDatabase } from '../../../nodes/manager/database/open-database.js';
import { TpeError } from '../../../nodes/manager/shared/tpe-error.js';
import { eachDatabase } from '../../support/databases.js';
import { errorOf } from '../../support/errors.js';

eachDatabase('database: statements and transactions', (open) => {
  let database: Database;

  before(async () => {
    database = await open();
    await database.execute('create table counter (id integer primary key, value integer not null)');
  });
  after(() => database.close());

  it('gives every type in the same form', async () => {
    const [row] = await database.query(
      `select 9007199254740991::int8 as int8, 7::int4 as int4, array[1, 2]::int8[] as int8s, true as yes,
        '{"a": [1, null]}'::jsonb as json, '2026-01-02T03:04:05.678Z'::timestamptz as time,
        array['a', 'b,"c"\\d', '']::text[] as texts, '{}'::text[] as none, null::text as nothing, count(*) as count`,
    );
    expect(row).to.deep.equal({
      int8: 9007199254740991,
      int4: 7,
      int8s: [1, 2],
      yes: true,
      json: { a: [1, null] },
      time: new Date('2026-01-02T03:04:05.678Z'),
      texts: ['a', 'b,"c"\\d', ''],
      none: [],
      nothing: null,
      count: 1,
    });
  });

  it('takes every type as a parameter', async () => {
    const time = new Date('2026-01-02T03:04:05.678Z');
    const [row] = await database.query(
      `select $1::int8 as int8, $2::text[] as texts, $3::jsonb as json, $4::timestamptz as time, $5::text as nothing,
        $6::boolean as yes, $7::int8[] as int8s, $8::text as left_out`,
      [
        1_790_000_000_000,
        ['x', '"', '\\', '{}', '\u{1f600}'],
        JSON.stringify({ deep: ['\u{1f600}'] }),
        time,
        null,
        true,
        [1, null],
        undefined,
      ],
    );
    expect(row).to.deep.equal({
      int8: 1_790_000_000_000,
      texts: ['x', '"', '\\', '{}', '\u{1f600}'],
      json: { deep: ['\u{1f600}'] },
      time,
      nothing: null,
      yes: true,
      int8s: [1, null],
      left_out: null,
    });
  });

  it('takes every kind of element in an array', async () => {
    const texts = ['NULL', '', ' ', 'a,b', '"\\"', "it's", 'line\nbreak', null];
    const time = new Date('2026-01-02T03:04:05.678Z');
    const [row] = await database.query(
      `select $1::text[] as texts, $2::boolean[] as truths, $3::float8[] as numbers, $4::timestamptz[] as times,
        $5::text[] as digits, $6::int4[] as none, array(select count(*) from unnest($7::text[])) as lengths`,
      [texts, [true, false, null], [1.5, -2e-7, 1e21], [time], [7, true], [], new Array(3000).fill('"')],
    );
    expect(row).to.deep.equal({
      ...{ texts, truths: [true, false, null], numbers: [1.5, -2e-7, 1e21], times: [time] },
      ...{ digits: ['7', 'true'], none: [], lengths: [3000] },
    });
  });

  it('keeps all of a transaction or nothing', async () => {
    const refused = await errorOf(
      database.transaction(async (transaction) => {
        await transaction.query('insert into counter values (1, 0)');
        await transaction.query('insert into counter values (1, 0)');
      }),
    );
    expect(refused).to.have.property('code', '23505');
    const thrown = await errorOf(
      database.transaction(async (transaction) => {
        await transaction.query('insert into counter values (2, 0)');
        throw new Error('changed my mind');
      }),
    );
    expect(thrown.message).to.equal('changed my mind');
    expect(await database.query('select id from counter')).to.deep.equal([]);
    const value = await database.transaction(async (transaction) => {
      await transaction.execute('insert into counter values (3, 0); insert into counter values (4, 0)');
      return 'done';
    });
    expect(value).to.equal('done');
    expect(await database.query('select id from counter order by id')).to.deep.equal([{ id: 3 }, { id: 4 }]);
  });

  it('does not call a transaction done whose statement failed unseen', async () => {
    await errorOf(
      database.transaction(async (transaction) => {
        await transaction.query('insert into counter values (5, 0)');
        await transaction.query('select 1 / 0').catch(() => undefined);
      }),
    );
    expect(await database.query('select id from counter where id = 5')).to.deep.equal([]);
  });

  it('loses no update, however many statements and transactions come at once', async () => {
    await database.query('insert into counter values (10, 0)');
    const add = 'update counter set value = value + 1 where id = 10';
    const inTransaction = () =>
      database.transaction(async (transaction) => {
        const [row] = await transaction.query<{ value: number }>(
          'select value from counter where id = 10 for update',
        );
        await transaction.query('update counter set value = $1 where id = 10', [row!.value + 1]);
      });
    const failing = () => errorOf(database.transaction((transaction) => transaction.query('select 1 / 0')));
    await Promise.all(
      Array.from({ length: 60 }, (_, index) => {
        if (index % 3 === 0) return inTransaction();
        return index % 3 === 1 ? database.query(add) : failing();
      }),
    );
    expect(await database.query('select value from counter where id = 10')).to.deep.equal([{ value: 40 }]);
  });

  it('never hangs parameters on an error', async () => {
    const error = await errorOf(database.query('select $1::text::int', ['a secret hash']));
    expect(Object.values(error).flat()).to.not.include('a secret hash');
  });

  it('is closed for good, once what was under way has ended', async () => {
    const other = await open();
    const slow = other.query('select 1 as one from pg_sleep(0.05)');
    await Promise.all([other.close(), other.close()]);
    expect(await slow).to.deep.equal([{ one: 1 }]);
    const error = await errorOf(other.query('select 1'));
    expect(error).to.be.instanceOf(TpeError).with.property('code', 'CLOSED');
  });
});

describe('database: options', () => {
  it('says what is wrong with a URL, and never the password in it', async () => {
    for (const url of [
      'mysql://u:pa55word@host/db',
      'not a URL with pa55word',
      'postgres://u:pa55word@host:port/db',
    ]) {
      const error = await errorOf(openDatabase({ kind: 'postgresql', url }));
      expect(error).to.be.instanceOf(TpeError).with.property('code', 'INVALID_INPUT');
      expect(error.message).to.match(/URL of the PostgreSQL database/);
      expect(`${error.message}${JSON.stringify(error)}${String(error.cause)}`).to.not.include('pa55word');
    }
  });

  it('says which certificate file cannot be read', async () => {
    const caFile = '/nowhere/ca.pem';
    const error = await errorOf(openDatabase({ kind: 'postgresql', url: 'postgresql://host/db', caFile }));
    expect(error).to.be.instanceOf(TpeError).with.property('code', 'INVALID_INPUT');
    expect(error.message).to.include(caFile);
  });
});
