import { expect } from 'chai';
import type { BrokerNode } from '../../../nodes/manager/broker/broker.js';
import { EMQX_NODE, toBrokerNodes } from '../../../nodes/manager/broker/emqx/nodes.js';
import { changeOfNodes } from '../../../nodes/manager/broker/node-changes.js';
import { doubtOf, HOLD_MS, missedNodes } from '../../../nodes/manager/presence/list-trust.js';
import { createNodeSightings } from '../../../nodes/manager/presence/node-sightings.js';
import { eachDatabase } from '../../support/databases.js';

const node = (name: string, connected: number | null = 0, isRunning = true): BrokerNode => ({
  name,
  isRunning,
  connected,
  began: { after: 1_000_000, before: 1_000_010 },
});
const stopped = (name: string) => node(name, null, false);
const A = 'emqx@a';
const B = 'emqx@b';

describe('presence: which lists are believed', () => {
  const judged = (
    before: BrokerNode[],
    after: BrokerNode[],
    listed: number,
    missed: Record<string, number> = {},
  ) => doubtOf({ before, after, listed, sightings: new Map(Object.entries(missed)) });

  it('believes one of nodes that all run and count as many', () => {
    expect(
      judged([node(A, 400), node(B, 100)], [node(A, 400), node(B, 100)], 500, { [A]: 0, [B]: 0 }),
    ).to.equal(null);
    expect(judged([node(A, 1000)], [node(A, 1000)], 950), 'clients that came while it was read').to.equal(
      null,
    );
    expect(judged([node(A, 1000)], [node(A, 10)], 10), 'clients that went').to.equal(null);
    expect(judged([node(A, 5)], [node(A, 5)], 0), 'a handful').to.equal(null);
  });

  it('does not believe one that is shorter than the nodes count', () => {
    expect(judged([node(A, 80), node(B, 80)], [node(A, 80), node(B, 81)], 80)).to.deep.equal({
      kind: 'list-short',
      listed: 80,
      counted: 160,
    });
    expect(
      judged([node(A, 80), node(B, null)], [node(A, 80)], 0),
      'who does not count says nothing',
    ).to.equal(null);
    expect(judged([], [], 0), 'a broker without nodes').to.equal(null);
  });

  it('does not believe one without a node that ran a moment ago', () => {
    const nodes = [node(A, 80), stopped(B)];
    expect(judged(nodes, nodes, 80, { [A]: 0, [B]: 1000 })).to.deep.equal({ kind: 'nodes-away', nodes: [B] });
    expect(judged([node(A), node(B)], nodes, 80, { [A]: 0, [B]: 0 }), 'that went meanwhile').to.deep.equal({
      kind: 'nodes-away',
      nodes: [B],
    });
    expect(judged(nodes, nodes, 80, { [A]: 0, [B]: HOLD_MS + 1 }), 'gone for good').to.equal(null);
    expect(judged(nodes, nodes, 80, { [A]: 0 }), 'that nobody ever saw running').to.equal(null);
  });

  it('waits for a node that left the list, but not for the old name of the only one', () => {
    expect(missedNodes([node(A), node('emqx@c')], new Map([[B, 1000]]))).to.deep.equal([B]);
    expect(missedNodes([node(A)], new Map([[B, 1000]]))).to.deep.equal([]);
    expect(missedNodes([], new Map([[B, 1000]])), 'nodes are not told').to.deep.equal([]);
  });

  it('sees what happened between two looks', () => {
    const began = (after: number, before = after) => ({ ...node(B), began: { after, before } });
    const restarted = began(1_004_000);
    expect(changeOfNodes([node(A), node(B)], [node(A), node(B)])).to.equal(null);
    expect(changeOfNodes([node(A), node(B)], [node(A), restarted])).to.equal('emqx@b restarted');
    expect(changeOfNodes([node(A), node(B)], [node(A), began(1_001_000)]), 'read twice').to.equal(null);
    expect(
      changeOfNodes([node(A), node(B)], [node(A), began(1_000_500, 1_010_500)]),
      'an answer that took ten seconds',
    ).to.equal(null);
    expect(changeOfNodes([node(A), node(B)], [node(A), stopped(B)])).to.equal('emqx@b stopped');
    expect(changeOfNodes([node(A), stopped(B)], [node(A), node(B)])).to.equal('emqx@b is back');
    expect(changeOfNodes([node(A)], [node(A), node(B)])).to.equal('emqx@b joined the cluster');
    expect(changeOfNodes([node(A), node(B)], [node(A)])).to.equal('emqx@b left the cluster');
  });

  it('reads nodes as all versions of EMQX tell them', () => {
    expect(EMQX_NODE.type).to.equal('object');
    const now = performance.now();
    const told = toBrokerNodes(
      [
        { node: A, node_status: 'running', uptime: 60_000, live_connections: 7 },
        {
          node: B,
          node_status: 'Running',
          uptime: '1 days, 2 hours, 3 minutes, 4 seconds',
          live_connections: 8,
        },
        { name: 'emqx@c', node_status: 'Stopped' },
        { node: 'emqx@d', node_status: 'stopped' },
        { node: 'emqx@e' },
        { node: 'emqx@f', node_status: 'running', uptime: 'for ever', live_connections: '9' },
        {},
      ],
      now,
    );
    expect(told.map(({ name, isRunning, connected }) => [name, isRunning, connected])).to.deep.equal([
      [A, true, 7],
      [B, true, 8],
      ['emqx@c', false, null],
      ['emqx@d', false, null],
      ['emqx@e', false, null],
      ['emqx@f', true, null],
    ]);
    expect(told[0]!.began?.after).to.be.closeTo(now - 60_000, 1000);
    expect(told[1]!.began?.after).to.be.closeTo(now - (((24 + 2) * 60 + 3) * 60 + 4) * 1000, 1000);
    expect(told[5]!.began).to.equal(null);
  });
});

eachDatabase('presence: nodes as all managers see them', (open) => {
  it('are missed from when the first manager missed them, and not while another one sees them', async () => {
    const database = await open();
    const [one, other] = [createNodeSightings(database), createNodeSightings(database)];
    expect(await one.look([node(A), node(B)])).to.deep.equal(
      new Map([
        [A, 0],
        [B, 0],
      ]),
    );
    await one.look([node(A), stopped(B)]);
    await database.query("update tpe_broker_node set missed_at = missed_at - interval '1 minute'");
    const missed = (await other.look([node(A)])).get(B)!;
    expect(missed).to.be.within(60_000, 120_000);
    expect((await other.look([stopped(A), node(B)])).get(B), 'as the other side of a split sees it').to.equal(
      0,
    );
    expect((await one.look([node(A), stopped(B)])).get(B)).to.be.below(10_000);
    await one.alive(B);
    expect((await other.look([node(B)])).get(B)).to.equal(0);
    await database.query(
      "update tpe_broker_node set running_at = now() - interval '2 days' where node = $1",
      [A],
    );
    expect([...(await one.look([node(B)])).keys()], 'what is long gone').to.deep.equal([B]);
    await database.close();
  });
});
