import { expect } from 'chai';
import type { SoftwareRepository } from '../../../nodes/manager/updates/repository/repository.js';
import { createPlanNow } from '../../../nodes/manager/updates/scan/plan-now.js';
import { fakeDevice } from '../../support/fake-manager.js';
import { TPE_2_3 } from './install-rig.js';

describe('updates: the plan of one gateway', () => {
  const gateway = fakeDevice('gw-1', {
    modelName: 'UC-8112A',
    firmwareVersion: '1.5',
    tpeVersion: '2.2.1-3369',
  });
  let asked: string[];
  let isAway: boolean;

  const repository: SoftwareRepository = {
    place: 'a test',
    async packages(category, model) {
      asked.push(`${category} ${model}`);
      if (isAway) throw new Error('it is away');
      return { packages: category === 'tpe' ? [TPE_2_3] : [], faults: [] };
    },
    close: () => undefined,
  };
  const planNow = (open = (): SoftwareRepository | null => repository) =>
    createPlanNow(
      { packageUrl: (url) => ({ url: String(url) as never }), onFault: () => undefined },
      open,
      new AbortController().signal,
    );

  beforeEach(() => {
    asked = [];
    isAway = false;
  });

  it('is what the repository has, which is asked once for each model', async () => {
    const plan = planNow();
    const found = await Promise.all([plan(gateway), plan({ ...gateway, clientid: 'gw-2' })]);
    expect(found).to.deep.equal([{ path: [TPE_2_3] }, { path: [TPE_2_3] }]);
    expect(await plan({ ...gateway, tpeVersion: '2.3.0-3571' })).to.deep.equal({ path: [] });
    expect(asked.toSorted()).to.deep.equal(['mil UC-8112A', 'tpe UC-8112A']);
  });

  it('is there again when the repository is', async () => {
    const plan = planNow();
    isAway = true;
    expect(await plan(gateway)).to.deep.equal({ fault: { text: 'it is away', cause: null } });
    isAway = false;
    expect(await plan(gateway)).to.deep.equal({ path: [TPE_2_3] });
  });

  it('is missing without a repository or a model', async () => {
    const codeOf = (found: Awaited<ReturnType<ReturnType<typeof planNow>>>) =>
      'fault' in found ? found.fault.cause?.code : null;
    expect(codeOf(await planNow(() => null)(gateway))).to.equal('scan-no-repository');
    expect(codeOf(await planNow()({ ...gateway, modelName: null }))).to.equal('scan-model-untold');
  });
});
