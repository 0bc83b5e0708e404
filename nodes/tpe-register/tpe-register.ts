import type { Node, NodeAPI, NodeDef, NodeMessageInFlow } from 'node-red';
import type { DeviceManager } from '../manager/device-manager.js';
import { DEVICE_QUERY, parseQuery } from '../manager/registry/device-query.js';
import { parseChange, parseClientIds, parseRegistration } from '../manager/registry/device-schemas.js';
import { notFound } from '../manager/registry/get-device.js';
import { filterOf, parseReadTargets } from '../manager/registry/targets.js';
import { FILE_FORMATS, REGISTER_ACTIONS } from '../node-red/fields/choices.js';
import { createNode } from '../node-red/runtime/create-node.js';
import { fileContentOf } from '../node-red/runtime/file-content.js';
import { onInput } from '../node-red/runtime/input-handler.js';
import {
  choiceOf,
  clientIdIn,
  isObject,
  requiredTextOf,
  switchOf,
  textOf,
} from '../node-red/runtime/message-values.js';
import { statusLine } from '../node-red/runtime/node-status.js';
import { pageQuery, readTexts } from '../node-red/runtime/paging.js';
import { fieldReader, type TypedFields } from '../node-red/runtime/typed-fields.js';
import { linkServer } from '../node-red/server/server-link.js';

type Config = NodeDef & { server?: string } & TypedFields<'action' | 'clientid' | 'data' | 'format'>;

/** The request of one message. */
interface Ask {
  manager: DeviceManager;
  msg: NodeMessageInFlow;
  data: unknown;
  /** Returns the client id. Throws INVALID_INPUT if there is none. */
  clientid(): string;
  /** True if the node or the message names one gateway. The payload does not count then. */
  isNamed: boolean;
  format(): Promise<'csv' | 'json' | undefined>;
}

interface Result {
  payload: unknown;
  /** The client id if the action was about one gateway. */
  clientid?: string;
  /** Further properties for msg.tpe. */
  facts?: Record<string, unknown>;
}

const ACTIONS: Record<(typeof REGISTER_ACTIONS)[number], (ask: Ask) => Promise<Result>> = {
  async register({ manager, data, clientid }) {
    const given = isObject(data) ? data : {};
    const registration = parseRegistration({ ...given, clientid: clientid() });
    return { payload: await manager.registry.register(registration), clientid: registration.clientid };
  },
  async get({ manager, clientid }) {
    const id = clientid();
    const device = await manager.registry.get(id);
    if (!device) throw notFound(id);
    return { payload: device, clientid: id };
  },
  async list({ manager, data, msg }) {
    const query = parseQuery(readTexts(msg, DEVICE_QUERY, pageQuery(data, msg.tpe, 'cursor')));
    const page = await manager.registry.list(query);
    return { payload: page.devices, facts: { next: page.next, query } };
  },
  async update({ manager, data, clientid }) {
    const { clientid: _named, ...change } = parseChange(data);
    const id = clientid();
    return { payload: await manager.registry.update(id, change), clientid: id };
  },
  async rotate({ manager, data, clientid, isNamed }) {
    const many = isNamed ? null : severalIn(data);
    if (many !== null) return { payload: await manager.registry.rotateMany(many) };
    const id = clientid();
    const password = isObject(data) ? textOf(data.password, 'payload.password') : undefined;
    return { payload: await manager.registry.rotate(id, password), clientid: id };
  },
  async retire({ manager, clientid }) {
    const id = clientid();
    return { payload: await manager.retire(id), clientid: id };
  },
  async import({ manager: { registry }, msg, data, format }) {
    const { content, isParsed } = await fileContentOf(data, 'a list of objects');
    const known = isParsed ? 'json' : undefined;
    const isDry = switchOf(msg.dryRun, 'dryRun');
    const read = isDry ? registry.previewImport : registry.import;
    const encoding = textOf((msg as { encoding?: unknown }).encoding, 'encoding');
    return { payload: await read(content, (await format()) ?? known, encoding), facts: { dryRun: isDry } };
  },
  async export({ manager, data, format }) {
    const filter = filterOf(parseReadTargets(data, 'payload'));
    return { payload: await manager.registry.export(filter, (await format()) ?? 'csv') };
  },
  async refresh({ manager, clientid }) {
    const id = clientid();
    return { payload: await manager.refreshProfile(id), clientid: id };
  },
};

export = (RED: NodeAPI) => {
  function TpeRegister(this: Node, config: Config) {
    createNode(RED, this, config);
    const status = statusLine(this);
    const link = linkServer(RED, this, config, status);
    const read = fieldReader(RED, this, config);

    onInput(this, status, async (msg, { send }) => {
      const named = await read('action', msg);
      const action = choiceOf(requiredTextOf(named, 'action'), 'action', REGISTER_ACTIONS)!;
      const data = await read('data', msg);
      const field = clientIdIn(await read('clientid', msg), 'clientid');
      const manager = await link.manager();
      const result = await ACTIONS[action]({
        manager,
        msg,
        data,
        clientid: () => requiredTextOf(field ?? clientIdIn(clientidOf(data), 'clientid'), 'clientid'),
        isNamed: field !== undefined,
        format: async () => choiceOf(await read('format', msg), 'format', FILE_FORMATS),
      });
      msg.payload = result.payload;
      msg.tpe = { action, ...result.facts };
      if (result.clientid !== undefined) msg.topic = result.clientid;
      status.activity(null);
      send(msg);
    });
  }

  RED.nodes.registerType('tpe-register', TpeRegister);
};

function clientidOf(data: unknown): unknown {
  // A number does not count as a client id, because an inject node sends the time as payload.
  return isObject(data) ? data.clientid : typeof data === 'string' ? data : undefined;
}

/** The client ids in the payload, given as a list or as `{clientids}`; null if the payload has no list. Throws INVALID_INPUT. */
function severalIn(data: unknown): readonly string[] | null {
  if (Array.isArray(data)) return parseClientIds({ clientids: data }).clientids;
  return isObject(data) && data.clientids !== undefined ? parseClientIds(data).clientids : null;
}
