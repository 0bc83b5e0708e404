import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { deployFlows, editorToken } from '../support/deploy-flows.js';
import { EXAMPLES, type Example, type FlowNode, imported } from '../support/examples.js';
import { freePort } from '../support/free-port.js';
import { hurried } from '../support/hurried.js';
import { type NodeRedProcess, startNodeRed } from '../support/node-red-process.js';
import { patience, patienceSeconds } from '../support/patience.js';

/** What a person does in an example, and what the debug nodes then say, how often. */
interface Step {
  /** Without it: what it says by itself, since it runs. */
  click?: string;
  says?: Record<string, number>;
  /** Looks at what was printed since the click. */
  shows?: RegExp;
  /** So many of its gateways are then online. */
  online?: number;
}

/** By number: all of it, and what shows that it works beside the others. */
const STEPS: Record<string, { alone: Step[]; beside: Step[] }> = {
  '01': {
    alone: [
      { click: 'i1', says: { d1: 1 }, shows: /GW-0001/ },
      { click: 'i1', says: { caught: 1 }, shows: /already/ },
    ],
    beside: [{ click: 'i2', says: { d2: 3 } }],
  },
  '02': {
    alone: [
      { click: 'i3', says: { d1: 1 }, shows: /offline/ },
      { click: 'i4', says: { d1: 1 }, shows: /online/ },
    ],
    beside: [{ click: 'i2', says: { d2: 1 }, shows: /live-0001/ }],
  },
  '03': {
    alone: [{ click: 'i1', says: { d1: 1 }, shows: /bad\/id/ }],
    beside: [{ click: 'i2', says: { d2: 1 }, shows: /bulk-0003/ }],
  },
  '04': {
    alone: [
      { click: 'i1' },
      { click: 'i3', says: { d3: 1 }, shows: /room again/ },
      { click: 'i2' },
      { click: 'i3', says: { d2: 1 }, shows: /disk-0002/ },
    ],
    beside: [{ says: { d2: 1 }, shows: /disk-0001/ }, { click: 'i3' }],
  },
  '05': { alone: [], beside: [] },
  '06': {
    alone: [
      { click: 'i2', says: { d2: 1 } },
      { click: 'i3', says: { d2b: 1 }, shows: /192\.0\.2\.999/ },
    ],
    beside: [{ click: 'i1', says: { d1: 1 } }],
  },
  '07': {
    alone: [
      { click: 'i1', says: { d1: 1 } },
      { click: 'i2', says: { d3: 1 } },
    ],
    // Which gateways need an update is known once they were asked what they run.
    beside: [{ click: 'i1', says: { d2: 1 } }],
  },
  '08': { alone: [], beside: [] },
  '09': {
    alone: [
      { click: 'i2', says: { d1: 1 }, shows: /nobody/ },
      { click: 'i3', says: { d2: 1 } },
    ],
    beside: [{ click: 'i1', says: { d1: 1 }, shows: /percent/ }],
  },
  '10': {
    alone: [],
    beside: [
      { click: 'i1', says: { d1: 1 }, shows: /alert-0002[\s\S]*offline/ },
      { click: 'i2', says: { d1: 1 }, shows: /alert-0002[\s\S]*online/ },
    ],
  },
  '11': { alone: [{ click: 'i1', says: { d1: 1 }, shows: /done: 3,/ }], beside: [] },
  '12': { alone: [], beside: [{ click: 'i1', says: { d1: 1 } }] },
  '13': {
    alone: [{ says: { d2: 1 } }],
    beside: [{ says: { d1: 6 }, shows: /meter-0001\/system\/status\/cpuUsage/ }],
  },
  '14': {
    alone: [{ click: 'i2', says: { stop: 1 }, shows: /order-9999/ }],
    beside: [{ click: 'i1', says: { d1: 1 }, shows: /Pump house/ }],
  },
  // Its report takes minutes: a gateway that was restarted is looked at for two before the next one may be disturbed.
  '15': { alone: [{ click: 'i1' }], beside: [] },
  '16': {
    alone: [{ click: 'i1', says: { d3: 1 } }],
    beside: [{ click: 'i2', says: { d2: 1 }, shows: /outcome: 'SUCCEEDED'/ }],
  },
  '17': { alone: [{ click: 'i1' }, { click: 'i2', says: { d3: 1 } }], beside: [] },
  // While all is stopped, the examples beside it could change nothing.
  '18': {
    alone: [
      { click: 'i1', says: { d1: 1 }, shows: /fleet/ },
      { click: 'i2', says: { d1: 1 }, shows: /liftedBy/ },
    ],
    beside: [],
  },
  '19': {
    alone: [{ click: 'i2', says: { d1: 1 }, shows: /Over/ }],
    beside: [
      { click: 'i1', says: { d1: 1, d2: 1, d3: 1, d4: 1 }, shows: /people-0001: The door/ },
      { click: 'i2' },
    ],
  },
  '20': {
    alone: [
      { click: 'i3', says: { d3: 1 } },
      { click: 'i4', says: { d2: 1, d3: 1 }, shows: /green/ },
    ],
    beside: [
      { click: 'i1', says: { d1: 1, d2: 1, d3: 1 }, shows: /red[\s\S]*The lamp is set/ },
      { click: 'i2', says: { d1: 1, d2: 1, d3: 1 }, shows: /green|yellow/ },
    ],
  },
};

describe('whole flow: the examples, each alone, in groups with each pair, and all at once', () => {
  let nodeRed: NodeRedProcess;
  let lampPort: number;
  /** Where what was printed before the present deploy ends. */
  let from = 0;
  /** The same for the deploy that each example has run since. */
  let runsSince = new Map<Example, number>();

  before(async () => {
    lampPort = await freePort();
    nodeRed = await startNodeRed({ flow: [...CHECK], env: hurried(600) });
  });
  after(() => nodeRed?.stop());

  const printed = () => nodeRed.log().slice(from);

  async function importAll(examples: readonly Example[], mostGateways: number): Promise<void> {
    from = nodeRed.log().length;
    runsSince = new Map(examples.map((one) => [one, runsSince.get(one) ?? from]));
    const flows = examples.map(({ nodes }) =>
      nodes.map((node) => inTest(node, { folder: nodeRed.dataDir, lampPort }, mostGateways)),
    );
    await deployFlows(nodeRed, imported([...CHECK], ...flows), 'nodes');
    for (const { gateways } of examples) {
      await untilKnown({ ...gateways, count: Math.min(gateways.count, mostGateways) });
    }
  }

  async function until(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
    const deadline = Date.now() + patience(240_000);
    while (!(await isSo())) {
      if (Date.now() > deadline) throw new Error(`not so: ${what}\n${printed()}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** Online, and what they are has been told: a scan for updates asks for it. */
  const untilKnown = ({ names, count }: Example['gateways']) =>
    until(`${count} ${names} are online and known`, async () => {
      const online = await onlineOf(names);
      return online?.length === count && online.every(({ modelName }) => modelName);
    });
  const untilOnline = ({ names, count }: Example['gateways']) =>
    until(`${count} ${names} are online`, async () => (await onlineOf(names))?.length === count);

  async function onlineOf(names: string): Promise<{ modelName: string | null }[] | undefined> {
    const answer = await fetch(`${nodeRed.url}/check`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', connection: 'close' },
      body: JSON.stringify({ search: `${names}-`, status: 'online', limit: 100 }),
    });
    return answer.ok ? ((await answer.json()) as { modelName: string | null }[]) : undefined;
  }

  async function click(id: string): Promise<void> {
    const headers = { authorization: `Bearer ${await editorToken(nodeRed)}`, connection: 'close' };
    expect((await fetch(`${nodeRed.url}/inject/${id}`, { method: 'POST', headers })).status, id).to.equal(
      200,
    );
  }

  async function go(example: Example, step: Step): Promise<void> {
    const { file, tab, gateways } = example;
    const before = step.click ? nodeRed.log().length : (runsSince.get(example) ?? 0);
    const since = () => nodeRed.log().slice(before);
    if (step.click) await click(`${tab.id}-${step.click}`);
    for (const [name, times] of Object.entries(step.says ?? {})) {
      const said = () => since().split(`[debug:${tab.id}-${name}]`).length - 1;
      await until(`${file}: ${name} speaks`, () => said() >= times);
    }
    const { shows, online } = step;
    if (shows) await until(`${file}: ${shows} is shown`, () => shows.test(since()));
    if (online !== undefined) await untilOnline({ ...gateways, count: online });
  }

  it('are all described here', () => {
    expect(Object.keys(STEPS).sort()).to.deep.equal(EXAMPLES.map(({ number }) => number));
  });

  for (const example of EXAMPLES) {
    it(`${example.file} does what it says`, async () => {
      await importAll([example], 40);
      const { alone, beside } = STEPS[example.number]!;
      for (const step of [...beside, ...alone]) await go(example, step);
      // The next one begins with all its gateways anew.
      await importAll([], 0);
      if (example.number === '12') {
        const text = readFileSync(join(nodeRed.dataDir, 'gateways.csv'), 'utf8');
        expect(text).to.match(/^\uFEFFclientid,dhcp,ip,/);
        expect(text.match(/^plant-\d{4},(true|false),\d/gm)).to.have.length(40);
      }
    });
  }

  for (const group of groupsWithEachPair(EXAMPLES)) {
    it(`${group.map(({ number }) => number).join(', ')} work beside each other`, () => workTogether(group));
  }

  it('work all at once', () => workTogether(EXAMPLES));

  async function workTogether(examples: readonly Example[]): Promise<void> {
    await importAll(examples, 3);
    for (const example of examples) {
      for (const step of STEPS[example.number]!.beside) await go(example, step);
    }
    const faults = printed().match(/^.*\[(?:error|warn)\].*$/gm) ?? [];
    expect(faults, examples.map(({ number }) => number).join(' beside ')).to.deep.equal([]);
  }
});

/**
 * Groups of about half of them, so that each two meet in at least one. Each pair alone would take minutes: a fault of two shows in a group as
 * well, and one that the others hide is rarer in half of them than in all.
 */
function groupsWithEachPair(examples: readonly Example[]): Example[][] {
  const quarters = [0, 1, 2, 3].map((quarter) => examples.filter((_, index) => index % 4 === quarter));
  return quarters.flatMap((one, at) =>
    quarters
      .slice(at + 1)
      .map((other) => [...one, ...other].sort((a, b) => a.number.localeCompare(b.number))),
  );
}

/** As it stands in the file, but that it is heard here, and does not keep the test waiting. */
function inTest(node: FlowNode, place: { folder: string; lampPort: number }, mostGateways: number): FlowNode {
  switch (node.type) {
    case 'debug':
      return { ...node, name: node.id, console: true, active: true };
    case 'tpe-status':
      return { ...node, ...(node.changes === 'offline' && { offlineFor: '1' }) };
    case 'inject':
      return { ...node, repeat: '', once: false };
    case 'tpe-simulator':
      return {
        ...node,
        telemetryEvery: node.telemetryEvery && '1',
        count: String(Math.min(Number(node.count), mostGateways)),
      };
    case 'delay':
      return { ...node, timeout: '500', timeoutUnits: 'milliseconds' };
    case 'file':
      return { ...node, filename: join(place.folder, 'gateways.csv') };
    case 'rbe':
      return { ...node, gap: '0' };
    case 'tcp in':
    case 'tcp request':
      return { ...node, port: String(place.lampPort) };
    default:
      return node;
  }
}

/** What gateways there are, asked over HTTP; the server is that of all the examples. */
const CHECK: readonly FlowNode[] = [
  {
    ...EXAMPLES[0]!.nodes.find(({ type }) => type === 'tpe-server')!,
    // What was under way to a virtual gateway that the next deploy stopped holds its commands up.
    commandTimeout: String(patienceSeconds(6)),
  },
  { id: 'check', type: 'tab', label: 'check' },
  { id: 'check-in', type: 'http in', z: 'check', url: '/check', method: 'post', wires: [['check-do']] },
  {
    id: 'check-do',
    type: 'tpe-register',
    z: 'check',
    server: 'tpe-server-main',
    action: 'list',
    data: 'payload',
    dataType: 'msg',
    wires: [['check-out']],
  },
  { id: 'check-catch', type: 'catch', z: 'check', wires: [['check-failed']] },
  {
    id: 'check-failed',
    type: 'change',
    z: 'check',
    rules: [{ t: 'set', p: 'statusCode', pt: 'msg', to: '503', tot: 'num' }],
    wires: [['check-out']],
  },
  { id: 'check-out', type: 'http response', z: 'check', statusCode: '', headers: {}, wires: [] },
];
