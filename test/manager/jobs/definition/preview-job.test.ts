import { expect } from 'chai';
import { TPE_OPERATIONS as catalogue } from '../../../../nodes/manager/catalogue/operation-set.js';
import type { Database } from '../../../../nodes/manager/database/database.js';
import type { Guard } from '../../../../nodes/manager/guard/guard.js';
import { createTargetsHash } from '../../../../nodes/manager/jobs/definition/hash.js';
import { orderOf } from '../../../../nodes/manager/jobs/definition/order.js';
import { parseJob } from '../../../../nodes/manager/jobs/definition/parse-job.js';
import { previewJob } from '../../../../nodes/manager/jobs/definition/preview-job.js';
import type { JobPreview } from '../../../../nodes/manager/jobs/job.js';
import { createRegistry } from '../../../../nodes/manager/registry/create-registry.js';
import type { Registry } from '../../../../nodes/manager/registry/registry.js';
import type { TpeError } from '../../../../nodes/manager/shared/tpe-error.js';
import { createSites } from '../../../../nodes/manager/sites/create-sites.js';
import type { Sites } from '../../../../nodes/manager/sites/sites.js';
import { createScanStore } from '../../../../nodes/manager/updates/scan/scan-store.js';
import type { Updates } from '../../../../nodes/manager/updates/scan/updates.js';
import { eachDatabase } from '../../../support/databases.js';
import { errorOf } from '../../../support/errors.js';
import { filledBody } from '../../../support/filled-body.js';
import { MAX_PAUSE_MS, pauseDuring, startLoopClock } from '../../../support/loop-clock.js';
import { openGuard } from '../../guard/rig.js';

const GENERAL = 'patch-device-general-set-device-general';
const SMALL = 10_000;
const LARGE = 100_000;
const MB = 1024 * 1024;

const write = {
  operation: GENERAL,
  requestBody: { hostName: '{{gateway.hostName}}', description: 'of {{gateway.site}}' },
};
const gateways = (count: number) => Array.from({ length: count }, (_, index) => `gw-${index + 1}`);

eachDatabase('jobs: the preview of a job', (open) => {
  let database: Database;
  let registry: Registry;
  let updates: Pick<Updates, 'results'>;
  let guard: Guard;
  let sites: Sites;

  before(async () => {
    database = await open();
    for (let from = 1; from <= LARGE; from += 20_000) await fill(from, from + 19_999);
    await database.query('vacuum analyze');
    registry = createRegistry(database);
    ({ guard } = openGuard(database));
    sites = createSites({ database, onChanged: () => undefined });
    const scans = createScanStore(database, 'test');
    updates = {
      async results({ available = true, limit = 50, cursor = '' }) {
        const found = await scans.results({ available, after: cursor, limit });
        return { updates: found, next: found.length === limit ? found.at(-1)!.clientid : null };
      },
    };
    await scans.save(gateways(40).map(scanned));
  });
  after(async () => {
    await guard.close();
    await database.close();
  });

  const fill = async (from: number, to: number) => {
    await database.query(
      `insert into clientid_profile (clientid, host_name, model_name, firmware_version, tpe_version, site, connection_status)
       select 'gw-' || n, case when n <= ${SMALL} or n % 2 = 0 then 'pump-' || n end, 'UC-' || n % 30, '1.' || n % 7,
         '2.' || n % 3 || '.0', case when n <= ${SMALL} then 'Plant ' || n % 50 else 'Far' end, n % 3 = 0
       from generate_series($1::integer, $2::integer) as n`,
      [from, to],
    );
    await database.query(
      `insert into mqtt_user (clientid, username, enabled)
       select 'gw-' || n, 'gw-' || n, n % 1000 <> 0 from generate_series($1::integer, $2::integer) as n`,
      [from, to],
    );
  };

  async function preview(given: object): Promise<JobPreview> {
    const parsed = await parseJob({ name: 'job', do: { command: write }, ...given }, catalogue, {
      lookUp: () => 's',
    });
    return await previewJob(parsed, { registry, catalogue, updates, guard, sites });
  }

  it('says of 10,000 gateways who is reached, who is left out and why, in their order', async () => {
    const ids = [...gateways(SMALL), 'nobody-1', 'nobody-2'];
    const found = await preview({ targets: { ids } });
    expect(found).to.deep.include({
      total: SMALL + 2,
      reached: SMALL - 10,
      risk: 'write',
      confirmation: null,
    });
    expect(found.online).to.equal(3333 - 3);
    expect(found.leftOut.map(({ reason, count }) => [reason.cause?.code, count])).to.deep.equal([
      ['unfit-disabled', 10],
      ['unfit-unregistered', 2],
    ]);
    expect(found.leftOut[1]?.clientids).to.have.members(['nobody-1', 'nobody-2']);
    expect(found.sites).to.have.length(21);
    expect(found.sites[20]).to.deep.equal({
      value: '*',
      count: (SMALL / 50) * 30 - (found.sites[0]!.count === 200 ? 10 : 0),
    });
    expect(sum(found.sites)).to.equal(found.reached);
    expect(sum(found.models)).to.equal(found.reached);
    expect(found.versions.map(({ value }) => value)).to.have.members(['2.0.0', '2.1.0', '2.2.0']);
    expect(found.seconds).to.be.closeTo(((SMALL - 10) / 100) * 60, 1);
    expect(found).to.include({ bytes: 0, bytesPerSecond: 0 });

    const { hash } = await parseJob({ name: 'x', do: { command: write }, targets: { ids } }, catalogue);
    const inOrder = ids.toSorted((one, other) => orderOf(hash, one) - orderOf(hash, other));
    const all = createTargetsHash(hash);
    for (const clientid of inOrder) all.add(clientid);
    expect(found.hash).to.equal(all.digest());
    const reached = inOrder.filter((id) => !/000$|^nobody/.test(id));
    expect(found.bodies.map(({ clientid }) => clientid)).to.deep.equal(reached.slice(0, 20));
    const [first] = found.bodies;
    const number = Number(first?.clientid.slice(3));
    expect(first?.requests).to.deep.equal([
      {
        ...{ method: 'PATCH', path: '/device/general' },
        requestBody: { hostName: `pump-${number}`, description: `of Plant ${number % 50}` },
      },
    ]);
  });

  it('is the same again, and another one with a gateway more', async () => {
    const ids = gateways(50);
    const one = await preview({ targets: { ids } });
    expect(await preview({ targets: { ids: [...ids] }, note: 'another' })).to.deep.equal(one);
    expect((await preview({ targets: { ids: gateways(51) } })).hash).not.to.equal(one.hash);
  });

  it('leaves out who lacks a value, and whose value does not fit, without showing it', async () => {
    const perTarget =
      'clientid,name,radio\ngw-1,pump-1,1\ngw-2,-not a name-,1\ngw-3,,1\ngw-4,pump-4,a/b\ngw-5,pump-5,2\n';
    const found = await preview({
      do: {
        steps: [
          { command: { operation: GENERAL, requestBody: { hostName: '{{value.name}}' } } },
          { command: { path: '/device/wifi/{{value.radio}}' } },
        ],
      },
      targets: { ids: gateways(6) },
      perTarget,
    });
    const told = Object.fromEntries(
      found.leftOut.map(({ reason, clientids }) => [reason.cause?.code, clientids]),
    );
    expect(told['unfit-request']).to.deep.equal(['gw-2']);
    expect(told['unfit-value-with-slash']).to.deep.equal(['gw-4']);
    expect(
      found.leftOut
        .filter(({ reason }) => reason.cause?.code === 'unfit-value-missing')
        .flatMap((one) => one.clientids),
    ).to.have.members(['gw-3', 'gw-6']);
    expect(found.bodies.map(({ clientid }) => clientid)).to.have.members(['gw-1', 'gw-5']);
    expect(found.bodies.find(({ clientid }) => clientid === 'gw-5')?.requests[1]?.path).to.equal(
      '/device/wifi/2',
    );
  });

  it('leaves out whom a value would give a higher risk than what is confirmed', async () => {
    const found = await preview({
      do: { command: { path: '/events', method: 'POST', requestBody: '{{value.body:json}}', check: 'warn' } },
      targets: { ids: gateways(2) },
      perTarget: [
        { clientid: 'gw-1', body: { name: 'a' } },
        { clientid: 'gw-2', body: { configuration: 'all events' } },
      ],
    });
    expect(found.risk).to.equal('write');
    expect(found.bodies.map(({ clientid }) => clientid)).to.deep.equal(['gw-1']);
    expect(found.leftOut.map(({ reason, clientids }) => [reason.cause?.code, clientids])).to.deep.equal([
      ['unfit-risk-higher', ['gw-2']],
    ]);
  });

  it('shows no secret: neither what a job names, nor what values have for a password', async () => {
    const found = await preview({
      do: {
        command: {
          ...{ operation: 'patch-device-wifi-id', params: { id: 1 }, check: 'warn' },
          requestBody: { password: '{{value.password}}', psk: { $secret: 'wifi-psk' }, note: 'x' },
        },
      },
      targets: { ids: ['gw-1'] },
      perTarget: 'clientid,password\ngw-1,hidden-in-the-file\n',
    });
    expect(found.bodies).to.have.length(1);
    expect(JSON.stringify(found)).not.to.include('hidden-in-the-file');
    expect(found.bodies[0]?.requests[0]?.requestBody).to.include({ note: 'x' });
    expect(found.confirmation).to.equal('1');
  });

  it('adds up what installations load and how long they take at this pace', async () => {
    const packages = [
      { category: 'mil', version: '1.8', yamlUrl: 'https://x.example/a.yaml', size: 300 * MB },
      { category: 'tpe', version: '2.3.0-1', yamlUrl: 'https://x.example/b.yaml', size: 100 * MB },
    ];
    const rollout = { maxPerMinute: 6000, maxInProgress: 20, perSite: 20 };
    const found = await preview({ do: { install: { packages } }, targets: { ids: gateways(100) }, rollout });
    expect(found).to.include({ seconds: (100 * 2 * 1800) / 20, bytes: 100 * 400 * MB, confirmation: '100' });
    expect(found.bytesPerSecond).to.equal((100 * 400 * MB) / 18_000);
    const bySite = await preview({
      ...{ do: { install: { packages } }, targets: { ids: gateways(100) } },
      rollout: { maxInProgress: 100 },
    });
    expect(bySite.seconds, 'two of each site, one after the other').to.equal(2 * 2 * 1800);
    const unknown = [{ ...packages[0], size: null }];
    expect(
      (await preview({ do: { install: { packages: unknown } }, targets: { ids: ['gw-1'] } })).bytes,
    ).to.equal(null);
  });

  it('says where the guard allows fewer than the pace asks for, and takes their time', async () => {
    const reboot = { operation: 'put-system-reboot-reboot-device-now', requestBody: { now: true } };
    const filter = (site: string) => ({ do: { command: reboot }, targets: { filter: { site } } });
    const rollout = { maxPerMinute: 6000, maxInProgress: 500, perSite: 50 };
    await database.query(
      "update clientid_profile set redundancy = 'pumps' where clientid in ('gw-7', 'gw-57')",
    );
    try {
      const byShare = await preview({ ...filter('Plant 7'), rollout });
      expect(byShare.limits).to.deep.equal([
        { scope: 'site', asked: 50, count: 1, first: [{ value: 'Plant 7', max: 40 }] },
        { scope: 'set', asked: 500, count: 1, first: [{ value: 'pumps', max: 1 }] },
      ]);
      expect(byShare.seconds).to.equal((200 / 40) * 300);
      await guard.setLimit({ scope: 'site', value: 'Plant 7', max: 2 }, 'test');
      await guard.setLimit({ scope: 'model', value: '', max: 3 }, 'test');
      await guard.setLimit({ scope: 'fleet', value: '', max: 1 }, 'test');
      const set = await preview({ ...filter('Plant 7'), rollout: { ...rollout, perSite: 4 } });
      expect(
        set.limits.map(({ scope, asked, count, first }) => [scope, asked, count, first[0]]),
      ).to.deep.equal([
        ['fleet', 200, 1, { value: '', max: 1 }],
        ['site', 4, 1, { value: 'Plant 7', max: 2 }],
        ['model', 500, 3, set.limits[2]!.first[0]],
        ['set', 500, 1, { value: 'pumps', max: 1 }],
      ]);
      expect(set.seconds).to.equal(200 * 300);
      const slower = await preview({
        ...filter('Plant 7'),
        rollout: { ...rollout, maxInProgress: 1, perSite: 1 },
      });
      expect(slower.limits, 'none is below the pace').to.deep.equal([]);
      const { limits } = await preview({ targets: { filter: { site: 'Plant 7' } } });
      expect(limits, 'what disturbs nobody needs no slot').to.deep.equal([]);
    } finally {
      for (const [scope, value] of [
        ['site', 'Plant 7'],
        ['model', ''],
        ['fleet', ''],
      ] as const)
        await guard.setLimit({ scope, value, max: scope === 'fleet' ? 200 : null }, 'test');
      await database.query("update clientid_profile set redundancy = '' where redundancy <> ''");
    }
  });

  it('counts the sites of 100,000 gateways without keeping anybody waiting', async () => {
    const reboot = { operation: 'put-system-reboot-reboot-device-now', requestBody: { now: true } };
    const given = {
      do: { command: reboot },
      targets: { all: true },
      rollout: { maxInProgress: 500, perSite: 500 },
    };
    const clock = startLoopClock();
    try {
      let found: JobPreview | undefined;
      const pause = await pauseDuring(clock.longest, async () => {
        found = await preview(given);
      });
      expect(found?.limits.map(({ scope, count }) => [scope, count])).to.deep.equal([
        ['fleet', 1],
        ['site', 50],
      ]);
      expect(pause).to.be.below(MAX_PAUSE_MS);
    } finally {
      clock.stop();
    }
  });

  it('counts the time until a gateway is well again where its operation restarts it', async () => {
    const reboot = { operation: 'put-system-reboot-reboot-device-now', requestBody: { now: true } };
    const targets = { ids: gateways(100) };
    const rollout = { maxPerMinute: 6000, maxInProgress: 10, perSite: 10 };
    const found = await preview({ do: { command: reboot }, targets, rollout });
    expect(found.seconds).to.equal((100 * 300) / 10);
    const unawaited = await preview({
      ...{ do: { command: { ...reboot, untilWell: false } }, targets, rollout },
    });
    expect(unawaited.seconds).to.be.below(60);
  });

  it('takes what the last scan found where the newest is installed', async () => {
    const found = await preview({
      ...{ do: { install: { to: 'newest' } }, targets: { ids: gateways(50) } },
      rollout: { perSite: 1, maxInProgress: 1, maxPerMinute: 6000 },
    });
    expect(found).to.include({ reached: 50, bytes: 40 * 400 * MB, seconds: 40 * 2 * 1800 });
  });

  it('says on which sites nothing may be begun now', async () => {
    await sites.set(
      { name: 'Plant 7', freezes: [{ from: '2020-01-01', to: '2099-12-31', reason: 'audit' }] },
      'ada',
    );
    const targets = { filter: { site: 'Plant 7' } };
    const { shut } = await preview({ targets });
    expect(shut).to.have.length(1);
    expect(shut[0]).to.deep.include({ site: 'Plant 7', count: 200, opensAt: null });
    expect(shut[0]!.reason.cause?.code).to.equal('site-never-opens');
    expect((await preview({ targets, rollout: { outsideWindows: true } })).shut).to.deep.equal([]);
    expect((await preview({ targets, do: { command: { path: '/device/general' } } })).shut).to.deep.equal([]);
    await sites.remove('Plant 7');
  });

  it('finds gateways by a filter, and refuses more than a job may have', async () => {
    const found = await preview({ targets: { filter: { site: 'Plant 7' } } });
    expect(found).to.include({ total: 200, reached: 200 });
    expect((await preview({ targets: { filter: { site: 'nowhere' } } })).total).to.equal(0);
    const parsed = await parseJob({ name: 'x', do: { command: write }, targets: { all: true } }, catalogue);
    const twice = {
      counts: registry.counts,
      async *each() {
        for (const prefix of ['a', 'b'])
          for await (const one of registry.each({})) yield { ...one, clientid: prefix + one.clientid };
      },
    };
    const error = await errorOf(previewJob(parsed, { registry: twice, catalogue, updates, guard, sites }));
    expect(error.message).to.include('100000');
  });

  it('refuses at once what would fill too much for all its gateways, and says for how many it can be', async () => {
    const command = { path: '/device/general', method: 'GET', requestBody: filledBody(1000), check: 'warn' };
    const refusal = async (targets: object) =>
      ((await errorOf(preview({ do: { command }, targets }))) as TpeError).reason.cause;
    const cause = await refusal({ all: true });
    expect(cause?.code).to.equal('job-fills-too-much');
    const most = Number(cause?.params.most);
    expect(most).to.be.within(1000, 20_000);
    expect((await refusal({ ids: gateways(most + 1) }))?.code).to.equal('job-fills-too-much');
    // The same for all is checked once.
    const same = { ...command, requestBody: { list: Array.from({ length: 5000 }, () => ({ k: 'v' })) } };
    expect(await preview({ do: { command: same }, targets: { filter: { site: 'Plant 7' } } })).to.include({
      total: 200,
    });
  });

  it('shows fewer requests of large ones', async () => {
    const bodies = async (fields: number) => {
      const command = {
        path: '/device/general',
        method: 'GET',
        requestBody: filledBody(fields),
        check: 'warn',
      };
      return (await preview({ do: { command }, targets: { ids: gateways(30) } })).bodies.length;
    };
    expect(await bodies(10)).to.equal(20);
    expect(await bodies(6500)).to.equal(1);
  });

  it('of 100,000 keeps nobody waiting', async () => {
    const clock = startLoopClock();
    try {
      const found = await preview({ targets: { all: true } });
      expect(found.total).to.equal(LARGE);
      expect(found.reached).to.equal(SMALL - 10 + 45_000 - 90);
      expect(found.leftOut.map(({ reason }) => reason.cause?.code)).to.have.members([
        'unfit-disabled',
        'unfit-value-missing',
      ]);
      const pause = await pauseDuring(clock.longest, () => preview({ targets: { all: true } }));
      expect(pause).to.be.below(MAX_PAUSE_MS);
    } finally {
      clock.stop();
    }
  });

  it('of 100,000 client ids with values in a file keeps nobody waiting', async () => {
    const ids = gateways(LARGE);
    const perTarget = `clientid;name\n${ids.map((id) => `${id};of ${id}`).join('\n')}\n`;
    const clock = startLoopClock();
    try {
      const ask = () =>
        preview({
          do: { command: { operation: GENERAL, requestBody: { description: '{{value.name}}' } } },
          targets: { ids },
          perTarget,
        });
      const pause = await pauseDuring(clock.longest, async () => {
        expect(await ask()).to.include({ total: LARGE, reached: LARGE - 100 });
      });
      expect(pause).to.be.below(MAX_PAUSE_MS);
    } finally {
      clock.stop();
    }
  });
});

/** A gateway for which a scan found two packages. */
function scanned(clientid: string) {
  const one = { displayName: null, minFirmwareVersion: null, packageName: 'p' };
  const path = [
    { ...one, category: 'mil' as const, version: '1.8', yamlUrl: 'https://x.example/a.yaml', size: 300 * MB },
    { ...one, category: 'tpe' as const, version: '2.3', yamlUrl: 'https://x.example/b.yaml', size: 100 * MB },
  ];
  const versions = { modelName: 'UC-1', firmwareVersion: '1.7', tpeVersion: '2.1' };
  return {
    clientid,
    ...versions,
    recommended: path[0]!,
    path,
    candidates: [],
    scannedAt: new Date().toISOString(),
  };
}

function sum(shares: readonly { count: number }[]): number {
  return shares.reduce((total, { count }) => total + count, 0);
}
