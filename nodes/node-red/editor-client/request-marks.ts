import { exactJson } from '../../manager/shared/exact-json.ts';
import type { Fault } from '../../manager/shared/fault.ts';
import type { FieldValues } from '../fields/field.ts';
import { call } from './calls.ts';
import { type FixedRequest, fixedRequest } from './fixed-request.ts';

// While the form of a node is closed, its command is checked by the server, which has the catalogue, just as the open form does it. A
// validator has to answer at once. It therefore reports no fault at first, and the node is marked when the server has answered.

interface Checked {
  faults: Fault[];
  message: object | null;
  hasOwnOperations: boolean;
}

/** An editor can have hundreds of nodes, and a browser opens only six connections to a host. */
const MAX_AT_ONCE = 3;
/** Far more than a flow has. */
const MAX_KEPT = 5000;

const known = new Map<string, readonly Fault[]>();
const waiting = new Map<string, { request: FixedRequest; ids: Set<string> }>();
const underWay = new Set<string>();

/** The faults that the catalogue finds in the command of a tpe-command. The list is empty until the server has answered. */
export function requestFaults(node: FieldValues): readonly Fault[] {
  const request = fixedRequest(node);
  if (request === null) return [];
  const key = exactJson(request);
  const faults = known.get(key);
  if (faults === undefined) ask(key, request, node);
  return faults ?? [];
}

/** Forgets all answers and checks all nodes again. To be called when the catalogue may have changed. */
export function checkRequestsAgain(): void {
  known.clear();
  RED.nodes.eachNode((node) => {
    if (node.type === 'tpe-command') requestFaults(node as unknown as FieldValues);
  });
}

function ask(key: string, request: FixedRequest, node: FieldValues): void {
  const asked = waiting.get(key);
  const id = String(node.id);
  if (asked !== undefined) return void asked.ids.add(id);
  waiting.set(key, { request, ids: new Set([id]) });
  askNext();
}

function askNext(): void {
  for (const [key, { request }] of waiting) {
    if (underWay.size >= MAX_AT_ONCE) return;
    if (underWay.has(key)) continue;
    underWay.add(key);
    call<Checked>('tpe/check', request)
      .then(
        (checked) => tell(key, request, checked),
        // Without permission or without a connection, nodes are not marked.
        () => undefined,
      )
      .finally(() => {
        underWay.delete(key);
        waiting.delete(key);
        askNext();
      });
  }
}

function tell(key: string, request: FixedRequest, checked: Checked): void {
  const faults = refused(request, checked);
  const isWhole = checked.hasOwnOperations || faults.length === checked.faults.length;
  if (known.size >= MAX_KEPT) known.clear();
  if (isWhole) known.set(key, faults);
  let isChanged = false;
  for (const id of waiting.get(key)?.ids ?? []) {
    // The node may have been removed or changed meanwhile.
    const node = RED.nodes.node(id);
    if (!node) continue;
    const before = node.valid;
    if (RED.editor.validateNode(node) === before) continue;
    isChanged = true;
    RED.events.emit('nodes:change', node);
  }
  if (isChanged) RED.view.redraw();
}

/** The faults for which the runtime would refuse the command. */
function refused({ check }: FixedRequest, { faults, message, hasOwnOperations }: Checked): Fault[] {
  if (check === 'warn' && message !== null) return [];
  return hasOwnOperations ? faults : faults.filter((fault) => fault.in !== 'operation');
}
