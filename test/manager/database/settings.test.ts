import { expect } from 'chai';
import { openDatabase } from '../../../nodes/manager/database/open-database.js';
import type { DatabaseOptions } from '../../../nodes/manager/database/options.js';
import { GENERAL } from '../../support/gateway.js';
import { nextEvent, onlineGateway, openTestManager, presenceOf } from '../../support/manager.js';
import { patience } from '../../support/patience.js';
import { eachServer } from '../../support/postgres-servers.js';

/** Values that a site may have for its other programs, each of which changes what our statements would mean. */
const NASTY: Readonly<Record<string, string[]>> = {
  datestyle: ['German', 'SQL, DMY', 'Postgres, MDY'],
  intervalstyle: ['iso_8601', 'sql_standard'],
  timezone: ['America/St_Johns', 'Asia/Kolkata'],
  bytea_output: ['escape'],
  extra_float_digits: ['-15'],
  standard_conforming_strings: ['off'],
  backslash_quote: ['off'],
  client_encoding: ['LATIN1'],
  array_nulls: ['off'],
  xmlbinary: ['hex'],
  xmloption: ['document'],
  quote_all_identifiers: ['on'],
  row_security: ['on'],
  gin_fuzzy_search_limit: ['1'],
  transform_null_equals: ['on'],
  default_transaction_isolation: ['serializable', 'repeatable read'],
  default_transaction_read_only: ['on'],
  default_transaction_deferrable: ['on'],
  exit_on_error: ['on'],
  statement_timeout: ['60ms'],
  lock_timeout: ['1ms'],
  idle_in_transaction_session_timeout: ['20ms'],
  idle_session_timeout: ['300ms'],
  transaction_timeout: ['60ms'],
  plan_cache_mode: ['force_generic_plan', 'force_custom_plan'],
  jit: ['on'],
  jit_above_cost: ['0'],
  synchronous_commit: ['off'],
  enable_indexscan: ['off'],
  enable_bitmapscan: ['off'],
  enable_hashjoin: ['off'],
  enable_nestloop: ['off'],
  enable_sort: ['off'],
  from_collapse_limit: ['1'],
  constraint_exclusion: ['on'],
  check_function_bodies: ['off'],
  default_toast_compression: ['pglz'],
  escape_string_warning: ['on'],
  client_min_messages: ['error', 'debug1'],
  lc_monetary: ['C'],
  default_statistics_target: ['1'],
  password_encryption: ['md5'],
  search_path: ['public', '"$user", public', 'pg_catalog', 'nowhere, public'],
};

eachServer('database: settings of server, database and role', (server) => {
  let database: string;
  let role: string;
  let options: DatabaseOptions;

  before(async () => {
    database = await server.database();
    role = await server.role();
    await server.admin(`grant create on database ${database} to ${role}`);
    await server.admin(`grant create on schema public to ${role}`, database);
    options = { kind: 'postgresql', url: server.url(database, role) };
  });

  /** Sets all of them to their first value, or as far as they have so many. */
  async function setAll(of: string, place: number): Promise<void> {
    for (const [name, values] of Object.entries(NASTY)) {
      const known = await server.admin(`select from pg_settings where name = '${name}'`);
      const value = values[place % values.length]!;
      const written = name === 'search_path' ? value : `'${value}'`;
      if (known.length > 0 || name === 'search_path') {
        await server.admin(`alter ${of} set ${name} = ${written}`);
      }
    }
  }

  for (const [place, of] of [
    [0, () => `database ${database}`],
    [1, () => `role ${role}`],
    [2, () => `role ${role} in database ${database}`],
  ] as const) {
    it(`work whatever they are, number ${place}`, async () => {
      await setAll(of(), place);
      const test = await openTestManager(options, { commandTimeoutMs: patience(20_000) });
      const { manager } = test;
      try {
        const clientid = `gw-${place}`;
        const before = Date.now();
        const gateway = await onlineGateway(test, clientid);
        const stored = nextEvent(manager, 'device', (event) => event.change === 'profile');
        const { requestId } = await gateway.nextRequest();
        await gateway.answer(requestId, GENERAL);
        await stored;
        const sent = manager.commands.send({ clientid, path: '/device/time', method: 'get' });
        const command = await gateway.nextRequest();
        await gateway.answer(command.requestId, { data: { text: 'Größe 大 \\ \' "' } });
        const record = await sent;
        expect(record).to.deep.include({ state: 'SUCCEEDED' });
        expect(record.answer?.payload).to.deep.equal({ data: { text: 'Größe 大 \\ \' "' } });
        expect(Date.parse(record.createdAt)).to.be.within(before - 5000, Date.now() + 5000);
        const device = await manager.registry.get(clientid);
        expect(device).to.deep.include({ status: 'online', modelName: GENERAL.data.modelName });
        expect(Date.parse(device!.since!)).to.be.within(before - 5000, Date.now() + 5000);
        await manager.registry.update(clientid, { tags: ['NULL', 'b\\', '"'], note: "it's \\ here" });
        const { devices } = await manager.registry.list({ tag: 'NULL' });
        expect(devices.map((one) => one.tags)).to.deep.include(['NULL', 'b\\', '"']);
        const offline = presenceOf(manager, clientid, 'offline');
        await gateway.leave();
        await offline;
      } finally {
        await manager.close();
      }
    });
  }

  it('find every gateway that a search means, where an index may leave some out', async () => {
    const test = await openTestManager(options);
    try {
      for (let number = 0; number < 60; number += 1) {
        await test.manager.registry.register({ clientid: `needle-${number}` });
      }
      const { devices } = await test.manager.registry.list({ search: 'needle', limit: 100 });
      expect(devices).to.have.length(60);
    } finally {
      await test.manager.close();
    }
  });

  it('are ours in each session, also where ours are many, and the server is left as it was', async () => {
    const opened = await openDatabase(options);
    try {
      const rows = await Promise.all(
        Array.from({ length: 6 }, () =>
          opened.query(
            "select current_setting('datestyle') as style, current_setting('synchronous_commit') as commit",
          ),
        ),
      );
      for (const [row] of rows) expect(row).to.deep.equal({ style: 'ISO, YMD', commit: 'local' });
    } finally {
      await opened.close();
    }
  });
});
