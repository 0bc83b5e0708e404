import { expect } from 'chai';
import fc from 'fast-check';
import type { Database } from '../../../nodes/manager/database/database.js';
import { createRegistry } from '../../../nodes/manager/registry/create-registry.js';
import { parseProfile } from '../../../nodes/manager/registry/profile.js';
import type { Registry } from '../../../nodes/manager/registry/registry.js';
import { eachDatabase } from '../../support/databases.js';

const TPE = {
  type: 'general',
  description: 'This is My Thingspro Edge.',
  hostName: 'Moxa',
  modelName: 'UC-8112A-ME-T-LX-EU',
  deviceType: 'gateway',
  serialNumber: 'IMOXA1234567',
  thingsproVersion: '2.0.0-1600',
  firmwareVersion: '1.0.0',
  biosVersion: '1.0.0S01',
  cpu: 'ARMv7 Processor rev 2 (v7l)',
  memorySize: 1056120832,
  disk: [{ name: 'System', free: 4646862848, percent: 28.95, tags: { used: 'systemDiskUsed' } }],
};
const AIG_302 = {
  hostName: 'aig',
  modelName: 'AIG-302-T-US-AZU-LX',
  serialNumber: 'TAICB1046773',
  softwareVersion: '1.4.0',
  firmwareVersion: '1.4',
};

describe('registry: what a gateway says of itself', () => {
  it('is understood of TPE and of AIG-302', () => {
    expect(parseProfile(TPE)).to.deep.equal({
      hostName: 'Moxa',
      modelName: 'UC-8112A-ME-T-LX-EU',
      serialNumber: 'IMOXA1234567',
      tpeVersion: '2.0.0-1600',
      firmwareVersion: '1.0.0',
      biosVersion: '1.0.0S01',
      description: 'This is My Thingspro Edge.',
      deviceType: 'gateway',
      raw: TPE,
    });
    expect(parseProfile(AIG_302)).to.deep.include({
      modelName: 'AIG-302-T-US-AZU-LX',
      tpeVersion: '1.4.0',
      biosVersion: null,
      deviceType: null,
    });
    expect(parseProfile({ type: 'general' })).to.deep.include({ hostName: null, raw: { type: 'general' } });
  });

  it('is nothing where the object is another', () => {
    const others = [
      null,
      undefined,
      'general',
      7,
      [],
      [TPE],
      {},
      { type: 'gps', hostName: 'Moxa' },
      { type: 1 },
      { data: TPE },
      { hostName: 'x' },
      { firmwareVersion: '1' },
    ];
    for (const other of others) expect(parseProfile(other), JSON.stringify(other)).to.equal(null);
  });

  it('is cut and cleaned', () => {
    const profile = parseProfile({
      type: 'general',
      hostName: `\u0000<b>\u001b[31m${'h'.repeat(1_000_000)}`,
      modelName: { toString: 'evil' },
      serialNumber: 1234567,
      thingsproVersion: ['2.0.0'],
      firmwareVersion: '\u{1f600}'.repeat(300),
      biosVersion: '\u0001\u0002',
      description: 'd'.repeat(512),
      deviceType: null,
      'a\u0000b': 'c\u0000d\ud800',
      huge: 'x'.repeat(100_000),
    });
    expect(profile!.hostName)
      .to.have.length(255)
      .and.to.match(/^<b>\[31mhhh/);
    expect(profile).to.deep.include({
      modelName: null,
      serialNumber: null,
      tpeVersion: null,
      biosVersion: null,
    });
    expect([...profile!.firmwareVersion!]).to.have.length(255);
    expect(profile!.description).to.have.length(512);
    expect(JSON.stringify(profile!.raw).length).to.be.lessThan(65 * 1024);
  });

  it('never throws, whatever it is', () => {
    fc.assert(
      fc.property(
        fc.anything({ withNullPrototype: true, withDate: false }),
        fc.string({ unit: 'binary' }),
        (value, text) => {
          parseProfile(value);
          parseProfile({ type: 'general', hostName: value, [text]: text, deep: value });
        },
      ),
    );
  });
});

eachDatabase('registry: profiles', (open) => {
  let database: Database;
  let registry: Registry;

  before(async () => {
    database = await open();
    registry = createRegistry(database);
    await registry.register({ clientid: 'gw-1', note: 'kept' });
  });
  after(() => database.close());

  it('are stored for gateways that are registered, with their time', async () => {
    await registry.storeProfile('gw-1', parseProfile(TPE)!);
    const device = await registry.get('gw-1');
    expect(device).to.deep.include({
      hostName: 'Moxa',
      modelName: 'UC-8112A-ME-T-LX-EU',
      serialNumber: 'IMOXA1234567',
      tpeVersion: '2.0.0-1600',
      firmwareVersion: '1.0.0',
      biosVersion: '1.0.0S01',
      description: 'This is My Thingspro Edge.',
      note: 'kept',
    });
    expect(Date.parse(device!.profileUpdatedAt!)).to.be.closeTo(Date.now(), 60_000);
    const [row] = await database.query('select profile, profile_updated_at as at from clientid_profile');
    expect(row!.profile).to.deep.equal(TPE);
    expect(row!.at).to.be.closeTo(Date.now() / 1000, 60);
    for (const search of ['moxa', 'uc-8112a', 'imoxa123']) {
      expect((await registry.list({ search })).devices).to.have.length(1);
    }
    await registry.storeProfile('gw-1', parseProfile(AIG_302)!);
    expect(await registry.get('gw-1')).to.deep.include({
      hostName: 'aig',
      biosVersion: null,
      tpeVersion: '1.4.0',
    });
  });

  it('of strangers are left alone', async () => {
    for (const clientid of ['nobody', 'a\u0000', '\ud800'])
      await registry.storeProfile(clientid, parseProfile(TPE)!);
    expect((await registry.counts()).total).to.equal(1);
  });

  it('can be stored whatever is in them', async () => {
    const values = fc.sample(
      fc.record({
        hostName: fc.string({ unit: 'binary', maxLength: 400 }),
        deep: fc.jsonValue({ stringUnit: 'binary' }),
      }),
      { numRuns: 100, seed: 7 },
    );
    for (const value of values) {
      await registry.storeProfile('gw-1', parseProfile({ type: 'general', ...value, nul: 'a\u0000\ud800' })!);
    }
    let nested: unknown = 'end';
    for (let depth = 0; depth < 5000; depth += 1) nested = { nested };
    await registry.storeProfile('gw-1', parseProfile({ type: 'general', hostName: 'last', nested })!);
    expect(await registry.get('gw-1')).to.include({ hostName: 'last' });
  });
});
