import type { Node, NodeAPI, NodeDef, NodeMessage, NodeMessageInFlow } from 'node-red';
import { parseCommandQuery } from '../manager/commands/command-schemas.js';
import type { DeviceManager } from '../manager/device-manager.js';
import { TpeError } from '../manager/shared/tpe-error.js';
import { COMMAND_ACTIONS } from '../node-red/fields/choices.js';
import { requestedBy } from '../node-red/login/requested-by.js';
import { createNode } from '../node-red/runtime/create-node.js';
import { onInput } from '../node-red/runtime/input-handler.js';
import { choiceOf, numberOf, requiredTextOf } from '../node-red/runtime/message-values.js';
import { statusLine } from '../node-red/runtime/node-status.js';
import { pageQuery } from '../node-red/runtime/paging.js';
import { fieldReader, type TypedFields } from '../node-red/runtime/typed-fields.js';
import { linkServer } from '../node-red/server/server-link.js';
import { showRecord } from './answer-message.js';
import { CATALOGUE_ACTIONS } from './catalogue-actions.js';
import type { RequestConfig } from './read-request.js';
import { createSender, patienceOf } from './send-command.js';

type Field =
  | 'action'
  | 'clientid'
  | 'operation'
  | 'wait'
  | 'whenNone'
  | 'atOnce'
  | 'requestId'
  | 'categoryid';
type Config = NodeDef & { server?: string } & TypedFields<Field> & RequestConfig;

const LIST_LIMIT = 50;

export = (RED: NodeAPI) => {
  function TpeCommand(this: Node, config: Config) {
    createNode(RED, this, config);
    const status = statusLine(this);
    const link = linkServer(RED, this, config, status);
    const read = fieldReader<Field>(RED, this, config);
    const send = createSender(RED, this, config, status);

    const asker = (msg: NodeMessage) => requestedBy(this, msg);
    const requestId = async (msg: NodeMessage) => requiredTextOf(await read('requestId', msg), 'requestId');

    const LOOK_UPS: Record<
      Exclude<(typeof COMMAND_ACTIONS)[number], 'send'>,
      (manager: DeviceManager, msg: NodeMessageInFlow) => Promise<void>
    > = {
      ...CATALOGUE_ACTIONS,
      remove: async (manager, msg) => CATALOGUE_ACTIONS.remove(manager, msg, await read('operation', msg)),
      async get(manager, msg) {
        const id = await requestId(msg);
        const patience = patienceOf((await read('wait', msg)) ?? 0);
        const record =
          patience === 'ended' || patience === 0
            ? await manager.commands.get(id)
            : await manager.commands.waitFor(id, patience);
        if (!record) throw new TpeError('NOT_FOUND', `There is no command with the request id "${id}".`);
        showRecord(msg, record);
      },
      async cancel(manager, msg) {
        showRecord(msg, await manager.commands.cancel(await requestId(msg), asker(msg)));
      },
      async list(manager, msg) {
        const query = parseCommandQuery(pageQuery(msg.payload, msg.tpe, 'before'));
        const records = await manager.commands.list(query);
        const more = records.length === (query.limit ?? LIST_LIMIT);
        msg.payload = records;
        msg.tpe = { next: more ? (records.at(-1)?.requestId ?? null) : null, query };
      },
      async categories(manager, msg) {
        msg.payload = await manager.catalogue.categories();
      },
      async operations(manager, msg) {
        msg.payload = await manager.catalogue.operationRows(
          numberOf(await read('categoryid', msg), 'categoryid'),
        );
      },
      async describe(manager, msg) {
        const id = requiredTextOf(await read('operation', msg), 'operation');
        const operation = manager.catalogue.get(id);
        if (!operation)
          throw new TpeError('NOT_FOUND', `The catalogue has no operation ${JSON.stringify(id)}.`);
        // The message gets a copy, so that a flow cannot change the catalogue.
        msg.payload = structuredClone(operation);
      },
    };

    onInput(this, status, async (msg, tools) => {
      const action = choiceOf(await read('action', msg), 'action', COMMAND_ACTIONS) ?? 'send';
      const manager = await link.manager();
      if (action === 'send') return send(manager, msg, tools);
      await LOOK_UPS[action](manager, msg);
      status.activity(null);
      tools.send([msg, null]);
    });
  }

  RED.nodes.registerType('tpe-command', TpeCommand);
};
