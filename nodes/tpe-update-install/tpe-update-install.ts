import type { Node, NodeAPI, NodeDef, NodeMessage, NodeMessageInFlow } from 'node-red';
import type { DeviceManager } from '../manager/device-manager.js';
import { TpeError } from '../manager/shared/tpe-error.js';
import { packagesIn } from '../manager/updates/install/check-request.js';
import {
  type Installation,
  type InstallationRequest,
  isOver,
} from '../manager/updates/install/installation.js';
import { parseInstallationQuery } from '../manager/updates/install/installation-schemas.js';
import { textIn } from '../node-red/fields/checks.js';
import { INSTALL_ACTIONS, YES_OR_NO } from '../node-red/fields/choices.js';
import { requestedBy } from '../node-red/login/requested-by.js';
import { createNode } from '../node-red/runtime/create-node.js';
import { type InputTools, onInput } from '../node-red/runtime/input-handler.js';
import {
  choiceOf,
  clientIdIn,
  isObject,
  millisecondsOf,
  requiredTextOf,
  waitMsOf,
} from '../node-red/runtime/message-values.js';
import { shortText, statusLine } from '../node-red/runtime/node-status.js';
import { pageQuery } from '../node-red/runtime/paging.js';
import { fieldReader, type TypedFields } from '../node-red/runtime/typed-fields.js';
import { linkServer } from '../node-red/server/server-link.js';

type Field =
  | 'action'
  | 'clientid'
  | 'packages'
  | 'snapshot'
  | 'allowCellular'
  | 'timeout'
  | 'wait'
  | 'installation';
type Config = NodeDef & {
  server?: string;
  /** `own` to send the progress of installations that this node began, `all` for all installations of the server. */
  progress?: string;
} & TypedFields<Field>;

const LIST_LIMIT = 50;

export = (RED: NodeAPI) => {
  function TpeUpdateInstall(this: Node, config: Config) {
    createNode(RED, this, config);
    const status = statusLine(this);
    const read = fieldReader(RED, this, config);
    /** The last known state of installations that this node began and that are not over. */
    const own = new Map<string, Installation>();

    const follow = (installation: Installation) => {
      if (own.has(installation.id)) note(installation);
      else if (textIn({ ...config }, 'progress') !== 'all') return;
      this.send([null, null, messageOf({ _msgid: RED.util.generateId() }, installation)]);
    };

    const note = (installation: Installation) => {
      own.set(installation.id, installation);
      if (isOver(installation.state)) own.delete(installation.id);
      showOwn();
    };

    const showOwn = () => {
      const [only, ...others] = own.values();
      if (only === undefined) return status.activity(null);
      const { progress, step } = only;
      const text =
        others.length > 0
          ? RED._('tpe-update-install.status.underWay', { count: own.size })
          : RED._('tpe-update-install.status.one', { progress, step: step ?? '' });
      status.activity({ fill: 'blue', shape: 'dot', text });
    };

    const link = linkServer(RED, this, config, status, (manager) => {
      manager.events.on('installation', follow);
      return () => void manager.events.off('installation', follow);
    });

    const install = async (manager: DeviceManager, msg: NodeMessageInFlow, tools: InputTools) => {
      const request = await readRequest(manager, msg);
      const waitMs = waitMsOf(await read('wait', msg));
      const started = await manager.installations.start(request);
      if (!isOver(started.state)) note(started);
      const ended =
        isOver(started.state) || waitMs === 0 ? null : manager.installations.waitFor(started.id, waitMs);
      const installation = (await ended) ?? started;
      tools.send(outputs(msg, installation));
      if (!isOver(installation.state)) return;
      own.delete(installation.id);
      showOwn();
      if (!isGood(installation)) {
        const text = shortText(installation.reason ?? installation.state);
        status.activity({ fill: 'red', shape: 'ring', text });
      }
    };

    const readRequest = async (manager: DeviceManager, msg: NodeMessage): Promise<InstallationRequest> => {
      const found = isObject(msg.payload) ? msg.payload : {};
      const clientid = requiredTextOf(
        clientIdIn((await read('clientid', msg)) ?? found.clientid ?? msg.topic, 'clientid'),
        'clientid',
      );
      const given = (await read('packages', msg)) ?? found.path;
      return {
        clientid,
        // Without packages in the request, install those that the last scan found for the gateway.
        packages: packagesIn(given ?? (await manager.updates.result(clientid))?.path),
        snapshot: yesOrNo(await read('snapshot', msg), 'snapshot'),
        allowCellular: yesOrNo(await read('allowCellular', msg), 'allowCellular'),
        timeoutMs: millisecondsOf(await read('timeout', msg), 'timeout'),
        requestedBy: by(msg),
      };
    };

    const by = (msg: NodeMessage) => requestedBy(this, msg);

    const idOf = async (msg: NodeMessage) => requiredTextOf(await read('installation', msg), 'installation');

    const LOOK_UPS: Record<
      Exclude<(typeof INSTALL_ACTIONS)[number], 'install'>,
      (manager: DeviceManager, msg: NodeMessageInFlow) => Promise<void>
    > = {
      async get(manager, msg) {
        const id = await idOf(msg);
        const waitMs = waitMsOf((await read('wait', msg)) ?? false);
        const found = await (waitMs === 0
          ? manager.installations.get(id)
          : manager.installations.waitFor(id, waitMs));
        if (!found) throw new TpeError('NOT_FOUND', `There is no installation "${id}".`);
        messageOf(msg, found);
      },
      async cancel(manager, msg) {
        messageOf(msg, await manager.installations.cancel(await idOf(msg), by(msg)));
      },
      async list(manager, msg) {
        const query = parseInstallationQuery(pageQuery(msg.payload, msg.tpe, 'before'));
        const found = await manager.installations.list(query);
        const more = found.length === (query.limit ?? LIST_LIMIT);
        msg.payload = found;
        msg.tpe = { next: more ? (found.at(-1)?.id ?? null) : null, query };
      },
    };

    onInput(this, status, async (msg, tools) => {
      const action = choiceOf(await read('action', msg), 'action', INSTALL_ACTIONS) ?? 'install';
      const manager = await link.manager();
      if (action === 'install') return install(manager, msg, tools);
      await LOOK_UPS[action](manager, msg);
      showOwn();
      tools.send([msg, null, null]);
    });
  }

  RED.nodes.registerType('tpe-update-install', TpeUpdateInstall);
};

function yesOrNo(value: unknown, name: string): boolean | undefined {
  if (typeof value === 'boolean') return value;
  const choice = choiceOf(value, name, YES_OR_NO);
  return choice === undefined ? undefined : choice === 'true';
}

function isGood({ state }: Installation): boolean {
  return state === 'SUCCEEDED' || state === 'ALREADY_INSTALLED';
}

/** Puts the message on its output: 1 for an installation that succeeded or goes on, 2 for one that ended otherwise. */
function outputs(msg: NodeMessage, installation: Installation): (NodeMessage | null)[] {
  const told = messageOf(msg, installation);
  const isBad = isOver(installation.state) && !isGood(installation);
  return isBad ? [null, told, null] : [told, null, null];
}

function messageOf(msg: NodeMessage, installation: Installation): NodeMessage {
  const { packages: _packages, steps: _steps, ...facts } = installation;
  msg.topic = installation.clientid;
  msg.payload = installation;
  msg.tpe = facts;
  return msg;
}
