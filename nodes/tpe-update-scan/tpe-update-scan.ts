import { Cron } from 'croner';
import type { Node, NodeAPI, NodeDef, NodeMessage, NodeMessageInFlow } from 'node-red';
import type { DeviceManager } from '../manager/device-manager.js';
import { checkRegistered, filterOf, parseReadTargets, type Targets } from '../manager/registry/targets.js';
import { TpeError } from '../manager/shared/tpe-error.js';
import { parseUpdateQuery } from '../manager/updates/scan/update-schemas.js';
import type { DeviceUpdate, ScanProgress } from '../manager/updates/scan/updates.js';
import { isBlank } from '../node-red/fields/blank.js';
import { SCAN_ACTIONS } from '../node-red/fields/choices.js';
import { requestedBy } from '../node-red/login/requested-by.js';
import { createNode } from '../node-red/runtime/create-node.js';
import { onInput } from '../node-red/runtime/input-handler.js';
import { choiceOf } from '../node-red/runtime/message-values.js';
import { statusLine } from '../node-red/runtime/node-status.js';
import { pageQuery } from '../node-red/runtime/paging.js';
import { tellFault } from '../node-red/runtime/tell-fault.js';
import { fieldReader, type TypedFields } from '../node-red/runtime/typed-fields.js';
import { linkServer } from '../node-red/server/server-link.js';

type Config = NodeDef & {
  server?: string;
  /** Cron expression; blank to scan only on request. */
  schedule?: string;
} & TypedFields<'action' | 'filter'>;

export = (RED: NodeAPI) => {
  function TpeUpdateScan(this: Node, config: Config) {
    createNode(RED, this, config);
    const status = statusLine(this);
    const read = fieldReader(RED, this, config);
    /** Scans that this node began or joined. The node sends their progress and results. */
    const own = new Set<string>();

    const onScan = (progress: ScanProgress) => {
      if (!own.has(progress.id)) return;
      show(progress);
      if (progress.state !== 'RUNNING') own.delete(progress.id);
      this.send([null, scanMessage({ _msgid: RED.util.generateId() }, progress)]);
    };
    const onUpdate = (update: DeviceUpdate) => {
      if (own.size > 0) this.send([updateMessage({ _msgid: RED.util.generateId() }, update), null]);
    };
    const show = ({ state, done, total, found }: ScanProgress) => {
      if (state === 'RUNNING') {
        const text = RED._('tpe-update-scan.status.scanning', { done, total });
        return status.activity({ fill: 'blue', shape: 'dot', text });
      }
      const text = RED._('tpe-update-scan.status.found', { found });
      status.activity({ fill: state === 'DONE' ? 'green' : 'yellow', shape: 'ring', text });
    };

    const link = linkServer(RED, this, config, status, (manager) => {
      manager.events.on('scan', onScan);
      manager.events.on('update', onUpdate);
      return () => {
        manager.events.off('scan', onScan);
        manager.events.off('update', onUpdate);
      };
    });

    const by = (msg: NodeMessage) => requestedBy(this, msg);

    /**
     * The gateways to scan: the field, else msg.filter, else the payload. Rejects with INVALID_INPUT if the field is set but has no value,
     * so that the whole fleet is not scanned by mistake.
     */
    const targetsOf = async (msg: NodeMessage): Promise<Targets> => {
      const named = await read('filter', msg);
      if (named !== undefined) return parseReadTargets(named, 'filter');
      // A field such as `${X}` counts as set, even if X is not.
      if (String(config.filter ?? '').trim() === '') return parseReadTargets(msg.payload, 'payload');
      throw new TpeError(
        'INVALID_INPUT',
        `The field "filter" (${config.filterType}: ${config.filter}) has no value.`,
        {
          field: 'filter',
        },
      );
    };

    const scan = async (manager: DeviceManager, targets: Targets, asker: string) => {
      await checkRegistered(manager.registry, targets);
      const progress = await manager.updates.scan(filterOf(targets), asker);
      own.add(progress.id);
      show(progress);
      return progress;
    };

    const ACT: Record<
      (typeof SCAN_ACTIONS)[number],
      (manager: DeviceManager, msg: NodeMessageInFlow) => Promise<NodeMessage>
    > = {
      async scan(manager, msg) {
        return scanMessage(msg, await scan(manager, await targetsOf(msg), by(msg)));
      },
      async stop(manager, msg) {
        return scanMessage(msg, await manager.updates.stopScan(by(msg)));
      },
      async progress(manager, msg) {
        msg.payload = await manager.updates.lastScan();
        return msg;
      },
      async results(manager, msg) {
        const query = parseUpdateQuery(pageQuery(msg.payload, msg.tpe, 'cursor'));
        const { updates, next } = await manager.updates.results(query);
        msg.payload = updates;
        msg.tpe = { next, query };
        return msg;
      },
    };

    onInput(this, status, async (msg, tools) => {
      const action = choiceOf(await read('action', msg), 'action', SCAN_ACTIONS) ?? 'scan';
      tools.send([null, await ACT[action](await link.manager(), msg)]);
    });

    const scanBySchedule = () => {
      link
        .manager()
        .then(async (manager) => scan(manager, await targetsOf({}), by({})))
        .catch((error: unknown) => tellFault(this, 'The scheduled scan could not start', error));
    };
    const schedule = link.fault === null ? startSchedule(config.schedule, scanBySchedule) : null;
    this.on('close', () => schedule?.stop());
  }

  RED.nodes.registerType('tpe-update-scan', TpeUpdateScan);
};

/** Starts the schedule; null if there is none. `linkServer` has already checked the expression. */
function startSchedule(expression: string | undefined, act: () => void): Cron | null {
  if (isBlank(expression)) return null;
  return new Cron(String(expression).trim(), { catch: true, protect: true }, act);
}

function scanMessage(msg: NodeMessage, progress: ScanProgress): NodeMessage {
  msg.payload = progress;
  msg.tpe = { kind: 'scan', id: progress.id, state: progress.state };
  return msg;
}

function updateMessage(msg: NodeMessage, update: DeviceUpdate): NodeMessage {
  msg.topic = update.clientid;
  msg.payload = update;
  msg.tpe = { kind: 'update', clientid: update.clientid };
  return msg;
}
