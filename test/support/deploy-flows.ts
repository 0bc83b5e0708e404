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
  const from = nodeRed.log().length;
  const answer = await deploy();
  await nodeRed.printed(STARTED, { from });
  return answer;
}

/** One for each Node-RED: an account has 20 sessions, and a test that deploys often would end those that it began with. */
const tokens = new WeakMap<NodeRedProcess, Promise<string>>();

/** Signs the administrator in at the editor, once for each Node-RED. */
export function editorToken(nodeRed: NodeRedProcess): Promise<string> {
  const known = tokens.get(nodeRed) ?? signIn(nodeRed);
  tokens.set(nodeRed, known);
  return known;
}

async function signIn(nodeRed: NodeRedProcess): Promise<string> {
  const { token, status } = await logInAtEditor(nodeRed, 'admin', nodeRed.adminPassword);
  if (token === undefined) throw new Error(`The editor answered a sign-in with ${status}.`);
  return token;
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
  const token = await editorToken(nodeRed);
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
  const token = await editorToken(nodeRed);
  const answer = await fetch(`${nodeRed.url}/flows`, { headers: { authorization: `Bearer ${token}` } });
  return (await answer.json()) as object[];
}
