import { expect } from 'chai';
import type { Database } from '../../../nodes/manager/database/database.js';
import { enrollVirtualGateways } from '../../../nodes/manager/gateway-simulator/enroll.js';
import { virtualIdentities } from '../../../nodes/manager/gateway-simulator/identity.js';
import { createRegistry } from '../../../nodes/manager/registry/create-registry.js';
import { eachDatabase } from '../../support/databases.js';

/** More than are written at once. */
const MANY = 450;

eachDatabase('the enrolment of virtual gateways', (open) => {
  let database: Database;

  beforeEach(async () => {
    database = await open();
  });
  afterEach(() => database.close());

  it('registers them, and gives new passwords to those that are there', async () => {
    const registry = createRegistry(database);
    const identities = virtualIdentities(MANY);
    const first = await enrollVirtualGateways(registry, identities.slice(0, 10));
    const { gateways, taken } = await enrollVirtualGateways(registry, identities);
    expect(taken).to.deep.equal([]);
    expect(gateways.map(({ identity }) => identity)).to.deep.equal(identities);
    const [old] = first.gateways;
    expect(await registry.authenticate(old!.identity.clientid, old!.username, old!.password)).to.equal(
      'wrong_password',
    );
    const results = await Promise.all(
      gateways.map(({ identity, username, password }) =>
        registry.authenticate(identity.clientid, username, password),
      ),
    );
    expect(new Set(results)).to.deep.equal(new Set(['accepted']));
    const device = await registry.get(identities[MANY - 1]!.clientid);
    expect(device).to.deep.include({ site: identities[MANY - 1]!.site, tags: ['virtual'] });
  });

  it('goes without one that a rule of the site refuses', async () => {
    const registry = createRegistry(database);
    const [first, second, third] = virtualIdentities(3);
    await database.execute(
      `alter table clientid_profile add constraint of_ours check (clientid <> '${second!.clientid}')`,
    );
    const { gateways, taken } = await enrollVirtualGateways(registry, [first!, second!, third!]);
    expect(taken).to.deep.equal([second!.clientid]);
    expect(gateways.map(({ identity }) => identity)).to.deep.equal([first, third]);
  });

  it('leaves a gateway alone that has the client id of one', async () => {
    const registry = createRegistry(database);
    const [first, second] = virtualIdentities(2);
    const { credential } = await registry.register({ clientid: first!.clientid });
    const { gateways, taken } = await enrollVirtualGateways(registry, [first!, second!]);
    expect(taken).to.deep.equal([first!.clientid]);
    expect(gateways.map(({ identity }) => identity.clientid)).to.deep.equal([second!.clientid]);
    expect(await registry.authenticate(first!.clientid, credential.username, credential.password)).to.equal(
      'accepted',
    );
  });
});
