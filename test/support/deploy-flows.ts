import { expect } from 'chai';
import { logInAtEditor } from './editor-login.js';
import type { NodeRedProcess } from './node-red-process.js';

/** What Node-RED prints when the nodes of a deploy run. */
const STARTED = /Started (?:modified )?(?:flows|nodes)/;

/**
 * Waits until the nodes of a deploy run: Node-RED answers as soon as the flows are saved, and until they are started an
 * http-in node answers 404 and a message reaches nobody.
 */
export async function untilDeployed<T>(nodeRed: NodeRedProcess, deploy: () => Promise<T>): Promise<T> {
  const before = nodeRed.log().split(STARTED).length;
  const answer = await deploy();
  await nodeRed.printed(new RegExp(`(?:${STARTED.source}[^]*?){${before}}`));
  return answer;
}

/**
 * Deploys flows as the editor does, in place of all that ran; resolves when they run. `nodes` leaves nodes that did not
 * change as they are.
 */
export async function deployFlows(
  nodeRed: NodeRedProcess,
  flows: readonly object[],
  type: 'full' | 'nodes' = 'full',
): Promise<void> {
  const { token } = await logInAtEditor(nodeRed, 'admin', nodeRed.adminPassword);
  const answer = await untilDeployed(nodeRed, () =>
    fetch(`${nodeRed.url}/flows`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        'node-red-deployment-type': type,
        // A kept connection may be closed by Node-RED in the very moment.
        connection: 'close',
      },
      body: JSON.stringify(flows),
    }),
  );
  expect(answer.status, await answer.text()).to.be.lessThan(300);
}

/** The flows that run now. */
export async function flowsOf(nodeRed: NodeRedProcess): Promise<object[]> {
  const { token } = await logInAtEditor(nodeRed, 'admin', nodeRed.adminPassword);
  const answer = await fetch(`${nodeRed.url}/flows`, { headers: { authorization: `Bearer ${token}` } });
  return (await answer.json()) as object[];
}
