import type { Node, NodeAPI, NodeDef, NodeMessage } from 'node-red';
import { isPlainObject } from '../manager/shared/validate.js';
import { textIn } from '../node-red/fields/checks.js';
import { JOB_ACTIONS, JOB_DEVICES } from '../node-red/fields/choices.js';
import { requestedBy } from '../node-red/login/requested-by.js';
import { createNode } from '../node-red/runtime/create-node.js';
import { onInput } from '../node-red/runtime/input-handler.js';
import { choiceOf, textOf } from '../node-red/runtime/message-values.js';
import { statusLine } from '../node-red/runtime/node-status.js';
import { fieldReader, type TypedFields } from '../node-red/runtime/typed-fields.js';
import { linkServer } from '../node-red/server/server-link.js';
import { createFollowedJobs } from './followed-jobs.js';
import { ACTS, type ActTools, answered, type JobAction, jobIdOf } from './job-acts.js';
import { isOver } from './job-messages.js';
import { createJobNews } from './job-news.js';
import { createJobStatus } from './job-status.js';
import { type DefinitionConfig, definitionReader } from './read-definition.js';

type Config = NodeDef & {
  server?: string;
  /** Which gateways output 1 tells of. */
  devices?: string;
} & TypedFields<'action' | 'job'> &
  DefinitionConfig;

export = (RED: NodeAPI) => {
  function TpeJob(this: Node, config: Config) {
    createNode(RED, this, config);
    const status = statusLine(this);
    const followed = createFollowedJobs(this);
    const shown = createJobStatus(RED, status, async (id) => (await link.manager()).jobs.waiting(id));
    const news = createJobNews({
      RED,
      node: this,
      followed,
      devices: JOB_DEVICES.find((one) => one === textIn({ ...config }, 'devices')) ?? 'failed',
      onNews: () => shown.show(followed.known()),
    });
    const link = linkServer(RED, this, config, status, (manager) => news.open(manager));
    const read = fieldReader<'action' | 'job'>(RED, this, config);
    const readDefinition = definitionReader(RED, this, config);

    onInput(this, status, async (msg, tools) => {
      const action = actionOf(await read('action', msg), msg);
      const named = textOf((await read('job', msg)) ?? inPayload(msg, 'job'), 'job');
      const manager = await link.manager();
      const act: ActTools = {
        manager,
        msg,
        by: requestedBy(this, msg),
        definition: () => readDefinition(msg),
        named,
        id: () => jobIdOf(msg, named, followed.open()),
        begun: followed.follow,
      };
      await news.during(async () => {
        const outcome = await ACTS[action](act);
        tools.send([null, null, answered(msg, action, outcome)]);
        if (!('job' in outcome) || !followed.has(outcome.job.id)) return;
        followed.follow(outcome.job);
        if (isOver(outcome.job)) news.ended(outcome.job);
      });
    });
  }

  RED.nodes.registerType('tpe-job', TpeJob);
};

/** The action: by the field or `msg.action`, else by the payload, else by a topic that is the name of one. */
function actionOf(field: unknown, msg: NodeMessage): JobAction {
  const named = choiceOf(field ?? inPayload(msg, 'action'), 'action', JOB_ACTIONS);
  return named ?? JOB_ACTIONS.find((one) => one === msg.topic) ?? 'start';
}

function inPayload({ payload }: NodeMessage, name: string): unknown {
  return isPlainObject(payload) ? payload[name] : undefined;
}
