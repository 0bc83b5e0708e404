import { expect } from 'chai';
import { deployFlows, editorToken, flowsOf } from './deploy-flows.js';
import type { NodeRedProcess } from './node-red-process.js';

/** The tpe-simulator of the bundled flow. */
const SIMULATOR = 'sim';
const INJECT = 'test-simulate';

/** Sends messages to the virtual gateways of the bundled flow, as an inject node in the editor does: `{ action: 'disconnect', clientid }`. */
export async function openSimulate(nodeRed: NodeRedProcess): Promise<(msg: object) => Promise<void>> {
  const flows = (await flowsOf(nodeRed)) as { id: string; z?: string }[];
  const { z } = flows.find(({ id }) => id === SIMULATOR)!;
  const inject = { id: INJECT, type: 'inject', z, props: [], wires: [[SIMULATOR]], x: 100, y: 300 };
  await deployFlows(nodeRed, [...flows, inject], 'nodes');
  const authorization = `Bearer ${await editorToken(nodeRed)}`;
  return async (msg) => {
    const props = Object.entries(msg).map(([p, value]) => ({ p, v: JSON.stringify(value), vt: 'json' }));
    const answer = await fetch(`${nodeRed.url}/inject/${INJECT}`, {
      method: 'POST',
      // A kept connection may be closed by Node-RED in the very moment.
      headers: { authorization, 'content-type': 'application/json', connection: 'close' },
      body: JSON.stringify({ __user_inject_props__: props }),
    });
    expect(answer.status).to.equal(200);
  };
}
