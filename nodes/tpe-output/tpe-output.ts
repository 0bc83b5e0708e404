import type { Node, NodeAPI, NodeDef, NodeMessage } from 'node-red';
import type { AnswerOutput, GatewayOutput, TelemetryOutput } from '../manager/intake/gateway-output.js';
import { filterCovers } from '../manager/protocol/topics.js';
import { textIn } from '../node-red/fields/checks.js';
import { createNode } from '../node-red/runtime/create-node.js';
import { globMatcher } from '../node-red/runtime/glob.js';
import { statusLine } from '../node-red/runtime/node-status.js';
import { linkServer } from '../node-red/server/server-link.js';

interface Config extends NodeDef {
  server?: string;
  /** Pattern with * and ?, like `path`. */
  clientid?: string;
  path?: string;
  kind?: string;
  state?: string;
  /** MQTT topic filter for telemetry. */
  topic?: string;
  /** Answers that belong to no command of the device manager: `all` to include them, `no` to leave them out, `only` for nothing else. */
  unsolicited?: string;
}

export = (RED: NodeAPI) => {
  function TpeOutput(this: Node, config: Config) {
    createNode(RED, this, config);
    const status = statusLine(this);
    const passes = filterOf(config);
    const tell = (output: GatewayOutput) => {
      if (passes(output))
        this.send(output.kind === 'answer' ? answerMessage(output) : telemetryMessage(output));
    };
    linkServer(RED, this, config, status, (manager) => {
      manager.events.on('output', tell);
      return () => manager.events.off('output', tell);
    });
  }

  RED.nodes.registerType('tpe-output', TpeOutput);
};

function filterOf(config: Config): (output: GatewayOutput) => boolean {
  const text = (name: keyof Config) => textIn({ ...config }, name);
  const ofClient = globMatcher(text('clientid'));
  const ofPath = globMatcher(text('path'));
  const [kind, state, unsolicited] = [text('kind') || 'all', text('state'), text('unsolicited')];
  const filter = text('topic') || null;
  const ofAnswer = (answer: AnswerOutput) =>
    ofPath(answer.command?.path ?? null) &&
    (state === '' || state === stateOf(answer)) &&
    (unsolicited !== 'no' || answer.command !== null) &&
    (unsolicited !== 'only' || answer.command === null);
  return (output) =>
    (kind === 'all' || kind === output.kind) &&
    ofClient(output.clientid) &&
    (output.kind === 'telemetry' ? filter === null || filterCovers(filter, output.topic) : ofAnswer(output));
}

function stateOf({ answer }: AnswerOutput): 'SUCCEEDED' | 'FAILED' {
  return answer.status >= 200 && answer.status < 300 ? 'SUCCEEDED' : 'FAILED';
}

function answerMessage(output: AnswerOutput): NodeMessage {
  const { answer, command } = output;
  return {
    topic: output.clientid,
    // Other nodes receive the same output, so each message gets a copy.
    payload: structuredClone(answer.payload),
    statusCode: answer.status,
    tpe: {
      kind: 'answer',
      clientid: output.clientid,
      topic: output.topic,
      requestId: output.requestId,
      status: answer.status,
      state: stateOf(output),
      path: command?.path ?? null,
      method: command?.method ?? null,
      requestedBy: command?.requestedBy ?? null,
      latencyMs: command?.latencyMs ?? null,
      unsolicited: command === null,
      duplicate: output.duplicate,
      ...(output.asText && { asText: output.asText }),
      receivedAt: output.receivedAt,
    },
  };
}

function telemetryMessage(output: TelemetryOutput): NodeMessage {
  return {
    topic: output.clientid ?? output.topic,
    payload: structuredClone(output.payload),
    tpe: {
      kind: 'telemetry',
      clientid: output.clientid,
      topic: output.topic,
      ...(output.asText && { asText: output.asText }),
      receivedAt: output.receivedAt,
    },
  };
}
