import { expect } from 'chai';
import { createOperationSet, TPE_OPERATIONS } from '../../../../nodes/manager/catalogue/operation-set.js';
import { createPlanner } from '../../../../nodes/manager/jobs/definition/create-planner.js';
import { parseJob } from '../../../../nodes/manager/jobs/definition/parse-job.js';
import { rateSteps } from '../../../../nodes/manager/jobs/definition/rate-steps.js';
import { createWhyNot, requestsFor, whyNot } from '../../../../nodes/manager/jobs/definition/why-not.js';
import { gatewayOf } from './gateway-of.js';

const GENERAL = 'patch-device-general-set-device-general';
const READ = 'get-device-general-get-device-general';

const stepsOf = async (given: object, perTarget?: unknown) =>
  (
    await parseJob(
      { name: 'x', targets: { all: true }, ...given, ...(perTarget !== undefined && { perTarget }) },
      TPE_OPERATIONS,
      { lookUp: () => 'a secret' },
    )
  ).steps;
const write = (requestBody: unknown, more: object = {}) => ({
  do: { command: { operation: GENERAL, requestBody, ...more } },
});

describe('jobs: why one does nothing on a gateway', () => {
  it('is said for one that is not registered, or disabled', async () => {
    const steps = await stepsOf(write({ hostName: 'pump' }));
    expect(whyNot(null, steps, null, TPE_OPERATIONS)?.cause?.code).to.equal('unfit-unregistered');
    const disabled = gatewayOf({ enabled: false });
    expect(whyNot(disabled, steps, null, TPE_OPERATIONS)?.cause?.code).to.equal('unfit-disabled');
    expect(whyNot(gatewayOf(), steps, null, TPE_OPERATIONS)).to.equal(null);
  });

  it('is said when an operation has left the catalogue since, in any step', async () => {
    const without = createOperationSet(TPE_OPERATIONS.operations().filter(({ id }) => id !== READ));
    const verify = { operation: READ, pointer: '/data/hostName', equals: 'pump' };
    const inVerify = await stepsOf({ ...write({ hostName: 'pump' }), verify });
    const inSteps = await stepsOf({ do: { steps: [{ waitOnline: {} }, { readUntil: verify }] } });
    for (const steps of [inVerify, inSteps]) {
      const { cause } = whyNot(gatewayOf(), steps, null, without) ?? {};
      expect(cause).to.deep.equal({ code: 'unfit-operation-gone', params: { operation: READ } });
      expect(whyNot(gatewayOf(), steps, null, TPE_OPERATIONS)).to.equal(null);
    }
  });

  it('is known from the catalogue as it is when somebody asks, and so is the risk', async () => {
    const verify = { operation: READ, pointer: '/data/hostName', equals: 'pump' };
    const steps = await stepsOf({ ...write({ hostName: 'pump' }), verify });
    expect(rateSteps(steps, TPE_OPERATIONS)).to.deep.equal({ risk: 'write', classes: [] });
    const without = createOperationSet(TPE_OPERATIONS.operations().filter(({ id }) => id !== READ));
    expect(() => rateSteps(steps, without))
      .to.throw(READ)
      .with.property('code', 'NOT_FOUND');
    const all = TPE_OPERATIONS.operations();
    const general = all.find(({ id }) => id === GENERAL)!;
    const riskier = createOperationSet([...all, { ...general, source: 'own', risk: 'destructive' }]);
    expect(rateSteps(steps, riskier).risk).to.equal('destructive');
    expect(rateSteps(await stepsOf({ do: { install: { to: 'newest' } } }), TPE_OPERATIONS).risk).to.equal(
      'disruptive',
    );
  });

  it('is said for many gateways of a job by a planner', async () => {
    const planner = createPlanner({
      catalogue: TPE_OPERATIONS,
      registry: { async *each() {}, counts: () => Promise.reject(new Error('not asked')) },
      updates: { results: async () => ({ updates: [], next: null }) },
      sites: { shutNow: async () => new Map() },
      guard: { fewerAllowed: async () => [] },
    });
    const parsed = await planner.parse({
      ...{ name: 'x', targets: { ids: ['gw-1', 'gw-2'] } },
      ...write({ description: '{{value.a}} of {{job.name}} {{job.id}}' }),
      perTarget: 'clientid,a\ngw-1,b\n',
    });
    const job = { id: '7', name: 'x' };
    const whyOf = (clientid: string) =>
      planner.whyNot(gatewayOf({ clientid }), parsed.steps, parsed.values?.get(clientid) ?? null, job)?.cause
        ?.code;
    expect(['gw-1', 'gw-2', 'gw-1'].map(whyOf)).to.deep.equal([undefined, 'unfit-value-missing', undefined]);
    expect(planner.rate(parsed.steps)).to.deep.equal(parsed.rating);
    async function* inOrder() {
      yield* ['gw-1', 'gw-2'].toSorted(
        (one, other) => planner.orderOf(parsed.hash, one) - planner.orderOf(parsed.hash, other),
      );
    }
    const { hash, leftOut } = await planner.preview(parsed);
    expect(leftOut[0]?.clientids).to.have.members(['gw-1', 'gw-2']);
    expect(await planner.previewHash(parsed.hash, inOrder())).to.equal(hash);
  });

  it('is said when what a condition compares has no value', async () => {
    const verify = { operation: READ, pointer: '/data/hostName', equals: '{{value.name}}' };
    const steps = await stepsOf({ ...write({ hostName: 'pump' }), verify }, 'clientid,name\ngw-1,pump\n');
    const why = createWhyNot(steps, TPE_OPERATIONS);
    expect(why(gatewayOf(), { name: 'pump' })).to.equal(null);
    expect(why(gatewayOf(), null)?.cause).to.deep.equal({
      code: 'unfit-value-missing',
      params: { placeholder: '{{value.name}}' },
    });
  });

  it('is said when a body does not fit with its values, unless the job only warns', async () => {
    const body = { hostName: '{{gateway.hostName}}' };
    const odd = gatewayOf({ hostName: 'not a host name' });
    expect(whyNot(odd, await stepsOf(write(body)), null, TPE_OPERATIONS)?.cause?.code).to.equal(
      'unfit-request',
    );
    expect(whyNot(odd, await stepsOf(write(body, { check: 'warn' })), null, TPE_OPERATIONS)).to.equal(null);
  });

  it('is said when a value would lead to a path that is always refused', async () => {
    const steps = await stepsOf(
      { do: { command: { path: '/{{value.area}}/{{value.name}}', method: 'GET' } } },
      'clientid,area,name\ngw-1,device,general\n',
    );
    const why = createWhyNot(steps, TPE_OPERATIONS);
    expect(why(gatewayOf(), { area: 'device', name: 'general' })).to.equal(null);
    for (const [area, name] of [
      ['device', 'route'],
      ['auth', 'x'],
      ['..', 'auth'],
      ['device', '%72oute'],
      ['device', '.'],
    ])
      expect(why(gatewayOf(), { area, name })?.cause?.code, `${area} ${name}`).to.equal('unfit-request');
  });

  it('does not ask for a secret, which a preview shows by no more than its place', async () => {
    const steps = await stepsOf(
      write({ description: { $secret: 'wifi-psk' }, hostName: '{{gateway.hostName}}' }),
    );
    expect(whyNot(gatewayOf(), steps, null, TPE_OPERATIONS)).to.equal(null);
    const sources = { gateway: gatewayOf(), values: {}, job: { id: '1', name: 'x' } };
    expect(requestsFor(steps, sources, TPE_OPERATIONS)).to.deep.equal([
      {
        ...{ method: 'PATCH', path: '/device/general' },
        requestBody: { description: { $secret: 'wifi-psk' }, hostName: 'host-1' },
      },
    ]);
  });
});
