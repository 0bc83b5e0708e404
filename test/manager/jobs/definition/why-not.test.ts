import { expect } from 'chai';
import { createOperationSet, TPE_OPERATIONS } from '../../../../nodes/manager/catalogue/operation-set.js';
import { parseJob } from '../../../../nodes/manager/jobs/definition/parse-job.js';
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
    expect(whyNot(null, steps, null, TPE_OPERATIONS)?.cause?.code).to.equal('job-gateway-unknown');
    const disabled = gatewayOf({ enabled: false });
    expect(whyNot(disabled, steps, null, TPE_OPERATIONS)?.cause?.code).to.equal('job-gateway-disabled');
    expect(whyNot(gatewayOf(), steps, null, TPE_OPERATIONS)).to.equal(null);
  });

  it('is said when an operation has left the catalogue since, in any step', async () => {
    const without = createOperationSet(TPE_OPERATIONS.operations().filter(({ id }) => id !== READ));
    const verify = { operation: READ, pointer: '/data/hostName', equals: 'pump' };
    const inVerify = await stepsOf({ ...write({ hostName: 'pump' }), verify });
    const inSteps = await stepsOf({ do: { steps: [{ waitOnline: {} }, { readUntil: verify }] } });
    for (const steps of [inVerify, inSteps]) {
      const { cause } = whyNot(gatewayOf(), steps, null, without) ?? {};
      expect(cause).to.deep.equal({ code: 'job-operation-gone', params: { operation: READ } });
      expect(whyNot(gatewayOf(), steps, null, TPE_OPERATIONS)).to.equal(null);
    }
  });

  it('is said when what a condition compares has no value', async () => {
    const verify = { operation: READ, pointer: '/data/hostName', equals: '{{value.name}}' };
    const steps = await stepsOf({ ...write({ hostName: 'pump' }), verify }, 'clientid,name\ngw-1,pump\n');
    const why = createWhyNot(steps, TPE_OPERATIONS);
    expect(why(gatewayOf(), { name: 'pump' })).to.equal(null);
    expect(why(gatewayOf(), null)?.cause).to.deep.equal({
      code: 'job-value-missing',
      params: { placeholder: '{{value.name}}' },
    });
  });

  it('is said when a body does not fit with its values, unless the job only warns', async () => {
    const body = { hostName: '{{gateway.hostName}}' };
    const odd = gatewayOf({ hostName: 'not a host name' });
    expect(whyNot(odd, await stepsOf(write(body)), null, TPE_OPERATIONS)?.cause?.code).to.equal(
      'job-request-unfit',
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
      expect(why(gatewayOf(), { area, name })?.cause?.code, `${area} ${name}`).to.equal('job-request-unfit');
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
