import { expect } from 'chai';
import type { Database } from '../../../nodes/manager/database/database.js';
import { checkRequest } from '../../../nodes/manager/updates/install/check-request.js';
import { newWork } from '../../../nodes/manager/updates/install/checkpoint.js';
import type { Installation } from '../../../nodes/manager/updates/install/installation.js';
import { installationReason } from '../../../nodes/manager/updates/install/installation-reasons.js';
import {
  createInstallationStore,
  type InstallationStore,
} from '../../../nodes/manager/updates/install/installation-store.js';
import { eachDatabase } from '../../support/databases.js';
import { expectCause } from './expect-cause.js';
import { TO_1_6 } from './install-rig.js';

eachDatabase('the causes of installations', (open) => {
  let database: Database;
  let store: InstallationStore;
  const request = checkRequest({ clientid: 'gw', packages: [TO_1_6], requestedBy: 'Ann' });

  beforeEach(async () => {
    database = await open();
    store = createInstallationStore(database, 'one');
  });
  afterEach(async () => {
    await store.close();
    await database.close();
  });

  it('are recorded with the reason of one that was not begun', async () => {
    const beside = installationReason('installation-beside-id', { id: '7' });
    const { id } = (await store.insertRejected(request, 'CONFLICT', beside))!;
    expect(await store.get(id)).to.deep.include({ reason: beside.text, cause: beside.cause });
  });

  it('are recorded with the reason of one that ended, and what went on in its steps', async () => {
    const { installation } = (await store.insert(request))!;
    const { text, cause } = installationReason('installation-loaded', { done: 1, size: 2 });
    const ended: Installation = {
      ...installation,
      ...{ state: 'FAILED', reason: 'It was rolled back.', cause: null },
      steps: [
        {
          ...{ package: 0, name: 'download', startedAt: installation.createdAt, endedAt: null },
          ...{ detail: text, cause, progress: 50 },
        },
      ],
    };
    await store.save({ installation: ended, work: newWork(0, 0) });
    const found = await store.get(installation.id);
    expect(found).to.deep.include({ reason: 'It was rolled back.', cause: null, steps: ended.steps });
  });

  it('tell who canceled one that was not begun, in the same words', async () => {
    const { installation } = (await store.insert(request))!;
    expect(installation).to.include({ reason: null, cause: null });
    const canceled = (await store.requestCancel(installation.id, 'Bob'))!;
    expect(canceled).to.deep.include({
      ...{ state: 'CANCELED', reason: 'Canceled by Bob.' },
      cause: { code: 'installation-canceled-by', params: { who: 'Bob' } },
    });
    expectCause(canceled.reason, canceled.cause);
    expect(await store.get(installation.id)).to.deep.equal(canceled);
  });

  it('are none in a record from before', async () => {
    const { installation } = (await store.insert(request))!;
    const step = { package: 0, name: 'precheck', startedAt: '', endedAt: null, detail: 'old', progress: 0 };
    await database.query(
      `update tpe_installation set reason = 'old', cause = null, steps = $2 where id = $1`,
      [installation.id, JSON.stringify([step])],
    );
    expect(await store.get(installation.id)).to.deep.include({
      ...{ reason: 'old', cause: null },
      steps: [{ ...step, cause: null }],
    });
  });
});
