import { expect } from 'chai';
import { AUDIT_FILTER } from '../../../nodes/api/audit-filter.js';
import { COMMAND_FILTER } from '../../../nodes/api/command-filter.js';
import { opener } from '../../support/databases.js';
import { type JobWorld, openJobWorld, personWith } from './job-world.js';

interface Row {
  clientid: string;
  path: string;
  requestedBy: string;
}

describe('history by REST', () => {
  const open = opener('pglite');
  let world: JobWorld;

  const ask = async (clientid: string, path: string, method: string, requestedBy: string) => {
    await world.manager.commands.submit({
      ...{ clientid, path, method, requestBody: {}, whenOffline: 'queue' as const },
      requestedBy,
    });
  };
  const pathsBy = async (query: string) => {
    const { status, data } = await world.call('GET', `/command${query}`);
    expect(status, query).to.equal(200);
    return (data as Row[]).map(({ clientid, path }) => `${clientid} ${path}`).sort();
  };
  const actsBy = async (query: string) => {
    const { status, data } = await world.call('GET', `/audit${query}`);
    expect(status, query).to.equal(200);
    return (data as { action: string; who: string }[]).map(({ action, who }) => `${who}: ${action}`).sort();
  };

  before(async () => {
    world = await openJobWorld(await open.options());
    world.as(personWith('administrator', '1'));
    for (const clientid of ['pump-1', 'pump-2', 'tank-1']) await world.call('POST', '/device', { clientid });
    world.as(personWith('administrator', '2'));
    await world.call('POST', '/device', { clientid: 'pump-1' });
    world.as(personWith('viewer', '3'));
    await world.call('DELETE', '/device/pump-1');
    await ask('pump-1', '/device/general', 'GET', 'dashboard: otto');
    await ask('pump-2', '/device/time', 'GET', 'REST: ada');
    await ask('tank-1', '/system/reboot', 'GET', 'tpedm: probe');
  });
  after(() => world?.close());
  beforeEach(() => world.as(personWith('operator')));

  it('lists commands by who, when, gateway, operation, outcome and door', async () => {
    const general = ['pump-1 /device/general'];
    const time = ['pump-2 /device/time'];
    const reboot = ['tank-1 /system/reboot'];
    const found: [query: string, rows: string[]][] = [
      ['', [...general, ...time, ...reboot]],
      ['?who=OTTO', general],
      ['?gateway=ump', [...general, ...time]],
      ['?clientid=pump-2', time],
      ['?operation=device/time', time],
      ['?operation=Read+the+date', time],
      ['?operation=no+such+thing', []],
      ['?door=people', [...general, ...time]],
      ['?door=system', reboot],
      ['?door=rest', time],
      ['?outcome=open', [...general, ...time, ...reboot]],
      ['?outcome=failed', []],
      ['?outcome=open&state=QUEUED&gateway=tank', reboot],
      ['?outcome=failed&state=QUEUED&gateway=tank', []],
      ['?since=2020-01-01&until=2020-01-02T00:00:00Z', []],
      ['?since=2020-01-01&door=rest', time],
    ];
    for (const [query, rows] of found) expect(await pathsBy(query), query).to.deep.equal(rows);
  });

  it('finds operations by the words that people read, in their language', async () => {
    for (const words of ['Datum und Uhrzeit', '日付と時刻', '日期'])
      expect(await pathsBy(`?operation=${encodeURIComponent(words)}`), words).to.include(
        'pump-2 /device/time',
      );
  });

  it('lists the audit by who, gateway, action and outcome', async () => {
    const registered = Array.from({ length: 3 }, () => 'ada 1: gateway.register');
    const found: [query: string, rows: string[]][] = [
      ['?action=gateway.&outcome=done', registered],
      ['?who=ADA+1', registered],
      ['?gateway=tank', registered.slice(0, 1)],
      ['?clientid=pump-2', registered.slice(0, 1)],
      ['?outcome=failed', ['ada 2: gateway.register']],
      ['?outcome=refused&gateway=pump', ['ada 3: gateway.retire']],
      ['?door=wall', []],
      ['?until=2020-01-01', []],
    ];
    for (const [query, rows] of found) expect(await actsBy(query), query).to.deep.equal(rows);
  });

  it('is read page by page', async () => {
    for (const path of ['/command', '/audit']) {
      const all = await world.call('GET', `${path}?limit=3`);
      const first = await world.call('GET', `${path}?limit=2`);
      expect(first.data, path).to.have.length(2);
      const rest = await world.call('GET', `${path}?limit=1&cursor=${first.next}`);
      expect([...first.data, ...rest.data], path).to.deep.equal(all.data);
    }
  });

  it('is told to those who may read it', async () => {
    world.as(personWith('viewer'));
    expect((await world.call('GET', '/command')).status).to.equal(200);
    expect((await world.call('GET', '/audit')).status).to.equal(403);
  });

  it('finds nothing at all, rather than all, where a condition is blank, wrong or unknown', async () => {
    const conditions = { '/command': COMMAND_FILTER, '/audit': AUDIT_FILTER };
    for (const [path, filter] of Object.entries(conditions)) {
      const wrong = Object.keys(filter).flatMap((name) => [`${name}=`, `${name}=%20`, `${name}=a&${name}=b`]);
      const others = ['since=yesterday', 'until=13', 'door=window', 'outcome=good', 'cursor=x', 'limit=0'];
      for (const query of [...wrong, ...others, 'limit=201', 'gatway=pump-1']) {
        const { status, data } = await world.call('GET', `${path}?${query}`);
        expect(status, `${path}?${query}`).to.equal(400);
        const name = query.split('=', 1)[0];
        expect(data.message, `${path}?${query}`).to.include(name === 'cursor' ? 'cursor' : name);
      }
    }
  });
});
