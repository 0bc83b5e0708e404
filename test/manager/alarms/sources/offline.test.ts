import { expect } from 'chai';
import type { Database } from '../../../../nodes/manager/database/database.js';
import { eachDatabase } from '../../../support/databases.js';
import { createFleetRig, createSourceRig, HOUR, idsOf, MINUTE, namesOf, ruleOf } from './rig.js';

const RULE = ruleOf('offline');

eachDatabase('alarms: gateways that are offline', (open) => {
  let database: Database;
  let fleet: ReturnType<typeof createFleetRig>;
  let rig: ReturnType<typeof createSourceRig>;
  /** When it all begins. */
  let start: number;

  beforeEach(async () => {
    database = await open();
    fleet = createFleetRig(database);
    rig = createSourceRig(database);
    start = Date.now() - 5 * HOUR;
  });
  afterEach(() => database.close());

  async function connectAll(clientids: readonly string[], at = start): Promise<void> {
    for (const clientid of clientids) await fleet.connect(clientid, at);
  }

  it('are told of after the delay, once, with why and what to do, until they are back', async () => {
    await fleet.register(['gw', 'other'], 'Bochum');
    await connectAll(['gw', 'other']);
    const went = start + HOUR;
    await fleet.disconnect('gw', went);
    expect(await rig.due(RULE, { at: went + 9 * MINUTE })).to.deep.equal([]);
    const [condition, ...more] = await rig.raise(RULE, { at: went + 10 * MINUTE });
    expect(more).to.deep.equal([]);
    expect(condition).to.deep.include({ clientid: 'gw', key: '', site: 'Bochum', gateways: 1 });
    expect(condition!.since.getTime()).to.equal(went);
    expect(condition!.reason.text).to.equal(
      `Offline since ${new Date(went).toISOString()}: keepalive timeout.`,
    );
    expect(condition!.advice.cause?.code).to.equal('alarm-do-link');
    expect(await rig.due(RULE, { at: went + 11 * MINUTE }), 'twice').to.deep.equal([]);
    expect(await rig.clear(RULE, { at: went + 11 * MINUTE })).to.deep.equal([]);
    await fleet.connect('gw', went + 12 * MINUTE);
    expect(await rig.clear(RULE, { at: went + 13 * MINUTE })).to.deep.equal(['gw']);
    expect(await rig.due(RULE, { at: went + 2 * HOUR })).to.deep.equal([]);
  });

  it('say anew since when, if they were back for a moment', async () => {
    await fleet.register(['gw']);
    await connectAll(['gw']);
    await fleet.disconnect('gw', start + MINUTE);
    await rig.raise(RULE, { at: start + 20 * MINUTE });
    await fleet.connect('gw', start + 21 * MINUTE);
    await fleet.disconnect('gw', start + 22 * MINUTE, 'tcp_closed');
    const standing = (await rig.standings(RULE, { at: start + 23 * MINUTE })).gw!;
    expect(standing).to.have.property('is', 'bad');
    expect(JSON.stringify(standing)).to.contain('connection lost');
  });

  it('are not told of when they are disabled, never seen, online, or not those of the rule', async () => {
    await fleet.register(['off', 'never', 'on', 'there']);
    await fleet.register(['here'], 'Bochum');
    await connectAll(['off', 'on', 'here', 'there']);
    for (const clientid of ['off', 'here', 'there']) await fleet.disconnect(clientid, start + HOUR);
    await fleet.registry.update('off', { enabled: false });
    const rule = ruleOf('offline', { id: 'bochum', filter: { site: 'Bochum' } });
    expect(namesOf(await rig.raise(rule, { at: start + 2 * HOUR }))).to.deep.equal(['here']);
    expect(namesOf(await rig.raise(RULE, { at: start + 2 * HOUR })).sort()).to.deep.equal(['here', 'there']);
    await fleet.registry.update('here', { enabled: false });
    expect(await rig.clear(RULE, { at: start + 2 * HOUR }), 'disabled later').to.deep.equal(['here']);
  });

  it('are told of only when nobody disturbs them any more, unless they are stuck', async () => {
    await fleet.register(['held', 'stuck']);
    await connectAll(['held', 'stuck']);
    for (const clientid of ['held', 'stuck']) await fleet.disconnect(clientid, start + HOUR);
    await database.query(
      `insert into tpe_guard_hold (clientid, owner_kind, owner_id, site, model, redundancy, stuck_since)
       values ('held', 'command', '1', '', '', '', null), ('stuck', 'command', '2', '', '', '', now())`,
    );
    expect(namesOf(await rig.raise(RULE, { at: start + 2 * HOUR }))).to.deep.equal(['stuck']);
    await database.query("delete from tpe_guard_hold where clientid = 'held'");
    expect(namesOf(await rig.raise(RULE, { at: start + 2 * HOUR }))).to.deep.equal(['held']);
  });

  it('are not told of from what was known before a break, until it is known well again', async () => {
    await fleet.register(['before', 'found', 'seen']);
    await connectAll(['before', 'found', 'seen']);
    await fleet.disconnect('before', start + HOUR);
    const presenceSince = start + 2 * HOUR;
    await fleet.foundOffline('found', presenceSince + 10_000);
    await fleet.disconnect('seen', presenceSince + 4 * MINUTE);
    const at = (minutes: number) => ({ at: presenceSince + minutes * MINUTE, presenceSince });
    expect(await rig.due(RULE, { ...at(60), presenceSince: null }), 'nothing is known').to.deep.equal([]);
    expect(namesOf(await rig.raise(RULE, at(13)))).to.deep.equal([]);
    expect(namesOf(await rig.raise(RULE, at(15))), 'seen as it went').to.deep.equal(['seen']);
    expect(namesOf(await rig.raise(RULE, at(19)))).to.deep.equal([]);
    expect(namesOf(await rig.raise(RULE, at(21)))).to.deep.equal(['before', 'found']);
    expect(await rig.standings(RULE, { ...at(30), presenceSince: null })).to.deep.equal({
      before: { is: 'unknown' },
      found: { is: 'unknown' },
      seen: { is: 'unknown' },
    });
  });

  it('are one alarm of their site when most of it goes together', async () => {
    const site = idsOf('bo', 10);
    await fleet.register(site, 'Bochum');
    await fleet.register(idsOf('es', 10), 'Essen');
    await connectAll([...site, ...idsOf('es', 10)]);
    const went = start + HOUR;
    for (const [index, clientid] of site.slice(0, 8).entries())
      await fleet.disconnect(clientid, went + index * 10_000);
    await fleet.disconnect('es-001', went);
    const at = { at: went + 10 * MINUTE };
    const raised = await rig.raise(RULE, at);
    expect(namesOf(raised)).to.deep.equal(['site:Bochum', 'es-001']);
    expect(raised[0]).to.deep.include({ clientid: null, site: 'Bochum', gateways: 8 });
    expect(raised[0]!.reason.text).to.equal(
      `Bochum: 8 of 10 gateways are offline since ${new Date(went).toISOString()}.`,
    );
    // One that goes later is covered.
    await fleet.disconnect('bo-009', went + 30 * MINUTE);
    expect(await rig.raise(RULE, { at: went + HOUR })).to.deep.equal([]);
    expect((await rig.standings(RULE, { at: went + HOUR }))['site:Bochum']).to.deep.include({
      is: 'bad',
      gateways: 9,
    });
    for (const clientid of site.slice(0, 5)) await fleet.connect(clientid, went + HOUR);
    expect(await rig.clear(RULE, { at: went + HOUR }), '5 of 8 are back').to.deep.equal([]);
    await fleet.connect('bo-006', went + 2 * HOUR);
    expect(await rig.clear(RULE, { at: went + 2 * HOUR }), '6 of 8 are back').to.deep.equal(['site:Bochum']);
    // Who is offline still has an alarm of its own now.
    expect(namesOf(await rig.raise(RULE, { at: went + 2 * HOUR }))).to.deep.equal([
      'bo-007',
      'bo-008',
      'bo-009',
    ]);
  });

  it('have each their own alarm when two of a site go, or it is less than 70 %, or not at once', async () => {
    await fleet.register(idsOf('small', 2), 'Small');
    await fleet.register(idsOf('half', 10), 'Half');
    await fleet.register(idsOf('slow', 4), 'Slow');
    const steady = idsOf('steady', 30);
    await fleet.register(steady, 'Steady');
    await connectAll([...idsOf('small', 2), ...idsOf('half', 10), ...idsOf('slow', 4), ...steady]);
    for (const clientid of [...idsOf('small', 2), ...idsOf('half', 6)])
      await fleet.disconnect(clientid, start + HOUR);
    for (const [index, clientid] of idsOf('slow', 4).entries())
      await fleet.disconnect(clientid, start + HOUR + index * 90_000);
    expect(namesOf(await rig.raise(RULE, { at: start + 2 * HOUR })).sort()).to.deep.equal(
      [...idsOf('small', 2), ...idsOf('half', 6), ...idsOf('slow', 4)].sort(),
    );
  });

  it('are one alarm of the fleet when most of all go together, also without sites', async () => {
    const ids = [...idsOf('a', 4), ...idsOf('b', 4), ...idsOf('none', 4)];
    await fleet.register(idsOf('a', 4), 'A');
    await fleet.register(idsOf('b', 4), 'B');
    await fleet.register(idsOf('none', 4));
    await connectAll(ids);
    const went = start + HOUR;
    for (const clientid of ids.slice(0, 11)) await fleet.disconnect(clientid, went);
    const [all, ...more] = await rig.raise(RULE, { at: went + 10 * MINUTE });
    expect(more).to.deep.equal([]);
    expect(all).to.deep.include({ clientid: null, key: 'fleet', site: null, gateways: 11 });
    expect(all!.reason.text).to.contain('11 of 12 gateways are offline');
    // It covers who goes within an hour, and not who goes on another day.
    await fleet.disconnect('none-004', went + 2 * HOUR);
    expect(namesOf(await rig.raise(RULE, { at: went + 3 * HOUR }))).to.deep.equal(['none-004']);
    for (const clientid of ids.slice(0, 8)) await fleet.connect(clientid, went + 3 * HOUR);
    expect(await rig.clear(RULE, { at: went + 3 * HOUR })).to.deep.equal(['fleet']);
    expect(namesOf(await rig.raise(RULE, { at: went + 4 * HOUR }))).to.deep.equal(idsOf('none', 3));
  });

  it('are one alarm when more than a hundred of a large fleet go together, and when many sites do', async () => {
    const ids = idsOf('gw', 400);
    await database.query(
      `insert into clientid_profile (clientid, site, connection_status, connection_status_updated_at)
       select id, case when place <= 100 then 'site ' || place % 25 else '' end, true, 1 from unnest($1::text[]) with ordinality as given (id, place)`,
      [ids],
    );
    await database.query(
      `insert into mqtt_user (clientid, username, password, salt, is_superuser, enabled)
       select id, id, 'x', 'x', false, true from unnest($1::text[]) as id`,
      [ids],
    );
    const go = (from: number, to: number, at: number) =>
      database.query(
        `update tpe_presence set status = 'offline', since = $2, source = 'webhook' where clientid = any($1::text[])`,
        [ids.slice(from, to), new Date(at)],
      );
    // 25 sites with four gateways each.
    await go(0, 100, start + HOUR);
    expect(namesOf(await rig.raise(RULE, { at: start + 2 * HOUR }))).to.deep.equal(['fleet']);
    // A second one while the first is open, of gateways without a site.
    await go(100, 201, start + 3 * HOUR);
    const [second, ...more] = await rig.raise(RULE, { at: start + 4 * HOUR });
    expect(more).to.deep.equal([]);
    expect(second).to.deep.include({ clientid: null, gateways: 101 });
    expect(await rig.raise(RULE, { at: start + 4 * HOUR })).to.deep.equal([]);
  });

  it('are found in pieces', async () => {
    const ids = idsOf('gw', 5);
    const steady = idsOf('steady', 20);
    await fleet.register([...ids, ...steady]);
    await connectAll([...ids, ...steady]);
    for (const [index, clientid] of ids.entries())
      await fleet.disconnect(clientid, start + index * 5 * MINUTE + 1);
    expect(namesOf(await rig.raise(RULE, { at: start + 2 * HOUR }, 2))).to.deep.equal(ids);
  });
});
