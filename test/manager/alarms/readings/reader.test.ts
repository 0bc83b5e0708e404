import type { AddressInfo } from 'node:net';
import { createServer } from 'node:tls';
import { expect } from 'chai';
import type { AlarmRule } from '../../../../nodes/manager/alarms/alarm-rule.js';
import { createReader } from '../../../../nodes/manager/alarms/readings/create-reader.js';
import { ASKED, valueIn } from '../../../../nodes/manager/alarms/readings/read-values.js';
import { serverCertificates } from '../../../../nodes/manager/alarms/readings/server-certificates.js';
import { createSchedule } from '../../../../nodes/manager/cluster/recurring-tasks.js';
import type { CommandRecord, CommandRequest } from '../../../../nodes/manager/commands/command.js';
import type { Database } from '../../../../nodes/manager/database/database.js';
import { createClock } from '../../../../nodes/manager/gateway-simulator/clock.js';
import { generalOf } from '../../../../nodes/manager/gateway-simulator/general.js';
import { virtualIdentities } from '../../../../nodes/manager/gateway-simulator/identity.js';
import { SERVER_CERTIFICATE, SERVER_KEY } from '../../../support/certificates.js';
import { eachDatabase } from '../../../support/databases.js';
import { errorOf } from '../../../support/errors.js';
import { createFleetRig, idsOf, ruleOf } from '../sources/rig.js';

const TIMING = { everyMs: 50, most: 6 };
/** As long as the reader has a gateway answer. */
const ANSWER_MS = 30_000;

function recordOf(payload: unknown, more: Partial<CommandRecord> = {}): CommandRecord {
  const answered = {
    state: 'SUCCEEDED',
    answer: { status: 200, payload },
    latencyMs: 100,
    timeoutMs: ANSWER_MS,
  };
  return {
    cause: null,
    reason: null,
    ...answered,
    sentAt: new Date(Date.now() - 100).toISOString(),
    ...more,
  } as CommandRecord;
}

/** What a virtual gateway answers whose clock is ahead by so much, s. */
function answerTo({ path }: CommandRequest, ahead = 0): CommandRecord {
  if (path === ASKED.clock.path) return recordOf(createClock(() => ahead * 1000).read().payload);
  const [identity] = virtualIdentities(1, 'test');
  return recordOf({ data: generalOf(identity!, new Date().toISOString()) });
}

describe('alarms: values in the answers of gateways', () => {
  it('say how wrong the clock is, whatever the time zone', () => {
    for (const ahead of [0, 90, -7200]) {
      expect(valueIn('clock', answerTo({ clientid: 'gw', path: ASKED.clock.path }, ahead))).to.be.closeTo(
        ahead,
        2,
      );
    }
    const local = {
      data: { time: new Date(Date.now() + 8 * 3_600_000).toISOString().replace(/\.\d+Z$/, '+08:00') },
    };
    expect(valueIn('clock', recordOf(local))).to.be.closeTo(0, 2);
    for (const time of ['2026-01-01 10:00:00', '2026-01-01T10:00:00', 5, null])
      expect(valueIn('clock', recordOf({ data: { time } }))).to.equal(null);
    const refused = { state: 'FAILED', cause: { code: 'header-refused', params: {} } } as const;
    expect(valueIn('clock', recordOf({}, refused)), 'expired by its clock').to.equal(90);
    expect(valueIn('clock', recordOf({}, { state: 'TIMED_OUT', answer: null }))).to.equal(null);
  });

  it('say how full the fullest disk is', () => {
    expect(valueIn('disk', answerTo({ clientid: 'gw', path: ASKED.disk.path }))).to.be.within(1, 99);
    const disk = [{ percent: 12 }, { total: 200, free: 20 }, { percent: 1000 }, null];
    expect(valueIn('disk', recordOf({ data: { disk } }))).to.equal(90);
    for (const data of [null, {}, { disk: [] }, { disk: [{ percent: 'x' }] }])
      expect(valueIn('disk', recordOf({ data }))).to.equal(null);
  });
});

eachDatabase('alarms: gateways are asked for values', (open) => {
  let database: Database;
  let asked: string[];
  let rules: AlarmRule[];
  let answer: (request: CommandRequest) => Promise<CommandRecord>;
  const closes: (() => Promise<void>)[] = [];

  beforeEach(async () => {
    database = await open();
    asked = [];
    rules = [ruleOf('clock-off')];
    answer = (request) => Promise.resolve(answerTo(request, 90));
    const fleet = createFleetRig(database);
    const ids = idsOf('gw', 10);
    await fleet.register([...ids, 'away']);
    for (const clientid of ids) await fleet.connect(clientid, Date.now() - 60_000);
  });
  afterEach(async () => {
    for (const close of closes.splice(0)) await close();
    await database.close();
  });

  function readerOf(instance: string) {
    const reader = createReader({
      database,
      schedule: createSchedule(database, instance),
      rules: () => Promise.resolve(rules),
      canSend: () => true,
      send(request) {
        asked.push(`${request.method} ${request.path} ${request.clientid}`);
        return answer(request);
      },
      onFault: (text) => expect.fail(text),
      timing: TIMING,
    });
    closes.push(reader.close);
    return reader;
  }

  it('a few at a time, each once a day, and only by GET', async () => {
    const reader = readerOf('one');
    await reader.readOnce();
    expect(asked).to.deep.equal(idsOf('gw', 6).map((id) => `GET /device/time ${id}`));
    await reader.readOnce();
    expect(asked).to.have.length(10);
    for (let look = 0; look < 3; look += 1) await reader.readOnce();
    expect(asked, 'once a day').to.have.length(10);
    const rows = await database.query<{ value: number }>(
      "select value from tpe_reading where what = 'clock'",
    );
    expect(rows).to.have.length(10);
    for (const { value } of rows) expect(value).to.be.closeTo(90, 2);
    await database.query(
      "update tpe_reading set read_at = now() - interval '25 hours' where clientid = 'gw-003'",
    );
    for (let look = 0; look < 2; look += 1) await reader.readOnce();
    expect(asked.slice(10)).to.deep.equal(['GET /device/time gw-003']);
  });

  it('only while a rule needs it', async () => {
    rules = [ruleOf('clock-off', { enabled: false }), ruleOf('offline')];
    const reader = readerOf('one');
    await reader.readOnce();
    expect(asked).to.deep.equal([]);
    rules = [ruleOf('disk-full')];
    await reader.readOnce();
    expect(new Set(asked.map((text) => text.split(' ')[1]))).to.deep.equal(new Set(['/device/general']));
  });

  it('by one manager of several', async () => {
    const [one, two] = [readerOf('one'), readerOf('two')];
    await Promise.all([one.readOnce(), two.readOnce()]);
    expect(asked).to.have.length(6);
  });

  it('not again and again where there is no answer, and what was read before stays', async () => {
    await readerOf('one').readOnce();
    await database.query("update tpe_reading set read_at = now() - interval '2 days'");
    answer = () =>
      Promise.resolve(recordOf(null, { state: 'TIMED_OUT', answer: null, reason: 'No answer.' }));
    asked = [];
    const reader = readerOf('one');
    for (let look = 0; look < 6; look += 1) await reader.readOnce();
    expect(asked).to.have.length(10);
    const [row] = await database.query("select value, reason from tpe_reading where clientid = 'gw-001'");
    expect(row!.reason).to.equal('No answer.');
    expect(row!.value).to.be.closeTo(90, 2);
  });
});

describe('alarms: certificates of servers', () => {
  it('are read from a handshake, also of a server that is not trusted, and only of those with TLS', async () => {
    const server = createServer({ cert: SERVER_CERTIFICATE, key: SERVER_KEY });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    try {
      const found = serverCertificates({
        broker: `mqtts://127.0.0.1:${port},mqtts://other`,
        repository: 'http://x',
      });
      expect(found.map(({ what }) => what)).to.deep.equal(['broker']);
      expect((await found[0]!.readEnd()).toISOString()).to.equal('2126-10-31T10:29:05.000Z');
    } finally {
      server.close();
    }
    const [gone] = serverCertificates({ broker: null, repository: `https://127.0.0.1:${port}/x` });
    expect(await errorOf(gone!.readEnd())).to.be.an('error');
  });
});
