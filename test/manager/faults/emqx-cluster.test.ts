import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { type ClusterSite, fleetOf, type KeeperAt, openClusterSite } from '../../support/cluster-site.js';
import { opener } from '../../support/databases.js';
import type { EmqxVersion } from '../../support/emqx/versions.js';
import { errorOf } from '../../support/errors.js';

const AT_A = fleetOf('a', 40);
const AT_B = fleetOf('b', 60);
const ALL = [...AT_A, ...AT_B];

for (const version of ['4.4', '5.8'] as const) beside(version);

function beside(version: EmqxVersion): void {
  describe(`presence: a cluster of EMQX ${version}, two managers on one PostgreSQL`, () => {
    const fresh = opener('postgresql');
    let site: ClusterSite;
    let a: KeeperAt;
    let b: KeeperAt;

    beforeEach(async () => {
      site = await openClusterSite(2, version, await fresh.options());
      const [one, other] = site.cluster.nodes;
      a = await site.keep(one!.apiUrl);
      b = await site.keep(other!.apiUrl);
      await site.connect(0, AT_A);
      await site.connect(1, AT_B);
      await a.keeper.check();
      await site.pass(0);
      expect(await site.online()).to.deep.equal(ALL);
    });
    afterEach(() => site.close());

    function unconfirmed({ keeper }: KeeperAt): string | null {
      const { unconfirmed: text, unconfirmedCause: cause } = keeper.health();
      expect(keeper.doubt()).to.deep.equal(text === null ? null : { text, cause });
      return text;
    }

    it('waits for a node that has died, says so, and gives its gateways up when it stays away', async () => {
      await site.cluster.nodes[1]!.stop();
      await site.connect(0, ['a-new']);
      await a.keeper.check();
      expect(await site.online(), 'who came is seen at once').to.deep.equal(['a-new', ...ALL].sort());
      expect(unconfirmed(a)).to.equal("not confirmed: the broker's node emqx@n2 cannot be reached");
      expect(a.keeper.health().unconfirmedCause).to.deep.equal({
        code: 'broker-node-away',
        params: { node: 'emqx@n2' },
      });
      expect(a.faults.at(-1)).to.match(
        /^Who is online is not confirmed: .* Meanwhile its list sets no gateway offline/,
      );
      expect((await errorOf(b.keeper.check())).message).to.match(/^EMQX at .*connection refused/);
      await site.pass(2);
      await a.keeper.check();
      expect(await site.online(), 'after two minutes').to.deep.equal(['a-new', ...ALL].sort());
      await site.pass(2);
      await a.keeper.check();
      expect(await site.online(), 'after four minutes').to.deep.equal(['a-new', ...AT_A].sort());
      expect(unconfirmed(a)).to.equal(null);
    });

    it('takes nobody offline in a split, however long it lasts', async () => {
      site.cluster.split([0], [1]);
      for (let round = 0; round < 3; round += 1) {
        for (const one of [a, b, b, a]) {
          await one.keeper.check();
          expect(await site.online()).to.deep.equal(ALL);
        }
        await site.pass(2);
      }
      expect(unconfirmed(a)).to.match(/emqx@n2/);
      expect(unconfirmed(b)).to.match(/emqx@n1/);
      // One of them went, and nobody told of it.
      await site.cluster.nodes[1]!.emqx.removeClients(['b-001'], { isSilent: true });
      site.cluster.heal();
      await a.keeper.check();
      await site.pass(0);
      await a.keeper.check();
      expect(await site.online()).to.deep.equal(ALL.filter((clientid) => clientid !== 'b-001'));
      expect(unconfirmed(a)).to.equal(null);
    });

    it('holds the gateways of a node that nobody reaches as long as it sends events', async () => {
      site.cluster.split([0], [1]);
      await a.keeper.check();
      await site.pass(4);
      await a.keeper.apply({
        type: 'connected',
        clientid: 'b-001',
        connectedAt: Date.now(),
        username: 'b-001',
        ipAddress: null,
        protocolVersion: 4,
        keepalive: 60,
        cleanStart: true,
        node: 'emqx@n2',
        source: 'webhook',
      });
      await a.keeper.check();
      expect(await site.online()).to.deep.equal(ALL);
      expect(unconfirmed(a)).to.match(/emqx@n2/);
    });

    it('believes no list that is half of what the nodes count', async () => {
      for (const { behave } of site.cluster.nodes) behave('half-list');
      await a.keeper.check();
      expect(await site.online()).to.deep.equal(ALL);
      expect(unconfirmed(a)).to.equal('not confirmed: the broker lists 50 clients, but its nodes count 100');
      for (const { behave } of site.cluster.nodes) behave('well');
      await a.keeper.check();
      expect(unconfirmed(a)).to.equal(null);
    });

    it('asks for the clients of a list that hides its lack, one by one', async () => {
      for (const { behave } of site.cluster.nodes) behave('half-list-and-count');
      const more = fleetOf('c', 300);
      await site.connect(0, more);
      for (const { behave } of site.cluster.nodes) behave('well');
      await a.keeper.check();
      await site.pass(0);
      await site.cluster.nodes[0]!.emqx.removeClients(['c-001'], { isSilent: true });
      for (const { behave } of site.cluster.nodes) behave('half-list-and-count');
      await a.keeper.check();
      expect(await site.online()).to.deep.equal([...ALL, ...more.slice(1)].sort());
    });

    if (version !== '5.8') return;

    it('waits for no broker that hangs, and changes nothing', async () => {
      for (const { behave } of site.cluster.nodes) behave('hanging');
      const checked = await Promise.all([a, b].map(({ keeper }) => errorOf(keeper.check())));
      for (const { message } of checked) expect(message).to.match(/no answer to GET .* within 10 s/);
      expect(await site.online()).to.deep.equal(ALL);
      while (a.broker.canBeAsked()) await sleep(50);
      expect(unconfirmed(a), 'of its list nothing is known').to.equal(null);
    });
  });
}

describe('presence: which of several managers compares with a cluster of EMQX', () => {
  const fresh = opener('postgresql');
  let site: ClusterSite;
  afterEach(() => site.close());

  const listings = () => site.cluster.nodes.map((node) => node.listings()).reduce((sum, one) => sum + one);

  it('is one that can ask, and one of them when a node restarts within a second', async () => {
    site = await openClusterSite(2, '5.8', await fresh.options());
    const upSince = Date.now();
    const [one, other] = site.cluster.nodes;
    await other!.stop();
    // The manager of the dead node comes first, and finds nothing.
    const dead = await site.keep(other!.apiUrl);
    dead.keeper.start();
    const living = [await site.keep(one!.apiUrl), await site.keep(one!.apiUrl)];
    await site.connect(0, AT_A);
    for (const { keeper } of living) keeper.start();
    await site.untilOnline(AT_A);

    await site.pass(0);
    // Younger than that, its restart could not be told from its start.
    while (Date.now() - upSince < 4000) await sleep(100);
    const before = listings();
    await one!.restart();
    await site.connect(0, AT_A.slice(0, 7));
    await site.untilOnline(AT_A.slice(0, 7));
    expect(listings() - before, 'not by each of them').to.be.at.most(4);
    expect(
      dead.faults.filter((text) => text.startsWith('Presence could not be checked')),
    ).to.have.length.at.most(1);
  });
});
