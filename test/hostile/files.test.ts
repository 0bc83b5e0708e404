import { expect } from 'chai';
import * as fc from 'fast-check';
import type { DeviceManager } from '../../nodes/manager/device-manager.js';
import { opener } from '../support/databases.js';
import { anyJson, assault, isClear, isClearText, type Outcome, RUNS, spoilt } from '../support/hostile.js';
import { openTestManager } from '../support/manager.js';
import { commandJson } from '../support/operation-files.js';

const CSV = `clientid,username,password,site,tags,note
gw-1,gw-1,a password of some length,Plant 1,"a;b",first
gw-2,,,,"",
gw-1,twice,,,,
"gw-3",gw-3,,"Plant, 2",c,"two
lines"
`;
const JSON_ROWS = [
  { clientid: 'gw-5', username: 'gw-5', password: 'a password of some length', site: 'Plant', tags: ['a'] },
  { clientid: 'gw-6', note: 'no credential given' },
];
const OPENAPI = {
  openapi: '3.0.0',
  info: { title: 'Pumps', version: '1' },
  paths: {
    '/pumps/{id}': {
      get: {
        summary: 'One pump',
        parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'integer' } }],
        responses: {
          200: { content: { 'application/json': { schema: { $ref: '#/components/schemas/A' } } } },
        },
      },
      put: {
        summary: 'Set a pump',
        requestBody: { content: { 'application/json': { schema: { $ref: '#/components/schemas/A' } } } },
        responses: { 200: { description: 'done' } },
      },
    },
  },
  components: {
    schemas: { A: { type: 'object', properties: { speed: { type: 'integer', minimum: 0, maximum: 10 } } } },
  },
};

/** A text with some of its characters taken out, doubled, or put in place of others. */
function torn(text: string): fc.Arbitrary<string> {
  const cut = fc.record({
    at: fc.nat(text.length),
    length: fc.nat(12),
    by: fc.oneof(
      fc.constantFrom('', '"', ',', '\n', '\r', '\u0000', ';', '\ufeff', '\ud800', '=1+1', '""'),
      fc.string(),
    ),
  });
  return fc
    .array(cut, { minLength: 1, maxLength: 4 })
    .map((cuts) =>
      cuts.reduce((all, { at, length, by }) => all.slice(0, at) + by + all.slice(at + length), text),
    );
}

describe('hostile: files to import', () => {
  const open = opener('pglite');
  let manager: DeviceManager;
  before(async () => {
    ({ manager } = await openTestManager(await open.options()));
  });
  after(() => manager.close());

  /** A report, each fault of which a person can act on, and in it what the preview had said; or a clear refusal. */
  async function importBoth(text: string, format: 'csv' | 'json') {
    const preview = await manager.registry.previewImport(text, format);
    const report = await manager.registry.import(text, format);
    expect(report.registered, 'as many as the preview said').to.equal(preview.good);
    expect(report.faults).to.deep.equal(preview.faults);
    return report;
  }
  function isReport(outcome: Outcome): void {
    if (outcome.kind === 'refused') return isClear(outcome.error);
    const { total, registered, faults } = outcome.value as Awaited<ReturnType<typeof importBoth>>;
    // A column that is not known is a fault of its own.
    expect(registered + faults.length).to.be.at.least(total);
    for (const { line, reason } of faults) {
      expect(line).to.be.a('number').greaterThan(0);
      isClearText(reason);
    }
  }

  it('of gateways: noise is clearly refused', async () => {
    const noise = fc.oneof(fc.string({ unit: 'binary' }), fc.string(), fc.constant('x'.repeat(100_000)));
    await assault(noise, (text) => importBoth(text, 'csv'), isReport);
    await assault(noise, (text) => importBoth(text, 'json'), isReport);
  });

  it('of gateways: torn CSV gives what is good in it, and a reason for each line that is not', () =>
    assault(torn(CSV), (text) => importBoth(text, 'csv'), isReport));

  it('of gateways: spoilt JSON does too', () =>
    assault(spoilt(JSON_ROWS), (rows) => importBoth(JSON.stringify(rows), 'json'), isReport));

  it("of operations: TPEDM's, OpenAPI, our own and noise, spoilt or torn, are taken or clearly refused", async () => {
    const { catalogue } = manager;
    await catalogue.importOperations(commandJson({ team: true }));
    const own = await catalogue.exportOperations();
    const good = [JSON.parse(commandJson({ team: true })) as unknown, OPENAPI, own];
    const texts = fc.oneof(
      spoilt(...good).map((value) => JSON.stringify(value)),
      torn(JSON.stringify(OPENAPI)),
      anyJson.map((value) => JSON.stringify(value)),
      fc.string(),
    );
    await assault(
      texts,
      async (text) => {
        const dry = await catalogue.importOperations(text, { dryRun: true });
        const report = await catalogue.importOperations(text);
        expect(report).to.deep.equal(dry);
        return report;
      },
      (outcome) => {
        if (outcome.kind === 'refused') return isClear(outcome.error);
        const { refused } = outcome.value as Awaited<ReturnType<typeof catalogue.importOperations>>;
        for (const { place, reason } of refused) {
          expect(place).to.be.a('string');
          isClearText(reason);
        }
      },
      // Each is read in a thread of its own, which takes a moment to start.
      Math.ceil(RUNS / 6),
    );
    expect(catalogue.get('put-system-reboot-reboot-device-now')?.source).to.equal('tpe');
  });
});
