import { expect } from 'chai';
import { TPE_OPERATIONS } from '../../../nodes/manager/catalogue/operation-set.js';
import type { CommandRequest } from '../../../nodes/manager/commands/command.js';
import { executionKey, jobOf } from '../../../nodes/manager/commands/execution-key.js';
import { prepareCommand } from '../../../nodes/manager/commands/prepare-command.js';
import { createCommandStore } from '../../../nodes/manager/commands/store/create-command-store.js';
import type { Database } from '../../../nodes/manager/database/database.js';
import { createRegistry } from '../../../nodes/manager/registry/create-registry.js';
import { checkRequest } from '../../../nodes/manager/updates/install/check-request.js';
import { installationReason } from '../../../nodes/manager/updates/install/installation-reasons.js';
import { createInstallationStore } from '../../../nodes/manager/updates/install/installation-store.js';
import { eachDatabase } from '../../support/databases.js';
import type { TestGateway } from '../../support/gateway.js';
import { onlineGateway, openTestManager, type TestManager } from '../../support/manager.js';
import { patience } from '../../support/patience.js';

const PUT: CommandRequest = {
  clientid: 'gw-1',
  method: 'PUT',
  path: '/device/general',
  requestBody: { description: 'Pump house' },
  check: 'warn',
  requestedBy: 'job 42',
};

describe('commands: the key of a part of a job', () => {
  it('begins with the job', () => {
    const execution = executionKey({ job: '42', attempt: 3, step: 0, part: 'send' });
    expect(execution).to.equal('42/3/0/send');
    expect(jobOf(execution)).to.equal('42');
    expect(jobOf(null)).to.equal(null);
  });
});

eachDatabase('commands: a part of a job', (open) => {
  let test: TestManager;
  let gateway: TestGateway;

  beforeEach(async () => {
    test = await openTestManager(await open.options());
    gateway = await onlineGateway(test, 'gw-1');
    // What the manager asks for when a gateway connects.
    gateway.received.length = 0;
  });
  afterEach(async () => {
    await gateway.leave();
    await test.manager.close();
  });

  const puts = () => gateway.received.filter(({ method }) => method === 'PUT');

  /** Answers all that comes. */
  async function answerAll(payload: unknown = { data: 'ok' }): Promise<void> {
    for (;;) {
      const { requestId } = await gateway.nextRequest();
      await gateway.answer(requestId, payload);
    }
  }

  it('is sent once, whoever sends it again, and each gets the record of the first', async () => {
    void answerAll();
    const { commands } = test.manager;
    const request = { ...PUT, execution: '42/1/0/send' };
    const together = await Promise.all(Array.from({ length: 20 }, () => commands.send(request)));
    const later = await commands.send(request);
    const ids = new Set([...together, later].map(({ requestId }) => requestId));
    expect(ids.size).to.equal(1);
    expect([...together, later].every(({ state }) => state === 'SUCCEEDED')).to.equal(true);
    expect(puts()).to.have.length(1);
    expect(await commands.list({ clientid: 'gw-1' })).to.satisfy(
      (all: { method: string }[]) => all.filter(({ method }) => method === 'PUT').length === 1,
    );
  });

  it('is another one for another gateway, attempt, step or part', async () => {
    void answerAll();
    const { commands } = test.manager;
    for (const execution of ['42/1/0/send', '42/2/0/send', '42/1/1/send', '42/1/0/verify', '43/1/0/send']) {
      await commands.send({ ...PUT, execution });
    }
    expect(puts()).to.have.length(5);
    const [first, ...others] = await commands.ofExecution('gw-1', '42/1/');
    expect([first?.job, others.length]).to.deep.equal(['42', 2]);
    expect(await commands.ofExecution('gw-2', '42/1/')).to.deep.equal([]);
    expect(await commands.ofExecution('gw-1', '4')).to.have.length(5);
    expect(await commands.ofExecution('gw-1', '%')).to.deep.equal([]);
  });

  it('is shown with its job in each record, and a command of nobody with none', async () => {
    void answerAll();
    const { commands } = test.manager;
    const told: { requestId: string; job: string | null }[] = [];
    test.manager.events.on('command', (record) => void told.push(record));
    const { requestId } = await commands.send({ ...PUT, execution: '42/1/0/send' });
    const own = await commands.send(PUT);
    const jobsOf = (id: string) => new Set(told.filter((one) => one.requestId === id).map(({ job }) => job));
    expect(jobsOf(requestId)).to.deep.equal(new Set(['42']));
    expect(jobsOf(own.requestId)).to.deep.equal(new Set([null]));
    expect((await commands.get(requestId))?.job).to.equal('42');
    expect((await commands.get(own.requestId))?.job).to.equal(null);
  });

  it('does not hold up the commands behind it when it was there before', async () => {
    void answerAll();
    const { commands } = test.manager;
    const request = { ...PUT, execution: '42/1/0/send' };
    await commands.send(request);
    const [again, other] = await Promise.all([commands.send(request), commands.send(PUT)]);
    expect([again.state, other.state]).to.deep.equal(['SUCCEEDED', 'SUCCEEDED']);
  });

  it('is refused once too', async () => {
    const { commands } = test.manager;
    const refused = { ...PUT, path: '/auth', execution: '42/1/0/send' };
    const [first, second] = [await commands.send(refused), await commands.send(refused)];
    expect(first.state).to.equal('REJECTED');
    expect(second.requestId).to.equal(first.requestId);
  });

  it('has its secrets hidden wherever they stand, but sent as they are', async () => {
    const secret = 'open sesame/1';
    void answerAll({ data: { echo: `it is ${secret}`, pin: '12' } });
    const record = await test.manager.commands.send({
      ...PUT,
      path: `/device/general?word=${encodeURIComponent(secret)}`,
      requestBody: { description: `say ${secret}`, word: '12', list: [secret] },
      secrets: [secret, '12'],
    });
    const [sent] = puts();
    expect(sent?.requestBody).to.deep.equal({ description: `say ${secret}`, word: '12', list: [secret] });
    expect(record.requestBody).to.deep.include({ description: 'say [redacted]', word: '[redacted]' });
    const stored = JSON.stringify(await test.manager.commands.get(record.requestId));
    expect(stored).not.to.contain('sesame');
    expect(stored).not.to.contain('"12"]');
  });
});

eachDatabase('commands: a part of a job that two managers have', (open) => {
  let database: Database;

  beforeEach(async () => {
    database = await open();
    await createRegistry(database).register({ clientid: 'gw-1' });
  });
  afterEach(() => database.close());

  it('is recorded by one of them, and both get its record', async () => {
    const stores = ['one', 'other'].map((instance) =>
      createCommandStore({
        ...{ database, instance },
        knowsPresence: () => false,
        canPublish: () => true,
        onWritten: () => undefined,
      }),
    );
    for (let round = 1; round <= 20; round += 1) {
      const records = await Promise.all(
        stores.map((store, index) =>
          store.insert({
            ...prepareCommand(
              { ...PUT, execution: `42/1/0/send.${round}` },
              {
                ...{ timeoutMs: patience(1000), queueForMs: patience(1000), catalogue: TPE_OPERATIONS },
                sources: { check: ({ requestBody }) => requestBody },
              },
            ),
            ...{ requestId: String(round * 2 + index), mayGo: true },
          }),
        ),
      );
      expect(records[0]?.requestId, `round ${round}`).to.equal(records[1]?.requestId);
    }
    expect(await stores[0]!.ofExecution('gw-1', '42/')).to.have.length(20);
    for (const store of stores) await store.close();
  });
});

eachDatabase('installations: a part of a job', (open) => {
  let database: Database;
  const request = (execution?: string) =>
    checkRequest({
      clientid: 'gw-1',
      packages: [
        { category: 'tpe', version: '2.3.0-3571', yamlUrl: 'https://packages.example.com/a.yaml' },
      ].map((one) => ({
        ...{ packageName: 'a', displayName: null, minFirmwareVersion: null, size: null },
        ...one,
        category: 'tpe' as const,
      })),
      requestedBy: 'job 42',
      ...(execution !== undefined && { execution }),
    });

  beforeEach(async () => {
    database = await open();
  });
  afterEach(() => database.close());

  it('is recorded once, whether it was begun or not', async () => {
    const store = createInstallationStore(database, 'one');
    const begun = (await store.insert(request('42/1/0/install')))!;
    expect(begun.installation.job).to.equal('42');
    expect(await store.insert(request('42/1/0/install'))).to.equal(null);
    const beside = installationReason('installation-beside');
    const rejected = await store.insertRejected(request('42/1/0/install.2'), 'CONFLICT', beside);
    expect(rejected?.job).to.equal('42');
    expect(await store.insertRejected(request('42/1/0/install.2'), 'CONFLICT', beside)).to.equal(null);
    const found = await store.ofExecution('gw-1', '42/1/0/install');
    expect(found.map(({ id }) => id)).to.deep.equal([begun.installation.id, rejected?.id]);
    await store.close();
  });

  it('is nothing to others', async () => {
    const store = createInstallationStore(database, 'one');
    const beside = installationReason('installation-beside');
    const [one, other] = [
      await store.insertRejected(request(), 'CONFLICT', beside),
      await store.insertRejected(request(), 'CONFLICT', beside),
    ];
    expect(one?.id).not.to.equal(other?.id);
    expect(one?.job).to.equal(null);
    await store.close();
  });
});
